"""What `export` writes, run step by step in a fresh tree: afterwards `verify` finds the recipe met."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import dockerfile  # noqa: E402
import lab  # noqa: E402
import nvidia_mirror  # noqa: E402
import wheel_index  # noqa: E402

RECIPE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "recipes", "rtx3070-torch.yaml")


class ExportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mirror = nvidia_mirror.NvidiaMirror()
        cls.index = wheel_index.WheelIndex()

    @classmethod
    def tearDownClass(cls):
        cls.mirror.close()
        cls.index.close()

    def variables(self, **other):
        values = {"cuda_mirror": self.mirror.url, "cuda_key": self.mirror.fingerprint, "python_range": ">=3.6",
                  "torch_links": self.index.links_url, **other}
        return [word for name, value in values.items() for word in ("--var", name + "=" + value)]

    def assert_met(self, tree, user):
        verified = tree.mlenvctl("verify", RECIPE, *self.variables(), "--user", user)
        self.assertEqual(verified.returncode, 0, verified)

    def build(self, tree, text):
        def run(argv, user, environment, folder):
            tree.run(argv, user=None if user == "root" else user, env=environment)
        return dockerfile.build(text, run)

    def test_the_steps_of_the_dockerfile_satisfy_verify(self):
        with lab.Lab(ubuntu=True, gpu=True) as tree:
            tree.environment["PIP_INDEX_URL"] = self.index.index_url
            tree.write("/.dockerenv", "")  # as every container of Docker's has it
            exported = tree.mlenvctl("export", RECIPE, *self.variables())
            self.assertEqual(exported.returncode, 0, exported)
            image = self.build(tree, exported.stdout)
            self.assertEqual(image["user"], "ml")
            self.assert_met(tree, "ml")
            packages = tree.run(["dpkg-query", "-W", "-f", "${Package} ${Version} ${db:Status-Want}\n"]).stdout
            self.assertIn("libcudnn8 8.0.5.39-1+cuda11.0 hold", packages)
            self.assertNotIn("cuda-drivers", packages)
            self.assertNotIn("nvidia-driver", packages)
            self.assertEqual(tree.run(["find", "/home/ml", "-not", "-user", "ml"]).stdout, "")
            self.assertEqual(tree.run(["find", "/var/lib/apt/lists", "-name", "*Packages*"]).stdout, "")
            shell = tree.run(["bash", "-lic", "echo $ML_PATH"], user="ml")
            self.assertEqual(shell.stdout.strip(), image["environment"]["ML_PATH"])

    def test_another_key_than_the_trusted_one_stops_the_build(self):
        with lab.Lab(ubuntu=True, gpu=True) as tree:
            exported = tree.mlenvctl("export", RECIPE, *self.variables(cuda_key="0123456789" * 4))
            self.assertEqual(exported.returncode, 0, exported)
            with self.assertRaises(AssertionError) as stopped:
                self.build(tree, exported.stdout)
            self.assertIn("\nthe key of cuda-ubuntu2004-x86_64 is not 0123456789", str(stopped.exception))
            self.assertFalse(tree.exists("/etc/apt/keyrings/cuda-ubuntu2004-x86_64.gpg"))

    def test_the_shell_script_satisfies_verify_and_can_be_run_again(self):
        with lab.Lab(ubuntu=True, gpu=True) as tree:
            if not tree.exists("/usr/bin/sudo"):
                tree.run(["apt-get", "update"])
                tree.run(["apt-get", "-y", "install", "sudo"])
                tree.write("/etc/sudoers.d/student", "student ALL=(ALL) NOPASSWD: ALL\n", mode=0o440)
            tree.environment["PIP_INDEX_URL"] = self.index.index_url
            exported = tree.mlenvctl("export", RECIPE, *self.variables(), "--format", "shell", "--user", "student")
            self.assertEqual(exported.returncode, 0, exported)
            tree.write("~/setup.sh", exported.stdout)
            for _ in range(2):
                tree.run(["sh", "/home/student/setup.sh"], user="student")
                self.assert_met(tree, "student")
            tree.run(["sh", "/home/student/setup.sh", "--check"], user="student")


if __name__ == "__main__":
    lab.main()
