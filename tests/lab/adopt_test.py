"""A machine that was set up by hand becomes a recipe: it changes nothing there, and makes an equal machine elsewhere."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import lab  # noqa: E402
import nvidia_mirror  # noqa: E402
import wheel_index  # noqa: E402

USER = ("--user", "student")
LINKS = "https://download.pytorch.org/whl/torch_stable.html"
# As `python3 -m ipykernel install --user --name torch --display-name "PyTorch 1.7.1"` writes it.
KERNEL = {"argv": ["/home/student/ml/torch/bin/python3", "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f",
                   "{connection_file}"],
          "display_name": "PyTorch 1.7.1", "language": "python", "metadata": {"debugger": True},
          "kernel_protocol_version": "5.5"}


class AdoptTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.mirror = nvidia_mirror.NvidiaMirror()
        cls.index = wheel_index.WheelIndex()

    @classmethod
    def tearDownClass(cls):
        cls.mirror.close()
        cls.index.close()

    def tree(self, **options):
        made = lab.Lab(ubuntu=True, gpu=True, **options)
        made.environment["PIP_INDEX_URL"] = self.index.index_url
        return made

    def shell(self, tree, *lines, user=None):
        return tree.run(["bash", "-ec", "\n".join(lines)], user=user, env={"DEBIAN_FRONTEND": "noninteractive"})

    def follow_the_guide(self, tree, keyring="/etc/apt/trusted.gpg", options=""):
        """The guide's own commands; what `wget` and `apt-key` would bring is put in place."""
        source = "deb {}{}/ubuntu2004/x86_64/ /".format(options, self.mirror.url)
        self.shell(tree, "echo 'export ML_PATH=~/ml' >> ~/.bashrc", "mkdir -p ~/ml", user="student")
        self.shell(tree, "apt-get -qq install python3-pip python3-venv")
        tree.write("/etc/apt/preferences.d/cuda-repository-pin-600", nvidia_mirror.PIN)
        tree.write(keyring, self.mirror.key.binary)
        self.shell(tree, "echo '{}' >> /etc/apt/sources.list".format(source), "apt-get -qq update",
                   "apt-get -qq install cuda-toolkit-11-0 cuda-drivers",
                   "apt-get -qq install libcudnn8=8.0.5.39-1+cuda11.0 libcudnn8-dev=8.0.5.39-1+cuda11.0",
                   "apt-mark hold libcudnn8 libcudnn8-dev")
        self.shell(tree, "echo 'export PATH=/usr/local/cuda-11.0/bin${PATH:+:${PATH}}' >> ~/.bashrc",
                   "echo 'export LD_LIBRARY_PATH=\"/usr/local/cuda-11.0/lib64:$LD_LIBRARY_PATH\"' >> ~/.bashrc",
                   "python3 -m venv --system-site-packages ~/ml/torch", "pip=~/ml/torch/bin/pip",
                   "$pip -q install -U pip", "$pip -q install jupyter matplotlib numpy pandas scipy scikit-learn",
                   "$pip -q install torch==1.7.1+cu110 torchvision==0.8.2+cu110 torchaudio===0.7.2 -f " + self.index.links_url,
                   user="student")
        tree.write("~/.local/share/jupyter/kernels/torch/kernel.json", json.dumps(KERNEL, indent=1))
        tree.run(["chown", "-R", "student:student", "/home/student"])

    def adopt(self, tree, *words):
        outcome = tree.mlenvctl("adopt", *USER, "--root", tree.root, *words)
        self.assertEqual(outcome.returncode, 0, outcome)
        return outcome

    def record(self, tree, name):
        path = os.path.join(tree.folder, "recipes", name)
        self.assertEqual(tree.mlenvctl("snapshot", *USER, "--root", tree.root, "-o", path).returncode, 0)
        return path

    def assert_unchanging(self, tree, recipe):
        before = tree.snapshot()
        applied = tree.mlenvctl("apply", recipe, *USER, "--yes")
        self.assertEqual(applied.returncode, 0, applied)
        self.assertEqual(applied.stdout.splitlines()[-1], "No changes. The host is as declared.", applied)
        self.assertEqual(tree.snapshot(), before)

    def assert_equal_elsewhere(self, tree, text):
        """The recipe makes a machine of an empty tree in which a comparison finds no difference."""
        record = self.record(tree, "by-hand.json")
        with self.tree() as other:
            recipe = other.recipe(text.replace(LINKS, self.index.links_url))
            applied = other.mlenvctl("apply", recipe, *USER, "--yes")
            self.assertEqual(applied.returncode, 0, applied)
            again = self.record(other, "applied.json")
            compared = other.mlenvctl("compare", record, again)
            self.assertEqual(compared.returncode, 0, compared)

    def test_what_the_guide_sets_up_changes_nothing_there_and_is_an_equal_machine_elsewhere(self):
        with self.tree() as tree:
            self.follow_the_guide(tree)
            before = tree.snapshot()
            adopted = self.adopt(tree)
            self.assertEqual(tree.snapshot(), before)
            self.assertNotIn("# in doubt: ", adopted.text)
            for line in ("- env_var: ML_PATH", "value: ~/ml", "- cuda_repo: ubuntu2004", "- cuda-toolkit-11-0", "- libcudnn8-dev",
                         "version: 8.0.5.39-1+cuda11.0", "hold: true", "- torch==1.7.1+cu110", "find_links: " + LINKS,
                         "display_name: PyTorch 1.7.1", "system_site_packages: true"):
                self.assertIn(line, adopted.stdout)
            self.assertNotIn("nvidia-driver-460", adopted.stdout)  # cuda-drivers brings it
            self.assertNotIn("typing-extensions", adopted.stdout)  # torch brings it
            self.assert_unchanging(tree, tree.recipe(adopted.stdout))
            self.assert_equal_elsewhere(tree, adopted.stdout)

    def test_it_reads_files_alone_and_writes_none_but_the_one_that_is_asked_for(self):
        with self.tree() as tree:
            self.follow_the_guide(tree, "/usr/share/keyrings/cuda.gpg", "[signed-by=/usr/share/keyrings/cuda.gpg] ")
            before = tree.snapshot()
            out = os.path.join(tree.folder, "recipes", "adopted.yaml")
            trace = tree.mlenvctl_traced("adopt", *USER, "--root", tree.root, "-o", out)
            self.assertEqual(trace.outcome.returncode, 0, trace.outcome)
            self.assertEqual((trace.executed, trace.connected), ([], []))
            self.assertEqual(tree.snapshot(), before)
            refused = tree.mlenvctl("adopt", *USER, "--root", tree.root, "-o", out)
            self.assertEqual(refused.returncode, 5, refused)
            self.assertIn("is there already", refused.stderr)
            self.adopt(tree, "-o", out, "--force")
            self.assert_unchanging(tree, out)

    def test_what_is_doubtful_or_secret_is_a_comment_with_the_reason(self):
        with self.tree(kind="ready") as tree:
            self.shell(tree, "python3 -m venv ~/thesis/.venv", "~/thesis/.venv/bin/pip -q install some-project==2.0",
                       "mkdir -p ~/mine", "echo 'export HF_TOKEN=hunter2' >> ~/.bashrc",
                       "echo 'export CUDA_HOME=$(dirname $(which nvcc))' >> ~/.bashrc",
                       "echo \"alias gpu='nvidia-smi'\" >> ~/.bashrc", user="student")
            site = "~/thesis/.venv/lib/python3.11/site-packages/some_project/__init__.py"
            tree.write(site, "changed by hand\n")
            tree.write("/etc/apt/sources.list.d/private.list",
                       "deb [signed-by=/usr/share/keyrings/lab-debian.gpg] https://lab:hunter2@apt.example.org/ stable main\n")
            adopted = self.adopt(tree)
            self.assertNotIn("hunter2", adopted.text)
            for text in ("# - env_var: HF_TOKEN", "# - env_var: CUDA_HOME", "only a shell can tell", "# - apt_repo: private",
                         "https://${env.APT_LOGIN}@apt.example.org/", "- venv: thesis", "# - pip_package: some-project==2.0",
                         "missing or changed", "1 more line of one's own"):
                self.assertIn(text, adopted.stdout)
            self.assertIn("in doubt", adopted.stderr)
            self.assert_unchanging(tree, tree.recipe(adopted.stdout))

    def test_what_mlenvctl_has_made_is_adopted_too(self):
        with self.tree(kind="ready") as tree:
            made = tree.recipe("""recipe: made
version: 1
resources:
  - env_var: ML_PATH
    value: ~/ml
  - env_var: PATH
    append: ~/.local/bin
  - directory: ~/ml
  - cuda_repo: ubuntu2004
    mirror: {mirror}
    key:
      url: {mirror}/ubuntu2004/x86_64/3bf863cc.pub
      fingerprint: {fingerprint}
  - apt_package: [jq, cuda-toolkit-11-0]
  - venv: lab
    path: ~/ml/lab
  - pip_package: [numpy, jupyter]
    venv: lab
  - jupyter_kernel: lab
    venv: lab
""".format(mirror=self.mirror.url, fingerprint=self.mirror.fingerprint))
            self.assertEqual(tree.mlenvctl("apply", made, *USER, "--yes").returncode, 0)
            adopted = self.adopt(tree)
            self.assertNotIn("# in doubt: ", adopted.text)
            self.assert_unchanging(tree, tree.recipe(adopted.stdout))

    def test_a_first_recipe_for_a_machine_is_one_that_plans(self):
        with self.tree(kind="ready") as tree:
            made = tree.mlenvctl("init", *USER, "--root", tree.root)
            self.assertEqual(made.returncode, 0, made)
            self.assertIn("GeForce RTX 3070", made.stdout)
            planned = tree.mlenvctl("plan", tree.recipe(made.stdout), *USER, "--offline", "--json")
            self.assertIn(planned.returncode, (0, 4), planned)
            self.assertNotIn("# in doubt: ", made.stdout)


if __name__ == "__main__":
    lab.main()
