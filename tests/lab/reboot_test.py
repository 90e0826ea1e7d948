"""A driver ends a run: what needs it waits for the reboot, and for the proof that it is loaded."""

import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import lab  # noqa: E402
import nvidia_mirror  # noqa: E402

RECIPE = """
recipe: gpu
version: 1
resources:
  - cuda_repo: ubuntu2004
    mirror: {url}
    key: {{fingerprint: {key}}}
  - apt_package: cuda-drivers
  - directory: /srv/other
  - directory: /srv/after
    needs: [apt_package.cuda-drivers]
  - check: the driver is loaded
    run: [test, -e, /sys/module/nvidia/version]
"""
COMPOSITE = """
recipe: gpu
version: 1
resources:
  - cuda_repo: ubuntu2004
    mirror: {url}
    key: {{fingerprint: {key}}}
  - nvidia_driver: "460"
  - directory: /srv/after
    needs: [nvidia_driver.460]
"""
VERSION = "460.32.03"
BOOT_ID = "/proc/sys/kernel/random/boot_id"


class RebootTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mirror = nvidia_mirror.NvidiaMirror()

    @classmethod
    def tearDownClass(cls):
        cls.mirror.close()

    def recipe(self, tree, text=RECIPE):
        tree.write("/srv/gpu.yaml", text.format(url=self.mirror.url, key=self.mirror.fingerprint))
        return "/srv/gpu.yaml"

    def apply(self, tree, *words):
        return tree.mlenvctl_inside("apply", "--yes", *words)

    def assert_ended(self, outcome, code):
        self.assertEqual(outcome.returncode, code, outcome)
        return outcome

    def load_driver(self, tree):
        """What the next boot does: the module of the libraries' version."""
        library = "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so."
        tree.write(library + VERSION, "")
        os.symlink("libnvidia-ml.so." + VERSION, tree.path(library + "1"))
        tree.write("/sys/module/nvidia/version", VERSION + "\n")

    def reboot(self, tree):
        """Another boot, by the name that the kernel gives it."""
        tree.write("/srv/boot_id", "11111111-2222-3333-4444-555555555555\n")
        subprocess.run(["mount", "--bind", tree.path("/srv/boot_id"), tree.path(BOOT_ID)], check=True)

    def test_what_needs_the_driver_waits_and_goes_on_after_the_boot(self):
        with lab.Lab(ubuntu=True, gpu=True) as tree:
            recipe = self.recipe(tree)
            first = self.assert_ended(self.apply(tree, recipe), 3)
            self.assertIn("reboot, then `mlenvctl apply --resume`", first.text)
            self.assertIn("directory./srv/after", first.text)
            self.assertTrue(tree.exists("/srv/other"))
            self.assertFalse(tree.exists("/srv/after"))

            early = self.assert_ended(self.apply(tree, "--resume"), 3)
            self.assertIn("runs after a reboot", early.text)
            self.assertFalse(tree.exists("/srv/after"))
            again = self.assert_ended(self.apply(tree, recipe), 3)
            self.assertFalse(tree.exists("/srv/after"), again)
            self.assertNotIn("the driver is loaded: done", again.text)

            self.reboot(tree)
            dead = self.assert_ended(self.apply(tree, "--resume"), 3)
            self.assertIn("was rebooted, and the new driver does not run", dead.text)
            self.assertIn("mlenvctl doctor", dead.text)

            self.load_driver(tree)
            resumed = self.assert_ended(self.apply(tree, "--resume"), 0)
            self.assertIn("check: the driver is loaded", resumed.text)
            self.assertTrue(tree.exists("/srv/after"))
            self.assertIn("No changes", self.assert_ended(self.apply(tree, recipe), 0).stdout)

    def test_programs_are_told_of_the_reboot(self):
        with lab.Lab(ubuntu=True, gpu=True) as tree:
            ended = self.assert_ended(self.apply(tree, self.recipe(tree), "--json"), 3)
            last = json.loads(ended.stdout.splitlines()[-1])
            self.assertEqual((last["event"], last["status"], last["reboot"]), ("run_finished", "waiting", "required"))

    def test_a_driver_that_loads_by_itself_needs_no_reboot(self):
        with lab.Lab(ubuntu=True, gpu=True) as tree:
            self.load_driver(tree)
            self.assert_ended(self.apply(tree, self.recipe(tree)), 0)
            self.assertTrue(tree.exists("/srv/after"))

    def test_it_reboots_only_when_told_so_and_after_all_else(self):
        with lab.Lab(ubuntu=True, gpu=True) as tree:
            tree.write("/usr/local/bin/systemctl", "#!/bin/sh\necho \"$@\" >>/srv/told\nls /srv >>/srv/told\n", mode=0o755)
            recipe = self.recipe(tree)
            self.assert_ended(tree.mlenvctl("apply", recipe, "--yes", "--reboot=now"), 5)
            self.assert_ended(self.apply(tree, recipe, "--reboot=now"), 3)
            told = tree.read("/srv/told").split()
            self.assertEqual(told[0], "reboot")
            self.assertIn("other", told)

    def test_a_driver_by_a_composite_waits_in_a_tree_too(self):
        with lab.Lab(ubuntu=True, gpu=True) as tree:
            text = COMPOSITE.format(url=self.mirror.url, key=self.mirror.fingerprint)
            ended = tree.mlenvctl("apply", "--yes", tree.recipe(text))
            self.assert_ended(ended, 3)
            self.assertFalse(tree.exists("/srv/after"), ended)
            self.load_driver(tree)
            self.assert_ended(tree.mlenvctl("apply", "--yes", "--resume"), 0)
            self.assertTrue(tree.exists("/srv/after"))


if __name__ == "__main__":
    lab.main()
