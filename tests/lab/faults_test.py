"""Disks that are full, broken or read-only, too little memory, odd programs and clocks that jump: each time a clear end,
nothing half-written, and the next apply brings the host to what is declared.

    python3 tests/lab/faults_test.py          a sample of the instants, as in CI
    python3 tests/lab/faults_test.py --all    every instant, and a gigabyte of output; takes long"""

import json
import os
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import lab  # noqa: E402
import namespace  # noqa: E402

ALL = "--all" in sys.argv
HEAD = "recipe: r\nversion: 1\nresources:\n"
RECIPE = HEAD + """  - directory: ~/ml
  - file: ~/ml/note
    content: hello
  - env_var: ML_PATH
    value: ~/ml
  - directory: /srv/lab
  - file: /srv/lab/conf
    content: setting
  - check: it is there
    run: [grep, -q, hello, /home/student/ml/note]
"""
MADE = "  - directory: /srv/made\n"  # a run that has nothing to change runs no checks
# What fails, and how.
FAULTS = (("write", "ENOSPC"), ("write", "EIO"), ("fsync", "EIO"), ("fdatasync", "ENOSPC"), ("renameat", "EROFS"),
          ("mkdirat", "EROFS"), ("fchmod", "EIO"), ("pipe2", "EMFILE"), ("clone,clone3,fork,vfork", "EAGAIN"))
INSTANTS = range(1, 41) if ALL else (1, 2, 4)
WORDS = {"ENOSPC": "No space left on device", "EIO": "Input/output error", "EROFS": "Read-only file system"}
GIGABYTE = 1 << 30 if ALL else 1 << 26
YEARS = 5 * 365 * 24 * 3600
CODES = {0, 1, 4}  # done, something failed, refused


