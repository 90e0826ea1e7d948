"""`state: absent` takes away what `present` made, and nothing else."""

import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import lab  # noqa: E402
import nvidia_mirror  # noqa: E402
import wheel_index  # noqa: E402

RECIPE = """recipe: r
version: 1
resources:
  - env_var: ML_PATH
    value: ~/ml
  - env_var: SYSTEM_WIDE
    value: here
    scope: system
  - directory: ~/ml
  - file: ~/ml/settings
    content: one
  - cuda_repo: debian12
    mirror: {mirror}
    key:
      url: {mirror}/debian12/x86_64/3bf863cc.pub
      fingerprint: {fingerprint}
  - apt_repo: other
    uris: {mirror}/ubuntu2004/x86_64/
    suites: /
    key:
      url: {mirror}/ubuntu2004/x86_64/3bf863cc.pub
      fingerprint: {fingerprint}
    pin:
      - package: "*"
        pin: release l=NVIDIA CUDA
        priority: 100
  - apt_package: jq
  - venv: lab
    path: ~/ml/lab
  - pip_package: numpy
    venv: lab
  - jupyter_kernel: lab
    venv: lab
  - check: all is well
    run: ["true"]
"""
# Folders above what was made stay (mlenvctl's own state, too, is below one), and so does what dpkg, apt and pip keep for
# themselves (Python compiles what is used), and the packages that came with one (apt's `autoremove` is the person's own).
KEPT = re.compile(r"^/(var/(lib/(apt|dpkg|systemd)|cache|log)(/.*)?|etc/(ld\.so\.cache|apt/keyrings|environment\.d)"
                  r"|home/student/(\.config(/environment\.d)?|\.local(/state|/share(/jupyter(/kernels)?)?)?|\.cache(/pip(/.*)?)?)"
                  r"|home/student/ml/lab/lib/.*/__pycache__(/.*)?|usr/share/doc/lib(jq|onig).*|usr/lib/[^/]*/lib(jq|onig)\..*)$")
# What each kind may take away or edit, in an order in which none needs another any more.
GOES = [
    ("jupyter_kernel", r"/home/student/\.local/share/jupyter/kernels/lab(/kernel\.json)?"),
    ("pip_package", r"/home/student/ml/lab/lib/python3[^/]*/site-packages/numpy(-1[^/]*)?(/.*)?"),
    ("venv", r"/home/student/ml/lab(/.*)?"),
    ("apt_package", r"/usr/(bin/jq|share/(doc|man/man1)/jq.*)"),
    ("cuda_repo", r"/etc/apt/(keyrings/cuda-debian12-x86_64\.gpg|sources\.list\.d/cuda-debian12-x86_64\.sources"
                  r"|preferences\.d/cuda-repository-pin-600)"),
    ("apt_repo", r"/etc/apt/(keyrings/other\.gpg|sources\.list\.d/other\.sources|preferences\.d/other)"),
    ("file", "/home/student/ml/settings"),
    ("directory", "/home/student/ml"),
    ("env_var", r"/(home/student/(\.bashrc|\.profile|\.config/environment\.d/60-mlenvctl\.conf)"
                r"|etc/(profile\.d/mlenvctl\.sh|bash\.bashrc|zsh/zshenv|fish/conf\.d/mlenvctl\.fish"
                r"|environment\.d/60-mlenvctl\.conf))"),
]


def with_state(text, state, only=None):
    """The recipe with every resource (or those of one kind) in that state."""
    kinds = only or r"\w+"
    return re.sub(r"^  - ({}): (.*)$".format(kinds), r"  - \1: \2\n    state: " + state, text, flags=re.M)


class AbsentTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mirror = nvidia_mirror.NvidiaMirror()
        cls.index = wheel_index.WheelIndex()

    @classmethod
    def tearDownClass(cls):
        cls.mirror.close()
        cls.index.close()

    def setUp(self):
        self.text = RECIPE.format(mirror=self.mirror.url, fingerprint=self.mirror.fingerprint)

    def apply(self, tree, text):
        recipe = tree.recipe(text)
        outcome = tree.mlenvctl("apply", recipe, "--user", "student", "--yes")
        self.assertEqual(outcome.returncode, 0, outcome)
        again = tree.mlenvctl("plan", recipe, "--user", "student", "--detailed-exitcode")
        self.assertEqual(again.returncode, 0, again)
        return outcome

    def moved(self, before, after):
        return {path for path in set(before) | set(after)
                if before.get(path) != after.get(path) and not KEPT.match(path)}

    def test_everything_declared_absent_goes_and_the_rest_stays(self):
        with lab.Lab("ready") as tree:
            tree.environment["PIP_INDEX_URL"] = self.index.index_url
            before = tree.snapshot()
            self.apply(tree, self.text)
            self.apply(tree, with_state(self.text, "absent"))
            self.assertEqual(self.moved(before, tree.snapshot()), set())
            tree.run(["apt-get", "update"])

    def test_each_kind_takes_away_its_own_and_nothing_else(self):
        with lab.Lab("ready") as tree:
            tree.environment["PIP_INDEX_URL"] = self.index.index_url
            first = tree.snapshot()
            self.apply(tree, self.text)
            before, text = tree.snapshot(), self.text
            for kind, pattern in GOES:
                text = with_state(text, "absent", kind)
                self.apply(tree, text)
                after = tree.snapshot()
                moved = self.moved(before, after)
                self.assertTrue(moved, kind)
                self.assertEqual({path for path in moved if not re.fullmatch(pattern, path)}, set(), kind)
                before = after
            self.assertEqual(self.moved(first, before), set())

    def test_what_was_never_there_is_absent_already(self):
        with lab.Lab("ready") as tree:
            recipe = tree.recipe(with_state(self.text, "absent"))
            outcome = tree.mlenvctl("plan", recipe, "--user", "student", "--detailed-exitcode")
            self.assertEqual(outcome.returncode, 0, outcome)

    def test_a_package_alone_leaves_its_venv(self):
        with lab.Lab("ready") as tree:
            tree.environment["PIP_INDEX_URL"] = self.index.index_url
            text = self.text.replace("  - jupyter_kernel: lab\n    venv: lab\n", "")
            self.apply(tree, text)
            self.apply(tree, with_state(text, "absent", "pip_package"))
            gone = tree.run(["/home/student/ml/lab/bin/python", "-c", "import numpy"], user="student", check=False)
            self.assertNotEqual(gone.returncode, 0)

    def test_a_folder_that_holds_something_of_somebody_elses_stays(self):
        with lab.Lab() as tree:
            text = "recipe: r\nversion: 1\nresources:\n  - directory: ~/ml\n"
            self.apply(tree, text)
            tree.write("~/ml/thesis.txt", "years of work")
            outcome = tree.mlenvctl("apply", tree.recipe(with_state(text, "absent")), "--user", "student", "--yes")
            self.assertEqual(outcome.returncode, 3, outcome)
            self.assertTrue(tree.exists("~/ml/thesis.txt"))


if __name__ == "__main__":
    lab.main()
