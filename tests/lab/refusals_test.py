"""What must not work, and must leave the host as it was."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import lab  # noqa: E402
import nvidia_mirror  # noqa: E402

REPOSITORY = """recipe: r
version: 1
resources:
  - directory: ~/ml
  - cuda_repo: debian12
    mirror: {mirror}
    key:
      url: {mirror}/debian12/x86_64/3bf863cc.pub
      fingerprint: {fingerprint}
  - apt_package: libcudnn8
"""


class RefusalsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mirror = nvidia_mirror.NvidiaMirror()

    @classmethod
    def tearDownClass(cls):
        cls.mirror.close()

    def setUp(self):
        self.mirror.heal()

    def repository(self, tree, fingerprint=None):
        return tree.recipe(REPOSITORY.format(mirror=self.mirror.url, fingerprint=fingerprint or self.mirror.fingerprint))

    def apply(self, tree, recipe, *more):
        return tree.mlenvctl("apply", recipe, "--user", "student", "--yes", *more)

    def test_a_wrong_key_is_refused_before_anything_is_written(self):
        with lab.Lab() as tree:
            before = tree.snapshot(("etc", "usr"))
            self.mirror.serve_wrong_key()
            outcome = self.apply(tree, self.repository(tree))
            self.assertEqual(outcome.returncode, 4, outcome)
            self.assertIn(self.mirror.wrong_fingerprint, outcome.stdout)
            self.assertIn(self.mirror.fingerprint, outcome.stdout)
            self.assertEqual(tree.snapshot(("etc", "usr")), before)
            told = tree.mlenvctl("plan", self.repository(tree), "--user", "student", "--json")
            self.assertEqual(told.returncode, 4, told)
            self.assertIn('"apt.wrong-key"', told.stdout)
            self.assertFalse(tree.exists("~/ml"), "nothing begins before everything is there")

    def test_a_repository_that_is_down_or_broken_leaves_apt_as_it_was(self):
        for fault in (self.mirror.down, self.mirror.serve_wrong_size, self.mirror.serve_nothing):
            with self.subTest(fault.__name__), lab.Lab() as tree:
                self.mirror.heal()
                before = tree.snapshot(("etc",))
                fault()
                outcome = self.apply(tree, self.repository(tree))
                self.assertEqual(outcome.returncode, 1, outcome)
                self.assertIn("nothing was changed", outcome.stdout)
                self.assertFalse(tree.exists("~/ml"), "nothing begins before everything is there")
                self.assertEqual(tree.snapshot(("etc",)), before)
                tree.run(["apt-get", "update"])

    def test_a_source_of_the_same_archive_is_switched_off_and_apt_works(self):
        for path, text in (("/etc/apt/sources.list.d/cuda.list", "deb [trusted=yes] {}/debian12/x86_64 /\n"),
                           ("/etc/apt/sources.list.d/cuda.sources",
                            "Types: deb\nURIs: {}/debian12/x86_64/\nSuites: ./\nTrusted: yes\n"),
                           ("/etc/apt/sources.list", None)):
            with self.subTest(path), lab.Lab() as tree:
                line = "deb [trusted=yes] {}/debian12/x86_64/ /\n"
                tree.write(path, (text or tree.read(path) + line).format(self.mirror.url))
                outcome = self.apply(tree, self.repository(tree))
                self.assertEqual(outcome.returncode, 0, outcome)
                update = tree.run(["apt-get", "update"])
                self.assertNotIn("Conflicting values", update.text)
                self.assertNotIn("configured multiple times", update.text)
                again = tree.mlenvctl("plan", self.repository(tree), "--user", "student", "--detailed-exitcode")
                self.assertEqual(again.returncode, 0, again)

    def test_requirements_that_are_not_met_end_with_4_and_say_what_is(self):
        with lab.Lab() as tree:
            recipe = tree.recipe("recipe: r\nversion: 1\nrequires: {os: ubuntu 20.04, python: '<3.9'}\nresources: []\n")
            outcome = self.apply(tree, recipe)
            self.assertEqual(outcome.returncode, 4, outcome)
            self.assertIn("debian 12", outcome.stderr)
            self.assertIn("3.11", outcome.stderr)

    def test_without_a_terminal_and_without_yes_nothing_is_applied(self):
        with lab.Lab() as tree:
            recipe = tree.recipe("recipe: r\nversion: 1\nresources:\n  - directory: ~/ml\n")
            outcome = tree.mlenvctl("apply", recipe, "--user", "student")
            self.assertEqual(outcome.returncode, 4, outcome)
            self.assertFalse(tree.exists("~/ml"))
            for answer, there in (("no", False), ("yes", True)):
                tree.mlenvctl_asked("apply", recipe, "--user", "student", answer=answer)
                self.assertEqual(tree.exists("~/ml"), there)

    def test_a_saved_plan_is_good_for_one_run_on_its_host(self):
        with lab.Lab() as tree:
            recipe = tree.recipe("recipe: r\nversion: 1\nresources:\n  - directory: ~/ml\n  - directory: ~/data\n")
            tree.mlenvctl("plan", recipe, "--user", "student")
            tree.run(["mkdir", "/home/student/data"], user="student")
            stale = tree.mlenvctl("apply", "--yes")
            self.assertEqual(stale.returncode, 4, stale)
            self.assertIn("directory./home/student/data: absent -> a folder", stale.stderr)
            tree.mlenvctl("plan", recipe, "--user", "student")
            self.assertEqual(tree.mlenvctl("apply", "--yes").returncode, 0)
            used = tree.mlenvctl("apply", "--yes")
            self.assertEqual(used.returncode, 4, used)
            self.assertIn("has been applied already", used.stderr)

    def test_a_plan_of_another_host_is_refused(self):
        with lab.Lab() as tree:
            recipe = tree.recipe("recipe: r\nversion: 1\nresources:\n  - directory: ~/ml\n")
            plan = tree.recipe("", "saved.plan")
            self.assertEqual(tree.mlenvctl("plan", recipe, "--user", "student", "--out", plan).returncode, 0)
            tree.write("/etc/hostname", "elsewhere\n")
            outcome = tree.mlenvctl("apply", "--plan", plan, "--user", "student", "--yes")
            self.assertEqual(outcome.returncode, 4, outcome)
            self.assertIn("another host", outcome.stderr)
            self.assertFalse(tree.exists("~/ml"))

    def test_a_recipe_with_a_mistake_ends_with_5_and_says_where(self):
        with lab.Lab() as tree:
            recipe = tree.recipe("recipe: r\nversion: 1\nresources:\n  - directory: ~/ml\n  - directory: ~/data\n"
                                 "    moed: 0750\n")
            outcome = self.apply(tree, recipe)
            self.assertEqual(outcome.returncode, 5, outcome)
            self.assertIn(recipe + ":6:5: error: ", outcome.stderr)
            self.assertIn("did you mean `mode`?", outcome.stderr)
            self.assertFalse(tree.exists("~/ml"))

    def test_what_mlenvctl_did_not_make_waits_for_a_person(self):
        with lab.Lab("ready") as tree:
            tree.write("~/ml/torch/thesis.txt", "years of work")
            recipe = tree.recipe("recipe: r\nversion: 1\nresources:\n  - venv: torch\n    path: ~/ml/torch\n"
                                 "  - directory: ~/other\n")
            before = tree.snapshot(("home/student/ml",))
            outcome = self.apply(tree, recipe)
            self.assertEqual(outcome.returncode, 3, outcome)
            self.assertEqual(tree.snapshot(("home/student/ml",)), before)
            self.assertTrue(tree.exists("~/other"))

    def test_a_python_that_cannot_make_venvs_is_named_with_the_package_that_it_lacks(self):
        with lab.Lab() as tree:
            outcome = self.apply(tree, tree.recipe("recipe: r\nversion: 1\nresources:\n  - venv: own\n    path: ~/own\n"))
            self.assertEqual(outcome.returncode, 1, outcome)
            self.assertIn("`/usr/bin/python3.11` cannot make venvs: its ensurepip is missing", outcome.text)
            self.assertIn("declare `apt_package: python3.11-venv`", outcome.text.partition("Failed")[2])
            self.assertFalse(tree.exists("~/own"))

    def test_a_failing_check_fails_the_run_and_shows_its_output(self):
        with lab.Lab() as tree:
            recipe = tree.recipe("recipe: r\nversion: 1\nresources:\n  - directory: ~/ml\n"
                                 "  - check: never\n    shell: echo the reason; exit 7\n")
            outcome = self.apply(tree, recipe)
            self.assertEqual(outcome.returncode, 1, outcome)
            self.assertIn("the reason", outcome.stdout)
            self.assertIn("exit code: 7", outcome.stdout)
            verified = tree.mlenvctl("verify", recipe, "--user", "student")
            self.assertEqual(verified.returncode, 2, verified)


if __name__ == "__main__":
    lab.main()
