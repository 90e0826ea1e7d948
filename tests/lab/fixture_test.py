"""The lab itself: real apt, dpkg, gpg, venv and pip work in a tree, against the local mirror and index."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import lab  # noqa: E402
import nvidia_mirror  # noqa: E402
import wheel_index  # noqa: E402


class FixtureTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mirror = nvidia_mirror.NvidiaMirror()
        cls.index = wheel_index.WheelIndex()

    @classmethod
    def tearDownClass(cls):
        cls.mirror.close()
        cls.index.close()

    def setUp(self):
        self.mirror.heal()

    def add_mirror(self, tree, location):
        tree.write("/etc/apt/keyrings/cuda.asc", self.mirror.key.armored)
        tree.write("/etc/apt/preferences.d/cuda-repository-pin-600", nvidia_mirror.PIN)
        tree.write("/etc/apt/sources.list.d/cuda.list",
                   "deb [signed-by=/etc/apt/keyrings/cuda.asc] {}/ubuntu2004/x86_64/ /\n".format(location))

    def test_a_tree_is_fresh_and_forgets(self):
        with lab.Lab() as tree:
            before = tree.snapshot()
            self.assertIn("/home/student/.bashrc", before)
            tree.write("~/note", "here")
            self.assertEqual(set(tree.snapshot()) - set(before), {"/home/student/note"})
            self.assertEqual(tree.run(["id", "-un"], user="student").stdout, "student\n")
            folder = tree.folder
        self.assertFalse(os.path.exists(folder))
        with lab.Lab() as tree:
            self.assertFalse(tree.exists("~/note"))

    def test_apt_installs_debians_own_packages_without_a_network(self):
        with lab.Lab() as tree:
            tree.run(["apt-get", "-qq", "update"])
            tree.run(["apt-get", "-y", "install", "python3-venv", "jq"])
            tree.run(["python3", "-m", "venv", "/tmp/venv"])

    def test_apt_installs_from_the_mirror_by_http_and_by_file(self):
        for location in (self.mirror.url, self.mirror.file_url):
            with self.subTest(location), lab.Lab() as tree:
                self.add_mirror(tree, location)
                if location.startswith("file:"):
                    folder = tree.root + self.mirror.folder
                    os.makedirs(folder)
                    lab.namespace.mount(self.mirror.folder, folder, "--bind")
                tree.run(["apt-get", "-qq", "update"])
                policy = tree.run(["apt-cache", "policy", "libcudnn8"]).stdout
                self.assertIn("Candidate: 8.1.0.77-1+cuda11.2", policy)
                self.assertIn(" 600", policy)
                tree.run(["apt-get", "-y", "install", "cuda", "libcudnn8-dev=8.0.5.39-1+cuda11.0",
                          "libcudnn8=8.0.5.39-1+cuda11.0"])
                self.assertIn("11.2", tree.run(["/usr/local/cuda-11.2/bin/nvcc"]).stdout)

    def test_the_mirrors_faults_are_what_apt_takes_them_for(self):
        for name, fault in (("key", None), ("size", self.mirror.serve_wrong_size), ("gone", self.mirror.serve_nothing),
                            ("down", self.mirror.down)):
            with self.subTest(name), lab.Lab() as tree:
                self.mirror.heal()
                self.add_mirror(tree, self.mirror.url)
                if fault:
                    fault()
                else:
                    tree.write("/etc/apt/keyrings/cuda.asc", self.mirror.wrong_key.armored)
                outcome = tree.run(["apt-get", "update", "-o", "APT::Update::Error-Mode=any"], check=False)
                self.assertNotEqual(outcome.returncode, 0, outcome)

    def test_pip_installs_the_guides_packages_from_the_index(self):
        with lab.Lab("ready") as tree:
            tree.run(["python3", "-m", "venv", "/tmp/venv"], user="student")
            pip = ["/tmp/venv/bin/pip", "install", "--index-url", self.index.index_url]
            tree.run(pip + ["--upgrade", "pip"], user="student")
            tree.run(pip + ["--find-links", self.index.links_url, "torch==1.7.1+cu110", "torchvision==0.8.2+cu110",
                            "torchaudio===0.7.2", "tensorflow==2.4.0", "jupyter", "matplotlib", "pandas",
                            "scikit-learn", "some-project[fast]"], user="student")
            tree.run(["/tmp/venv/bin/python", "-c", GUIDE_CHECKS], user="student")
            tree.run(["/tmp/venv/bin/pip", "check"], user="student")
        self.assertIn("/simple/torch/", self.index.requests)

    def test_a_ready_tree_lets_the_student_use_sudo(self):
        with lab.Lab("ready") as tree:
            self.assertEqual(tree.run(["sudo", "-n", "id", "-un"], user="student").stdout, "root\n")

    def test_an_ubuntu_tree_with_a_gpu_looks_like_one(self):
        with lab.Lab(ubuntu=True, gpu=True) as tree:
            self.assertIn("20.04", tree.run(["cat", "/etc/os-release"]).stdout)
            self.assertEqual(tree.run(["cat", "/sys/bus/pci/devices/0000:01:00.0/device"]).stdout, "0x2484\n")

    def test_tracing_counts_programs_and_sockets(self):
        environment = {"PATH": lab.PATH}
        trace = lab.strace_exec(["/bin/sh", "-c", "/bin/true; /bin/true; exit 3"], environment)
        self.assertEqual((trace.outcome.returncode, trace.executed), (3, ["/bin/true", "/bin/true"]))
        self.assertEqual(trace.connected, [])
        script = "import socket; socket.create_connection(('127.0.0.1', {}))".format(self.mirror.url.split(":")[-1])
        self.assertEqual(len(lab.strace_exec([sys.executable, "-c", script], environment).connected), 2)


GUIDE_CHECKS = """
import torch, torchvision, torchaudio, sklearn
print(torch.rand(5, 3))
assert torch.cuda.is_available() and torch.cuda.get_device_name(0) == "GeForce RTX 3070"
import tensorflow as tf
print(tf.reduce_sum(tf.random.normal([1000, 1000])))
assert tf.config.list_physical_devices('GPU')
"""

if __name__ == "__main__":
    lab.main()
