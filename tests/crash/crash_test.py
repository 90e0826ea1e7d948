"""mlenvctl killed with SIGKILL in the middle of `apply`: the next one brings the host to the declared state, the third
has nothing to do, and what the recipe does not declare is byte for byte as it was.

    crash_test.py               a sample, as in CI
    crash_test.py --all         the whole programme: the guide at every step boundary (with all that it has started, and
                                alone) and at 200 random instants, and a recipe with every sort of step at every file
                                operation, writes also in the middle; some 75 minutes of one core
    crash_test.py --operations              of that, the file operations
    crash_test.py --all --every N           every N-th instant of that
    crash_test.py --at SORT:NUMBER[:alone]  one instant of the recipe with every sort of step, to look into it"""

import argparse
import concurrent.futures
import os
import random
import re
import subprocess
import sys
import tempfile
import time

import trial

import lab  # noqa: E402  found by trial
import namespace  # noqa: E402
import nvidia_mirror  # noqa: E402
import wheel_index  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
RECIPES = os.path.join(HERE, "..", "..", "recipes")
MOMENTS = 200

# Every sort of step that an apply knows, with as little in it as that takes.
SMALL = """
recipe: small
version: 1
resources:
  - env_var: ML_PATH
    value: ~/ml
  - directory: ~/ml
  - file: ~/ml/notes.txt
    content: "made by a recipe\\n"
  - file: /etc/profile.d/lab.sh
    content: "export LAB=1\\n"
  - cuda_repo: ubuntu2004
    mirror: {mirror}
    key: {{fingerprint: {key}}}
  - apt_package: [crash-tools, libcudnn8]
    hold: true
  - venv: small
    path: ~/ml/small
  - pip_package: [numpy, ipykernel]
    venv: small
  - jupyter_kernel: small
    venv: small
  - check: numpy loads
    venv: small
    python: import numpy
"""
# A package that takes its time, so that dpkg can be killed in all of its states.
TOOLS_FILES = {"usr/lib/crash-tools/{}".format(number): ("{}\n".format(number) * 50, 0o644) for number in range(200)}
TOOLS_FILES["DEBIAN/triggers"] = ("activate-await ldconfig\n", 0o644)
TOOLS_SCRIPTS = {name: "#!/bin/sh\nsleep 0.1\n" for name in ("preinst", "postinst")}


