"""The script of examples/clustershell on machines that ssh reaches: canary, fan-out, gathered output, exit codes."""

import os
import shutil
import subprocess
import unittest

import fleet
import lab  # noqa: E402  found by fleet
import lab_site

EXAMPLE = os.path.join(fleet.SOURCE, "examples", "clustershell")
GPUS = ["gpu01", "gpu02", "ws04", "dgx03", "new06"]
ALL = GPUS + ["cpu05"]


class ScriptTest(unittest.TestCase):
    def test_shellcheck_finds_nothing_in_it(self):
        if not shutil.which("shellcheck"):
            self.skipTest("there is no shellcheck")
        done = subprocess.run(["shellcheck", os.path.join(EXAMPLE, "rollout.sh")], stdout=subprocess.PIPE, text=True)
        self.assertEqual(done.stdout, "")


class ClusterShellTest(unittest.TestCase):
    def setUp(self):
        self.site = lab_site.Site()
        self.fleet = fleet.Fleet(ALL).__enter__()
        self.fleet.write("clustershell/clush.conf", "[Main]\nssh_options: -F {}\n".format(self.fleet.ssh_config))
        self.fleet.write("clustershell/groups.conf", "[Main]\ndefault: lab\nautodir: $CFGDIR/groups.d\n")
        os.mkdir(self.fleet.path("clustershell/groups.d"))
        shutil.copy(os.path.join(EXAMPLE, "groups.yaml"), self.fleet.path("clustershell/groups.d"))

    def tearDown(self):
        self.fleet.__exit__()
        self.site.close()

    def run_on_controller(self, *argv):
        environment = {"CLUSTERSHELL_CFGDIR": self.fleet.path("clustershell"), "MLENVCTL": lab.binary()}
        return self.fleet.on_controller(list(argv), environment)

    def roll(self, command):
        variables = [word for item in self.site.variables.items() for word in ("--var", "=".join(item))]
        return self.run_on_controller(os.path.join(EXAMPLE, "rollout.sh"), command, self.site.write(self.fleet), "--user",
                                      "student", *variables)

    def test_the_canary_first_then_all_and_a_second_time_nothing(self):
        canary = self.fleet["gpu01"]
        canary.tree.write("/etc/unsound", "")
        stopped = self.roll("apply")
        self.assertEqual(stopped.returncode, 1, stopped)
        self.assertIn("@canary is not sound; the others stay as they are", stopped.stdout)
        self.assertFalse(self.fleet["gpu02"].tree.exists("/usr/local/bin/mlenvctl"))
        os.remove(canary.tree.path("/etc/unsound"))

        self.fleet["ws04"].cut()
        most = self.roll("apply")
        self.assertEqual(most.returncode, 255, most)
        self.assertIn("not reached: ws04", most.stdout)
        for name in ALL:
            self.assertEqual(lab_site.missing(self.fleet[name]) != [], name == "ws04", name)

        self.fleet["ws04"].mend()
        pending = self.roll("plan")
        self.assertEqual(pending.returncode, 2, pending)
        self.assertIn("+ apt_package.lab-tools", pending.stdout)
        self.assertEqual(self.roll("apply").returncode, 0)
        self.assertEqual(lab_site.missing(self.fleet["ws04"]), [])
        again = self.roll("plan")
        self.assertEqual(again.returncode, 0, again)
        self.assertEqual(self.roll("verify").returncode, 0)

        said = self.run_on_controller("clush", "-n", "-S", "-b", "-r", "-w", "@gpu", "mlenvctl facts | grep -c Debian")
        self.assertEqual(said.returncode, 0, said)
        self.assertIn("@gpu (5)", said.stdout)


if __name__ == "__main__":
    fleet.main("clush", "nodeset")
