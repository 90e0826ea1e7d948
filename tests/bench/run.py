#!/usr/bin/env python3
"""Measures mlenvctl: `python3 tests/bench/run.py [--quick] [PART…]`. The parts are the files plan_*.py, scale_*.py and
apply_*.py beside this one; without a name all of them are run. `--list` names them."""

import argparse
import glob
import importlib.util
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "support"))

import bench  # noqa: E402


def parts():
    """The names of all parts, in the order in which they are run."""
    found = []
    for sort in ("plan", "scale", "apply"):
        for path in sorted(glob.glob(os.path.join(HERE, sort + "_*.py"))):
            found.append(os.path.basename(path)[:-3])
    return found


def load(name):
    spec = importlib.util.spec_from_file_location(name, os.path.join(HERE, name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main():
    parser = argparse.ArgumentParser(description="Measures mlenvctl and prints tables.")
    parser.add_argument("parts", nargs="*", metavar="PART", help="of: " + ", ".join(parts()))
    parser.add_argument("--quick", action="store_true", help="few runs and small works: does it work at all?")
    parser.add_argument("--list", action="store_true", help="name the parts")
    options = parser.parse_args()
    if options.list:
        print("\n".join(parts()))
        return 0
    unknown = [name for name in options.parts if name not in parts()]
    if unknown:
        parser.error("there is no part {}; there are: {}".format(", ".join(unknown), ", ".join(parts())))
    for name in options.parts or parts():
        try:
            for table in load(name).measure(options):
                print(table.text() + "\n", flush=True)
        except bench.Skipped as reason:
            print("{}: skipped: {}\n".format(name, reason), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
