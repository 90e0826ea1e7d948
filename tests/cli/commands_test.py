"""The command line: what each command prints, and with which code it ends."""

import json
import os
import re
import shutil
import unittest

import program

RECIPE = "recipe: r\nversion: 1\nresources:\n  - directory: /srv/lab-test\n  - file: /srv/lab-test/a\n    content: x\n"


class CommandsTest(program.ProgramTest):
    def plan(self, *words, code=0):
        return self.run_program("plan", self.write("r.yaml", RECIPE), "--host", program.RECORDED, *words, code=code)

    def test_detailed_exitcode_tells_that_changes_are_pending(self):
        self.plan(code=0)
        self.plan("--detailed-exitcode", code=2)
        empty = self.write("e.yaml", "recipe: e\nversion: 1\nresources: []\n")
        done = self.run_program("plan", empty, "--host", program.RECORDED, "--detailed-exitcode")
        self.assertEqual(done.stdout.splitlines()[-1], "No changes. The host is as declared.")

    def test_the_last_line_counts(self):
        self.assertEqual(self.plan().stdout.splitlines()[-1], "Plan: 2 to create, 0 to change, 0 to replace, 0 to delete.")

    def test_a_plan_document_has_all_that_is_promised(self):
        plan = json.loads(self.plan("--json").stdout)
        self.assertEqual(list(plan), ["format", "recipe", "host", "changes", "steps", "summary", "cost", "findings", "indexes"])
        self.assertEqual(set(plan["recipe"]), {"name", "files", "digest"})
        change = plan["changes"][1]
        self.assertEqual(change["address"], "file./srv/lab-test/a")
        self.assertEqual(change["needs"], ["directory./srv/lab-test"])
        self.assertEqual(change["origin"]["line"], 5)
        self.assertEqual(plan["steps"][0]["privilege"], "root")

    def test_a_saved_plan_shows_anywhere_as_it_was(self):
        out = os.path.join(self.folder, "plan.json")
        text = self.plan("--out", out).stdout
        self.assertEqual(os.stat(out).st_mode & 0o777, 0o600)
        self.assertEqual(self.run_program("show", out).stdout, text)
        document = self.plan("--json").stdout
        self.assertEqual(json.loads(self.run_program("show", out, "--json").stdout), json.loads(document))
        self.assertEqual(self.run_program("show", self.write("document.json", document)).stdout, text)
        self.run_program("apply", "--plan", out, "--yes", code=4)
        self.run_program("show", self.write("no.json", "{}"), code=5)

    def test_a_plan_that_somebody_has_spoilt_is_refused_as_unreadable(self):
        plan = json.loads(self.plan("--json").stdout)
        deep = {}
        for _ in range(900):
            deep = {"a": deep}
        for spoilt in ({"changes": 5}, {"changes": ["x"]}, {"changes": [{"address": 1}]},
                       {"changes": [{"packages": "x"}]}, {"changes": [{"packages": [{"name": []}]}]}, {"cost": deep}):
            refused = self.run_program("show", self.write("spoilt.json", json.dumps({**plan, **spoilt})), code=5)
            self.assertIn("this is not a saved plan", refused.stderr, spoilt)

    def test_a_script_for_root_is_made_on_the_host_itself(self):
        script = os.path.join(self.folder, "root.sh")
        refused = self.run_program("plan", self.write("r.yaml", RECIPE), "--host", program.RECORDED, "--as-root-script", script,
                                   code=5)
        self.assertIn("not for a recorded one", refused.stderr)
        self.assertFalse(os.path.exists(script))

    def test_a_target_takes_what_it_needs_and_nothing_else(self):
        plan = json.loads(self.plan("--json", "--target", "directory./srv/lab-test").stdout)
        self.assertEqual([change["address"] for change in plan["changes"]], ["directory./srv/lab-test"])
        wrong = self.plan("--target", "directory./srv/lab-tset", code=5)
        self.assertIn("did you mean `directory./srv/lab-test`?", wrong.stderr)

    def test_an_address_may_be_written_with_the_home_as_in_the_recipe(self):
        recipe = self.write("h.yaml", "recipe: h\nversion: 1\nresources:\n  - directory: ~/a\n  - directory: /srv/b\n"
                                      "    needs: [directory.~/a]\n")
        plan = self.run_program("plan", recipe, "--host", program.RECORDED, "--json", "--target", "directory.~/a").stdout
        self.assertEqual([change["address"] for change in json.loads(plan)["changes"]], ["directory./home/student/a"])

    def test_variables_from_the_command_line_win(self):
        recipe = self.write("v.yaml", "recipe: v\nversion: 1\nvars: {a: /one}\nresources:\n  - directory: ${a}\n")
        plan = self.run_program("plan", recipe, "--host", program.RECORDED, "--var", "a=/two", "--json").stdout
        self.assertEqual(json.loads(plan)["changes"][0]["address"], "directory./two")
        wrong = self.run_program("plan", recipe, "--host", program.RECORDED, "--var", "aa=/two", code=5)
        self.assertIn("did you mean `a`?", wrong.stderr)

    def test_an_option_takes_one_value_and_what_follows_is_the_recipe(self):
        recipe = self.write("v.yaml", "recipe: v\nversion: 1\nvars: {a: /one}\nresources:\n  - directory: ${a}\n")
        for option in (["--var", "a=/two"], ["--target", "directory./one"]):
            self.run_program("plan", *option, recipe, "--host", program.RECORDED)
        answer = self.run_program("resolve", "--gpu", "8.6", "torch==1.7.1", "--json")
        self.assertEqual(json.loads(answer.stdout)["selection"]["requirement"], "torch==1.7.1+cu110")

    def test_resolve_ends_with_4_where_there_is_no_answer(self):
        conflict = self.run_program("resolve", "torch", "--gpu", "10de:1db4", "--cuda", "13.0", "--json", code=4)
        self.assertEqual(json.loads(conflict.stdout)["verdict"], "conflict")
        unknown = json.loads(self.run_program("resolve", "--gpu", "10de:ffff", "--json", code=4).stdout)
        self.assertEqual(unknown["verdict"], "unknown")
        self.assertIsNone(unknown["selection"])
        self.assertIn("did you mean `tensorflow`?", self.run_program("resolve", "tensorfow", code=5).stderr)

    def test_facts_are_those_of_the_contract(self):
        facts = json.loads(self.run_program("facts", "--json", "--host", program.RECORDED).stdout)
        self.assertEqual(facts["gpus"][0]["compute_capability"], "8.6")
        self.assertEqual(facts["driver"]["status"], "absent")
        own = json.loads(self.run_program("facts", "--json").stdout)
        for key in ("format", "os", "arch", "kernel", "virt", "hostname", "gpus", "driver", "cuda_toolkits", "pythons",
                    "secure_boot", "nouveau_loaded", "user"):
            self.assertIn(key, own)

    def test_a_record_may_be_the_output_of_facts(self):
        facts = self.run_program("facts", "--json", "--host", program.RECORDED).stdout
        again = self.run_program("facts", "--json", "--host", self.write("facts.json", facts)).stdout
        self.assertEqual(json.loads(again), json.loads(facts))

    def test_a_graph_comes_in_four_formats(self):
        recipe = self.write("r.yaml", RECIPE)
        self.assertIn('"file./srv/lab-test/a" -> "directory./srv/lab-test"', self.run_program("graph", recipe).stdout)
        self.assertIn("flowchart", self.run_program("graph", recipe, "--format", "mermaid").stdout)
        graph = json.loads(self.run_program("graph", recipe, "--format", "json").stdout)
        self.assertEqual(len(graph["nodes"]), 2)
        if shutil.which("dot"):
            self.assertIn("<svg", self.run_program("graph", recipe, "--format", "svg").stdout)

    def test_every_kind_and_field_is_explained(self):
        index = self.run_program("explain").stdout
        kinds = re.findall(r"^ *([a-z_]+)  ", index, re.M)
        self.assertEqual(set(kinds) & {"venv", "check", "cuda_repo"}, {"venv", "check", "cuda_repo"})
        for kind in kinds:
            text = self.run_program("explain", kind).stdout
            self.assertIn("EXAMPLE", text)
            for field in re.findall(r"^  ([a-z_]+)  <", text, re.M):
                self.run_program("explain", kind + "." + field)
        self.assertIn("did you mean `venv`?", self.run_program("explain", "vemv", code=5).stderr)
        self.assertIn("did you mean", self.run_program("explain", "venv.pth", code=5).stderr)

    def test_mistakes_on_the_command_line_end_with_5_and_the_nearest_word(self):
        self.assertIn("did you mean `plan`?", self.run_program("plam", code=5).stderr)
        self.assertIn("did you mean `--host`?", self.run_program("plan", "--hots", "x", code=5).stderr)
        self.run_program("plan", "nowhere.yaml", code=5)
        self.run_program("plan", code=5)
        self.run_program("validate", code=5)
        self.run_program("graph", self.write("r.yaml", RECIPE), "--format", "pdf", code=5)
        self.assertIn("mlenvctl 0.", self.run_program("--version").stdout)

    def test_colour_is_for_terminals_or_on_demand(self):
        self.assertNotIn("\x1b", self.plan().stdout)
        self.assertIn("\x1b[", self.plan("--color", "always").stdout)

    def test_problems_come_as_findings_for_programs(self):
        broken = self.write("b.yaml", "recipe: r\nversion: 1\nresources:\n  - directry: /x\n")
        findings = json.loads(self.run_program("validate", broken, "--json", code=5).stdout)["findings"]
        self.assertEqual((findings[0]["line"], findings[0]["code"]), (4, "recipe.unknown-kind"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
