#!/usr/bin/python
"""Brings a host to what an mlenvctl recipe declares, by the mlenvctl that is on it."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: mlenvctl
short_description: Bring a host to what an mlenvctl recipe declares
version_added: "0.1.0"
description:
  - Plans a recipe on the host and applies it; nothing runs when nothing is to change.
  - Check mode is C(mlenvctl plan), diff mode shows that plan as C(mlenvctl show) prints it.
  - The recipe is a file of the controller. What it includes, and the files that its resources name, go with it.
  - Files are sent at the start of each task, so C(async) cannot be used with it. A run on the host goes on when the
    connection is lost; the next one waits for it.
options:
  recipe:
    description:
      - Recipe files on the controller, or on the host with I(remote_src).
      - What they C(include), C(source) and C(key.path) name is sent with them, where it is a relative path without
        references. The rest is named in I(files). Absolute paths are files of the host.
    type: list
    elements: path
    required: true
  files:
    description: More files of the controller that the recipe reads, beside or below the folder it is in.
    type: list
    elements: path
    default: []
  remote_src:
    description: The recipe is on the host already.
    type: bool
    default: false
  dest:
    description:
      - A folder on the host in which the recipe is kept, with what it reads; for C(mlenvctl verify) by a timer.
      - Without it the recipe is on the host as long as the task takes.
    type: path
  state:
    description:
      - C(applied) changes what is not as declared.
      - C(verified) changes nothing and fails when the host is not as declared or one of its checks fails.
      - C(absent) removes what mlenvctl has made for the recipe, and nothing else.
    type: str
    choices: [applied, verified, absent]
    default: applied
  vars:
    description: Variables of the recipe.
    type: dict
    default: {}
  secrets:
    description:
      - What the recipe reads as C(${env.NAME}). It reaches mlenvctl in its environment, is seen in no process list, and
        neither Ansible nor mlenvctl prints it.
    type: dict
    default: {}
  user:
    description:
      - Whose home, start-up files and kernels are meant.
      - Without it that is the user of the task; behind C(become) by sudo the one who has logged in.
    type: str
  root:
    description: Work on the system tree under this folder.
    type: path
  targets:
    description: The addresses of the only resources to look at; what they need is looked at too.
    type: list
    elements: str
    default: []
  prune:
    description: Remove what mlenvctl has made for this recipe and it no longer declares.
    type: bool
    default: false
  allow_removals:
    description: Let apt remove or downgrade packages that the recipe does not declare.
    type: bool
    default: false
  upgrade:
    description: Find out anew what C(latest) is.
    type: bool
    default: false
  offline:
    description: Use what was downloaded before; open no connection.
    type: bool
    default: false
  cache:
    description: Keep downloads in this folder of the host.
    type: path
  trust:
    description: A user whose recipes on the host count as your own, with I(remote_src).
    type: str
  wait:
    description: Seconds to wait for another run of mlenvctl on the host, and for another program of apt's.
    type: int
    default: 600
  executable:
    description: Where mlenvctl is on the host, and where I(binary) goes.
    type: path
    default: /usr/local/bin/mlenvctl
  binary:
    description:
      - An mlenvctl of the controller. It is sent where the host has none or another one, compared by its sha256, and put in
        place only when it runs there. In check mode it runs from a temporary folder and is not put in place.
    type: path
  binary_sha256:
    description: What the sha256 of I(binary) must be; the task fails before anything is sent when it is another one.
    type: str
  facts:
    description: Return C(mlenvctl facts) as C(ansible_facts.mlenvctl).
    type: bool
    default: true
  delivery:
    description: Set by the action plugin; not for playbooks.
    type: dict
    default: {}
attributes:
  check_mode:
    support: full
    description: What would change is planned on the host, with the real apt and pip looking ahead.
  diff_mode:
    support: full
    description: The plan as mlenvctl prints it.
requirements:
  - Python 3.6 or newer on the host
author:
  - the authors of mlenvctl
"""

EXAMPLES = r"""
- name: The recipe of the lab
  mlenvctl.lab.mlenvctl:
    recipe: recipes/lab.yaml
    binary: files/mlenvctl
    user: student
  become: true
  register: lab

- name: A new driver waits for a reboot
  ansible.builtin.reboot:
  become: true
  when: lab.reboot

- name: Is the machine as declared?
  mlenvctl.lab.mlenvctl:
    recipe: recipes/lab.yaml
    user: student
    state: verified
  become: true

- name: A package index that asks who you are
  mlenvctl.lab.mlenvctl:
    recipe: recipes/internal.yaml
    secrets:
      INDEX_TOKEN: "{{ vault_index_token }}"
"""

RETURN = r"""
changes:
  description: What is not as declared, each with its C(address), C(action) and C(reason).
  returned: when it could be planned
  type: list
  elements: dict
summary:
  description: How many resources are to be created, updated, replaced, deleted; how many are as declared.
  returned: when it could be planned
  type: dict
findings:
  description: Warnings and refusals, each with its C(code), C(message) and C(hint).
  returned: when it could be planned
  type: list
  elements: dict
waiting:
  description: Something has to be done by a person or by a reboot first. This is no failure; run the task again afterwards.
  returned: always
  type: bool
reboot:
  description: A reboot is needed before the new driver runs.
  returned: always
  type: bool
steps:
  description: The steps that were run, each with its C(title), C(status) and C(reason).
  returned: when something was run
  type: list
  elements: dict
run_id:
  description: The name of the run; C(mlenvctl history RUN) on the host has its log.
  returned: when something was run
  type: str
kept:
  description: The recipe files on the host.
  returned: with I(dest)
  type: list
  elements: path
code:
  description: The error's name, such as C(run.locked) or C(recipe.unknown-field).
  returned: when mlenvctl has refused
  type: str
exit_code:
  description: mlenvctl's exit code. It is not called C(rc), by which Ansible would take 3 for a failure.
  returned: always
  type: int
ansible_facts:
  description: The document of C(mlenvctl facts --json) as C(mlenvctl).
  returned: with I(facts), when the task has not failed
  type: dict
"""

