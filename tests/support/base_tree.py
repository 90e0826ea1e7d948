"""The cached Debian trees that labs are laid over.

`fresh` is a minimal Debian with ca-certificates and python3. `ready` has in addition what a workstation has after
its first day: sudo, pip, venv, zsh, fish. Both carry a small signed archive of Debian's own packages as their only
apt source, so that apt in a lab is real, quick and needs no network. `remote` is a `ready` one that is reached by ssh,
`systemd` a `fresh` one that booted.py can boot."""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys

import namespace
import repo_tools

SUITE = "bookworm"
ARCHITECTURE = "amd64"
BASE_PACKAGES = ["ca-certificates", "python3"]
READY_PACKAGES = ["sudo", "python3-venv", "python3-pip", "gpg", "zsh", "fish"]
# What trees have that their own archive has not, from Debian's.
FURTHER_PACKAGES = {"remote": ["openssh-server", "libcurl4", "systemd"],
                    "systemd": ["systemd-sysv", "dbus", "libpam-systemd", "dbus-user-session"]}
ARCHIVE_PACKAGES = READY_PACKAGES + ["curl", "hello", "jq", "tree"]
ARCHIVE = "/srv/debian"
# Raise it when the making changes in a way that the lists above do not show.
EDITION = 1

APT = ["apt-get", "-y", "-qq", "-o", "Dpkg::Use-Pty=0", "--no-install-recommends"]
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root",
               "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}


def cache_folder():
    """Where trees and downloads are kept between runs."""
    named = os.environ.get("MLENVCTL_LAB_CACHE")
    if named:
        return os.path.abspath(named)
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(home, "mlenvctl-lab")


@contextlib.contextmanager
def cache_lock(name):
    """One process at a time makes a thing in the cache; the others wait for it."""
    os.makedirs(cache_folder(), exist_ok=True)
    with open(os.path.join(cache_folder(), name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def machine_mirror(distribution="debian"):
    """The archive that this machine's own apt uses for the distribution, or None for debootstrap's default."""
    text = ""
    folder = "/etc/apt/sources.list.d"
    names = [os.path.join(folder, name) for name in sorted(os.listdir(folder))] if os.path.isdir(folder) else []
    for path in ["/etc/apt/sources.list"] + names:
        if path.endswith((".list", ".sources")) and os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as source:
                text += "".join(line for line in source if not line.lstrip().startswith("#"))
    found = re.search(r"(https?://[^\s\]]+/{})/?(?=\s)".format(distribution), text)
    return found.group(1) if found else None


def ensure(kind):
    """The path of the tree of that kind; made now when the cache has none."""
    namespace.enter_private_mounts()
    with cache_lock("trees"):
        return _ensure(kind)


def _ensure(kind):
    spec = repr([EDITION, SUITE, ARCHITECTURE, BASE_PACKAGES, READY_PACKAGES, ARCHIVE_PACKAGES])
    spec += repr(FURTHER_PACKAGES[kind]) if kind in FURTHER_PACKAGES else ""
    digest = hashlib.sha256(spec.encode()).hexdigest()[:12]
    tree = os.path.join(cache_folder(), "{}-{}-{}".format(SUITE, kind, digest))
    if not os.path.isdir(tree):
        below = {"ready": "fresh", "systemd": "fresh", "remote": "ready"}.get(kind)
        _make(kind, tree, below and _ensure(below))
    return tree


def _make(kind, tree, base):
    print("lab: making the cached tree `{}` (once; some minutes) ...".format(kind), file=sys.stderr, flush=True)
    partial = tree + ".partial"
    shutil.rmtree(partial, ignore_errors=True)
    if base is None:
        _debootstrap(partial)
        _fill_archive(partial)
    else:
        _checked(["cp", "-a", "--reflink=auto", base, partial])
        if kind in FURTHER_PACKAGES:
            _add_from_debian(partial, FURTHER_PACKAGES[kind])
        else:
            _in_tree(partial, APT + ["install"] + READY_PACKAGES)
    os.rename(partial, tree)  # only a whole tree ever has the final name


def _debootstrap(tree):
    if not shutil.which("debootstrap"):
        raise namespace.Unavailable("debootstrap is not installed")
    mirror = machine_mirror()
    _checked(["debootstrap", "--arch=" + ARCHITECTURE, "--variant=minbase", "--include=" + ",".join(BASE_PACKAGES),
              SUITE, tree] + ([mirror] if mirror else []))


def _fill_archive(tree):
    copy_network_settings(tree)
    _in_tree(tree, ["apt-get", "-qq", "update"])
    _in_tree(tree, APT + ["install", "--download-only"] + ARCHIVE_PACKAGES)
    archive = tree + ARCHIVE
    os.makedirs(archive)
    downloads = tree + "/var/cache/apt/archives"
    for name in sorted(os.listdir(downloads)):
        if name.endswith(".deb"):
            shutil.move(os.path.join(downloads, name), archive)
    key = repo_tools.SigningKey("Debian archive of the lab")
    try:
        repo_tools.write_index(archive, key, Origin="Debian", Label="Debian", Suite="stable", Codename=SUITE)
    finally:
        key.close()
    keyring = "/usr/share/keyrings/lab-debian.gpg"
    with open(tree + keyring, "wb") as out:
        out.write(key.binary)
    with open(tree + "/etc/apt/sources.list", "w") as out:
        out.write("deb [signed-by={}] file:{} ./\n".format(keyring, ARCHIVE))
    shutil.rmtree(tree + "/var/lib/apt/lists")
    _in_tree(tree, ["apt-get", "-qq", "update"])


def _add_from_debian(tree, packages):
    """Installs what the tree's own archive has not; its apt and its lists stay as they are, and no service starts."""
    copy_network_settings(tree)
    source, policy = tree + "/tmp/debian.list", tree + "/usr/sbin/policy-rc.d"
    with open(source, "w") as out:
        out.write("deb {} {} main\n".format(machine_mirror() or "http://deb.debian.org/debian", SUITE))
    with open(policy, "w") as out:
        out.write("#!/bin/sh\nexit 101\n")
    os.chmod(policy, 0o755)
    os.makedirs(tree + "/tmp/lists/partial")
    apart = ["-o", "Dir::Etc::SourceList=/tmp/debian.list", "-o", "Dir::State::Lists=/tmp/lists"]
    _in_tree(tree, ["apt-get", "-qq"] + apart + ["update"])
    _in_tree(tree, APT + apart + ["install"] + packages)
    _in_tree(tree, ["apt-get", "clean"])
    shutil.rmtree(tree + "/tmp/lists")
    os.remove(source)
    os.remove(policy)


def copy_network_settings(tree):
    """This machine's resolver and certificates, so that programs in the tree reach what programs here reach."""
    for path in ("/etc/resolv.conf", "/etc/ssl/certs/ca-certificates.crt"):
        if os.path.exists(path) and os.path.isdir(os.path.dirname(tree + path)):
            if os.path.lexists(tree + path):
                os.remove(tree + path)
            shutil.copyfile(path, tree + path)


def _in_tree(tree, argv):
    namespace.mount_kernel(tree)
    try:
        proxies = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
        _checked(["chroot", tree] + argv, env={**ENVIRONMENT, **proxies})
    finally:
        for name in ("sys", "dev", "proc"):
            namespace.unmount(os.path.join(tree, name))


def _checked(argv, env=None):
    done = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace")
    if done.returncode != 0:
        raise namespace.Unavailable("`{}` ended with {}:\n{}".format(" ".join(argv), done.returncode,
                                                                    done.stdout[-3000:]))
