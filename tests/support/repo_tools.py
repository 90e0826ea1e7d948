"""Signed flat apt repositories and the packages in them, made with Debian's own tools."""

import gzip
import hashlib
import os
import shutil
import subprocess
import tempfile
from email.utils import formatdate


def _run(argv, **options):
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options).stdout


class SigningKey:
    """A throw-away OpenPGP key in a folder of its own."""

    def __init__(self, name):
        # gpg-agent's socket has a short limit on its path, hence not below the caller's folder.
        self.home = tempfile.mkdtemp(prefix="labkey-")
        os.chmod(self.home, 0o700)
        self._gpg("--passphrase", "", "--quick-generate-key", name, "rsa3072", "sign", "never")
        lines = self._gpg("--with-colons", "--list-keys").decode().splitlines()
        self.fingerprint = next(line.split(":")[9] for line in lines if line.startswith("fpr:"))
        self.armored = self._gpg("--armor", "--export")
        self.binary = self._gpg("--export")

    def _gpg(self, *arguments):
        return _run(["gpg", "--homedir", self.home, "--batch", "--yes", "--quiet", "--pinentry-mode", "loopback",
                     *arguments])

    def clear_sign(self, source, target):
        self._gpg("--digest-algo", "SHA512", "--output", target, "--clear-sign", source)

    def detach_sign(self, source, target):
        self._gpg("--digest-algo", "SHA512", "--armor", "--output", target, "--detach-sign", source)

    def close(self):
        """Ends the agent that gpg started and forgets the key."""
        subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "all"], stderr=subprocess.DEVNULL)
        shutil.rmtree(self.home, ignore_errors=True)


def build_deb(folder, package, version, depends="", files=None, architecture="amd64", fields=None, scripts=None):
    """Writes PACKAGE_VERSION_ARCH.deb into `folder`. `files` maps a path in the package to (text, mode)."""
    with tempfile.TemporaryDirectory(prefix="labdeb-") as tree:
        os.chmod(tree, 0o755)
        control = {"Package": package, "Version": version, "Architecture": architecture, "Section": "devel",
                   "Priority": "optional", "Maintainer": "lab <lab@example.invalid>"}
        if depends:
            control["Depends"] = depends
        control.update(fields or {})
        control["Description"] = "stand-in of {} for tests".format(package)
        content = {"usr/share/doc/{}/README".format(package): ("A stand-in: {} {}\n".format(package, version), 0o644)}
        content.update(files or {})
        content["DEBIAN/control"] = ("".join("{}: {}\n".format(*item) for item in control.items()), 0o644)
        for name, text in (scripts or {}).items():
            content["DEBIAN/" + name] = (text, 0o755)
        for path, (text, mode) in content.items():
            target = os.path.join(tree, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "w", encoding="utf-8") as out:
                out.write(text)
            os.chmod(target, mode)
        name = "{}_{}_{}.deb".format(package, version.split(":")[-1], architecture)
        target = os.path.join(folder, name)
        _run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", tree, target])
        return target


def write_index(folder, key, **release):
    """Writes Packages, Packages.gz, Release, Release.gpg and InRelease for the .debs that lie in `folder`."""
    packages = _run(["apt-ftparchive", "packages", "."], cwd=folder)
    _write(os.path.join(folder, "Packages"), packages)
    _write(os.path.join(folder, "Packages.gz"), gzip.compress(packages, mtime=0))
    lines = ["{}: {}".format(name, value) for name, value in release.items()]
    lines += ["Architectures: amd64", "Date: " + formatdate(usegmt=True).replace("GMT", "UTC")]
    for title, algorithm in (("MD5Sum", "md5"), ("SHA256", "sha256")):
        lines.append(title + ":")
        for name in ("Packages", "Packages.gz"):
            with open(os.path.join(folder, name), "rb") as part:
                data = part.read()
            lines.append(" {} {} {}".format(hashlib.new(algorithm, data).hexdigest(), len(data), name))
    path = os.path.join(folder, "Release")
    _write(path, ("\n".join(lines) + "\n").encode())
    key.clear_sign(path, os.path.join(folder, "InRelease"))
    key.detach_sign(path, os.path.join(folder, "Release.gpg"))


def _write(path, data):
    with open(path, "wb") as out:
        out.write(data)
