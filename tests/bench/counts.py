#!/usr/bin/env python3
"""Holds how many instructions a few fixed works take: fails where one takes over a tenth more than counts.json says.
Counts go by compiler and libraries, so they are kept for each; where none are kept this is skipped. `--accept` keeps
those of now."""

import json
import os
import platform
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import bench  # noqa: E402
import scale_recipes  # noqa: E402
import work  # noqa: E402

KEPT = os.path.join(HERE, "counts.json")
MOST = 1.10
SKIPPED = 77


def environment_name():
    """What the counts go by: distribution, compiler, C library, kind of build, and the processor's widest vectors."""
    release = {}
    with open("/etc/os-release", encoding="utf-8") as text:
        for line in text:
            name, _, value = line.strip().partition("=")
            release[name] = value.strip('"')
    with open("/proc/cpuinfo", encoding="utf-8") as text:
        vectors = "avx2" if " avx2 " in text.read() else "sse"
    return " ".join(["{}-{}".format(release.get("ID"), release.get("VERSION_ID")), platform.machine(), vectors,
                     os.environ.get("MLENVCTL_COMPILER", "unknown"), "libc-" + platform.libc_ver()[1],
                     os.environ.get("MLENVCTL_BUILD", "unknown")])


def works(mlenvctl, folder):
    """The fixed works: name, argument vector."""
    recipe, root = work.lay_work(folder)
    recipes = os.path.join(bench.ROOT, "recipes")
    return {
        "plan of W, converged": work.plan_command(mlenvctl, recipe, root),
        "plan of 1,000 folders": work.plan_command(mlenvctl, scale_recipes.wide(folder, 1000), root),
        "plan of 1,000 in a chain": work.plan_command(mlenvctl, scale_recipes.chain(folder, 1000), root),
        "plan of 90 venvs": work.plan_command(mlenvctl, scale_recipes.venvs(folder, 1000), root),
        "resolve torch": [mlenvctl, "resolve", "torch", "--gpu", "10de:2484", "--os", "ubuntu-22.04", "--python", "3.10"],
        "validate": [mlenvctl, "validate", os.path.join(recipes, "gpu-science.yaml")],
        "explain": [mlenvctl, "explain", "venv"],
    }


def count(mlenvctl):
    with tempfile.TemporaryDirectory(prefix="mlenvctl-counts-") as folder:
        environment = bench.quiet_environment(os.path.join(folder, "state"))
        return {name: bench.instructions(command, env=environment) for name, command in works(mlenvctl, folder).items()}


def kept_counts():
    if not os.path.exists(KEPT):
        return {}
    with open(KEPT, encoding="utf-8") as text:
        return json.load(text)


def main(arguments):
    kept, here = kept_counts(), environment_name()
    accept = arguments == ["--accept"]
    if here not in kept and not accept:
        print("skipped: no counts are kept for `{}`; `counts.py --accept` keeps them".format(here))
        return SKIPPED
    try:
        now = count(bench.program())
    except bench.Skipped as reason:
        print("skipped: {}".format(reason))
        return SKIPPED
    if accept:
        kept[here] = now
        with open(KEPT, "w", encoding="utf-8") as out:
            out.write(json.dumps(kept, indent=2, sort_keys=True) + "\n")
    table = bench.Table("instructions: " + here, ["", "now", "kept", "ratio"])
    grown = []
    for name, value in now.items():
        before = kept[here].get(name)
        ratio = value / before if before else 1.0
        table.add(name, "{:,}".format(value), "{:,}".format(before) if before else "-", "{:.3f}".format(ratio))
        if ratio > MOST:
            grown.append(name)
    print(table.text())
    if grown:
        print("grown by more than a tenth: {}; find out why, or `counts.py --accept`".format(", ".join(grown)))
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
