"""What recipes are warned of: a case for each code, near misses, and the one table. MLENVCTL_ACCEPT=1 writes the texts anew."""

import glob
import json
import os
import re
import unittest

import program

FOLDER = os.path.join(program.ROOT, "tests", "diagnostics", "lint")
ENGINE = os.path.join(program.ROOT, "engine")
TABLE = os.path.join(ENGINE, "resource", "lint_rule.cpp")
ACCEPT = os.environ.get("MLENVCTL_ACCEPT") == "1"


def codes_in(paths):
    found = set()
    for path in paths:
        with open(path, encoding="utf-8") as source:
            found |= set(re.findall(r"[\"\[](lint\.[a-z-]+)[\"\]]", source.read()))
    return found


def goldens():
    return sorted(glob.glob(os.path.join(FOLDER, "*.txt")))


class LintTest(program.ProgramTest):
    def validate(self, path, *options, code):
        return self.run_program("validate", os.path.basename(path), *options, code=code, cwd=FOLDER, env={"NO_COLOR": "1"})

    def test_every_case_says_what_it_finds_and_where(self):
        for path in sorted(glob.glob(os.path.join(FOLDER, "*.yaml"))):
            name = os.path.basename(path)[:-len(".yaml")]
            if name == "clean":
                continue
            with self.subTest(name):
                golden = os.path.join(FOLDER, name + ".txt")
                is_error = name in ("short-key", "path-assigned", "not-expanded")
                text = self.validate(path, "--strict", code=5 if is_error else 4).stderr
                if ACCEPT:
                    with open(golden, "w", encoding="utf-8") as out:
                        out.write(text)
                with open(golden, encoding="utf-8") as source:
                    self.assertEqual(text, source.read())
                self.assertNotIn("secret@", text)

    def test_what_is_near_to_a_rule_and_well_is_not_warned_of(self):
        done = self.validate("clean.yaml", "--strict", code=0)
        self.assertEqual(done.stderr, "")
        self.assertTrue(done.stdout.endswith("no errors\n"), done.stdout)

    def test_the_codes_of_the_engine_are_those_of_the_table_and_each_has_a_case(self):
        sources = glob.glob(os.path.join(ENGINE, "**", "*.?pp"), recursive=True)
        reported = codes_in(path for path in sources if path != TABLE)
        self.assertGreater(len(reported), 20)
        self.assertEqual(reported, codes_in([TABLE]))
        self.assertEqual(reported, codes_in(goldens()))

    def test_explain_prints_all_rules_and_each_of_them(self):
        index = self.run_program("explain", "lint").stdout
        for code in codes_in([TABLE]):
            self.assertIn("\n" + code + "\n", index)
            one = self.run_program("explain", code).stdout
            self.assertTrue(one.startswith(code + "\n    "), one)
            self.assertIn("    Remedy: ", one)
            self.assertIn(one, index)
        self.assertIn("did you mean `lint.no-key`?", self.run_program("explain", "lint.nokey", code=5).stderr)
        self.assertIn("explain lint", self.run_program("explain").stdout)

    def test_only_strict_makes_warnings_fail(self):
        path = os.path.join(FOLDER, "moving-target.yaml")
        relaxed = self.validate(path, code=0)
        self.assertIn("no errors, 3 warnings", relaxed.stdout)
        document = json.loads(self.validate(path, "--strict", "--json", code=4).stdout)
        self.assertEqual([finding["severity"] for finding in document["findings"]], ["warning"] * 3)
        self.assertEqual((document["findings"][0]["line"], document["findings"][0]["column"]), (4, 19))
        self.run_program("plan", path, "--strict", code=5)

    def test_a_plan_shows_the_warnings_of_its_recipe(self):
        path = os.path.join(FOLDER, "mixed-holds.yaml")
        plan = json.loads(self.run_program("plan", path, "--host", program.RECORDED, "--json").stdout)
        found = [finding for finding in plan["findings"] if finding["code"] == "lint.mixed-holds"]
        self.assertEqual([(finding["line"], finding["column"]) for finding in found], [(4, 18)])
        self.assertIn("[lint.mixed-holds]", self.run_program("plan", path, "--host", program.RECORDED).stdout)

    def test_what_is_for_other_hosts_is_not_compared(self):
        path = self.write("r.yaml", """recipe: r
version: 1
resources:
  - {apt_package: libcudnn8, version: 8.0.5.39-1+cuda11.0, when: {os: ubuntu 20.04}}
  - {apt_package: libcudnn8-dev, version: 8.9.7.29-1+cuda12.2, when: {os: ubuntu 22.04}}
""")
        self.run_program("validate", path, "--strict")
        plan = json.loads(self.run_program("plan", path, "--host", program.RECORDED, "--json").stdout)
        self.assertEqual(plan["findings"], [])

    def test_the_user_site_is_warned_of_only_where_it_is_refused(self):
        path = self.write("r.yaml", "recipe: r\nversion: 1\nresources:\n  - {pip_package: numpy, user: true}\n")
        debian = os.path.join(program.ROOT, "examples", "hosts", "debian12-rtx3090.json")
        for host, codes in ((program.RECORDED, []), (debian, ["lint.system-python"])):
            plan = json.loads(self.run_program("plan", path, "--host", host, "--json").stdout)
            self.assertEqual([each["code"] for each in plan["findings"] if each["code"].startswith("lint.")], codes)

    def test_the_recipes_of_the_project_carry_only_warnings_that_are_right(self):
        # The guide's own choices: `cuda-drivers` without a branch, and packages in the user's site.
        right = {"rtx3070-torch.yaml": ["lint.moving-target"], "rtx3070-tensorflow.yaml": ["lint.moving-target"],
                 "guide-without-venv.yaml": ["lint.system-python"] * 2}
        for path in program.recipes():
            findings = json.loads(self.run_program("validate", path, "--json").stdout)["findings"]
            self.assertEqual([finding["code"] for finding in findings], right.get(os.path.basename(path), []), path)


if __name__ == "__main__":
    unittest.main(verbosity=2)
