"""Recipes are data: looking at them, and at the host, runs nothing that they or a hostile user bring."""

import io
import os
import sys
import tarfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import hostile  # noqa: E402
import lab  # noqa: E402
import wheel_index  # noqa: E402

RAN = "/tmp/ran"
SCRIPT = "#!/bin/sh\necho \"$0 $*\" >>/tmp/ran\nexit 0\n"
CODE = "import os\nwith open('/tmp/ran', 'a') as out:\n    out.write(__file__ + '\\n')\n"
PROGRAMS = ("apt-get", "apt-cache", "apt-mark", "dpkg", "dpkg-deb", "dpkg-query", "python3", "python", "pip", "uv",
            "sudo", "cp", "mv", "env", "sh", "git", "nvidia-smi", "dot", "gpg", "systemctl", "lspci", "id", "uname")
LOOKING = ("validate", "plan", "graph", "verify")


class DataTest(hostile.HostileTest):
    kind = "ready"

    @classmethod
    def setUpClass(cls):
        cls.index = wheel_index.WheelIndex()

    @classmethod
    def tearDownClass(cls):
        cls.index.close()

    def setUp(self):
        super().setUp()
        self.tree.environment["PIP_INDEX_URL"] = self.index.index_url
        os.chmod(self.tree.path("/tmp"), 0o1777)

    def hostile_venv(self, path):
        """A folder that says that it is a venv, with an interpreter and startup files of the attacker's."""
        site = path + "/lib/python3.11/site-packages"
        self.tree.write(path + "/pyvenv.cfg", "home = {}/home\nversion = 3.11.2\n".format(path))
        for name in ("bin/python", "bin/python3", "bin/python3.11", "home/python3", "home/python3.11", "bin/pip"):
            self.tree.write(path + "/" + name, SCRIPT, mode=0o755)
        for name in ("sitecustomize.py", "usercustomize.py", "json.py", "pip/__init__.py", "pip/__main__.py"):
            self.tree.write(site + "/" + name, CODE)
        self.tree.write(site + "/evil.pth", "import os; open('/tmp/ran', 'a').write('pth')\n")
        self.tree.write(site + "/pip-99.dist-info/METADATA", "Metadata-Version: 2.1\nName: pip\nVersion: 99\n")
        self.tree.write(path + "/pip.conf", "[global]\nindex-url = http://127.0.0.1:9/simple\n")

    def look(self, recipe, *more, **options):
        for command in LOOKING:
            words = [command, recipe] + (["--user", "student"] if command != "validate" else [])
            self.tree.mlenvctl(*words, *more, **options)
        self.tree.mlenvctl("facts", "--user", "student", **options)
        self.assertEqual(self.tree.read(RAN) if self.tree.exists(RAN) else "", "")

    def test_neither_a_venvs_programs_nor_its_startup_files_run(self):
        for path, owner in (("/srv/evil", 1001), ("/home/student/clone/evil", lab.STUDENT_ID), ("/srv/copied", 0)):
            self.hostile_venv(path)
            self.tree.run(["chown", "-R", "{0}:{0}".format(owner), path])
            self.look(self.recipe("  - venv: lab\n    path: {}\n  - pip_package: [requests]\n    venv: lab\n"
                                  "  - jupyter_kernel: lab\n    venv: lab\n".format(path)))

    def test_an_honest_interpreter_with_hostile_packages_beside_it_runs_none_of_them(self):
        self.hostile_venv("/home/student/lab")
        for name in ("bin/python", "bin/python3", "bin/python3.11"):
            os.remove(self.tree.path("~/lab/" + name))
            os.symlink("/usr/bin/python3", self.tree.path("~/lab/" + name))
        self.tree.write("~/lab/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.2\n")
        self.tree.run(["chown", "-R", "student:student", "/home/student/lab"])
        self.look(self.recipe("  - venv: lab\n    path: ~/lab\n  - pip_package: [requests]\n    venv: lab\n"))

    def test_an_interpreter_that_a_recipe_names_does_not_run_while_it_is_planned(self):
        self.tree.write("/srv/evil/python3.11", SCRIPT, mode=0o755)
        self.look(self.recipe("  - venv: lab\n    path: ~/lab\n    python: /srv/evil/python3.11\n"
                              "  - pip_package: [requests]\n    venv: lab\n"))

    def test_a_source_distribution_is_not_built_to_see_what_it_needs(self):
        files = os.path.join(self.index.folder, "files")
        with tarfile.open(os.path.join(files, "evilsdist-1.0.tar.gz"), "w:gz") as archive:
            for name, text in (("setup.py", CODE), ("PKG-INFO", "Metadata-Version: 1.0\nName: evilsdist\nVersion: 1.0\n")):
                entry = tarfile.TarInfo("evilsdist-1.0/" + name)
                entry.size = len(text)
                archive.addfile(entry, io.BytesIO(text.encode()))
        self.index._write_pages()
        self.look(self.recipe("  - venv: lab\n    path: ~/lab\n  - pip_package: [evilsdist]\n    venv: lab\n"))

    def test_a_repository_address_clones_nothing_and_runs_no_hook(self):
        recipe = self.recipe("  - venv: lab\n    path: ~/lab\n  - pip_package: [\"x @ git+file:///srv/repository\"]\n"
                             "    venv: lab\n")
        self.look(recipe)
        trace = self.tree.mlenvctl_traced("plan", recipe, "--user", "student")
        self.assertEqual([path for path in trace.executed if path.endswith("/git")], [])

    def test_checks_and_values_with_commands_in_them_stay_text(self):
        self.look_without_checks("  - check: never\n    shell: touch /tmp/ran\n  - check: too\n    run: [touch, /tmp/ran]\n"
                                 "  - env_var: A\n    value: $(touch /tmp/ran)\n  - file: ~/x\n    content: $(touch /tmp/ran)\n")

    def look_without_checks(self, resources):
        recipe = self.recipe(resources)
        for command in ("validate", "plan", "graph"):
            trace = self.tree.mlenvctl_traced(command, recipe, *(["--user", "student"] if command == "plan" else []))
            self.assertEqual(trace.outcome.returncode, 0, trace.outcome)
            self.assertEqual(trace.executed, [], command)
        self.assertFalse(self.tree.exists(RAN))


