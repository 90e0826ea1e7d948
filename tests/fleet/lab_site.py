"""What a lab has beside its machines: an apt repository, a package index, and a recipe that uses both."""

import os
import shutil
import tempfile

import fleet

import repo_tools  # noqa: E402  found by fleet
import web_server  # noqa: E402
import wheel_index  # noqa: E402

RECIPE = """
recipe: lab
version: 1
include: [base/place.yaml]
vars:
  mirror: ""
  index: ""
  remark: ""
resources:
  - env_var: LAB_PLACE
    value: ${place}
  - file: ${place}/motd
    source: files/motd
  - file: ${place}/remark
    content: ${remark}
  - apt_repo: lab
    uris: ${mirror}
    suites: ./
    key: {path: keys/lab.asc, fingerprint: FINGERPRINT}
  - apt_package: lab-tools
  - venv: torch
    path: ${place}/torch
  - pip_package: numpy
    venv: torch
    index_url: ${index}
  - check: the machine is sound
    run: [test, "!", -e, /etc/unsound]
"""
PLACE = """
vars:
  place: ~/lab
resources:
  - directory: ${place}
"""
# While this is on a machine, the package's own script does not come to its end there.
GATE = "/etc/gate-is-shut"
AT_GATE = "/var/tmp/at-the-gate"
POSTINST = "#!/bin/sh\nset -e\nif [ -e {0} ]; then touch {1}; while [ -e {0} ]; do sleep 0.1; done; fi\n".format(
    GATE, AT_GATE)


class Site:
    """`write(fleet)` puts the recipe on the controller; `variables` are what it is to be read with."""

    def __init__(self):
        self._folder = tempfile.mkdtemp(prefix="labsite-")
        os.chmod(self._folder, 0o755)
        self._key = repo_tools.SigningKey("Packages of the lab")
        repo_tools.build_deb(self._folder, "lab-tools", "1.0", scripts={"postinst": POSTINST})
        repo_tools.write_index(self._folder, self._key, Origin="lab", Label="lab", Suite="stable", Codename="lab")
        self._mirror = web_server.WebServer(self._folder, fleet.CONTROLLER)
        self._index = wheel_index.WheelIndex(fleet.CONTROLLER)
        self.variables = {"mirror": self._mirror.url, "index": self._index.index_url}

    def write(self, controller):
        """The recipe's path on the controller."""
        controller.write("recipes/base/place.yaml", PLACE)
        controller.write("recipes/files/motd", "Welcome to the lab.\n")
        controller.write("recipes/keys/lab.asc", self._key.armored.decode())
        return controller.write("recipes/lab.yaml", RECIPE.replace("FINGERPRINT", self._key.fingerprint))

    def close(self):
        self._mirror.close()
        self._index.close()
        self._key.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def missing(machine):
    """What of the recipe is missing on a machine, by looking at its files; empty when it is as declared."""
    tree = machine.tree
    status = tree.read("/var/lib/dpkg/status")
    wanted = {
        "the folder": tree.exists("~/lab"),
        "the file": tree.exists("~/lab/motd") and tree.read("~/lab/motd") == "Welcome to the lab.\n",
        "the variable": "LAB_PLACE" in tree.read("~/.bashrc"),
        "the package": "Package: lab-tools\nStatus: install ok installed\n" in status,
        "the venv": tree.exists("~/lab/torch/bin/python"),
        "the Python package": tree.exists("~/lab/torch/lib/python3.11/site-packages/numpy"),
    }
    return [what for what, there in wanted.items() if not there]
