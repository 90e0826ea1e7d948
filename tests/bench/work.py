"""The work W: the guide's workstation as a recipe and a system tree that is as the recipe declares. 25 apt packages, one
repository with key and pin, two venvs with ten pip packages each, three environment variables, two kernels, one
directory, two checks. `python3 work.py FOLDER` lays FOLDER/work.yaml and FOLDER/tree."""

import hashlib
import os
import random
import re
import struct
import sys

USER = "student"
HOME = "/home/" + USER
PYTHON = "3.11"
APT = """apt-transport-https build-essential ca-certificates cmake curl ffmpeg g++ gfortran git gnupg graphviz htop
 libhdf5-dev libjpeg-dev libopenblas-dev pkg-config python3 python3-dev python3-pip python3-venv rsync tmux unzip vim
 wget""".split()
VENVS = {
    "torch": """numpy==1.26.4 scipy==1.11.4 pandas==2.1.4 matplotlib==3.8.2 scikit-learn==1.3.2 ipykernel==6.28.0
 jupyter==1.0.0 torch==2.1.2 torchvision==0.16.2 torchaudio==2.1.2""".split(),
    "tensorflow": """numpy==1.26.4 pandas==2.1.4 matplotlib==3.8.2 seaborn==0.13.0 ipykernel==6.28.0 jupyter==1.0.0
 tensorflow==2.15.0 keras==2.15.0 h5py==3.10.0 pillow==10.2.0""".split(),
}
REPOSITORY = "example-ml"
CONVERGED = "No changes. The host is as declared."
PIN = "Package: *\nPin: release o=Example ML\nPin-Priority: 600\n"
MODULES = 12  # files of a package that are Python's, as many as a small wheel has


def _put(root, path, content, mode=0o644):
    full = root + path
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "wb") as out:
        out.write(content if isinstance(content, bytes) else content.encode())
    os.chmod(full, mode)


def _link(root, path, target):
    os.makedirs(os.path.dirname(root + path), exist_ok=True)
    os.symlink(target, root + path)