class PathTest(hostile.HostileTest):
    """Programs of the attacker's under the names of the system's, first in PATH and in the current folder."""

    kind = "ready"
    RECIPE = ("recipe: r\nversion: 1\nresources:\n  - apt_package: hello\n  - directory: ~/ml\n"
              "  - venv: lab\n    path: ~/ml/lab\n  - env_var: A\n    value: b\n")

    def setUp(self):
        super().setUp()
        for name in PROGRAMS:
            self.tree.write("/srv/evil/" + name, SCRIPT, mode=0o755)
        self.tree.write("/srv/evil/sitecustomize.py", CODE)
        self.tree.write("/srv/evil/json.py", CODE)
        self.tree.write("/srv/recipe.yaml", self.RECIPE)
        os.chmod(self.tree.path("/tmp"), 0o1777)
        self.program = self.tree.install_binary()
        self.hijacked = {"PATH": "/srv/evil:.:" + lab.PATH, "PYTHONPATH": "/srv/evil", "PYTHONSTARTUP": "/srv/evil/json.py",
                         "BASH_ENV": "/srv/evil/sh", "ENV": "/srv/evil/sh", "GIT_EXEC_PATH": "/srv/evil",
                         "XDG_CONFIG_HOME": "/srv/evil", "XDG_DATA_DIRS": "/srv/evil", "APT_CONFIG": "/srv/evil/apt.conf"}
        self.tree.write("/srv/evil/apt.conf", 'APT::Update::Pre-Invoke {"touch /tmp/ran";};\nDPkg::Pre-Invoke {"touch /tmp/ran";};\n')

    def ran(self):
        return self.tree.read(RAN) if self.tree.exists(RAN) else ""

    def inside(self, *words, user):
        surroundings = ["{}={}".format(name, value) for name, value in self.hijacked.items()]
        return self.tree.run(["/usr/bin/env", "-C", "/srv/evil"] + surroundings + [self.program] + list(words),
                             user=user, check=False)

    def test_looking_runs_the_systems_programs_alone(self):
        for user in ("student", None):
            for words in (("validate", "/srv/recipe.yaml"), ("facts",), ("doctor",), ("plan", "/srv/recipe.yaml")):
                self.inside(*words, user=user)
                self.assertEqual(self.ran(), "", (user, words))

    def test_root_applies_with_the_systems_programs_alone(self):
        outcome = self.inside("apply", "/srv/recipe.yaml", "--user", "student", "--yes", user=None)
        self.assertEqual(outcome.returncode, 0, outcome)
        self.assertEqual(self.ran(), "")

    def test_what_sudo_runs_gets_nothing_of_the_callers_surroundings(self):
        self.tree.write("/etc/apt/apt.conf.d/99witness", 'DPkg::Pre-Invoke {"env >/root/seen";};\n')
        self.hijacked.update({"LD_LIBRARY_PATH": "/srv/evil", "LD_AUDIT": "", "http_proxy": "http://u:p@127.0.0.1:9"})
        self.hijacked["PATH"] = lab.PATH
        del self.hijacked["APT_CONFIG"]
        outcome = self.inside("apply", "/srv/recipe.yaml", "--yes", "--target", "apt_package.hello", user="student")
        self.assertEqual(outcome.returncode, 0, outcome)
        seen = dict(line.split("=", 1) for line in self.tree.read("/root/seen").splitlines() if "=" in line)
        self.assertEqual({name for name in seen if name in self.hijacked} - {"PATH", "http_proxy"}, set())
        self.assertEqual((seen["HOME"], seen["PATH"], seen["http_proxy"]), ("/root", lab.PATH, "http://u:p@127.0.0.1:9"))


if __name__ == "__main__":
    hostile.main()
