"""The schema, the checked-in recipes, and the plan of the guide for the recorded machine."""

import json
import os
import unittest

import program

try:
    import jsonschema
    import yaml
except ImportError:
    jsonschema = yaml = None


DEBIAN = os.path.join(program.ROOT, "examples", "hosts", "debian12-rtx3090.json")


class RecipesTest(program.ProgramTest):
    def schema(self):
        with open(os.path.join(program.ROOT, "schemas", "recipe.schema.json"), encoding="utf-8") as source:
            return source.read()

    def test_the_schema_on_file_is_the_one_that_the_program_prints(self):
        self.assertEqual(self.run_program("schema").stdout, self.schema())

    @unittest.skipIf(jsonschema is None, "python3-jsonschema and python3-yaml are not installed")
    def test_a_json_schema_validator_accepts_every_recipe_and_refuses_broken_ones(self):
        validator = jsonschema.Draft7Validator(json.loads(self.schema()))
        base = os.path.join(program.RECIPES, "base")
        paths = program.recipes() + [os.path.join(base, name) for name in os.listdir(base)]
        for path in paths:
            with self.subTest(path), open(path, encoding="utf-8") as source:
                self.assertEqual([error.message for error in validator.iter_errors(yaml.safe_load(source))], [])
        good = {"recipe": "r", "version": 1, "resources": [{"directory": "~/ml"}]}
        self.assertTrue(validator.is_valid(good))
        for broken in ({**good, "resorces": []}, {**good, "version": 2}, {**good, "resources": [{"directry": "~/ml"}]},
                       {**good, "resources": [{"directory": "~/ml", "mod": "0755"}]},
                       {**good, "resources": [{"directory": "~/ml", "state": "gone"}]},
                       {**good, "resources": {"directory": "~/ml"}}, {**good, "requires": {"oss": "debian"}}):
            self.assertFalse(validator.is_valid(broken), broken)

    def test_every_recipe_is_valid_and_plans(self):
        for path in program.recipes():
            with self.subTest(path):
                self.run_program("validate", path)
                host = DEBIAN if os.path.basename(path) in ("debian12-cuda.yaml", "gpu-science.yaml") else program.RECORDED
                plan = json.loads(self.run_program("plan", path, "--host", host, "--json").stdout)
                self.assertEqual(plan["format"], "mlenvctl.plan/1")
                self.assertEqual(plan["summary"]["unknown"], 0)
                self.assertGreater(plan["summary"]["create"], 2)
                self.assertEqual(plan["summary"]["not_applicable"] + plan["summary"]["manual"], 0)

    def test_the_guide_is_planned_whole_and_in_order(self):
        path = os.path.join(program.RECIPES, "rtx3070-torch.yaml")
        plan = json.loads(self.run_program("plan", path, "--host", program.RECORDED, "--json").stdout)
        changes = {change["address"]: change for change in plan["changes"]}
        self.assertEqual(changes["apt_package.libcudnn8"]["after"], {"hold": "true", "version": "8.0.5.39-1+cuda11.0"})
        self.assertNotIn("apt_package.cuda", changes)
        self.assertIn("pip_package.torch/scikit-learn", changes)
        self.assertEqual({change["action"] for change in changes.values() if change["kind"] != "check"}, {"create"})
        titles = [step["title"] for step in plan["steps"]]
        apt = [title for title in titles if "apt packages" in title]
        self.assertEqual(len(apt), 1, "one transaction for all packages")
        order = [next(i for i, title in enumerate(titles) if words in title)
                 for words in ("apt repository", "apt packages", "make the venv", "jupyter, matplotlib", "check: torch sees")]
        self.assertEqual(order, sorted(order))
        for step in plan["steps"]:
            self.assertTrue(all(need < step["id"] for need in step["needs"]))

    def test_requirements_are_judged_on_the_recorded_host(self):
        with open(program.RECORDED, encoding="utf-8") as source:
            host = json.load(source)
        host["facts"]["gpus"] = []
        host["facts"]["os"]["version_id"] = "22.04"
        path = os.path.join(program.RECIPES, "rtx3070-torch.yaml")
        refused = self.run_program("plan", path, "--host", self.write("host.json", json.dumps(host)), code=4)
        self.assertIn("`os: ubuntu 20.04` is not met: this host has ubuntu 22.04", refused.stderr)
        self.assertIn("no GPU", refused.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
