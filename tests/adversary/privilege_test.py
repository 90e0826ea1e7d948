"""Root's part and no more: one question by sudo, or a script for an administrator; then nothing of root's is left."""

import os
import pty
import re
import select
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import hostile  # noqa: E402
import lab  # noqa: E402
import nvidia_mirror  # noqa: E402
import wheel_index  # noqa: E402

RECIPE = """recipe: of-the-lab
version: 1
resources:
  - directory: ~/ml
  - directory: "/opt/the lab's"
    mode: 0750
    owner: student
  - file: /etc/lab.conf
    content: |
      it's $HOME and `that` \\n
      END_OF_FILE
    mode: 0644
  - file: /etc/odd.bin
    content: "no end\\ttab"
  - file: /etc/replaced.conf
    content: "new\\n"
  - file: /etc/leaving.conf
    state: absent
  - env_var: LAB
    value: it's
    scope: system
  - apt_package: [jq, hello]
    hold: true
  - apt_package: [tree]
  - cuda_repo: debian12
    mirror: {mirror}
    key: {{url: {mirror}/debian12/x86_64/3bf863cc.pub, fingerprint: {fingerprint}}}
  - apt_package: libcudnn8
    version: 8.0.5.39-1+cuda11.0
  - venv: mine
    path: ~/ml/mine
  - pip_package: [numpy]
    venv: mine
  - venv: everybodys
    path: /opt/everybodys
    pip: latest
  - pip_package: [numpy]
    venv: everybodys
"""
NEXT = "/opt/mlenvctl/mlenvctl"


