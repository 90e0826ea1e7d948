"""pyinfra on `@local`: lists in its best configuration, an operation a package as it is usually written."""

import small_work
import way
import work

PROGRAM = "/opt/peers/pyinfra/bin/pyinfra"


def _deploy(system, one_by_one):
    lines = ["from pyinfra.operations import apt, files, pip",
             "files.directory(path={!r})".format(small_work.HOME + "/ml")]
    for path in way.files(system):
        lines.append("files.put(src={!r}, dest={!r}, mode='644')".format(way.copy_of(path), path))
    if system:
        groups = [[name] for name in work.APT] if one_by_one else [work.APT]
        lines += ["apt.packages(packages={!r})".format(group) for group in groups]
    for venv in small_work.VENVS:
        lines.append("pip.venv(path={!r}, python='/usr/bin/python3')".format(way.venv_path(venv)))
        groups = [[name] for name in small_work.PACKAGES] if one_by_one else [small_work.PACKAGES]
        lines += ["pip.packages(packages={!r}, virtualenv={!r}, extra_install_args={!r})".format(
            group, way.venv_path(venv), way.LINKS) for group in groups]
    return "\n".join(lines) + "\n"


def ways(place):
    made = []
    for name, one_by_one in (("best", False), ("usual", True)):
        folder = "{}/pyinfra-{}".format(way.FOLDER, name)
        place.write(folder + "/all.py", _deploy(True, one_by_one))
        place.write(folder + "/python.py", _deploy(False, one_by_one))
        made.append(way.Way("pyinfra, " + name, [PROGRAM, "--dry", "@local", folder + "/all.py"],
                            [PROGRAM, "-y", "@local", folder + "/python.py"]))
    return made
