"""A lab whose systemd is at work: process 1 of namespaces of its own, which end with the test.

    with lab.Lab("systemd") as tree, booted.Booted(tree) as machine:
        machine.run(["systemctl", "is-active", "dbus"])"""

import os
import subprocess
import time
import unittest

import lab

PATIENCE = 60
# Mounts are made in the new namespaces alone. A system with one hierarchy of control groups shows it by its controllers.
START = r"""
set -e
tree=$1
mount --make-rprivate /
mount -t proc proc "$tree/proc"
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mount -t cgroup2 cgroup2 "$tree/sys/fs/cgroup"
else
  mount -t tmpfs tmpfs "$tree/sys/fs/cgroup"
  mkdir "$tree/sys/fs/cgroup/systemd"
  mount -t cgroup -o none,name=systemd cgroup "$tree/sys/fs/cgroup/systemd"
fi
mount -t tmpfs tmpfs "$tree/run"
mount -t tmpfs tmpfs "$tree/dev"
for name in null zero random urandom tty full; do
  touch "$tree/dev/$name"
  mount --bind "/dev/$name" "$tree/dev/$name"
done
mkdir "$tree/dev/shm"
exec chroot "$tree" env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --show-status=no
"""


class Booted:
    def __init__(self, tree):
        self.tree = tree

    def __enter__(self):
        self.binary = self.tree.install_binary()
        namespaces = ["unshare", "--fork", "--pid", "--mount", "--ipc", "--uts", "--cgroup", "--kill-child"]
        self.outer = subprocess.Popen(namespaces + ["sh", "-c", START, "sh", self.tree.root], stdin=subprocess.DEVNULL,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.outer.kill()
        self.outer.wait()
        self.outer.stderr.close()

    def _wait(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.outer.poll() is None:
            state = self.run(["systemctl", "is-system-running"], check=False).stdout.strip()
            if state in ("running", "degraded"):
                return
            time.sleep(0.2)
        self.outer.kill()
        raise unittest.SkipTest("systemd cannot be booted here: " + self.outer.stderr.read().decode()[-500:])

    def _first(self):
        with open("/proc/{0}/task/{0}/children".format(self.outer.pid)) as source:
            return source.read().split()[0:1]

    def run(self, argv, user=None, check=True, env=None):
        """Runs a program on the machine, as root or a user of the tree, and returns its lab.Outcome."""
        first = self._first()
        if not first:
            return lab.Outcome(list(argv), 1, "", "nothing runs yet")
        entering = ["nsenter", "--target", first[0], "--all", "--root", "--wd"]
        if user:
            number = str(self.tree._account(user)[1])
            entering += ["--setuid", number, "--setgid", number]
        outcome = lab._run(entering + ["--", "env", "-i", "-C", "/"] + self._variables(user, env) + list(argv), os.environ,
                           None, lab.LIMIT)
        if check and outcome.returncode != 0:
            raise AssertionError(str(outcome))
        return outcome

    def _variables(self, user, env):
        variables = self.tree._inner_environment(user, env)
        if user:
            variables["XDG_RUNTIME_DIR"] = "/run/user/{}".format(self.tree._account(user)[1])
        return ["{}={}".format(name, value) for name, value in variables.items()]

    def mlenvctl(self, *args, user=None):
        return self.run([self.binary] + list(args), user, check=False)

    def recipe(self, text):
        """Writes a recipe into the tree, and returns its path there."""
        self.tree.write("/opt/recipe.yaml", text)
        return "/opt/recipe.yaml"
