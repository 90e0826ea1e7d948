"""W in a real tree, with ten small wheels a venv so that what is measured is the tools: the files that it takes, the
recipe, and how the tree is brought back to nothing."""

import hashlib
import os
import shutil
import subprocess
import sys

import base_tree
import bench
import lab
import repo_tools
import stub_wheels
import work

HOME = "/home/" + lab.STUDENT
WHEELS = "/srv/wheels"
ARCHIVE = "/srv/ml"
SMALL = """attrs==23.2.0 certifi==2024.2.2 click==8.1.7 filelock==3.13.1 idna==3.6 packaging==23.2 platformdirs==4.2.0
 six==1.16.0 urllib3==2.2.1""".split()
KERNEL = "ipykernel==6.29.0"
SCRATCH = HOME + "/scratch"  # the venv of the commands that are measured alone
PACKAGES = SMALL + [KERNEL]
VENVS = ("torch", "tensorflow")
VARIABLES = {"ML_PATH": HOME + "/ml", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
RECIPE = "/srv/work.yaml"
PYTHON_RECIPE = "/srv/python.yaml"
UV_RECIPE = "/srv/python-uv.yaml"
ASKING = {"PIP_CONSTRAINT": "/srv/no-constraints.txt"}  # one in which pip itself has to say what will come
COLD = {"XDG_CACHE_HOME": HOME + "/.cold-cache"}  # an environment in which nothing is cached
SOURCE = "# example-ml\ndeb [signed-by=/etc/apt/keyrings/example-ml.gpg] file:{} ./\n".format(ARCHIVE)

# The real ipykernel brings 25 packages; this one does what the scripts ask of it, and no more.
_IPYKERNEL = '''"""Stands in for ipykernel: `python -m ipykernel install` and the file that Jupyter starts."""
'''
_INSTALL = '''import json, os, sys
name = sys.argv[sys.argv.index("--name") + 1]
shown = sys.argv[sys.argv.index("--display-name") + 1]
folder = os.path.expanduser("~/.local/share/jupyter/kernels/" + name)
os.makedirs(folder, exist_ok=True)
argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
with open(folder + "/kernel.json", "w") as out:
    json.dump({"argv": argv, "display_name": shown, "language": "python", "metadata": {"debugger": True}}, out, indent=1)
'''


def kernel_file(venv):
    """What the kernel's file holds, for tools that write it themselves."""
    return ('{{\n "argv": [\n  "{0}/ml/{1}/bin/python",\n  "-m",\n  "ipykernel_launcher",\n  "-f",\n  "{{connection_file}}"\n'
            ' ],\n "display_name": "The venv {1}",\n "language": "python",\n "metadata": {{\n  "debugger": true\n }}\n}}\n'
            .format(HOME, venv))


def kernel_path(venv):
    return "{}/.local/share/jupyter/kernels/{}/kernel.json".format(HOME, venv)


def variables_file():
    lines = ["export {}={}".format(*each) for each in VARIABLES.items()]
    return "\n".join(lines + ["export PATH=$PATH:{}/.local/bin".format(HOME)]) + "\n"


def real_wheels():
    """The folder of the nine real wheels, downloaded once."""
    spec = hashlib.sha256(repr(SMALL).encode()).hexdigest()[:12]
    folder = os.path.join(base_tree.cache_folder(), "small-wheels-" + spec)
    with base_tree.cache_lock("small-wheels"):
        if not os.path.isdir(folder):
            done = subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
                                   "--python-version", "3.11", "--dest", folder + ".partial", *SMALL],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
            if done.returncode != 0:
                raise bench.Skipped("the small wheels cannot be downloaded: " + done.stdout.strip())
            os.rename(folder + ".partial", folder)
    return folder


