"""Drift of every kind is found, named with old and new, and repaired."""

import json
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
  - directory: ~/ml
    mode: 0750
  - file: ~/ml/settings
    content: one
    mode: 0640
  - cuda_repo: debian12
    mirror: {mirror}
    key:
      url: {mirror}/debian12/x86_64/3bf863cc.pub
      fingerprint: {fingerprint}
  - apt_package: jq
  - apt_package: libcudnn8
    version: 8.0.5.39-1+cuda11.0
    hold: true
  - venv: lab
    path: ~/ml/lab
  - pip_package: [numpy==1.19.4, jupyter]
    venv: lab
  - jupyter_kernel: lab
    venv: lab
"""
KEYRING = "/etc/apt/keyrings/cuda-debian12-x86_64.gpg"
SITE = "/home/student/ml/lab/lib/python3.11/site-packages"
# A resource that the plan's text tells of: mark, address, reason.
MARK = re.compile(r"^  (?:[-+~?!]|-/\+) (\S+)  \(", re.M)
KERNEL = "~/.local/share/jupyter/kernels/lab/kernel.json"


def edit_kernel(tree):
    kernel = json.loads(tree.read(KERNEL))
    kernel["argv"][0] = "/usr/bin/python3"
    kernel["metadata"]["mine"] = True
    tree.write(KERNEL, json.dumps(kernel))


def install_other_numpy(tree):
    tree.run(["/home/student/ml/lab/bin/pip", "install", "-q", "numpy==1.18.5"], user="student")


def remove_wheel(tree):
    tree.run(["/home/student/ml/lab/bin/pip", "uninstall", "-q", "-y", "numpy"], user="student")


def dangle_interpreter(tree):
    tree.run(["ln", "-sfn", "/usr/bin/python3.8", "/home/student/ml/lab/bin/python3"], user="student")
    tree.run(["ln", "-sfn", "/usr/bin/python3.8", "/home/student/ml/lab/bin/python"], user="student")


# What happens to the host behind mlenvctl's back: name, action, the resource, words of the plan.
DRIFTS = [
    ("a package is removed", lambda t: t.run(["apt-get", "-y", "remove", "jq"]), "apt_package.jq", "create",
     ["it is not installed"]),
    ("a hold is lifted", lambda t: t.run(["apt-mark", "unhold", "libcudnn8"]), "apt_package.libcudnn8", "update",
     ["hold", "false -> true"]),
    ("a package is upgraded", lambda t: t.run(["apt-get", "-y", "--allow-change-held-packages", "install", "libcudnn8"]),
     "apt_package.libcudnn8", "update", ["8.1.0.77-1+cuda11.2 -> 8.0.5.39-1+cuda11.0"]),
    ("a wheel has another version", install_other_numpy, "pip_package.lab/numpy", "update", ["1.18.5 -> 1.19.4"]),
    ("a wheel is removed", remove_wheel, "pip_package.lab/numpy", "create", []),
    ("a wheel's file is changed", lambda t: t.write(SITE + "/numpy/__init__.py", "broken\n"), "pip_package.lab/numpy",
     "update", ["numpy/__init__.py"]),
    ("a kernel is removed", lambda t: t.run(["rm", "-r", "/home/student/.local/share/jupyter/kernels/lab"]),
     "jupyter_kernel.lab", "create", []),
    ("a kernel points elsewhere", edit_kernel, "jupyter_kernel.lab", "update",
     ['["/usr/bin/python3",', '-> ["/home/student/ml/lab/bin/python",']),
    ("a line of the block is deleted", lambda t: t.run(["sed", "-i", "/ML_PATH=/d", "/home/student/.bashrc"]),
     "env_var.ML_PATH", "update", ["/home/student/.bashrc  (none) -> export ML_PATH='/home/student/ml'"]),
    ("the pin is changed", lambda t: t.write("/etc/apt/preferences.d/cuda-repository-pin-600", "Package: *\n"),
     "cuda_repo.debian12", "update", ["pin"]),
    ("the keyring is emptied", lambda t: t.write(KEYRING, ""), "cuda_repo.debian12", "update", ["key  (none) -> "]),
    ("the source is deleted", lambda t: t.run(["rm", "/etc/apt/sources.list.d/cuda-debian12-x86_64.sources"]),
     "cuda_repo.debian12", "create", ["it is not declared to apt"]),
    ("a mode is changed", lambda t: t.run(["chmod", "0777", "/home/student/ml"]), "directory./home/student/ml", "update",
     ["0777 -> 0750"]),
    ("a file is changed", lambda t: t.write("~/ml/settings", "two", mode=0o640), "file./home/student/ml/settings", "update",
     ["content"]),
    ("a file's mode is changed", lambda t: t.run(["chmod", "0600", "/home/student/ml/settings"]),
     "file./home/student/ml/settings", "update", ["0600 -> 0640"]),
]


class DriftTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mirror = nvidia_mirror.NvidiaMirror()
        cls.index = wheel_index.WheelIndex()

    @classmethod
    def tearDownClass(cls):
        cls.mirror.close()
        cls.index.close()

    def test_every_drift_is_found_and_repaired(self):
        with lab.Lab("ready") as tree:
            tree.environment["PIP_INDEX_URL"] = self.index.index_url
            recipe = tree.recipe(RECIPE.format(mirror=self.mirror.url, fingerprint=self.mirror.fingerprint))
            applied = tree.mlenvctl("apply", recipe, "--user", "student", "--yes")
            self.assertEqual(applied.returncode, 0, applied)
            wrong = self.mirror.wrong_key
            replaced = ("the keyring holds another's key", lambda t: t.write(KEYRING, wrong.binary), "cuda_repo.debian12",
                        "update", ["key  {} -> {}".format(wrong.fingerprint, self.mirror.fingerprint)])
            for name, happen, address, action, words in DRIFTS + [replaced]:
                with self.subTest(name):
                    happen(tree)
                    self.assert_found(tree, recipe, address, action, words)
                    self.assert_repaired(tree, recipe)
            self.assertTrue(json.loads(tree.read(KERNEL))["metadata"]["mine"], "the user's own keys survive")

    def test_a_venv_whose_python_is_gone_is_made_anew_with_its_packages(self):
        with lab.Lab("ready") as tree:
            tree.environment["PIP_INDEX_URL"] = self.index.index_url
            recipe = tree.recipe(RECIPE.format(mirror=self.mirror.url, fingerprint=self.mirror.fingerprint))
            self.assertEqual(tree.mlenvctl("apply", recipe, "--user", "student", "--yes").returncode, 0)
            dangle_interpreter(tree)
            plan = self.plan(tree, recipe)
            self.assertEqual(plan["venv.lab"]["action"], "replace")
            self.assertEqual(plan["pip_package.lab/numpy"]["action"], "create")
            self.assert_repaired(tree, recipe)
            tree.run(["/home/student/ml/lab/bin/python", "-c", "import numpy"], user="student")

    def plan(self, tree, recipe):
        outcome = tree.mlenvctl("plan", recipe, "--user", "student", "--json", "--detailed-exitcode")
        self.assertEqual(outcome.returncode, 2, outcome)
        return {change["address"]: change for change in json.loads(outcome.stdout)["changes"] if change["action"] != "none"}

    def assert_found(self, tree, recipe, address, action, words):
        changes = self.plan(tree, recipe)
        self.assertEqual({name: change["action"] for name, change in changes.items()}, {address: action})
        shown = tree.mlenvctl("plan", recipe, "--user", "student").stdout
        self.assertEqual(MARK.findall(shown), [address])
        for word in words:
            self.assertIn(word, shown)
        verified = tree.mlenvctl("verify", recipe, "--user", "student")
        self.assertEqual(verified.returncode, 2, verified)

    def assert_repaired(self, tree, recipe):
        outcome = tree.mlenvctl("apply", recipe, "--user", "student", "--yes")
        self.assertEqual(outcome.returncode, 0, outcome)
        again = tree.mlenvctl("plan", recipe, "--user", "student", "--detailed-exitcode")
        self.assertEqual(again.returncode, 0, again)


if __name__ == "__main__":
    lab.main()
