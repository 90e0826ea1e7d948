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

import hashlib
import json
import os
import re
import tarfile
import tempfile
import time

from ansible.module_utils.basic import AnsibleModule

DONE, FAILED, PENDING, WAITING, REFUSED, BAD_INPUT = range(6)
PLANNING = ("prune", "allow_removals", "upgrade", "offline", "cache")
CHANGING = ("create", "update", "replace", "delete")
MEANINGS = {FAILED: "a step has failed", WAITING: "a person or a reboot has to come first",
            REFUSED: "mlenvctl has refused before anything ran", BAD_INPUT: "the recipe cannot be read",
            130: "the run was interrupted; the next one goes on"}


def file_sha256(path):
    """The digest of a file, or None where there is none."""
    if not os.path.isfile(path):
        return None
    digest = hashlib.sha256()
    with open(path, "rb") as source:
        for piece in iter(lambda: source.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()


class Delivery:
    """What came from the controller: the recipe's files, and the binary where it was asked for."""

    def __init__(self, module, folder):
        self.module, self.given, self.folder = module, module.params["delivery"], folder
        self.changed = False

    def executable(self):
        """The mlenvctl to run; put in place now where it is missing or another one."""
        place, wanted = self.module.params["executable"], self.given.get("sha256")
        found = file_sha256(place)
        if found and wanted in (None, found):
            return place
        if wanted is None:
            self.module.fail_json(msg="there is no `{}` on this host; `binary` names one to deliver".format(place))
        sent = self.given.get("binary")
        if sent is None:
            self.module.exit_json(changed=False, mlenvctl_wanted=True)
        return self._place(sent, place, wanted)

    def _place(self, sent, place, wanted):
        if file_sha256(sent) != wanted:
            self.module.fail_json(msg="the mlenvctl that has arrived is not the one that was sent")
        os.chmod(sent, 0o755)
        code, out, err = self.module.run_command([sent, "--version"])
        if code != 0:
            self.module.fail_json(msg="the mlenvctl that was sent does not run on this host: " + (err or out).strip())
        self.changed = True
        if self.module.check_mode:
            return sent
        os.makedirs(os.path.dirname(place), exist_ok=True)
        self.module.atomic_move(sent, place)
        os.chmod(place, 0o755)
        return place

    def recipe_folder(self):
        """Where the recipe's files are now: `dest`, or a folder that goes with the task."""
        kept = self.module.params["dest"]
        with tarfile.open(self.given["bundle"]) as bundle:
            files = {each.name: bundle.extractfile(each).read() for each in bundle if each.isfile()}
        for name in files:
            if name.startswith("/") or ".." in name.split("/"):
                self.module.fail_json(msg="`{}` is no name of a recipe's file".format(name))
        if kept and not self.module.check_mode:
            self._write(files, kept)
            return kept
        if kept:
            self.changed = self.changed or any(self._differs(kept, name, data) for name, data in files.items())
        for name, data in files.items():
            self._replace(os.path.join(self.folder, "recipe", name), data)
        return os.path.join(self.folder, "recipe")

    def _write(self, files, folder):
        for name, data in sorted(files.items()):
            if self._differs(folder, name, data):
                self._replace(os.path.join(folder, name), data)
                self.changed = True

    @staticmethod
    def _differs(folder, name, data):
        return file_sha256(os.path.join(folder, name)) != hashlib.sha256(data).hexdigest()

    def _replace(self, path, data):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        descriptor, partial = tempfile.mkstemp(dir=self.folder)
        with os.fdopen(descriptor, "wb") as out:
            out.write(data)
        self.module.atomic_move(partial, path)
        os.chmod(path, 0o644)


class Mlenvctl:
    """The program on the host and what it is asked."""

    def __init__(self, module, executable, folder):
        self.module, self.executable, self.folder = module, executable, folder
        given = module.params
        self.recipes = given["delivery"].get("recipes") or given["recipe"]
        self.environment = {name: str(value) for name, value in given["secrets"].items()}

    def _options(self, *names):
        """The options of these parameters; those that are not set have none."""
        options = []
        for name in names:
            value, flag = self.module.params[name], "--" + name.replace("_", "-")
            if value is True:
                options.append(flag)
            elif value not in (None, False):
                options += [flag, str(value)]
        return options

    def _asked(self):
        """What the recipe is read with, and what of it is looked at."""
        options = self._options("user", "root")
        for name, value in sorted(self.module.params["vars"].items()):
            options += ["--var", "{}={}".format(name, str(value).lower() if isinstance(value, bool) else value)]
        return options + self._targets()

    def _targets(self):
        return [word for target in self.module.params["targets"] for word in ("--target", target)]

    def _removing(self):
        return self.module.params["state"] == "absent"

    def run(self, command, *options):
        """Runs it, waiting for a run that is at work: (exit code, stdout, stderr)."""
        argv = [self.executable, command, "--color", "never"] + list(options)
        end = time.time() + self.module.params["wait"]
        while True:
            outcome = self.module.run_command(argv, cwd=self.folder, environ_update=self.environment,
                                              expand_user_and_vars=False)
            if outcome[0] != REFUSED or "[run.locked]" not in outcome[2] or time.time() >= end:
                return outcome
            time.sleep(min(2, max(0.1, end - time.time())))

    def plan(self, *options):
        """The exit code, the plan's document (or None) and the text of what was refused."""
        how = ["--destroy"] if self._removing() else self._options(*PLANNING)
        return _document(self.run("plan", "--json", *(self._asked() + how + list(options) + self.recipes)))

    def plan_text(self, saved):
        """The plan as people read it. A removal is not saved; planning it again costs nothing."""
        if self._removing():
            return self.run("plan", "--destroy", *(self._asked() + self.recipes))[1]
        return self.run("show", saved)[1]

    def verify(self):
        return _document(self.run("verify", "--json", *(self._asked() + self._options("trust") + self.recipes)))

    def carry_out(self):
        """Applies or removes: the exit code, the events and the text of what was refused."""
        if self._removing():
            command, options = "destroy", self._options("user", "root", "wait", "allow_removals") + self._targets()
        else:
            command, options = "apply", self._asked() + self._options("wait", "trust", *PLANNING)
        code, out, err = self.run(command, "--yes", "--json", *(options + self.recipes))
        return code, [json.loads(line) for line in out.splitlines() if line.startswith("{")], err

    def facts(self):
        code, document, _ = _document(self.run("facts", "--json", *self._options("user", "root")))
        return document if code == DONE else None


def _document(outcome):
    code, out, err = outcome
    try:
        return code, json.loads(out), err
    except ValueError:
        return code, None, err


def pending(plan):
    """What is not as declared, without what a change would be."""
    return [{name: each[name] for name in ("address", "kind", "action", "reason")} for each in plan["changes"]
            if each["action"] not in ("none", "not_applicable")]


def states(plan):
    """What was found of each resource."""
    return {each["address"]: (each["action"], (each.get("state") or {}).get("digest")) for each in plan["changes"]}


def told(plan):
    return {"changes": pending(plan), "summary": plan["summary"], "findings": plan["findings"],
            "reboot": plan.get("cost", {}).get("reboot", "no") not in ("no", None)}


def refusal(code, plan, err):
    """Why nothing ran, in mlenvctl's own words."""
    errors = [each for each in (plan or {}).get("findings", []) if each["severity"] == "error"]
    text = err.strip() or "\n".join(each["message"] + (" (hint: {})".format(each["hint"]) if each.get("hint") else "")
                                    for each in errors)
    named = re.findall(r"\[([a-z]+\.[a-z-]+)\]$", err, re.M) or [each["code"] for each in errors]
    what = MEANINGS.get(code, "mlenvctl has ended with {}".format(code))
    return {"msg": what + (": " + text if text else ""), "exit_code": code, "code": named[0] if named else None}


def failed_steps(steps):
    """One line for each step that failed, with the last words of its program."""
    lines = []
    for step in steps:
        if step["status"] == "failed":
            last = step["output"][-1:] if step["output"] else []
            words = [step["reason"] or ""] + last + (["hint: " + step["hint"]] if step["hint"] else [])
            lines.append("`{}`: {}".format(step["title"], "; ".join(word for word in words if word)))
    return lines


def short(events):
    """The steps that ended, for a result that people read."""
    names = ("title", "status", "reason", "hint", "code", "exit_code", "output", "changes", "seconds")
    return [{name: each.get(name) for name in names} for each in events if each.get("event") == "step_finished"]


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
