"""What bash, zsh and fish really offer when somebody presses Tab."""

import os
import pty
import re
import select
import shutil
import subprocess
import time
import unittest

import program

FILES = ("one.yaml", "two.yml", "three.txt", "record.json", "folder/inner.yaml")


class CompletionTest(program.ProgramTest):
    def setUp(self):
        super().setUp()
        for name in FILES:
            self.write(name, "")

    def script(self, shell):
        return self.write("completion." + shell, self.run_program("completion", shell).stdout)


@unittest.skipUnless(shutil.which("bash"), "bash is not installed")
class BashTest(CompletionTest):
    def offered(self, *words, options=""):
        """Of the last word, the others being typed before it, in a bash that has been set so."""
        drive = (options + "source \"$1\"; shift; COMP_WORDS=(mlenvctl \"$@\"); COMP_CWORD=$#; _mlenvctl; "
                 "printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = subprocess.run(["bash", "--norc", "-c", drive, "bash", self.script("bash"), *words], cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_commands_and_options(self):
        self.assertEqual(self.offered("pl"), ["plan"])
        self.assertIn("completion", self.offered(""))
        self.assertEqual(self.offered("plan", "--detailed"), ["--detailed-exitcode"])
        self.assertNotIn("--yes", self.offered("plan", "--"))
        self.assertIn("--yes", self.offered("apply", "--"))

    def test_values(self):
        self.assertEqual(self.offered("plan", "--color", ""), ["auto", "always", "never"])
        self.assertEqual(self.offered("plan", "--color", "=", "ne"), ["never"])
        self.assertEqual(self.offered("plan", "--color", "="), ["auto", "always", "never"])
        self.assertEqual(self.offered("graph", "--format", "m"), ["mermaid"])
        self.assertEqual(self.offered("plan", "--root", "f"), ["folder"])
        self.assertIn("root", self.offered("apply", "--user", "roo"))
        self.assertEqual(self.offered("apply", "--target", ""), [])

    def test_arguments(self):
        self.assertEqual(self.offered("plan", ""), ["folder", "one.yaml", "two.yml"])
        self.assertEqual(self.offered("plan", "one.yaml", "t"), ["two.yml"])
        self.assertEqual(self.offered("plan", "t", options="shopt -s nullglob; "), ["two.yml"])
        self.assertEqual(self.offered("validate", "folder/"), ["folder/inner.yaml"])
        self.assertEqual(self.offered("explain", "ven"), ["venv"])
        self.assertEqual(self.offered("explain", "venv.py"), ["venv.python"])
        self.assertEqual(self.offered("explain", "apt_repo.key.f"), ["apt_repo.key.fingerprint"])
        self.assertEqual(self.offered("compare", ""), ["folder", "live", "record.json"])
        self.assertEqual(self.offered("completion", ""), ["bash", "zsh", "fish"])

    def test_it_asks_nothing_of_the_program(self):
        self.assertNotRegex(self.run_program("completion", "bash").stdout, r"\$\(mlenvctl|`mlenvctl [a-z]+`\)")


@unittest.skipUnless(shutil.which("fish"), "fish is not installed")
class FishTest(CompletionTest):
    def offered(self, line):
        done = subprocess.run(["fish", "-c", "source $SCRIPT; complete -C $LINE"],  # fish 3.1 has no $argv there
                              cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env={**os.environ, "HOME": self.folder, "XDG_CONFIG_HOME": os.path.join(self.folder, ".config"),
                                   "SCRIPT": self.script("fish"), "LINE": line})
        self.assertEqual(done.stderr, "")
        words = [each.split("\t")[0] for each in done.stdout.splitlines()]
        if not self.looks_inside_words():
            return words
        begun = re.split("[ =]", line)[-1]
        return [each for each in words if begun in (each[:len(begun)], each.partition("=")[2][:len(begun)])]

    def looks_inside_words(self):
        """fish 3.1 offers `explain` for `pl` too, whatever a program's completions are."""
        return " 3.1." in subprocess.run(["fish", "--version"], stdout=subprocess.PIPE, text=True).stdout

    def test_what_is_offered(self):
        self.assertEqual(self.offered("mlenvctl pl"), ["plan"])
        self.assertEqual(self.offered("mlenvctl plan --detailed"), ["--detailed-exitcode"])
        self.assertNotIn("--yes", self.offered("mlenvctl plan --"))
        self.assertIn("--yes", self.offered("mlenvctl apply --"))
        self.assertEqual(sorted(self.offered("mlenvctl plan --color ")), ["always", "auto", "never"])
        self.assertEqual(self.offered("mlenvctl plan --color=ne"), ["--color=never"])
        self.assertEqual(self.offered("mlenvctl graph --format m"), ["mermaid"])
        self.assertIn("one.yaml", self.offered("mlenvctl plan "))
        self.assertEqual(self.offered("mlenvctl plan --root f"), ["folder/"])
        self.assertEqual(self.offered("mlenvctl explain venv.py"), ["venv.python"])
        self.assertIn("live", self.offered("mlenvctl compare "))
        self.assertNotIn("apply", self.offered("mlenvctl plan "))


@unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
class ZshTest(CompletionTest):
    """An interactive zsh on a terminal of its own, whose Tab lists what there is."""

    def begin(self, before="", after=""):
        """`before` and `after` are commands around the loading of zsh's completions."""
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(self.folder)
            os.execvpe("zsh", ["zsh", "-f", "-i"], {"PATH": os.environ["PATH"], "HOME": self.folder, "TERM": "dumb",
                                                   "PS1": "ready> ", "COLUMNS": "200", "LINES": "200"})
        self.addCleanup(self.end)
        self.send("stty cols 200 rows 200; PS1='ready''> '; LISTMAX=10000; setopt no_menu_complete no_auto_menu bash_auto_list; "
                  "autoload -Uz compinit; {}; compinit -u -D; {}\n".format(before or ":", after or ":"))
        self.read_until("ready> ")

    def end(self):
        os.close(self.terminal)
        os.waitpid(self.child, 0)

    def send(self, text):
        os.write(self.terminal, text.encode())

    def read_until(self, words, limit=30):
        text, end = "", time.monotonic() + limit
        while words not in text and time.monotonic() < end:
            if select.select([self.terminal], [], [], 0.2)[0]:
                text += os.read(self.terminal, 65536).decode(errors="replace")
        self.assertIn(words, text)
        return text

    def shown(self, line, words):
        """Types the line and Tab twice, waits until the words are there, and takes the line away again."""
        self.send(line + "\t\t")
        text = self.read_until(words)
        self.send("\x15\n")
        self.read_until("ready> ")
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)

    def test_a_package_puts_it_where_zsh_looks(self):
        functions = os.path.dirname(self.write("functions/_mlenvctl", self.run_program("completion", "zsh").stdout))
        self.begin(before="fpath=({} $fpath)".format(functions))
        self.shown("mlenvctl pl", "mlenvctl plan ")
        self.shown("mlenvctl explain apt_repo.key.f", "apt_repo.key.fingerprint")

    def test_what_is_offered(self):
        self.begin(after="source " + self.script("zsh"))
        self.shown("mlenvctl pl", "mlenvctl plan ")
        self.shown("mlenvctl plan --detailed", "--detailed-exitcode ")
        self.shown("mlenvctl plan --color=ne", "--color=never")
        self.shown("mlenvctl graph --format me", "mermaid")
        self.shown("mlenvctl explain venv.py", "venv.python")
        self.shown("mlenvctl plan on", "one.yaml")
        self.shown("mlenvctl show rec", "record.json")
        self.assertNotIn("three", self.shown("mlenvctl plan t", "two.yml"))
        text = self.shown("mlenvctl ", "is the host still as declared")  # the last of the list
        self.assertIn("snapshot", text)


if __name__ == "__main__":
    unittest.main()
