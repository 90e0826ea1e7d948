"""Links, hard links, FIFOs and devices that a hostile user has planted, also while root is at work."""

import os
import stat
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import hostile  # noqa: E402
import lab  # noqa: E402

SOON = 90  # seconds: far more than any of it takes, and less than for ever


class PlantedLinkTest(hostile.HostileTest):
    def test_a_link_in_place_of_an_rc_file_neither_changes_nor_shows_what_it_leads_to(self):
        for name in (".bashrc", ".profile"):
            self.tree.run(["ln", "-sfn", hostile.SHADOW, "/home/student/" + name], user="student")
        recipe = self.recipe("  - env_var: ML_PATH\n    value: ~/ml\n    shells: [bash]\n")
        planned = self.tree.mlenvctl("plan", recipe, "--user", "student")
        self.assertNotIn(hostile.CANARY, planned.text)
        outcome = self.apply(recipe)
        self.assertNotEqual(outcome.returncode, 0, outcome)
        self.assert_unharmed(outcome)

    def test_what_a_link_leads_to_is_not_kept_for_the_user_as_the_former_file(self):
        self.tree.run(["ln", "-s", hostile.SHADOW, "/home/student/own.txt"], user="student")
        outcome = self.apply(self.recipe("  - file: ~/own.txt\n    content: mine\n"))
        self.assertNotEqual(outcome.returncode, 0, outcome)
        self.assert_unharmed(outcome)

    def test_a_file_of_roots_that_the_user_moves_into_place_is_not_shown_to_the_user(self):
        self.tree.write("/home/student/kept/roots-own", hostile.CANARY, mode=0o600, owner=0)
        os.chown(self.tree.path("~/kept"), lab.STUDENT_ID, lab.STUDENT_ID)
        self.tree.run(["mv", "-f", "kept/roots-own", ".bashrc"], user="student")
        outcome = self.apply(self.recipe("  - env_var: A\n    value: b\n    shells: [bash]\n"))
        self.assertNotIn(hostile.CANARY, outcome.text)
        self.assertEqual(self.tree.leaks(), [], outcome)

    def test_a_hard_link_to_another_users_file_leaves_that_file_alone(self):
        os.remove(self.tree.path("~/.bashrc"))
        os.link(self.tree.path(hostile.SHADOW), self.tree.path("~/.bashrc"))
        outcome = self.apply(self.recipe("  - env_var: A\n    value: b\n    shells: [bash]\n"))
        self.assert_unharmed(outcome)

    def test_a_link_in_a_writable_folder_does_not_lead_roots_own_steps(self):
        os.mkdir(self.tree.path("/srv/shared"))
        os.chmod(self.tree.path("/srv/shared"), 0o777)
        self.tree.run(["ln", "-s", "/etc", "/srv/shared/sub"], user="mallory")
        self.tree.run(["ln", "-s", hostile.SHADOW, "/srv/shared/file"], user="mallory")
        for resource in ("file: /srv/shared/sub/passwd", "file: /srv/shared/file", "directory: /srv/shared/sub/new"):
            text = "  - {}\n".format(resource) + ("    content: gone\n" if resource.startswith("file") else "")
            outcome = self.apply(self.recipe(text))
            self.assertNotEqual(outcome.returncode, 0, outcome)
            self.assertFalse(self.tree.exists("/etc/new"))
            self.assert_unharmed(outcome)
        self.assertIn("root:", self.tree.read("/etc/passwd"))

    def test_a_tree_is_not_left_by_links(self):
        outside = os.path.join(self.tree.folder, "outside")
        os.mkdir(outside)
        up = "../" * 30
        for target, name in ((outside, "absolute"), (up.rstrip("/") + outside, "relative")):
            os.symlink(target, self.tree.path("/opt/" + name))
            os.symlink(target, self.tree.path("~/" + name))
            os.lchown(self.tree.path("~/" + name), lab.STUDENT_ID, lab.STUDENT_ID)
            for where in ("/opt/", "~/"):
                text = "  - directory: {0}{1}/folder\n  - file: {0}{1}/file\n    content: x\n".format(where, name)
                self.apply(self.recipe(text))
        self.assertEqual(os.listdir(outside), [])

    def test_a_saved_plan_page_and_script_go_through_nobodys_link(self):
        victim = os.path.join(self.tree.folder, "victim")
        with open(victim, "w") as out:
            out.write("precious")
        shared = os.path.join(self.tree.folder, "shared")
        os.mkdir(shared)
        os.chmod(shared, 0o777)
        recipe = self.recipe("  - directory: /opt/lab\n")
        for option in ("--out", "--html", "--as-root-script"):
            link = os.path.join(shared, option.strip("-"))
            os.symlink(victim, link)
            os.lchown(link, hostile.MALLORY_ID, hostile.MALLORY_ID)
            outcome = self.tree.mlenvctl("plan", recipe, option, link)
            self.assertEqual(outcome.returncode, 1, outcome)
            self.assertIn("belongs to another user", outcome.stderr)
        with open(victim) as text:
            self.assertEqual(text.read(), "precious")


