"""The .deb, installed by apt in fresh trees, run there, and purged.

    MLENVCTL_DEB=mlenvctl_0.1.0_amd64.deb MLENVCTL_SUITES="bullseye bookworm trixie" python3 install_test.py

Without MLENVCTL_DEB the package of the build is made, without MLENVCTL_SUITES the tree is of this system's release."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

import base_tree  # noqa: E402
import namespace  # noqa: E402

RECIPE = "recipe: r\nversion: 1\nresources:\n  - directory: /srv/ml\n"
# Its key is fetched from a port where nobody listens.
UNREACHED = """recipe: u
version: 1
resources:
  - apt_repo: nowhere
    uris: http://127.0.0.1:1/debian
    suites: [stable]
    components: [main]
    key: {url: "http://127.0.0.1:1/key.asc", fingerprint: 0123456789ABCDEF0123456789ABCDEF01234567}
"""
# What apt and dpkg keep for themselves, and caches that are made anew.
PASSING = re.compile(r"^/(proc|sys|dev|tmp|run|var/cache/(apt|debconf|ldconfig)|var/log|var/lib/apt|var/lib/dpkg|etc/ld\.so\.cache)(/|$)")


def system_release():
    found = {}
    with open("/etc/os-release", encoding="utf-8") as source:
        for line in source:
            name, _, value = line.strip().partition("=")
            found[name] = value.strip('"')
    return found


def suites():
    named = os.environ.get("MLENVCTL_SUITES", "").split()
    here = system_release()
    if not named and here.get("ID") != "debian":
        raise namespace.Unavailable("this is no Debian; name releases by MLENVCTL_SUITES")
    return named or [here["VERSION_CODENAME"]]


def minimal_tree(suite):
    """The cached tree, the same that cmake/debian/in_tree.sh makes."""
    if not shutil.which("debootstrap"):
        raise namespace.Unavailable("debootstrap is not installed")
    tree = os.path.join(base_tree.cache_folder(), suite + "-minimal")
    with base_tree.cache_lock(suite + "-minimal"):
        if not os.path.isdir(tree):
            shutil.rmtree(tree + ".partial", ignore_errors=True)
            mirror = base_tree.machine_mirror()
            done = subprocess.run(["debootstrap", "--variant=minbase", "--include=ca-certificates", suite,
                                   tree + ".partial"] + ([mirror] if mirror else []),
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if done.returncode != 0:
                raise namespace.Unavailable("no tree of {}:\n{}".format(suite, done.stdout[-2000:]))
            os.rename(tree + ".partial", tree)
    return tree


def package(folder):
    """The .deb under test; of this build when none is named."""
    named = os.environ.get("MLENVCTL_DEB")
    if named:
        return os.path.abspath(named)
    build = os.environ.get("MLENVCTL_BUILD_FOLDER") or os.path.join(ROOT, "build")
    done = subprocess.run(["cpack", "--config", os.path.join(build, "CPackConfig.cmake"), "-B", folder], cwd=build,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise AssertionError(done.stdout)
    return os.path.join(folder, next(name for name in os.listdir(folder) if name.endswith(".deb")))


class Tree:
    """An overlay of a release's minimal tree, in memory."""

    def __init__(self, suite):
        base = minimal_tree(suite)
        self.folder = tempfile.mkdtemp(prefix="mlenvctl-lab-")
        namespace.mount("packaging", self.folder, "-t", "tmpfs", "-o", "mode=0755")
        for name in ("upper", "work"):
            os.mkdir(os.path.join(self.folder, name))
        self.root = os.path.join(self.folder, "tree")
        options = "lowerdir={},upperdir={}/upper,workdir={}/work".format(base, self.folder, self.folder)
        namespace.mount("packaging", self.root, "-t", "overlay", "-o", options)
        namespace.mount_kernel(self.root)
        base_tree.copy_network_settings(self.root)

    def close(self):
        namespace.unmount(self.folder)
        os.rmdir(self.folder)

    def run(self, *argv, code=0):
        done = subprocess.run(["chroot", self.root, *argv], env={**base_tree.ENVIRONMENT, "TERM": "dumb"},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", cwd="/")
        if done.returncode != code:
            raise AssertionError("`{}` ended with {}:\n{}".format(" ".join(argv), done.returncode, done.stdout[-4000:]))
        return done.stdout

    def paths(self):
        """Every file and folder that is not of passing use."""
        found = set()
        for folder, folders, files in os.walk(self.root):
            inside = folder[len(self.root):]
            folders[:] = [name for name in folders if not PASSING.match(inside + "/" + name)]
            found.update(inside + "/" + name for name in folders + files if not PASSING.match(inside + "/" + name))
        return found

    def packaged(self):
        """What the installed packages have, under both names where /lib is /usr/lib."""
        listed = self.run("sh", "-c", "cat /var/lib/dpkg/info/*.list").split("\n")
        return set(listed) | {"/usr" + path for path in listed}


class InstallTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="mlenvctl-package-")
        cls.addClassCleanup(folder.cleanup)
        cls.package = package(folder.name)

    def test_it_is_installed_runs_and_is_purged(self):
        for suite in suites():
            with self.subTest(suite=suite):
                tree = Tree(suite)
                try:
                    self.live_through(tree, suite)
                finally:
                    tree.close()
                print("{}: installed, ran, purged".format(suite), flush=True)

    def live_through(self, tree, suite):
        if "Failed to fetch" in tree.run(*base_tree.APT, "update"):
            self.skipTest("the archive of {} is not reached".format(suite))
        before = tree.paths()
        shutil.copy(self.package, tree.root + "/tmp/mlenvctl.deb")
        tree.run(*base_tree.APT, "install", "/tmp/mlenvctl.deb")
        self.look_at_files(tree)
        self.run_program(tree, suite)
        tree.run(*base_tree.APT, "purge", "mlenvctl")
        left = sorted(path for path in tree.paths() - before - tree.packaged() if not path.startswith("/srv/ml"))
        self.assertEqual(left, [])

    def look_at_files(self, tree):
        for path in ("man/man1/mlenvctl.1.gz", "man/man5/mlenvctl-recipe.5.gz", "doc/mlenvctl/changelog.gz"):
            tree.run("gzip", "-t", "/usr/share/" + path)
        for path in ("zsh/vendor-completions/_mlenvctl", "fish/vendor_completions.d/mlenvctl.fish", "doc/mlenvctl/copyright"):
            self.assertIn("mlenvctl", tree.run("cat", "/usr/share/" + path))
        self.assertEqual(tree.run("mlenvctl", "schema"), tree.run("cat", "/usr/share/mlenvctl/schemas/recipe.schema.json"))
        offered = tree.run("bash", "-c", "source /usr/share/bash-completion/completions/mlenvctl;"
                           "COMP_WORDS=(mlenvctl pl) COMP_CWORD=1; _mlenvctl; echo \"${COMPREPLY[@]}\"")
        self.assertEqual(offered, "plan\n")
        for path in tree.run("dpkg", "-L", "mlenvctl").split():
            found = os.lstat(tree.root + path)
            others = 0 if os.path.islink(tree.root + path) else found.st_mode & 0o022
            self.assertEqual((found.st_uid, found.st_gid, others), (0, 0, 0), path)
            self.assertTrue(os.path.exists(tree.root + path) or not path.startswith("/usr/share/mlenvctl"), path)

    def run_program(self, tree, suite):
        version = tree.run("dpkg-query", "-W", "-f", "${Version}", "mlenvctl")
        self.assertEqual(tree.run("mlenvctl", "--version"), "mlenvctl {}\n".format(version))
        self.assertEqual(json.loads(tree.run("mlenvctl", "facts", "--json"))["os"]["codename"], suite)
        self.assertIn("SUMMARY", tree.run("mlenvctl", "explain", "venv"))
        data = "/usr/share/mlenvctl/"
        plan = tree.run("mlenvctl", "plan", data + "recipes/rtx3070-torch.yaml", "--host",
                        data + "examples/hosts/ubuntu2004-rtx3070.json")
        self.assertIn("Plan: 20 to create", plan)
        for name, text in (("recipe", RECIPE), ("unreached", UNREACHED)):
            with open("{}/tmp/{}.yaml".format(tree.root, name), "w", encoding="utf-8") as out:
                out.write(text)
        # The system's libcurl is found and speaks.
        self.assertRegex(tree.run("mlenvctl", "apply", "--yes", "/tmp/unreached.yaml", code=1), "(?i)connect")
        self.assertIn("Plan: 1 to create", tree.run("mlenvctl", "plan", "/tmp/recipe.yaml"))
        tree.run("mlenvctl", "apply", "--yes", "/tmp/recipe.yaml")
        self.assertIn("No changes", tree.run("mlenvctl", "plan", "/tmp/recipe.yaml"))
        self.assertTrue(os.path.isdir(tree.root + "/srv/ml") and os.path.isdir(tree.root + "/var/lib/mlenvctl"))

    @unittest.skipUnless(shutil.which("lintian"), "lintian is not installed")
    def test_lintian_has_nothing_to_say(self):
        done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", self.package],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual((done.returncode, done.stdout.strip()), (0, ""))


if __name__ == "__main__":
    try:
        namespace.enter_private_mounts()
        for each in suites():
            minimal_tree(each)
    except namespace.Unavailable as problem:
        print("skipped: {}".format(problem), file=sys.stderr)
        sys.exit(77)
    unittest.main(verbosity=2)
