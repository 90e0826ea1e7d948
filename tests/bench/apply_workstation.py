"""From nothing to all of W: mlenvctl against the critical path of the commands that cannot be left out, each measured alone."""

import os
import sys

import bench
import namespace

sys.path.insert(0, os.path.join(bench.HERE, "peers"))
STATE = ("/var/lib/mlenvctl", "/var/cache/mlenvctl", "/etc/apt/sources.list.d/example-ml.sources",
         "/etc/apt/sources.list.d/example-ml.list", "/etc/apt/preferences.d/example-ml", "/etc/apt/keyrings/example-ml.gpg")

ASKING = "asking beforehand: apt-get -s install"
CHECK = "a check, of two: import idna"


def _forget(place, small_work, stubs):
    small_work.forget_python(place)
    place.run(["dpkg", "--purge", "--force-all"] + stubs, check=False)
    place.run(["rm", "-rf"] + list(STATE))
    place.run(["apt-get", "-qq", "update"])


def _alone(place, small_work, way, stubs):
    """The seconds of each irreducible command; the tree is at nothing before and afterwards."""
    place.write(way.KEY_FILE, place_key(place))
    place.write(way.SOURCE_FILE, small_work.SOURCE)
    seconds = {"apt-get update": place.timed(["apt-get", "-qq", "update"]),
               ASKING: place.timed(["apt-get", "-qq", "-s", "install"] + stubs),
               "apt-get install, {} packages".format(len(stubs)): place.timed(
                   ["apt-get", "-qq", "-y", "-o", "Dpkg::Use-Pty=0", "install"] + stubs,
                   env={"DEBIAN_FRONTEND": "noninteractive"})}
    for name, argv in small_work.irreducible(place, way.FOLDER + "/pip"):
        seconds[name] = place.timed(argv, user="student")
    seconds[CHECK] = place.timed(small_work.check(), user="student")
    _forget(place, small_work, stubs)
    return seconds


def place_key(place):
    with open(place.path("/srv/example-ml.gpg"), "rb") as source:
        return source.read()


def measure(options):
    import small_work
    import way
    import with_bash
    try:
        namespace.enter_private_mounts()
        import place as places
        with places.Place() as place:
            small_work.lay(place)
            with_bash.ways(place)
            return [_table(place, small_work, way, 1 if options.quick else 5)]
    except namespace.Unavailable as problem:
        raise bench.Skipped(str(problem))


def _table(place, small_work, way, runs):
    mlenvctl = place.install_binary()
    stubs = small_work.stubs(place)
    samples = {}
    _forget(place, small_work, stubs)
    for number in range(runs + 1):  # the first round warms up and does not count
        seconds = _alone(place, small_work, way, stubs)
        own = place.timed([mlenvctl, "apply", small_work.RECIPE, "--yes", "--user", "student"])
        if not small_work.is_done(place):
            raise RuntimeError("mlenvctl has not done the work")
        _forget(place, small_work, stubs)
        for name, value in {**seconds, "mlenvctl apply": own}.items():
            samples.setdefault(name, bench.Sample())
            if number:
                samples[name].times.append(value)
    return _written(samples)


def _written(samples):
    """In a script pip's call follows apt's, which brings compilers and Python itself; venvs are made beside. A check
    follows whatever is declared before it, the other check too."""
    path = sum(sample.median for name, sample in samples.items() if name.startswith(("apt-get", "pip")))
    path += 2 * samples[CHECK].median
    asked = path + samples[ASKING].median
    table = bench.Table("From nothing to W", ["", "median ms", "quartiles", "to the path", "to it with asking"],
                        "the path: what apt, pip and the two checks do after each other; venvs are made beside apt. The last"
                        "\n  column counts apt's simulation as well, without which nobody can be shown what will come")
    for name, sample in samples.items():
        ours = name.startswith("mlenvctl")
        table.add(name, "{:.0f}".format(1000 * sample.median), sample.spread,
                  "{:.2f}".format(sample.median / path) if ours else "", "{:.2f}".format(sample.median / asked) if ours else "")
    table.add("the path", "{:.0f}".format(1000 * path), "", "1.00", "")
    return table
