"""One task of the Ansible module on one machine: what it returns, says and leaves for each way a run can go."""

import hashlib
import os
import subprocess
import sys
import threading
import unittest

import controller
import fleet
import lab  # noqa: E402  found by fleet

FILES = """
recipe: files
version: 1
vars: {text: hello}
resources:
  - file: /etc/lab/motd
    content: "${text}\\n"
    needs: [directory./etc/lab]
  - directory: /etc/lab
"""
SECRET = "s3cr3t-of-the-lab"


class ModuleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fleet = fleet.Fleet(["gpu01"]).__enter__()
        cls.ansible = controller.Controller(cls.fleet, {})
        cls.tree = cls.fleet["gpu01"].tree
        # So that the binary is there, and no change of the tests below.
        recipe = cls.fleet.write("recipes/empty.yaml", "recipe: r\nversion: 1\nresources: []\n")
        cls.ansible.module("gpu01", {"recipe": recipe})

    @classmethod
    def tearDownClass(cls):
        cls.fleet.__exit__()

    def recipe(self, text, name="recipe.yaml"):
        return self.fleet.write("recipes/" + name, text)

    def task(self, arguments, *options):
        return self.ansible.module("gpu01", arguments, *options)[0]

    def test_it_is_changed_when_something_was_changed_and_returns_facts(self):
        recipe = self.recipe(FILES)
        first = self.task({"recipe": recipe, "vars": {"text": "~/two $HOME"}})
        self.assertTrue(first["changed"], first)
        self.assertEqual(self.tree.read("/etc/lab/motd"), "~/two $HOME\n")
        self.assertEqual({step["status"] for step in first["steps"]}, {"ok"})
        self.assertEqual(first["ansible_facts"]["mlenvctl"]["hostname"], "gpu01")
        second = self.task({"recipe": recipe, "vars": {"text": "~/two $HOME"}})
        self.assertFalse(second["changed"], second)
        self.assertEqual(second["changes"], [])

        gone, outcome = self.ansible.module("gpu01", {"recipe": recipe, "state": "absent"}, "--check", "--diff")
        self.assertTrue(gone["changed"], gone)
        self.assertIn("- file./etc/lab/motd", outcome.stdout)
        self.assertTrue(self.tree.exists("/etc/lab/motd"))
        self.assertTrue(self.task({"recipe": recipe, "state": "absent"})["changed"])
        self.assertFalse(self.tree.exists("/etc/lab"))
        self.assertFalse(self.task({"recipe": recipe, "state": "absent"})["changed"])

    def test_a_run_that_fails_is_changed_only_when_it_has_changed_something(self):
        text = "recipe: r\nversion: 1\nresources:\n  - check: sound\n    run: [sh, -c, \"echo is it on?; exit 3\"]\n"
        recipe = self.recipe(text + "  - file: /etc/half\n    content: x\n")
        first = self.task({"recipe": recipe})
        self.assertTrue(first["failed"] and first["changed"], first)
        self.assertIn("`check: sound`: expected exit code 0, found 3; is it on?", first["msg"])
        self.assertEqual(first["exit_code"], 1)
        text = text.replace("resources:\n", "resources:\n  - file: /etc/half\n    content: x\n  - file: /proc/nothing/here\n"
                                             "    content: y\n")
        second = self.task({"recipe": self.recipe(text)})
        self.assertTrue(second["failed"], second)
        self.assertFalse(second["changed"], second)

    def test_what_waits_for_a_person_is_no_failure(self):
        self.tree.write("/srv/kept/thesis.tex", "x")
        recipe = self.recipe("recipe: r\nversion: 1\nresources:\n  - directory: /srv/kept\n    state: absent\n")
        result = self.task({"recipe": recipe})
        self.assertFalse(result["failed"], result)
        self.assertTrue(result["waiting"])
        self.assertFalse(result["changed"])
        self.assertEqual(result["exit_code"], 3)

    def test_what_is_refused_or_not_understood_is_said_in_mlenvctls_words(self):
        recipe = self.recipe("recipe: r\nversion: 1\nrequires: {os: ubuntu 20.04}\nresources: []\n")
        refused = self.task({"recipe": recipe})
        self.assertEqual((refused["failed"], refused["changed"], refused["exit_code"]), (True, False, 4), refused)
        self.assertIn("mlenvctl has refused before anything ran: ", refused["msg"])
        self.assertIn("debian 12", refused["msg"])
        recipe = self.recipe("recipe: r\nversion: 1\nresources:\n  - directry: ~/x\n", "odd.yaml")
        odd = self.task({"recipe": recipe})
        self.assertEqual((odd["failed"], odd["exit_code"], odd["code"]), (True, 5, "recipe.unknown-kind"), odd)
        self.assertIn("odd.yaml:4:5: error: ", odd["msg"])
        missing = self.task({"recipe": self.fleet.path("recipes/missing.yaml")})
        self.assertTrue(missing["failed"])

    def test_a_secret_is_in_the_environment_and_nowhere_else(self):
        recipe = self.recipe("recipe: r\nversion: 1\nresources:\n  - file: /etc/token\n    content: ${env.TOKEN}\n"
                             "    mode: \"0600\"\n  - check: it tells\n    run: [cat, /etc/token, /proc/self/cmdline]\n")
        result, outcome = self.ansible.module("gpu01", {"recipe": recipe, "secrets": {"TOKEN": SECRET}}, "-vvv", "--diff")
        self.assertTrue(result["changed"], result)
        self.assertEqual(self.tree.read("/etc/token"), SECRET)
        # Ansible itself puts a task's arguments into the file that it sends, but prints nothing of them.
        self.assertNotIn(SECRET, outcome.text)
        self.assertNotIn(SECRET, str(result))
        again = self.task({"recipe": recipe, "secrets": {"TOKEN": SECRET}})
        self.assertFalse(again["changed"], again)

    def test_the_binary_is_delivered_where_it_is_missing_or_another_one(self):
        recipe, place = self.recipe("recipe: r\nversion: 1\nresources: []\n"), "/opt/mlenvctl/bin/mlenvctl"
        looked = self.task({"recipe": recipe, "executable": place}, "--check")
        self.assertTrue(looked["changed"], looked)
        self.assertFalse(self.tree.exists(place))
        none = self.task({"recipe": recipe, "executable": place, "binary": ""})
        self.assertIn("there is no `{}` on this host".format(place), none["msg"])
        self.assertTrue(self.task({"recipe": recipe, "executable": place})["changed"])
        self.assertFalse(self.task({"recipe": recipe, "executable": place})["changed"])
        self.tree.write(place, "#!/bin/sh\n", mode=0o755)
        self.assertTrue(self.task({"recipe": recipe, "executable": place})["changed"])
        with open(lab.binary(), "rb") as binary:
            digest = hashlib.sha256(binary.read()).hexdigest()
        self.assertFalse(self.task({"recipe": recipe, "executable": place, "binary_sha256": digest})["changed"])
        wrong = self.task({"recipe": recipe, "executable": place, "binary_sha256": "0" * 64})
        self.assertTrue(wrong["failed"])
        self.assertIn("wanted is 000", wrong["msg"])

    def test_a_binary_that_does_not_run_there_is_not_put_in_place(self):
        recipe, place = self.recipe("recipe: r\nversion: 1\nresources: []\n"), "/opt/other/mlenvctl"
        broken = self.fleet.write("broken", "#!/bin/sh\necho it wants another libc >&2\nexit 127\n")
        result = self.task({"recipe": recipe, "executable": place, "binary": broken})
        self.assertIn("does not run on this host: it wants another libc", result["msg"])
        self.assertFalse(self.tree.exists(place))

    def test_a_kept_recipe_has_all_it_reads(self):
        self.fleet.write("recipes/base/more.yaml", "resources:\n  - file: /etc/lab.conf\n    source: ../files/conf\n")
        self.fleet.write("recipes/files/conf", "x = 1\n")
        recipe = self.fleet.write("recipes/sets/lab.yaml", "recipe: r\nversion: 1\ninclude: ../base/more.yaml\n")
        looked = self.task({"recipe": recipe, "dest": "/etc/mlenvctl/recipe"}, "--check")
        self.assertFalse(self.tree.exists("/etc/mlenvctl"))
        result = self.task({"recipe": recipe, "dest": "/etc/mlenvctl/recipe"})
        self.assertEqual(result["kept"], looked["kept"])
        verified = self.tree.run(["/usr/local/bin/mlenvctl", "verify", *result["kept"]], check=False)
        self.assertEqual(verified.returncode, 0, verified)
        self.assertFalse(self.task({"recipe": recipe, "dest": "/etc/mlenvctl/recipe"})["changed"])
        there = self.task({"recipe": result["kept"], "remote_src": True, "state": "verified"})
        self.assertFalse(there["failed"], there)

    def test_a_run_that_is_at_work_is_waited_for(self):
        self.tree.write("/etc/hold", "")
        self.tree.write("/root/slow.yaml", "recipe: slow\nversion: 1\nresources:\n  - file: /srv/slow\n    content: x\n"
                        "  - check: it takes its time\n    run: [sh, -c, \"while [ -e /etc/hold ]; do sleep 0.1; done\"]\n")
        recipe = self.recipe(FILES.replace("/etc/lab", "/etc/waited"))
        with self.fleet.started(["ssh", "-F", self.fleet.ssh_config, "-l", "root", "gpu01", "mlenvctl", "apply", "--yes",
                                 "slow.yaml"]) as running:
            fleet.until(lambda: self.tree.exists("/srv/slow"), "the other run")
            at_once = self.task({"recipe": recipe, "wait": 0})
            self.assertEqual((at_once["exit_code"], at_once["code"]), (4, "run.locked"), at_once)
            threading.Timer(8, os.remove, [self.tree.path("/etc/hold")]).start()
            waited = self.task({"recipe": recipe})
            self.assertTrue(waited["changed"] and not waited["failed"], waited)
            self.assertFalse(self.tree.exists("/etc/hold"))
            out, _ = running.communicate()
            self.assertEqual(running.returncode, 0, out)


