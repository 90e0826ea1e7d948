"""The guide's recipe from nothing to a finished machine, against a local mirror and index."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import lab  # noqa: E402
import nvidia_mirror  # noqa: E402
import wheel_index  # noqa: E402

RECIPES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "recipes")


class GuideTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mirror = nvidia_mirror.NvidiaMirror()
        cls.index = wheel_index.WheelIndex()

    @classmethod
    def tearDownClass(cls):
        cls.mirror.close()
        cls.index.close()

    def guide(self, tree, command, framework, *more):
        variables = {"cuda_mirror": self.mirror.url, "cuda_key": self.mirror.fingerprint, "python_range": ">=3.6"}
        if framework == "torch":
            variables["torch_links"] = self.index.links_url
        words = [word for name, value in variables.items() for word in ("--var", name + "=" + value)]
        tree.environment["PIP_INDEX_URL"] = self.index.index_url
        recipe = os.path.join(RECIPES, "rtx3070-{}.yaml".format(framework))
        return tree.mlenvctl(command, recipe, *words, "--user", "student", *more)

    def test_the_guide_applies_from_nothing_and_then_there_is_nothing_to_do(self):
        for framework in ("torch", "tensorflow"):
            with self.subTest(framework), lab.Lab(ubuntu=True, gpu=True) as tree:
                before = self.guide(tree, "plan", framework, "--detailed-exitcode")
                self.assertEqual(before.returncode, 2, before)
                applied = self.guide(tree, "apply", framework, "--yes")
                self.assertEqual(applied.returncode, 0, applied)
                after = self.guide(tree, "plan", framework, "--detailed-exitcode")
                self.assertEqual((after.returncode, after.stdout.splitlines()[-1]),
                                 (0, "No changes. The host is as declared."), after)
                self.assert_finished(tree, framework)
                self.assert_idle(tree, framework)
                verified = self.guide(tree, "verify", framework)
                self.assertEqual(verified.returncode, 0, verified)

    def test_the_guide_without_a_venv_is_refused_where_the_distribution_manages_python(self):
        with lab.Lab("ready") as tree:
            tree.environment["PIP_INDEX_URL"] = self.index.index_url
            recipe = os.path.join(RECIPES, "guide-without-venv.yaml")
            refused = tree.mlenvctl("apply", recipe, "--user", "student", "--yes")
            self.assertEqual(refused.returncode, 3, refused)
            self.assertIn("EXTERNALLY-MANAGED", refused.stdout)
            self.assertFalse(tree.exists("~/.local/lib"))
            tree.run(["rm", "/usr/lib/python3.11/EXTERNALLY-MANAGED"])
            applied = tree.mlenvctl("apply", recipe, "--user", "student", "--yes")
            self.assertEqual(applied.returncode, 0, applied)
            tree.run(["python3", "-c", "import numpy, sklearn"], user="student")
            path = tree.run(["bash", "-lic", "echo $PATH"], user="student").stdout.strip().split(":")
            self.assertIn("/home/student/.local/bin", path)
            self.assertIn("/usr/bin", path)
            again = tree.mlenvctl("plan", recipe, "--user", "student", "--detailed-exitcode")
            self.assertEqual(again.returncode, 0, again)

    def assert_finished(self, tree, framework):
        packages = tree.run(["dpkg-query", "-W", "-f", "${Package} ${Version} ${db:Status-Want}\n"]).stdout.splitlines()
        for package in ("cuda-toolkit-11-0 11.0.3-1 install", "libcudnn8 8.0.5.39-1+cuda11.0 hold",
                        "libcudnn8-dev 8.0.5.39-1+cuda11.0 hold", "cuda-drivers 460.32.03-1 install"):
            self.assertIn(package, packages)
        self.assertFalse([line for line in packages if line.startswith(("cuda ", "cuda-11-2 "))])
        self.assertEqual(tree.owner("~/ml/" + framework), lab.STUDENT_ID)
        shell = tree.run(["bash", "-lic", "echo $ML_PATH"], user="student")
        self.assertEqual(shell.stdout.strip(), "/home/student/ml")
        kernel = json.loads(tree.read("~/.local/share/jupyter/kernels/{}/kernel.json".format(framework)))
        self.assertEqual(kernel["argv"][0], "/home/student/ml/{}/bin/python".format(framework))
        policy = tree.run(["apt-cache", "policy", "libcudnn8"]).stdout
        self.assertIn(" 600 ", policy)

    def assert_idle(self, tree, framework):
        """A second apply starts no program and opens no socket."""
        variables = ["--var", "cuda_mirror=" + self.mirror.url, "--var", "cuda_key=" + self.mirror.fingerprint, "--var",
                     "python_range=>=3.6"]
        if framework == "torch":
            variables += ["--var", "torch_links=" + self.index.links_url]
        recipe = os.path.join(RECIPES, "rtx3070-{}.yaml".format(framework))
        trace = tree.mlenvctl_traced("apply", recipe, "--yes", "--user", "student", *variables)
        self.assertEqual(trace.outcome.returncode, 0, trace.outcome)
        self.assertEqual((trace.executed, trace.connected), ([], []))


if __name__ == "__main__":
    lab.main()
