"""Several Debian machines on a network of their own, each with a real ssh server.

A machine is an overlay tree of `lab.Lab` with its own network, processes and host name; only the kernel is shared. The
test process is the controller: it has left this machine's network for one with nothing but a bridge to the fleet.

    with Fleet(["gpu01", "gpu02"]) as fleet:
        fleet["gpu02"].cut()
        fleet.on_controller(["ssh", "-F", fleet.ssh_config, "gpu01", "hostname"])"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))

import base_tree  # noqa: E402
import lab  # noqa: E402
import namespace  # noqa: E402
import wheel_index  # noqa: E402

_CLONE_NEWNET = 0x40000000
CONTROLLER = "10.77.0.1"
BRIDGE = "fleet"
DEPLOY = "deploy"
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIMIT = 300


def checked(argv, **options):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          **options)
    if done.returncode != 0:
        raise AssertionError("`{}` ended with {}: {}".format(" ".join(argv), done.returncode, done.stdout))
    return done.stdout


def enter_private_network():
    """Leaves this machine's network; call it before any thread is started. What is made here ends with the process."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) != 0:
        raise namespace.Unavailable("no network namespace: " + os.strerror(ctypes.get_errno()))
    try:
        checked(["ip", "link", "set", "lo", "up"])
        checked(["ip", "link", "add", BRIDGE, "type", "bridge"])
        checked(["ip", "address", "add", CONTROLLER + "/24", "dev", BRIDGE])
        checked(["ip", "link", "set", BRIDGE, "up"])
    except AssertionError as problem:
        raise namespace.Unavailable("no network of its own: {}".format(problem)) from problem


class ControlGroup:
    """A control group for a machine whose systemd has its services in groups; gone with `close`."""

    def __init__(self, name):
        with open("/proc/self/mounts", encoding="utf-8") as mounts:
            places = [line.split()[1] for line in mounts if line.split()[2] == "cgroup2"]
        if not places:
            raise unittest.SkipTest("systemd would have no control groups of its own here")
        self.path = "{}/mlenvctl-{}-{}".format(places[0], os.getpid(), name)
        try:
            os.mkdir(self.path)
        except OSError as problem:
            raise unittest.SkipTest("no control group can be made: {}".format(problem)) from problem

    def close(self):
        for _ in range(50):  # what was in it takes its time to end
            for folder, _, _ in os.walk(self.path, topdown=False):
                try:
                    os.rmdir(folder)
                except OSError:
                    pass
            if not os.path.exists(self.path):
                return
            time.sleep(0.1)


# As a container's: devices of its own, and nothing of this kernel's settings can be written.
BOOT = """
mount -t proc proc {0}/proc
mount --bind {0}/proc/sys {0}/proc/sys && mount -o remount,bind,ro {0}/proc/sys
umount -R -l {0}/sys && mount -t sysfs -o ro sysfs {0}/sys && mount -t cgroup2 cgroup {0}/sys/fs/cgroup
umount -R -l {0}/dev && mount -t tmpfs -o mode=755 dev {0}/dev && mkdir {0}/dev/pts {0}/dev/shm
for each in null zero full random urandom tty; do touch {0}/dev/$each; mount --bind /dev/$each {0}/dev/$each; done
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts {0}/dev/pts && ln -s pts/ptmx {0}/dev/ptmx
ln -s /proc/self/fd {0}/dev/fd
mount -t tmpfs -o mode=755 run {0}/run
exec chroot {0} env container=lab /lib/systemd/systemd --unit=lab.target
"""
SSH_ALONE = """
mount -t proc proc {0}/proc
exec chroot {0} /usr/sbin/sshd -D -e -o UsePAM=no -o MaxStartups=100
"""
LAB_TARGET = """[Unit]
Requires=basic.target ssh.service systemd-user-sessions.service
After=basic.target ssh.service systemd-user-sessions.service
"""


