"""The manual: complete, the one on file, and in order for the programs that print it."""

import os
import shutil
import subprocess
import unittest

import program


class ManualTest(program.ProgramTest):
    def page(self, topic):
        return self.write(topic + ".man", self.run_program("explain", topic, "--format", "man").stdout)

    def test_kinds_md_is_what_the_program_prints(self):
        with open(os.path.join(program.ROOT, "KINDS.md"), encoding="utf-8") as source:
            self.assertEqual(self.run_program("explain", "--format", "markdown").stdout, source.read())

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_mandoc_finds_nothing_to_say(self):
        for topic in ("commands", "recipe", "venv", "apt_repo.key", "lint", "lint.no-key"):
            done = subprocess.run(["mandoc", "-T", "lint", "-W", "style", self.page(topic)], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True)
            self.assertEqual(done.stdout, "", topic)

    @unittest.skipUnless(shutil.which("man") and shutil.which("groff"), "man and groff are not installed")
    def test_man_prints_them_without_a_warning(self):
        for topic, words in (("commands", "EXIT STATUS"), ("recipe", "jupyter_kernel")):
            done = subprocess.run(["man", "--warnings", "-l", self.page(topic)], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
            self.assertEqual(done.stderr, "")
            self.assertIn(words, done.stdout)

    def test_every_command_and_every_kind_is_in_it(self):
        commands = self.run_program("explain", "commands").stdout
        listed = self.run_program("--help").stdout.split("Subcommands:")[1].splitlines()
        names = [line.split()[0] for line in listed if line.startswith("  ") and line[2] != " "]
        self.assertGreater(len(names), 10)
        for name in names:
            self.assertIn("\n{} [OPTION]".format(name), commands)
        recipe = self.run_program("explain", "recipe").stdout
        kinds = self.run_program("explain").stdout
        for line in kinds.splitlines():
            if line.startswith("  "):
                self.assertIn("\n{}\n".format(line.split()[0]), recipe)

    def test_an_unknown_topic_has_a_nearest_one_in_every_format(self):
        for form in ("text", "markdown", "man"):
            done = self.run_program("explain", "recipes", "--format", form, code=5)
            self.assertIn("did you mean `recipe`?", done.stderr)
        self.run_program("explain", "venv", "--format", "html", code=5)


if __name__ == "__main__":
    unittest.main()
