"""How the cost of a plan grows with its recipe: wide ones, deep chains, many venvs, many files, many variables."""

import os
import tempfile

import bench
import work

HEAD = "recipe: {}\nversion: 1\n"


def _write(path, text):
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)


def wide(folder, count):
    """Folders beside each other."""
    path = os.path.join(folder, "wide.yaml")
    _write(path, HEAD.format("wide") + "resources:\n" + "".join("  - directory: ~/wide/d{}\n".format(i) for i in range(count)))
    return path


def chain(folder, count):
    """Each needs the one before it."""
    lines = ["  - directory: ~/chain/d0\n"]
    lines += ["  - directory: ~/chain/d{}\n    needs: [directory.~/chain/d{}]\n".format(i, i - 1) for i in range(1, count)]
    path = os.path.join(folder, "chain.yaml")
    _write(path, HEAD.format("chain") + "resources:\n" + "".join(lines))
    return path


def venvs(folder, count):
    """A tenth as many venvs as packages in them."""
    lines = []
    for i in range(max(1, count // 11)):
        names = ", ".join("package{}==1.{}".format(j, i % 7) for j in range(10))
        lines.append("  - venv: v{0}\n    path: ~/venvs/v{0}\n  - pip_package: [{1}]\n    venv: v{0}\n".format(i, names))
    path = os.path.join(folder, "venvs.yaml")
    _write(path, HEAD.format("venvs") + "resources:\n" + "".join(lines))
    return path


def includes(folder, count):
    """Files of a hundred folders each."""
    names = []
    for number in range(max(1, count // 100)):
        names.append("part{}.yaml".format(number))
        _write(os.path.join(folder, names[-1]),
               "resources:\n" + "".join("  - directory: ~/parts/p{}/d{}\n".format(number, i) for i in range(100)))
    path = os.path.join(folder, "includes.yaml")
    _write(path, HEAD.format("includes") + "include: [" + ", ".join(names) + "]\n")
    return path


def packages(folder, count):
    """apt packages, all of them in one transaction."""
    path = os.path.join(folder, "packages.yaml")
    _write(path, HEAD.format("packages") + "resources:\n" + "".join("  - apt_package: missing-{}\n".format(i) for i in range(count)))
    return path


def variables(folder, count):
    """Variables, all of them in the same few files."""
    path = os.path.join(folder, "variables.yaml")
    _write(path, HEAD.format("variables") + "resources:\n" +
           "".join("  - env_var: VARIABLE_{0}\n    value: v{0}\n".format(i) for i in range(count)))
    return path


SHAPES = (wide, chain, venvs, includes, packages, variables)


def measure(options):
    mlenvctl = bench.program()
    bench.unlimited_stack_is_off()
    sizes = [100, 1000] if options.quick else [100, 1000, 10000, 100000]
    tables = []
    with tempfile.TemporaryDirectory(prefix="mlenvctl-bench-") as folder:
        root = os.path.join(folder, "tree")
        work.lay_host(root)
        environment = bench.quiet_environment(os.path.join(folder, "state"))
        for shape in SHAPES:
            table = bench.Table("{}: {}".format(shape.__name__, shape.__doc__), ["resources", "median ms", "quartiles",
                                                                                "us each", "growth", "MB"],
                                "growth: how many times as much as a tenth of it; 10 is linear")
            before = None
            for size in sizes:
                place = os.path.join(folder, "{}-{}".format(shape.__name__, size))
                os.makedirs(place)
                command = work.plan_command(mlenvctl, shape(place, size), root)
                runs = 2 if options.quick or size > 10000 else 5
                sample = bench.alternate({"plan": command}, runs, env=environment)["plan"]
                growth = "" if before is None else "{:.1f}".format(sample.median / before)
                table.add("{:,}".format(size), "{:.1f}".format(1000 * sample.median), sample.spread,
                          "{:.1f}".format(1e6 * sample.median / size), growth, "{:.0f}".format(sample.memory / 1e6))
                before = sample.median
            tables.append(table)
    return tables
