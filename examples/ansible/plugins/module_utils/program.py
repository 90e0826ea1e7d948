"""The mlenvctl of a host, and what its documents say."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
import re
import time

DONE, FAILED, PENDING, WAITING, REFUSED, BAD_INPUT = range(6)
PLANNING = ("prune", "allow_removals", "upgrade", "offline", "cache")
MEANINGS = {FAILED: "a step has failed", WAITING: "a person or a reboot has to come first",
            REFUSED: "mlenvctl has refused before anything ran", BAD_INPUT: "the recipe cannot be read",
            130: "the run was interrupted; the next one goes on"}


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
