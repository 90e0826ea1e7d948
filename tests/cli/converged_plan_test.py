"""What the plan of a host that is as declared costs: it starts nothing, connects to nothing, reads nothing twice."""

import collections
import os
import re
import shutil
import subprocess
import sys
import unittest

import program

sys.path.insert(0, os.path.join(program.ROOT, "tests", "bench"))
import work  # noqa: E402

CALL = re.compile(r'^(?:\d+ +)?(open|openat|openat2|execve|execveat|socket|connect|fork|vfork|clone|clone3)\((.*)$')


class ConvergedPlanTest(program.ProgramTest):
    def setUp(self):
        super().setUp()
        self.recipe, self.tree = work.lay_work(self.folder)
        self.words = work.plan_command("plan", self.recipe, self.tree)[1:]

    def test_it_is_as_declared(self):
        self.assertIn("No changes. The host is as declared.", self.run_program(*self.words, "--detailed-exitcode").stdout)

    def calls(self, *more):
        """The system calls of a plan, `name(arguments…) = result` each."""
        if shutil.which("strace") is None:
            self.skipTest("there is no strace")
        trace = os.path.join(self.folder, "trace")
        environment = {**os.environ, "XDG_STATE_HOME": os.path.join(self.folder, "state")}
        done = subprocess.run(["strace", "-f", "-s", "4096", "-o", trace, program.MLENVCTL, *self.words, *more],
                              env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, encoding="utf-8", timeout=120)
        if not os.path.exists(trace) or "ptrace" in done.stderr:
            self.skipTest("strace may not trace here: " + done.stderr)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(trace, encoding="utf-8", errors="replace") as text:
            return [match.groups() for match in map(CALL.match, text) if match]

    def check(self, calls):
        starts = [arguments for name, arguments in calls if name.startswith("execve")]
        self.assertEqual(len(starts), 1, "it starts a program: {}".format(starts[1:]))
        others = [name for name, _ in calls if name in ("socket", "connect", "fork", "vfork", "clone", "clone3")]
        self.assertEqual(others, [])
        read = collections.Counter()
        for name, arguments in calls:
            if not name.startswith("open") or re.search(r"= -1 |O_PATH|O_DIRECTORY|O_WRONLY|O_RDWR", arguments):
                continue
            path = re.search(r'"([^"]*)"', arguments).group(1)
            read[path.replace(self.tree, "")] += 1
        self.assertIn("/var/lib/dpkg/status", read)
        del read["/proc/self/maps"]  # only sanitizers look there
        self.assertEqual({path: count for path, count in read.items() if count > 1}, {})

    def test_it_starts_nothing_and_reads_nothing_twice(self):
        self.check(self.calls())

    def test_nor_does_it_with_the_plan_of_before_and_a_run_that_ended(self):
        self.run_program(*self.words)
        self.check(self.calls("--json"))


if __name__ == "__main__":
    unittest.main()
