"""Ansible as a lab uses it: the collection installed from its folder, an inventory, playbooks."""

import json
import os
import re

import fleet
import lab  # noqa: E402  found by fleet

COLLECTION = os.path.join(fleet.SOURCE, "examples", "ansible")


class Recap:
    """What a playbook came to: `outcome`, and for each machine its counts (`ok`, `changed`, `failed`, …)."""

    def __init__(self, outcome):
        self.outcome = outcome
        self.counts = {}
        for name, counts in re.findall(r"^(\S+) +: (ok=.*)$", outcome.stdout.split("PLAY RECAP")[-1], re.M):
            self.counts[name] = {key: int(count) for key, count in re.findall(r"(\w+)=(\d+)", counts)}

    def all(self, count):
        return {name: counts[count] for name, counts in self.counts.items()}

    def __str__(self):
        return str(self.outcome)


class Controller:
    """The fleet's controller with Ansible on it. `variables` are the inventory's."""

    def __init__(self, machines, variables, canaries=()):
        self._fleet = machines
        fleet.checked(["ansible-galaxy", "collection", "install", "--no-deps", "-p", machines.path("collections"), COLLECTION],
                      env=self.environment(), cwd=machines.folder)
        names = list(machines.machines)
        groups = {"workstations": {"hosts": dict.fromkeys(names)}, "canary": {"hosts": dict.fromkeys(canaries or names[:1])}}
        common = {"ansible_ssh_common_args": "-F " + machines.ssh_config, "ansible_python_interpreter": "/usr/bin/python3",
                  "mlenvctl_binary": lab.binary(), "mlenvctl_user": "student"}
        self._inventory = machines.write("inventory.json", json.dumps(
            {"all": {"vars": {**common, **variables}, "children": groups}}))

    def environment(self):
        return {**self._fleet.environment(), "ANSIBLE_COLLECTIONS_PATH": self._fleet.path("collections"),
                "ANSIBLE_FORKS": "10", "ANSIBLE_NOCOLOR": "1", "ANSIBLE_LOCALHOST_WARNING": "0",
                "ANSIBLE_RETRY_FILES_ENABLED": "0", "ANSIBLE_SSH_RETRIES": "0"}

    def playbook(self, name, *options):
        return Recap(self._fleet.on_controller(self._command(name, options), self.environment()))

    def playbook_started(self, name, *options):
        return self._fleet.started(self._command(name, options), self.environment())

    def _command(self, name, options):
        return ["ansible-playbook", "-i", self._inventory, "mlenvctl.lab." + name, *options]

    def module(self, machine, arguments, *options):
        """One task on one machine; its result, as far as Ansible keeps it in a file, and what it has printed."""
        results = self._fleet.path("results")
        argv = ["ansible", "-i", self._inventory, machine, "--become", "--tree", results, "-m", "mlenvctl.lab.mlenvctl", "-a",
                json.dumps({"binary": lab.binary(), "user": "student", **arguments}), *options]
        outcome = self._fleet.on_controller(argv, self.environment())
        path = os.path.join(results, machine)
        if not os.path.exists(path):
            raise AssertionError(str(outcome))
        with open(path, encoding="utf-8") as source:
            result = json.load(source)
        os.remove(path)
        result["failed"] = outcome.returncode != 0  # which the file leaves out
        return result, outcome
