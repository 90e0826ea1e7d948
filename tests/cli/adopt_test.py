"""`init` and `adopt`: recipes that are written from a host, here one that is a few files."""

import json
import os
import unittest

import program

SITE = "/home/student/ml/torch/lib/python3.11/site-packages"
STANZA = "Package: {}\nStatus: {} ok installed\nPriority: {}\nArchitecture: amd64\nVersion: {}\n{}\n"
FILES = {
    "/etc/os-release": "ID=debian\nVERSION_ID=\"12\"\n",
    "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\nstudent:x:1000:1000::/home/student:/bin/bash\n",
    "/etc/hostname": "gpu07\n",
    "/etc/apt/sources.list": "deb http://deb.debian.org/debian bookworm main\n",
    "/etc/skel/.bashrc": "HISTSIZE=1000\n",
    "/home/student/.bashrc": "HISTSIZE=1000\nexport ML_PATH=~/ml\nexport PATH=/usr/local/cuda-12.4/bin:$PATH\n"
                             "export HF_TOKEN=hunter2\nexport CORES=$(nproc)\nalias gpu=nvidia-smi\n",
    "/usr/bin/python3.11": "",
    "/var/lib/dpkg/arch": "amd64\n",
    "/var/lib/dpkg/status": "\n".join([
        STANZA.format("apt", "install", "important", "2.6.1", "Depends: libc6"),
        STANZA.format("libc6", "install", "optional", "2.36", ""),
        STANZA.format("jq", "install", "optional", "1.6", "Depends: libjq1"),
        STANZA.format("libjq1", "install", "optional", "1.6", ""),
        STANZA.format("libcudnn8", "hold", "optional", "8.9.7.29-1+cuda12.2", ""),
        STANZA.format("linux-image-amd64", "install", "optional", "6.1", ""),
        STANZA.format("python3.11", "install", "optional", "3.11.2", "")]),
    "/var/lib/apt/extended_states": "Package: python3.11\nArchitecture: amd64\nAuto-Installed: 1\n",
    "/home/student/ml/torch/pyvenv.cfg": "home = /usr/bin\nversion = 3.11.2\ninclude-system-site-packages = false\n",
    "/home/student/ml/torch/bin/python3.11": "",
    SITE + "/torch-2.4.1+cu124.dist-info/METADATA": "Name: torch\nVersion: 2.4.1+cu124\nRequires-Dist: sympy\n",
    SITE + "/torch-2.4.1+cu124.dist-info/RECORD": "",
    SITE + "/torch-2.4.1+cu124.dist-info/REQUESTED": "",
    SITE + "/sympy-1.13.dist-info/METADATA": "Name: sympy\nVersion: 1.13\n",
    SITE + "/sympy-1.13.dist-info/RECORD": "",
    SITE + "/broken-1.0.dist-info/METADATA": "Name: broken\nVersion: 1.0\nRequires-Dist: missing\n",
    SITE + "/broken-1.0.dist-info/RECORD": "",
    "/home/student/projects/thesis/code/.venv/pyvenv.cfg": "home = /usr/bin\nversion = 3.11.2\n",
    "/home/student/projects/thesis/code/.venv/bin/python3.11": "",
    "/home/student/miniconda3/conda-meta/history": "",
    "/etc/modprobe.d/nouveau.conf": "blacklist nouveau\noptions nouveau modeset=0\n",
    "/home/student/.local/share/jupyter/kernels/torch/kernel.json": json.dumps({
        "argv": ["/home/student/ml/torch/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "PyTorch", "language": "python", "metadata": {"debugger": True}}),
}
LINKS = {"/usr/bin/python3": "python3.11", "/home/student/ml/torch/bin/python": "python3.11",
         "/home/student/projects/thesis/code/.venv/bin/python": "python3.11"}
KERNELS = "/home/student/.local/share/jupyter/kernels/"
# What nobody would have thought of, each with what is said of it.
ODD = [
    (KERNELS + "My Kernel/kernel.json", json.dumps({"argv": ["/home/student/ml/torch/bin/python"], "display_name": "${x} #y: \x1b[1m"}),
     "# - jupyter_kernel: My Kernel\n"),
    (KERNELS + "ir/kernel.json", json.dumps({"argv": ["R"], "language": "R"}), "it runs R, which is of no venv"),
    (KERNELS + "bad/kernel.json", "{", "its kernel.json names no program"),
    ("/home/student/old env/pyvenv.cfg", "home = /usr/local/bin\nversion = 3.8.1\n", "it has no bin/python"),
    ("/home/student/user/pyvenv.cfg", "home = /usr/bin\n", "venv: venv-user\n"),
    ("/etc/apt/sources.list.d/odd.list", "deb [trusted=yes] https://x.org/d ./\ndeb ftp://z/ ${x} main\n", "declared trusted without a key"),
    ("/etc/apt/preferences.d/odd", "Package: *\nPin: origin x.org\nPin-Priority: 700\n", "- file: /etc/apt/preferences.d/odd\n"),
    ("/home/student/.profile", "export PATH=\"$HOME/.local/bin\"\nexport ML_PATH=/other\nexport ML_PATH=~/ml\nexport A='${facts.gpu}'\n"
                               "export B=yes\nexport C=\n", "one file sets it to several values"),
]
ADOPTED = """\
# Written by `mlenvctl adopt`. Applied where it was made it changes nothing. What is in doubt is a comment, with
# the reason; passwords and tokens are not in it.
recipe: gpu07
version: 1
description: What was set up by hand on gpu07, debian 12
requires:
  os: debian 12
resources:

  # Environment variables, in the start-up files in which they stand.
  # ~/.bashrc: 1 more line of one's own (aliases, functions, what other programs have added), which no kind
  # describes
  # in doubt: what ~/.bashrc sets it to only a shell can tell
  # - env_var: CORES
  - env_var: ML_PATH
    value: ~/ml
    files: ~/.bashrc
  - env_var: PATH
    prepend: /usr/local/cuda-12.4/bin
    files: ~/.bashrc
  # in doubt: its value may be secret, and no recipe should hold it: set HF_TOKEN before, and take the comment signs
  # off
  # - env_var: HF_TOKEN
  #   value: ${env.HF_TOKEN}
  #   files: ~/.bashrc

  # Folders that these are about.
  - directory: ~/ml
  - directory: ~/projects/thesis/code

  # What was asked of apt; the rest comes along.
  # left out, a kernel: linux-image-amd64
  - apt_package: jq
  - apt_package: libcudnn8
    version: 8.9.7.29-1+cuda12.2
    hold: true

  # What the kernel's modules of cards are told.
  - file: /etc/modprobe.d/nouveau.conf
    content: |
      blacklist nouveau
      options nouveau modeset=0

  # The venv ~/ml/torch, and what was asked of pip for it.
  - venv: torch
    path: ~/ml/torch
    python: "3.11"
  - pip_package: torch==2.4.1+cu124
    venv: torch
    index_url: https://download.pytorch.org/whl/cu124
  # in doubt: declared like this, a plan would change it here: it needs missing, not installed (dependency missing)
  # - pip_package: broken==1.0
  #   venv: torch

  # The venv ~/projects/thesis/code/.venv, and what was asked of pip for it.
  - venv: code
    path: ~/projects/thesis/code/.venv
    python: "3.11"

  # Jupyter's kernels.
  - jupyter_kernel: torch
    venv: torch
    display_name: PyTorch

  # What is there besides, and no kind describes:
  # ~/miniconda3: conda and its environments, which `conda env export` records
"""


class AdoptTest(program.ProgramTest):
    def tree(self):
        root = os.path.join(self.folder, "tree")
        for path, text in FILES.items():
            self.write("tree" + path, text)
        for path, target in LINKS.items():
            os.symlink(target, root + path)
        return "--root", root, "--user", "student"

    def test_what_stands_on_a_machine_is_written_as_a_recipe_that_changes_nothing_there(self):
        place = self.tree()
        adopted = self.run_program("adopt", *place)
        self.assertEqual(adopted.stdout, ADOPTED)
        self.assertEqual(adopted.stderr, "11 resources, and 3 in doubt, as comments with the reason\n")
        planned = self.run_program("plan", self.write("adopted.yaml", adopted.stdout), *place, "--detailed-exitcode")
        self.assertEqual(planned.stdout.splitlines()[-1], "No changes. The host is as declared.")

    def test_programs_are_told_what_is_in_doubt(self):
        document = json.loads(self.run_program("adopt", *self.tree(), "--json").stdout)
        self.assertEqual((document["format"], document["recipe"], document["declared"]), ("mlenvctl.draft/1", ADOPTED, 11))
        self.assertEqual([each["name"] for each in document["doubtful"]], ["CORES", "HF_TOKEN", "broken==1.0"])

    def test_a_file_that_is_there_is_written_over_only_on_demand(self):
        place, out = self.tree(), self.write("mine.yaml", "mine\n")
        self.assertIn("is there already", self.run_program("adopt", *place, "-o", out, code=5).stderr)
        with open(out, encoding="utf-8") as source:
            self.assertEqual(source.read(), "mine\n")
        written = self.run_program("adopt", *place, "-o", out, "--force")
        self.assertEqual((written.stdout, written.stderr.splitlines()[-1]), ("", "next: mlenvctl plan " + out))
        with open(out, encoding="utf-8") as source:
            self.assertEqual(source.read(), ADOPTED)

    def test_whatever_is_on_a_machine_what_is_written_is_a_recipe_that_changes_nothing(self):
        place = self.tree()
        for path, text, _ in ODD:
            self.write("tree" + path, text)
        adopted = self.run_program("adopt", *place).stdout
        for _, _, said in ODD:
            self.assertIn(said, adopted)
        self.assertIn('value: "$${facts.gpu}"', adopted)
        self.assertIn("assigning `PATH` loses every folder", adopted)
        self.assertNotIn("\x1b", adopted)
        planned = self.run_program("plan", self.write("adopted.yaml", adopted), *place, "--detailed-exitcode")
        self.assertEqual(planned.stdout.splitlines()[-1], "No changes. The host is as declared.")

    def test_a_record_tells_what_it_can(self):
        adopted = self.run_program("adopt", "--host", program.RECORDED)
        self.assertIn("requires:\n  os: ubuntu 20.04\n", adopted.stdout)
        self.run_program("validate", self.write("recorded.yaml", adopted.stdout))


class InitTest(program.ProgramTest):
    def test_a_first_recipe_fits_the_card_the_driver_and_the_python(self):
        made = self.run_program("init", "--host", program.RECORDED)
        self.assertIn("# card: GeForce RTX 3070 (10de:2484, compute capability 8.6)\n", made.stdout)
        for line in ("- nvidia_driver: auto", "- framework: torch", "# Next: save this as starter.yaml"):
            self.assertIn(line, made.stdout)
        plan = self.run_program("plan", self.write("starter.yaml", made.stdout), "--host", program.RECORDED, "--json")
        addresses = {change["address"] for change in json.loads(plan.stdout)["changes"]}
        self.assertTrue({"pip_package.torch/torch", "jupyter_kernel.torch", "check.torch computes"} <= addresses, addresses)
        self.assertNotIn("# in doubt: ", made.stdout)

    def test_without_a_card_the_build_is_for_the_cpu(self):
        files = dict(FILES)
        del files["/home/student/ml/torch/pyvenv.cfg"]
        for path, text in {**files, "/sys/bus/pci/devices/.keep": ""}.items():
            self.write("tree" + path, text)
        os.symlink("python3.11", os.path.join(self.folder, "tree/usr/bin/python3"))
        out = os.path.join(self.folder, "first.yaml")
        place = ("--root", os.path.join(self.folder, "tree"), "--user", "student")
        made = self.run_program("init", *place, "-o", out)
        self.assertIn("next: mlenvctl plan " + out, made.stderr)
        with open(out, encoding="utf-8") as source:
            text = source.read()
        self.assertIn("so builds for the CPU", text)
        self.assertNotIn("nvidia_driver", text)
        self.assertIn("+cpu`", text)
        self.run_program("verify", out, *place, code=2)

    def test_every_framework_has_a_first_recipe(self):
        for framework in ("tensorflow", "jax", "cupy", "cudf", "cuml", "dali"):
            with self.subTest(framework):
                made = self.run_program("init", "--host", program.RECORDED, "--framework", framework)
                self.run_program("validate", self.write("starter.yaml", made.stdout))
        self.assertIn("did you mean `tensorflow`?", self.run_program("init", "--framework", "tensorfow", code=5).stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
