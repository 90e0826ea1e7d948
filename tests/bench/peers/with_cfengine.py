"""CFEngine without a hub: `cf-agent --dry-run`. Usual: the standard library and a command a package that looks whether it is
there; best: what dpkg and each pip say, asked once; by hand: the names of the dist-info folders."""

import small_work
import way
import work

PROGRAM = "/usr/bin/cf-agent"
STANDARD = "/usr/share/cfengine3/masterfiles/lib/stdlib.cf"


def _quoted(names):
    return ", ".join('"{}"'.format(name) for name in names)


def _apt_test(sort):
    if sort == "usual":
        return 'returnszero("/usr/bin/dpkg-query -W $(apt) >/dev/null", "useshell")'
    return 'regcmp(concat("(?s)(.*\\n)?", escape("$(apt)"), "(:amd64)?\\t.*"), "$(installed)")'


def _pip_test(venv, sort):
    path = way.venv_path(venv)
    if sort == "usual":
        return 'returnszero("{}/bin/pip freeze | grep -qx $(pip)", "useshell")'.format(path)
    if sort == "best":
        return 'regcmp("(?s).*\\b$(pip)\\b.*", "$(frozen_{})")'.format(venv)
    return 'fileexists("{}/lib/python3.11/site-packages/$(pip).dist-info")'.format(path)


def _variables(sort):
    packages = [each.replace("==", "-") if sort == "by hand" else each for each in small_work.PACKAGES]
    lines = ['    "apt" slist => { ' + _quoted(work.APT) + " };", '    "pip" slist => { ' + _quoted(packages) + " };"]
    if sort != "usual":
        lines.append('    "installed" string => execresult("/usr/bin/dpkg-query -W %s", "noshell");'
                     % " ".join(work.APT))
    if sort == "best":
        lines += ['    "frozen_{}" string => execresult("{}/bin/pip freeze", "noshell");'.format(venv, way.venv_path(venv))
                  for venv in small_work.VENVS]
    return lines


def _policy(sort):
    lines = ["body common control", "{"]
    if sort == "usual":
        lines.append('  inputs => { "' + STANDARD + '" };')
    lines += ['  bundlesequence => { "work" };', "}", "bundle agent work", "{", "  vars:"] + _variables(sort)
    lines += ["  classes:", '    "apt_$(apt)" expression => {};'.format(_apt_test(sort))]
    lines += ['    "pip_{}_$(pip)" expression => {};'.format(venv, _pip_test(venv, sort)) for venv in small_work.VENVS]
    lines += ["  files:", '    "{}/ml/." create => "true";'.format(small_work.HOME)]
    lines += ['    "{}" copy_from => same("{}");'.format(path, way.copy_of(path)) for path in way.files()]
    lines += ["  commands:", '    "/usr/bin/apt-get install -y $(apt)" if => not(canonify("apt_$(apt)"));']
    lines += ['    "{0}/bin/pip install {1} $(pip)" if => not(canonify("pip_{2}_$(pip)"));'.format(
        way.venv_path(venv), way.LINKS, venv) for venv in small_work.VENVS]
    return "\n".join(lines + ["}", "body copy_from same(from)", "{", '  source => "$(from)";', '  compare => "digest";',
                              "}"]) + "\n"


def ways(place):
    made = []
    for sort in ("usual", "best", "by hand"):
        path = "{}/cfengine-{}.cf".format(way.FOLDER, sort.replace(" ", "-"))
        place.write(path, _policy(sort), mode=0o600)
        made.append(way.Way("cfengine, " + sort, [PROGRAM, "--no-lock", "--dry-run", "--file", path]))
    return made