class RaceTest(hostile.HostileTest):
    def test_a_file_swapped_for_a_link_over_and_over_leaks_nothing(self):
        swap = ("while True:\n"
                "    for make in (lambda p: os.symlink('/etc/shadow', p), lambda p: open(p, 'w').write('mine')):\n"
                "        try:\n            make('.new')\n            os.rename('.new', '.bashrc')\n"
                "        except OSError:\n            pass\n")
        with self.tree.racing(swap, user="student"):
            for count in range(6):
                self.apply(self.recipe("  - env_var: A\n    value: v{}\n    shells: [bash]\n"
                                       "  - file: ~/.bashrc2\n    content: v{}\n".format(count, count)))
        self.assert_unharmed()

    def test_a_folder_swapped_for_a_link_in_the_middle_leads_nowhere(self):
        os.mkdir(self.tree.path("/srv/shared"))
        os.chmod(self.tree.path("/srv/shared"), 0o777)
        swap = ("os.chdir('/srv/shared')\nwhile True:\n"
                "    for make in (lambda p: os.symlink('/etc', p), os.mkdir):\n"
                "        try:\n            make('new')\n            os.rename('sub', 'old')\n"
                "        except OSError:\n            pass\n"
                "        try:\n            os.rename('new', 'sub')\n        except OSError:\n            pass\n"
                "        for drop in (os.rmdir, os.unlink):\n"
                "            try:\n                drop('old')\n            except OSError:\n                pass\n")
        before = set(os.listdir(self.tree.path("/etc")))
        with self.tree.racing(swap):
            for count in range(6):
                self.apply(self.recipe("  - file: /srv/shared/sub/planted-{0}\n    content: v{0}\n"
                                       "  - directory: /srv/shared/sub/folder-{0}\n".format(count)))
        now = {name for name in os.listdir(self.tree.path("/etc")) if name.startswith((".planted", "planted", "folder"))}
        self.assertEqual(now - before, set())
        self.assert_unharmed()


class OddFileTest(hostile.HostileTest):
    def ends_soon(self, *words, code=None):
        began = time.monotonic()
        outcome = self.tree.mlenvctl(*words, limit=SOON)
        self.assertLess(time.monotonic() - began, SOON)
        if code is not None:
            self.assertEqual(outcome.returncode, code, outcome)
        return outcome

    def test_a_fifo_or_device_in_place_of_a_file_holds_nothing_up(self):
        os.remove(self.tree.path("~/.bashrc"))
        os.mkfifo(self.tree.path("~/.bashrc"), 0o666)
        os.remove(self.tree.path("~/.profile"))
        os.mknod(self.tree.path("~/.profile"), stat.S_IFCHR | 0o666, os.makedev(1, 5))
        os.mkfifo(self.tree.path("~/note"), 0o666)
        recipe = self.recipe("  - env_var: A\n    value: b\n    shells: [bash]\n  - file: ~/note\n    content: x\n"
                             "  - directory: ~/other\n")
        self.ends_soon("plan", recipe, "--user", "student")
        self.ends_soon("verify", recipe, "--user", "student", code=2)
        outcome = self.ends_soon("apply", recipe, "--user", "student", "--yes", code=1)
        self.assertTrue(stat.S_ISFIFO(os.lstat(self.tree.path("~/.bashrc")).st_mode), outcome)
        self.assertTrue(self.tree.exists("~/other"), "the rest is done all the same")
        self.ends_soon("destroy", "--user", "student", "--yes")

    def test_a_kernel_or_a_package_that_is_a_fifo_holds_nothing_up(self):
        for path in ("~/.local/share/jupyter/kernels/lab/kernel.json", "~/lab/pyvenv.cfg",
                     "~/lab/lib/python3.11/site-packages/x-1.dist-info/METADATA", "~/.config/pip/pip.conf"):
            os.makedirs(os.path.dirname(self.tree.path(path)), exist_ok=True)
            os.mkfifo(self.tree.path(path), 0o666)
        self.tree.run(["chown", "-R", "student:student", "/home/student"])
        recipe = self.recipe("  - venv: lab\n    path: ~/lab\n  - pip_package: [x]\n    venv: lab\n"
                             "  - jupyter_kernel: lab\n    venv: lab\n")
        self.ends_soon("verify", recipe, "--user", "student", code=2)

    def test_a_recipe_that_is_no_file_is_refused_at_once(self):
        folder = os.path.join(self.tree.folder, "recipes")
        os.mkfifo(os.path.join(folder, "fifo.yaml"))
        os.symlink("/dev/zero", os.path.join(folder, "zero.yaml"))
        with open(os.path.join(folder, "huge.yaml"), "w") as out:
            out.truncate(1 << 40)
        for name in ("fifo.yaml", "zero.yaml", "huge.yaml"):
            path = os.path.join(folder, name)
            self.ends_soon("validate", path, code=5)
            self.ends_soon("plan", path, code=5)
            included = self.recipe("  - directory: ~/ml\n", "outer.yaml", "include: [{}]\n".format(name))
            self.ends_soon("validate", included, code=5)
            source = self.recipe("  - file: ~/copy\n    source: {}\n".format(name), "source.yaml")
            self.ends_soon("validate", source, code=5)
            self.ends_soon("show", path, code=5)
            self.ends_soon("plan", self.recipe("  - directory: ~/ml\n"), "--host", path, code=5)

    def test_a_huge_file_in_a_home_fills_no_memory(self):
        with open(self.tree.path("~/.bashrc"), "w") as out:
            out.truncate(1 << 40)
        outcome = self.ends_soon("apply", self.recipe("  - env_var: A\n    value: b\n    shells: [bash]\n"),
                                 "--user", "student", "--yes", code=1)
        self.assertIn("larger than 64 MiB", outcome.text)

    def test_mlenvctls_own_files_replaced_by_fifos_hold_nothing_up(self):
        recipe = self.recipe("  - directory: ~/ml\n")
        state = os.path.join(self.tree.folder, "state")
        environment = {"XDG_STATE_HOME": state}
        self.tree.mlenvctl("plan", recipe, "--user", "student", env=environment)
        for folder, _, files in os.walk(state):
            for name in files:
                os.remove(os.path.join(folder, name))
                os.mkfifo(os.path.join(folder, name))
        for words in (("history",), ("apply", "--yes"), ("plan", recipe, "--user", "student")):
            self.tree.mlenvctl(*words, env=environment, limit=SOON)


