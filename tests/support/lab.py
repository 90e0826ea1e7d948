"""A fresh Debian tree that is thrown away, and mlenvctl at work on it.

    with Lab() as lab:
        recipe = lab.recipe("recipe: r\\nversion: 1\\nresources:\\n  - directory: ~/ml\\n")
        lab.mlenvctl("apply", recipe, "--yes", "--user", "student")

The tree is an overlay of a cached base with its changes in memory, in mounts that only this process sees."""

import hashlib
import mmap
import os
import pty
import re
import select
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import unittest

import base_tree
import namespace

STUDENT = "student"
STUDENT_ID = 1000
HOST_COMMANDS = {"plan", "apply", "verify", "facts", "history", "destroy"}
PREFIXES = ("etc", "home", "opt", "root", "srv", "tmp", "usr", "var")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LIMIT = 600
# What a person's own machine may need to reach the network; all else of the environment stays out of the lab.
PASSED_ON = re.compile(r"(?i)^(https?_proxy|ftp_proxy|pip_cert|pip_proxy|ssl_cert_file|curl_ca_bundle|asan_options"
                       r"|ubsan_options|tsan_options|sudo_user)$")  # whose checkout it is counts behind sudo

UBUNTU_2004 = """NAME="Ubuntu"
VERSION="20.04.6 LTS (Focal Fossa)"
ID=ubuntu
ID_LIKE=debian
PRETTY_NAME="Ubuntu 20.04.6 LTS"
VERSION_ID="20.04"
VERSION_CODENAME=focal
UBUNTU_CODENAME=focal
"""


class Outcome:
    """How a program ended: `returncode`, `stdout`, `stderr`, `argv`."""

    def __init__(self, argv, returncode, stdout, stderr):
        self.argv, self.returncode, self.stdout, self.stderr = argv, returncode, stdout, stderr

    @property
    def text(self):
        return self.stdout + self.stderr

    def __str__(self):
        return "`{}` ended with {}\n--- stdout\n{}\n--- stderr\n{}".format(
            " ".join(self.argv), self.returncode, self.stdout[-6000:], self.stderr[-6000:])


class Trace:
    """What a traced program did: `outcome`, `executed` (programs started besides itself), `connected`."""

    def __init__(self, outcome, log):
        self.outcome = outcome
        started = re.findall(r'\bexecve(?:at)?\((?:\w+, )?"([^"]*)".*(?:= 0$|<unfinished)', log, re.M)
        self.executed = started[1:]
        self.connected = re.findall(r"^.*\b(?:connect|socket)\(.*AF_INET.*$", log, re.M)


