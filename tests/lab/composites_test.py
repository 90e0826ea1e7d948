"""Composites for real: Debian's own toolkit out of non-free, and a framework out of PyPI for a machine without a card."""

import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import base_tree  # noqa: E402
import lab  # noqa: E402

RECIPES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "recipes")
JAX = """recipe: jax
version: 1
resources:
  - nvidia_driver: auto
  - apt_package: python3-venv
  - venv: jax
    path: ~/ml/jax
  - framework: jax
    venv: jax
  - check: jax computes
    venv: jax
    python: |
      import jax
      assert int(jax.numpy.arange(100).sum()) == 4950
"""


NEEDED_MEMORY = 14 * 1024 ** 3  # the toolkit, its packages and the driver's, in a tree that lies in memory


def free_memory():
    with open("/proc/meminfo", encoding="ascii") as source:
        return int(re.search(r"MemAvailable:\s+(\d+) kB", source.read()).group(1)) * 1024


class CompositesTest(unittest.TestCase):
    def use_debian(self, tree, components):
        mirror = base_tree.machine_mirror() or "http://deb.debian.org/debian"
        tree.write("/etc/apt/sources.list", "deb {} bookworm {}\n".format(mirror, components))
        tree.run(["apt-get", "update"])

    def assert_idle(self, tree, recipe):
        again = tree.mlenvctl("plan", recipe, "--user", "student", "--detailed-exitcode")
        self.assertEqual((again.returncode, again.stdout.splitlines()[-1]), (0, "No changes. The host is as declared."), again)

    @unittest.skipIf(free_memory() < NEEDED_MEMORY, "less than 14 GiB of memory is free")
    def test_debians_own_toolkit_is_installed_and_found(self):
        recipe = os.path.join(RECIPES, "debian12-cuda.yaml")
        with lab.Lab() as tree:
            self.use_debian(tree, "main")
            before = json.loads(tree.mlenvctl("facts", "--json").stdout)
            self.assertEqual(before["cuda_toolkits"], [])
            applied = tree.mlenvctl("apply", recipe, "--user", "student", "--yes", limit=1500)
            self.assertEqual(applied.returncode, 0, applied)
            facts = json.loads(tree.mlenvctl("facts", "--json").stdout)
            self.assertEqual([(each["version"], each["path"], each["current"]) for each in facts["cuda_toolkits"]],
                             [("11.8", "/usr/lib/cuda", True)])
            self.assertIn("release 11.8", tree.run(["nvcc", "--version"]).stdout)
            self.assertTrue(tree.exists("/usr/bin/nvidia-smi"))
            self.assertEqual(tree.run(["apt-get", "update"]).returncode, 0)
            self.assert_idle(tree, recipe)

    def test_nvidias_real_library_without_a_driver_is_a_driver_that_is_not_loaded(self):
        with lab.Lab() as tree:
            self.use_debian(tree, "main contrib non-free non-free-firmware")
            tree.run(["apt-get", "-y", "--no-install-recommends", "install", "libnvidia-ml1"])
            facts = json.loads(tree.mlenvctl_inside("facts", "--json").stdout)
            self.assertEqual(facts["driver"]["status"], "not-loaded", facts["driver"])
            self.assertIsNone(facts["driver"]["loaded"])
            self.assertTrue(facts["driver"]["userspace"].startswith("535."), facts["driver"])
            self.assertEqual(facts["driver"]["cuda"], "12.2")
            answer = tree.mlenvctl_inside("resolve", "torch", "--this-host", "--json")
            self.assertEqual(json.loads(answer.stdout)["selection"]["accelerator"], "cpu")

    def test_a_framework_comes_for_the_cpu_where_there_is_no_card(self):
        with lab.Lab("ready") as tree:
            recipe = tree.recipe(JAX)
            plan = json.loads(tree.mlenvctl("plan", recipe, "--user", "student", "--json").stdout)
            actions = {change["address"]: change["action"] for change in plan["changes"]}
            self.assertIn(actions["nvidia_driver.auto"], ("not_applicable", "unknown"))
            self.assertEqual(actions["pip_package.jax/jax"], "create")
            applied = tree.mlenvctl("apply", recipe, "--user", "student", "--yes")
            self.assertEqual(applied.returncode, 0, applied)
            self.assert_idle(tree, recipe)


if __name__ == "__main__":
    lab.main()