import os
import tempfile

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mlenvctl.lab.plugins.module_utils.delivery import Delivery
from ansible_collections.mlenvctl.lab.plugins.module_utils.program import (
    DONE, FAILED, MEANINGS, PENDING, WAITING, Mlenvctl, failed_steps, refusal, short, states, told)

CHANGING = ("create", "update", "replace", "delete")


class Task:
    """One task: plans, and by `state` and mode goes on or tells."""

    def __init__(self, module, folder):
        self.module, self.folder = module, folder
        self.delivery = Delivery(module, folder)
        executable = self.delivery.executable()
        recipes = "/" if module.params["remote_src"] else self.delivery.recipe_folder()
        self.program = Mlenvctl(module, executable, recipes)
        self.result = {"changed": self.delivery.changed, "waiting": False, "reboot": False, "exit_code": DONE}
        if module.params["dest"]:
            self.result["kept"] = [os.path.join(module.params["dest"], name) for name in self.program.recipes]

    def run(self):
        if self.module.params["state"] == "verified":
            self._verify()
        else:
            self._bring()
        self._end()

    def _end(self, **failure):
        if failure:
            self.module.fail_json(**dict(self.result, **failure))
        facts = self.program.facts() if self.module.params["facts"] else None
        if facts is not None:
            self.result["ansible_facts"] = {"mlenvctl": facts}
        self.module.exit_json(**self.result)

    def _verify(self):
        code, plan, err = self.program.verify()
        if plan is None:
            self._end(**refusal(code, plan, err))
        self.result.update(told(plan), exit_code=code, steps=short(plan.get("checks", [])), waiting=code == WAITING)
        self.result["reboot"] = False
        if code == DONE:
            return
        drift = ["{} ({})".format(each["address"], each["reason"] or each["action"]) for each in self.result["changes"]]
        what = drift + failed_steps(self.result["steps"]) or [err.strip()]
        self._end(msg="the host is not as declared: " + "; ".join(what))

    def _bring(self):
        saved = os.path.join(self.folder, "plan.json")
        code, plan, err = self.program.plan("--out", saved)
        if code not in (DONE, PENDING) or plan is None:
            self._end(**refusal(code, plan, err))
        self.result.update(told(plan))
        for each in plan["findings"]:
            if each["severity"] == "warning":
                self.module.warn("{} [{}]".format(each["message"], each["code"]))
        if not self.result["changes"]:
            return
        if self.module._diff:
            self.result["diff"] = [{"prepared": self.program.plan_text(saved)}]
        if self.module.check_mode:
            to_do = any(each["action"] in CHANGING for each in self.result["changes"])
            self.result["changed"] = self.result["changed"] or to_do
            self.result["waiting"] = not to_do
            return
        self._carry_out(plan)

    def _carry_out(self, plan):
        code, events, err = self.program.carry_out()
        finished = next((each for each in events if each.get("event") == "run_finished"), {})
        steps = short(events)
        self.result.update(exit_code=code, steps=steps, waiting=code == WAITING, reboot=finished.get("reboot") == "required",
                           run_id=finished.get("run_id"))
        changed = finished.get("done", 0) > 0 if code == DONE else bool(events) and self._has_moved(plan)
        self.result["changed"] = self.result["changed"] or changed
        if code in (DONE, WAITING):
            return
        failed = failed_steps(steps)
        if failed and code == FAILED:
            self._end(msg="{}: {}".format(MEANINGS[FAILED], "; ".join(failed)))
        self._end(**refusal(code, None, err))

    def _has_moved(self, before):
        """Whether a run that did not come to its end has changed anything: found out by looking."""
        _, after, _ = self.program.plan()
        return after is None or states(before) != states(after)


def main():
    strings = {"type": "list", "elements": "str", "default": []}
    flag = {"type": "bool", "default": False}
    module = AnsibleModule(
        argument_spec={
            "recipe": {"type": "list", "elements": "path", "required": True},
            "files": {"type": "list", "elements": "path", "default": []},
            "remote_src": flag, "dest": {"type": "path"},
            "state": {"type": "str", "choices": ["applied", "verified", "absent"], "default": "applied"},
            "vars": {"type": "dict", "default": {}}, "secrets": {"type": "dict", "default": {}, "no_log": True},
            "user": {"type": "str"}, "root": {"type": "path"}, "targets": strings,
            "prune": flag, "allow_removals": flag, "upgrade": flag, "offline": flag, "cache": {"type": "path"},
            "trust": {"type": "str"}, "wait": {"type": "int", "default": 600},
            "executable": {"type": "path", "default": "/usr/local/bin/mlenvctl"},
            "binary": {"type": "path"}, "binary_sha256": {"type": "str"},
            "facts": {"type": "bool", "default": True}, "delivery": {"type": "dict", "default": {}},
        },
        supports_check_mode=True)
    # Not Ansible's own folder: what root puts there, the account that has logged in cannot remove.
    with tempfile.TemporaryDirectory(prefix="mlenvctl-ansible-") as folder:
        Task(module, folder).run()


if __name__ == "__main__":
    main()
