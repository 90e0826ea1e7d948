"""What a plan says it costs, against what it cost: with Debian's and PyPI's real packages."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import base_tree  # noqa: E402
import lab  # noqa: E402

RECIPE = """recipe: price
version: 1
resources:
  - apt_package: [build-essential, git, python3-venv]
  - venv: v
    path: ~/v
  - pip_package: [numpy, pandas, matplotlib, requests, rich, jinja2, pyyaml]
    venv: v
"""
# Neither the caches nor what apt and dpkg note down is what a person means by "on disk".
LEFT_OUT = ("var/cache", "var/lib/apt", "var/log", "var/lib/dpkg", "tmp", "proc", "sys", "dev", "run")


def size_on_disk(root):
    """Bytes of the blocks that files take, as du counts them; one of several links counts once."""
    total, seen = 0, set()
    for folder, folders, files in os.walk(root):
        inside = os.path.relpath(folder, root)
        folders[:] = [name for name in folders if os.path.normpath(os.path.join(inside, name)) not in LEFT_OUT]
        for name in files + folders:
            found = os.lstat(os.path.join(folder, name))
            if (found.st_dev, found.st_ino) not in seen:
                seen.add((found.st_dev, found.st_ino))
                total += found.st_blocks * 512
    return total


def size_of_files(folder, ending):
    return sum(os.path.getsize(os.path.join(place, name)) for place, _, names in os.walk(folder) for name in names
               if name.endswith(ending))


class PriceTest(unittest.TestCase):
    def test_downloads_and_room_are_as_planned_within_five_percent(self):
        with lab.Lab() as tree:
            mirror = base_tree.machine_mirror() or "http://deb.debian.org/debian"
            tree.write("/etc/apt/sources.list", "deb {} bookworm main\n".format(mirror))
            recipe = tree.recipe(RECIPE)
            planned = tree.mlenvctl("plan", recipe, "--user", "student", "--json")
            self.assertEqual(planned.returncode, 0, planned)
            plan = json.loads(planned.stdout)
            packages = [each for change in plan["changes"] for each in change.get("packages", [])]
            self.assertGreaterEqual(len(packages), 50)
            fetched = tree.mlenvctl("apply", recipe, "--user", "student", "--yes", "--fetch-only")
            self.assertEqual(fetched.returncode, 0, fetched)
            cache = tree.path("/var/cache/mlenvctl")
            downloaded = size_of_files(cache + "/apt/archives", ".deb") + size_of_files(cache + "/users/student/wheels", ".whl")
            before = size_on_disk(tree.root)
            applied = tree.mlenvctl("apply", recipe, "--user", "student", "--yes")
            self.assertEqual(applied.returncode, 0, applied)
            grown = size_on_disk(tree.root) - before
            cost = plan["cost"]
            print("\n{} packages; to download: planned {}, came {} ({:+.1%}); on disk: planned {}, came {} ({:+.1%})".format(
                len(packages), cost["download_bytes"], downloaded, cost["download_bytes"] / downloaded - 1,
                cost["disk_bytes"], grown, cost["disk_bytes"] / grown - 1))
            self.assertAlmostEqual(cost["download_bytes"] / downloaded, 1, delta=0.05)
            self.assertAlmostEqual(cost["disk_bytes"] / grown, 1, delta=0.05)


if __name__ == "__main__":
    lab.main()
