"""`export`: the same recipe as a Dockerfile, a devcontainer, cloud-init and a shell script."""

import json
import os
import pwd
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import dockerfile  # noqa: E402
import program  # noqa: E402

EXAMPLES = os.path.join(program.ROOT, "examples", "export")
RECIPE = os.path.join(EXAMPLES, "torch-workspace.yaml")
HEAD = "recipe: r\nversion: 1\nrequires: {os: ubuntu 22.04}\nresources:\n"
ODD = [b"plain\n", b"", b"no end", b"\n\n", b"it's \"quoted\" $HOME `id` $(id) \\ \\n %s %%\n", b"-n\n-e\n--\n",
       b"ends in a backslash\\\n", b"# a comment\n  # another\n", b"<<EOF\nEOF\nEND_OF_USER\nEND_OF_ROOT\n",
       b"tab\there\r\n", b"\x01\x02\x1b[0m\x7f\n", "é \u2028 \u0085 \ufeff ☃\n".encode(), b"\\\n\\\n", b" \n\t\n",
       b"x" * 70000 + b"\n", b"line\n" * 30000]


def text_of(path):
    with open(path, encoding="utf-8") as source:
        return source.read()


class ExportTest(program.ProgramTest):
    def export(self, recipe, *words, **more):
        return self.run_program("export", recipe, *words, **more)

    def recipe(self, text, name="r.yaml"):
        return self.write(name, HEAD + text)

    def test_the_examples_are_what_export_writes(self):
        wanted = {"Dockerfile": ["--format", "dockerfile"], "user-data": ["--format", "cloud-init"],
                  "torch-workspace.sh": ["--format", "shell", "--user", "student"]}
        for name, words in wanted.items():
            with self.subTest(name):
                made = self.export(RECIPE, *words, "-q").stdout
                self.assertEqual(made, text_of(os.path.join(EXAMPLES, name)))
        folder = os.path.join(self.folder, "devcontainer")
        self.export(RECIPE, "--format", "devcontainer", "-o", folder, "-q")
        for name in ("devcontainer.json", "Dockerfile"):
            self.assertEqual(text_of(os.path.join(folder, name)),
                             text_of(os.path.join(EXAMPLES, "devcontainer", name)))

    def test_a_container_has_no_driver_and_says_what_its_host_needs(self):
        made = self.export(RECIPE).stdout
        self.assertIn("NVIDIA Container Toolkit", made)
        self.assertRegex(made, r"driver 550\.\d+")
        self.assertIn("Left out: nvidia_driver.auto (in a container the driver is the host's)", made)
        self.assertNotRegex(made, r"install[^#]*nvidia-driver|cuda-drivers")
        self.assertIn("docker run --rm -it --gpus all torch-workspace", made)
        guide = self.export(os.path.join(program.RECIPES, "rtx3070-torch.yaml")).stdout
        self.assertIn("Left out: apt_package.cuda-drivers", guide)
        self.assertEqual(guide.count("cuda-drivers"), 1)

    def test_a_machine_keeps_its_driver(self):
        for words in (["--format", "cloud-init"], ["--format", "shell", "--user", "student"]):
            self.assertRegex(self.export(RECIPE, *words).stdout, r"nvidia-(driver|open)|cuda-drivers")

    def test_the_base_is_the_required_distribution_or_the_image_named(self):
        self.assertIn("\nFROM ubuntu:22.04\n", self.export(RECIPE).stdout)
        image = "nvidia/cuda:12.4.1-devel-ubuntu22.04"
        self.assertIn("\nFROM " + image + "\n", self.export(RECIPE, "--base", image).stdout)
        refused = self.export(RECIPE, "--base", "nvidia/cuda:12.4.1-devel-ubuntu20.04", code=4)
        self.assertIn("`os: ubuntu 22.04` is not met: what is exported for has ubuntu 20.04", refused.stderr)
        self.assertIn("are different", self.export(RECIPE, "--base", image, "--os", "debian-12", code=5).stderr)
        free = self.write("free.yaml", "recipe: r\nversion: 1\nresources:\n  - directory: ~/a\n")
        self.assertIn("\nFROM debian:12\n", self.export(free, "--os", "debian-12").stdout)
        self.assertIn("there are: ", self.export(free, "--os", "debian-99", code=5).stderr)

    def test_composites_choose_for_the_card_named(self):
        recipe = os.path.join(program.RECIPES, "auto-torch.yaml")
        with_card = self.export(recipe, "--gpu", "8.6", "--os", "ubuntu-22.04").stdout
        without = self.export(recipe, "--gpu", "none", "--os", "ubuntu-22.04").stdout
        self.assertIn("compute capability 8.6", with_card)
        self.assertIn("--gpus all", with_card)
        self.assertNotIn("--gpus all", without)
        self.assertNotEqual(with_card, without)
        self.assertIn("is no card that is known", self.export(recipe, "--gpu", "banana", code=5).stderr)

    def test_secrets_never_come_into_the_output(self):
        secret = "hunter2hunter2"
        places = {"an address": "  - venv: v\n    path: ~/v\n  - pip_package: [six]\n    venv: v\n"
                                "    index_url: https://me:" + secret + "@pypi.test/simple\n",
                  "a file": "  - file: ~/a\n    content: ${env.SOME_TOKEN}\n",
                  "a short one": "  - env_var: A\n    value: ${env.PIN}\n"}
        for name, text in places.items():
            for form in ("dockerfile", "cloud-init", "shell"):
                with self.subTest(name, form=form):
                    out = os.path.join(self.folder, "out")
                    refused = self.export(self.recipe(text), "--format", form, "--user", "student", "-o", out, code=4,
                                          env={"SOME_TOKEN": secret, "PIN": "4711"})
                    self.assertIn("export.secret", refused.stderr)
                    self.assertRegex(refused.stderr, r"r\.yaml:\d+")
                    self.assertNotIn(secret, refused.stdout + refused.stderr)
                    self.assertFalse(os.path.exists(out))

    def test_what_names_can_hold_breaks_out_of_nothing(self):
        self.assertIn("the name of an account", self.export(RECIPE, "--user", "a\nRUN evil", code=5).stderr)
        self.assertIn("the name of an image", self.export(RECIPE, "--base", "a\nRUN evil", code=5).stderr)
        odd = self.recipe("  - directory: ~/ok\n  - check: \"a\\u2028evil: 1\"\n"
                          "    shell: \"echo b\\nRUN evil\\revil: 3\\u0085evil: 4\"\n")
        names = [name for name, _ in dockerfile.instructions(self.export(odd).stdout)]
        self.assertNotIn("evil", self.export(odd).stdout.split("CMD")[0])
        self.assertEqual(names.count("RUN"), 2)
        self.assertNotRegex(self.export(odd, "--format", "cloud-init").stdout, "(?m)^[^#\n]*evil|\r|\u2028")
        path = self.recipe("  - directory: \"/a\\u2028b\"\n")
        self.assertIn("a control character", self.export(path, code=4).stderr)

    def test_the_lock_decides_versions_distribution_and_card(self):
        recipe = self.write("l.yaml", "recipe: l\nversion: 1\nresources:\n  - apt_package: jq\n  - venv: v\n"
                                      "    path: ~/v\n  - pip_package: [six]\n    venv: v\n")
        wheel = {"name": "six", "version": "1.16.0", "file": "six-1.16.0-py2.py3-none-any.whl", "sha256": "0" * 64,
                 "by": "pip_package.v/six"}
        self.write("l.yaml.lock", json.dumps({"format": "mlenvctl.lock/1", "recipe": "l", "classes": [
            {"os": "ubuntu 20.04", "arch": "x86_64", "gpu": "7.5", "choices": [], "repositories": [], "indexes": [],
             "apt": [{"name": "jq", "version": "1.6-1ubuntu0.20.04.1", "origin": "x", "declared": True}],
             "venvs": [{"name": "v", "python": "3.8", "packages": [wheel]}]}]}))
        made = self.export(recipe).stdout
        for words in ("FROM ubuntu:20.04", "compute capability 7.5", "jq=1.6-1ubuntu0.20.04.1", "six==1.16.0"):
            self.assertIn(words, made)
        self.assertNotIn("six==1.16.0", self.export(recipe, "--ignore-lock", "--os", "ubuntu-20.04").stdout)
        self.assertIn("lock.class", self.export(recipe, "--locked", "--os", "debian-12", code=4).stderr)

    def test_the_distributions_own_sources_stay(self):
        recipe = self.recipe("  - apt_repo: more\n    uris: [http://archive.ubuntu.com/ubuntu]\n    suites: [jammy-proposed]\n"
                             "    components: [universe]\n")
        self.assertNotIn(".disabled", self.export(recipe).stdout)
        self.assertIn(".disabled", self.export(RECIPE).stdout)

    def test_programs_get_all_files_in_one_document(self):
        document = json.loads(self.export(RECIPE, "--format", "devcontainer", "--json").stdout)
        self.assertEqual(document["format"], "mlenvctl.export/1")
        self.assertEqual([each["name"] for each in document["files"]], ["devcontainer.json", "Dockerfile"])

    def test_what_is_there_is_not_written_over(self):
        there = self.write("Dockerfile", "mine\n")
        self.assertIn("is there already", self.export(RECIPE, "-o", there, code=5).stderr)
        self.assertEqual(text_of(there), "mine\n")
        self.export(RECIPE, "-o", there, "--force")
        self.assertIn("FROM ", text_of(there))
        self.assertIn("-o .devcontainer", self.export(RECIPE, "--format", "devcontainer", code=5).stderr)

    def test_any_bytes_arrive_as_they_are(self):
        home = os.path.join(self.folder, "home")
        os.makedirs(home)
        entries = ""
        for number, content in enumerate(ODD):
            self.write("odd{}".format(number), content)
            entries += "  - file: {0}/odd{1}\n    source: odd{1}\n    mode: \"0640\"\n".format(home, number)
        entries += "  - file: \"{}/-a 'b' $c\"\n    content: \"x\\n\"\n".format(home)
        recipe = self.recipe(entries)
        for form, play in (("dockerfile", self.play_dockerfile), ("cloud-init", self.play_cloud_init),
                           ("shell", self.play_shell)):
            with self.subTest(form):
                shutil.rmtree(home)
                os.makedirs(home)
                play(self.export(recipe, "--format", form, "--user", "root").stdout)
                for number, content in enumerate(ODD):
                    path = os.path.join(home, "odd{}".format(number))
                    with open(path, "rb") as made:
                        self.assertEqual(made.read(), content, "number {}".format(number))
                    self.assertEqual(os.stat(path).st_mode & 0o777, 0o640)
                self.assertEqual(text_of(os.path.join(home, "-a 'b' $c")), "x\n")

    def play_dockerfile(self, text):
        self.assertLess(max(len(line) for line in text.split("\n")), 60000)
        self.assertIsNone(re.search(r"^RUN[^\n]* <<\w", text, re.M))

        def run(argv, user, environment, folder):
            self.assertLess(len(argv[-1].encode()), 128 * 1024)
            subprocess.run(argv, check=True)
        dockerfile.build(text, run)

    def play_cloud_init(self, text):
        try:
            import yaml
        except ImportError:
            raise unittest.SkipTest("no PyYAML")
        entries = yaml.safe_load(text)["runcmd"]
        subprocess.run(["sh"], input="\n".join(entries).encode(), check=True)

    def play_shell(self, text):
        script = text[text.index("\n\n", text.index("stop 'this is for the user")):]
        subprocess.run(["sh", "-eu"], input=script.encode(), check=True)
        subprocess.run(["sh", "-eu"], input=script.encode(), check=True)

    def test_environment_variables_are_the_images_too(self):
        recipe = self.recipe("  - env_var: A\n    value: 'a \"b\" $c \\d'\n  - env_var: PATH\n    prepend: [~/x, ~/y]\n"
                             "  - env_var: LD_LIBRARY_PATH\n    append: /opt/lib\n")
        image = dockerfile.build(self.export(recipe).stdout, lambda *_: None, {"PATH": "/usr/bin"})
        self.assertEqual(image["environment"]["A"], 'a "b" $c \\d')
        self.assertEqual(image["environment"]["PATH"], "/home/ml/x:/home/ml/y:/usr/bin")
        self.assertEqual(image["environment"]["LD_LIBRARY_PATH"], "/opt/lib")
        self.assertEqual((image["user"], image["folder"]), ("ml", "/home/ml"))

    def test_packages_come_as_apply_installs_them(self):
        recipe = self.recipe("  - apt_package: [bb, aa]\n    version: 1.2-3\n    hold: true\n"
                             "  - apt_package: cc\n    version: '>=2'\n  - apt_package: dd\n    state: latest\n")
        made = self.export(recipe).stdout
        self.assertIn("-- bb=1.2-3 aa=1.2-3 dd", made)
        self.assertIn("apt-mark hold -- bb aa", made)
        self.assertIn("dpkg --compare-versions \"$version\" ge 2", made)
        self.assertNotIn("--no-install-recommends", made)
        self.assertIn("rm -rf /var/lib/apt/lists/*", made)

    def test_a_devcontainer_asks_for_the_card_and_names_the_python(self):
        folder = os.path.join(self.folder, ".devcontainer")
        self.export(RECIPE, "--format", "devcontainer", "-o", folder)
        document = json.loads(text_of(os.path.join(folder, "devcontainer.json")))
        self.assertEqual(document["build"]["dockerfile"], "Dockerfile")
        self.assertEqual(document["remoteUser"], "ml")
        self.assertEqual(document["runArgs"], ["--gpus", "all"])
        self.assertEqual(document["hostRequirements"]["gpu"], True)
        settings = document["customizations"]["vscode"]["settings"]
        self.assertEqual(settings["python.defaultInterpreterPath"], "/home/ml/ml/torch/bin/python")

    def test_cloud_init_accepts_its_document(self):
        if not shutil.which("cloud-init"):
            self.skipTest("cloud-init is not installed")
        for words in ([], ["--user", "student"]):
            path = os.path.join(self.folder, "user-data")
            self.export(RECIPE, "--format", "cloud-init", "-o", path, "--force", *words)
            done = subprocess.run(["cloud-init", "schema", "--config-file", path], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True)
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_the_shell_script_is_sound_and_for_its_user_alone(self):
        other = "student" if pwd.getpwuid(os.getuid()).pw_name != "student" else "teacher"
        path = os.path.join(self.folder, "r.sh")
        self.export(self.recipe("  - directory: {}/made\n".format(self.folder)), "--format", "shell", "--user", other,
                    "-o", path)
        subprocess.run(["sh", "-n", path], check=True)
        done = subprocess.run(["sh", path], stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "made")))


if __name__ == "__main__":
    unittest.main(verbosity=2)
