"""A folder served over http on this machine, with a log of requests and faults on demand."""

import functools
import http.server
import os
import threading
import urllib.parse


class _Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments, owner, **named):
        self.owner = owner
        super().__init__(*arguments, **named)

    def do_GET(self):
        self._answer(with_body=True)

    def do_HEAD(self):
        self._answer(with_body=False)

    def _answer(self, with_body):
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        self.owner.requests.append(path)
        status, body = self.owner.respond(path)
        if body is None:
            if status == 200 and with_body and self.headers.get("Range", "").endswith("-"):
                return self._answer_rest(int(self.headers["Range"].split("=")[1].rstrip("-")))
            if status == 200:
                return super().do_GET() if with_body else super().do_HEAD()
            body = b"the lab answers %d\n" % status
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)
        return None

    def _answer_rest(self, first):
        """What a client lacks that has been here before."""
        with open(self.translate_path(self.path), "rb") as source:
            data = source.read()
        self.send_response(206 if first < len(data) else 416)
        self.send_header("Content-Range", "bytes {}-{}/{}".format(first, len(data) - 1, len(data)))
        self.send_header("Content-Length", str(max(0, len(data) - first)))
        self.end_headers()
        self.wfile.write(data[first:])

    def log_message(self, *arguments):
        pass  # the owner keeps the log


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a client that hangs up is no news


class WebServer:
    """Serves `folder` at `url` while it is open.

    `requests` is the list of paths asked for. A file is also served from a given byte on. `faults` maps a path's ending
    to what to answer instead: a status, or a function from the file's bytes to other bytes."""

    def __init__(self, folder, address="127.0.0.1"):
        self.folder = folder
        self.address = address
        self.requests = []
        self.faults = {}
        self._port = 0
        self._server = None
        self.up()

    @property
    def url(self):
        return "http://{}:{}".format(self.address, self._port)

    @property
    def file_url(self):
        return "file://" + self.folder

    def respond(self, path):
        for ending, fault in self.faults.items():
            if path.endswith(ending):
                if isinstance(fault, int):
                    return fault, None
                with open(os.path.join(self.folder, path.lstrip("/")), "rb") as source:
                    return 200, fault(source.read())
        return 200, None

    def up(self):
        """Listens, after `down` on the same port as before."""
        handler = functools.partial(_Handler, owner=self, directory=self.folder)
        self._server = _Server((self.address, self._port), handler)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def down(self):
        """Connections are refused from now on."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def close(self):
        self.down()
