#!/usr/bin/env python3
"""Builds the fuzz targets with clang and fuzzes each for a while; prints what came of it, and fails when one crashed.

What a run has learnt stays in BUILD/corpus, so that the next one goes on from there. An input that crashes, hangs or
takes too much memory is kept in BUILD/found/TARGET; once it is understood it belongs in regressions/TARGET."""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
PROGRAMS = {"readers": "fuzz_readers", "planning": "fuzz_planning"}
LIMITS = ["-timeout=10", "-rss_limit_mb=2048", "-malloc_limit_mb=1024", "-max_len=16384", "-print_final_stats=1"]


def newest_clang():
    """Old ones' runtimes stand still where a program forks beside threads; see tests/sanitized.sh."""
    found = [name for name in ("clang++-21", "clang++-20", "clang++-19", "clang++") if shutil.which(name)]
    return found[0] if found else sys.exit("there is no clang++ here: apt-get install clang libclang-rt-dev")


def build(folder, programs, jobs):
    if not (folder / "build.ninja").exists():
        clang = newest_clang()
        subprocess.run(["cmake", "-S", SOURCE, "-B", folder, "-G", "Ninja", "-DMLENVCTL_FUZZ=ON", "-DMLENVCTL_TESTS=OFF",
                        "-DMLENVCTL_WERROR=OFF", f"-DCMAKE_C_COMPILER={clang.replace('++', '')}",
                        f"-DCMAKE_CXX_COMPILER={clang}"], check=True, stdout=subprocess.DEVNULL)
    begin = time.monotonic()
    subprocess.run(["cmake", "--build", folder, "-j", str(jobs), "--target", *programs], check=True,
                   stdout=subprocess.DEVNULL)
    print(f"built {', '.join(programs)} in {time.monotonic() - begin:.0f} s", flush=True)


def targets_of(program):
    """A program that is given no target lists them."""
    text = subprocess.run([program], capture_output=True, text=True, check=False).stderr
    return text.strip().splitlines()[1:]


def fuzz(program, target, folder, seconds):
    learnt, found = folder / "corpus" / target, folder / "found" / target
    for each in (learnt, found):
        each.mkdir(parents=True, exist_ok=True)
    given = [str(HERE / part / target) for part in ("corpus", "regressions") if (HERE / part / target).is_dir()]
    words = HERE / "dictionaries" / f"{target}.dict"
    command = [str(program), f"-max_total_time={seconds}", *LIMITS, f"-artifact_prefix={found}/", f"--target={target}",
               *([f"-dict={words}"] if words.exists() else []), str(learnt), *given]
    environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=0:allocator_may_return_null=1",
                       UBSAN_OPTIONS="print_stacktrace=1")
    run = subprocess.run(command, capture_output=True, text=True, errors="replace", env=environment, check=False)
    (folder / "logs").mkdir(exist_ok=True)
    (folder / "logs" / target).write_text(run.stderr)
    return report(target, run)


def report(target, run):
    figure = lambda pattern: ([0] + [int(n) for n in re.findall(pattern, run.stderr)])[-1]
    return {"target": target, "executions": figure(r"number_of_executed_units:\s*(\d+)") or figure(r"#(\d+)\s"),
            "edges": figure(r"cov: (\d+)"), "inputs": figure(r"corp: (\d+)"),
            "megabytes": figure(r"peak_rss_mb:\s*(\d+)"), "slowest": figure(r"slowest_unit_time_sec:\s*(\d+)"),
            "crashed": run.returncode != 0}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", help="only these")
    parser.add_argument("--seconds", type=int, default=60, help="for each target (60)")
    parser.add_argument("--build", type=pathlib.Path, default=SOURCE / "build-fuzz", help="build folder")
    parser.add_argument("--only", choices=PROGRAMS, help="one of the two programs")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how much is done at a time")
    arguments = parser.parse_args()
    programs = [PROGRAMS[arguments.only]] if arguments.only else list(PROGRAMS.values())
    build(arguments.build, programs, arguments.jobs)
    chosen = [(arguments.build / "tests" / "fuzz" / program, target) for program in programs
              for target in targets_of(arguments.build / "tests" / "fuzz" / program)
              if not arguments.targets or target in arguments.targets]
    print(f"{'target':15} {'executions':>11} {'edges':>7} {'inputs':>7} {'MB':>5} {'slowest':>8}  crashed")
    crashed = []
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for one in pool.map(lambda pair: fuzz(*pair, arguments.build, arguments.seconds), chosen):
            print(f"{one['target']:15} {one['executions']:11} {one['edges']:7} {one['inputs']:7} {one['megabytes']:5} "
                  f"{one['slowest']:6} s  {'yes' if one['crashed'] else 'no'}", flush=True)
            crashed += [one["target"]] if one["crashed"] else []
    if crashed:
        print(f"crashed: {', '.join(crashed)}; see {arguments.build}/logs and {arguments.build}/found", file=sys.stderr)
    return 1 if crashed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
