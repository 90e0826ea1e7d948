"""One trial: `apply` is killed at an instant, applied again, and the tree is compared with one that was never killed.

A `Ground` is what all trials begin from. A trial lays an overlay over it, so that what it has changed is exactly what
lies in its upper folder."""

import contextlib
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections import namedtuple

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import lab  # noqa: E402
import namespace  # noqa: E402

# What programs keep for themselves, and mlenvctl's own state.
BOOKS = re.compile(
    r"/var/(cache|log)(/.*)?|/var/lib/(apt|dpkg|mlenvctl)(/.*)?|/(tmp|run|mnt)(/.*)?|/etc/ld\.so\.cache"
    r"|/(home/student|root)/\.cache(/.*)?|/home/student/\.local/state(/.*)?|.*/__pycache__(/.*)?")
# What mlenvctl gives a name only for as long as it is at work on it.
TEMPORARY = re.compile(r".*\.mlenvctl-([a-z0-9]{8}|new|old|tmp)|/run/mlenvctl-.*|/var/lib/apt/mlenvctl-index|.*/~[^/]*")
LIMIT = 600
HERE = os.path.dirname(os.path.abspath(__file__))


class Instant(namedtuple("Instant", "sort number whole_tree")):
    """`sort` is boundary, operation, torn (see fault_point.c) or moment: then `number` is in seconds, or a function that
    is true when it has come. With `whole_tree` all that mlenvctl has started dies with it, as when the machine goes down."""

    def __str__(self):
        number = "{:.3f} s".format(self.number) if isinstance(self.number, float) else self.number
        return "{} {}, {}".format(self.sort, number, "the whole tree" if self.whole_tree else "mlenvctl alone")


class Lost(Exception):
    """The trial's host did not come back; the text says in what."""


def build_fault_point(folder):
    library = os.path.join(folder, "fault_point.so")
    source = os.path.join(HERE, "fault_point.c")
    compiler = os.environ.get("CC", "cc")
    done = subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-pthread", "-o", library, source, "-ldl"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise namespace.Unavailable("the fault point cannot be built: " + done.stdout.strip())
    return library


class Ground(lab.Lab):
    """The tree before anything is applied. All trials apply the first of `recipes` (name -> text) with `words`."""

    def __init__(self, recipes, words, environment, fault_point):
        super().__init__("ready", ubuntu=True, gpu=True)
        self.recipes, self.words, self.fault_point = recipes, words, fault_point
        self.environment = environment
        self.reference = None

    def _lay(self, base):
        super()._lay(base)
        self.base = base

    def _furnish(self):
        super()._furnish()
        self.write("~/.bashrc", "# the student's own\nalias ll='ls -l'\n")
        self.write("~/.profile", "# the student's own, too\n")
        self.write("~/thesis.txt", "three years of work\n")
        _quicken_venv(self)
        namespace.unmount(self.root)
        for name, text in self.recipes.items():
            os.makedirs(os.path.join(self.folder, "recipes", os.path.dirname(name)), exist_ok=True)
            self.recipe(text, name)

    @property
    def recipe_file(self):
        return os.path.join(self.folder, "recipes", next(iter(self.recipes)))

    def former(self, path):
        """Where what was there before lies; None where there was nothing."""
        own = os.path.join(self.folder, "upper") + path
        if not os.path.lexists(own):
            return self.base + path
        return None if stat.S_ISCHR(os.lstat(own).st_mode) else own

    def trial(self):
        return Trial(self)

    def measure(self, parallel):
        """Applies once undisturbed: the reference. Returns how many operations and boundaries there were, which of the
        operations are writes, and the seconds that it took."""
        with self.trial() as tree:
            env = tree.counting("none")
            for name in ("CRASH_COUNTS", "CRASH_LIST"):
                env[name] = os.path.join(tree.folder, name)
            began = time.monotonic()
            outcome = tree.apply(["--parallel", str(parallel)], env)
            took = time.monotonic() - began
            if outcome.returncode != 0:
                raise AssertionError(str(outcome))
            if self.reference is None:
                self.reference = tree.state()
            with open(env["CRASH_COUNTS"], encoding="utf-8") as source:
                operations, boundaries = map(int, source.read().split())
            with open(env["CRASH_LIST"], encoding="utf-8") as source:
                self.operations = source.read().splitlines()
            writes = {int(line.split()[0]) for line in self.operations if line.split()[1] == "write"}
            return operations, boundaries, writes, took


