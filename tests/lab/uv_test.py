"""A venv whose packages uv installs: planned by uv itself, without a pip, and in the end as pip would have left it."""

import glob
import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import base_tree  # noqa: E402
import lab  # noqa: E402
import namespace  # noqa: E402
import stub_wheels  # noqa: E402
import wheel_index  # noqa: E402

RECIPE = """recipe: fast
version: 1
resources:
  - venv: fast
    path: ~/fast
    installer: uv
  - pip_package: [trunk, "leaf{leaf}"]
    venv: fast
    index_url: {index}
"""


TWIN = """  - venv: twin
    path: ~/twin
    installer: uv
  - pip_package: [trunk, "leaf==1.0"]
    venv: twin
    index_url: {index}
"""


def real_uv():
    """The folder with the real uv, downloaded once."""
    folder = os.path.join(base_tree.cache_folder(), "uv")
    with base_tree.cache_lock("uv"):
        if not os.path.exists(folder + "/uv"):
            done = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder + ".new",
                                   "uv"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
            if done.returncode != 0:
                raise namespace.Unavailable("uv cannot be downloaded: " + done.stdout.strip())
            os.makedirs(folder, exist_ok=True)
            os.rename(folder + ".new/bin/uv", folder + "/uv")
    return folder + "/uv"


class UvTest(unittest.TestCase):
    def setUp(self):
        self.index = wheel_index.WheelIndex()
        self.addCleanup(self.index.close)
        self.index.add(stub_wheels.StubWheel("trunk", "2.0", requires=["branch>=1"]))
        self.index.add(stub_wheels.StubWheel("branch", "1.5"))
        self.index.add(stub_wheels.StubWheel("leaf", "1.0"))
        tree = lab.Lab("ready")
        self.tree = tree.__enter__()
        self.addCleanup(tree.__exit__, None, None, None)
        subprocess.run(["cp", real_uv(), self.tree.path("/usr/local/bin/uv")], check=True)

    def recipe(self, leaf):
        return self.tree.recipe(RECIPE.format(index=self.index.index_url, leaf=leaf))

    def planned(self, recipe):
        outcome = self.tree.mlenvctl("plan", recipe, "--user", "student", "--json")
        self.assertIn(outcome.returncode, (0, 4), outcome)
        return outcome, json.loads(outcome.stdout)

    def test_uvs_settings_are_not_overlooked_where_wheels_in_a_folder_could_answer(self):
        os.makedirs(self.tree.path("/srv/wheels"))
        stub_wheels.StubWheel("leaf", "1.0").write(self.tree.path("/srv/wheels"))
        self.tree.run(["chmod", "-R", "a+rX", "/srv/wheels"])
        self.tree.write("/srv/constraints.txt", "leaf<1\n")
        recipe = self.tree.recipe("recipe: r\nversion: 1\nresources:\n  - venv: fast\n    path: ~/fast\n    installer: uv\n"
                                  "  - pip_package: [leaf]\n    venv: fast\n    find_links: /srv/wheels\n    no_index: true\n")
        for settings, asked in (({}, False), ({"UV_CONSTRAINT": "/srv/constraints.txt"}, True)):
            traced = self.tree.mlenvctl_traced("plan", recipe, "--user", "student", env=settings)
            self.assertEqual("/usr/local/bin/uv" in traced.executed, asked, traced.executed)

    def test_uv_says_what_it_will_install_and_no_pip_is_started(self):
        traced = self.tree.mlenvctl_traced("plan", self.recipe("==1.0"), "--user", "student", "--json")
        self.assertEqual(traced.outcome.returncode, 0, traced.outcome)
        packages = {each["name"]: (change["address"], each) for change in json.loads(traced.outcome.stdout)["changes"]
                    for each in change.get("packages", [])}
        self.assertEqual(set(packages), {"trunk", "branch", "leaf"})
        self.assertEqual(packages["branch"][0], "pip_package.fast/trunk", "what brings it along")
        self.assertEqual(packages["branch"][1]["after"], "1.5")
        self.assertEqual(packages["branch"][1]["file"], "branch-1.5-py3-none-any.whl")
        self.assertGreater(packages["leaf"][1]["download_bytes"], 0)
        self.assertIn("/usr/local/bin/uv", traced.executed)
        # A pip that plans is run by a Python below /pip/ of the cache.
        self.assertFalse([each for each in traced.executed if "/pip/" in each], traced.executed)

    def test_root_starts_no_uv_that_somebody_else_could_change(self):
        for owner, started in (("root", True), ("student", False)):
            self.tree.run(["chown", owner, "/usr/local/bin/uv"])
            traced = self.tree.mlenvctl_traced("plan", self.recipe("==1.0"), "--user", "root", "--json")
            self.assertEqual("/usr/local/bin/uv" in traced.executed, started, (owner, traced.executed))

    def test_the_apply_brings_what_was_planned_and_the_next_plan_is_empty(self):
        recipe = self.recipe("==1.0")
        applied = self.tree.mlenvctl("apply", recipe, "--user", "student", "--yes")
        self.assertEqual(applied.returncode, 0, applied)
        site = self.tree.path("/home/student/fast/lib/python3.11/site-packages")
        found = {os.path.basename(path) for path in glob.glob(site + "/*.dist-info")}
        self.assertLessEqual({"trunk-2.0.dist-info", "branch-1.5.dist-info", "leaf-1.0.dist-info"}, found)
        again = self.tree.mlenvctl("plan", recipe, "--user", "student", "--detailed-exitcode")
        self.assertEqual(again.returncode, 0, again)

    def test_venvs_that_get_the_same_are_asked_about_once(self):
        one = self.recipe("==1.0")
        two = self.tree.recipe(self.tree_text(one) + TWIN.format(index=self.index.index_url), "two.yaml")
        traced = self.tree.mlenvctl_traced("plan", two, "--user", "student", "--json")
        self.assertEqual(traced.outcome.returncode, 0, traced.outcome)
        asked = [each for each in traced.executed if each.endswith("/uv")]
        self.assertEqual(len(asked), 2, asked)  # for the wheels, and for what they come by
        for venv in ("fast", "twin"):
            names = {each["name"] for change in json.loads(traced.outcome.stdout)["changes"]
                     if change["address"].startswith("pip_package." + venv) for each in change.get("packages", [])}
            self.assertEqual(names, {"trunk", "branch", "leaf"})

    @staticmethod
    def tree_text(path):
        with open(path, encoding="utf-8") as source:
            return source.read()

    def test_what_uv_cannot_resolve_is_explained_as_ever(self):
        outcome, plan = self.planned(self.recipe("==7.0"))
        self.assertEqual(outcome.returncode, 4, outcome)
        codes = {each["code"]: each["message"] for each in plan["findings"]}
        self.assertIn("leaf", codes.get("pip.no-match", ""), codes)


if __name__ == "__main__":
    lab.main()
