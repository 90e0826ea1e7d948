"""Salt without a master: `salt-call --local`. Best: lists; usual: a state a package."""

import json

import small_work
import way
import work

PROGRAM = "/opt/peers/salt/bin/salt-call"


def _state(one_by_one):
    states = {"ml": {"file.directory": [{"name": small_work.HOME + "/ml"}]}}
    for path in way.files():
        states[path] = {"file.managed": [{"source": way.copy_of(path)}, {"mode": "0644"}, {"skip_verify": True}]}
    if one_by_one:
        for name in work.APT:
            states["apt " + name] = {"pkg.installed": [{"name": name}]}
    else:
        states["apt"] = {"pkg.installed": [{"pkgs": work.APT}]}
    for venv in small_work.VENVS:
        python = way.venv_path(venv) + "/bin/python"
        groups = [[name] for name in small_work.PACKAGES] if one_by_one else [small_work.PACKAGES]
        for group in groups:
            states["pip {} {}".format(venv, group[0])] = {
                "pip.installed": [{"pkgs": group}, {"bin_env": python}, {"no_index": True},
                                  {"find_links": small_work.WHEELS}]}
    return json.dumps(states)


def ways(place):
    made = []
    for name, one_by_one in (("best", False), ("usual", True)):
        folder = "{}/salt-{}".format(way.FOLDER, name)
        place.write(folder + "/minion", json.dumps({"file_client": "local", "file_roots": {"base": [folder]},
                                                    "root_dir": folder + "/root", "id": "workstation",
                                                    "enable_fqdns_grains": False, "grains_cache": True}))
        place.write(folder + "/work.sls", "#!json\n" + _state(one_by_one))
        made.append(way.Way("salt, " + name, [PROGRAM, "--local", "-c", folder, "--retcode-passthrough", "state.apply",
                                              "work", "test=True"]))
    return made
