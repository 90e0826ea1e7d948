"""What an older version has noted of what it made is removed by this one (tests/formats, as in tests/cli/formats_test.py)."""

import glob
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import lab  # noqa: E402

FORMATS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "formats")
LEDGER = "~/.local/state/mlenvctl/ledger/"
RECIPE = """recipe: small
version: 1
resources:
  - directory: ~/ml
  - file: ~/ml/note.txt
    content: "made by an older mlenvctl\\n"
  - env_var: ML_PATH
    value: ~/ml
"""


class OldLedgerTest(unittest.TestCase):
    def test_a_ledger_of_format_1_is_worked_off(self):
        with lab.Lab() as tree:
            before = {name: tree.read(name) for name in ("~/.bashrc", "~/.profile")}
            made = tree.mlenvctl("apply", tree.recipe(RECIPE), "--user", "student", "--yes")
            self.assertEqual(made.returncode, 0, made)
            for path in glob.glob(tree.path(LEDGER) + "*.json"):
                os.remove(path)
            for path in glob.glob(os.path.join(FORMATS, "ledger-1", "*.json")):
                with open(path, encoding="utf-8") as source:
                    tree.write(LEDGER + os.path.basename(path), source.read(), mode=0o600)
            removed = tree.mlenvctl("destroy", "--user", "student", "--yes")
            self.assertEqual(removed.returncode, 0, removed)
            self.assertFalse(tree.exists("~/ml") or tree.exists("~/.config/environment.d"))
            self.assertEqual({name: tree.read(name) for name in before}, before)


if __name__ == "__main__":
    lab.main()
