"""One lock for the whole stack: hosts applied from it are alike, and a recipe that no longer fits it is refused."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import lab  # noqa: E402
import nvidia_mirror  # noqa: E402
import wheel_index  # noqa: E402

RECIPE = """recipe: lab
version: 1
resources:
  - env_var: ML_PATH
    value: ~/ml
  - directory: ~/ml
  - cuda_repo: debian12
    mirror: {mirror}
    key:
      url: {mirror}/debian12/x86_64/3bf863cc.pub
      fingerprint: {fingerprint}
  - apt_package: [jq, lab-tools]
  - venv: lab
    path: ~/ml/lab
  - pip_package: [numpy, jupyter]
    venv: lab
"""
USER = ("--user", "student")


class LockTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.mirror = nvidia_mirror.NvidiaMirror()
        cls.index = wheel_index.WheelIndex()
        cls.mirror.add("lab-library", "1.0")
        cls.mirror.add("lab-tools", "1.0", depends="lab-library")

    @classmethod
    def tearDownClass(cls):
        cls.mirror.close()
        cls.index.close()

    def recipe(self, tree, text=RECIPE):
        tree.environment["PIP_INDEX_URL"] = self.index.index_url
        return tree.recipe(text.format(mirror=self.mirror.url, fingerprint=self.mirror.fingerprint))

    def run_in(self, tree, command, *words, code=0):
        outcome = tree.mlenvctl(command, *words, *USER)
        self.assertEqual(outcome.returncode, code, outcome)
        return outcome

    def lock(self, tree, recipe, *words):
        self.run_in(tree, "lock", recipe, *words, "--root", tree.root)
        with open(recipe + ".lock", encoding="utf-8") as source:
            return source.read()

    def managed(self, tree, recipe):
        outcome = tree.mlenvctl("facts", "--managed", recipe, "--json", *USER)
        self.assertEqual(outcome.returncode, 0, outcome)
        return json.loads(outcome.stdout)

    def compared(self, tree, lock):
        """What `compare` finds between a tree and a lock."""
        outcome = tree.mlenvctl("compare", "live", lock, "--root", tree.root, "--json", *USER)
        self.assertIn(outcome.returncode, (0, 2), outcome)
        return [(each["name"], each["left"], each["right"]) for each in json.loads(outcome.stdout)["different"]]

    def locked(self, text):
        (one,) = json.loads(text)["classes"]
        debs = {each["name"]: each["version"] for each in one["apt"]}
        wheels = {each["name"]: each["version"] for each in one["venvs"][0]["packages"]}
        return one, debs, wheels

    def test_two_hosts_of_one_lock_are_alike_while_the_archives_move_on(self):
        with lab.Lab("ready") as first, lab.Lab("ready") as second:
            recipe = self.recipe(first)
            text = self.lock(first, recipe)
            one, debs, wheels = self.locked(text)
            self.assertEqual(debs["lab-library"], "1.0", "what comes along from another archive is locked")
            self.assertNotIn("libjq1", debs, "what comes along from the distribution's own archive is not")
            self.assertIn("ipykernel", wheels)
            self.assertTrue(all(len(each["sha256"]) == 64 for each in one["venvs"][0]["packages"]))
            self.assertEqual(one["repositories"][0]["fingerprints"][0], self.mirror.fingerprint)
            self.run_in(first, "apply", recipe, "--locked", "--yes")
            # The archives have something newer now, of all that the recipe leaves open.
            self.mirror.add("lab-library", "2.0")
            self.mirror.add("lab-tools", "2.0", depends="lab-library")
            other = self.recipe(second)
            with open(other + ".lock", "w", encoding="utf-8") as target:
                target.write(text)
            self.run_in(second, "apply", other, "--locked", "--yes")
            self.assertEqual(self.managed(first, recipe), self.managed(second, other))
            for tree, path in ((first, recipe), (second, other)):
                self.assertIn("No changes.", self.run_in(tree, "plan", path, "--locked").stdout)
            self.assertEqual(self.compared(first, other + ".lock"), [])
            first.run(["/home/student/ml/lab/bin/python", "-m", "pip", "uninstall", "-y", "notebook"], user="student")
            self.assertEqual(self.compared(first, other + ".lock"), [("notebook", None, "6.1.5")])
            # Locking again on the converged host moves nothing; upgrading one name moves that and what it brings.
            self.assertEqual(self.lock(second, other), text)
            _, debs, _ = self.locked(self.lock(second, other, "--upgrade", "lab-tools"))
            self.assertEqual(debs["lab-tools"], "2.0")

    def test_a_recipe_that_no_longer_fits_is_refused_and_says_how(self):
        with lab.Lab("ready") as tree:
            recipe = self.recipe(tree)
            missing = self.run_in(tree, "plan", recipe, "--locked", code=4)
            self.assertIn("mlenvctl lock", missing.stderr)
            text = self.lock(tree, recipe)
            changed = self.recipe(tree, RECIPE.replace("[numpy, jupyter]", "[numpy>=99, pandas]"))
            refused = self.run_in(tree, "apply", changed, "--locked", "--yes", code=4)
            self.assertIn("`numpy>=99` does not allow the version that is locked", refused.stderr)
            self.assertIn("`pandas` is declared and not locked", refused.stderr)
            self.assertIn("pip_package.lab/jupyter", refused.stderr)
            # An index that serves other bytes under a locked name is not believed.
            recipe = self.recipe(tree)
            digest = json.loads(text)["classes"][0]["venvs"][0]["packages"][0]["sha256"]
            with open(recipe + ".lock", "w", encoding="utf-8") as target:
                target.write(text.replace(digest, "0" * 64))
            self.assertIn("lock.hash", self.run_in(tree, "apply", recipe, "--yes", code=4).text)
            self.assertFalse(tree.exists("/home/student/ml/lab"))

    def test_one_lock_carries_several_classes_of_host(self):
        with lab.Lab("ready") as plain, lab.Lab("ready", gpu=True) as card:
            recipe = self.recipe(plain)
            text = self.lock(plain, recipe)
            other = self.recipe(card)
            with open(other + ".lock", "w", encoding="utf-8") as target:
                target.write(text)
            refused = self.run_in(card, "plan", other, "--locked", code=4)
            self.assertIn("has nothing for `debian 12, x86_64, gpu 8.6`", refused.stderr)
            classes = json.loads(self.lock(card, other))["classes"]
            self.assertEqual([each["gpu"] for each in classes], ["8.6", "none"])
            self.assertEqual(json.loads(text)["classes"][0], classes[1])


if __name__ == "__main__":
    lab.main()
