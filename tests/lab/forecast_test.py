"""The plan tells what will happen before anything does, and then just that happens."""

import json
import os
import re
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import lab  # noqa: E402
import namespace  # noqa: E402
import nvidia_mirror  # noqa: E402
import repo_tools  # noqa: E402
import stub_wheels  # noqa: E402
import wheel_index  # noqa: E402

RECIPES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "recipes")
# Folders above mlenvctl's own caches, state and lock.
OWN = re.compile(r"/home/student/\.(cache|local(/state)?)$")
SYSTEM = ("etc", "var/lib/apt", "var/lib/dpkg", "usr", "home", "opt")

REPOSITORY = """recipe: r
version: 1
resources:
  - cuda_repo: debian12
    mirror: {url}
    key:
      url: {url}/debian12/x86_64/3bf863cc.pub
      fingerprint: {fingerprint}
"""
LIBRARY = """  - apt_package: [libcudnn8, libcudnn8-dev]
    version: {version}
"""
TOOLS = """recipe: r
version: 1
resources:
  - apt_repo: tools
    uris: file:///srv/tools
    suites: ./
    key:
      path: /srv/tools.gpg
      fingerprint: {fingerprint}
  - apt_package: git
  - venv: v
    path: ~/v
  - pip_package: numpy
    venv: v
{more}"""
VENV = """recipe: r
version: 1
resources:
  - venv: v
    path: ~/v
  - pip_package: [{packages}]
    venv: v
{source}"""


def packages_of(plan, manager):
    """name -> version of all that a plan brings."""
    return {package["name"]: package["after"] for change in plan["changes"] for package in change.get("packages", [])
            if package["manager"] == manager}


def codes_of(plan):
    return [finding["code"] for finding in plan["findings"]]


class ForecastTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mirror = nvidia_mirror.NvidiaMirror()
        cls.index = wheel_index.WheelIndex()

    @classmethod
    def tearDownClass(cls):
        cls.mirror.close()
        cls.index.close()

    def setUp(self):
        self.mirror.heal()

    def cudnn(self, tree, version="8.0.5.39-1+cuda11.0", name="recipe.yaml"):
        text = REPOSITORY.format(url=self.mirror.url, fingerprint=self.mirror.fingerprint)
        return tree.recipe(text + LIBRARY.format(version=version), name)

    def plan(self, tree, recipe, *more, code=0):
        outcome = tree.mlenvctl("plan", recipe, "--user", "student", "--json", *more)
        self.assertEqual(outcome.returncode, code, outcome)
        return json.loads(outcome.stdout)

    def apply(self, tree, recipe, *more, code=0):
        outcome = tree.mlenvctl("apply", recipe, "--user", "student", "--yes", *more)
        self.assertEqual(outcome.returncode, code, outcome)
        return outcome

    def installed(self, tree):
        lines = tree.run(["dpkg-query", "-W", "-f", "${Package} ${Version} ${db:Status-Abbrev}\n"]).stdout.splitlines()
        return {line.split()[0]: line.split()[1] for line in lines if line.split()[2].startswith(("ii", "hi"))}

    def test_an_ordinary_user_sees_what_apply_then_installs_name_by_name(self):
        with lab.Lab("ready", ubuntu=True, gpu=True) as tree:
            tree.environment["PIP_INDEX_URL"] = self.index.index_url
            for name in ("rtx3070-torch.yaml", "base/workspace.yaml", "base/cuda-11.0.yaml", "base/jupyter.yaml"):
                with open(os.path.join(RECIPES, name), encoding="utf-8") as source:
                    tree.write("/recipes/" + name, source.read())
            words = ["/recipes/rtx3070-torch.yaml", "--var", "cuda_mirror=" + self.mirror.url, "--var",
                     "cuda_key=" + self.mirror.fingerprint, "--var", "python_range=>=3.6", "--var",
                     "torch_links=" + self.index.links_url]
            tree.install_binary()
            before, state = self.installed(tree), tree.snapshot(SYSTEM)
            planned = tree.mlenvctl_inside("plan", *words, "--json", user="student")
            self.assertEqual(planned.returncode, 0, planned)
            moved = {path for path, value in tree.snapshot(SYSTEM).items() if state.get(path) != value}
            self.assertEqual({path for path in moved if not OWN.match(path)}, set())
            plan = json.loads(planned.stdout)
            for package in (each for change in plan["changes"] for each in change.get("packages", [])):
                self.assertIsNotNone(package["download_bytes"], package)
            self.assertGreater(plan["cost"]["download_bytes"], 0)
            applied = tree.mlenvctl_inside("apply", "--yes", user="student")
            # The driver that comes with it runs after a reboot; all that does not need it is done.
            self.assertEqual(applied.returncode, 3, applied)
            self.assertIn("Waiting: 13 done, 2 waiting", applied.stdout)
            after = self.installed(tree)
            came = {name: version for name, version in after.items() if before.get(name) != version}
            self.assertEqual(came, packages_of(plan, "apt"))
            frozen = tree.run(["/home/student/ml/torch/bin/python", "-m", "pip", "list", "--format=json"],
                              user="student").stdout
            there = {re.sub(r"[-_.]+", "-", each["name"]).lower(): each["version"] for each in json.loads(frozen)}
            for name, version in packages_of(plan, "pip").items():
                self.assertEqual(there.get(name), version, name)
            self.assertEqual(set(packages_of(plan, "pip")) - set(there), set())
            self.assertEqual(set(there) - set(packages_of(plan, "pip")) - {"pip", "setuptools"},
                             set(there) & self.inherited(tree))

    def inherited(self, tree):
        found = json.loads(tree.run(["/usr/bin/python3", "-m", "pip", "list", "--format=json"]).stdout)
        return {re.sub(r"[-_.]+", "-", each["name"]).lower() for each in found} - {"pip", "setuptools"}

    def test_a_candidate_that_is_not_there_is_named_with_the_nearest_ones(self):
        with lab.Lab() as tree:
            before = tree.snapshot(SYSTEM)
            plan = self.plan(tree, self.cudnn(tree, "8.0.4.30-1+cuda11.0"), code=4)
            finding = next(each for each in plan["findings"] if each["code"] == "apt.no-candidate")
            self.assertIn("8.0.4.30-1+cuda11.0", finding["message"])
            self.assertIn("8.0.5.39-1+cuda11.0", finding["hint"])
            self.apply(tree, self.cudnn(tree, "8.0.4.30-1+cuda11.0"), code=4)
            self.assertEqual(tree.snapshot(SYSTEM), before)

    def test_what_a_killed_write_has_left_beside_pins_and_sources_is_not_planned_with(self):
        with lab.Lab("ready", ubuntu=True) as tree:
            left = ["/etc/apt/preferences.d/.pin-600.mlenvctl-abcd1234", "/etc/apt/sources.list.d/.own.mlenvctl-abcd1234.list"]
            for path in left:
                tree.write(path, "half of a li")
            self.plan(tree, self.cudnn(tree))
            found = [name for _, _, names in os.walk(tree.path("/var/cache/mlenvctl")) for name in names if "abcd1234" in name]
            self.assertEqual(found, [])

    def test_a_hold_that_stands_in_the_way_is_named(self):
        with lab.Lab() as tree:
            self.apply(tree, self.cudnn(tree))
            tree.run(["apt-mark", "hold", "libcudnn8"])
            text = REPOSITORY.format(url=self.mirror.url, fingerprint=self.mirror.fingerprint)
            recipe = tree.recipe(text + "  - apt_package: libcudnn8-dev\n    version: 8.1.0.77-1+cuda11.2\n")
            plan = self.plan(tree, recipe, code=4)
            finding = next(each for each in plan["findings"] if each["code"] == "apt.held")
            self.assertIn("libcudnn8", finding["message"])
            self.assertIn("8.0.5.39-1+cuda11.0", finding["message"])

    def test_a_removal_that_nobody_declared_needs_consent(self):
        with lab.Lab("ready") as tree:
            self.mirror.add("rival", "1.0-1", fields={"Conflicts": "fish"})
            text = REPOSITORY.format(url=self.mirror.url, fingerprint=self.mirror.fingerprint)
            recipe = tree.recipe(text + "  - apt_package: rival\n")
            plan = self.plan(tree, recipe, code=4)
            self.assertIn("apt.removes", codes_of(plan))
            self.apply(tree, recipe, code=4)
            self.assertIn("fish", self.installed(tree))
            self.apply(tree, recipe, "--allow-removals")
            self.assertNotIn("fish", self.installed(tree))

    def test_what_the_next_upgrade_would_change_is_said(self):
        with lab.Lab("ready") as tree:
            self.mirror.add("jq", "99.0-1")
            tree.run(["apt-get", "-y", "install", "jq"])
            recipe = tree.recipe(REPOSITORY.format(url=self.mirror.url, fingerprint=self.mirror.fingerprint))
            plan = self.plan(tree, recipe)
            finding = next(each for each in plan["findings"] if each["code"] == "apt.next-upgrade")
            self.assertRegex(finding["message"], r"jq \S+ -> 99\.0-1")

    def test_a_mirror_in_the_middle_of_its_sync_is_not_believed(self):
        with lab.Lab() as tree:
            before = tree.snapshot(SYSTEM)
            self.mirror.serve_wrong_size()
            plan = self.plan(tree, self.cudnn(tree))
            self.assertIn("forecast.index", codes_of(plan))
            self.assertIsNone(plan["cost"]["download_bytes"])
            self.apply(tree, self.cudnn(tree), code=1)
            self.assertEqual(tree.snapshot(SYSTEM), before)

    def test_a_full_boot_refuses_what_makes_an_initramfs(self):
        with lab.Lab() as tree:
            namespace.mount("lab", tree.path("/boot"), "-t", "tmpfs", "-o", "size=40M")
            tree.write("/boot/initrd.img-6.1.0-1-amd64", b"\0" * 30_000_000)
            self.mirror.add("nvidia-dkms-460", "460.32.03-0ubuntu1")
            text = REPOSITORY.format(url=self.mirror.url, fingerprint=self.mirror.fingerprint)
            recipe = tree.recipe(text + "  - apt_package: nvidia-dkms-460\n")
            plan = self.plan(tree, recipe, code=4)
            finding = next(each for each in plan["findings"] if each["code"] == "space.low")
            self.assertIn("/boot", finding["message"])
            self.apply(tree, recipe, code=4)
            self.assertNotIn("nvidia-dkms-460", self.installed(tree))

    def test_a_small_home_refuses_wheels_that_do_not_fit(self):
        with lab.Lab("ready") as tree:
            namespace.mount("lab", tree.path("~"), "-t", "tmpfs", "-o", "size=8M,uid=1000,gid=1000,mode=0755")
            tree.environment["PIP_INDEX_URL"] = self.index.index_url
            recipe = tree.recipe(VENV.format(packages="numpy", source=""))
            plan = self.plan(tree, recipe, code=4)
            self.assertIn("space.low", codes_of(plan))
            self.apply(tree, recipe, code=4)
            self.assertFalse(tree.exists("~/v"))

    def test_a_small_temporary_folder_is_no_trouble(self):
        with lab.Lab("ready") as tree:
            namespace.mount("lab", tree.path("/tmp"), "-t", "tmpfs", "-o", "size=1M,mode=1777")
            tree.environment["PIP_INDEX_URL"] = self.index.index_url
            self.apply(tree, tree.recipe(VENV.format(packages="numpy", source="")))
            self.assertTrue(tree.exists("~/v/bin/python"))

    def test_a_requirement_without_a_wheel_for_this_python_is_named(self):
        with lab.Lab("ready") as tree:
            tree.environment["PIP_INDEX_URL"] = self.index.index_url
            self.index.add_file("oldie-1.0-cp36-cp36m-manylinux1_x86_64.whl")
            plan = self.plan(tree, tree.recipe(VENV.format(packages="oldie", source="")), code=4)
            finding = next(each for each in plan["findings"] if each["code"] == "pip.no-wheel")
            self.assertIn("cp36", finding["message"])
            self.assertIn("3.11", finding["message"])
            plan = self.plan(tree, tree.recipe(VENV.format(packages="numpy==0.0.1", source="")), code=4)
            finding = next(each for each in plan["findings"] if each["code"] == "pip.no-match")
            self.assertIn("there are: ", finding["hint"])

    def tools(self, tree):
        """Puts an archive with a newer git into the tree; the recipe that adds it, with more lines at its end."""
        os.makedirs(tree.path("/srv/tools"))
        key = repo_tools.SigningKey("Tools")
        self.addCleanup(key.close)
        repo_tools.build_deb(tree.path("/srv/tools"), "git", "99.0-1")
        repo_tools.write_index(tree.path("/srv/tools"), key, Origin="Tools", Label="Tools", Suite="stable", Codename="stable")
        tree.write("/srv/tools.gpg", key.binary)
        return lambda more: tree.recipe(TOOLS.format(fingerprint=key.fingerprint, more=more).replace(
            "/srv/tools.gpg", tree.path("/srv/tools.gpg")))

    def test_a_venv_does_not_wait_for_an_archive_when_its_python_is_there(self):
        with lab.Lab("ready") as tree:
            tree.environment["PIP_INDEX_URL"] = self.index.index_url
            recipe = self.tools(tree)
            for more, waits in (("", False), ("    needs: [apt_repo.tools]\n", True)):
                steps = {each["title"]: each for each in self.plan(tree, recipe("  - apt_package: python3-venv\n" + more))["steps"]}
                archive = next(each for title, each in steps.items() if title.startswith("add the apt repository tools"))
                venv = next(each for title, each in steps.items() if title.startswith("make the venv"))
                self.assertEqual(archive["id"] in venv["needs"], waits, steps)

    def test_wheels_come_beside_tools_that_only_building_needs(self):
        with lab.Lab("ready") as tree:
            tree.environment["PIP_INDEX_URL"] = self.index.index_url
            recipe = self.tools(tree)
            for more, waits in (("", False), ("    needs: [apt_package.git]\n", True)):
                steps = {each["title"]: each for each in self.plan(tree, recipe(more))["steps"]}
                apt = next(each for title, each in steps.items() if title.startswith("install 1 apt package"))
                pip = next(each for title, each in steps.items() if title.startswith("install 1 Python package"))
                self.assertEqual(apt["id"] in pip["needs"], waits, steps)
            self.apply(tree, recipe(""))
            self.assertTrue(tree.exists("/var/lib/dpkg/info/git.list"))
            self.assertIn("numpy", " ".join(os.listdir(tree.path("~/v/lib/python3.11/site-packages"))))

    def test_wheels_in_a_folder_tell_what_comes_as_pip_would_and_no_program_is_started(self):
        house = "/srv/my wheels"
        with lab.Lab("ready") as tree:
            os.makedirs(tree.path(house))
            for wheel in (stub_wheels.StubWheel("trunk", "1.0", requires=["branch>=1", 'winter; sys_platform=="win32"']),
                          stub_wheels.StubWheel("Branch_X", "1.5", requires=["leaf"]), stub_wheels.StubWheel("leaf", "2.0"),
                          stub_wheels.StubWheel("branch", "1.1", requires=["branch-x"]), stub_wheels.StubWheel("leaf", "3.0")):
                wheel.write(tree.path(house))
            tree.run(["chmod", "-R", "a+rX", house])
            recipe = tree.recipe(VENV.format(packages="trunk, leaf==2.0",
                                             source='    find_links: "{}"\n    no_index: true'.format(house)))
            told = tree.mlenvctl_traced("plan", recipe, "--user", "student", "--json")
            self.assertEqual(told.outcome.returncode, 0, told.outcome)
            self.assertEqual((told.executed, told.connected), ([], []))
            told = json.loads(told.outcome.stdout)
            self.assertEqual(packages_of(told, "pip"), {"trunk": "1.0", "branch": "1.1", "branch-x": "1.5", "leaf": "2.0"})
            tree.write("/srv/none.txt", "")
            tree.environment["PIP_CONSTRAINT"] = "/srv/none.txt"  # pip itself is asked then
            asked = self.plan(tree, recipe)
            del tree.environment["PIP_CONSTRAINT"]
            by_name = lambda plan: {each["name"]: (change["address"], each) for change in plan["changes"]
                                    for each in change.get("packages", [])}
            self.assertEqual(by_name(told), by_name(asked))
            expected = lambda plan: [sorted(step.get("expected", []), key=str) for step in plan["steps"]]
            self.assertEqual(expected(told), expected(asked))
            self.apply(tree, recipe)
            names = os.listdir(tree.path("~/v/lib/python3.11/site-packages"))
            for name in ("trunk-1.0", "branch-1.1", "Branch_X-1.5", "leaf-2.0"):
                self.assertIn(name + ".dist-info", names)
            self.assertIn("No changes", self.apply(tree, recipe).stdout)

    def test_where_wheels_in_a_folder_leave_a_choice_pip_makes_it(self):
        with lab.Lab("ready") as tree:
            os.makedirs(tree.path("/srv/wheels"))
            for version in ("2.0", "3.0"):
                stub_wheels.StubWheel("leaf", version).write(tree.path("/srv/wheels"))
            tree.run(["chmod", "-R", "a+rX", "/srv/wheels"])
            recipe = tree.recipe(VENV.format(packages="leaf", source="    find_links: /srv/wheels\n    no_index: true"))
            told = tree.mlenvctl_traced("plan", recipe, "--user", "student", "--json")
            self.assertTrue([each for each in told.executed if "/pip/" in each], told.executed)
            self.assertEqual(packages_of(json.loads(told.outcome.stdout), "pip"), {"leaf": "3.0"})

    def test_the_persons_own_configuration_is_not_overlooked_where_wheels_in_a_folder_could_answer(self):
        with lab.Lab("ready") as tree:
            for folder, version in (("/srv/wheels", "2.0"), ("/srv/more", "3.0")):
                os.makedirs(tree.path(folder))
                stub_wheels.StubWheel("leaf", version).write(tree.path(folder))
            tree.run(["chmod", "-R", "a+rX", "/srv"])
            recipe = tree.recipe(VENV.format(packages="leaf", source="    find_links: /srv/wheels\n    no_index: true"))
            self.assertEqual(packages_of(self.plan(tree, recipe), "pip"), {"leaf": "2.0"})
            own = os.path.join(tree.folder, "home/.config/pip")  # lent to the tree, whose user has none
            os.makedirs(own)
            with open(own + "/pip.conf", "w", encoding="utf-8") as out:
                out.write("[global]\nfind-links = /srv/more\n")
            self.assertEqual(packages_of(self.plan(tree, recipe), "pip"), {"leaf": "3.0"})

    def test_plans_without_work_for_apt_or_pip_start_nothing(self):
        with lab.Lab() as tree:
            recipe = tree.recipe("recipe: r\nversion: 1\nresources:\n  - directory: ~/ml\n")
            trace = tree.mlenvctl_traced("plan", recipe, "--user", "student")
            self.assertEqual((trace.executed, trace.connected), ([], []))

    def test_a_stale_plan_says_what_moved(self):
        with lab.Lab() as tree:
            recipe = self.cudnn(tree)
            self.plan(tree, recipe)
            self.apply(tree, self.cudnn(tree, "8.1.0.77-1+cuda11.2", "other.yaml"))
            tree.mlenvctl("plan", recipe, "--user", "student", "--out", tree.recipe("", "late.plan"))
            self.plan(tree, recipe)
            tree.run(["apt-get", "-y", "--allow-downgrades", "install", "libcudnn8=8.0.5.39-1+cuda11.1",
                      "libcudnn8-dev=8.0.5.39-1+cuda11.1"])
            stale = tree.mlenvctl("apply", "--yes")
            self.assertEqual(stale.returncode, 4, stale)
            self.assertIn("libcudnn8: 8.1.0.77-1+cuda11.2 -> 8.0.5.39-1+cuda11.1", stale.stderr)
            self.assertEqual(self.installed(tree)["libcudnn8"], "8.0.5.39-1+cuda11.1")

    def test_what_was_fetched_is_applied_without_a_network(self):
        with lab.Lab("ready") as tree:
            tree.environment["PIP_INDEX_URL"] = self.index.index_url
            text = REPOSITORY.format(url=self.mirror.url, fingerprint=self.mirror.fingerprint)
            recipe = tree.recipe(text + "  - apt_package: libcudnn8\n  - venv: v\n    path: ~/v\n"
                                 "  - pip_package: [numpy, scikit-learn]\n    venv: v\n")
            before = tree.snapshot(SYSTEM)
            self.apply(tree, recipe, "--fetch-only")
            after = tree.snapshot(SYSTEM)
            moved = {path for path in set(before) | set(after) if before.get(path) != after.get(path)}
            self.assertEqual({path for path in moved if not OWN.match(path)}, set(), "only what is mlenvctl's own")
            self.mirror.down()
            tree.environment["PIP_INDEX_URL"] = "http://127.0.0.1:9/simple"
            offline = self.plan(tree, recipe, "--offline")
            self.assertIn("forecast.offline", codes_of(offline))
            self.assertEqual(offline["cost"]["download_bytes"], 0)
            self.apply(tree, recipe, "--offline")
            self.assertIn("libcudnn8", self.installed(tree))
            tree.run(["/home/student/v/bin/python", "-c", "import numpy, sklearn"], user="student")
            again = tree.mlenvctl("plan", recipe, "--user", "student", "--detailed-exitcode")
            self.assertEqual(again.returncode, 0, again)

    def test_a_saved_plan_keeps_its_word_while_the_index_has_what_it_said(self):
        with lab.Lab("ready") as tree:
            tree.environment["PIP_INDEX_URL"] = self.index.index_url
            self.index.add(stub_wheels.StubWheel("movable", "1.0"))
            self.plan(tree, tree.recipe(VENV.format(packages="movable", source="")))
            self.index.add(stub_wheels.StubWheel("movable", "2.0"))
            applied = tree.mlenvctl("apply", "--yes")
            self.assertEqual(applied.returncode, 0, applied)
            shown = tree.run(["/home/student/v/bin/python", "-m", "pip", "list"], user="student").stdout
            self.assertRegex(shown, r"movable\s+1\.0")

    def test_a_lab_shares_one_cache_and_nobody_else_may_write_there(self):
        with tempfile.TemporaryDirectory(prefix="labcache-") as folder:
            os.chmod(folder, 0o755)
            text = REPOSITORY.format(url=self.mirror.url, fingerprint=self.mirror.fingerprint)
            text += "  - apt_package: libcudnn8\n  - venv: v\n    path: ~/v\n  - pip_package: numpy\n    venv: v\n"
            for turn, options in (("first", ["--fetch-only"]), ("second", ["--offline"])):
                with self.subTest(turn), lab.Lab("ready") as tree:
                    tree.environment["PIP_INDEX_URL"] = self.index.index_url
                    os.mkdir(tree.path("/srv/cache"))
                    namespace.mount(folder, tree.path("/srv/cache"), "--bind")
                    if turn == "second":
                        self.mirror.down()
                    self.apply(tree, tree.recipe(text), "--cache", "/srv/cache", *options)
                    self.assertEqual(tree.exists("~/v"), turn == "second")
                    os.chmod(folder, 0o777)
                    refused = tree.mlenvctl("plan", tree.recipe(text), "--user", "student", "--cache", "/srv/cache")
                    os.chmod(folder, 0o755)
                    self.assertEqual(refused.returncode, 4, refused)
                    self.assertIn("can be written by others", refused.stderr)

    def test_a_file_that_is_not_the_planned_one_is_not_installed(self):
        with lab.Lab("ready") as tree:
            tree.environment["PIP_INDEX_URL"] = self.index.index_url
            recipe = tree.recipe(VENV.format(packages="numpy", source=""))
            self.plan(tree, recipe)
            self.index.faults[".whl"] = lambda data: data + b"more"
            try:
                outcome = self.apply(tree, recipe, code=4)
            finally:
                self.index.faults.clear()
            self.assertIn("not the one that was promised", outcome.stdout)
            self.assertFalse(tree.exists("~/v"))


if __name__ == "__main__":
    lab.main()
