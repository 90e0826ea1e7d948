"""Variables arrive in real shells exactly as they are written, and the files that carry them keep every other byte."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import lab  # noqa: E402

VALUES = ["", "plain", "two words", "a'b", 'a"b', "$HOME and $(id) and `id`", "back\\slash \\n \\", "ümläut → 🎉", "a;b&c|d>e",
          "  spaces around  ", "*?[a]{b,c}~", "#no comment", "!history", "'quoted'", "%s", "first\nsecond\n\nlast"]
SHELLS = [["bash", "-lc"], ["bash", "-ic"], ["sh", "-lc"], ["zsh", "-c"], ["zsh", "-ic"], ["fish", "-c"]]


def recipe_of(resources):
    return "recipe: r\nversion: 1\nresources:\n" + "".join("  - " + json.dumps(each, ensure_ascii=False) + "\n" for each in resources)


class ShellValuesTest(unittest.TestCase):
    def apply(self, tree, resources):
        outcome = tree.mlenvctl("apply", tree.recipe(recipe_of(resources)), "--user", "student", "--yes")
        self.assertEqual(outcome.returncode, 0, outcome)
        again = tree.mlenvctl("plan", tree.recipe(recipe_of(resources)), "--user", "student", "--detailed-exitcode")
        self.assertEqual(again.returncode, 0, again)

    def printed(self, tree, shell, name, **environment):
        """The variable as a program that the shell starts sees it."""
        code = "python3 -c 'import os, sys; sys.stdout.write(os.environ.get(\"{}\", \"(unset)\"))'".format(name)
        return tree.run(shell + [code], user="student", env=environment).stdout

    def test_every_value_arrives_as_written_in_every_shell(self):
        with lab.Lab("ready") as tree:
            names = {"V{}".format(i): value for i, value in enumerate(VALUES)}
            self.apply(tree, [{"env_var": name, "value": value.replace("${", "$${"), "shells": ["bash", "sh", "zsh", "fish"]}
                              for name, value in names.items()])
            code = ("python3 -c 'import os, json, sys; "
                    "json.dump({k: v for k, v in os.environ.items() if k[0] == \"V\" and k[1:].isdigit()}, sys.stdout)'")
            for shell in SHELLS:
                with self.subTest(shell):
                    self.assertEqual(json.loads(tree.run(shell + [code], user="student").stdout), names)

    def test_a_folder_is_added_once_and_nothing_is_lost(self):
        with lab.Lab("ready") as tree:
            self.apply(tree, [{"env_var": "PATH", "append": "~/.local/bin", "shells": ["bash", "sh", "zsh", "fish"]},
                              {"env_var": "LIST", "prepend": ["/a b", "/c'd"], "shells": ["bash", "sh", "zsh", "fish"]}])
            for shell in SHELLS:
                with self.subTest(shell):
                    path = self.printed(tree, shell, "PATH").split(":")
                    self.assertEqual(path.count("/home/student/.local/bin"), 1)
                    self.assertIn("/usr/bin", path)
                    self.assertEqual(self.printed(tree, shell, "LIST"), "/a b:/c'd")
                    self.assertEqual(self.printed(tree, shell, "LIST", LIST=""), "/a b:/c'd")
                    self.assertEqual(self.printed(tree, shell, "LIST", LIST="/x:/y"), "/a b:/c'd:/x:/y")
                    self.assertEqual(self.printed(tree, shell, "LIST", LIST="/c'd:/a b"), "/c'd:/a b")

    def test_ten_applies_leave_the_same_bytes_and_absent_gives_back_the_old_ones(self):
        files = {"~/.bashrc": b"one\r\ntwo\r\n", "~/.profile": b"no end of line", "~/.zshenv": b"", "~/.bash_profile": b"# caf\xe9\n"}
        with lab.Lab("ready") as tree:
            for path, content in files.items():
                tree.write(path, content, mode=0o600)
            declared = {"env_var": "ML_PATH", "value": "~/ml", "shells": ["bash", "zsh"]}
            seen = set()
            for number in range(10):
                self.apply(tree, [dict(declared, value="~/ml")])
                seen.add(tuple(self.bytes_of(tree, path) for path in files))
            self.assertEqual(len(seen), 1)
            for path, content in files.items():
                self.assertTrue(self.bytes_of(tree, path).startswith(content), path)
                self.assertEqual((tree.mode(path), tree.owner(path)), (0o600, lab.STUDENT_ID))
            self.apply(tree, [dict(declared, value="elsewhere")])
            self.apply(tree, [{"env_var": "ML_PATH", "state": "absent", "shells": ["bash", "zsh"]}])
            for path, content in files.items():
                self.assertEqual(self.bytes_of(tree, path), content, path)

    def test_a_dotfile_that_is_a_link_stays_one(self):
        with lab.Lab("ready") as tree:
            tree.run(["mkdir", "/home/student/dotfiles"], user="student")
            tree.write("~/dotfiles/bashrc", "# mine\n")
            tree.run(["ln", "-sf", "dotfiles/bashrc", "/home/student/.bashrc"], user="student")
            self.apply(tree, [{"env_var": "ML_PATH", "value": "~/ml"}])
            self.assertTrue(os.path.islink(tree.path("~/.bashrc")))
            self.assertIn("ML_PATH", tree.read("~/dotfiles/bashrc"))

    def test_a_line_by_hand_that_sets_the_variable_too_is_told(self):
        with lab.Lab("ready") as tree:
            tree.write("~/.bashrc", "# mine\nexport ML_PATH=/elsewhere\n")
            plan = tree.mlenvctl("plan", tree.recipe(recipe_of([{"env_var": "ML_PATH", "value": "~/ml"}])), "--user", "student")
            self.assertIn("/home/student/.bashrc:2", plan.stdout)

    def bytes_of(self, tree, path):
        with open(tree.path(path), "rb") as source:
            return source.read()


if __name__ == "__main__":
    lab.main()