def make_key():
    """An OpenPGP public key that nobody has the other half of, and its fingerprint."""
    chance = random.Random(20)
    modulus = chance.getrandbits(2048) | (1 << 2047) | 1
    number = lambda value: struct.pack(">H", value.bit_length()) + value.to_bytes((value.bit_length() + 7) // 8, "big")
    body = b"\x04" + struct.pack(">I", 1600000000) + b"\x01" + number(modulus) + number(65537)
    owner = b"Example ML <ml@example.org>"
    packets = b"\x99" + struct.pack(">H", len(body)) + body + b"\xb4" + bytes([len(owner)]) + owner
    fingerprint = hashlib.sha1(b"\x99" + struct.pack(">H", len(body)) + body).hexdigest().upper()
    return packets, fingerprint


def _stanza(chance, name, version):
    words = "library tool development runtime shared common data module support files for the of with and an".split()
    sentence = lambda count: " ".join(chance.choice(words) for _ in range(count))
    needs = ", ".join("lib{}{} (>= {}.{})".format(sentence(1), chance.randrange(900), chance.randrange(9),
                                                  chance.randrange(99)) for _ in range(chance.randrange(1, 9)))
    lines = ["Package: " + name, "Status: install ok installed", "Priority: optional", "Section: libs",
             "Installed-Size: {}".format(chance.randrange(20, 90000)),
             "Maintainer: Example Maintainers <maintainers@lists.example.org>",
             "Architecture: " + chance.choice(["amd64", "amd64", "all"]), "Version: " + version, "Depends: " + needs]
    if chance.random() < 0.2:
        lines.append("Provides: {0}-abi, {0}-virtual (= {1})".format(name, version))
    lines.append("Description: " + sentence(6))
    lines += [" " + sentence(11) for _ in range(chance.randrange(2, 9))]
    lines.append("Homepage: https://example.org/" + name)
    return "\n".join(lines) + "\n\n"


def dpkg_status(packages, extra=()):
    """dpkg's status of a workstation with that many packages, those of W among them."""
    chance = random.Random(5)
    named = sorted(set(APT) | {"apt", "dpkg", "libc6", "python" + PYTHON} | set(extra))
    names = named + ["lib{}-{}{}".format(chance.choice(["x", "qt", "gtk", "boost", "perl", "kf5"]), "abcdefghij"[i % 10], i)
                     for i in range(max(0, packages - len(named)))]
    version = lambda name: "2.6.1" if name == "apt" else PYTHON + ".2-6" if name.startswith("python") else "1.{}.{}-{}".format(
        chance.randrange(20), chance.randrange(20), chance.randrange(1, 5))
    return "".join(_stanza(chance, name, version(name)) for name in sorted(names))


def fill_up(status, packages):
    """A real dpkg status with made-up packages behind it, so that it has as many as a workstation's."""
    there = set(re.findall("^Package: (.*)$", status, re.M))
    more = [stanza for stanza in dpkg_status(packages).split("\n\n") if stanza.startswith("Package: lib")
            and stanza.split("\n", 1)[0][9:] not in there | set(APT)]
    return status.rstrip("\n") + "\n\n" + "\n\n".join(more[:max(0, packages - len(there))]) + "\n\n"


def lay_distribution(root, site, name, version, requires=(), modules=MODULES):
    """A package as pip leaves it: modules, METADATA and RECORD."""
    package = name.replace("-", "_")
    record = []
    for number in range(modules):
        path = "{}/module{}.py".format(package, number) if number else package + "/__init__.py"
        text = "# {} {}\nvalue = {}\n".format(name, path, number)
        _put(root, site + "/" + path, text)
        record.append("{},sha256={},{}".format(path, hashlib.sha256(text.encode()).hexdigest()[:43], len(text)))
        record.append("{}/__pycache__/module{}.cpython-311.pyc,,".format(package, number))
    info = "{}/{}-{}.dist-info".format(site, package, version)
    needs = "".join("Requires-Dist: {}\n".format(each) for each in requires)
    _put(root, info + "/METADATA", "Metadata-Version: 2.1\nName: {}\nVersion: {}\nSummary: stands in for {}\nLicense: MIT\n"
         "Requires-Python: >=3.8\n{}\n{}".format(name, version, name, needs, "A description of some length.\n" * 60))
    for file in ("METADATA", "RECORD", "WHEEL", "INSTALLER", "top_level.txt"):
        record.append("{}/{},,".format(os.path.basename(info), file))
    _put(root, info + "/RECORD", "\n".join(record) + "\n")
    _put(root, info + "/WHEEL", "Wheel-Version: 1.0\nGenerator: bdist_wheel (0.42.0)\nRoot-Is-Purelib: true\n")
    _put(root, info + "/INSTALLER", "pip\n")
    _put(root, info + "/top_level.txt", package + "\n")


def lay_venv(root, prefix, packages, others=30):
    """A venv with packages and as many others as they bring along."""
    _put(root, prefix + "/pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\nversion = {0}.2\n"
         "executable = /usr/bin/python{0}\ncommand = /usr/bin/python3 -m venv {1}\n".format(PYTHON, prefix))
    _link(root, prefix + "/bin/python3", "/usr/bin/python3")
    _link(root, prefix + "/bin/python", "python3")
    _link(root, prefix + "/lib64", "lib")
    site = "{}/lib/python{}/site-packages".format(prefix, PYTHON)
    lay_distribution(root, site, "pip", "23.0.1", modules=3)
    lay_distribution(root, site, "setuptools", "66.1.1", modules=3)
    for number in range(others):
        lay_distribution(root, site, "dependency{}".format(number), "1.{}".format(number), modules=2)
    for number, package in enumerate(packages):
        name, version = package.split("==")
        requires = ["dependency{}>=1.0".format((number + i) % others) for i in range(4)] if others else []
        lay_distribution(root, site, name, version, requires + ['sphinx>=5 ; extra == "docs"'])


def _block(entries):
    text = "# >>> mlenvctl env >>>\n# Made by mlenvctl; what is changed between these lines is overwritten.\n"
    for name, line in entries:
        text += "#: {} 1\n{}\n".format(name, line)
    return text + "# <<< mlenvctl env <<<\n"


def _lay_variables(root):
    local = HOME + "/.local/bin"
    values = [("ML_PATH", HOME + "/ml"), ("CUDA_DEVICE_ORDER", "PCI_BUS_ID")]
    posix = [(name, "export {}='{}'".format(name, value)) for name, value in values]
    posix.append(("PATH", "case \":${{PATH-}}:\" in *:'{0}':*) ;; *) export PATH=\"${{PATH:+$PATH:}}\"'{0}' ;; esac".format(local)))
    session = [(name, '{}="{}"'.format(name, value)) for name, value in values]
    session.append(("PATH", 'PATH="${{PATH:+$PATH:}}{}"'.format(local)))
    for name, lines in ((".bashrc", 110), (".profile", 25)):
        _put(root, HOME + "/" + name, "# a line that was here before\n" * lines + _block(posix))
    _put(root, HOME + "/.config/environment.d/60-mlenvctl.conf", _block(session))


def _lay_repository(root, key):
    _put(root, "/etc/apt/keyrings/{}.gpg".format(REPOSITORY), key)
    _put(root, "/etc/apt/sources.list.d/{}.sources".format(REPOSITORY),
         "# made by mlenvctl (apt_repo.{0})\nTypes: deb\nURIs: https://packages.example.org/ml\nSuites: stable\n"
         "Components: main\nSigned-By: /etc/apt/keyrings/{0}.gpg\n".format(REPOSITORY))
    _put(root, "/etc/apt/preferences.d/" + REPOSITORY, "# made by mlenvctl (apt_repo.{})\n".format(REPOSITORY) + PIN)
    _put(root, "/etc/apt/sources.list.d/debian.sources",
         "Types: deb\nURIs: http://deb.debian.org/debian\nSuites: bookworm bookworm-updates\n"
         "Components: main contrib non-free-firmware\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n")
    _put(root, "/etc/apt/sources.list", "")
    _put(root, "/var/lib/apt/lists/deb.debian.org_debian_dists_bookworm_InRelease", "Origin: Debian\n")


def lay_host(root, packages=1500, extra=()):
    """What every Debian has: accounts, release, dpkg's database, a Python, a card on the bus."""
    _put(root, "/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n{0}:x:1000:1000::{1}:/bin/bash\n".format(USER, HOME))
    _put(root, "/etc/group", "root:x:0:\n{}:x:1000:\n".format(USER))
    _put(root, "/etc/hostname", "workstation\n")
    _put(root, "/etc/machine-id", "0123456789abcdef0123456789abcdef\n")
    _put(root, "/etc/os-release", 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\n'
         'VERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n')
    _put(root, "/etc/bash.bashrc", "# the system's\n")
    _put(root, "/var/lib/dpkg/status", dpkg_status(packages, extra))
    _put(root, "/var/lib/dpkg/arch", "amd64\n")
    os.makedirs(root + "/var/lib/dpkg/updates", exist_ok=True)
    _put(root, "/usr/bin/python" + PYTHON, "\x7fELF stands in for Python", 0o755)
    _link(root, "/usr/bin/python3", "python" + PYTHON)
    os.makedirs("{}/usr/lib/python{}/ensurepip".format(root, PYTHON), exist_ok=True)
    os.makedirs(root + "/usr/lib/x86_64-linux-gnu", exist_ok=True)
    os.makedirs(root + "/usr/local/lib", exist_ok=True)
    _put(root, "/boot/vmlinuz-6.1.0-18-amd64", "a kernel")
    _put(root, "/proc/version", "Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org)\n")
    _put(root, "/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n")
    _put(root, "/proc/cmdline", "BOOT_IMAGE=/boot/vmlinuz-6.1.0-18-amd64 root=/dev/sda1 ro quiet\n")
    _put(root, "/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu vme de pse tsc msr pae\n" * 8)
    _put(root, "/etc/modprobe.d/blacklist.conf", "# nothing\n")
    for name, text in (("vendor", "0x10de"), ("device", "0x2484"), ("class", "0x030000")):
        _put(root, "/sys/bus/pci/devices/0000:01:00.0/" + name, text + "\n")
    os.makedirs(root + "/sys/module", exist_ok=True)
    os.makedirs(root + HOME, exist_ok=True)


def _recipe(fingerprint):
    lines = ["recipe: workstation", "version: 1", "description: the work that benchmarks measure", "resources:",
             "  - env_var: ML_PATH", "    value: ~/ml", "  - env_var: CUDA_DEVICE_ORDER", "    value: PCI_BUS_ID",
             "  - env_var: PATH", "    append: ~/.local/bin", "  - directory: ~/ml", "  - apt_repo: " + REPOSITORY,
             "    uris: https://packages.example.org/ml", "    suites: stable", "    components: main",
             "    key:", "      path: {}.gpg".format(REPOSITORY), "      fingerprint: " + fingerprint, "    pin:",
             '      - package: "*"', "        pin: release o=Example ML", "        priority: 600",
             "  - apt_package: [" + ", ".join(APT) + "]"]
    for name, packages in VENVS.items():
        lines += ["  - venv: " + name, "    path: ~/ml/" + name,
                  "  - pip_package: [" + ", ".join(packages) + "]", "    venv: " + name,
                  "  - jupyter_kernel: " + name, "    venv: " + name, "    display_name: The venv " + name,
                  "  - check: {} can be imported".format(name), "    venv: " + name,
                  "    python: import " + name]
    return "\n".join(lines) + "\n"


def lay_work(folder, packages=1500):
    """Lays W; returns the paths of its recipe and of its tree."""
    root, recipe = folder + "/tree", folder + "/work.yaml"
    key, fingerprint = make_key()
    lay_host(root, packages)
    os.makedirs(root + HOME + "/ml")
    _lay_repository(root, key)
    _lay_variables(root)
    for name, packages_of in VENVS.items():
        lay_venv(root, HOME + "/ml/" + name, packages_of)
        _put(root, "{}/.local/share/jupyter/kernels/{}/kernel.json".format(HOME, name),
             '{{\n "argv": [\n  "{0}/ml/{1}/bin/python",\n  "-m",\n  "ipykernel_launcher",\n  "-f",\n  "{{connection_file}}"\n ],\n'
             ' "display_name": "The venv {1}",\n "language": "python",\n "metadata": {{\n  "debugger": true\n }}\n}}\n'.format(HOME, name))
    _put(folder, "/{}.gpg".format(REPOSITORY), key)
    _put(folder, "/work.yaml", _recipe(fingerprint))
    return recipe, root


def plan_command(mlenvctl, recipe, root):
    return [mlenvctl, "plan", recipe, "--root", root, "--user", USER]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: work.py FOLDER")
    print("\n".join(lay_work(os.path.abspath(sys.argv[1]))))
