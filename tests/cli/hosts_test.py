"""Machines as trees of files, named by situation: what `facts` reads of them, what `doctor` finds, and what a recipe comes
to. tests/hosts/NAME.json is a tree, NAME.txt the exact text that a person sees. MLENVCTL_ACCEPT=1 writes the texts anew."""

import glob
import json
import os
import unittest

import program

FOLDER = os.path.join(program.ROOT, "tests", "hosts")
ACCEPT = os.environ.get("MLENVCTL_ACCEPT") == "1"
SYSTEMS = {
    "ubuntu 20.04": ("focal", "3.8", "3.8.10-0ubuntu1~20.04.9", "deb http://archive.ubuntu.com/ubuntu focal main restricted\n"),
    "ubuntu 22.04": ("jammy", "3.10", "3.10.12-1~22.04.3", "deb http://archive.ubuntu.com/ubuntu jammy main restricted\n"),
    "ubuntu 24.04": ("noble", "3.12", "3.12.3-1ubuntu0.1", "deb http://archive.ubuntu.com/ubuntu noble main restricted\n"),
    "debian 12": ("bookworm", "3.11", "3.11.2-6+deb12u2", "deb http://deb.debian.org/debian bookworm main\n"),
}


def base_files(system):
    codename, python, _, source = SYSTEMS[system]
    name, version = system.split(" ")
    return {
        "/etc/os-release": "ID={}\nVERSION_ID=\"{}\"\nVERSION_CODENAME={}\n".format(name, version, codename),
        "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\nstudent:x:1000:1000::/home/student:/bin/bash\n",
        "/etc/hostname": "lab\n",
        "/etc/apt/sources.list": source,
        "/var/lib/dpkg/arch": "amd64\n",
        "/var/lib/apt/lists/lab_InRelease": "",
        "/usr/bin/python" + python: "",
        "/usr/bin/python3": {"link": "python" + python},
        "/sys/bus/pci/devices/.keep": "",
        "/home/student/.bashrc": "",
    }


def status_of(system, packages):
    _, python, version, _ = SYSTEMS[system]
    own = [{"name": "python{}-minimal".format(python), "version": version, "maintainer": "Matthias Klose <doko@debian.org>"},
           {"name": "apt", "version": "2.4.11", "maintainer": "APT Development Team <deity@lists.debian.org>"}]
    stanza = "Package: {name}\nStatus: {want} ok installed\nMaintainer: {maintainer}\nArchitecture: amd64\nVersion: {version}\n"
    return "\n".join(stanza.format(want="hold" if each.get("held") else "install", **each) for each in own + packages) + "\n"


class HostsTest(program.ProgramTest):
    def tree(self, path):
        with open(path, encoding="utf-8") as source:
            host = json.load(source)
        root = os.path.join(self.folder, os.path.basename(path)[:-len(".json")])
        files = {**base_files(host["os"]), "/var/lib/dpkg/status": status_of(host["os"], host["packages"]), **host["files"]}
        for name, content in files.items():
            place = root + name
            os.makedirs(os.path.dirname(place), exist_ok=True)
            if isinstance(content, dict):
                os.symlink(content["link"], place)
                continue
            with open(place, "wb") as out:
                out.write(content.encode("latin-1"))
        return root, host["about"]

    def run_any(self, *words):
        environment = {"NO_COLOR": "1", "COLUMNS": "160"}
        for code in (0, 2, 4):
            try:
                return self.run_program(*words, code=code, env=environment, cwd=program.ROOT)
            except AssertionError as wrong:
                error = wrong
        raise error

    def text_of(self, place, about):
        facts = self.run_any("facts", *place)
        doctor = self.run_any("doctor", *place)
        plan = self.run_any("plan", "recipes/auto-torch.yaml", *place)
        shown = plan.stdout.split("\nSteps\n")
        notes = shown[0] + ("\n" + shown[1].split("\n\n", 1)[1] if len(shown) > 1 else "")
        return "{}\n\n$ mlenvctl facts\n{}\n$ mlenvctl doctor\n{}\n$ mlenvctl plan recipes/auto-torch.yaml\n{}{}".format(
            about, facts.stdout, doctor.stdout, notes, plan.stderr)

    def test_every_machine_is_read_examined_and_planned_for(self):
        paths = sorted(glob.glob(os.path.join(FOLDER, "*.json")))
        self.assertGreater(len(paths), 15)
        for path in paths:
            with self.subTest(os.path.basename(path)):
                root, about = self.tree(path)
                text = self.text_of(("--root", root, "--user", "student"), about)
                golden = path[:-len("json")] + "txt"
                if ACCEPT:
                    with open(golden, "w", encoding="utf-8") as out:
                        out.write(text)
                with open(golden, encoding="utf-8") as source:
                    self.assertEqual(text, source.read())

    def test_a_record_of_the_facts_is_examined_as_the_machine_itself(self):
        for path in sorted(glob.glob(os.path.join(FOLDER, "*.json"))):
            with self.subTest(os.path.basename(path)):
                root, _ = self.tree(path)
                place = ("--root", root, "--user", "student")
                facts = self.run_any("facts", "--json", *place).stdout
                record = self.write("record.json", facts)
                self.assertEqual(self.run_any("facts", "--json", "--host", record).stdout, facts)
                self.assertEqual(self.run_any("doctor", "--json", "--host", record).stdout,
                                 self.run_any("doctor", "--json", *place).stdout)


if __name__ == "__main__":
    unittest.main()
