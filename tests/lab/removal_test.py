"""What mlenvctl has made goes away by `destroy` and `apply --prune`, and nothing else does."""

import hashlib
import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import base_tree  # noqa: E402
import lab  # noqa: E402
import nvidia_mirror  # noqa: E402
import wheel_index  # noqa: E402

RECIPES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "recipes")
# What programs keep for themselves: caches, logs, records, and the state of mlenvctl itself.
BOOKS = re.compile(
    r"/var/(cache|log)(/.*)?|/var/lib/(apt|dpkg|systemd)(/.*)?|/var/lib/mlenvctl|/tmp(/.*)?|/root/\.gnupg(/.*)?"
    r"|/etc/ld\.so\.cache|/home/student/\.(cache|local)|/home/student/\.local/state|/(home/student|root)/\.(cache|gnupg)/.*"
    r"|/etc/(passwd|group|shadow|gshadow)-?|/usr/(lib|share)/.*/__pycache__(/.*)?")

FILES = """
recipe: files
version: 1
resources:
  - directory: ~/data/sets
  - file: ~/data/notes.txt
    content: "made\\n"
  - file: ~/own.txt
    content: "made\\n"
  - file: /etc/profile.d/lab.sh
    content: "export LAB=1\\n"
"""


class RemovalTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mirror = nvidia_mirror.NvidiaMirror()
        cls.index = wheel_index.WheelIndex()

    @classmethod
    def tearDownClass(cls):
        cls.mirror.close()
        cls.index.close()

    def guide(self, tree, *words):
        variables = {"cuda_mirror": self.mirror.url, "cuda_key": self.mirror.fingerprint, "python_range": ">=3.6",
                     "torch_links": self.index.links_url}
        tree.environment["PIP_INDEX_URL"] = self.index.index_url
        given = [word for name, value in variables.items() for word in ("--var", name + "=" + value)]
        recipe = os.path.join(RECIPES, "rtx3070-torch.yaml")
        return tree.mlenvctl(words[0], recipe, *given, "--user", "student", *words[1:])

    def assert_as_before(self, before, after):
        changed = sorted(path for path in before.keys() | after.keys()
                         if before.get(path) != after.get(path) and not BOOKS.fullmatch(path))
        self.assertEqual(changed, [])

    def done(self, outcome, code=0):
        self.assertEqual(outcome.returncode, code, outcome)
        return outcome

    def test_the_guide_destroyed_leaves_every_byte_as_it_was(self):
        with lab.Lab(ubuntu=True, gpu=True) as tree:
            tree.write("/etc/apt/sources.list.d/old-cuda.list",
                       "deb [trusted=yes] {} /\n".format(self.mirror.url))
            before = tree.snapshot()
            packages = tree.run(["dpkg-query", "-W"]).stdout
            self.done(self.guide(tree, "apply", "--yes"))
            kept = os.path.join(tree.folder, "removal.json")
            self.done(self.guide(tree, "plan", "--destroy", "--detailed-exitcode", "--out", kept), 2)
            self.assertIn("to delete", self.done(tree.mlenvctl("show", kept)).stdout)
            self.done(self.guide(tree, "destroy", "--yes"))
            self.assert_as_before(before, tree.snapshot())
            self.assertEqual(tree.run(["dpkg-query", "-W"]).stdout, packages)
            again = self.done(self.guide(tree, "destroy", "--yes"))
            self.assertIn("No changes", again.stdout)

    def test_files_go_but_one_changed_since_stays_and_is_told(self):
        with lab.Lab() as tree:
            before = tree.snapshot()
            recipe = tree.recipe(FILES)
            self.done(tree.mlenvctl("apply", recipe, "--user", "student", "--yes"))
            tree.write("~/data/notes.txt", "mine\n")
            gone = self.done(tree.mlenvctl("destroy", recipe, "--user", "student", "--yes"))
            self.assertIn("/home/student/data/notes.txt` was changed since mlenvctl made it; it stays", gone.text)
            self.assertEqual(tree.read("~/data/notes.txt"), "mine\n")
            for path in ("~/data/sets", "~/own.txt", "/etc/profile.d/lab.sh"):
                self.assertFalse(tree.exists(path), path)
            after = tree.snapshot()
            for path in ("/home/student/data", "/home/student/data/notes.txt"):
                after.pop(path)
            self.assert_as_before(before, after)

    def test_a_file_that_stood_there_comes_back_with_mode_and_owner(self):
        with lab.Lab() as tree:
            tree.write("~/own.txt", "older\r\nbytes", mode=0o640)
            tree.write("/etc/profile.d/lab.sh", "export LAB=0\n", mode=0o600)
            before = tree.snapshot()
            recipe = tree.recipe(FILES)
            self.done(tree.mlenvctl("apply", recipe, "--user", "student", "--yes"))
            # A second version of the recipe replaces mlenvctl's own bytes, not what stood there before.
            newer = tree.recipe(FILES.replace('content: "made', 'content: "newer'))
            self.done(tree.mlenvctl("apply", newer, "--user", "student", "--yes"))
            self.assertEqual(tree.read("~/own.txt"), "newer\n")
            self.done(tree.mlenvctl("destroy", "--user", "student", "--yes"))
            self.assert_as_before(before, tree.snapshot())

    def test_everything_changed_since_is_kept_and_told_and_the_rest_goes(self):
        recipe_text = FILES + "  - env_var: LAB_A\n    value: made\n    shells: [bash]\n"
        recipe_text += "  - env_var: LAB_B\n    value: made\n    shells: [bash]\n"
        for way in ("destroy", "prune"):
            with self.subTest(way), lab.Lab() as tree:
                tree.write("/etc/profile.d/lab.sh", "export LAB=0\n", mode=0o640)
                tree.write("~/own.txt", "older\n")
                recipe = tree.recipe(recipe_text)
                self.done(tree.mlenvctl("apply", recipe, "--user", "student", "--yes"))
                tree.write("/etc/profile.d/lab.sh", "export LAB=2\n")
                tree.write("~/data/sets/mine", "mine\n")
                tree.write("~/.bashrc", tree.read("~/.bashrc").replace("LAB_A='made'", "LAB_A='mine'"))
                changed = {path: tree.read(path) for path in ("/etc/profile.d/lab.sh", "~/data/sets/mine")}
                if way == "destroy":
                    gone = self.done(tree.mlenvctl("destroy", recipe, "--user", "student", "--yes"))
                else:
                    nothing = tree.recipe("recipe: files\nversion: 1\nresources: []\n")
                    gone = self.done(tree.mlenvctl("apply", nothing, "--prune", "--user", "student", "--yes"))
                self.assertIn("/etc/profile.d/lab.sh` was changed since mlenvctl made it; it stays", gone.text)
                kept = re.search(r"what stood there before is kept as (\S+)", gone.text).group(1).strip("`")
                self.assertEqual(tree.read(kept), "export LAB=0\n")
                self.assertIn("/home/student/data/sets` holds what mlenvctl did not make; it stays", gone.text)
                self.assertEqual({path: tree.read(path) for path in changed}, changed)
                self.assertEqual(tree.read("~/own.txt"), "older\n")
                self.assertNotIn("LAB_B", tree.read("~/.bashrc"))

    def test_what_came_last_goes_first(self):
        with lab.Lab() as tree:
            recipe = tree.recipe("recipe: files\nversion: 1\nresources:\n  - directory: ~/a\n  - directory: ~/a/b\n"
                                 "  - file: ~/a/b/c\n    content: x\n  - file: /etc/lab.conf\n    content: x\n"
                                 "    needs: [file./home/student/a/b/c]\n")
            def titles(outcome):
                events = [json.loads(line) for line in self.done(outcome).stdout.splitlines()]
                return [event["title"].split()[-1] for event in events if event.get("event") == "step_started"]
            made = titles(tree.mlenvctl("apply", recipe, "--user", "student", "--yes", "--json"))
            removed = titles(tree.mlenvctl("destroy", recipe, "--user", "student", "--yes", "--json"))
            self.assertEqual(removed, made[::-1])
            self.assertFalse(tree.exists("~/a"))

    def test_a_ledger_that_a_user_has_written_moves_nothing_of_roots(self):
        with lab.Lab() as tree:
            tree.write("/etc/precious", "precious\n")
            digest = hashlib.sha256(b"precious\n").hexdigest()
            made = [{"sort": "file", "path": "/etc/precious", "sha256": digest},
                    {"sort": "folder", "path": "/opt"}, {"sort": "package", "name": "perl-base", "version": "1"},
                    {"sort": "file", "path": "/etc/passwd", "sha256": "",
                     "former": {"sha256": "../../../../../../etc/shadow", "mode": 493, "owner": "student"}}]
            entries = [{"address": "file./etc/precious-{}".format(i), "recipe": "r", "needs": [], "made": [each]}
                       for i, each in enumerate(made)]
            text = json.dumps({"format": "mlenvctl.ledger/1", "turn": 1, "entries": entries})
            tree.write("~/.local/state/mlenvctl/ledger/20210101T000000Z-aaaaaa-1.json", text, mode=0o600)
            tree.run(["chown", "-R", "student:student", "/home/student/.local"])
            before = tree.snapshot(("etc", "usr", "opt"))
            packages = tree.run(["dpkg-query", "-W"]).stdout
            tree.mlenvctl("destroy", "--user", "student", "--yes")
            self.assertEqual(tree.snapshot(("etc", "usr", "opt")), before)
            self.assertEqual(tree.run(["dpkg-query", "-W"]).stdout, packages)

    def test_prune_removes_what_the_recipe_no_longer_declares(self):
        with lab.Lab() as tree:
            self.done(tree.mlenvctl("apply", tree.recipe(FILES), "--user", "student", "--yes"))
            shorter = tree.recipe(FILES[:FILES.index("  - file: ~/own.txt")])
            kept = self.done(tree.mlenvctl("apply", shorter, "--user", "student", "--yes"))
            self.assertIn("No changes", kept.stdout)
            self.assertTrue(tree.exists("~/own.txt"))
            planned = self.done(tree.mlenvctl("plan", shorter, "--prune", "--user", "student", "--json"))
            removed = [change["address"] for change in json.loads(planned.stdout)["changes"]
                       if change["action"] == "delete"]
            self.assertEqual(len(removed), 2, planned)
            self.done(tree.mlenvctl("apply", shorter, "--prune", "--user", "student", "--yes"))
            self.assertFalse(tree.exists("~/own.txt"))
            self.assertFalse(tree.exists("/etc/profile.d/lab.sh"))
            self.assertTrue(tree.exists("~/data/notes.txt"))

    def test_another_recipes_things_stay(self):
        with lab.Lab() as tree:
            self.done(tree.mlenvctl("apply", tree.recipe(FILES), "--user", "student", "--yes"))
            other = tree.recipe("recipe: other\nversion: 1\nresources:\n  - file: ~/other.txt\n    content: x\n", "o.yaml")
            self.done(tree.mlenvctl("apply", other, "--user", "student", "--yes"))
            self.done(tree.mlenvctl("apply", other, "--prune", "--user", "student", "--yes"))
            self.assertTrue(tree.exists("~/own.txt"))
            self.done(tree.mlenvctl("destroy", "files", "--user", "student", "--yes"))
            self.assertFalse(tree.exists("~/own.txt"))
            self.assertTrue(tree.exists("~/other.txt"))

    def test_a_package_that_was_there_or_that_others_need_stays(self):
        with lab.Lab() as tree:
            archive = base_tree.machine_mirror() or "http://deb.debian.org/debian"
            tree.write("/etc/apt/sources.list", "deb {} bookworm main\n".format(archive))
            tree.run(["apt-get", "update", "-q"])
            recipe = tree.recipe("recipe: p\nversion: 1\nresources:\n  - apt_package: [perl-base, libxml2, libjq1]\n")
            self.done(tree.mlenvctl("apply", recipe, "--yes"))
            tree.run(["apt-get", "install", "-y", "jq"])
            gone = self.done(tree.mlenvctl("destroy", recipe, "--yes"))
            self.assertIn("`libjq1` is needed by `jq`; it stays", gone.text)
            packages = tree.run(["dpkg-query", "-W", "-f", "${Package}\n"]).stdout.split()
            self.assertIn("perl-base", packages)
            self.assertIn("libjq1", packages)
            self.assertNotIn("libxml2", packages)

    def test_an_ordinary_user_removes_through_sudo(self):
        with lab.Lab("ready") as tree:
            before = tree.snapshot()
            tree.write("/srv/files.yaml", FILES)
            tree.install_binary()
            binary = tree.snapshot(["opt"])
            self.done(tree.mlenvctl_inside("apply", "/srv/files.yaml", "--yes", user="student"))
            self.assertTrue(tree.exists("/etc/profile.d/lab.sh"))
            self.assertEqual(tree.mode("/var/lib/mlenvctl/ledger") & 0o022, 0)
            self.done(tree.mlenvctl_inside("destroy", "/srv/files.yaml", "--yes", user="student"))
            after = {path: what for path, what in tree.snapshot().items()
                     if path not in binary and path not in ("/srv/files.yaml", "/etc/ld.so.conf.d/mlenvctl.conf")}
            self.assert_as_before(before, after)


if __name__ == "__main__":
    lab.main()
