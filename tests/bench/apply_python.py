"""From nothing to the Python part of W (two venvs with ten small wheels each, kernels, variables): mlenvctl, the commands
that cannot be left out (each measured alone), scripts and peers."""

import os
import sys

import bench
import namespace

sys.path.insert(0, os.path.join(bench.HERE, "peers"))


def _contestants(place, modules):
    """name -> (argv, environment)."""
    small_work = modules["small_work"]
    mlenvctl = place.install_binary()
    apply = lambda recipe: [mlenvctl, "apply", recipe, "--yes"]
    made = {"mlenvctl, pip": (apply(small_work.PYTHON_RECIPE), {}),
            "mlenvctl, pip, which is asked first": (apply(small_work.PYTHON_RECIPE), small_work.ASKING),
            "mlenvctl, pip, nothing cached": (apply(small_work.PYTHON_RECIPE), small_work.COLD)}
    if "uv" not in place.missing:
        place.run(["ln", "-sfn", "/opt/peers/uv/bin/uv", "/usr/local/bin/uv"])
        made["mlenvctl, uv"] = (apply(small_work.UV_RECIPE), {})
    for module in ("with_bash", "with_ansible", "with_pyinfra"):
        for way in modules[module].ways(place):
            if way.make and place.has(way):
                made[way.name] = (way.make, way.env)
    return made


def measure(options):
    import small_work
    import way
    import with_ansible
    import with_bash
    import with_pyinfra
    modules = {"small_work": small_work, "with_ansible": with_ansible, "with_bash": with_bash, "with_pyinfra": with_pyinfra}
    runs = 1 if options.quick else 5
    try:
        namespace.enter_private_mounts()
        import place as places
        with places.Place() as place:
            small_work.lay(place)
            way.put_copies(place)
            return [_table(place, modules, way, runs)]
    except namespace.Unavailable as problem:
        raise bench.Skipped(str(problem))


def _table(place, modules, way, runs):
    small_work = modules["small_work"]
    contestants = _contestants(place, modules)
    samples = {name: bench.Sample() for name in contestants}
    parts = {}
    for number in range(runs + 1):  # the first round warms up and does not count
        for name, argv in small_work.irreducible(place, way.FOLDER + "/pip"):
            parts.setdefault(name, bench.Sample())
            seconds = place.timed(argv, user="student")
            if number:
                parts[name].times.append(seconds)
        for name, (argv, env) in contestants.items():
            if samples[name].is_enough:
                continue
            small_work.forget_python(place, caches=False)
            seconds = place.timed(argv, user="student", env=env)
            if not small_work.is_done(place):
                raise RuntimeError(name + " has not done the work")
            if number:
                samples[name].times.append(seconds)
    return _written(parts, samples)


def _written(parts, samples):
    path = sum(sample.median for sample in parts.values())
    own = samples["mlenvctl, pip"].median
    table = bench.Table("From nothing to W's Python part", ["", "median ms", "quartiles", "to mlenvctl", "to the path"],
                        "the path: the irreducible commands after each other, each measured alone. The wheels lie in a folder"
                        "\n  and tell themselves what will come; where there is something to choose, pip is asked first")
    for name, sample in parts.items():
        table.add("alone: " + name, "{:.0f}".format(1000 * sample.median), sample.spread, "", "")
    table.add("the path", "{:.0f}".format(1000 * path), "", "{:.2f}".format(path / own), "1.00")
    for name, sample in samples.items():
        table.add(name, "{:.0f}".format(1000 * sample.median), sample.spread, "{:.2f}".format(sample.median / own),
                  "{:.2f}".format(sample.median / path))
    return table
