"""The collection of examples/ansible on six machines: one playbook, and what becomes of it when machines fail."""

import os
import unittest

import controller
import fleet
import lab_site
from fleet import until

SIX = ["gpu01", "gpu02", "ws04", "dgx03", "new06", "cpu05"]
KEPT = ("etc", "home/student", "opt", "srv", "usr/local", "var/lib", "var/cache")


class AnsibleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = lab_site.Site()

    @classmethod
    def tearDownClass(cls):
        cls.site.close()

    def controller_of(self, machines, canaries=()):
        return controller.Controller(machines, {"mlenvctl_recipe": self.site.write(machines),
                                                "mlenvctl_vars": self.site.variables}, canaries)

    def assert_converged(self, machines, names=None):
        for name in names or machines.machines:
            self.assertEqual(lab_site.missing(machines[name]), [], name)

    def test_one_playbook_brings_six_machines_to_the_recipe_and_then_changes_nothing(self):
        with fleet.Fleet(SIX) as machines:
            ansible = self.controller_of(machines)
            before = {name: machines[name].tree.snapshot(KEPT) for name in SIX}

            looked = ansible.playbook("site", "--check", "--diff")
            self.assertEqual(looked.all("failed"), dict.fromkeys(SIX, 0), looked)
            self.assertEqual(looked.all("changed"), dict.fromkeys(SIX, 1), looked)
            self.assertIn("+ apt_package.lab-tools  (it is not installed)", looked.outcome.stdout)
            self.assertIn("+Welcome to the lab.", looked.outcome.stdout)
            for name in SIX:
                self.assertEqual(machines[name].tree.snapshot(KEPT), before[name], name)

            first = ansible.playbook("site")
            self.assertEqual(first.all("failed"), dict.fromkeys(SIX, 0), first)
            self.assertEqual(first.all("changed"), dict.fromkeys(SIX, 1), first)
            self.assert_converged(machines)
            binary = machines["gpu01"].tree
            self.assertEqual((binary.owner("/usr/local/bin/mlenvctl"), binary.mode("/usr/local/bin/mlenvctl")), (0, 0o755))
            self.assertNotIn("Error deleting", first.outcome.stdout)

            second = ansible.playbook("site")
            self.assertEqual(second.outcome.returncode, 0, second)
            self.assertEqual(second.all("changed"), dict.fromkeys(SIX, 0), second)

            self.assertEqual(ansible.playbook("verify").outcome.returncode, 0)
            os.remove(machines["ws04"].tree.path("~/lab/motd"))
            drifted = ansible.playbook("verify")
            self.assertEqual(drifted.all("failed"), {**dict.fromkeys(SIX, 0), "ws04": 1}, drifted)
            self.assertIn("the host is not as declared: file./home/student/lab/motd (it is not there)",
                          drifted.outcome.stdout)
            self.assertFalse(machines["ws04"].tree.exists("~/lab/motd"))

    def test_a_machine_cut_off_and_one_without_power_in_mid_run_converge_on_the_next_run(self):
        with fleet.Fleet(SIX) as machines:
            ansible = self.controller_of(machines)
            cut_off, dead = machines["ws04"], machines["dgx03"]
            victims = {"ws04", "dgx03"}
            for victim in (cut_off, dead):
                victim.tree.write(lab_site.GATE, "")

            with ansible.playbook_started("site") as running:
                until(lambda: cut_off.tree.exists(lab_site.AT_GATE) and dead.tree.exists(lab_site.AT_GATE), "apt at work", 120)
                cut_off.cut()
                dead.crash()
                out, _ = running.communicate(timeout=200)
            broken = controller.Recap(fleet.lab.Outcome(["ansible-playbook"], running.returncode, out, ""))
            self.assertEqual(broken.all("unreachable"), {name: int(name in victims) for name in SIX}, broken)
            self.assertEqual(broken.all("failed"), dict.fromkeys(SIX, 0), broken)
            self.assert_converged(machines, [name for name in SIX if name not in victims])
            for name in victims:
                self.assertIn("the package", lab_site.missing(machines[name]))

            for victim in (cut_off, dead):
                os.remove(victim.tree.path(lab_site.GATE))
            cut_off.mend()
            machines.restart("dgx03")
            mended = ansible.playbook("site")
            self.assertEqual(mended.outcome.returncode, 0, mended)
            self.assertEqual({name: mended.counts[name]["changed"] for name in SIX if name not in victims},
                             dict.fromkeys([name for name in SIX if name not in victims], 0), mended)
            self.assertEqual(mended.counts["dgx03"]["changed"], 1, mended)
            self.assert_converged(machines)
            again = ansible.playbook("site")
            self.assertEqual(again.all("changed"), dict.fromkeys(SIX, 0), again)

    def test_a_rollout_stops_at_a_canary_that_fails_its_checks(self):
        with fleet.Fleet(SIX[:4]) as machines:
            ansible = self.controller_of(machines)
            canary, others = SIX[0], SIX[1:4]
            machines[canary].tree.write("/etc/unsound", "")

            stopped = ansible.playbook("rollout")
            self.assertNotEqual(stopped.outcome.returncode, 0, stopped)
            self.assertEqual(list(stopped.counts), [canary], stopped)
            self.assertIn("check: the machine is sound", stopped.outcome.stdout)
            for name in others:
                self.assertFalse(machines[name].tree.exists("~/lab"), name)
                self.assertFalse(machines[name].tree.exists("/usr/local/bin/mlenvctl"), name)

            os.remove(machines[canary].tree.path("/etc/unsound"))
            done = ansible.playbook("rollout")
            self.assertEqual(done.outcome.returncode, 0, done)
            self.assertEqual(done.all("changed"), {canary: 0, **dict.fromkeys(others, 1)}, done)
            self.assert_converged(machines)
            self.assertEqual(done.outcome.stdout.count("PLAY ["), 1 + len(others), done)  # a third of three is one

    def test_a_canary_that_is_not_reached_stops_a_rollout(self):
        with fleet.Fleet(SIX[:3]) as machines:
            ansible = self.controller_of(machines, SIX[:2])
            machines[SIX[0]].cut()
            stopped = ansible.playbook("rollout")
            self.assertNotEqual(stopped.outcome.returncode, 0, stopped)
            self.assert_converged(machines, [SIX[1]])
            around_it = ansible.playbook("rollout", "--limit", SIX[2])
            self.assertIn("gpu01 has not been verified; nothing is rolled out", around_it.outcome.stdout)
            self.assertFalse(machines[SIX[2]].tree.exists("/usr/local/bin/mlenvctl"), stopped)


if __name__ == "__main__":
    fleet.main("ansible-playbook", "ansible-galaxy")
