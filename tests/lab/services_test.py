"""Services and members of groups: in a tree, where nothing can be started, and on a systemd that is at work."""

import json
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import base_tree  # noqa: E402
import booted  # noqa: E402
import lab  # noqa: E402
import namespace  # noqa: E402

HEAD = "recipe: r\nversion: 1\nresources:\n"
SERVICE = """  - file: /etc/lab.conf
    content: one
  - service: lab
    content: |
      [Service]
      ExecStart=/bin/sleep infinity
      [Install]
      WantedBy=multi-user.target
    restart_on: [file./etc/lab.conf]
"""
OF_USER = """  - file: ~/lab.conf
    content: one
  - service: mine
    scope: user
    content: |
      [Service]
      ExecStart=/bin/sleep infinity
      [Install]
      WantedBy=default.target
    restart_on: [file.~/lab.conf]
"""
GROUP = "  - group_member: video\n"
USER = ("--user", "student")
UNIT = "/etc/systemd/system/lab.service"
LINK = "/etc/systemd/system/multi-user.target.wants/lab.service"
OWN = "/home/student/.config/systemd/user/"


def setUpModule():
    try:
        base_tree.ensure("systemd")
    except namespace.Unavailable as problem:
        raise unittest.SkipTest(str(problem))


def absent(text):
    for kind in ("file", "service", "group_member"):
        text = text.replace("  - {}: ".format(kind), "  - state: absent\n    {}: ".format(kind))
    return text.replace("    restart_on: [file./etc/lab.conf]\n", "").replace("    restart_on: [file.~/lab.conf]\n", "")


class TreeTest(unittest.TestCase):
    """No systemd is at work."""

    def apply(self, tree, text):
        recipe = tree.recipe(HEAD + text)
        done = tree.mlenvctl("apply", recipe, *USER, "--yes")
        self.assertEqual(done.returncode, 0, done)
        again = tree.mlenvctl("plan", recipe, *USER, "--detailed-exitcode")
        self.assertEqual(again.returncode, 0, again)
        return done

    def test_units_are_enabled_by_links_and_gone_without_a_trace(self):
        with lab.Lab("systemd") as tree:
            before = tree.snapshot()
            done = self.apply(tree, SERVICE + OF_USER + GROUP)
            self.assertIn("systemd does not run here", done.stdout)
            self.assertIn("made by mlenvctl (service.lab)", tree.read(UNIT))
            self.assertTrue(os.path.islink(tree.path(LINK)))
            self.assertTrue(os.path.islink(tree.path(OWN + "default.target.wants/mine.service")))
            self.assertEqual(tree.owner(OWN + "default.target.wants/mine.service"), lab.STUDENT_ID)
            self.assertIn("video", tree.run(["id", "-Gn", "student"]).stdout.split())
            self.apply(tree, absent(SERVICE + OF_USER + GROUP))
            after = tree.snapshot()
            left = {path for path in set(before) | set(after) if before.get(path) != after.get(path)}
            # gpasswd keeps the file as it was, and folders above what was made stay.
            self.assertEqual({path for path in left if not path.startswith(("/etc/group", "/etc/gshadow", "/home/student/."))},
                             set())
            self.assertEqual(before["/etc/group"], after["/etc/group"])

    def test_a_second_apply_starts_no_program(self):
        with lab.Lab("systemd") as tree:
            self.apply(tree, SERVICE + GROUP)
            trace = tree.mlenvctl_traced("apply", tree.recipe(HEAD + SERVICE + GROUP), *USER, "--yes")
            self.assertEqual(trace.outcome.returncode, 0, trace.outcome)
            self.assertEqual(trace.executed, [])

    def test_destroy_takes_back_what_was_enabled_and_joined(self):
        with lab.Lab("systemd") as tree:
            tree.write("/usr/lib/systemd/system/vendor.service",
                       "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n")
            self.apply(tree, SERVICE + OF_USER + GROUP + "  - service: vendor\n")
            gone = tree.mlenvctl("destroy", *USER, "--yes")
            self.assertEqual(gone.returncode, 0, gone)
            for path in (UNIT, LINK, OWN + "mine.service", OWN + "default.target.wants/mine.service",
                         "/etc/systemd/system/multi-user.target.wants/vendor.service"):
                self.assertFalse(tree.exists(path), path)
            self.assertTrue(tree.exists("/usr/lib/systemd/system/vendor.service"))
            self.assertNotIn("video", tree.run(["id", "-Gn", "student"]).stdout.split())

    def test_destroy_leaves_what_was_enabled_and_joined_before(self):
        with lab.Lab("systemd") as tree:
            tree.write("/usr/lib/systemd/system/vendor.service",
                       "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n")
            tree.run(["systemctl", "enable", "vendor"])
            tree.run(["gpasswd", "--add", "student", "video"])
            self.apply(tree, GROUP + "  - service: vendor\n  - file: /etc/lab.conf\n    content: one\n")
            self.assertEqual(tree.mlenvctl("destroy", *USER, "--yes").returncode, 0)
            self.assertTrue(tree.exists("/etc/systemd/system/multi-user.target.wants/vendor.service"))
            self.assertIn("video", tree.run(["id", "-Gn", "student"]).stdout.split())

    def test_roots_part_as_a_script_is_the_same(self):
        with lab.Lab("systemd") as tree:
            recipe, script = tree.recipe(HEAD + SERVICE + GROUP), tree.path("/root/part.sh")
            planned = tree.mlenvctl("plan", recipe, *USER, "--as-root-script", script)
            self.assertEqual(planned.returncode, 0, planned)
            tree.run(["sh", "/root/part.sh"])
            after = tree.mlenvctl("plan", recipe, *USER, "--detailed-exitcode")
            self.assertEqual(after.returncode, 0, after)

    def test_where_no_systemd_is_installed_services_do_not_apply(self):
        with lab.Lab() as tree:
            done = self.apply(tree, SERVICE + GROUP)
            self.assertIn("there is no systemd here", done.stdout)
            self.assertFalse(tree.exists(UNIT))

    def test_a_group_that_comes_with_nothing_waits_for_a_person(self):
        with lab.Lab() as tree:
            outcome = tree.mlenvctl("apply", tree.recipe(HEAD + "  - group_member: docker\n"), *USER, "--yes")
            self.assertEqual(outcome.returncode, 3, outcome)
            self.assertIn("there is no group `docker`", outcome.text)