def lay(place):
    """Puts into the tree what the work is made from: wheels, an archive of 25 packages with its key, recipes."""
    shutil.copytree(real_wheels(), place.path(WHEELS))
    name, version = KERNEL.split("==")
    modules = {"ipykernel/__init__.py": _IPYKERNEL, "ipykernel/__main__.py": _INSTALL, "ipykernel_launcher.py": _IPYKERNEL}
    stub_wheels.StubWheel(name, version, modules=modules).write(place.path(WHEELS))
    subprocess.run(["chmod", "-R", "a+rX", place.path(WHEELS)], check=True)
    archive = place.path(ARCHIVE)
    os.makedirs(archive)
    installed = place.run(["dpkg-query", "-W", "-f", "${Package}\n"]).stdout.split()
    key = repo_tools.SigningKey("Example ML")
    try:
        for package in work.APT:
            if package not in installed:
                repo_tools.build_deb(archive, package, "99.0-1")  # older ones are said to break others
        repo_tools.write_index(archive, key, Origin="Example ML", Label="ML", Suite="stable", Codename="stable")
        place.write("/srv/example-ml.gpg", key.binary)
        place.write(RECIPE, recipe(key.fingerprint))
    finally:
        key.close()
    place.write(ASKING["PIP_CONSTRAINT"], "")
    place.write(PYTHON_RECIPE, recipe(None))
    place.write(UV_RECIPE, recipe(None, "uv"))


def recipe(fingerprint, installer="pip"):
    """The whole of W, or (without a key) its Python part."""
    lines = ["recipe: workstation", "version: 1", "resources:", "  - env_var: ML_PATH", "    value: ~/ml",
             "  - env_var: CUDA_DEVICE_ORDER", "    value: PCI_BUS_ID", "  - env_var: PATH", "    append: ~/.local/bin",
             "  - directory: ~/ml"]
    if fingerprint:
        lines += ["  - apt_repo: example-ml", "    uris: file://" + ARCHIVE, "    suites: ./", "    key:",
                  "      path: /srv/example-ml.gpg", "      fingerprint: " + fingerprint, "    pin:",
                  '      - package: "*"', "        pin: release o=Example ML", "        priority: 600",
                  "  - apt_package: [" + ", ".join(work.APT) + "]"]
    for venv in VENVS:
        lines += ["  - venv: " + venv, "    path: ~/ml/" + venv, "    installer: " + installer,
                  "  - pip_package: [" + ", ".join(PACKAGES) + "]", "    venv: " + venv, "    find_links: " + WHEELS,
                  "    no_index: true", "  - jupyter_kernel: " + venv, "    venv: " + venv,
                  "    display_name: The venv " + venv]
        if fingerprint:
            lines += ["  - check: {} has its packages".format(venv), "    venv: " + venv, "    python: import idna"]
    return "\n".join(lines) + "\n"


def irreducible(place, pip):
    """The commands on a venv's path, each by itself: a venv without pip, and one pip call from a pip that is compiled
    already. Two venvs are made at once, so that one of each is their critical path."""
    venv = SCRATCH
    shutil.rmtree(place.path(venv), ignore_errors=True)
    call = ["env", "PYTHONPATH=" + pip, "PYTHONDONTWRITEBYTECODE=1", venv + "/bin/python", "-m", "pip", "install", "-q",
            "--no-compile", "--no-index", "--find-links", WHEELS]
    return [("python3 -m venv --without-pip", ["python3", "-m", "venv", "--without-pip", venv]),
            ("pip install, ten wheels", call + PACKAGES)]


def check():
    """What each of the two checks runs, in the venv that `irreducible` made; the first import compiles."""
    return [SCRATCH + "/bin/python", "-c", "import idna"]


def stubs(place):
    """The names of the packages that the archive of the tree holds."""
    return sorted(name.split("_")[0] for name in os.listdir(place.path(ARCHIVE)) if name.endswith(".deb"))


def forget_python(place, caches=True):
    """Brings the Python part back to nothing; with `caches` what tools have kept for the next time too."""
    paths = [HOME + "/ml", HOME + "/.local", HOME + "/.config", HOME + "/.ml_env", COLD["XDG_CACHE_HOME"]]
    paths += [HOME + "/.cache", "/var/cache/mlenvctl", "/root/.cache"] if caches else []
    for path in paths:
        shutil.rmtree(place.path(path), ignore_errors=True)
    for name in (".bashrc", ".profile"):
        place.write(HOME + "/" + name, "# a line that was here before\n" * 20)
    if os.path.exists(place.path(HOME + "/.ml_env")):
        os.remove(place.path(HOME + "/.ml_env"))


def is_done(place):
    """Whether the Python part is there, whoever has made it."""
    for venv in VENVS:
        site = place.path("{}/ml/{}/lib/python3.11/site-packages".format(HOME, venv))
        names = os.listdir(site) if os.path.isdir(site) else []
        for package in PACKAGES:
            if package.replace("==", "-") + ".dist-info" not in names:
                return False
        if not place.exists(kernel_path(venv)):
            return False
    return True
