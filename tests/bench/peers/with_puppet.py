"""Puppet without a server: `puppet apply --noop`. Best: its own providers, which ask dpkg and each pip once; usual: a
command a package that looks whether it is there."""

import small_work
import way
import work

PROGRAM = "/usr/bin/puppet"


def _manifest(one_by_one):
    lines = ["file {{ '{}': ensure => directory }}".format(small_work.HOME + "/ml")]
    for path in way.files():
        lines.append("file {{ '{}': ensure => file, source => '{}', mode => '0644' }}".format(path, way.copy_of(path)))
    lines.append("package {{ [{}]: ensure => installed }}".format(", ".join("'{}'".format(name) for name in work.APT)))
    for venv in small_work.VENVS:
        pip = way.venv_path(venv) + "/bin/pip"
        lines.append("exec {{ 'venv {0}': command => '/usr/bin/python3 -m venv {1}', creates => '{1}/bin/python' }}".format(
            venv, way.venv_path(venv)))
        for package in small_work.PACKAGES:
            name, version = package.split("==")
            if one_by_one:
                lines.append("exec {{ '{0} {1}': command => '{2} install {3} {4}', unless => "
                             "'/bin/sh -c \"{2} show {0} | grep -q ^Version:.{5}\"' }}".format(
                                 name, venv, pip, way.LINKS, package, version))
            else:
                lines.append("package {{ '{0} {1}': name => '{0}', ensure => '{2}', provider => 'pip', command => '{3}' }}"
                             .format(name, venv, version, pip))
    return "\n".join(lines) + "\n"


def ways(place):
    made = []
    for name, one_by_one in (("best", False), ("usual", True)):
        path = "{}/puppet-{}.pp".format(way.FOLDER, name)
        place.write(path, _manifest(one_by_one))
        made.append(way.Way("puppet, " + name, [PROGRAM, "apply", "--noop", "--detailed-exitcodes", path]))
    return made