class FaultsTest(unittest.TestCase):
    def setUp(self):
        self.tree = lab.Lab("fresh").__enter__()
        self.addCleanup(self.tree.__exit__)
        self.state = os.path.join(self.tree.folder, "state")
        os.mkdir(self.state)
        self.tree.environment["XDG_STATE_HOME"] = self.state
        self.rc_file = self.tree.read("~/.bashrc")

    def apply(self, recipe, *options, before=(), env=None):
        running = self.tree.mlenvctl_started("apply", recipe, "--yes", "--user", "student", *options, before=before,
                                             env=env)
        text = running.communicate(timeout=600)[0]
        return lab.Outcome(running.args, running.returncode, text, "")

    def assert_clear_end(self, outcome, codes=frozenset(CODES)):
        self.assertIn(outcome.returncode, codes, outcome)
        for word in ("terminate called", "a bug in mlenvctl", "Sanitizer", "Aborted", "what():"):
            self.assertNotIn(word, outcome.text, outcome)

    def assert_nothing_half_written(self, outcome):
        left = [path for path in self.tree.snapshot(("etc", "home", "srv")) if ".mlenvctl-" in path]
        self.assertEqual(left, [], outcome)
        for path, whole in (("~/ml/note", "hello"), ("/srv/lab/conf", "setting")):
            if self.tree.exists(path):
                self.assertEqual(self.tree.read(path).strip(), whole, outcome)
        self.assertTrue(self.tree.read("~/.bashrc").startswith(self.rc_file), outcome)

    def assert_converges(self, recipe, after):
        again = self.apply(recipe)
        self.assertEqual(again.returncode, 0, "{}\nafter\n{}".format(again, after))
        self.assertEqual(self.tree.read("~/ml/note").strip(), "hello")
        third = self.apply(recipe)
        self.assertNotRegex(third.text, r"to create, [1-9]|^  \+ ")
        self.assertNotIn("damaged", self.tree.mlenvctl("history").stdout)

    def clean(self):
        for path in ("~/ml", "/srv/lab", "~/.config", "~/.local"):
            shutil.rmtree(self.tree.path(path), ignore_errors=True)
        self.tree.write("~/.bashrc", self.rc_file)
        shutil.rmtree(self.state)
        os.mkdir(self.state)

    def mount(self, path, *options):
        target = path if path.startswith(self.tree.folder) else self.tree.path(path)
        namespace.mount("lab", target, "-t", "tmpfs", "-o", ",".join(options))
        self.addCleanup(namespace.unmount, target)

    def test_whatever_call_fails_the_end_is_clear_and_the_next_apply_converges(self):
        if not shutil.which("strace"):
            self.skipTest("strace is not installed")
        if lab.is_sanitized():
            self.skipTest("the calls that would fail are the sanitizer's own as well")
        recipe = self.tree.recipe(RECIPE)
        tried = failed = 0
        for calls, error in FAULTS:
            for instant in INSTANTS:
                with self.subTest(calls=calls, error=error, instant=instant):
                    self.clean()
                    fault = "inject={}:error={}:when={}".format(calls, error, instant)
                    tracer = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + calls, "-e", fault]
                    outcome = self.apply(recipe, before=tracer)
                    self.assert_clear_end(outcome)
                    self.assert_nothing_half_written(outcome)
                    # Where the screen is what fails there is nothing to read.
                    if outcome.returncode != 0 and calls not in ("write", "pipe2") and error in WORDS:
                        self.assertIn(WORDS[error], outcome.text)
                    self.assert_converges(recipe, outcome)
                    tried, failed = tried + 1, failed + (outcome.returncode != 0)
        print("faults injected: {}, of which {} ended a run early; lost: 0".format(tried, failed), file=sys.stderr)
        self.assertGreater(failed, tried // 4)

    def test_a_full_disk_under_a_file_leaves_the_old_one(self):
        self.mount("/srv/small", "size=64k")
        self.tree.write("/srv/small/conf", "old\n")
        recipe = self.tree.recipe(HEAD + "  - file: /srv/small/conf\n    content: {}\n".format("x" * 100000))
        outcome = self.apply(recipe)
        self.assertEqual(outcome.returncode, 1, outcome)
        self.assertIn("cannot write /srv/small/conf: No space left on device", outcome.text)
        self.assertIn("make room on the file system of /srv/small/conf", outcome.text)
        self.assertEqual(self.tree.read("/srv/small/conf"), "old\n")
        self.assertEqual(os.listdir(self.tree.path("/srv/small")), ["conf"])

    def test_a_read_only_disk_is_told_as_such(self):
        self.mount("/srv/still", "ro")
        outcome = self.apply(self.tree.recipe(HEAD + "  - file: /srv/still/conf\n    content: x\n"))
        self.assertEqual(outcome.returncode, 1, outcome)
        self.assertIn("cannot write /srv/still/conf: Read-only file system", outcome.text)

    def test_without_room_for_the_journal_nothing_more_begins(self):
        self.mount(self.state, "size=64k")
        loud = HEAD + MADE + """  - check: loud
    shell: yes 'a line of output' | head -n 5000
  - directory: /srv/after
    needs: [check.loud]
"""
        outcome = self.apply(self.tree.recipe(loud))
        self.assertEqual(outcome.returncode, 1, outcome)
        self.assertIn("cannot write the journal: No space left on device", outcome.text)
        self.assertIn("nothing is begun that could not be recorded", outcome.text)
        self.assertFalse(self.tree.exists("/srv/after"))
        self.assertNotIn("damaged", self.tree.mlenvctl("history").stdout)

    def test_where_the_state_folder_cannot_be_written_nothing_begins(self):
        self.mount(self.state, "ro")
        outcome = self.apply(self.tree.recipe(RECIPE))
        self.assertEqual(outcome.returncode, 4, outcome)
        self.assertIn("Read-only file system", outcome.text)
        self.assertFalse(self.tree.exists("~/ml"))
        self.assertFalse(self.tree.exists("/srv/lab"))

    def test_too_little_memory_is_said_plainly(self):
        recipe = self.tree.recipe(RECIPE)
        limit = lambda mebibytes: ["prlimit", "--as={}".format(mebibytes << 20)]  # noqa: E731
        if subprocess.run(limit(4096) + [lab.binary(), "--version"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("the binary needs more address space than a limit leaves it")
        enough = next(size for size in range(16, 4096, 2)
                      if subprocess.run(limit(size) + [lab.binary(), "--version"], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL).returncode == 0)
        seen = set()
        for size in range(enough, enough + 64, 1 if ALL else 9):
            with self.subTest(mebibytes=size):
                self.clean()
                outcome = self.apply(recipe, before=limit(size))
                seen.add(outcome.returncode)
                # The dynamic linker ends with 127 where it cannot load what the program is made of.
                self.assert_clear_end(outcome, CODES | {5, 127})
                self.assert_nothing_half_written(outcome)
                self.assert_converges(recipe, outcome)
        print("ends with too little memory: {}".format(sorted(seen)), file=sys.stderr)

    def test_a_program_that_prints_without_end_fills_neither_memory_nor_disk(self):
        text = HEAD + MADE + "  - check: loud\n    shell: yes '{}' | head -c {}; echo the end >&2\n".format(
            "x" * 200, GIGABYTE)
        running = self.tree.mlenvctl_started("apply", self.tree.recipe(text), "--yes", stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(running.returncode, 0)
        if not lab.is_sanitized():
            self.assertLess(usage.ru_maxrss, 400 * 1024)  # KiB
        sizes = [os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(self.state)
                 for name in names if name.endswith(".jsonl")]
        self.assertLess(max(sizes), 4 << 20)

    def test_a_program_that_hangs_or_falls_silent_is_waited_for_as_declared(self):
        text = HEAD + MADE + """  - check: silent
    shell: exec >&- 2>&- <&-; sleep 1; exec /bin/true
  - check: leaves somebody behind
    shell: (sleep 5; echo late) &
  - check: hangs
    shell: sleep 984
    timeout: 1
"""
        outcome = self.apply(self.tree.recipe(text))
        self.assertEqual(outcome.returncode, 1, outcome)
        self.assertIn("took longer than 1 s", outcome.text)
        self.assertIn("3 done, 1 failed", outcome.text)
        self.assertEqual(lab.processes("sleep 984"), [])


class ClockTest(unittest.TestCase):
    def setUp(self):
        self.tree = lab.Lab("fresh").__enter__()
        self.addCleanup(self.tree.__exit__)
        here = os.path.dirname(os.path.abspath(__file__))
        library = os.path.join(self.tree.folder, "set_clock.so")
        compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
        if not compiler:
            self.skipTest("there is no C compiler")
        subprocess.run([compiler, "-shared", "-fPIC", "-o", library, os.path.join(here, "../support/set_clock.c")],
                       check=True)
        self.offset = os.path.join(self.tree.folder, "offset")
        asan = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]))
        self.tree.environment.update({"XDG_STATE_HOME": os.path.join(self.tree.folder, "state"), "LD_PRELOAD": library,
                                      "CLOCK_OFFSET": self.offset, "ASAN_OPTIONS": asan})

    def at(self, seconds, *words):
        with open(self.offset, "w", encoding="utf-8") as out:
            out.write(str(seconds))
        return self.tree.mlenvctl(*words)

    def recipe(self, name, line):
        return self.tree.recipe("recipe: {}\nversion: 1\nresources:\n{}".format(name, line), name + ".yaml")

    def test_runs_are_told_in_the_order_in_which_they_were_whatever_the_clock_said(self):
        for number, years in enumerate((0, 1, -1, 0)):
            recipe = self.recipe("run-{}".format(number), "  - directory: /srv/made-{}\n".format(number))
            outcome = self.at(years * YEARS, "apply", recipe, "--yes")
            self.assertEqual(outcome.returncode, 0, outcome)
        text = self.at(-YEARS, "history").stdout
        self.assertEqual(re.findall(r"\brun-\d", text), ["run-3", "run-2", "run-1", "run-0"], text)

    def test_resume_takes_what_came_last_and_not_what_the_clock_calls_later(self):
        planned = self.recipe("planned", "  - directory: /srv/planned\n")
        broken = self.recipe("broken", "  - directory: /srv/broken\n  - check: no\n    run: [test, -e, /srv/mended]\n")
        self.assertEqual(self.at(YEARS, "plan", planned).returncode, 0)
        self.assertEqual(self.at(0, "apply", broken, "--yes").returncode, 1)
        self.tree.write("/srv/mended", "")
        resumed = self.at(-YEARS, "apply", "--resume", "--yes")
        self.assertEqual(resumed.returncode, 0, resumed)
        self.assertIn("check: no", resumed.text)
        self.assertFalse(self.tree.exists("/srv/planned"))
        self.assertEqual(self.at(-2 * YEARS, "plan", planned).returncode, 0)
        saved = self.at(0, "apply", "--resume", "--yes")
        self.assertEqual(saved.returncode, 0, saved)
        self.assertTrue(self.tree.exists("/srv/planned"), saved)

    def test_a_clock_that_jumps_during_a_run_changes_nothing_of_it(self):
        for seconds in (-YEARS, YEARS):
            recipe = self.recipe("jump", "  - directory: /srv/jump{}\n  - check: jump\n    shell: sleep 1\n".format(seconds))
            with open(self.offset, "w", encoding="utf-8") as out:
                out.write("0")
            running = self.tree.mlenvctl_started("apply", recipe, "--yes", "--json")
            lines = []
            for line in running.stdout:
                lines.append(json.loads(line))
                if lines[-1].get("event") == "step_started":
                    with open(self.offset, "w", encoding="utf-8") as out:
                        out.write(str(seconds))
            self.assertEqual(running.wait(60), 0, lines)
            running.stdout.close()
            for line in lines:
                self.assertTrue(0 <= line.get("seconds", 0) < 600, line)
            self.assertIn("jump", self.at(0, "history").stdout)


if __name__ == "__main__":
    sys.argv = [word for word in sys.argv if word != "--all"]
    lab.main()
