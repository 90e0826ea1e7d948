"""Bash scripts: one as a careful person writes it, which asks dpkg and each pip once, and one that is tuned to the last
trick: no process for what a file tells."""

import small_work
import way
import work

HEAD = "#!/bin/bash\nset -euo pipefail\nexport PIP_DISABLE_PIP_VERSION_CHECK=1\nstatus=0\nmiss() { echo \"missing: $*\"; status=2; }\n"


def _careful_check():
    text = HEAD + "have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\\n' " + " ".join(work.APT) + ")\n"
    text += "for p in {}; do grep -qx \"installed $p\" <<<\"$have\" || miss apt $p; done\n".format(" ".join(work.APT))
    for path in way.files():
        text += "cmp -s {} {} || miss file\n".format(way.copy_of(path), path)
    text += "test -d {}/ml || miss ml\n".format(small_work.HOME)
    for venv in small_work.VENVS:
        text += "have=$({}/bin/python -m pip freeze)\n".format(way.venv_path(venv))
        text += "for p in {}; do grep -qix \"$p\" <<<\"$have\" || miss pip $p; done\n".format(" ".join(small_work.PACKAGES))
    return text + "exit $status\n"


def _tuned_check():
    text = HEAD + "declare -A have\nwhile read -r key name rest; do\n  case $key in\n    Package:) package=$name;;\n"
    text += "    Status:) [[ $name\\ $rest == *' ok installed' ]] && have[$package]=1;;\n  esac\n"
    text += "done < <(LC_ALL=C exec grep -E '^(Package|Status):' /var/lib/dpkg/status)\n"
    text += "for p in {}; do [[ -v have[$p] ]] || miss apt $p; done\n".format(" ".join(work.APT))
    for path in way.files():
        text += "[[ $(<{}) == \"$(<{})\" ]] || miss file\n".format(path, way.copy_of(path))
    text += "[[ -d {}/ml ]] || miss ml\n".format(small_work.HOME)
    for venv in small_work.VENVS:
        text += "for p in {}; do [[ -d {}/lib/python3.11/site-packages/${{p/==/-}}.dist-info ]] || miss pip $p; done\n".format(
            " ".join(small_work.PACKAGES), way.venv_path(venv))
    return text + "exit $status\n"


def _careful_make():
    text = HEAD + "mkdir -p {}/ml\ncat >{}/.ml_env <<'END'\n{}END\n".format(
        small_work.HOME, small_work.HOME, small_work.variables_file())
    for venv in small_work.VENVS:
        path = way.venv_path(venv)
        text += "python3 -m venv {0}\n{0}/bin/pip install -q {1} {2}\n".format(path, way.LINKS, " ".join(small_work.PACKAGES))
        text += "{0}/bin/python -m ipykernel install --user --name {1} --display-name 'The venv {1}'\n".format(path, venv)
    return text


def _tuned_make(installer):
    """Both venvs at once, kernels written; pip runs from one place that is compiled already."""
    text = HEAD + "mkdir -p {0}/ml\ncat >{0}/.ml_env <<'END'\n{1}END\n".format(small_work.HOME, small_work.variables_file())
    for venv in small_work.VENVS:
        path, kernel = way.venv_path(venv), small_work.kernel_path(venv)
        packages = " ".join(small_work.PACKAGES)
        if installer == "uv":
            work_of = "uv venv -q {0} && uv pip install -q --python {0} {1} {2}".format(path, way.LINKS, packages)
        else:
            work_of = ("python3 -m venv --without-pip {0} && PYTHONPATH={3} PYTHONDONTWRITEBYTECODE=1 {0}/bin/python -m pip "
                       "install -q {1} --no-compile {2}").format(path, way.LINKS, packages, way.FOLDER + "/pip")
        text += "{{ {0}; mkdir -p {1}; cat >{2} <<'END'\n{3}END\n}} &\n".format(
            work_of, kernel.rsplit("/", 1)[0], kernel, small_work.kernel_file(venv))
    return text + "wait\n"


def ways(place):
    scripts = {"careful-check": _careful_check(), "tuned-check": _tuned_check(), "careful-make": _careful_make(),
               "tuned-make": _tuned_make("pip"), "uv-make": _tuned_make("uv")}
    for name, text in scripts.items():
        place.write("{}/{}.sh".format(way.FOLDER, name), text, mode=0o755)
    place.run(["sh", "-c", "mkdir -p {0}/pip && ln -sfn /usr/lib/python3/dist-packages/pip {0}/pip/pip".format(way.FOLDER)])
    script = lambda name: ["/bin/bash", "{}/{}.sh".format(way.FOLDER, name)]
    return [way.Way("bash, careful", script("careful-check"), script("careful-make")),
            way.Way("bash, to the last trick", script("tuned-check"), script("tuned-make")),
            way.Way("bash with uv, in parallel", None, script("uv-make"))]