class Lab:
    """`kind` is `fresh` or `ready` (base_tree). With `ubuntu` the tree calls itself Ubuntu 20.04; with `gpu` its
    /sys shows a GeForce RTX 3070 (and nothing else)."""

    def __init__(self, kind="fresh", ubuntu=False, gpu=False):
        self.kind, self.ubuntu, self.gpu = kind, ubuntu, gpu
        self.environment = {}

    def __enter__(self):
        base = base_tree.ensure(self.kind)
        self.folder = tempfile.mkdtemp(prefix="mlenvctl-lab-")
        try:
            namespace.mount("lab", self.folder, "-t", "tmpfs", "-o", "mode=0755")
            for name in ("upper", "work", "home", "recipes"):
                os.mkdir(os.path.join(self.folder, name))
            self.root = os.path.join(self.folder, "tree")
            self._lay(base)
            self._furnish()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        namespace.unmount(self.folder)
        os.rmdir(self.folder)

    def _lay(self, base):
        options = "lowerdir={},upperdir={}/upper,workdir={}/work".format(base, self.folder, self.folder)
        try:
            namespace.mount("lab", self.root, "-t", "overlay", "-o", options)
        except namespace.Unavailable:  # no overlays here: a copy is as good, only slower
            subprocess.run(["cp", "-a", base + "/.", self.root], check=True)
        namespace.mount_kernel(self.root, sysfs=not self.gpu)

    def _furnish(self):
        base_tree.copy_network_settings(self.root)
        self.run(["useradd", "--create-home", "--uid", str(STUDENT_ID), "--shell", "/bin/bash", STUDENT])
        if os.path.isdir(self.root + "/etc/sudoers.d"):
            self.write("/etc/sudoers.d/student", "student ALL=(ALL) NOPASSWD: ALL\n", mode=0o440)
        if self.ubuntu:
            self.write("/usr/lib/os-release", UBUNTU_2004)
        if self.gpu:
            self._add_gpu()

    def _add_gpu(self):
        device = "/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0"
        for name, text in (("vendor", "0x10de"), ("device", "0x2484"), ("class", "0x030000"),
                           ("subsystem_vendor", "0x1458"), ("subsystem_device", "0x404c")):
            self.write(device + "/" + name, text + "\n")
        os.makedirs(self.root + "/sys/bus/pci/devices")
        os.symlink("../../.." + device[len("/sys"):], self.root + "/sys/bus/pci/devices/0000:01:00.0")

    # Files of the tree, by their path in it.

    def path(self, path):
        """The same file as seen from outside; `~` is the student's home. Absolute links are not followed."""
        return self.root + re.sub(r"^~", "/home/" + STUDENT, path)

    def exists(self, path):
        return os.path.lexists(self.path(path))

    def read(self, path):
        """The text of a file, line ends as they are."""
        with open(self.path(path), encoding="utf-8", newline="") as source:
            return source.read()

    def write(self, path, text, mode=0o644, owner=None):
        """Writes a file; the student owns what lies in the student's home."""
        target = self.path(path)
        if os.path.commonpath([os.path.realpath(target), os.path.realpath(self.root)]) != os.path.realpath(self.root):
            raise AssertionError("{} leads out of the tree, onto this machine".format(path))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as out:
            out.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(target, mode)
        if owner is None:
            owner = STUDENT_ID if target.startswith(self.path("~/")) else 0
        os.chown(target, owner, owner)

    def owner(self, path):
        return os.lstat(self.path(path)).st_uid

    def mode(self, path):
        return stat.S_IMODE(os.lstat(self.path(path)).st_mode)

    def recipe(self, text, name="recipe.yaml"):
        """Writes a recipe outside the tree and returns its path."""
        path = os.path.join(self.folder, "recipes", name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def snapshot(self, prefixes=PREFIXES):
        """What is there: path -> (type, mode, owner, group, content). mlenvctl's own state is left out."""
        found = {}
        for prefix in prefixes:
            for folder, folders, files in os.walk(os.path.join(self.root, prefix)):
                folders[:] = [name for name in folders if name != "mlenvctl"]
                for name in folders + files:
                    path = os.path.join(folder, name)
                    found[path[len(self.root):]] = _describe(path)
        return found

    # Programs in the tree.

    def run(self, argv, user=None, env=None, check=True, input=None, limit=LIMIT):
        """Runs a program in the tree, in the home of its user (root unless named), and returns its Outcome."""
        outcome = _run(self._entering(user) + list(argv), self._inner_environment(user, env), input, limit)
        if check and outcome.returncode != 0:
            raise AssertionError(str(outcome))
        return outcome

    def _entering(self, user):
        home = "/root"
        identity = []
        if user:
            _, number, home = self._account(user)
            identity = ["--userspec={0}:{0}".format(number), "--groups={}".format(number)]
        return ["chroot"] + identity + [self.root, "env", "-C", home]

    def _account(self, user):
        for line in self.read("/etc/passwd").splitlines():
            fields = line.split(":")
            if fields[0] == user:
                return fields[0], int(fields[2]), fields[5]
        raise KeyError(user)

    def _inner_environment(self, user, env):
        home = self._account(user)[2] if user else "/root"
        name = user or "root"
        plain = {"PATH": PATH, "HOME": home, "USER": name, "LOGNAME": name, "SHELL": "/bin/bash", "TERM": "dumb"}
        return {**_passed_on(), **plain, **self.environment, **(env or {})}

    # mlenvctl.

    def mlenvctl(self, *args, env=None, input=None, limit=LIMIT):
        """Runs the real binary on the tree from outside, by --root."""
        return _run(self._outer_command(args), self._outer_environment(env), input, limit)

    def mlenvctl_inside(self, *args, user=None, env=None, input=None, limit=LIMIT):
        """Runs the binary in the tree, where it works on `/`."""
        return self.run([self.install_binary()] + list(args), user, env, False, input, limit)

    def mlenvctl_started(self, *args, env=None, inside=None, before=(), **streams):
        """As `mlenvctl`, or in the tree as the user `inside`; does not wait: a Popen, in a session of its own, whose
        process is mlenvctl itself. `before` is a program (with arguments) that becomes it, such as prlimit."""
        if inside:
            command = self._entering(inside if inside != "root" else None) + [self.install_binary()] + list(args)
            environment = self._inner_environment(inside if inside != "root" else None, env)
        else:
            command, environment = self._outer_command(args), self._outer_environment(env)
        plain = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.Popen(list(before) + command, env=environment, cwd="/", encoding="utf-8", errors="replace",
                                start_new_session=True, **{**plain, **streams})

    def mlenvctl_traced(self, *args, env=None):
        """As `mlenvctl`, and returns the Trace. Skips the test where tracing is not permitted."""
        return strace_exec(self._outer_command(args), self._outer_environment(env))

    def mlenvctl_asked(self, *args, answer, env=None, limit=LIMIT, meanwhile=None):
        """As `mlenvctl` on a terminal on which a person types `answer` at the first question, after `meanwhile()`."""
        return _run_on_terminal(self._outer_command(args), self._outer_environment(env), answer, limit, meanwhile)

    def _outer_command(self, args):
        command = [binary()] + list(args)
        return command + (["--root", self.root] if args and args[0] in HOST_COMMANDS else [])

    def _outer_environment(self, env):
        plain = {"PATH": PATH, "HOME": os.path.join(self.folder, "home"), "USER": "root", "LOGNAME": "root",
                 "SHELL": "/bin/bash", "TERM": "dumb"}
        return {**_passed_on(), **plain, **self.environment, **(env or {})}

    def install_binary(self):
        """Puts the binary into the tree, with the libraries that the tree has not, and returns its path there."""
        place = "/opt/mlenvctl/mlenvctl"
        if self.exists(place):
            return place
        libraries = self.root + "/opt/mlenvctl/lib"
        os.makedirs(libraries)
        shutil.copy2(binary(), self.root + place)
        there = self.run(["ldconfig", "-p"]).stdout
        linked = _run(["ldd", binary()], os.environ, None, 60).stdout
        for line in _run(["ldconfig", "-p"], os.environ, None, 60).stdout.splitlines():
            if line.startswith("\tlibcurl.so.4 "):  # loaded when it is needed
                linked += "libcurl.so.4 => {}\n".format(line.split(" => ")[1])
                linked += _run(["ldd", line.split(" => ")[1]], os.environ, None, 60).stdout
                break
        for name, path in re.findall(r"^\s*(\S+) => (/\S+)", linked, re.M):
            if "\t{} ".format(name) not in there:
                shutil.copy2(path, libraries)
        self.write("/etc/ld.so.conf.d/mlenvctl.conf", "/opt/mlenvctl/lib\n")
        self.run(["ldconfig"])
        problems = self.run(["ldd", place], check=False).text
        if "not found" in problems:
            raise unittest.SkipTest("the binary does not run in {}: {}".format(base_tree.SUITE, problems.strip()))
        return place


def is_sanitized():
    """Whether the binary is built with sanitizers, whose own memory and system calls are then the process's too."""
    with open(binary(), "rb") as program, mmap.mmap(program.fileno(), 0, access=mmap.ACCESS_READ) as text:
        return any(text.find(sign) != -1 for sign in (b"__asan_init", b"__tsan_init"))


def binary():
    """The mlenvctl under test."""
    named = os.environ.get("MLENVCTL")
    if not named:
        here = os.path.dirname(os.path.abspath(__file__))
        named = os.path.join(os.path.dirname(os.path.dirname(here)), "build", "mlenvctl")
    if not os.path.exists(named):
        raise namespace.Unavailable("no binary {}; name one by MLENVCTL".format(named))
    return os.path.abspath(named)


def processes(words):
    """Those of this machine whose command line has these words in it."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/{}/cmdline".format(name), encoding="utf-8", errors="replace") as source:
                line = source.read().replace("\0", " ")
        except OSError:  # it has ended
            continue
        if words in line:
            found.append(int(name))
    return found


def strace_exec(argv, environment):
    """Runs a program under strace and returns its Trace."""
    if not shutil.which("strace"):
        raise unittest.SkipTest("strace is not installed")
    with tempfile.TemporaryDirectory(prefix="labtrace-") as folder:
        log = os.path.join(folder, "log")
        tracer = ["strace", "-f", "-qq", "-e", "trace=execve,execveat,connect,socket", "-e", "signal=none", "-o", log]
        # LeakSanitizer cannot look at a process that is traced.
        options = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "detect_leaks=0"]))
        outcome = _run(tracer + list(argv), {**environment, "ASAN_OPTIONS": options}, None, LIMIT)
        if not os.path.exists(log) or os.path.getsize(log) == 0:
            raise unittest.SkipTest("tracing is not permitted: " + outcome.stderr.strip())
        with open(log, encoding="utf-8", errors="replace") as source:
            return Trace(outcome, source.read())


def main():
    """Runs the tests of the calling file; exit 77 with the reason where a lab cannot be."""
    try:
        namespace.enter_private_mounts()
        with tempfile.TemporaryDirectory(prefix="labmount-") as folder:
            namespace.mount("lab", folder, "-t", "tmpfs")
            namespace.unmount(folder)
        base_tree.ensure("fresh")
    except namespace.Unavailable as problem:
        print("skipped: {}".format(problem), file=sys.stderr)
        sys.exit(77)
    unittest.main(module="__main__", verbosity=2)


def _passed_on():
    kept = {name: value for name, value in os.environ.items() if PASSED_ON.match(name)}
    return {**kept, "LANG": "C.UTF-8", "no_proxy": "127.0.0.1,localhost", "NO_PROXY": "127.0.0.1,localhost"}


def _run(argv, env, input, limit):
    options = {"input": input} if input is not None else {"stdin": subprocess.DEVNULL}
    done = subprocess.run(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                          errors="replace", timeout=limit, cwd="/", **options)
    return Outcome(argv, done.returncode, done.stdout, done.stderr)


def _run_on_terminal(argv, env, answer, limit, meanwhile=None):
    child, terminal = pty.fork()
    if child == 0:
        os.chdir("/")
        os.execve(argv[0], argv, env)
    text, answered, end = b"", False, time.monotonic() + limit
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 1.0)
        try:
            piece = os.read(terminal, 65536) if ready else b""
        except OSError:  # Linux says so when the other side is closed
            break
        text += piece
        # A question is a last line without its end.
        if not answered and not ready and text and not text.endswith(b"\n"):
            if meanwhile:
                meanwhile()
            os.write(terminal, (answer + "\n").encode())
            answered = True
    else:
        os.kill(child, 9)
    status = os.waitpid(child, 0)[1]
    os.close(terminal)
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
    return Outcome(argv, code, text.decode("utf-8", "replace"), "")


def _describe(path):
    found = os.lstat(path)
    content = ""
    if stat.S_ISLNK(found.st_mode):
        content = os.readlink(path)
    elif stat.S_ISREG(found.st_mode):
        with open(path, "rb") as source:
            content = hashlib.sha256(source.read()).hexdigest()
    return stat.S_IFMT(found.st_mode), stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid, content
