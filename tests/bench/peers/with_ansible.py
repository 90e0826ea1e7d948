"""Ansible: as it is usually written (a task a thing, loops, facts), and in its best configuration (lists, no facts,
pipelining, no polling pause)."""

import json

import small_work
import way
import work

PLAYBOOK = "/opt/peers/ansible/bin/ansible-playbook"
CONFIG = """[defaults]
localhost_warning = False
interpreter_python = /usr/bin/python3
{best}
[inventory]
inventory_unparsed_warning = False
"""
BEST = """gathering = explicit
internal_poll_interval = 0.001
fact_caching = memory
[connection]
pipelining = True
"""


def _task(module, arguments, **more):
    return {"name": module + " " + str(arguments.get("path", arguments.get("dest", arguments.get("name"))))[:40],
            "ansible.builtin." + module: arguments, **more}


def _pip(name, venv):
    return _task("pip", {"name": name, "virtualenv": way.venv_path(venv), "virtualenv_command": "/usr/bin/python3 -m venv",
                         "extra_args": way.LINKS})


def _play(tasks, facts):
    return json.dumps([{"hosts": "localhost", "connection": "local", "gather_facts": facts, "tasks": tasks}])


def _folders():
    paths = [small_work.HOME + "/ml"]
    paths += [small_work.kernel_path(venv).rsplit("/", 1)[0] for venv in small_work.VENVS]
    return [_task("file", {"path": path, "state": "directory"}) for path in paths]


def _copies(system):
    return [_task("copy", {"dest": path, "content": text, "mode": mode}) for path, (text, mode) in way.files(system).items()]


def _best(system):
    tasks = _folders() + _copies(system)
    if system:
        tasks.append(_task("apt", {"name": work.APT}))
    return _play(tasks + [_pip(small_work.PACKAGES, venv) for venv in small_work.VENVS], False)


def _usual(system):
    tasks = _folders() + _copies(system)
    if system:
        tasks += [_task("apt", {"name": "{{ item }}"}, loop=work.APT[i:i + 9]) for i in (0, 9, 18)]
    tasks += [_task("pip", {"name": "{{ item }}", "virtualenv": way.venv_path(venv),
                            "virtualenv_command": "/usr/bin/python3 -m venv", "extra_args": way.LINKS},
                    loop=small_work.PACKAGES) for venv in small_work.VENVS]
    return _play(tasks, True)


def ways(place):
    made = []
    for name, play, extra in (("best", _best, BEST), ("usual", _usual, "")):
        folder = "{}/ansible-{}".format(way.FOLDER, name)
        place.write(folder + "/ansible.cfg", CONFIG.format(best=extra))
        place.write(folder + "/all.json", play(True))
        place.write(folder + "/python.json", play(False))
        run = [PLAYBOOK, "-i", "localhost,"]
        made.append(way.Way("ansible, " + name, run + ["--check", folder + "/all.json"], run + [folder + "/python.json"],
                            {"ANSIBLE_CONFIG": folder + "/ansible.cfg"}))
    return made
