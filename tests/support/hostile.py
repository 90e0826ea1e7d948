"""A lab with an enemy in it: `mallory`, an ordinary user who wants what is root's, and the student's.

/etc/shadow holds CANARY, a text that must never come to light where others can read."""

import contextlib
import os
import subprocess
import sys
import time
import unittest

import lab

MALLORY = "mallory"
MALLORY_ID = 1001
CANARY = "canary-hash-of-root"
SHADOW = "/etc/shadow"


class HostileLab(lab.Lab):
    def __enter__(self):
        super().__enter__()
        self.run(["useradd", "--create-home", "--uid", str(MALLORY_ID), "--shell", "/bin/bash", MALLORY])
        self.write(SHADOW, self.read(SHADOW) + "canary:{}:1:0:1:1:::\n".format(CANARY), mode=0o640)
        self.shadow = self.read(SHADOW)
        return self

    def leaks(self):
        """Files that others than root can read and that hold the canary."""
        found = []
        for top in ("home", "var", "tmp", "run", "srv", "opt"):
            for folder, _, files in os.walk(os.path.join(self.root, top)):
                for name in files:
                    path = os.path.join(folder, name)
                    if os.path.islink(path) or not os.path.isfile(path) or not self._is_exposed(path):
                        continue
                    with open(path, "rb") as source:
                        if CANARY.encode() in source.read():
                            found.append(path[len(self.root):])
        return found

    def _is_exposed(self, path):
        entry = os.lstat(path)
        return entry.st_uid != 0 or entry.st_mode & 0o004

    @contextlib.contextmanager
    def racing(self, script, user=MALLORY):
        """A Python script of that user's, running over and over in the tree while the block runs."""
        body = "import os\n" + script
        process = subprocess.Popen(self._entering(user) + ["python3", "-c", body],
                                   env=self._inner_environment(user, None), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(0.3)
        try:
            yield process
        finally:
            alive = process.poll() is None
            process.kill()
            _, errors = process.communicate()
            if not alive:
                raise AssertionError("the attacker gave up: " + errors)


class HostileTest(unittest.TestCase):
    """Each test has its own tree, `self.tree`, of `self.kind`."""

    kind = "fresh"

    def setUp(self):
        self.tree = HostileLab(self.kind).__enter__()
        self.addCleanup(self.tree.__exit__)

    def recipe(self, resources, name="recipe.yaml", head=""):
        return self.tree.recipe("recipe: r\nversion: 1\n{}resources:\n{}".format(head, resources), name)

    def apply(self, recipe, *more, **options):
        """Root works for the student."""
        return self.tree.mlenvctl("apply", recipe, "--user", "student", "--yes", *more, **options)

    def assert_unharmed(self, outcome=None):
        self.assertEqual(self.tree.read(SHADOW), self.tree.shadow, outcome)
        self.assertEqual(self.tree.owner(SHADOW), 0, outcome)
        self.assertEqual(self.tree.leaks(), [], outcome)
        if outcome is not None:
            self.assertNotIn(CANARY, outcome.text)


def main():
    lab.main()


if __name__ == "__main__":
    sys.exit("this is a module")
