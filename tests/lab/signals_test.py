"""What a person's interruption, a lost connection and a deaf terminal do to a run."""

import json
import os
import pty
import re
import signal
import sys
import termios
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import lab  # noqa: E402

HEAD = "recipe: r\nversion: 1\nresources:\n"
MADE = "  - directory: ~/made\n"  # a run that has nothing to change runs no checks
FIRST = HEAD + MADE + """  - check: first
    shell: echo begun; touch ~/begun; sleep {seconds}; touch ~/first
    timeout: 600
  - check: second
    shell: touch ~/second
    needs: [check.first]
"""
LOUD = HEAD + MADE + """  - check: loud
    shell: touch ~/begun; yes 'a line of output that nobody reads' | head -n 200000; sleep {seconds}; touch ~/first
  - check: second
    shell: touch ~/second
    needs: [check.first]
""".replace("check.first", "check.loud")
APT = HEAD + """  - apt_package: jq
  - directory: /srv/after
    needs: [apt_package.jq]
"""
PATIENCE = 60
A_KEY = 0.5  # more than what counts as the same key


def wait_for(holds, what):
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise AssertionError("in vain: " + what)
        time.sleep(0.05)


class SignalsTest(unittest.TestCase):
    kind = "fresh"

    def setUp(self):
        self.tree = lab.Lab(self.kind).__enter__()
        self.addCleanup(self.tree.__exit__)

    def start(self, text, *options, begun="~/begun", **streams):
        self.tree.write("/r.yaml", text)
        words = ["apply", "/r.yaml", "--yes", "--user", "student", *options]
        running = self.tree.mlenvctl_started(*words, inside="root", **streams)
        self.addCleanup(running.stdout.close if running.stdout else running.poll)
        self.addCleanup(running.wait)
        self.addCleanup(running.kill)
        wait_for(lambda: self.tree.exists(begun) or running.poll() is not None, begun)
        return running

    def end_of(self, running):
        """Code, output and the events of the journal."""
        text = running.communicate(timeout=PATIENCE)[0] if running.stdout else ""
        code = running.wait(PATIENCE)
        return code, text or "", self.journal()

    def journal(self):
        folder = self.tree.path("/var/lib/mlenvctl/runs")
        name = max(each for each in os.listdir(folder) if each.endswith(".jsonl"))
        with open(os.path.join(folder, name), encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def assert_whole(self, journal, status):
        self.assertEqual((journal[-1].get("event"), journal[-1].get("status")), ("run_finished", status))
        listed = self.tree.mlenvctl_inside("history").stdout
        self.assertNotIn("damaged", listed)
        self.assertNotIn("cut short", listed)

    def test_the_first_lets_the_running_step_finish_and_says_so(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                self.tree.run(["rm", "-rf", "/home/student/begun", "/home/student/first", "/home/student/made", "/var/lib/mlenvctl/runs"])
                running = self.start(FIRST.format(seconds=2))
                running.send_signal(number)
                code, text, journal = self.end_of(running)
                self.assertEqual(code, 130, text)
                self.assertIn("Interrupted: the run ends after `check: first`", text)
                self.assertLess(text.index("Interrupted: the run ends"), text.index("[2/3] done in"))
                self.assertIn("2 done, 1 not begun", text)
                self.assertTrue(self.tree.exists("~/first"))
                self.assertFalse(self.tree.exists("~/second"))
                self.assert_whole(journal, "interrupted")
                self.assertIn("run_stopping", [line.get("event") for line in journal])

    def test_the_second_ends_what_may_be_ended(self):
        running = self.start(FIRST.format(seconds=987))
        running.send_signal(signal.SIGINT)
        time.sleep(A_KEY)
        running.send_signal(signal.SIGINT)
        code, text, journal = self.end_of(running)
        self.assertEqual(code, 130, text)
        self.assertIn("it was ended by the interruption", text)
        self.assertFalse(self.tree.exists("~/first"))
        self.assertEqual(lab.processes("sleep 987"), [])
        self.assert_whole(journal, "interrupted")
        self.tree.write("/r.yaml", FIRST.format(seconds=0))
        again = self.tree.mlenvctl_inside("apply", "--resume", "--yes")
        self.assertEqual(again.returncode, 0, again)
        self.assertTrue(self.tree.exists("~/second"))

    def test_apt_and_dpkg_are_never_ended(self):
        self.tree.write("/etc/apt/apt.conf.d/slow", 'DPkg::Pre-Invoke {"touch /srv/begun; sleep 4; touch /srv/woke";};\n')
        running = self.start(APT, begun="/srv/begun")
        for _ in range(3):
            running.send_signal(signal.SIGINT)
            time.sleep(A_KEY)
        code, text, journal = self.end_of(running)
        self.assertEqual(code, 130, text)
        self.assertTrue(self.tree.exists("/srv/woke"), text)
        self.assertTrue(self.tree.exists("/usr/bin/jq"), text)
        self.assertEqual(self.tree.run(["dpkg", "--audit"]).stdout, "")
        self.assertFalse(self.tree.exists("/srv/after"))
        self.assertIn("apt and dpkg finish what they are at", text)
        self.assert_whole(journal, "interrupted")

    def test_programs_are_told_of_an_interruption(self):
        running = self.start(FIRST.format(seconds=1), "--json")
        running.send_signal(signal.SIGTERM)
        code, text, _ = self.end_of(running)
        events = [json.loads(line) for line in text.splitlines()]
        self.assertEqual(code, 130, text)
        self.assertEqual([each["now"] for each in events if each.get("event") == "run_stopping"], [False])

    def test_a_lost_connection_and_a_closed_pipe_stop_nothing(self):
        read_end, write_end = os.pipe()
        running = self.start(FIRST.format(seconds=2), stdout=write_end, stderr=write_end)
        os.close(write_end)
        os.close(read_end)
        running.send_signal(signal.SIGHUP)
        code, _, journal = self.end_of(running)
        self.assertEqual(code, 0)
        self.assertTrue(self.tree.exists("~/second"))
        self.assert_whole(journal, "ok")

    def test_a_pipe_that_nobody_reads_stops_nothing(self):
        running = self.start(LOUD.format(seconds=0), "--json")
        wait_for(lambda: self.tree.exists("~/second") and self.journal()[-1].get("event") == "run_finished",
                 "a run that does not wait for its reader")
        self.assertIsNone(running.poll())
        code, text, journal = self.end_of(running)
        self.assertEqual(code, 0)
        self.assertEqual(json.loads(text.splitlines()[-1])["event"], "run_finished")
        self.assert_whole(journal, "ok")

    def on_terminal(self, text):
        """A run on a terminal of its own: process, terminal, its settings before."""
        self.tree.write("/r.yaml", text)
        program = self.tree.install_binary()
        child, terminal = pty.fork()
        if child == 0:
            os.chroot(self.tree.root)
            os.chdir("/root")
            os.execve(program, [program, "apply", "/r.yaml", "--yes", "--user", "student"],
                      {"PATH": lab.PATH, "HOME": "/root", "USER": "root", "TERM": "xterm", "LANG": "C.UTF-8"})
        before = termios.tcgetattr(terminal)
        wait_for(lambda: self.tree.exists("~/begun"), "the first check")
        return child, terminal, before

    @staticmethod
    def read_to_end(terminal):
        text = b""
        try:
            while piece := os.read(terminal, 65536):
                text += piece
        except OSError:  # Linux says so when the other side is closed
            pass
        return text.decode("utf-8", "replace")

    def test_on_a_terminal_two_keys_end_it_and_the_terminal_is_as_before(self):
        child, terminal, before = self.on_terminal(FIRST.format(seconds=985))
        os.write(terminal, b"\x03")
        time.sleep(A_KEY)
        self.assertEqual(termios.tcgetattr(terminal), before)
        os.write(terminal, b"\x03")
        text = self.read_to_end(terminal)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 130, text)
        os.close(terminal)
        self.assertIn("Interrupted: the run ends after `check: first`", re.sub(r"\x1b\[[\d;]*m", "", text))
        for begin, end in (("\x1b[?25l", "\x1b[?25h"), ("\x1b[?1049h", "\x1b[?1049l"), ("\x1b[?7l", "\x1b[?7h")):
            self.assertEqual(text.count(begin), text.count(end), repr(begin))
        self.assert_whole(self.journal(), "interrupted")

    def test_a_terminal_that_goes_away_stops_nothing(self):
        child, terminal, _ = self.on_terminal(FIRST.format(seconds=2))
        os.close(terminal)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
        self.assertTrue(self.tree.exists("~/second"))
        self.assert_whole(self.journal(), "ok")


# Stands in for a mirror that sends nothing, which apt would wait for.
SLOW_APT = """#!/bin/sh
case " $* " in *" --download-only "*) touch /srv/begun; sleep 986 ;; esac
exec /usr/bin/apt-get.real "$@"
"""


class BehindSudoTest(unittest.TestCase):
    def test_a_download_of_roots_is_ended_for_the_user_who_asked_for_it(self):
        with lab.Lab("ready") as tree:
            tree.run(["mv", "/usr/bin/apt-get", "/usr/bin/apt-get.real"])
            tree.write("/usr/bin/apt-get", SLOW_APT, 0o755)
            tree.write("/r.yaml", APT)
            running = tree.mlenvctl_started("apply", "/r.yaml", "--yes", inside="student")
            self.addCleanup(running.stdout.close)
            self.addCleanup(running.kill)
            wait_for(lambda: tree.exists("/srv/begun") or running.poll() is not None, "the download")
            self.assertNotEqual(lab.processes("sleep 986"), [])
            running.send_signal(signal.SIGINT)
            time.sleep(A_KEY)
            running.send_signal(signal.SIGINT)
            text = running.communicate(timeout=PATIENCE)[0]
            self.assertEqual(running.returncode, 130, text)
            self.assertIn("it was ended by the interruption", text)
            wait_for(lambda: lab.processes("sleep 986") == [], "no process of root's is left")
            self.assertFalse(tree.exists("/usr/bin/jq"))


if __name__ == "__main__":
    lab.main()