class Machine:
    """One machine. `tree` is its Lab, which outlives a crash; its processes do not. One that `boots` has systemd."""

    def __init__(self, number, name, key, boots=False):
        self._group = ControlGroup(name) if boots else None
        self.name, self.address = name, "10.77.0.{}".format(10 + number)
        self._wire = "wire{}".format(number)
        self.tree = lab.Lab("remote")
        self._key = key
        self._process = None

    def set_up(self):
        self.tree.__enter__()
        run = self.tree.run
        run(["useradd", "--create-home", "--shell", "/bin/bash", "--password", "*", DEPLOY])
        self.tree.write("/etc/sudoers.d/deploy", DEPLOY + " ALL=(ALL) NOPASSWD: ALL\n", mode=0o440)
        for home, account in (("/home/" + DEPLOY, DEPLOY), ("/root", "root")):
            self.tree.write(home + "/.ssh/authorized_keys", self._key, mode=0o600)
            run(["chown", "-R", account + ":", home + "/.ssh"])
        self.tree.write("/etc/hostname", self.name + "\n")
        self.tree.write("/etc/hosts", "127.0.0.1 localhost {}\n".format(self.name))
        # pip asks no index by http, but on the machine itself, unless it is told to.
        self.tree.write("/etc/pip.conf", "[global]\ntrusted-host = {}\n".format(CONTROLLER))
        self.tree.write("/etc/systemd/system/lab.target", LAB_TARGET)
        os.makedirs(self.tree.path("/run/sshd"), exist_ok=True)
        self.start()

    def start(self):
        """Switches the machine on: new processes on what its disk has."""
        script = "hostname {}; while ! ip link show eth0; do sleep 0.02; done; ip link set lo up; ip link set eth0 up; " \
                 "ip address add {}/24 dev eth0\n".format(self.name, self.address)
        argv = ["setpriv", "--pdeathsig", "KILL"]  # no machine outlives a test that is killed
        argv += ["unshare", "--net", "--uts", "--ipc", "--mount", "--pid", "--fork", "--kill-child"]
        if self._group:
            join = "echo 0 >{}/cgroup.procs && exec \"$@\"".format(self._group.path)
            argv = ["sh", "-c", join, "sh"] + argv + ["--cgroup"]
        script += (BOOT if self._group else SSH_ALONE).format(self.tree.root)
        with open(os.path.join(self.tree.folder, "console"), "ab") as log:
            self._process = subprocess.Popen(argv + ["sh", "-c", script], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                             cwd="/", start_new_session=True)
        self._plug_in()

    def _plug_in(self):
        children = "/proc/{0}/task/{0}/children".format(self._process.pid)
        for _ in range(500):
            with open(children, encoding="ascii") as source:
                inner = source.read().split()
            if inner:
                break
            time.sleep(0.01)
        checked(["ip", "link", "add", self._wire, "type", "veth", "peer", "name", "eth0", "netns", inner[0]])
        checked(["ip", "link", "set", self._wire, "master", BRIDGE, "up"])

    def crash(self):
        """Ends all its processes at one instant, as without power."""
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
        subprocess.run(["ip", "link", "delete", self._wire], stderr=subprocess.DEVNULL)

    def cut(self):
        """Takes the machine off the network; nothing on it notices more than silence."""
        checked(["ip", "link", "set", self._wire, "down"])

    def mend(self):
        checked(["ip", "link", "set", self._wire, "up"])

    def host_key(self):
        return " ".join(self.tree.read("/etc/ssh/ssh_host_ed25519_key.pub").split()[:2])

    def close(self):
        if self._process:
            self.crash()
        if self._group:
            self._group.close()
        if hasattr(self.tree, "folder"):
            self.tree.__exit__()


class Fleet:
    """The machines by their names, and the controller's files: `folder`, `ssh_config`, `collections`."""

    def __init__(self, names, boots=False):
        self.folder = tempfile.mkdtemp(prefix="labfleet-")
        self._key = os.path.join(self.folder, "key")
        checked(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self._key])
        with open(self._key + ".pub", encoding="ascii") as source:
            public = source.read()
        self.machines = {name: Machine(number, name, public, boots) for number, name in enumerate(names)}

    def __enter__(self):
        try:
            for machine in self.machines.values():
                machine.set_up()
            self._write_ssh_config()
            for machine in self.machines.values():
                self._await(machine)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for machine in self.machines.values():
            machine.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __getitem__(self, name):
        return self.machines[name]

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        """Writes a file of the controller and returns its path."""
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as out:
            out.write(text)
        return self.path(name)

    def _write_ssh_config(self):
        known = ["{},{} {}\n".format(one.name, one.address, one.host_key()) for one in self.machines.values()]
        lines = ["Host *", "  User " + DEPLOY, "  IdentityFile " + self._key, "  IdentitiesOnly yes",
                 "  UserKnownHostsFile " + self.write("known_hosts", "".join(known)), "  ConnectTimeout 3",
                 "  ServerAliveInterval 1", "  ServerAliveCountMax 2", "  BatchMode yes", "  LogLevel ERROR"]
        for one in self.machines.values():
            lines += ["Host " + one.name, "  HostName " + one.address, "  HostKeyAlias " + one.name]
        self.ssh_config = self.write("ssh_config", "\n".join(lines) + "\n")

    def _await(self, machine):
        for _ in range(100):
            if self.on_controller(["ssh", "-F", self.ssh_config, machine.name, "true"]).returncode == 0:
                return
            time.sleep(0.1)
        with open(os.path.join(machine.tree.folder, "console"), encoding="utf-8", errors="replace") as log:
            raise AssertionError("{} is not reached: {}".format(machine.name, log.read()[-2000:]))

    def restart(self, name):
        self[name].start()
        self._await(self[name])

    # The controller's programs.

    def on_controller(self, argv, env=None, limit=LIMIT):
        with self.started(argv, env) as process:
            try:
                out, _ = process.communicate(timeout=limit)
            except subprocess.TimeoutExpired:
                process.kill()
                out, _ = process.communicate()
            return lab.Outcome(argv, process.returncode, out, "")

    def started(self, argv, env=None):
        return subprocess.Popen(argv, env={**self.environment(), **(env or {})}, cwd=self.folder, text=True,
                                errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT)

    def environment(self):
        return {"PATH": lab.PATH, "HOME": self.folder, "LANG": "C.UTF-8", "TERM": "dumb"}


def until(condition, what, limit=60):
    """Waits for something to come true."""
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("{} has not come about in {} s".format(what, limit))
        time.sleep(0.05)


def main(*programs):
    """Runs the tests of the calling file; exit 77 with the reason where a fleet cannot be."""
    try:
        for program in ("ip", "unshare", "ssh") + programs:
            if not shutil.which(program, path=lab.PATH):
                raise namespace.Unavailable("there is no `{}`; `cmake/install-deps.sh test` brings it".format(program))
        namespace.enter_private_mounts()
        base_tree.ensure("remote")  # these two need the network that is left below
        wheel_index.real_tools()
        enter_private_network()
    except namespace.Unavailable as problem:
        print("skipped: {}".format(problem), file=sys.stderr)
        sys.exit(77)
    unittest.main(module="__main__", verbosity=2)