class CredentialsTest(hostile.HostileTest):
    ASK = """
      import os
      with open('/proc/self/status') as text:
          status = dict(line.rstrip().split(':\\t', 1) for line in text if ':\\t' in line)
      assert os.getresuid() == (1000, 1000, 1000), os.getresuid()
      assert os.getresgid() == (1000, 1000, 1000), os.getresgid()
      assert sorted(os.getgroups()) == [1000, 2000], os.getgroups()
      for name in ('CapInh', 'CapPrm', 'CapEff', 'CapAmb'):
          assert int(status[name], 16) == 0, (name, status[name])
      assert status['Umask'].strip() == '0022', status['Umask']
      for way in (os.setuid, os.seteuid, os.setgid):
          try:
              way(0)
          except PermissionError:
              continue
          raise AssertionError('root again')
      left = [fd for fd in os.listdir('/proc/self/fd') if int(fd) > 3]
      assert left == [], left
      odd = [name for name in os.environ if name.startswith(('LD_', 'PYTHON', 'SUDO_', 'BASH_'))]
      assert odd == [], odd
"""

    def test_what_root_does_for_a_user_it_does_as_that_user_for_good(self):
        self.tree.run(["groupadd", "--gid", "2000", "lab"])
        self.tree.run(["usermod", "-a", "-G", "lab", "student"])
        script = self.ASK.replace("\n      ", "\n")
        self.tree.write("/opt/ask.py", script)
        recipe = self.recipe("  - check: it is the student\n    run: [python3, /opt/ask.py]\n"
                             "  - directory: ~/a/b/c\n  - file: ~/a/x\n    content: x\n")
        hostile_environment = {"LD_LIBRARY_PATH": "/home/mallory", "PYTHONPATH": "/home/mallory",
                               "BASH_ENV": "/home/mallory/x", "SUDO_COMMAND": "x"}
        before = os.umask(0)
        try:
            outcome = self.apply(recipe, env=hostile_environment)
        finally:
            os.umask(before)
        self.assertEqual(outcome.returncode, 0, outcome)
        for path in ("~/a", "~/a/b", "~/a/b/c", "~/a/x"):
            self.assertEqual(self.tree.owner(path), lab.STUDENT_ID, path)
            self.assertEqual(self.tree.mode(path) & 0o022, 0, path)

    def test_files_that_only_the_group_may_read_are_read_as_the_user(self):
        self.tree.run(["groupadd", "--gid", "2000", "lab"])
        self.tree.run(["usermod", "-a", "-G", "lab", "student"])
        self.tree.write("/srv/lab/shared", "the same", mode=0o640)
        os.chown(self.tree.path("/srv/lab/shared"), 0, 2000)
        os.symlink("/srv/lab/shared", self.tree.path("~/shared"))
        os.lchown(self.tree.path("~/shared"), lab.STUDENT_ID, lab.STUDENT_ID)
        recipe = self.recipe("  - file: ~/shared\n    content: the same\n")
        outcome = self.tree.mlenvctl("plan", recipe, "--user", "student", "--detailed-exitcode")
        self.assertEqual(outcome.returncode, 0, outcome)


if __name__ == "__main__":
    hostile.main()