class Servers:
    """The mirror and the index that all trials use."""

    def __enter__(self):
        self.mirror = nvidia_mirror.NvidiaMirror()
        self.index = wheel_index.WheelIndex()
        self.mirror.add("crash-tools", "1.0", files=TOOLS_FILES, scripts=TOOLS_SCRIPTS)
        return self

    def __exit__(self, *_):
        self.mirror.close()
        self.index.close()

    def environment(self):
        # Bytes that nobody compares are not worth compiling.
        return {"PIP_INDEX_URL": self.index.index_url, "PIP_NO_COMPILE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}

    def small(self, fault_point):
        text = SMALL.format(mirror=self.mirror.url, key=self.mirror.fingerprint)
        return trial.Ground({"small.yaml": text}, [], self.environment(), fault_point)

    def guide(self, fault_point):
        """The guide without its driver, whose proof would need a reboot."""
        recipes = {}
        for name in ("rtx3070-torch.yaml", "base/workspace.yaml", "base/cuda-11.0.yaml", "base/jupyter.yaml"):
            with open(os.path.join(RECIPES, name), encoding="utf-8") as source:
                recipes[name] = source.read()
        plain = recipes["base/cuda-11.0.yaml"].replace("[cuda-toolkit-11-0, cuda-drivers]",
                                                       "[cuda-toolkit-11-0, crash-tools]")
        assert "crash-tools" in plain, "the guide has changed; its driver is to be left out here"
        recipes["base/cuda-11.0.yaml"] = plain
        variables = {"cuda_mirror": self.mirror.url, "cuda_key": self.mirror.fingerprint, "python_range": ">=3.6",
                     "torch_links": self.index.links_url}
        words = [word for name, value in variables.items() for word in ("--var", name + "=" + value)]
        return trial.Ground(recipes, words, self.environment(), fault_point)


class Tally:
    def __init__(self):
        self.tried, self.late, self.lost = 0, 0, []

    def note(self, title, instant, outcome):
        if outcome is None:
            self.late += 1
            return
        self.tried += 1
        if outcome:
            self.lost.append("{}, {}: {}".format(title, instant, outcome))
            print("LOST " + self.lost[-1], flush=True)


def attempt(ground, instant):
    """Empty: all is well; None: the run had ended before; else what was lost."""
    try:
        while True:
            with ground.trial() as tree:
                if tree.run_trial(instant):
                    return ""
            # How long a run takes hangs on what else the machine has to do.
            if instant.sort != "moment" or instant.number < 0.1:
                return None
            instant = instant._replace(number=instant.number * 0.7)
    except (trial.Lost, AssertionError, OSError, subprocess.SubprocessError) as problem:
        return str(problem) or repr(problem)


def run(title, ground, instants, jobs, tally):
    began, before, lost = time.monotonic(), tally.tried, len(tally.lost)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for instant, outcome in zip(instants, pool.map(lambda each: attempt(ground, each), instants)):
            tally.note(title, instant, outcome)
    print("{}: {} instants tried, {} lost, in {:.0f} s".format(title, tally.tried - before, len(tally.lost) - lost,
                                                              time.monotonic() - began), flush=True)


def both(instants):
    return [trial.Instant(sort, number, whole) for whole in (True, False) for sort, number in instants]


def alternating(instants):
    return [trial.Instant(sort, number, place % 2 == 0) for place, (sort, number) in enumerate(instants)]


def moments(count, seconds, seed):
    """Random instants, as many as asked, spread over the whole run."""
    print("random instants: seed {}".format(seed), flush=True)
    dice = random.Random(seed)
    return alternating([("moment", dice.uniform(0.0, seconds)) for _ in range(count)])


def operations(count, tear, stride=1, first=1):
    """One for each operation, and where it is a write one for half of it."""
    found = []
    for number in range(first, count + 1, stride):
        found.append(("operation", number))
        if number in tear:
            found.append(("torn", number))
    return found


def sample(servers, fault_point, jobs, seed, tally):
    with servers.small(fault_point) as ground:
        count, boundaries, tear, took = ground.measure(1)
        print("a recipe with every sort of step: {} operations, {} boundaries, {:.1f} s".format(count, boundaries, took))
        run("step boundaries", ground, alternating([("boundary", n) for n in range(1, boundaries + 1)]), jobs, tally)
        spread = operations(count, tear, max(1, count // 16), random.Random(seed).randrange(1, max(2, count // 16)))
        run("file operations", ground, alternating(spread), jobs, tally)
        run("random instants", ground, moments(15, took, seed), jobs, tally)


def the_guide(servers, fault_point, given, tally):
    with servers.guide(fault_point) as ground:
        count, boundaries, _, took = ground.measure(1)
        print("the guide: {} operations, {} boundaries, {:.1f} s".format(count, boundaries, took), flush=True)
        edges = both([("boundary", number) for number in range(1, boundaries + 1)])
        run("the guide's step boundaries", ground, edges[::given.every], given.jobs, tally)
        run("the guide's random instants", ground, moments(MOMENTS, took, given.seed)[::given.every], given.jobs, tally)


def every_step(servers, fault_point, given, tally):
    with servers.small(fault_point) as ground:
        count, _, tear, _ = ground.measure(1)
        print("a recipe with every sort of step: {} operations".format(count), flush=True)
        run("file operations", ground, alternating(operations(count, tear)[::given.every]), given.jobs, tally)


def one(servers, fault_point, at, tally):
    found = re.fullmatch(r"(boundary|operation|torn|moment):([0-9.]+)(:alone)?", at)
    sort, number = found.group(1), float(found.group(2))
    instant = trial.Instant(sort, number if sort == "moment" else int(number), not found.group(3))
    with servers.small(fault_point) as ground:
        ground.measure(1)
        run(str(instant), ground, [instant], 1, tally)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="the whole programme")
    parser.add_argument("--operations", action="store_true", help="of that, the file operations")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="with --all: every N-th instant")
    parser.add_argument("--at", metavar="SORT:NUMBER[:alone]", help="one instant")
    parser.add_argument("--jobs", type=int, default=2, help="trials at a time")
    parser.add_argument("--seed", type=int, default=20201219, help="of the random instants")
    given = parser.parse_args()
    try:
        namespace.enter_private_mounts()
        lab.binary()
        with tempfile.TemporaryDirectory(prefix="labfault-") as folder, Servers() as servers:
            fault_point, tally = trial.build_fault_point(folder), Tally()
            if given.at:
                one(servers, fault_point, given.at, tally)
            elif given.all:
                the_guide(servers, fault_point, given, tally)
                every_step(servers, fault_point, given, tally)
            elif given.operations:
                every_step(servers, fault_point, given, tally)
            else:
                sample(servers, fault_point, given.jobs, given.seed, tally)
    except namespace.Unavailable as problem:
        print("skipped: {}".format(problem), file=sys.stderr)
        sys.exit(77)
    print("{} instants tried, {} lost ({} more came after the end)".format(tally.tried, len(tally.lost), tally.late))
    sys.exit(1 if tally.lost or tally.tried == 0 else 0)


if __name__ == "__main__":
    main()