class CollectionTest(unittest.TestCase):
    """The files of the collection are sound; no machine is needed."""

    def test_the_module_is_documented(self):
        with fleet.Fleet([]) as machines:
            ansible = controller.Controller(machines, {}, ["none"])
            told = machines.on_controller(["ansible-doc", "mlenvctl.lab.mlenvctl"], ansible.environment())
            self.assertEqual(told.returncode, 0, told)
            for word in ("recipe", "binary_sha256", "waiting"):
                self.assertIn(word, told.stdout)
            for name in ("site", "rollout", "verify"):
                checked = ansible.playbook(name, "--syntax-check").outcome
                self.assertEqual(checked.returncode, 0, checked)
            listed = machines.on_controller(["ansible-inventory", "-i", os.path.join(controller.COLLECTION, "inventory"),
                                             "--graph"], ansible.environment())
            self.assertEqual(listed.returncode, 0, listed)
            self.assertIn("gpu01", listed.stdout)

    def test_parameters_and_their_documentation_agree(self):
        import yaml
        with open(os.path.join(controller.COLLECTION, "plugins/modules/mlenvctl.py"), encoding="utf-8") as source:
            text = source.read()
        documented = yaml.safe_load(text.split('DOCUMENTATION = r"""')[1].split('"""')[0])["options"]
        spec = text.split("argument_spec={")[1].split("supports_check_mode")[0]
        for name, option in documented.items():
            self.assertIn('"{}": '.format(name), spec)
            if "choices" in option:
                for choice in option["choices"]:
                    self.assertIn('"{}"'.format(choice), spec)

    def test_its_yaml_is_well_kept(self):
        rules = "{extends: default, rules: {line-length: {max: 130}, document-start: disable, braces: disable}}"
        done = subprocess.run(["yamllint", "-s", "-d", rules, controller.COLLECTION], stdout=subprocess.PIPE, text=True)
        self.assertEqual(done.stdout, "")

    def test_the_module_is_python_as_old_as_its_hosts(self):
        import ast
        for folder, _, names in os.walk(os.path.join(controller.COLLECTION, "plugins")):
            for name in (name for name in names if name.endswith(".py")):
                with open(os.path.join(folder, name), encoding="utf-8") as source:
                    ast.parse(source.read(), name, feature_version=(3, 6))


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    fleet.main("ansible", "ansible-playbook", "ansible-galaxy", "yamllint")