class ScriptTest(hostile.HostileTest):
    kind = "ready"

    @classmethod
    def setUpClass(cls):
        cls.mirror = nvidia_mirror.NvidiaMirror()
        cls.index = wheel_index.WheelIndex()

    @classmethod
    def tearDownClass(cls):
        cls.mirror.close()
        cls.index.close()

    def setUp(self):
        super().setUp()
        self.tree.environment["PIP_INDEX_URL"] = self.index.index_url
        self.tree.write("/etc/replaced.conf", "old\n", mode=0o664)
        self.tree.install_binary()
        self.tree.write("/etc/leaving.conf", "gone\n")
        self.tree.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n")
        self.tree.write("/srv/recipe.yaml", RECIPE.format(mirror=self.mirror.url, fingerprint=self.mirror.fingerprint))
        self.tree.write("/etc/apt/sources.list.d/old.list", "deb [trusted=yes] {}/debian12/x86_64/ /\n".format(self.mirror.url))

    def student(self, *words):
        return self.tree.mlenvctl_inside(*words, user="student")

    def planned(self):
        outcome = self.student("plan", "/srv/recipe.yaml", "--as-root-script", "root.sh")
        self.assertEqual(outcome.returncode, 0, outcome)
        return outcome

    def run_script(self, **options):
        return self.tree.run(["sh", "/home/student/root.sh"], check=False, **options)

    def test_an_administrator_does_roots_part_and_the_user_the_rest_without_sudo(self):
        self.tree.run(["rm", "-f", "/usr/bin/sudo", "/etc/sudoers.d/student"])
        before = self.tree.snapshot(("etc", "opt"))
        outcome = self.planned()
        self.assertEqual(self.tree.snapshot(("etc", "opt")), before)
        self.assertEqual(self.tree.mode("~/root.sh"), 0o600)
        script = self.tree.read("~/root.sh")
        digest = re.search(r"plan (sha256:[0-9a-f]{64})", outcome.stderr).group(1)
        for word in ("of-the-lab", "/srv/recipe.yaml", "plan    " + digest, "for     student", self.mirror.fingerprint,
                     "mlenvctl apply /srv/recipe.yaml", "set -eu"):
            self.assertIn(word, script)
        self.assertEqual(self.tree.run(["sh", "-n", "/home/student/root.sh"], check=False).text, "")
        self.assertNotIn("/home/student/ml", script)
        refused = self.student("apply", "/srv/recipe.yaml", "--yes")
        self.assertEqual(refused.returncode, 4, refused)
        self.assertIn("--as-root-script", refused.stderr)
        self.assertFalse(self.tree.exists("~/ml"))
        done = self.run_script()
        self.assertEqual(done.returncode, 0, done)
        self.assertFalse(self.tree.exists("~/ml"), "root's part is all that root does")
        self.assertEqual(self.tree.read("/etc/lab.conf"), "it's $HOME and `that` \\n\nEND_OF_FILE\n")
        self.assertEqual(self.tree.read("/etc/odd.bin"), "no end\ttab")
        self.assertEqual((self.tree.read("/etc/replaced.conf"), self.tree.mode("/etc/replaced.conf")), ("new\n", 0o664))
        self.assertEqual((self.tree.owner("/opt/the lab's"), self.tree.mode("/opt/the lab's")), (lab.STUDENT_ID, 0o750))
        self.assertFalse(self.tree.exists("/etc/leaving.conf"))
        self.assertIn("8.0.5.39-1+cuda11.0", self.tree.run(["dpkg-query", "-W", "libcudnn8"]).stdout)
        self.assertEqual(self.tree.run(["apt-mark", "showhold"]).stdout.split(), ["hello", "jq"])
        again = self.run_script()
        self.assertEqual(again.returncode, 0, again)
        self.assertEqual(self.tree.run(["apt-get", "update"]).returncode, 0)
        rest = self.student("apply", "/srv/recipe.yaml", "--yes")
        self.assertEqual(rest.returncode, 0, rest)
        self.assertEqual(self.tree.owner("~/ml/mine/bin/python"), lab.STUDENT_ID)
        self.assertIn("No changes.", self.student("plan", "/srv/recipe.yaml").stdout)

    def without_python(self):
        path = "/srv/recipe.yaml"
        self.tree.write(path, self.tree.read(path).partition("  - venv: mine")[0])

    def test_it_stops_on_another_host_and_as_another_user(self):
        self.without_python()
        self.planned()
        as_student = self.tree.run(["sh", "root.sh"], user="student", check=False)
        self.assertEqual((as_student.returncode, as_student.stderr), (4, "stopped: this needs root\n"))
        self.tree.write("/etc/machine-id", "f" * 32 + "\n")
        before = self.tree.snapshot(("etc", "opt", "usr"))
        outcome = self.run_script()
        self.assertEqual(outcome.returncode, 4, outcome)
        self.assertIn("made for another host", outcome.stderr)
        self.assertEqual(self.tree.snapshot(("etc", "opt", "usr")), before)

    def test_it_stops_at_a_file_that_has_changed_and_at_a_key_that_is_another(self):
        self.without_python()
        self.planned()
        self.tree.write("/etc/replaced.conf", "somebody's\n")
        outcome = self.run_script()
        self.assertEqual(outcome.returncode, 4, outcome)
        self.assertEqual(self.tree.read("/etc/replaced.conf"), "somebody's\n")
        self.tree.write("/etc/replaced.conf", "old\n")
        text = self.tree.read("~/root.sh")
        self.tree.write("~/root.sh", text.replace(self.mirror.fingerprint, "A" * 40))
        outcome = self.run_script()
        self.assertEqual(outcome.returncode, 4, outcome)
        self.assertIn("which is not trusted", outcome.stderr)
        self.assertTrue(self.tree.exists("/etc/apt/sources.list.d/old.list"))
        self.assertNotEqual(self.tree.run(["dpkg-query", "-W", "libcudnn8"], check=False).returncode, 0)

    def test_it_stops_where_apt_would_remove_something(self):
        self.tree.write("/srv/recipe.yaml", "recipe: r\nversion: 1\nresources:\n  - apt_package: tree\n")
        self.planned()
        script = self.tree.read("~/root.sh")
        self.assertIn("--no-remove", script)
        self.assertRegex(script, r"install -- tree=\S+\n")


