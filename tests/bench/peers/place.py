"""A real Debian tree in which mlenvctl and its peers do the same work: W with ten small wheels a venv.

The peers are the real ones, installed once into a layer of the labs' cache: ansible-core, pyinfra, salt and uv from PyPI
(each in a venv of its own), Puppet and CFEngine from Debian, itamae as a gem. What cannot be had here is named, with the
reason, and left out."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time

import base_tree
import bench
import lab
import namespace

FROM_PYPI = {"ansible": "ansible-core", "pyinfra": "pyinfra", "salt": "salt", "uv": "uv"}
FROM_DEBIAN = {"puppet": ["puppet-agent"], "cfengine": ["cfengine3"], "python3-apt": ["python3-apt"],
               "compiler": ["gcc", "libc6-dev", "python3-dev"]}  # a part of salt is to be compiled
GEMS = {"itamae": "itamae"}
HOME = "/opt/peers"
EDITION = 1  # raise it when the making changes in a way that the lists above do not show


class Place(lab.Lab):
    """A throw-away tree with the peers in it. `missing` maps the name of a peer that is not there to the reason."""

    def __init__(self):
        super().__init__("ready")
        self.missing = {}

    def _lay(self, base):
        layer = _layer(base)
        self.missing = json.loads(_read(os.path.join(layer, "missing.json")))
        super()._lay(os.path.join(layer, "upper") + ":" + base)

    def has(self, way):
        """Whether the tool of a way is there."""
        return not any(name in re.split("[ ,]+", way.name) for name in self.missing)

    def peak_memory(self, argv, env=None):
        """The most memory that a program in the tree takes, in bytes."""
        return bench.peak_memory(self._entering(None) + list(argv), env=self._inner_environment(None, env), cwd="/")

    def timed(self, argv, user=None, env=None):
        """Runs a program in the tree, which must end well; returns the seconds that it took."""
        command = self._entering(user) + list(argv)
        environment = self._inner_environment(user, env)
        with tempfile.TemporaryFile() as out:
            begin = time.perf_counter()
            code = subprocess.call(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment, cwd="/")
            seconds = time.perf_counter() - begin
            if code != 0:
                out.seek(0)
                raise RuntimeError("`{}` ended with {}: {}".format(" ".join(argv), code,
                                                                  out.read().decode(errors="replace")[-1500:]))
        return seconds


def _read(path):
    with open(path, encoding="utf-8") as source:
        return source.read()


def _layer(base):
    spec = repr([EDITION, os.path.basename(base), FROM_PYPI, FROM_DEBIAN, GEMS])
    layer = os.path.join(base_tree.cache_folder(), "peers-" + hashlib.sha256(spec.encode()).hexdigest()[:12])
    with base_tree.cache_lock("peers"):
        if not os.path.isdir(layer):
            _make(layer, base)
    return layer


def _make(layer, base):
    print("bench: installing the peers (once; some minutes) ...", flush=True)
    partial = layer + ".partial"
    shutil.rmtree(partial, ignore_errors=True)
    for name in ("upper", "work", "tree"):
        os.makedirs(os.path.join(partial, name))
    tree = os.path.join(partial, "tree")
    options = "lowerdir={0},upperdir={1}/upper,workdir={1}/work".format(base, partial)
    try:
        namespace.mount("bench", tree, "-t", "overlay", "-o", options)
    except namespace.Unavailable as problem:
        raise bench.Skipped("no overlays here: {}".format(problem))
    try:
        namespace.mount_kernel(tree)
        missing = _install_all(tree)
    finally:
        namespace.unmount(tree)
    with open(os.path.join(partial, "missing.json"), "w", encoding="utf-8") as out:
        json.dump(missing, out)
    shutil.rmtree(os.path.join(partial, "work"), ignore_errors=True)
    os.rename(partial, layer)


def _install_all(tree):
    base_tree.copy_network_settings(tree)
    source = tree + "/etc/apt/sources.list"
    before = _read(source)
    with open(source, "w", encoding="utf-8") as out:
        out.write("deb {} {} main\n".format(base_tree.machine_mirror() or "http://deb.debian.org/debian", base_tree.SUITE))
    missing = {}
    _attempt(missing, "apt", tree, [["apt-get", "-qq", "update"]])
    for name, packages in FROM_DEBIAN.items():
        _attempt(missing, name, tree, [base_tree.APT + ["install"] + packages])
    for name, package in FROM_PYPI.items():
        venv = HOME + "/" + name
        _attempt(missing, name, tree, [["python3", "-m", "venv", venv], [venv + "/bin/pip", "install", "-q", package]])
    for name, gem in GEMS.items():
        _attempt(missing, name, tree, [["gem", "install", "--no-document", gem]], limit=120)
    with open(source, "w", encoding="utf-8") as out:
        out.write(before)
    for folder in ("/var/lib/apt/lists", "/var/cache/apt", "/root/.cache"):
        shutil.rmtree(tree + folder, ignore_errors=True)
    _attempt(missing, "apt", tree, [["apt-get", "-qq", "update"]])
    return missing


def _attempt(missing, name, tree, commands, limit=900):
    kept = {key: value for key, value in os.environ.items() if lab.PASSED_ON.match(key)}
    environment = {**base_tree.ENVIRONMENT, **kept}
    for command in commands:
        try:
            done = subprocess.run(["chroot", tree] + command, env=environment, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
                                  timeout=limit)
        except subprocess.TimeoutExpired:
            missing[name] = "`{}` took longer than {} s".format(" ".join(command), limit)
            return
        if done.returncode != 0:
            lines = done.stdout.strip().splitlines() or ["no reason given"]
            missing[name] = lines[-1][:200]
            return
