"""Takes the recipe, and where it is missing the binary, from the controller to the host, and runs the module there."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import hashlib
import os

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure, AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible_collections.mlenvctl.lab.plugins.plugin_utils import recipe_files

MODULE = "mlenvctl.lab.mlenvctl"


def _as_list(value):
    return value if isinstance(value, list) else [value] if value else []


class ActionModule(ActionBase):
    TRANSFERS_FILES = True

    def run(self, tmp=None, task_vars=None):
        super(ActionModule, self).run(tmp, task_vars)
        self._make_tmp_path()  # which the executor removes
        try:
            return self._run(dict(self._task.args), task_vars)
        except AnsibleConnectionFailure:
            # Nothing can be removed there now, and trying to would make a failure of an unreachable host.
            self._connection._shell.tmpdir = None
            raise

    def _run(self, args, task_vars):
        delivery = {}
        if not boolean(args.get("remote_src", False), strict=False):
            delivery.update(self._send_recipe(args))
        binary = self._binary(args)
        if binary:
            delivery["sha256"] = binary[1]
        args["delivery"] = delivery
        result = self._execute_module(module_name=MODULE, module_args=args, task_vars=task_vars)
        if binary and result.pop("mlenvctl_wanted", False):
            delivery["binary"] = self._send(binary[0], "mlenvctl")
            result = self._execute_module(module_name=MODULE, module_args=args, task_vars=task_vars)
        return result

    def _find(self, path):
        try:
            return self._find_needle("files", path)
        except AnsibleError as problem:
            raise AnsibleActionFail(str(problem))

    def _send_recipe(self, args):
        recipes = [self._find(path) for path in _as_list(args.get("recipe"))]
        if not recipes:
            return {}  # the module says what is missing
        files = recipe_files.collect(recipes, [self._find(path) for path in _as_list(args.get("files"))])
        data, names = recipe_files.bundle(files, recipes)
        place = self._connection._shell.join_path(self._connection._shell.tmpdir, "recipe.tar")
        self._transfer_data(place, data)
        self._fixup_perms2((self._connection._shell.tmpdir, place))
        return {"bundle": place, "recipes": names}

    def _binary(self, args):
        """The controller's mlenvctl and its digest."""
        if not args.get("binary"):
            return None
        path = self._find(args["binary"])
        with open(path, "rb") as source:
            digest = hashlib.sha256(source.read()).hexdigest()
        wanted = args.get("binary_sha256")
        if wanted and wanted.lower() != digest:
            raise AnsibleActionFail("the sha256 of `{}` is {}, wanted is {}".format(path, digest, wanted))
        return path, digest

    def _send(self, path, name):
        place = self._connection._shell.join_path(self._connection._shell.tmpdir, name)
        self._transfer_file(os.path.abspath(path), place)
        self._fixup_perms2((self._connection._shell.tmpdir, place), execute=True)
        return place
