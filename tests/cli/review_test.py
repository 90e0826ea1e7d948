"""What a change of a recipe does to a lab, told from records alone: `plan --host` of many, `compare`, the lab of six in
examples/lab, the files for CI in examples/ci and the hooks for pre-commit. MLENVCTL_ACCEPT=1 writes the texts of the lab anew."""

import glob
import json
import os
import shutil
import subprocess
import unittest

import program
import yaml

LAB = os.path.join(program.ROOT, "examples", "lab")
CI = os.path.join(program.ROOT, "examples", "ci")
ACCEPT = os.environ.get("MLENVCTL_ACCEPT") == "1"
SMALL = "recipe: small\nversion: 1\nresources:\n  - apt_package: [jq]\n"


def host(name, packages, **more):
    return json.dumps({"format": "mlenvctl.host/1", "facts": {"hostname": name, "arch": "x86_64", "os": {
        "id": "debian", "version_id": "12"}, "gpus": [], "driver": {"status": "absent"}}, "packages": packages, **more})


class ReviewTest(program.ProgramTest):
    def setUp(self):
        super().setUp()
        self.recipe = self.write("small.yaml", SMALL)
        self.write("hosts/has.json", host("has", {"apt": "2.6.1", "jq": "1.6"}))
        self.write("hosts/lacks.json", host("lacks", {"apt": "2.6.1"}))
        self.write("hosts/README.md", "no record")

    def plans(self, *words, code=0):
        return json.loads(self.run_program("plan", *words, "--json", code=code).stdout)

    def test_a_folder_of_records_is_planned_for_and_each_has_its_plan(self):
        plans = self.plans("--host", "hosts", "small.yaml")
        self.assertEqual(plans["format"], "mlenvctl.plans/1")
        self.assertEqual([each["record"] for each in plans["hosts"]], ["hosts/has.json", "hosts/lacks.json"])
        alone = json.loads(self.run_program("plan", "--host", "hosts/lacks.json", "small.yaml", "--json").stdout)
        for key, value in alone.items():
            self.assertEqual(plans["hosts"][1][key], value)

    def test_records_may_be_listed_as_a_shell_lists_them(self):
        expected = self.plans("--host", "hosts", "small.yaml")
        listed = self.plans("--host", "hosts/has.json", "hosts/lacks.json", "small.yaml")
        self.assertEqual(listed, expected)
        self.assertEqual(self.plans("--host", "hosts/has.json", "--host", "hosts/lacks.json", "small.yaml"), expected)
        self.assertEqual(self.plans("small.yaml", "--host", "hosts/has.json", "hosts/lacks.json", "--parallel", "1"), expected)

    def test_the_exit_code_is_the_worst_of_all_hosts(self):
        words = ("plan", "--host", "hosts", "small.yaml")
        self.run_program(*words)
        self.run_program(*words, "--detailed-exitcode", code=2)
        self.run_program("plan", "--host", "hosts/has.json", "hosts/has.json", "small.yaml", "--detailed-exitcode")
        strict = self.write("strict.yaml", SMALL + "requires:\n  hostname: has\n")
        refused = self.run_program("plan", "--host", "hosts", strict, "--detailed-exitcode", code=4)
        self.assertIn("refused: the requirement `hostname: has` is not met: this host has lacks", refused.stdout)

    def test_a_broken_record_is_named_with_its_place_and_the_others_are_planned(self):
        self.write("hosts/broken.json", '{\n  "format": "mlenvctl.host/1",\n  oops\n}')
        done = self.run_program("plan", "--host", "hosts", "small.yaml", code=5)
        self.assertIn("hosts/broken.json: 3:3: this is not JSON", done.stderr)
        self.assertIn("1 of 3 hosts would change, 1 is as declared, 1 cannot be planned for.", done.stdout)
        self.assertIn("apt_package.jq", done.stdout)

    def test_a_mistake_in_the_recipe_is_told_once_where_it_stands(self):
        wrong = self.write("wrong.yaml", SMALL.replace("apt_package", "apt_pakage"))
        done = self.run_program("plan", "--host", "hosts", wrong, code=5)
        self.assertEqual(done.stderr.count("did you mean `apt_package`?"), 1)
        self.assertIn("wrong.yaml:4:5: error:", done.stderr)

    def test_what_is_for_one_host_alone_is_refused_for_several(self):
        for option in (("--out", "plan.json"), ("--html", "plan.html"), ("--prune",), ("--destroy",)):
            self.run_program("plan", "--host", "hosts", "small.yaml", *option, code=5)
        self.run_program("plan", "--host", "hosts", code=5)
        os.mkdir(os.path.join(self.folder, "empty"))
        self.assertIn("holds no record", self.run_program("plan", "--host", "empty", "small.yaml", code=5).stderr)

    def test_what_an_open_record_does_not_tell_is_unknown_and_never_none(self):
        folder = self.write("folder.yaml", "recipe: f\nversion: 1\nresources:\n  - directory: /srv/data\n")
        self.write("closed.json", host("closed", {}))
        self.write("open.json", host("open", {}, unlisted="unknown"))
        self.write("told.json", host("told", {}, unlisted="unknown", absent=["/srv"]))
        actions = [each["changes"][0]["action"] for each in
                   self.plans("--host", "closed.json", "open.json", "told.json", folder)["hosts"]]
        self.assertEqual(actions, ["create", "unknown", "create"])

    def test_what_a_record_leaves_out_is_not_compared_with(self):
        variable = self.write("v.yaml", "recipe: v\nversion: 1\nresources:\n  - env_var: HF_TOKEN\n    value: mine\n    shells: [zsh]\n")
        block = ("# >>> mlenvctl env >>>\n# Made by mlenvctl; what is changed between these lines is overwritten.\n#: HF_TOKEN 1\n"
                 "export HF_TOKEN=<left-out-of-the-record>\n# <<< mlenvctl env <<<\n")
        self.write("h.json", host("h", {}, files={"/home/user/.zshenv": block}))
        change = json.loads(self.run_program("plan", "--host", "h.json", variable, "--json").stdout)["changes"][0]
        self.assertEqual((change["action"], change["reason"]),
                         ("unknown", "the record leaves out what is there, which may be secret"))

    def test_hosts_are_compared_from_the_driver_to_the_wheel(self):
        words = ("compare", os.path.join(LAB, "hosts", "gpu01.json"), os.path.join(LAB, "hosts", "ws04.json"))
        text = self.run_program(*words, code=2, env={"NO_COLOR": "1"}).stdout
        order = [text.index(word) for word in ("\n  driver ", "\n  cards ", "\n  venv ~/lab/torch ", "\n  variables ", "\n  apt packages ")]
        self.assertEqual(order, sorted(order))
        document = json.loads(self.run_program(*words, "--json", code=2).stdout)
        found = {(each["section"], each["name"]): (each["left"], each["right"]) for each in document["different"]}
        self.assertEqual(found[("driver", "loaded")], ("535.216.01", "470.256.02"))
        self.assertEqual(found[("venv ~/lab/torch", "torch")], ("2.4.1+cu124", "2.4.1+cu118"))
        same = self.run_program("compare", words[1], words[1])
        self.assertIn("No differences in ", same.stdout)
        self.run_program("compare", words[1], code=5)
        self.run_program("compare", words[1], "missing.json", code=5)

    def lab_text(self, name, *words, code):
        text = self.run_program(*words, code=code, cwd=LAB, env={"NO_COLOR": "1"}).stdout
        golden = os.path.join(LAB, name)
        if ACCEPT:
            with open(golden, "w", encoding="utf-8") as out:
                out.write(text)
        with open(golden, encoding="utf-8") as source:
            self.assertEqual(text, source.read())

    def test_the_lab_of_six_is_what_its_files_say(self):
        self.lab_text("pull-request.md", "plan", "--host", "hosts", "lab-proposed.yaml", "--markdown", code=4)
        self.lab_text("pull-request.txt", "plan", "--host", "hosts", "lab-proposed.yaml", code=4)
        self.lab_text("compare.txt", "compare", "hosts/gpu01.json", "hosts/ws04.json", code=2)
        plans = json.loads(self.run_program("plan", "--host", "hosts", "lab.yaml", "--json", cwd=LAB, code=4).stdout)
        self.assertEqual(plans["summary"]["hosts"], 6)
        self.assertGreater(plans["summary"]["as_declared"], 2)

    def checkout(self):
        """A lab's repository, and a PATH on which mlenvctl is found."""
        shutil.copytree(os.path.join(LAB, "hosts"), os.path.join(self.folder, "lab", "hosts"),
                        ignore=shutil.ignore_patterns("new06.json"))  # refused, which ends a review
        self.copy_recipe()
        os.makedirs(os.path.join(self.folder, "bin"))
        os.symlink(os.path.abspath(program.MLENVCTL), os.path.join(self.folder, "bin", "mlenvctl"))
        return {**os.environ, "PATH": os.path.join(self.folder, "bin") + ":" + os.environ["PATH"],
                "XDG_STATE_HOME": os.path.join(self.folder, "state"), "GITHUB_STEP_SUMMARY": os.path.join(self.folder, "summary.md")}

    def copy_recipe(self):
        with open(os.path.join(LAB, "lab.yaml"), encoding="utf-8") as source:
            self.write("lab/recipes/lab.yaml", source.read())

    def run_script(self, script, environment, *words):
        return subprocess.run(["sh", "-e", "-c", script, "sh", *words], cwd=os.path.join(self.folder, "lab"), env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=120)

    def test_the_files_for_ci_do_what_they_say(self):
        environment = self.checkout()
        with open(os.path.join(CI, "github-actions.yml"), encoding="utf-8") as source:
            steps = yaml.safe_load(source)["jobs"]["review"]["steps"]
        with open(os.path.join(CI, "gitlab-ci.yml"), encoding="utf-8") as source:
            lines = yaml.safe_load(source)["review"]["script"]
        github = "\n".join(step["run"] for step in steps if step.get("name") in ("validate", "plan"))
        for script in (github, "\n".join(lines)):
            done = self.run_script(script, environment)
            self.assertEqual(done.returncode, 0, done.stdout)
            with open(os.path.join(self.folder, "lab", "review.md"), encoding="utf-8") as source:
                self.assertIn("0 of 5 hosts would change", source.read())
            self.write("lab/recipes/lab.yaml", "recipe: lab\n")
            self.assertEqual(self.run_script(script, environment).returncode, 5)
            self.copy_recipe()
            shutil.copy(os.path.join(LAB, "hosts", "new06.json"), os.path.join(self.folder, "lab", "hosts"))
            self.assertEqual(self.run_script(script, environment).returncode, 4)
            os.remove(os.path.join(self.folder, "lab", "hosts", "new06.json"))

    def test_the_hooks_for_pre_commit_pass_what_is_right_and_stop_what_is_not(self):
        environment = self.checkout()
        with open(os.path.join(program.ROOT, ".pre-commit-hooks.yaml"), encoding="utf-8") as source:
            hooks = {hook["id"]: hook["entry"] + ' "$@"' for hook in yaml.safe_load(source)}
        schema = self.run_program("schema").stdout
        good = {"mlenvctl-validate": ["recipes/lab.yaml", "recipes/lab.yaml"], "mlenvctl-record": sorted(
            os.path.relpath(path, os.path.join(self.folder, "lab")) for path in glob.glob(os.path.join(self.folder, "lab/hosts/*.json"))),
            "mlenvctl-schema": ["recipe.schema.json"]}
        self.write("lab/recipe.schema.json", schema)
        self.write("lab/old.schema.json", schema.replace("venv", "vnev"))
        self.write("lab/bad.yaml", "recipe: [")
        bad = {"mlenvctl-validate": ["bad.yaml"], "mlenvctl-record": ["bad.yaml"], "mlenvctl-schema": ["old.schema.json"]}
        for name, entry in hooks.items():
            with self.subTest(name):
                done = self.run_script(entry, environment, *good[name])
                self.assertEqual((done.returncode, done.stdout), (0, ""))
                self.assertNotEqual(self.run_script(entry, environment, *bad[name], good[name][0]).returncode, 0)


if __name__ == "__main__":
    unittest.main()
