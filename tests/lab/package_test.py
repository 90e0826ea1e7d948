"""`package` on hosts of rpm: a Debian tree that calls itself Fedora or openSUSE, with Debian's own dnf and zypper."""

import fcntl
import glob
import json
import os
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import base_tree  # noqa: E402
import lab  # noqa: E402

FEDORA = 'NAME="Fedora Linux"\nID=fedora\nVERSION_ID=39\nPRETTY_NAME="Fedora Linux 39"\n'
LEAP = ('NAME="openSUSE Leap"\nID="opensuse-leap"\nID_LIKE="suse opensuse"\nVERSION_ID="15.6"\n'
        'PRETTY_NAME="openSUSE Leap 15.6"\n')
TOOLS = {"dnf": ["dnf", "rpm", "createrepo-c"], "zypper": ["zypper", "rpm", "createrepo-c"]}
SYSTEMS = {"dnf": FEDORA, "zypper": LEAP}
# Debian's own rpm keeps its database in the home of root; these are where Fedora and Leap 15 have it.
DATABASES = {"dnf": "/usr/lib/sysimage/rpm", "zypper": "/var/lib/rpm"}
SPEC = """Name: {name}
Version: {version}
Release: 1
Summary: {name}
License: none
BuildArch: noarch
{more}
%description
{name}
%install
mkdir -p %{{buildroot}}/opt
echo {version} >%{{buildroot}}/opt/{name}
%files
/opt/{name}
"""
RECIPE = """
recipe: shared
version: 1
resources:
  - package: [greeting, farewell]
  - package: python3-dev
    names: {fedora: python3-devel, suse: python3-devel}
"""
REPOSITORY = "[lab]\nname=lab\nbaseurl=file:///srv/rpm\nenabled=1\ngpgcheck=0\nautorefresh=1\n"


def machine_sources():
    mirror = base_tree.machine_mirror() or "http://deb.debian.org/debian"
    return "deb [trusted=yes] {} {} main\n".format(mirror, base_tree.SUITE)


class RpmLab(lab.Lab):
    """A tree with one of rpm's managers and a repository of its own."""

    def __init__(self, manager):
        super().__init__()
        self.manager = manager

    def __enter__(self):
        super().__enter__()
        try:
            self._install_tools()
            self._publish()
            self.write("/usr/lib/os-release", SYSTEMS[self.manager])
        except BaseException:
            self.__exit__()
            raise
        return self

    def _install_tools(self):
        """Debian's packages, kept between runs; without a network and without them there is nothing to test."""
        kept = os.path.join(base_tree.cache_folder(), "rpm-tools-" + self.manager)
        os.makedirs(kept, exist_ok=True)
        archives = self.path("/var/cache/apt/archives/")
        for deb in glob.glob(kept + "/*.deb"):
            shutil.copy2(deb, archives)
        self.write("/etc/apt/sources.list.d/tools.list", machine_sources())
        options = ["-qq", "-y", "-o", "Dpkg::Use-Pty=0", "-o", "APT::Keep-Downloaded-Packages=1"]
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        if self.run(["apt-get", "update", "-qq"], check=False).returncode != 0:
            raise unittest.SkipTest("Debian's archive cannot be reached")
        self.run(["apt-get"] + options + ["install", "--no-install-recommends"] + TOOLS[self.manager], env=quiet)
        for deb in glob.glob(archives + "*.deb"):
            shutil.copy2(deb, kept)

    def _publish(self):
        self.write("/etc/rpm/macros", "%_dbpath {}\n".format(DATABASES[self.manager]))
        for name, version, more in (("greeting", "1.0", "Requires: greeting-data"), ("greeting-data", "1.0", ""),
                                    ("farewell", "2.0", ""), ("python3-devel", "3.12", ""),
                                    ("neighbour", "1.0", "Requires: farewell")):
            self.build(name, version, more)
        self.write("/etc/yum.repos.d/lab.repo", REPOSITORY)
        self.write("/etc/zypp/repos.d/lab.repo", REPOSITORY)

    def build(self, name, version, more=""):
        """Builds a package and brings the repository up to date."""
        self.write("/root/spec", SPEC.format(name=name, version=version, more=more))
        self.run(["rpmbuild", "-bb", "--quiet", "--define", "_rpmdir /srv/rpm", "/root/spec"])
        self.run(["createrepo_c", "--quiet", "/srv/rpm"])

    def installed(self):
        return sorted(self.run(["rpm", "-qa", "--qf", "%{NAME}\n"]).stdout.split())


