"""What an older version has written keeps being read and means the same: tests/formats has a file, frozen when it was
written, for each format and each of its versions. When a format gets a new number its files are added, none is changed."""

import getpass
import json
import os
import shutil
import unittest

import program

FORMATS = os.path.join(program.ROOT, "tests", "formats")
RUN = "20260101T000000Z-aaaaaa"


def fixture(name):
    return os.path.join(FORMATS, name)


def frozen(name):
    with open(fixture(name), encoding="utf-8") as source:
        return json.load(source)


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


class FormatsTest(program.ProgramTest):
    def assert_told(self, before, now, where=""):
        """Every member that was there is there, and is of its type: programs rely on them."""
        if isinstance(before, dict):
            for key, value in before.items():
                self.assertIn(key, now, where)
                self.assert_told(value, now[key], where + "." + key)
        elif isinstance(before, list) and before and now:
            self.assert_told(before[0], now[0], where + "[0]")
        elif before is not None and now is not None:
            self.assertIs(type(now), type(before), where)

    def test_a_recipe_of_language_1_is_planned_as_it_was(self):
        for host in ("host-1", "snapshot-1"):
            before = frozen(host + ".plan.json")
            now = json.loads(self.run_program("plan", "recipe-1.yaml", "--host", host + ".json", "--json", cwd=FORMATS).stdout)
            self.assert_told(before, now)
            for key in ("address", "kind", "action", "before", "after", "needs"):
                self.assertEqual([change[key] for change in now["changes"]], [change[key] for change in before["changes"]])
            self.assertEqual(now["summary"], {**now["summary"], **before["summary"]})

    def test_a_lock_means_what_it_meant(self):
        before = frozen("locked-1.plan.json")
        now = json.loads(self.run_program("plan", "locked-1.yaml", "--locked", "--host", "snapshot-1.json", "--json",
                                          cwd=FORMATS).stdout)
        for key in ("address", "kind", "action", "before", "after", "needs"):
            self.assertEqual([change[key] for change in now["changes"]], [change[key] for change in before["changes"]])

    def test_recorded_hosts_have_the_facts_that_they_had(self):
        for host in ("host-1", "snapshot-1"):
            before = frozen(host + ".facts.json")
            for name in (host + ".json", host + ".facts.json"):  # facts alone are a record as well
                now = json.loads(self.run_program("facts", "--json", "--host", fixture(name)).stdout)
                self.assert_told(before, now)
                for key in ("arch", "kernel", "hostname", "gpus", "pythons", "user"):
                    self.assertEqual(now[key], before[key])
                self.assertEqual(now["os"], {**now["os"], **before["os"]})  # what it is made after was not told then

    def test_plans_are_shown(self):
        for name, plan in (("saved-plan-1.json", frozen("saved-plan-1.json")["plan"]),
                           ("host-1.plan.json", frozen("host-1.plan.json"))):
            self.assertEqual(json.loads(self.run_program("show", fixture(name), "--json").stdout), plan)
            text = self.run_program("show", fixture(name)).stdout
            self.assertIn("Plan: {} to create".format(plan["summary"]["create"]), text)
            for change in plan["changes"]:
                self.assertTrue(change["action"] in ("none", "not_applicable") or change["address"] in text, change["address"])

    def test_a_saved_plan_is_known_for_one_of_another_host(self):
        recipe = self.write("small.yaml", "recipe: small\nversion: 1\nresources:\n  - directory: ~/ml\n")
        here = {"root": "/", "user": getpass.getuser(), "recipes": [recipe]}
        plan = self.write("plan.json", json.dumps({**frozen("saved-plan-1.json"), **here, "host_id": "another"}))
        self.assertIn("made for another host", self.run_program("apply", "--yes", "--plan", plan, code=4).stderr)

    def test_a_journal_is_told_by_history(self):
        runs = os.path.join(self.folder, "state", "mlenvctl", "runs")
        os.makedirs(runs, mode=0o700)
        os.chmod(os.path.dirname(runs), 0o700)
        for end in (".jsonl", ".plan.json"):
            shutil.copy(fixture("journal-1" + end), os.path.join(runs, RUN + end))
        told = json.loads(self.run_program("history", "--json").stdout)["runs"]
        self.assertEqual([{key: run[key] for key in ("run_id", "recipe", "status", "done", "failed", "skipped")} for run in told],
                         [{"run_id": RUN, "recipe": "small", "status": "ok", "done": 6, "failed": 0, "skipped": 0}])
        page = os.path.join(self.folder, "run.html")
        self.assertIn("check: the note is there", self.run_program("history", RUN, "--html", page).stdout)
        with open(page, encoding="utf-8") as source:
            self.assertIn("file./home/student/ml/note.txt", source.read())

    def test_events_have_the_members_that_they_had(self):
        recipe = self.write("r.yaml", "recipe: small\nversion: 1\nresources:\n  - directory: {0}/made\n"
                                      "  - check: it is there\n    run: [test, -d, {0}/made]\n".format(self.folder))
        with open(fixture("events-1.jsonl"), encoding="utf-8") as source:
            before = lines(source.read())
        now = lines(self.run_program("apply", recipe, "--yes", "--json", env={"HOME": self.folder}).stdout)
        self.assertEqual(now[0], before[0])
        for event in before[1:]:
            self.assert_told(event, next(each for each in now[1:] if each["event"] == event["event"]), event["event"])


if __name__ == "__main__":
    unittest.main()
