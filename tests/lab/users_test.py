"""Who does what: root's steps as root, the user's as the user, however mlenvctl was called."""

import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import lab  # noqa: E402

RECIPE = """recipe: r
version: 1
resources:
  - env_var: ML_PATH
    value: ~/ml
  - directory: ~/ml
  - file: ~/ml/note
    content: hello
  - directory: /opt/lab
  - file: /etc/lab.conf
    content: setting
    mode: 0640
  - apt_package: jq
  - venv: lab
    path: ~/ml/lab
  - check: it runs as the student, at home
    shell: id -un; pwd; echo $HOME
    expect: {stdout: "student\\n/home/student\\n/home/student"}
"""
SUDO = ["sudo", "/opt/mlenvctl/mlenvctl"]


class UsersTest(unittest.TestCase):
    def setUp(self):
        self.tree = self.enterContext(lab.Lab("ready")) if hasattr(self, "enterContext") else self.entered()
        self.tree.write("/recipe.yaml", RECIPE)
        self.tree.install_binary()

    def entered(self):
        tree = lab.Lab("ready").__enter__()
        self.addCleanup(tree.__exit__)
        return tree

    def assert_owners(self):
        for path in ("~/.bashrc", "~/ml", "~/ml/note", "~/ml/lab", "~/ml/lab/bin/pip", "~/.config", "~/.config/environment.d"):
            self.assertEqual(self.tree.owner(path), lab.STUDENT_ID, path)
        for path in ("/opt/lab", "/etc/lab.conf"):
            self.assertEqual(self.tree.owner(path), 0, path)
        self.assertEqual(self.tree.mode("/etc/lab.conf"), 0o640)

    def assert_done(self, outcome):
        self.assertEqual(outcome.returncode, 0, outcome)
        self.assert_owners()

    def test_the_student_applies_and_sudo_does_roots_part(self):
        self.assert_done(self.tree.mlenvctl_inside("apply", "/recipe.yaml", "--yes", user="student"))
        again = self.tree.mlenvctl_inside("apply", "/recipe.yaml", "--yes", user="student")
        self.assertIn("No changes.", again.stdout)

    def test_behind_sudo_it_works_for_the_one_who_called_it(self):
        self.assert_done(self.tree.run(SUDO + ["apply", "/recipe.yaml", "--yes"], user="student", check=False))
        again = self.tree.run(SUDO + ["apply", "/recipe.yaml", "--yes"], user="student")
        self.assertIn("No changes.", again.stdout)

    def test_root_works_for_a_named_user(self):
        self.assert_done(self.tree.mlenvctl_inside("apply", "/recipe.yaml", "--yes", "--user", "student"))
        again = self.tree.mlenvctl_inside("apply", "/recipe.yaml", "--yes", "--user", "student")
        self.assertIn("No changes.", again.stdout)

    def test_without_sudo_the_users_part_is_refused_before_it_begins(self):
        self.tree.run(["rm", "/etc/sudoers.d/student"])
        outcome = self.tree.mlenvctl_inside("apply", "/recipe.yaml", "--yes", user="student")
        self.assertEqual(outcome.returncode, 4, outcome)
        self.assertFalse(self.tree.exists("~/ml"))

    def test_a_plan_needs_no_root_and_changes_nothing(self):
        before = self.tree.snapshot()
        for command in ("plan", "validate", "graph", "facts"):
            words = [command] + (["/recipe.yaml"] if command != "facts" else [])
            outcome = self.tree.mlenvctl_inside(*words, user="student")
            self.assertEqual(outcome.returncode, 0, outcome)
        after = self.tree.snapshot()
        moved = {path for path in set(before) | set(after) if before.get(path) != after.get(path)}
        self.assertEqual({path for path in moved if not re.match(r"/home/student/\.(local(/state)?|cache)$", path)}, set())

    def test_a_planted_link_leads_root_nowhere(self):
        self.tree.write("~/etc-lab.conf", "mine")
        self.tree.run(["rm", "-rf", "/opt/lab"])
        self.tree.run(["chmod", "0777", "/opt"])
        self.tree.run(["ln", "-s", "/etc", "/opt/lab"], user="student")
        recipe = "recipe: r\nversion: 1\nresources:\n  - file: /opt/lab/shadow\n    content: gone\n"
        self.tree.write("/attack.yaml", recipe)
        before = self.tree.read("/etc/shadow")
        outcome = self.tree.mlenvctl_inside("apply", "/attack.yaml", "--yes", "--user", "student")
        self.assertEqual(outcome.returncode, 1, outcome)
        self.assertIn("which belongs to another user", outcome.stdout)
        self.assertEqual(self.tree.read("/etc/shadow"), before)


if __name__ == "__main__":
    lab.main()
