"""The converged plan of W against the bare floor: the same probes, and nothing decided."""

import os
import tempfile

import bench
import work


def floor_list(folder):
    """What the floor program looks at, one probe a line."""
    site = "{}/ml/{}/lib/python{}/site-packages"
    lines = ["package " + name for name in work.APT]
    lines += ["site " + site.format(work.HOME, name, work.PYTHON) for name in work.VENVS]
    files = ["/etc/os-release", "/etc/passwd", "/proc/version", "/sys/bus/pci/devices/0000:01:00.0/vendor",
             "/etc/apt/sources.list.d/{}.sources".format(work.REPOSITORY), "/etc/apt/preferences.d/" + work.REPOSITORY,
             "/etc/apt/keyrings/{}.gpg".format(work.REPOSITORY), work.HOME + "/.bashrc", work.HOME + "/.profile",
             work.HOME + "/.config/environment.d/60-mlenvctl.conf"]
    for name in work.VENVS:
        files += ["{}/ml/{}/pyvenv.cfg".format(work.HOME, name),
                  "{}/.local/share/jupyter/kernels/{}/kernel.json".format(work.HOME, name)]
    lines += ["file " + path for path in files] + ["stat {}/ml".format(work.HOME)]
    path = os.path.join(folder, "floor.list")
    with open(path, "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
    return path


def measure(options):
    mlenvctl, floor = bench.program(), bench.program("floor")
    table = bench.Table("W, converged: `mlenvctl plan` against the bare probes", ["", "median ms", "quartiles", "ratio",
                                                                                 "MB", "instructions"])
    with tempfile.TemporaryDirectory(prefix="mlenvctl-bench-") as folder:
        recipe, root = work.lay_work(folder)
        os.sync()  # what was just written is not written out while it is measured
        environment = bench.quiet_environment(os.path.join(folder, "state"))
        commands = {"floor": [floor, root, floor_list(folder)], "mlenvctl plan": work.plan_command(mlenvctl, recipe, root),
                    "mlenvctl --version": [mlenvctl, "--version"]}
        bench.expect(work.CONVERGED, commands["mlenvctl plan"], environment)
        samples = bench.alternate(commands, 5 if options.quick else 101, env=environment)
        for name, sample in samples.items():
            table.add(name, "{:.2f}".format(1000 * sample.median), sample.spread,
                      "{:.2f}".format(sample.median / samples["floor"].median), "{:.1f}".format(sample.memory / 1e6),
                      "{:,}".format(bench.instructions(commands[name], env=environment)))
    return [table]
