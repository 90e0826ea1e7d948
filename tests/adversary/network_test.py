"""Servers that dribble, never end, lead elsewhere or hold the wrong key."""

import gzip
import os
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import hostile  # noqa: E402
import repo_tools  # noqa: E402

HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"


def endless(connection):
    connection.sendall(HEAD + b"\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def dribbling(connection):
    connection.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(1)


def silent(connection):
    time.sleep(600)


def bomb(connection):
    body = gzip.compress(b"\0" * (64 << 20))
    connection.sendall(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def leading_to(target):
    def answer(connection):
        connection.sendall(b"HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: "
                           + target.encode() + b"\r\n\r\n")
    return answer


class RudeServer:
    """Answers every request by `behaviour`, a function of the connection."""

    def __init__(self, behaviour):
        self.behaviour = behaviour
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:{}".format(self.listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection):
        with connection:
            try:
                connection.recv(65536)
                self.behaviour(connection)
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


class NetworkTest(hostile.HostileTest):
    def apply_from(self, url, fingerprint="A" * 40, command="apply"):
        recipe = self.recipe("  - apt_repo: lab\n    uris: [{0}/debian]\n    suites: [./]\n    key: {{url: {0}/key.gpg, "
                             "fingerprint: {1}}}\n".format(url, fingerprint))
        return self.tree.mlenvctl(command, recipe, *(["--yes"] if command == "apply" else []), limit=200)

    def refused(self, behaviour, *words, command="apply"):
        before = self.tree.snapshot(("etc",))
        with RudeServer(behaviour) as server:
            outcome = self.apply_from(server.url, command=command)
        self.assertEqual(outcome.returncode == 0, command == "plan", outcome)
        for word in words:
            self.assertIn(word, outcome.text)
        self.assertEqual(self.tree.snapshot(("etc",)), before)
        return outcome

    def test_a_body_without_an_end_is_given_up(self):
        self.refused(endless, "larger than")

    def test_a_server_that_dribbles_or_says_nothing_is_given_up(self):
        for behaviour in (dribbling, silent):
            began = time.monotonic()
            self.refused(behaviour, "key of `lab` is not to be had", command="plan")
            self.assertLess(time.monotonic() - began, 120)

    def test_a_compressed_bomb_stays_compressed(self):
        self.refused(bomb)

    def test_a_redirect_leads_to_no_file_and_no_other_protocol(self):
        for target in ("file:///etc/shadow", "ftp://127.0.0.1/x", "gopher://127.0.0.1:9/x", "dict://127.0.0.1:9/x"):
            outcome = self.refused(leading_to(target))
            self.assertNotIn(hostile.CANARY, outcome.text)

    def test_a_redirect_to_itself_ends(self):
        self.refused(leading_to("/again"))

    def test_a_key_is_known_by_its_whole_fingerprint_and_successors_by_being_declared(self):
        first, other = repo_tools.SigningKey("first"), repo_tools.SigningKey("other")
        try:
            def answer(connection):
                body = other.armored
                connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            near = first.fingerprint[:-1] + ("0" if first.fingerprint[-1] != "0" else "1")
            for wanted in (first.fingerprint, near, other.fingerprint[:24] + "0" * 16, "0" * 24 + other.fingerprint[24:]):
                with RudeServer(answer) as server:
                    outcome = self.apply_from(server.url, wanted)
                self.assertEqual(outcome.returncode, 4, outcome)
                self.assertIn(other.fingerprint, outcome.text)
                self.assertFalse(self.tree.exists("/etc/apt/sources.list.d/lab.sources"))
            with RudeServer(answer) as server:
                recipe = self.recipe("  - apt_repo: lab\n    uris: [{0}/debian]\n    suites: [./]\n    key: {{url: {0}/key.gpg, "
                                     "fingerprint: {1}, successors: [{2}]}}\n".format(server.url, first.fingerprint, other.fingerprint))
                self.assertNotIn("apt.wrong-key", self.tree.mlenvctl("plan", recipe, "--json").stdout)
        finally:
            first.close()
            other.close()


if __name__ == "__main__":
    hostile.main()