class PackageTest(unittest.TestCase):
    def assert_ends(self, outcome, code):
        self.assertEqual(outcome.returncode, code, str(outcome))

    def check_round(self, manager):
        with RpmLab(manager) as tree:
            recipe = tree.recipe(RECIPE)
            plan = tree.mlenvctl("plan", recipe)
            self.assert_ends(plan, 0)
            self.assertIn("install 3 rpm packages: greeting, farewell, python3-devel", plan.stdout)
            self.assert_ends(tree.mlenvctl("apply", recipe, "--yes"), 0)
            self.assertEqual(tree.installed(), ["farewell", "greeting", "greeting-data", "python3-devel"])

            again = tree.mlenvctl_traced("apply", recipe, "--yes")
            self.assert_ends(again.outcome, 0)
            self.assertEqual((again.executed, again.connected), ([], []), str(again.outcome))

            self.run_snapshot(tree, recipe)
            self.run_lock(tree)
            self.run_versions(tree)
            self.run_destroy(tree)

    def run_snapshot(self, tree, recipe):
        """What is planned of a record is what is planned of the tree."""
        record = os.path.join(tree.folder, "record.json")
        self.assert_ends(tree.mlenvctl("snapshot", recipe, "-o", record, "--root", tree.root), 0)
        self.assertEqual(self.count(self.recorded(record, recipe)), 0)
        other = tree.recipe("recipe: o\nversion: 1\nresources:\n  - package: neighbour\n", "other.yaml")
        self.assertEqual(self.count(self.recorded(record, other)), 1)

    def recorded(self, record, recipe):
        outcome = subprocess.run([lab.binary(), "plan", recipe, "--host", record, "--json"], capture_output=True,
                                 encoding="utf-8")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        return json.loads(outcome.stdout)

    @staticmethod
    def count(plan):
        return sum(change["action"] == "create" for change in plan["changes"])

    def run_lock(self, tree):
        """An rpm at work is waited for, and named when that takes too long."""
        lock = open(tree.path(DATABASES[tree.manager] + "/.rpm.lock"), "r+b")
        fcntl.lockf(lock, fcntl.LOCK_EX)
        recipe = tree.recipe("recipe: l\nversion: 1\nresources:\n  - package: neighbour\n", "locked.yaml")
        outcome = tree.mlenvctl("apply", recipe, "--yes", "--wait", "1")
        lock.close()
        self.assert_ends(outcome, 1)
        self.assertIn("is held by process {}".format(os.getpid()), outcome.text)
        self.assertNotIn("neighbour", tree.installed())

    def run_versions(self, tree):
        tree.build("farewell", "2.1")
        pinned = "recipe: p\nversion: 1\nresources:\n  - package: farewell\n    version: \"{}\"\n"
        for version in ("2.1", "2.0"):
            recipe = tree.recipe(pinned.format(version), "pinned.yaml")
            self.assert_ends(tree.mlenvctl("apply", recipe, "--yes"), 0)
            self.assertEqual(tree.read("/opt/farewell").strip(), version)
        newest = tree.recipe("recipe: n\nversion: 1\nresources:\n  - package: farewell\n    state: latest\n", "n.yaml")
        self.assert_ends(tree.mlenvctl("apply", newest, "--yes"), 0)
        self.assertEqual(tree.read("/opt/farewell").strip(), "2.1")
        self.assertIn("as declared", tree.mlenvctl("plan", newest).stdout)

    def run_destroy(self, tree):
        """What was brought goes, with what came along; what somebody else's package needs stays."""
        verb = ["dnf", "-y"] if tree.manager == "dnf" else ["zypper", "--non-interactive"]
        tree.run(verb + ["install", "neighbour"])
        gone = tree.mlenvctl("destroy", "--yes")
        self.assert_ends(gone, 0)
        self.assertIn("needed by `neighbour`", gone.text)
        self.assertEqual(tree.installed(), ["farewell", "neighbour"])

    def test_dnf_installs_upgrades_and_takes_back(self):
        self.check_round("dnf")

    def test_zypper_installs_upgrades_and_takes_back(self):
        self.check_round("zypper")

    def test_a_name_that_the_distribution_has_not_is_told_with_the_remedy(self):
        with RpmLab("dnf") as tree:
            recipe = tree.recipe("recipe: r\nversion: 1\nresources:\n  - package: no-such-thing\n")
            outcome = tree.mlenvctl("apply", recipe, "--yes")
            self.assert_ends(outcome, 1)
            self.assertIn("names:", outcome.text)


if __name__ == "__main__":
    lab.main()
