"""A recorded host is planned for as the host itself, and its record holds nothing that is nobody's business."""

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
    mode: 0750
  - directory: /srv/scratch
    state: absent
  - file: ~/ml/settings
    content: one
    mode: 0644
  - cuda_repo: debian12
    mirror: {mirror}
    key:
      url: {mirror}/debian12/x86_64/3bf863cc.pub
      fingerprint: {fingerprint}
  - apt_package: jq
  - apt_package: hello
    state: latest
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
SITE = "/home/student/ml/lab/lib/python3.11/site-packages"
KERNEL = "~/.local/share/jupyter/kernels/lab/kernel.json"
USER = ("--user", "student")
# What plans are made of that a record can have; the forecast by apt and pip, with the versions that come, it cannot.
PARTS = ("address", "kind", "action", "reason", "before", "needs", "origin", "diff", "state")


def edit_kernel(tree):
    kernel = json.loads(tree.read(KERNEL))
    kernel["argv"][0] = "/usr/bin/python3"
    tree.write(KERNEL, json.dumps(kernel))


def fill_scratch(tree):
    tree.write("/srv/scratch/thesis-draft.tex", "mine")


# What may happen to a host, one after the other, none of it repaired.
HAPPENINGS = [
    ("a folder that is to go is not empty", fill_scratch),
    ("a variable is set by hand as well", lambda t: t.write("~/.bashrc", t.read("~/.bashrc") + "\n\nexport ML_PATH=/x\n")),
    ("a hold is lifted", lambda t: t.run(["apt-mark", "unhold", "libcudnn8"])),
    ("a wheel's file is changed", lambda t: t.write(SITE + "/numpy/__init__.py", "broken\n")),
    ("a wheel's file is removed", lambda t: t.run(["rm", SITE + "/numpy/__init__.py"])),
    ("a kernel points elsewhere", edit_kernel),
    ("the pin is changed", lambda t: t.write("/etc/apt/preferences.d/cuda-repository-pin-600", "Package: *\n")),
    ("the source is declared twice", lambda t: t.run(
        ["sh", "-c", "sed 's/^# made.*//' /etc/apt/sources.list.d/cuda-debian12-x86_64.sources >/etc/apt/sources.list.d/x.sources"])),
    ("the keyring is emptied", lambda t: t.write("/etc/apt/keyrings/cuda-debian12-x86_64.gpg", "")),
    ("a mode is changed", lambda t: t.run(["chmod", "0777", "/home/student/ml"])),
    ("a file is changed", lambda t: t.write("~/ml/settings", "two\n")),
    ("a package is removed", lambda t: t.run(["apt-get", "-y", "remove", "jq"])),
    ("an update of dpkg was cut short", lambda t: t.write("/var/lib/dpkg/updates/0001", "")),
    ("the venv's interpreter is gone", lambda t: t.run(
        ["ln", "-sfn", "/usr/bin/python3.8", "/home/student/ml/lab/bin/python3"], user="student")),
    ("the venv is no venv", lambda t: t.run(["rm", "/home/student/ml/lab/pyvenv.cfg"])),
    ("the venv is gone", lambda t: t.run(["rm", "-r", "/home/student/ml/lab"])),
]
SECRETS = ("hunter2", "s3cr3t", "hf_abcdefghijklmnopqrstuv", "thesis-draft", "Jane Doe", "passphrase of mine")


class SnapshotTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.mirror = nvidia_mirror.NvidiaMirror()
        cls.index = wheel_index.WheelIndex()

    @classmethod
    def tearDownClass(cls):
        cls.mirror.close()
        cls.index.close()

    def recipe(self, tree):
        tree.environment["PIP_INDEX_URL"] = self.index.index_url
        return tree.recipe(RECIPE.format(mirror=self.mirror.url, fingerprint=self.mirror.fingerprint))

    def record(self, tree, *recipes, name="host.json"):
        path = os.path.join(tree.folder, "recipes", name)
        outcome = tree.mlenvctl("snapshot", *recipes, *USER, "--root", tree.root, "-o", path)
        self.assertEqual(outcome.returncode, 0, outcome)
        return path

    def document(self, tree, command, *words):
        outcome = tree.mlenvctl(command, *words, "--json")
        self.assertIn(outcome.returncode, (0, 2, 4), outcome)
        return json.loads(outcome.stdout)

    def recorded_document(self, tree, command, recipe, record):
        outcome = lab._run([lab.binary(), command, recipe, "--host", record, "--json"], tree._outer_environment(None), None, 60)
        self.assertIn(outcome.returncode, (0, 2, 4), outcome)
        return json.loads(outcome.stdout)

    def assert_same_plan(self, tree, recipe):
        record = self.record(tree, recipe)
        live = self.document(tree, "verify", recipe, *USER)
        recorded = self.recorded_document(tree, "verify", recipe, record)
        for key in ("changes", "steps", "summary", "findings", "host", "recipe"):
            self.assertEqual(recorded[key], live[key], key)
        return record, live

    def test_a_record_is_planned_for_as_the_host_itself(self):
        with lab.Lab("ready") as tree:
            recipe = self.recipe(tree)
            with self.subTest("nothing is done yet"):
                self.assert_same_plan(tree, recipe)
            applied = tree.mlenvctl("apply", recipe, *USER, "--yes")
            self.assertEqual(applied.returncode, 0, applied)
            with self.subTest("all is as declared"):
                record, live = self.assert_same_plan(tree, recipe)
                self.assertEqual(live["summary"]["none"], len(live["changes"]))
                plan = self.recorded_document(tree, "plan", recipe, record)
                self.assertEqual(plan["summary"], self.document(tree, "plan", recipe, *USER)["summary"])
            for name, happen in HAPPENINGS:
                with self.subTest(name):
                    happen(tree)
                    _, live = self.assert_same_plan(tree, recipe)
                    self.assertLess(live["summary"]["none"], len(live["changes"]))
            with self.subTest("a plan that looks ahead"):
                record = self.record(tree, recipe)
                ahead = self.document(tree, "plan", recipe, *USER)["changes"]
                recorded = self.recorded_document(tree, "plan", recipe, record)["changes"]
                keep = [{key: change.get(key) for key in PARTS} for change in ahead]
                self.assertEqual([{key: change.get(key) for key in PARTS} for change in recorded], keep)

    def test_a_record_without_a_recipe_tells_of_packages_and_venvs_and_guesses_nothing(self):
        with lab.Lab("ready") as tree:
            recipe = self.recipe(tree)
            self.assertEqual(tree.mlenvctl("apply", recipe, *USER, "--yes").returncode, 0)
            record = self.record(tree)
            live = {each["address"]: each["action"] for each in self.document(tree, "verify", recipe, *USER)["changes"]}
            told = {each["address"]: each for each in self.recorded_document(tree, "verify", recipe, record)["changes"]}
            for address, action in live.items():
                untold = address in ("file./home/student/ml/settings", "directory./srv/scratch", "apt_package.hello")
                self.assertEqual(told[address]["action"], "unknown" if untold else action, told[address])
            self.assertIn("does not tell of `/srv/scratch`", told["directory./srv/scratch"]["reason"])
            self.assertIn("does not tell of `/home/student/ml/settings`", told["file./home/student/ml/settings"]["reason"])

    def test_a_record_holds_no_secrets_and_is_the_same_each_time(self):
        with lab.Lab("ready") as tree:
            recipe = self.recipe(tree)
            self.assertEqual(tree.mlenvctl("apply", recipe, *USER, "--yes").returncode, 0)
            tree.run(["usermod", "-c", "Jane Doe", "student"])
            tree.write("~/.bashrc", tree.read("~/.bashrc") + "export HF_TOKEN=hunter2\nexport EDITOR=s3cr3t\nalias x='s3cr3t'\n"
                       "export CUDA_VISIBLE_DEVICES=1\nexport PYTHON_EXTRA=hf_abcdefghijklmnopqrstuv\n")
            tree.write("/etc/apt/sources.list.d/private.list", "deb https://lab:hunter2@apt.example.org/ stable main\n")
            kernel = json.loads(tree.read(KERNEL))
            kernel["env"] = {"API_KEY": "s3cr3t", "OMP_NUM_THREADS": "4"}
            tree.write(KERNEL, json.dumps(kernel))
            fill_scratch(tree)
            tree.write("~/.ssh/id_ed25519", "passphrase of mine", mode=0o600)
            tree.write("~/ml/netrc", "machine x password hunter2\n", mode=0o600)
            tree.write("~/ml/pip.conf", "[global]\nindex-url = https://u:hunter2@pypi.example.org/simple\n")
            secret = tree.recipe("recipe: s\nversion: 1\nresources:\n  - file: ~/ml/netrc\n    content: x\n    mode: 0600\n"
                                 "  - file: ~/ml/pip.conf\n    content: x\n  - env_var: HF_TOKEN\n    value: y\n", "s.yaml")
            record = self.record(tree, recipe, secret)
            with open(record, encoding="utf-8") as source:
                text = source.read()
            for word in SECRETS:
                self.assertNotIn(word, text)
            self.assertIn("CUDA_VISIBLE_DEVICES=1", text)
            self.assertIn("OMP_NUM_THREADS", text)
            with open(self.record(tree, recipe, secret, name="again.json"), encoding="utf-8") as source:
                self.assertEqual(source.read(), text)
            self.assertLess(len(text), 400_000)
            told = {each["address"]: each for each in self.recorded_document(tree, "verify", secret, record)["changes"]}
            self.assertEqual(told["file./home/student/ml/netrc"]["action"], "unknown")
            self.assertIn("not everybody may read it", told["file./home/student/ml/netrc"]["reason"])
            self.assertEqual(told["file./home/student/ml/pip.conf"]["action"], "unknown")

    def test_a_host_equals_its_record_and_differs_after_a_change(self):
        with lab.Lab("ready") as tree:
            recipe = self.recipe(tree)
            self.assertEqual(tree.mlenvctl("apply", recipe, *USER, "--yes").returncode, 0)
            record = self.record(tree, recipe)
            compare = ("compare", record, "live", *USER, "--root", tree.root)
            same = tree.mlenvctl(*compare)
            self.assertEqual(same.returncode, 0, same)
            self.assertIn("No differences", same.stdout)
            tree.run(["/home/student/ml/lab/bin/pip", "install", "-q", "numpy==1.18.5"], user="student")
            tree.write("~/.bashrc", tree.read("~/.bashrc") + "export LD_LIBRARY_PATH=/usr/local/cuda-11.0/lib64\n")
            tree.run(["apt-get", "-y", "remove", "jq"])
            other = tree.mlenvctl(*compare, "--json")
            self.assertEqual(other.returncode, 2, other)
            found = {(each["section"], each["name"]): (each["left"], each["right"])
                     for each in json.loads(other.stdout)["different"]}
            self.assertEqual(found[("venv ~/ml/lab", "numpy")], ("1.19.4", "1.18.5"))
            self.assertEqual(found[("variables", "LD_LIBRARY_PATH in ~/.bashrc")], (None, "/usr/local/cuda-11.0/lib64"))
            self.assertEqual(found[("apt packages", "jq")][1], None)


if __name__ == "__main__":
    lab.main()
