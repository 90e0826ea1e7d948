"""Passwords and tokens show nowhere: not in output, logs, journals, plans and pages, nor in the list of processes."""

import os
import stat
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import hostile  # noqa: E402
import stub_wheels  # noqa: E402
import wheel_index  # noqa: E402

TOKEN = "tok'en-4f$9c \"x\\y"
PASSWORD = "hunter2-%40-secret"
SEEN_AS = (TOKEN, TOKEN.replace("'", "'\\''"), "4f$9c", "4f$$9c", PASSWORD)


class CommandLines(threading.Thread):
    """What every process of this machine is called with, as any user can see it."""

    def __init__(self):
        super().__init__(daemon=True)
        self.seen, self.over = set(), False

    def run(self):
        while not self.over:
            for name in os.listdir("/proc"):
                if not name.isdigit():
                    continue
                try:
                    with open("/proc/{}/cmdline".format(name), "rb") as source:
                        self.seen.add(source.read())
                except OSError:
                    continue
            time.sleep(0.002)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.join()

    def holds(self, text):
        return any(text.encode() in line for line in self.seen)


class SecretsTest(hostile.HostileTest):
    kind = "ready"

    @classmethod
    def setUpClass(cls):
        cls.index = wheel_index.WheelIndex()

    @classmethod
    def tearDownClass(cls):
        cls.index.close()

    def setUp(self):
        super().setUp()
        self.state = os.path.join(self.tree.folder, "state")
        self.tree.environment.update(LAB_TOKEN=TOKEN, XDG_STATE_HOME=self.state)

    def address(self, address):
        return address.replace("://", "://reader:{}@".format(PASSWORD))

    def assert_hidden(self, text, where):
        for secret in SEEN_AS:
            self.assertNotIn(secret, text, where)

    def assert_state_is_private(self):
        for folder, folders, files in os.walk(self.state):
            for name in folders + files:
                path = os.path.join(folder, name)
                self.assertEqual(os.lstat(path).st_mode & (0o077 if name in files else 0o022), 0, path)
                if os.path.isfile(path):
                    with open(path, encoding="utf-8", errors="replace") as source:
                        self.assert_hidden(source.read(), path)

    def recipe_with_all(self):
        return self.recipe(
            "  - env_var: LAB_TOKEN\n    value: ${{env.LAB_TOKEN}}\n    shells: [bash]\n"
            "  - file: ~/token\n    content: \"token=${{env.LAB_TOKEN}}\\n\"\n    mode: 0600\n"
            "  - file: /etc/lab.conf\n    content: \"token=${{copied}}\\n\"\n    mode: 0600\n"
            "  - venv: lab\n    path: ~/lab\n"
            "  - pip_package: [numpy]\n    venv: lab\n    index_url: {0}\n    extra_index_urls: [{0}]\n    find_links: {1}\n"
            "  - check: it fails and says why\n    run: [sh, -c, 'echo \"$1\"; exit 1', sh, \"${{env.LAB_TOKEN}}\"]\n".format(
                self.address(self.index.index_url), self.address(self.index.links_url)),
            head="vars: {copied: \"${env.LAB_TOKEN}\"}\n")

    def test_they_are_in_what_was_asked_for_and_nowhere_else(self):
        recipe = self.recipe_with_all()
        page, plan = (os.path.join(self.tree.folder, name) for name in ("page.html", "saved.json"))
        script = os.path.join(self.tree.folder, "root.sh")
        told = []
        words = [recipe, "--user", "student"]
        with CommandLines() as lines:
            for more in ([], ["--json"], ["--out", plan, "--html", page, "--as-root-script", script, "-v"]):
                outcome = self.tree.mlenvctl("plan", *words, *more)
                self.assertEqual(outcome.returncode, 0, outcome)
                told.append(outcome.text)
            told.append(self.tree.mlenvctl("apply", *words, "--yes", "--html", page + "2", "-v").text)
            told.append(self.tree.mlenvctl("apply", *words, "--yes", "--json").text)
            told.append(self.tree.mlenvctl("verify", *words).text)
        for more in ([], ["--json"]):
            told.append(self.tree.mlenvctl("history", *more).text)
            told.append(self.tree.mlenvctl("show", plan, *more).text)
        told.append(self.tree.mlenvctl("graph", recipe, "--format", "json").text)
        for text in told:
            self.assert_hidden(text, text[:4000])
        for path in (page, plan, page + "2"):
            self.assertEqual(stat.S_IMODE(os.lstat(path).st_mode), 0o600, path)
            with open(path, encoding="utf-8") as source:
                self.assert_hidden(source.read(), path)
        self.assertEqual(stat.S_IMODE(os.lstat(script).st_mode), 0o600)
        self.assert_state_is_private()
        self.assertIn("token=" + TOKEN, self.tree.read("~/token"))
        self.assertIn("token=" + TOKEN, self.tree.read("/etc/lab.conf"))
        self.assertTrue(self.tree.exists("~/lab/lib/python3.11/site-packages/numpy"), told[-4])
        self.assertTrue(lines.holds("mlenvctl"), "nothing was watched")
        self.assertFalse(lines.holds(PASSWORD), [line for line in lines.seen if PASSWORD.encode() in line])

    def test_an_index_that_refuses_is_named_without_its_password(self):
        recipe = self.recipe("  - venv: lab\n    path: ~/lab\n  - pip_package: [nowhere-to-be-found]\n    venv: lab\n"
                             "    index_url: {}\n".format(self.address(self.index.url + "/gone")))
        for words in (("plan",), ("plan", "--json"), ("apply", "--yes"), ("apply", "--yes", "--json")):
            self.assert_hidden(self.tree.mlenvctl(words[0], recipe, "--user", "student", *words[1:]).text, words)
        self.assert_state_is_private()

    def test_a_repository_with_a_password_that_is_down_is_named_without_it(self):
        address = self.address("http://127.0.0.1:9/debian")
        recipe = self.recipe("  - apt_repo: lab\n    uris: [{0}]\n    suites: [./]\n    key: {{url: {0}/key.gpg, fingerprint: {1}}}\n"
                             .format(address, "A" * 40))
        for words in (("plan",), ("plan", "--json"), ("apply", "--yes"), ("apply", "--yes", "--json")):
            self.assert_hidden(self.tree.mlenvctl(words[0], recipe, *words[1:]).text, words)
        self.assert_state_is_private()

    def test_a_recipe_with_a_mistake_is_shown_without_its_password(self):
        recipe = self.recipe("  - pip_package: [x]\n    venv: lab\n    index_url: {}\n    indx: 1\n"
                             .format(self.address("http://a.example/simple")))
        outcome = self.tree.mlenvctl("validate", recipe)
        self.assertEqual(outcome.returncode, 5, outcome)
        self.assert_hidden(outcome.text, outcome)

    def test_what_sudo_is_called_with_holds_no_password_of_a_proxy(self):
        self.tree.write("/srv/recipe.yaml", "recipe: r\nversion: 1\nresources:\n  - apt_package: hello\n  - directory: /opt/lab\n")
        proxy = {"http_proxy": "http://reader:{}@127.0.0.1:9".format(PASSWORD), "no_proxy": "127.0.0.1", "XDG_STATE_HOME": ""}
        with CommandLines() as lines:
            outcome = self.tree.mlenvctl_inside("apply", "/srv/recipe.yaml", "--yes", user="student", env=proxy)
        self.assertEqual(outcome.returncode, 0, outcome)
        self.assertTrue(lines.holds("host-run"), "sudo was not seen")
        self.assertFalse(lines.holds(PASSWORD))


if __name__ == "__main__":
    hostile.main()
