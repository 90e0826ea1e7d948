"""What the parts of the benchmark share: how something is timed, and how a table is printed.

A part is a file `plan_*.py`, `scale_*.py` or `apply_*.py` beside this one with a function `measure(options)` that
returns a list of `Table`. `run.py` finds them by name."""

import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


class Skipped(Exception):
    """This part cannot be measured here; the text says why."""


class Table:
    """Rows of text under a title; numbers are aligned to the right."""

    def __init__(self, title, columns, note=""):
        self.title, self.columns, self.note, self.rows = title, list(columns), note, []

    def add(self, *cells):
        self.rows.append([str(cell) for cell in cells])

    def text(self):
        lines = [self.columns, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.columns))]
        shown = [self.title]
        for number, line in enumerate(lines):
            cells = [cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in
                     enumerate(zip(line, widths))]
            shown.append("  " + "  ".join(cells).rstrip())
            if number == 0:
                shown.append("  " + "  ".join("-" * width for width in widths))
        if self.note:
            shown.append("  " + self.note)
        return "\n".join(shown)


class Sample:
    """The wall times of one command, in seconds, and the most memory that it took, in bytes."""

    def __init__(self):
        self.times, self.memory = [], 0

    @property
    def median(self):
        return statistics.median(self.times)

    @property
    def spread(self):
        """From the fastest quarter to the slowest, as text."""
        ordered = sorted(self.times)
        return "{:.1f}..{:.1f}".format(1000 * ordered[len(ordered) // 4], 1000 * ordered[(3 * len(ordered)) // 4])

    @property
    def is_enough(self):
        """What takes seconds is measured three times: it is far from the others, and the rounds are long."""
        return len(self.times) >= 3 and self.median > 3


def program(name="mlenvctl"):
    """A program of the build under test."""
    path = os.environ.get(name.upper()) or os.path.join(ROOT, "build", name)
    if not os.access(path, os.X_OK):
        raise Skipped("there is no {}: build it first, or name it by {}".format(path, name.upper()))
    return path


def run_once(command, env=None, cwd=None, code=0):
    """Runs a command without a shell; returns the seconds that it took."""
    begin = time.perf_counter()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env,
                          cwd=cwd)
    seconds = time.perf_counter() - begin
    if done.returncode != code:
        raise RuntimeError("{} ended with {}: {}".format(command, done.returncode, done.stderr.decode(errors="replace")))
    return seconds


def expect(text, command, env=None):
    """Runs a command, which must end well and print the text: what is measured is what is meant."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env,
                          encoding="utf-8", errors="replace")
    if done.returncode != 0 or text not in done.stdout:
        raise RuntimeError("{} ended with {} and without `{}`: {}".format(command, done.returncode, text, done.stdout[-1500:]))


def peak_memory(command, env=None, cwd=None, code=0):
    """The most memory that a command took, in bytes."""
    done = subprocess.run([program("peak"), *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, env=env, cwd=cwd, encoding="utf-8", errors="replace")
    if done.returncode != code:
        raise RuntimeError("{} ended with {}: {}".format(command, done.returncode, done.stderr))
    return int(done.stderr.split()[-1]) * 1024


def alternate(commands, runs, **how):
    """Times several commands in turns, so that whatever else the machine does meets all of them alike.
    `commands` maps a name to an argument vector; the first round warms up and does not count."""
    samples = {name: Sample() for name in commands}
    for number in range(runs + 1):
        for name, command in commands.items():
            seconds = run_once(command, **how)
            if number > 0:
                samples[name].times.append(seconds)
            else:
                samples[name].memory = peak_memory(command, **how)
    return samples


def instructions(command, env=None, cwd=None):
    """How many instructions a command executes, by valgrind's callgrind."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise Skipped("there is no valgrind")
    with tempfile.TemporaryDirectory(prefix="mlenvctl-counts-") as folder:
        out = os.path.join(folder, "callgrind.out")
        done = subprocess.run([valgrind, "--tool=callgrind", "--callgrind-out-file=" + out, *command],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env,
                              cwd=cwd, encoding="utf-8", errors="replace")
        if not os.path.exists(out):
            raise RuntimeError("callgrind failed: " + done.stderr)
        with open(out, encoding="utf-8") as text:
            for line in text:
                if line.startswith(("summary:", "totals:")):
                    return int(line.split()[1])
    raise RuntimeError("callgrind counted nothing: " + done.stderr)


def quiet_environment(state):
    """An environment in which nothing of the caller's changes what is measured."""
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "XDG_STATE_HOME": state}


def unlimited_stack_is_off():
    """Deep structures must fit the usual stack of 8 MiB: this process's children get no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    wanted = 8 * 1024 * 1024
    if soft == resource.RLIM_INFINITY or soft > wanted:
        resource.setrlimit(resource.RLIMIT_STACK, (wanted, hard))