class Trial(lab.Lab):
    def __init__(self, ground):
        super().__init__(ground.kind, ubuntu=True, gpu=True)
        self.ground = ground
        self.environment = ground.environment

    def _lay(self, base):
        options = "lowerdir={}/upper:{},upperdir={}/upper,workdir={}/work".format(self.ground.folder, base,
                                                                                  self.folder, self.folder)
        namespace.mount("lab", self.root, "-t", "overlay", "-o", options)
        namespace.mount_kernel(self.root, sysfs=False)

    def _furnish(self):
        # What mlenvctl keeps of its runs is thrown away with the trial.
        self.environment = {**self.environment, "XDG_STATE_HOME": os.path.join(self.folder, "state")}

    def _words(self):
        return [self.ground.recipe_file, *self.ground.words, "--user", lab.STUDENT, "--yes"]

    def counting(self, at):
        return {"LD_PRELOAD": self.ground.fault_point, "CRASH_AT": at}

    def apply(self, more=(), env=None):
        return self.mlenvctl("apply", *self._words(), *more, env=env, limit=LIMIT)

    # The killing.

    def kill_at(self, instant):
        """True when `apply` was killed; False when it had ended before."""
        counted = instant.sort != "moment"
        env = self.counting("{}:{}".format(instant.sort, instant.number)) if counted else {}
        if counted and instant.whole_tree:
            env["CRASH_TREE"] = "1"
        more = ["--parallel", "1"] if counted else []
        argv = self._outer_command(["apply", *self._words(), *more])
        if instant.whole_tree:  # all in a process namespace end with its first process
            argv = ["unshare", "--pid", "--fork", "--kill-child", "sh", "-c", '"$@"; exit $?', "sh"] + argv
        with open(os.path.join(self.folder, "killed.log"), "wb") as log:
            process = subprocess.Popen(argv, env=self._outer_environment(env), stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=log, cwd="/")
            if not counted:
                return _kill_after(process, instant)
            try:
                code = process.wait(LIMIT)
            except subprocess.TimeoutExpired:
                _kill_now(process, instant)
                raise
        return code in (-signal.SIGKILL, 128 + signal.SIGKILL)

    def survivors(self):
        """The processes of the killed run that still are at work in the tree."""
        found = []
        for name in os.listdir("/proc"):
            with contextlib.suppress(OSError):
                if name.isdigit() and os.readlink("/proc/{}/root".format(name)) == self.root:
                    found.append(int(name))
        return found

    def end_survivors(self):
        for process in self.survivors():
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)

    # The judging.

    def run_trial(self, instant):
        """Raises Lost where the host does not come back. False when the run had ended before the instant."""
        if not self.kill_at(instant):
            return False
        again = self.apply()
        if again.returncode != 0:
            raise Lost("the next apply did not converge: " + str(again))
        third = lab.strace_exec(self._outer_command(["apply", *self._words()]), self._outer_environment(None))
        if third.outcome.returncode != 0 or third.executed or "No changes" not in third.outcome.stdout:
            raise Lost("the third apply was not empty: {} {}".format(third.executed, third.outcome))
        self.end_survivors()
        self._compare(self.ground.reference, self.state())
        return True

    def state(self):
        """What the run has changed: path -> what is there now; and what dpkg has."""
        changed, temporaries = {}, []
        upper = os.path.join(self.folder, "upper")
        for folder, folders, files in os.walk(upper):
            for name in folders + files:
                path = os.path.join(folder, name)[len(upper):]
                there = self.exists(path)
                if there and TEMPORARY.fullmatch(path):
                    temporaries.append(path)
                if not BOOKS.fullmatch(path):
                    changed[path] = lab._describe(self.path(path)) if there else None
        for folder, _, files in os.walk(os.path.join(self.folder, "state")):
            temporaries += [os.path.join(folder, name) for name in files if TEMPORARY.fullmatch("/" + name)]
        packages = self.run(["dpkg-query", "-W", "-f", "${binary:Package} ${Version} ${Status}\n"]).stdout.splitlines()
        return {"changed": changed, "temporaries": temporaries, "packages": packages}

    def _compare(self, wanted, seen):
        problems = ["left over: " + path for path in seen["temporaries"]]
        problems += ["dpkg: " + line for line in sorted(set(wanted["packages"]) ^ set(seen["packages"]))]
        for path in sorted(wanted["changed"].keys() | seen["changed"].keys()):
            if path in wanted["changed"]:
                expected = wanted["changed"][path]
            else:  # not declared: as it was before
                expected = _described(self.ground.former(path))
            now = _described(self.path(path))
            if now != expected:
                problems.append("{}: {} instead of {}".format(path, now, expected))
        if problems:
            raise Lost("\n  ".join(problems[:20]))


# In place of ensurepip: a copy of what it has made once.
_QUICK_PIP = """
import os, shutil, sys, sysconfig
MADE = "/opt/made"


def version():
    return "quick"


def _main(argv=None):
    shutil.copytree(MADE + "/lib/python3.11/site-packages", sysconfig.get_path("purelib"), dirs_exist_ok=True)
    for name in os.listdir(MADE + "/bin"):
        if name.startswith("pip"):
            with open(MADE + "/bin/" + name) as source, open(sys.prefix + "/bin/" + name, "w") as out:
                out.write(source.read().replace(MADE, sys.prefix))
            os.chmod(sys.prefix + "/bin/" + name, 0o755)
"""


def _quicken_venv(tree):
    """Most of a venv's time goes into unpacking and compiling pip, which no trial is about."""
    tree.run(["python3", "-m", "venv", "/opt/made"])
    tree.write("/usr/lib/python3.11/ensurepip/__init__.py", _QUICK_PIP)


def _described(path):
    return lab._describe(path) if path and os.path.lexists(path) else None


def _kill_after(process, instant):
    """True when it was still running then."""
    end = time.monotonic() + (LIMIT if callable(instant.number) else instant.number)
    while time.monotonic() < end and process.poll() is None:
        if callable(instant.number) and instant.number():
            break
        time.sleep(min(0.02, max(0.0, end - time.monotonic())))
    running = process.poll() is None
    _kill_now(process, instant)
    process.wait(LIMIT)  # until all are gone; the exit code of `unshare` then tells nothing
    return running


def _kill_now(process, instant):
    victims = [process.pid]
    if instant.whole_tree:  # not `unshare` itself, which is to wait until all are gone
        with contextlib.suppress(OSError):
            with open("/proc/{0}/task/{0}/children".format(process.pid), encoding="utf-8") as source:
                victims = [int(word) for word in source.read().split()]
    for victim in victims:
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
