"""W, converged: mlenvctl's plan against the check mode of its peers and of scripts, in one tree and one run."""

import os
import sys

import bench
import namespace
import work

sys.path.insert(0, os.path.join(bench.HERE, "peers"))


def _converge(place, small_work, way):
    """Brings the tree to W by mlenvctl, on a machine of 1,500 packages, and in place what the peers hold the variables and
    sources in."""
    mlenvctl = place.install_binary()
    small_work.lay(place)
    place.run([mlenvctl, "apply", small_work.RECIPE, "--yes", "--user", "student"])
    # apt itself provides apt-transport-https, which is enough for mlenvctl; scripts look for the package of that name.
    place.run(["apt-get", "-qq", "-y", "install"] + small_work.stubs(place), env={"DEBIAN_FRONTEND": "noninteractive"})
    place.run(["rm", "-f", "/etc/apt/sources.list.d/example-ml.sources"])
    way.put_files(place)
    place.write("/var/lib/dpkg/status", work.fill_up(place.read("/var/lib/dpkg/status"), 1500))
    again = place.run([mlenvctl, "plan", small_work.RECIPE, "--user", "student"])
    if work.CONVERGED not in again.stdout:
        raise RuntimeError("W is not converged: " + again.stdout)
    return mlenvctl


def _commands(place, small_work, way):
    import with_ansible
    import with_bash
    import with_cfengine
    import with_puppet
    import with_pyinfra
    import with_salt
    mlenvctl = _converge(place, small_work, way)
    ours = [way.Way("mlenvctl plan", [mlenvctl, "plan", small_work.RECIPE, "--user", "student"])]
    theirs = [each for module in (with_bash, with_cfengine, with_pyinfra, with_ansible, with_puppet, with_salt)
              for each in module.ways(place)]
    return [each for each in ours + theirs if each.check]


def _left_out(way, place):
    """Why a peer is left out; nothing where it works."""
    if not place.has(way):
        return next(reason for name, reason in place.missing.items() if name in way.name)
    try:
        place.timed(way.check, env=way.env)
    except RuntimeError as problem:
        return str(problem).strip().splitlines()[-1][:150]
    return ""


def measure(options):
    import small_work
    import way as ways
    try:
        namespace.enter_private_mounts()
        import place as places
        with places.Place() as place:
            return _tables(place, _commands(place, small_work, ways), 1 if options.quick else 11)
    except namespace.Unavailable as problem:
        raise bench.Skipped(str(problem))


def _tables(place, ways, runs):
    kept, left = {}, dict(place.missing)
    for way in ways:
        reason = _left_out(way, place)
        if reason:
            left[way.name] = reason
        else:
            kept[way.name] = way
    samples = {name: bench.Sample() for name in kept}
    for name, way in kept.items():
        samples[name].memory = place.peak_memory(way.check, way.env)
    for _ in range(runs):  # that they work has been seen: nobody is cold
        for name, way in kept.items():
            if samples[name].is_enough:
                continue
            samples[name].times.append(place.timed(way.check, env=way.env))
    own = samples["mlenvctl plan"].median
    table = bench.Table("W, converged: check mode", ["", "median ms", "quartiles", "times mlenvctl", "MB"],
                        "each through `chroot`, which costs all of them the same millisecond")
    for name, sample in sorted(samples.items(), key=lambda each: each[1].median):
        table.add(name, "{:.1f}".format(1000 * sample.median), sample.spread, "{:.0f}".format(sample.median / own),
                  "{:.0f}".format(sample.memory / 1e6))
    missing = bench.Table("Left out", ["peer, and why"])
    for name, reason in left.items():
        missing.add("{}: {}".format(name, reason[:150]))
    return [table, missing] if left else [table]
