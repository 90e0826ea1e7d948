"""The units of examples/systemd on a machine that has booted systemd, brought there by the Ansible role."""

import os
import shutil
import subprocess
import tempfile
import unittest

import controller
import fleet
import lab  # noqa: E402  found by fleet
import lab_site

UNITS = os.path.join(fleet.SOURCE, "examples", "systemd")


class UnitsTest(unittest.TestCase):
    def test_systemd_finds_nothing_wrong_with_them(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("there is no systemd-analyze")
        names = [name for name in os.listdir(UNITS) if name.endswith((".service", ".timer"))]
        self.assertEqual(len(names), 3)
        with tempfile.TemporaryDirectory(prefix="labunits-") as folder:
            for name in names:
                with open(os.path.join(UNITS, name), encoding="utf-8") as source, \
                        open(os.path.join(folder, name), "w", encoding="utf-8") as out:
                    out.write(source.read().replace("/usr/local/bin/mlenvctl", lab.binary()))
            done = subprocess.run(["systemd-analyze", "verify"] + [os.path.join(folder, name) for name in names],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""))


class NightTest(unittest.TestCase):
    def setUp(self):
        self.site = lab_site.Site()
        self.fleet = fleet.Fleet(["gpu01"], boots=True).__enter__()
        self.tree = self.fleet["gpu01"].tree

    def tearDown(self):
        self.fleet.__exit__()
        self.site.close()

    def on_machine(self, *argv):
        return self.fleet.on_controller(["ssh", "-F", self.fleet.ssh_config, "-l", "root", "gpu01", *argv])

    def test_drift_is_reported_at_night_and_nothing_is_changed(self):
        ansible = controller.Controller(self.fleet, {
            "mlenvctl_recipe": self.site.write(self.fleet), "mlenvctl_verify_nightly": True,
            "mlenvctl_vars": {**self.site.variables, "remark": 'two "words",\n100% $HOME ~/x'}})
        looked = ansible.playbook("site", "--check")
        self.assertEqual((looked.all("failed"), self.tree.exists("/etc/mlenvctl")), ({"gpu01": 0}, False), looked)
        first = ansible.playbook("site")
        self.assertEqual(first.outcome.returncode, 0, first)
        again = ansible.playbook("site")
        self.assertEqual(again.all("changed"), {"gpu01": 0}, again)
        timers = self.on_machine("systemctl", "list-timers", "--no-pager")
        self.assertIn("mlenvctl-verify.timer", timers.stdout)
        self.assertEqual(self.on_machine("systemctl", "is-enabled", "mlenvctl-verify.timer").stdout, "enabled\n")

        self.assertEqual(self.tree.read("~/lab/remark"), 'two "words",\n100% $HOME ~/x')
        sound = self.on_machine("systemctl", "start", "mlenvctl-verify")
        self.assertEqual(sound.returncode, 0, "{}\n{}".format(sound, self.on_machine("journalctl", "-n", "60")))
        os.remove(self.tree.path("~/lab/motd"))
        before = self.tree.snapshot(("etc", "home", "usr/local", "var/lib", "root"))
        self.assertNotEqual(self.on_machine("systemctl", "start", "mlenvctl-verify").returncode, 0)
        status = self.on_machine("systemctl", "show", "-P", "ExecMainStatus", "mlenvctl-verify").stdout
        told = self.on_machine("journalctl", "-u", "mlenvctl-verify", "-o", "cat")
        self.assertEqual(status, "2\n", told)
        self.assertIn("+ file./home/student/lab/motd  (it is not there)", told.stdout)
        fleet.until(lambda: "this machine is not as its recipe declares" in
                    self.on_machine("journalctl", "-t", "mlenvctl", "-p", "err", "-o", "cat").stdout, "the report", 20)
        self.assertEqual(self.tree.snapshot(("etc", "home", "usr/local", "var/lib", "root")), before)


if __name__ == "__main__":
    fleet.main("ansible-playbook", "ansible-galaxy")
