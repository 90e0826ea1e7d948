"""Nothing that a recipe, an environment or an index says becomes an option, a command or a line of its own."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import hostile  # noqa: E402
import lab  # noqa: E402

# YAML of a resource that must be bad input, whatever program would have been given it.
REFUSED = [
    'apt_package: ["--allow-unauthenticated"]',
    'apt_package: ["-o", "APT::Update::Pre-Invoke::=touch /ran"]',
    'apt_package: ["jq;touch /ran"]',
    'apt_package: ["$(touch /ran)"]',
    'apt_package: ["jq "]',
    'apt_package: ["jq\\nhello"]',
    'apt_package: ["jq-"]\n    hold: true',
    'apt_package: ["/tmp/evil.deb"]',
    'apt_package: ["./evil.deb"]',
    'apt_package: ["jq=1"]',
    'apt_package: jq\n    version: "1.6 --allow-downgrades"',
    'apt_package: jq\n    version: "1.6\\nhello"',
    'apt_package: jq\n    version: ">=1 -o x=y"',
    'pip_package: ["--index-url=http://mallory.example"]\n    venv: lab',
    'pip_package: ["-e ."]\n    venv: lab',
    'pip_package: ["-r/etc/shadow"]\n    venv: lab',
    'pip_package: ["requests --pre"]\n    venv: lab',
    'pip_package: ["requests\\n--pre"]\n    venv: lab',
    'pip_package: ["./evil"]\n    venv: lab',
    'pip_package: [requests]\n    venv: lab\n    index_url: "--pre"',
    'pip_package: [requests]\n    venv: lab\n    find_links: ["--pre"]',
    'pip_package: [requests]\n    venv: lab\n    extra_index_urls: ["http://a.example --trusted-host b.example"]',
    'venv: other\n    path: ~/other\n    pip: "--pre"',
    'venv: other\n    path: ~/other\n    pip: "<99 --pre"',
    'venv: other\n    path: ~/other\n    python: "--help"',
    'venv: other\n    path: "~/other\\nx"',
    'env_var: "A=1;touch /ran"\n    value: x',
    'env_var: "-A"\n    value: x',
    'env_var: "A\\nB"\n    value: x',
    'env_var: PATH\n    prepend: ["/opt/x\\n/opt/y"]',
    'env_var: A\n    value: x\n    id: "A 1\\ntouch /ran"',
    'jupyter_kernel: "--user"\n    venv: lab',
    'jupyter_kernel: "../../../etc"\n    venv: lab',
    'service: "--root=/srv"',
    'service: "../../../tmp/x"',
    'service: "a b"',
    'service: "getty@"',
    'service: "lab\\n[Service]"',
    'service: lab\n    scope: "--global"',
    'group_member: "--help"',
    'group_member: "docker,sudo"',
    'group_member: "docker:x"',
    'group_member: docker\n    user: "--delete"',
    'group_member: docker\n    user: "student sudo"',
    'directory: "/opt/../etc/x"',
    'directory: /opt/x\n    owner: "root:root"',
    'directory: /opt/x\n    owner: "--reference=/etc/shadow"',
    'file: "/etc/x\\ny"\n    content: x',
    'cuda_repo: "../../../tmp"',
    'cuda_repo: "debian12 [trusted=yes]"',
    'apt_repo: "../../cron.d/x"\n    uris: [http://a.example]\n    suites: [./]\n    key: {path: /k, fingerprint: '
    + "A" * 40 + "}",
]
REPOSITORY = ('apt_repo: lab\n    uris: [{uri}]\n    suites: [{suite}]\n    components: [{component}]\n'
              '    key: {{path: /srv/k.gpg, fingerprint: ' + "A" * 40 + '}}\n    pin: [{{package: {pin}, pin: {rule}, priority: 1}}]')
SOUND = {"uri": "http://a.example/x", "suite": "stable", "component": "main", "pin": "jq", "rule": "release o=lab"}


def odd_repositories():
    for field in SOUND:
        for value in ("x\\nTrusted: yes", "x\\n\\nPackage: *", "[trusted=yes] x"):
            if field in ("pin", "rule") and "\\n" not in value:
                continue
            yield REPOSITORY.format(**{**SOUND, field: '"{}"'.format(value)})


class InjectionTest(hostile.HostileTest):
    def test_words_that_would_be_options_commands_or_lines_are_bad_input(self):
        accepted = []
        for resource in REFUSED + list(odd_repositories()):
            recipe = self.recipe("  - venv: lab\n    path: ~/lab\n  - " + resource + "\n")
            outcome = self.tree.mlenvctl("validate", recipe)
            if outcome.returncode != 5:
                accepted.append((resource, outcome.returncode))
        self.assertEqual(accepted, [])

    def test_a_value_given_to_a_variable_is_judged_like_one_that_is_written(self):
        recipe = self.recipe("  - apt_package: ${name}\n", head="vars: {name: jq}\n")
        for value in ("--purge", "jq\n  - file: /x", "jq hello", "$(touch /ran)"):
            outcome = self.tree.mlenvctl("plan", recipe, "--var", "name=" + value)
            self.assertEqual(outcome.returncode, 5, outcome)

    def test_values_in_rc_files_are_values_whatever_they_look_like(self):
        fence = "# <<< mlenvctl env <<<"
        values = ["$(touch /tmp/ran)", "`touch /tmp/ran`", "'; touch /tmp/ran; '", '"; touch /tmp/ran; "',
                  "a\\\ntouch /tmp/ran", "x\n" + fence + "\ntouch /tmp/ran\n: '", "\\'; touch /tmp/ran #",
                  "x\n# >>> mlenvctl env >>>\ntouch /tmp/ran", "$IFS", "a\rb"]
        for value in values:
            recipe = self.recipe("  - env_var: A\n    value: {}\n    shells: [bash, sh]\n".format(json.dumps(value)))
            other = self.recipe("  - env_var: A\n    value: plain\n    shells: [bash, sh]\n", "other.yaml")
            for each in (recipe, recipe, other, recipe):
                outcome = self.apply(each)
                self.assertEqual(outcome.returncode, 0, outcome)
            again = self.tree.mlenvctl("plan", recipe, "--user", "student", "--detailed-exitcode")
            self.assertEqual(again.returncode, 0, again)
            for shell in (["bash", "-ic", "printf %s \"$A\""], ["sh", "-c", ". ~/.profile; printf %s \"$A\""]):
                said = self.tree.run(shell, user="student", env={"PS1": "x"}).stdout
                self.assertEqual(said.replace("\r", "\n"), value.replace("\r", "\n"))
            self.assertEqual(self.tree.mlenvctl("destroy", "--user", "student", "--yes").returncode, 0)
            for name in ("~/.bashrc", "~/.profile"):
                self.assertNotIn("touch", self.tree.read(name))
            self.assertFalse(self.tree.exists("/tmp/ran"), value)

    def test_a_session_variable_brings_no_second_one(self):
        for value in ("x\nLD_PRELOAD=/home/mallory/x.so", 'x"\nLD_PRELOAD="y', "x\\"):
            self.apply(self.recipe("  - env_var: A\n    value: {}\n    shells: [bash]\n".format(json.dumps(value))))
            path = "~/.config/environment.d/60-mlenvctl.conf"
            lines = self.tree.read(path).splitlines() if self.tree.exists(path) else []
            self.assertEqual([line for line in lines if line.startswith("LD_")], [], value)

    def test_a_kernels_words_are_text(self):
        wish = {"A": 'x", "argv": ["/home/mallory/evil"], "y": "', "B": "a; b"}
        recipe = self.recipe("  - venv: lab\n    path: ~/lab\n  - pip_package: ipykernel\n    venv: lab\n"
                             "  - jupyter_kernel: lab\n    venv: lab\n    display_name: {}\n    env: {}\n".format(
                                 json.dumps('", "argv": ["evil"], "x": "'), json.dumps(wish)))
        planned = self.tree.mlenvctl("plan", recipe, "--user", "student", "--json")
        for step in json.loads(planned.stdout)["steps"]:
            self.assertNotIn("evil", " ".join(step["command"] or []))
        for change in json.loads(planned.stdout)["changes"]:
            if change["kind"] != "jupyter_kernel":
                continue
            self.assertNotIn('"argv": ["evil"]', json.dumps(change["after"]))

    def test_a_checks_program_named_like_an_option_of_env_is_a_program(self):
        recipe = self.recipe("  - directory: ~/ml\n  - check: odd\n    run: [\"--split-string=touch /tmp/ran\"]\n"
                             "  - check: assignment\n    run: [\"A=1\", \"touch\", \"/tmp/ran\"]\n")
        outcome = self.apply(recipe)
        self.assertEqual(outcome.returncode, 1, outcome)
        self.assertFalse(self.tree.exists("/tmp/ran"))


if __name__ == "__main__":
    hostile.main()