class BootedTest(unittest.TestCase):
    def apply(self, machine, text):
        recipe = machine.recipe(HEAD + text)
        done = machine.mlenvctl("apply", recipe, *USER, "--yes")
        self.assertEqual(done.returncode, 0, done)
        again = machine.mlenvctl("plan", recipe, *USER, "--detailed-exitcode")
        self.assertEqual(again.returncode, 0, again)
        return done

    def plan(self, machine, text):
        outcome = machine.mlenvctl("plan", machine.recipe(HEAD + text), *USER, "--json")
        self.assertEqual(outcome.returncode, 0, outcome)
        return json.loads(outcome.stdout)

    def process(self, machine, unit="lab", user=None):
        whose = ["--user"] if user else []
        return machine.run(["systemctl"] + whose + ["show", "-p", "MainPID", "--value", unit], user).stdout.strip()

    def test_a_service_comes_up_restarts_when_its_file_changes_and_goes(self):
        with lab.Lab("systemd") as tree, booted.Booted(tree) as machine:
            self.apply(machine, SERVICE + GROUP)
            first = self.process(machine)
            self.assertNotEqual(first, "0")
            with self.subTest("another content"):
                done = self.apply(machine, SERVICE.replace("one", "two"))
                self.assertIn("restart lab.service", done.stdout)
                second = self.process(machine)
                self.assertNotEqual(second, first)
            with self.subTest("an apply that was cut short behind the file"):
                tree.write("/etc/lab.conf", "two")
                plan = self.plan(machine, SERVICE.replace("one", "two"))
                self.assertEqual([step["title"] for step in plan["steps"]], ["restart lab.service"])
                self.apply(machine, SERVICE.replace("one", "two"))
                self.assertNotEqual(self.process(machine), second)
            with self.subTest("another unit file"):
                self.apply(machine, SERVICE.replace("one", "two").replace("infinity", "100000"))
                self.assertIn("sleep 100000", machine.run(["systemctl", "status", "lab"]).stdout)
            with self.subTest("stopped by hand"):
                machine.run(["systemctl", "stop", "lab"])
                self.assertEqual(machine.mlenvctl("verify", "/opt/recipe.yaml", *USER).returncode, 2)
                self.apply(machine, SERVICE.replace("one", "two"))
            with self.subTest("off"):
                self.apply(machine, SERVICE.replace("    content: |", "    enabled: false\n    content: |"))
                self.assertEqual(machine.run(["systemctl", "is-active", "lab"], check=False).stdout.strip(), "inactive")
            self.apply(machine, SERVICE)
            self.assertEqual(machine.mlenvctl("destroy", *USER, "--yes").returncode, 0)
            self.assertEqual(self.process(machine), "0")
            self.assertFalse(tree.exists(UNIT))

    def test_a_users_service_is_up_with_its_user(self):
        with lab.Lab("systemd") as tree, booted.Booted(tree) as machine:
            done = self.apply(machine, OF_USER)
            self.assertIn("`student` is not logged in", done.stdout)
            machine.run(["loginctl", "enable-linger", "student"])
            end = time.monotonic() + 30
            while not os.path.exists(tree.path("/var/lib/systemd/linger/student")) and time.monotonic() < end:
                time.sleep(0.1)
            machine.run(["systemctl", "start", "user@{}.service".format(lab.STUDENT_ID)])
            self.apply(machine, OF_USER)
            first = self.process(machine, "mine", "student")
            self.assertNotEqual(first, "0")
            # By root for the user, and by the user.
            self.apply(machine, OF_USER.replace("one", "two"))
            second = self.process(machine, "mine", "student")
            self.assertNotEqual(second, first)
            own = machine.mlenvctl("apply", machine.recipe(HEAD + OF_USER), "--yes", user="student")
            self.assertEqual(own.returncode, 0, own)
            self.assertNotEqual(self.process(machine, "mine", "student"), second)
            tree.write("~/lab.conf", "one")
            plan = self.plan(machine, OF_USER)
            self.assertEqual([step["title"] for step in plan["steps"]], ["restart the user's mine.service"])

    def test_a_service_that_does_not_start_fails_and_says_where_to_look(self):
        with lab.Lab("systemd") as tree, booted.Booted(tree) as machine:
            recipe = machine.recipe(HEAD + SERVICE.replace("/bin/sleep infinity", "/bin/false").replace(
                "[Service]", "[Service]\n      Type=notify"))
            outcome = machine.mlenvctl("apply", recipe, *USER, "--yes")
            self.assertEqual(outcome.returncode, 1, outcome)
            self.assertIn("journalctl -b -u lab.service", outcome.text)

    def test_a_record_is_planned_for_as_the_host_itself(self):
        with lab.Lab("systemd") as tree, booted.Booted(tree) as machine:
            text = SERVICE + OF_USER + GROUP + "  - service: dbus\n  - group_member: audio\n    user: root\n"
            self.apply(machine, text)
            for change in (lambda: None, lambda: tree.write("/etc/lab.conf", "one"),
                           lambda: machine.run(["systemctl", "stop", "lab"]),
                           lambda: machine.run(["systemctl", "mask", "dbus"]),
                           lambda: machine.run(["gpasswd", "--delete", "student", "video"])):
                change()
                machine.recipe(HEAD + text)
                made = machine.mlenvctl("snapshot", "/opt/recipe.yaml", *USER, "-o", "/opt/host.json")
                self.assertEqual(made.returncode, 0, made)
                live = json.loads(machine.mlenvctl("verify", "/opt/recipe.yaml", *USER, "--json").stdout)
                told = json.loads(machine.mlenvctl("verify", "/opt/recipe.yaml", "--host", "/opt/host.json", "--json").stdout)
                for key in ("changes", "summary", "findings"):
                    self.assertEqual(told[key], live[key])


if __name__ == "__main__":
    lab.main()
