"""Runs the mlenvctl under test with a state folder of its own."""

import os
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MLENVCTL = os.environ.get("MLENVCTL") or os.path.join(ROOT, "build", "mlenvctl")
RECORDED = os.path.join(ROOT, "examples", "hosts", "ubuntu2004-rtx3070.json")
RECIPES = os.path.join(ROOT, "recipes")


def recipes():
    """Every checked-in recipe that can be applied by itself."""
    return [os.path.join(RECIPES, name) for name in sorted(os.listdir(RECIPES)) if name.endswith(".yaml")]


class ProgramTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="mlenvctl-cli-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(text if isinstance(text, bytes) else text.encode())
        return path

    def run_program(self, *words, code=0, env=None, cwd=None):
        """Returns what ended with that exit code: `stdout`, `stderr`."""
        environment = {**os.environ, "XDG_STATE_HOME": os.path.join(self.folder, "state"), **(env or {})}
        done = subprocess.run([MLENVCTL, *words], env=environment, cwd=cwd or self.folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", errors="replace",
                              timeout=120)
        self.assertEqual(done.returncode, code, "{}\n{}\n{}".format(words, done.stdout, done.stderr))
        return done
