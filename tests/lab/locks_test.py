"""One run at a time, and patience with other programs of apt's."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import lab  # noqa: E402

HEAD = "recipe: r\nversion: 1\nresources:\n"
USER = HEAD + """  - file: ~/note
    content: hello
  - check: slow
    shell: touch ~/begun; sleep {seconds}
"""
SYSTEM = HEAD + """  - file: /etc/lab.conf
    content: hello
  - check: slow
    shell: touch ~/begun; sleep {seconds}
"""
APT = HEAD + "  - apt_package: jq\n"
PATIENCE = 90
MANY = 20
HOLDER = """
import fcntl, os, sys, time
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o640)
fcntl.lockf(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


def wait_for(holds, what):
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise AssertionError("in vain: " + what)
        time.sleep(0.05)


class OneRunTest(unittest.TestCase):
    def setUp(self):
        self.tree = lab.Lab("ready").__enter__()
        self.addCleanup(self.tree.__exit__)

    def start(self, text, name="/r.yaml", user="root", begun="~/begun"):
        self.tree.write(name, text)
        words = ["apply", name, "--yes"] + (["--user", "student"] if user == "root" else [])
        running = self.tree.mlenvctl_started(*words, inside=user)
        self.addCleanup(running.stdout.close)
        self.addCleanup(running.wait)
        self.addCleanup(running.kill)
        if begun:
            wait_for(lambda: self.tree.exists(begun) or running.poll() is not None, "begin of the run")
        return running

    def assert_refused(self, running, holder):
        text = running.communicate(timeout=PATIENCE)[0]
        self.assertEqual(running.returncode, 4, text)
        named = re.search(r"another run (?:is|has been) at work.*: process (\d+), `(mlenvctl apply [^`]*)`, since 2", text)
        self.assertIsNotNone(named, text)
        if holder:
            self.assertEqual(int(named.group(1)), holder, text)
        return text

    def test_of_twenty_runs_that_begin_at_once_one_runs_and_is_named_by_the_others(self):
        all_runs = [self.start(USER.format(seconds=25), begun=None) for _ in range(MANY)]
        texts = [(each.communicate(timeout=PATIENCE)[0], each) for each in all_runs]
        ran = [each for _, each in texts if each.returncode == 0]
        self.assertEqual(len(ran), 1, [(each.returncode, text) for text, each in texts])
        for text, each in texts:
            if each is ran[0]:
                continue
            self.assertEqual(each.returncode, 4, text)
            self.assertIn("process {}, `mlenvctl apply /r.yaml`, since ".format(ran[0].pid), text)
        journals = [name for name in os.listdir(self.tree.path("/var/lib/mlenvctl/runs")) if name.endswith(".jsonl")]
        self.assertEqual(len(journals), 1)

    def test_root_for_a_user_and_the_user_meet_whoever_came_first(self):
        root = self.start(USER.format(seconds=8))
        self.assert_refused(self.start(USER.format(seconds=0), "/s.yaml", "student", None), root.pid)
        self.assertEqual(root.wait(PATIENCE), 0)
        self.tree.run(["rm", "/home/student/begun", "/home/student/note"])
        student = self.start(USER.format(seconds=8), user="student")
        self.assert_refused(self.start(USER.format(seconds=0), "/s.yaml", "root", None), student.pid)

    def test_a_user_with_sudo_has_the_systems_lock_for_as_long_as_it_runs(self):
        student = self.start(SYSTEM.format(seconds=8), user="student")
        other = HEAD + "  - directory: /srv/other\n"
        self.assert_refused(self.start(other, "/s.yaml", "root", None), student.pid)
        self.assertEqual(student.wait(PATIENCE), 0)
        self.assertEqual(lab.processes("host-lock / /var/lib/mlenvctl process {},".format(student.pid)), [])
        self.assertEqual(self.start(other, "/s.yaml", "root", None).wait(PATIENCE), 0)

    def test_runs_for_two_users_do_not_meet_where_the_system_is_not_touched(self):
        self.tree.run(["useradd", "--create-home", "--shell", "/bin/bash", "teacher"])
        student = self.start(USER.format(seconds=8), user="student")
        self.tree.write("/t.yaml", USER.format(seconds=0))
        teacher = self.tree.mlenvctl_inside("apply", "/t.yaml", "--yes", user="teacher")
        self.assertEqual(teacher.returncode, 0, teacher)
        self.assertIsNone(student.poll())

    def test_a_run_that_was_killed_leaves_no_lock(self):
        for user in ("root", "student"):
            with self.subTest(user):
                killed = self.start(SYSTEM.format(seconds=5), user=user)
                killed.kill()
                killed.wait(PATIENCE)
                self.tree.run(["rm", "-f", "/home/student/begun"])
                again = self.start(SYSTEM.format(seconds=0), user=user, begun=None)
                text = again.communicate(timeout=PATIENCE)[0]
                self.assertEqual(again.returncode, 0, text)
                self.tree.run(["rm", "-f", "/etc/lab.conf", "/home/student/begun"])


    def overtaken(self, recipe, changed=None):
        """Applies, with another run between the plan and the yes to it; `changed`: what that one has left of ~/note."""
        state = "/home/student/.local/state/mlenvctl"

        def another_run():
            self.tree.write(state + "/last-run", "process 1, `mlenvctl apply other.yaml`, since 2026-11-25T00:00:00Z\n")
            if changed:
                self.tree.write("/home/student/note", changed)
            self.tree.run(["chown", "-R", "student", "/home/student"])
        return self.tree.mlenvctl_asked("apply", recipe, "--user", "student", answer="yes", meanwhile=another_run)

    def test_a_run_in_between_that_has_changed_nothing_here_stops_nothing(self):
        outcome = self.overtaken(self.tree.recipe(HEAD + "  - file: ~/note\n    content: hello\n"))
        self.assertEqual(outcome.returncode, 0, outcome)
        self.assertEqual(self.tree.read("/home/student/note"), "hello")

    def test_a_run_in_between_that_has_changed_what_was_planned_is_named_and_nothing_is_done(self):
        outcome = self.overtaken(self.tree.recipe(HEAD + "  - file: ~/note\n    content: hello\n"), changed="other")
        self.assertEqual(outcome.returncode, 4, outcome)
        self.assertIn("another run has been at work since this was planned: process 1, `mlenvctl apply other.yaml`",
                      outcome.stdout)
        self.assertEqual(self.tree.read("/home/student/note"), "other")

    def test_a_saved_plan_that_the_run_in_between_has_used_up_is_not_used_again(self):
        recipe = self.tree.recipe(HEAD + "  - file: ~/note\n    content: hello\n")
        planned = self.tree.mlenvctl("plan", recipe, "--user", "student")
        self.assertEqual(planned.returncode, 0, planned)

        def the_same_run():
            outcome = self.tree.mlenvctl("apply", "--yes")
            self.assertEqual(outcome.returncode, 0, outcome)
            self.tree.run(["rm", "/home/student/note"])  # so that planning again would come to the same
        outcome = self.tree.mlenvctl_asked("apply", answer="yes", meanwhile=the_same_run)
        self.assertEqual(outcome.returncode, 4, outcome)
        self.assertFalse(self.tree.exists("/home/student/note"))


class AptLocksTest(unittest.TestCase):
    def setUp(self):
        self.tree = lab.Lab("fresh").__enter__()
        self.addCleanup(self.tree.__exit__)
        self.recipe = self.tree.recipe(APT)

    def hold(self, path, seconds):
        """Somebody else's apt."""
        holder = subprocess.Popen([sys.executable, "-c", HOLDER, self.tree.path(path), str(seconds)],
                                  stdout=subprocess.PIPE, text=True)
        self.addCleanup(holder.stdout.close)
        self.addCleanup(holder.wait)
        self.addCleanup(holder.kill)
        self.assertEqual(holder.stdout.readline(), "held\n")
        return holder

    def start(self, *options):
        running = self.tree.mlenvctl_started("apply", self.recipe, "--yes", "--user", "student", *options)
        self.addCleanup(running.stdout.close)
        self.addCleanup(running.wait)
        self.addCleanup(running.kill)
        return running

    def read_until(self, running, words):
        text = ""
        for line in running.stdout:
            text += line
            if words in line:
                return text
        raise AssertionError("`{}` is not in: {}".format(words, text))

    def test_the_holder_is_named_and_waited_for(self):
        holder = self.hold("/var/lib/dpkg/lock-frontend", 600)
        inode = os.stat(self.tree.path("/var/lib/dpkg/lock-frontend")).st_ino
        running = self.start()
        text = self.read_until(running, "waiting for ")
        self.assertIn("waiting for process {} (`{} -c ".format(holder.pid, sys.executable), text)
        self.assertIn("which holds /var/lib/dpkg/lock-frontend, at most 10 min 0 s", text)
        self.assertIsNone(holder.poll())
        holder.terminate()
        text += running.communicate(timeout=PATIENCE)[0]
        self.assertEqual(running.returncode, 0, text)
        self.assertIn("`/var/lib/dpkg/lock-frontend` is free after ", text)
        self.assertTrue(self.tree.exists("/usr/bin/jq"))
        self.assertEqual(os.stat(self.tree.path("/var/lib/dpkg/lock-frontend")).st_ino, inode)

    def test_patience_ends_and_the_holder_is_left_alone(self):
        holder = self.hold("/var/lib/dpkg/lock-frontend", 600)
        running = self.start("--json", "--wait", "1")
        text = running.communicate(timeout=PATIENCE)[0]
        self.assertEqual(running.returncode, 1, text)
        events = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        waiting = [each for each in events if each.get("event") == "step_waiting"]
        self.assertEqual((waiting[0]["holder"], waiting[0]["what"]), (holder.pid, "/var/lib/dpkg/lock-frontend"))
        failed = [each for each in events if each.get("status") == "failed" and each["event"] == "step_finished"]
        self.assertEqual(failed[0]["code"], "apt.locked")
        self.assertIn("process {}".format(holder.pid), failed[0]["reason"])
        self.assertIsNone(holder.poll())
        self.assertFalse(self.tree.exists("/usr/bin/jq"))

    def test_an_interruption_ends_the_wait_at_once(self):
        self.hold("/var/lib/dpkg/lock", 600)
        running = self.start()
        self.read_until(running, "waiting for ")
        running.send_signal(signal.SIGINT)
        text = running.communicate(timeout=PATIENCE)[0]
        self.assertEqual(running.returncode, 130, text)
        self.assertIn("nothing was begun", text)
        self.assertFalse(self.tree.exists("/usr/bin/jq"))


if __name__ == "__main__":
    lab.main()
