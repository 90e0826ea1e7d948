"""How the cost of a plan grows with what is on the host, and with the number of hosts."""

import json
import os
import subprocess
import tempfile

import bench
import work


def _row(table, name, command, environment, runs):
    sample = bench.alternate({"plan": command}, runs, env=environment)["plan"]
    table.add(name, "{:.1f}".format(1000 * sample.median), sample.spread, "{:.0f}".format(sample.memory / 1e6))


def record(path, number):
    """A recorded host with a few hundred packages."""
    chosen = {name: "1.0-{}".format(number % 3) for name in work.APT[: 5 + number % 20]}
    chosen.update({"lib{}".format(i): "1.{}-1".format(i) for i in range(300)})
    facts = {"format": "mlenvctl.facts/1", "os": {"id": "debian", "version_id": "12", "codename": "bookworm",
                                                  "pretty_name": "Debian GNU/Linux 12"},
             "arch": "x86_64", "virt": "metal", "hostname": "host{}".format(number), "gpus": [], "cuda_toolkits": [],
             "kernel": {"release": "6.1.0-18-amd64"}, "pythons": [{"path": "/usr/bin/python3", "version": "3.11.2"}],
             "user": {"name": work.USER, "home": work.HOME, "shell": "/bin/bash"}}
    with open(path, "w", encoding="utf-8") as out:
        json.dump({"format": "mlenvctl.host/1", "facts": facts, "packages": chosen}, out)
    return path


def _hosts(table, folder, mlenvctl, recipe, environment, options):
    for count in (2, 20) if options.quick else (2, 20, 200):
        words = []
        for number in range(count):
            words += ["--host", record(os.path.join(folder, "host{}.json".format(number)), number)]
        command = [mlenvctl, "plan", recipe, *words]
        tried = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
        if tried.returncode != 0:
            table.add("{} recorded hosts".format(count), "not planned in one call", "", "")
            return
        _row(table, "{} recorded hosts on {} cores".format(count, os.cpu_count()), command, environment, 3)


def measure(options):
    mlenvctl = bench.program()
    table = bench.Table("W on larger hosts, and on many", ["", "median ms", "quartiles", "MB"])
    with tempfile.TemporaryDirectory(prefix="mlenvctl-bench-") as folder:
        environment = bench.quiet_environment(os.path.join(folder, "state"))
        runs = 3 if options.quick else 11
        for count in (1500, 10000) if options.quick else (1500, 10000, 100000):
            place = os.path.join(folder, "dpkg{}".format(count))
            recipe, root = work.lay_work(place, count)
            command = work.plan_command(mlenvctl, recipe, root)
            bench.expect(work.CONVERGED, command, environment)
            _row(table, "dpkg's status of {:,} packages".format(count), command, environment, runs)
        for count in (500,) if options.quick else (500, 5000):
            place = os.path.join(folder, "site{}".format(count))
            recipe, root = work.lay_work(place)
            site = "{}/ml/torch/lib/python{}/site-packages".format(work.HOME, work.PYTHON)
            for number in range(count):
                work.lay_distribution(root, site, "another{}".format(number), "1.0", modules=1)
            command = work.plan_command(mlenvctl, recipe, root)
            bench.expect(work.CONVERGED, command, environment)
            _row(table, "a venv of {:,} distributions".format(count), command, environment, runs)
        _hosts(table, folder, mlenvctl, recipe, environment, options)
    return [table]
