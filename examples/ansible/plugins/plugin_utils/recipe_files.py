"""Which files of the controller a recipe reads, and the archive that takes them to a host."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import io
import os
import tarfile

import yaml


def collect(recipes, more=()):
    """The files that these recipes read: themselves, what they include, and what their resources name. A path that is
    absolute is one of the host; a file that is not there is left to mlenvctl, which says where it is named."""
    found, waiting = [], [os.path.abspath(path) for path in recipes]
    while waiting:
        path = waiting.pop(0)
        if path in found or not os.path.isfile(path):
            continue
        found.append(path)
        document = _read(path)
        folder = os.path.dirname(path)
        waiting += [_beside(folder, name) for name in _included(document) if not os.path.isabs(name)]
        found += [_beside(folder, name) for name in _named(document) if os.path.isfile(_beside(folder, name))]
    found += [os.path.abspath(path) for path in more]
    return sorted(set(found))


def bundle(files, recipes):
    """The archive's bytes, the same each time, and the recipes' names in it."""
    recipes = [os.path.abspath(path) for path in recipes]
    top = os.path.commonpath([os.path.dirname(path) for path in list(files) + recipes])
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for path in files:
            with open(path, "rb") as source:
                data = source.read()
            entry = tarfile.TarInfo(os.path.relpath(path, top))
            entry.size, entry.mode = len(data), 0o644
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue(), [os.path.relpath(path, top) for path in recipes]


def _beside(folder, name):
    return os.path.normpath(os.path.join(folder, name))


def _read(path):
    try:
        with open(path, encoding="utf-8") as source:
            document = yaml.load(source, Loader=yaml.BaseLoader)
    except (UnicodeDecodeError, yaml.YAMLError):
        return {}  # mlenvctl says what is wrong with it, and where
    return document if isinstance(document, dict) else {}


def _included(document):
    named = document.get("include", [])
    return [named] if isinstance(named, str) else [name for name in named or [] if isinstance(name, str)]


def _named(document):
    names = []
    resources = document.get("resources")
    for resource in resources if isinstance(resources, list) else []:
        if isinstance(resource, dict):
            key = resource.get("key")
            names += [resource.get("source"), key.get("path") if isinstance(key, dict) else None]
    return [name for name in names if isinstance(name, str) and name and not name.startswith(("/", "~"))]
