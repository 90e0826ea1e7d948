"""Broken recipes, named by situation, with the exact text that a person sees. MLENVCTL_ACCEPT=1 writes the texts anew."""

import glob
import os
import sys
import time
import unittest

import program

FOLDER = os.path.join(program.ROOT, "tests", "diagnostics")
ACCEPT = os.environ.get("MLENVCTL_ACCEPT") == "1"


class DiagnosticsTest(program.ProgramTest):
    def validate(self, name, cwd=FOLDER):
        return self.run_program("validate", name, code=5, cwd=cwd, env={"NO_COLOR": "1", "LAB_TOKEN": "secret"}).stderr

    def test_every_broken_recipe_says_what_is_wrong_and_where(self):
        paths = sorted(glob.glob(os.path.join(FOLDER, "*.yaml")))
        self.assertGreater(len(paths), 35)
        for path in paths:
            golden = path[:-len("yaml")] + "txt"
            with self.subTest(os.path.basename(path)):
                text = self.validate(os.path.basename(path))
                if ACCEPT:
                    with open(golden, "w", encoding="utf-8") as out:
                        out.write(text)
                with open(golden, encoding="utf-8") as source:
                    self.assertEqual(text, source.read())

    def test_a_recipe_of_100_mb_is_refused_by_its_size(self):
        self.refused_quickly("large.yaml", b"# " + b"x" * (100 * 1024 * 1024), "32 MiB")

    def test_nesting_a_thousand_deep_is_refused(self):
        for name, text in (("flow", "[" * 100000), ("block", "- " * 5000), ("map", "".join(" " * i + "a:\n" for i in range(1500)))):
            self.refused_quickly(name + ".yaml", ("recipe: r\nx: " + text if name == "flow" else text).encode(), "deep")

    def test_aliases_that_explode_are_refused(self):
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
        lines += ["a{0}: &a{0} [{1}]".format(i, ", ".join(["*a{}".format(i - 1)] * 10)) for i in range(1, 10)]
        self.refused_quickly("bomb.yaml", "\n".join(lines).encode(), "aliases")

    def test_bytes_that_are_not_utf8_are_refused(self):
        self.refused_quickly("latin1.yaml", b"recipe: caf\xe9\n", "UTF-8")
        self.refused_quickly("utf16.yaml", "recipe: r\n".encode("utf-16"), "UTF-8")
        self.refused_quickly("nul.yaml", b"recipe: r\0\n", "UTF-8")

    def test_a_file_that_is_none_is_refused(self):
        self.refused_quickly("empty.yaml", b"", "a recipe is a mapping")
        os.mkdir(os.path.join(self.folder, "folder.yaml"))
        self.assertIn("is a folder", self.validate("folder.yaml", self.folder))

    def refused_quickly(self, name, content, words):
        self.write(name, content)
        began = time.monotonic()
        self.assertIn(words, self.validate(name, self.folder))
        self.assertLess(time.monotonic() - began, 20)


if __name__ == "__main__":
    unittest.main(verbosity=2)
