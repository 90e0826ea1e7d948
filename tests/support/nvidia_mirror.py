"""A local apt repository laid out and signed like NVIDIA's, with stand-ins of the real names and versions.

`cuda` 11.2 and cuDNN for CUDA 11.1 and 11.2 are there so that a wrong choice shows."""

import os
import shutil
import tempfile

import repo_tools
import web_server

DIRECTORIES = ("ubuntu2004", "debian12")
KEY_FILE = "3bf863cc.pub"
WRONG_KEY_FILE = "7fa2af80.pub"
PIN = """Package: nsight-compute
Pin: origin *ubuntu.com*
Pin-Priority: -1

Package: nsight-systems
Pin: origin *ubuntu.com*
Pin-Priority: -1

Package: *
Pin: release l=NVIDIA CUDA
Pin-Priority: 600
"""

# (package, version, depends)
PACKAGES = [
    ("cuda", "11.2.2-1", "cuda-11-2 (>= 11.2.2), cuda-drivers"),
    ("cuda-11-0", "11.0.3-1", "cuda-toolkit-11-0 (>= 11.0.3), cuda-drivers (>= 450.51.06)"),
    ("cuda-11-2", "11.2.2-1", "cuda-toolkit-11-2 (>= 11.2.2), cuda-drivers (>= 460.32.03)"),
    ("cuda-toolkit-11-0", "11.0.3-1", ""),
    ("cuda-toolkit-11-2", "11.2.2-1", ""),
    ("cuda-drivers", "450.51.06-1", "nvidia-driver-450 (>= 450.51.06)"),
    ("cuda-drivers", "460.32.03-1", "nvidia-driver-460 (>= 460.32.03)"),
    ("cuda-drivers-460", "460.32.03-1", "nvidia-driver-460 (>= 460.32.03)"),
    ("nvidia-driver-450", "450.51.06-0ubuntu1", ""),
    ("nvidia-driver-460", "460.32.03-0ubuntu1", ""),
    ("libcudnn8", "8.0.5.39-1+cuda11.0", ""),
    ("libcudnn8", "8.0.5.39-1+cuda11.1", ""),
    ("libcudnn8", "8.1.0.77-1+cuda11.2", ""),
    ("libcudnn8-dev", "8.0.5.39-1+cuda11.0", "libcudnn8 (= 8.0.5.39-1+cuda11.0)"),
    ("libcudnn8-dev", "8.0.5.39-1+cuda11.1", "libcudnn8 (= 8.0.5.39-1+cuda11.1)"),
    ("libcudnn8-dev", "8.1.0.77-1+cuda11.2", "libcudnn8 (= 8.1.0.77-1+cuda11.2)"),
    ("nsight-compute", "2020.3.1.4-1", ""),
]


def _toolkit_files(package, version):
    release = package.rsplit("toolkit-", 1)[-1].replace("-", ".")
    prefix = "usr/local/cuda-{}/".format(release)
    compiler = "#!/bin/sh\necho 'Cuda compilation tools, release {}, V{}'\n".format(release, version.split("-")[0])
    return {prefix + "version.txt": ("CUDA Version {}\n".format(version.split("-")[0]), 0o644),
            prefix + "bin/nvcc": (compiler, 0o755)}


class NvidiaMirror(web_server.WebServer):
    """`url` takes the place of https://developer.download.nvidia.com/compute/cuda/repos while it is open."""

    def __init__(self):
        self.key = repo_tools.SigningKey("cudatools stand-in")
        self.wrong_key = repo_tools.SigningKey("somebody else")
        self._folder = tempfile.mkdtemp(prefix="labmirror-")
        os.chmod(self._folder, 0o755)  # apt fetches as _apt, also by file:
        first = os.path.join(self._folder, DIRECTORIES[0], "x86_64")
        os.makedirs(first)
        for package, version, depends in PACKAGES:
            files = _toolkit_files(package, version) if package.startswith("cuda-toolkit") else None
            repo_tools.build_deb(first, package, version, depends, files)
        for directory in DIRECTORIES:
            self._publish(directory, first)
        super().__init__(self._folder)

    @property
    def fingerprint(self):
        return self.key.fingerprint

    @property
    def wrong_fingerprint(self):
        return self.wrong_key.fingerprint

    def _publish(self, directory, origin):
        folder = os.path.join(self._folder, directory, "x86_64")
        if folder != origin:
            shutil.copytree(origin, folder, copy_function=os.link)
            for name in os.listdir(folder):  # links would share what is written next
                if not name.endswith(".deb"):
                    os.remove(os.path.join(folder, name))
        repo_tools.write_index(folder, self.key, Origin="NVIDIA", Label="NVIDIA CUDA")
        for name, text in (("cuda-{}.pin".format(directory), PIN.encode()), (KEY_FILE, self.key.armored),
                           (WRONG_KEY_FILE, self.wrong_key.armored)):
            with open(os.path.join(folder, name), "wb") as out:
                out.write(text)

    def add(self, package, version, depends="", **options):
        """Publishes one more package in every directory."""
        for directory in DIRECTORIES:
            folder = os.path.join(self._folder, directory, "x86_64")
            repo_tools.build_deb(folder, package, version, depends, **options)
            repo_tools.write_index(folder, self.key, Origin="NVIDIA", Label="NVIDIA CUDA")

    def serve_wrong_key(self):
        """The key file holds somebody else's key from now on."""
        self.faults[KEY_FILE] = lambda _: self.wrong_key.armored

    def serve_wrong_size(self):
        """The index is not the one that Release announces: a mirror in the middle of its sync."""
        for name in ("/Packages", "/Packages.gz"):
            self.faults[name] = lambda data: data + b"\n"

    def serve_nothing(self):
        """Everything is 404."""
        self.faults[""] = 404

    def heal(self):
        self.faults.clear()
        if not self._server:
            self.up()

    def close(self):
        super().close()
        self.key.close()
        self.wrong_key.close()
        shutil.rmtree(self._folder, ignore_errors=True)
