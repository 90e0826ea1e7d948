"""A local package index: PEP 503 pages, a find-links page in the manner of torch_stable.html, stub wheels."""

import hashlib
import html
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

import base_tree
import namespace
import stub_wheels
import web_server

TOOLS = ("pip", "setuptools", "wheel")


def real_tools():
    """The folder with the real wheels of pip and its companions, downloaded once."""
    folder = os.path.join(base_tree.cache_folder(), "wheels")
    with base_tree.cache_lock("wheels"):
        os.makedirs(folder, exist_ok=True)
        have = {name.split("-")[0] for name in os.listdir(folder)}
        if not have.issuperset(TOOLS):
            argv = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
                    "--python-version", "3.11", "--dest", folder, *TOOLS]
            done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if done.returncode != 0:
                raise namespace.Unavailable("pip's own wheels cannot be downloaded: " + done.stdout.strip())
    return folder


def _canonical(name):
    return name.lower().replace("_", "-").replace(".", "-")


class WheelIndex(web_server.WebServer):
    """`index_url` for pip's --index-url, `links_url` for its --find-links."""

    def __init__(self, address="127.0.0.1"):
        self._folder = tempfile.mkdtemp(prefix="labindex-")
        os.chmod(self._folder, 0o755)
        for folder in ("files", "links", "simple"):
            os.mkdir(os.path.join(self._folder, folder))
        files = os.path.join(self._folder, "files")
        tools = real_tools()
        for name in os.listdir(tools):
            if name.endswith(".whl"):
                shutil.copy(os.path.join(tools, name), files)
        for wheel in stub_wheels.index_wheels():
            wheel.write(files)
        for wheel in stub_wheels.link_wheels():
            wheel.write(os.path.join(self._folder, "links"))
        self._write_pages()
        super().__init__(self._folder, address)

    @property
    def index_url(self):
        return self.url + "/simple"

    @property
    def links_url(self):
        return self.url + "/torch_stable.html"

    def add(self, wheel):
        """Publishes one more wheel in the index."""
        wheel.write(os.path.join(self._folder, "files"))
        self._write_pages()

    def add_file(self, name):
        """Publishes an empty file under this name: pip sees it offered, and never opens it."""
        with open(os.path.join(self._folder, "files", name), "wb"):
            pass
        self._write_pages()

    def _write_pages(self):
        projects = {}
        for name in sorted(os.listdir(os.path.join(self._folder, "files"))):
            projects.setdefault(_canonical(name.split("-")[0]), []).append(name)
        for project, names in projects.items():
            folder = os.path.join(self._folder, "simple", project)
            os.makedirs(folder, exist_ok=True)
            self._page(os.path.join(folder, "index.html"), [self._link("files", name, "../../") for name in names])
        self._page(os.path.join(self._folder, "simple", "index.html"),
                   ['<a href="{0}/">{0}</a>'.format(project) for project in sorted(projects)])
        names = sorted(os.listdir(os.path.join(self._folder, "links")))
        self._page(os.path.join(self._folder, "torch_stable.html"), [self._link("links", name, "") for name in names])

    def _link(self, folder, name, up):
        with open(os.path.join(self._folder, folder, name), "rb") as wheel:
            digest = hashlib.sha256(wheel.read()).hexdigest()
        return '<a href="{}{}/{}#sha256={}">{}</a>'.format(up, folder, urllib.parse.quote(name), digest,
                                                         html.escape(name))

    @staticmethod
    def _page(path, links):
        with open(path, "w", encoding="utf-8") as out:
            out.write("<!DOCTYPE html>\n<html><body>\n" + "<br/>\n".join(links) + "\n</body></html>\n")

    def close(self):
        super().close()
        shutil.rmtree(self._folder, ignore_errors=True)
