"""Whose word counts: a recipe, table, plan or folder that somebody else can change decides nothing."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import hostile  # noqa: E402
import lab  # noqa: E402
import stub_wheels  # noqa: E402
import wheel_index  # noqa: E402


class TrustTest(hostile.HostileTest):
    RESOURCES = "  - file: /etc/lab.conf\n    content: x\n"

    def inside(self, *words, user=None, **options):
        return self.tree.mlenvctl_inside(*words, user=user, **options)

    def write(self, path, text=None, owner=0, mode=0o644):
        self.tree.write(path, text or "recipe: r\nversion: 1\nresources:\n" + self.RESOURCES, mode=mode, owner=owner)
        return path

    def assert_refused(self, outcome, what):
        self.assertEqual(outcome.returncode, 4, outcome)
        self.assertIn(what, outcome.stderr)
        self.assertFalse(self.tree.exists("/etc/lab.conf"), outcome)

    def test_a_recipe_of_another_user_is_refused_and_planning_it_is_not(self):
        path = self.write("/srv/recipe.yaml", owner=hostile.MALLORY_ID)
        self.assert_refused(self.inside("apply", path, "--yes"), "belongs to `mallory`")
        self.assert_refused(self.inside("verify", path), "belongs to `mallory`")
        self.assert_refused(self.inside("apply", path, "--yes", user="student"), "belongs to `mallory`")
        for command in ("plan", "validate", "graph"):
            self.assertEqual(self.inside(command, path).returncode, 0)
        self.assert_refused(self.inside("apply", "--yes"), "belongs to `mallory`")
        self.assertEqual(self.inside("apply", path, "--yes", "--trust", "mallory").returncode, 0)

    def test_ones_own_and_roots_recipes_are_applied(self):
        own = self.write("/home/mallory/recipe.yaml", "recipe: r\nversion: 1\nresources:\n  - directory: ~/x\n",
                         owner=hostile.MALLORY_ID)
        roots = self.write("/srv/roots.yaml", "recipe: r\nversion: 1\nresources:\n  - directory: ~/y\n")
        for path in (own, roots):
            outcome = self.inside("apply", path, "--yes", user="mallory")
            self.assertEqual(outcome.returncode, 0, outcome)

    def test_a_recipe_that_others_may_write_is_refused(self):
        for mode in (0o666, 0o646):
            path = self.write("/srv/recipe.yaml", mode=mode)
            self.assert_refused(self.inside("apply", path, "--yes"), "can be written by others")
        path = self.write("/srv/recipe.yaml", mode=0o664)
        self.assertEqual(self.inside("apply", path, "--yes").returncode, 0, "root's own group is root")
        self.tree.run(["rm", "/etc/lab.conf"])
        self.tree.run(["groupadd", "-g", "2000", "lab"])
        self.tree.run(["usermod", "-a", "-G", "lab", "mallory"])
        os.chown(self.tree.path(path), 0, 2000)
        self.assert_refused(self.inside("apply", path, "--yes"), "can be written by others")

    def test_what_a_recipe_includes_and_copies_counts_too(self):
        self.write("/srv/inner.yaml", owner=hostile.MALLORY_ID)
        outer = self.write("/srv/outer.yaml", "recipe: r\nversion: 1\ninclude: [inner.yaml]\nresources: []\n")
        self.assert_refused(self.inside("apply", outer, "--yes"), "inner.yaml` belongs to `mallory`")
        self.write("/srv/source.conf", "x", owner=hostile.MALLORY_ID)
        copying = self.write("/srv/copying.yaml",
                             "recipe: r\nversion: 1\nresources:\n  - file: /etc/lab.conf\n    source: source.conf\n")
        outcome = self.inside("apply", copying, "--yes")
        self.assertIn(outcome.returncode, (4, 5), outcome)
        self.assertIn("belongs to `mallory`", outcome.stderr)
        self.assertFalse(self.tree.exists("/etc/lab.conf"))

    def test_a_table_and_a_saved_plan_of_another_user_are_refused(self):
        recipe = self.write("/srv/recipe.yaml")
        self.write("/srv/tables/gpus.yaml", "[]\n", owner=hostile.MALLORY_ID)
        outcome = self.inside("apply", recipe, "--yes", "--knowledge", "/srv/tables")
        self.assertIn(outcome.returncode, (4, 5), outcome)
        self.assertIn("belongs to `mallory`", outcome.stderr)
        self.assertEqual(self.inside("plan", recipe, "--out", "/srv/saved.plan").returncode, 0)
        self.tree.run(["chown", "mallory", "/srv/saved.plan"])
        self.assert_refused(self.inside("apply", "--plan", "/srv/saved.plan", "--yes"), "belongs to `mallory`")

    def test_a_recipe_swapped_while_it_is_read_is_the_one_that_was_judged(self):
        self.tree.run(["mkdir", "-m", "0777", "/srv/shared"])
        self.write("/srv/good.yaml", "recipe: r\nversion: 1\nresources:\n  - directory: ~/ml\n")
        evil = "recipe: r\\nversion: 1\\nresources:\\n  - file: /etc/lab.conf\\n    content: x\\n"
        swap = ("os.chdir('/srv/shared')\nopen('evil.yaml', 'w').write('{}')\nwhile True:\n"
                "    for target in ('/srv/good.yaml', 'evil.yaml'):\n        os.symlink(target, 'new')\n"
                "        os.rename('new', 'recipe.yaml')\n".format(evil))
        self.tree.install_binary()
        with self.tree.racing(swap):
            codes = {self.inside("apply", "/srv/shared/recipe.yaml", "--yes", "--user", "student").returncode
                     for _ in range(30)}
        self.assertFalse(self.tree.exists("/etc/lab.conf"))
        self.assertLessEqual(codes, {0, 4})

    def test_a_state_folder_of_another_user_is_not_roots(self):
        self.tree.run(["mkdir", "-p", "/home/mallory/state"], user="mallory")
        recipe = self.write("/srv/recipe.yaml")
        outcome = self.inside("apply", recipe, "--yes", env={"XDG_STATE_HOME": "/home/mallory/state"})
        self.assert_refused(outcome, "belongs to `mallory`")
        self.assertEqual(os.listdir(self.tree.path("/home/mallory/state")), [])
        self.tree.run(["ln", "-s", "/etc", "/home/mallory/link"], user="mallory")
        outcome = self.inside("apply", recipe, "--yes", env={"XDG_STATE_HOME": "/home/mallory/link"})
        self.assert_refused(outcome, "belongs to `mallory`")
        self.assertFalse(self.tree.exists("/etc/mlenvctl"))
        self.tree.run(["mkdir", "-m", "0777", "/srv/open"])
        outcome = self.inside("apply", recipe, "--yes", env={"XDG_STATE_HOME": "/srv/open"})
        self.assert_refused(outcome, "can be written by everybody")

    def test_state_and_its_folders_are_private_whatever_the_umask(self):
        recipe = self.write("/srv/recipe.yaml", "recipe: r\nversion: 1\nresources:\n  - directory: ~/ml\n  - file: /etc/lab.conf\n    content: x\n")
        self.tree.install_binary()
        for user, top in ((None, "/var/lib/mlenvctl"), ("student", "/home/student/.local/state/mlenvctl")):
            command = ["sh", "-c", "umask 0; exec /opt/mlenvctl/mlenvctl \"$@\"", "sh"]
            self.tree.run(command + ["apply", recipe, "--yes"], user=user, check=False)
            self.tree.run(command + ["plan", recipe], user=user, check=False)
            for folder, folders, files in os.walk(self.tree.path(top)):
                for name in files:
                    # Who holds the system's lock is for all to see.
                    forbidden = 0o022 if name in ("last-run", "lock") else 0o077
                    self.assertEqual(os.lstat(os.path.join(folder, name)).st_mode & forbidden, 0, os.path.join(folder, name))
                for name in folders:
                    self.assertEqual(os.lstat(os.path.join(folder, name)).st_mode & 0o022, 0, os.path.join(folder, name))

    def test_root_runs_nothing_in_a_venv_that_others_can_change(self):
        self.tree.run(["chmod", "0777", "/opt"])
        self.tree.write("/opt/lab/bin/python", "#!/bin/sh\ntouch /etc/lab.conf\n", mode=0o755, owner=hostile.MALLORY_ID)
        self.tree.write("/opt/lab/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.2\n", owner=hostile.MALLORY_ID)
        self.tree.write("/opt/lab/.mlenvctl.json", '{"format": "mlenvctl.environment/1", "made": true}', owner=hostile.MALLORY_ID)
        self.tree.run(["chown", "-R", "mallory", "/opt/lab"])
        recipe = self.write("/srv/recipe.yaml", "recipe: r\nversion: 1\nresources:\n  - venv: lab\n    path: /opt/lab\n"
                            "  - pip_package: [requests]\n    venv: lab\n")
        for command in ("plan", "apply"):
            self.inside(command, recipe, *(["--yes"] if command == "apply" else []))
            self.assertFalse(self.tree.exists("/etc/lab.conf"))

    def test_root_runs_no_uv_out_of_a_users_home(self):
        self.tree.write("~/.local/bin/uv", "#!/bin/sh\nid -u >>/tmp/ran\n", mode=0o755)
        os.chmod(self.tree.path("/tmp"), 0o1777)
        recipe = self.write("/srv/recipe.yaml", "recipe: r\nversion: 1\nresources:\n  - venv: lab\n    path: /opt/lab\n    installer: uv\n")
        self.inside("apply", recipe, "--yes", "--user", "student")
        ran = self.tree.read("/tmp/ran") if self.tree.exists("/tmp/ran") else ""
        self.assertNotIn("0", ran.split())


class RootForAUserTest(hostile.HostileTest):
    kind = "ready"
    CACHE = "/var/cache/mlenvctl/users/student"
    SITE = "{}/lib/python3.11/site-packages/"

    def setUp(self):
        super().setUp()
        self.index = wheel_index.WheelIndex()
        self.addCleanup(self.index.close)
        os.chmod(self.tree.path("/tmp"), 0o1777)

    def make_venv(self, path):
        self.tree.write("/srv/recipe.yaml", "recipe: r\nversion: 1\nresources:\n  - venv: lab\n    path: {}\n    installer: pip\n"
                        "    pip: latest\n  - pip_package: [pandas]\n    venv: lab\n".format(path))
        outcome = self.tree.mlenvctl_inside("apply", "/srv/recipe.yaml", "--yes", "--user", "student",
                                            env={"PIP_INDEX_URL": self.index.index_url})
        self.assertEqual(outcome.returncode, 0, outcome)

    def test_root_installs_nothing_that_lies_where_the_user_could_put_it(self):
        self.make_venv("/home/student/own")
        planted = set()
        for folder, _, files in os.walk(self.tree.path(self.CACHE + "/wheels")):
            for name in [name for name in files if name.endswith(".whl")]:
                package, version = name.split("-")[:2]
                stub_wheels.StubWheel(package, version, text="planted = True\n").write(folder)
                planted.add(package)
        self.assertGreaterEqual(planted, {"pip", "pandas", "numpy"})
        self.make_venv("/opt/lab")
        self.assertTrue(self.tree.exists(self.SITE.format("/opt/lab") + "pandas-1.1.5.dist-info"), "not of the index")
        for module in planted:
            self.assertNotIn("planted", self.tree.read(self.SITE.format("/opt/lab") + module + "/__init__.py"))

    def test_what_root_installs_is_not_asked_of_the_users_pip(self):
        self.make_venv("/home/student/own")
        pip = self.CACHE + "/pip/pip-for-3.11/pip"
        self.tree.run(["rm", "-r", pip], user="student")  # a link
        self.tree.write(pip + "/__main__.py", "open('/tmp/ran', 'a').write('it ran')\n", owner=lab.STUDENT_ID)
        self.make_venv("/opt/lab")
        self.assertFalse(self.tree.exists("/tmp/ran"))


if __name__ == "__main__":
    hostile.main()
