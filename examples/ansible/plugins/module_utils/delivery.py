"""What has come from the controller with a task: the recipe's files, and the binary where it was asked for."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import hashlib
import os
import tarfile
import tempfile


def file_sha256(path):
    """The digest of a file, or None where there is none."""
    if not os.path.isfile(path):
        return None
    digest = hashlib.sha256()
    with open(path, "rb") as source:
        for piece in iter(lambda: source.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()


class Delivery:
    """What came from the controller: the recipe's files, and the binary where it was asked for."""

    def __init__(self, module, folder):
        self.module, self.given, self.folder = module, module.params["delivery"], folder
        self.changed = False

    def executable(self):
        """The mlenvctl to run; put in place now where it is missing or another one."""
        place, wanted = self.module.params["executable"], self.given.get("sha256")
        found = file_sha256(place)
        if found and wanted in (None, found):
            return place
        if wanted is None:
            self.module.fail_json(msg="there is no `{}` on this host; `binary` names one to deliver".format(place))
        sent = self.given.get("binary")
        if sent is None:
            self.module.exit_json(changed=False, mlenvctl_wanted=True)
        return self._place(sent, place, wanted)

    def _place(self, sent, place, wanted):
        if file_sha256(sent) != wanted:
            self.module.fail_json(msg="the mlenvctl that has arrived is not the one that was sent")
        os.chmod(sent, 0o755)
        code, out, err = self.module.run_command([sent, "--version"])
        if code != 0:
            self.module.fail_json(msg="the mlenvctl that was sent does not run on this host: " + (err or out).strip())
        self.changed = True
        if self.module.check_mode:
            return sent
        os.makedirs(os.path.dirname(place), exist_ok=True)
        self.module.atomic_move(sent, place)
        os.chmod(place, 0o755)
        return place

    def recipe_folder(self):
        """Where the recipe's files are now: `dest`, or a folder that goes with the task."""
        kept = self.module.params["dest"]
        with tarfile.open(self.given["bundle"]) as bundle:
            files = {each.name: bundle.extractfile(each).read() for each in bundle if each.isfile()}
        for name in files:
            if name.startswith("/") or ".." in name.split("/"):
                self.module.fail_json(msg="`{}` is no name of a recipe's file".format(name))
        if kept and not self.module.check_mode:
            self._write(files, kept)
            return kept
        if kept:
            self.changed = self.changed or any(self._differs(kept, name, data) for name, data in files.items())
        for name, data in files.items():
            self._replace(os.path.join(self.folder, "recipe", name), data)
        return os.path.join(self.folder, "recipe")

    def _write(self, files, folder):
        for name, data in sorted(files.items()):
            if self._differs(folder, name, data):
                self._replace(os.path.join(folder, name), data)
                self.changed = True

    @staticmethod
    def _differs(folder, name, data):
        return file_sha256(os.path.join(folder, name)) != hashlib.sha256(data).hexdigest()

    def _replace(self, path, data):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        descriptor, partial = tempfile.mkstemp(dir=self.folder)
        with os.fdopen(descriptor, "wb") as out:
            out.write(data)
        self.module.atomic_move(partial, path)
        os.chmod(path, 0o644)