class Terminal:
    """A shell of the student's on a terminal of its own, with the answers a person would type."""

    def __init__(self, tree):
        self.argv = tree._entering("student") + ["sh"]
        self.environment = {**tree._inner_environment("student", None), "PS1": "ready> ", "TERM": "xterm"}

    def __enter__(self):
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.execvpe(self.argv[0], self.argv, self.environment)
        self.wait_for("ready> ")
        return self

    def __exit__(self, *_):
        os.close(self.terminal)
        os.waitpid(self.child, 0)

    def wait_for(self, pattern, limit=120):
        text, end = "", time.monotonic() + limit
        while time.monotonic() < end:
            if select.select([self.terminal], [], [], 0.2)[0]:
                text += os.read(self.terminal, 65536).decode("utf-8", "replace")
            if re.search(pattern, text):
                return text
        raise AssertionError("waited for `{}`, found:\n{}".format(pattern, text))

    def type(self, text):
        os.write(self.terminal, (text + "\n").encode())

    def run(self, command, answers=()):
        """What is printed until the prompt comes back; `answers` are (pattern, answer) in turn."""
        self.type(command + "; echo code=$?")
        text = ""
        for pattern, answer in answers:
            text += self.wait_for(pattern)
            self.type(answer)
        return text + self.wait_for(r"code=\d+\s+ready> ")


class SudoTest(hostile.HostileTest):
    kind = "ready"
    PASSWORD = "correct-horse"
    APPLY = NEXT + " apply /srv/recipe.yaml --yes"
    PROMPT = r"(?i)password for student"

    def setUp(self):
        super().setUp()
        self.tree.write("/srv/recipe.yaml", "recipe: r\nversion: 1\nresources:\n  - directory: ~/ml\n  - apt_package: hello\n"
                        "  - file: /etc/lab.conf\n    content: x\n")
        self.tree.write("/etc/sudoers.d/student", "student ALL=(ALL) ALL\nDefaults lecture=never\n", mode=0o440)
        self.tree.run(["chpasswd"], input="student:{}\n".format(self.PASSWORD))
        self.tree.install_binary()

    def test_one_question_that_names_the_steps_and_nothing_left_open_afterwards(self):
        with Terminal(self.tree) as terminal:
            text = terminal.run(self.APPLY, [(self.PROMPT, self.PASSWORD)])
            self.assertIn("code=0", text)
            asked = text[:re.search(self.PROMPT, text).start()]
            named = asked[asked.index("These steps need root"):]
            self.assertIn("install 1 apt package: hello (packages are the whole system's)", named)
            self.assertIn("write /etc/lab.conf (`/etc/lab.conf` is not in the user's home)", named)
            self.assertNotIn("/home/student/ml", named)
            self.assertEqual(len(re.findall(self.PROMPT, text)), 1)
            self.assertIn("code=1", terminal.run("sudo -n true"))
        self.assertTrue(self.tree.exists("/etc/lab.conf"))

    def test_what_the_person_had_opened_stays_open(self):
        with Terminal(self.tree) as terminal:
            self.assertIn("code=0", terminal.run("sudo -v", [(self.PROMPT, self.PASSWORD)]))
            text = terminal.run(self.APPLY)
            self.assertIn("code=0", text)
            self.assertNotRegex(text, self.PROMPT)
            self.assertIn("code=0", terminal.run("sudo -n true"))

    def test_a_wrong_answer_ends_it_before_anything_is_changed(self):
        with Terminal(self.tree) as terminal:
            text = terminal.run(self.APPLY, [(self.PROMPT, "wrong"), (self.PROMPT, "wrong"), (self.PROMPT, "wrong")])
            self.assertIn("code=4", text)
            self.assertIn("--as-root-script", text)
        self.assertFalse(self.tree.exists("~/ml"))

    def test_a_plan_of_the_users_own_asks_nothing(self):
        self.tree.write("/srv/recipe.yaml", "recipe: r\nversion: 1\nresources:\n  - directory: ~/ml\n")
        with Terminal(self.tree) as terminal:
            self.assertIn("code=0", terminal.run(self.APPLY))
            self.assertIn("code=0", terminal.run(NEXT + " plan /srv/recipe.yaml"))


if __name__ == "__main__":
    hostile.main()
