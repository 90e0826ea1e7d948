"""After a run that was killed: what it has begun is waited for, what it had not put in place goes, and a download that
it has left is gone on with only as far as it is sound."""

import os
import re
import sys
import tempfile
import unittest

import trial

import lab  # noqa: E402  found by trial
import wheel_index  # noqa: E402

FILES = """
recipe: files
version: 1
resources:
  - file: /etc/profile.d/lab.sh
    content: "export LAB=1\\n"
  - env_var: LAB
    value: "2"
"""
SLOW = """
recipe: slow
version: 1
resources:
  - directory: /srv/made
  - check: it takes its time
    run: [sh, -c, "touch ~/begun; sleep 3; touch ~/ended"]
  - directory: /srv/later
    needs: ["check.it takes its time"]
"""
VENV = """
recipe: venv
version: 1
resources:
  - venv: v
    path: ~/v
  - pip_package: numpy
    venv: v
"""


class AftermathTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="labfault-")
        cls.fault_point = trial.build_fault_point(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def ground(self, text, environment=None):
        return trial.Ground({"recipe.yaml": text}, [], environment or {}, self.fault_point)

    def done(self, outcome):
        self.assertEqual(outcome.returncode, 0, outcome)
        return outcome

    def test_what_was_not_put_in_place_goes_also_when_nothing_else_is_to_do(self):
        with self.ground(FILES) as ground:
            ground.measure(1)
            before_rename = [int(line.split()[0]) for line in ground.operations
                             if re.search(r" renameat (lab\.sh|\.bashrc)$", line)]
            self.assertEqual(len(before_rename), 2, ground.operations)
            for number, path, text in zip(before_rename, ("/etc/profile.d/lab.sh", "~/.bashrc"),
                                          ("export LAB=1\n", None)):
                with ground.trial() as tree:
                    self.assertTrue(tree.kill_at(trial.Instant("operation", number, True)))
                    self.assertEqual(len(tree.state()["temporaries"]), 1)
                    if text:  # by hand, what the run was about to do
                        tree.write(path, text)
                    self.done(tree.apply())
                    self.assertEqual(tree.state()["temporaries"], [])

    def test_what_the_killed_run_has_begun_is_waited_for(self):
        with self.ground(SLOW) as ground, ground.trial() as tree:
            instant = trial.Instant("moment", lambda: tree.exists("~/begun"), False)
            self.assertTrue(tree.kill_at(instant))
            self.assertFalse(tree.exists("~/ended"))
            again = self.done(tree.apply())
            self.assertIn("which the last run has begun, is still at work", again.stderr)
            self.assertTrue(tree.exists("~/ended"))
            self.assertTrue(tree.exists("/srv/later"))

    def test_what_has_left_the_session_to_stay_is_not_waited_for(self):
        text = SLOW.replace("touch ~/begun; sleep 3", "setsid sleep 300 & touch ~/begun; sleep 1")
        with self.ground(text) as ground, ground.trial() as tree:
            self.assertTrue(tree.kill_at(trial.Instant("moment", lambda: tree.exists("~/begun"), False)))
            self.done(tree.apply())
            tree.end_survivors()

    def test_the_plan_tells_where_the_last_run_stopped(self):
        with self.ground(SLOW) as ground, ground.trial() as tree:
            self.assertTrue(tree.kill_at(trial.Instant("moment", lambda: tree.exists("~/begun"), True)))
            plan = tree.mlenvctl("plan", ground.recipe_file, "--user", "student")
            self.assertRegex(plan.text, r"the last run of `slow` stopped in step \d+, .*, .* ago")

    def test_a_package_that_dpkg_was_stopped_in_the_middle_of_is_installed_anew(self):
        for where in ("status", "updates/0000"):
            with self.subTest(where), lab.Lab() as tree:
                recipe = tree.recipe("recipe: r\nversion: 1\nresources:\n  - apt_package: jq\n")
                self.done(tree.mlenvctl("apply", recipe, "--yes", "--user", "student"))
                # As dpkg leaves it while it unpacks: all is known of the package, apt would take it for installed.
                packages = tree.read("/var/lib/dpkg/status").split("\n\n")
                mine = next(each for each in packages if each.startswith("Package: jq\n"))
                half = mine.replace("install ok installed", "install reinstreq half-installed")
                tree.run(["rm", "/usr/bin/jq"])
                if where == "status":
                    tree.write("/var/lib/dpkg/status", "\n\n".join(packages).replace(mine, half))
                else:  # not yet folded into the status file, which has nothing of it
                    tree.write("/var/lib/dpkg/status", "\n\n".join(each for each in packages if each != mine))
                    tree.write("/var/lib/dpkg/" + where, half.strip("\n") + "\n")
                self.done(tree.mlenvctl("apply", recipe, "--yes", "--user", "student"))
                self.assertTrue(tree.exists("/usr/bin/jq"))
                self.assertIn("install ok installed", tree.run(["dpkg", "-s", "jq"]).stdout)
                self.assertIn("No changes", self.done(tree.mlenvctl("plan", recipe, "--user", "student")).stdout)

    def test_half_a_download_is_gone_on_with_and_a_spoilt_one_begun_again(self):
        index = wheel_index.WheelIndex()
        self.addCleanup(index.close)
        pool = "/var/cache/mlenvctl/users/student"
        with self.ground(VENV, {"PIP_INDEX_URL": index.index_url}) as ground:
            asked = []
            for half in (lambda data: data[:100], lambda data: b"\0" * 100):
                with ground.trial() as tree:
                    self.done(tree.apply(["--fetch-only"]))
                    wheel = next(os.path.join(folder, name) for folder, _, names in os.walk(tree.path(pool))
                                 for name in names if name.startswith("numpy-") and name.endswith(".whl"))
                    with open(wheel, "rb") as source:
                        data = source.read()
                    os.rename(wheel, wheel + ".part")
                    with open(wheel + ".part", "wb") as part:
                        part.write(half(data))
                    index.requests.clear()
                    self.done(tree.apply())
                    asked.append(sum(os.path.basename(wheel) in path for path in index.requests))
                    self.assertTrue(tree.exists("~/v/bin/python"))
            self.assertEqual(asked[1], asked[0] + 1)


if __name__ == "__main__":
    lab.main()
