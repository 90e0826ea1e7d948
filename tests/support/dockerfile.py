"""Reads a Dockerfile as a builder does, and runs its steps in order in a tree.

Only what a builder defines: FROM, USER, WORKDIR, ENV (with its own expansion), SHELL, RUN in either form, CMD."""

import json
import re


def instructions(text):
    """(NAME, rest) in order: comment lines are dropped, also between continued lines, and so are empty ones."""
    found, pending = [], ""
    for line in text.split("\n"):
        if re.match(r"^[ \t]*#", line) or (pending and not line.strip()):
            continue
        if not pending and not line.strip():
            continue
        continued = re.match(r"^(.*)\\[ \t]*$", line)
        if continued:
            pending += continued.group(1)
            continue
        name, _, rest = (pending + line).strip().partition(" ")
        found.append((name, rest.strip()))
        pending = ""
    if pending:
        raise ValueError("the last line goes on: " + pending)
    return found


def expanded(text, environment):
    """A quoted word of ENV: backslashes escape, `$NAME`, `${NAME}`, `${NAME:+word}` and `${NAME:-word}` expand."""
    out, at = "", 0
    while at < len(text):
        char = text[at]
        if char == "\\" and at + 1 < len(text):
            out, at = out + text[at + 1], at + 2
        elif char == "$":
            if text[at + 1] != "{":
                name = re.match(r"\w+", text[at + 1:]).group(0)
                out, at = out + environment.get(name, ""), at + 1 + len(name)
                continue
            end, depth = at + 2, 1
            while depth:
                depth += {"{": 1, "}": -1}.get(text[end], 0)
                end += 1
            name, sign, word = re.match(r"(\w+)(?::([+-])(.*))?$", text[at + 2:end - 1], re.S).groups()
            value = environment.get(name, "")
            if sign == "+":
                value = expanded(word, environment) if value else ""
            elif sign == "-":
                value = value or expanded(word, environment)
            out, at = out + value, end
        else:
            out, at = out + char, at + 1
    return out


def build(text, run, environment=None):
    """Runs every RUN: `run(argv, user, environment, folder)`. Returns what the image is: `base`, `user`, `folder`,
    `environment`, `command`."""
    image = {"base": None, "user": "root", "folder": "/", "environment": dict(environment or {}), "command": None}
    shell = ["/bin/sh", "-c"]
    for name, rest in instructions(text):
        if name == "FROM":
            image["base"] = rest
        elif name == "USER":
            image["user"] = rest
        elif name == "WORKDIR":
            image["folder"] = rest
        elif name == "SHELL":
            shell = json.loads(rest)
        elif name == "CMD":
            image["command"] = json.loads(rest)
        elif name == "ENV":
            variable, value = re.match(r'^(\w+)="(.*)"$', rest, re.S).groups()
            image["environment"][variable] = expanded(value, image["environment"])
        elif name == "RUN":
            argv = json.loads(rest) if rest.startswith("[") else shell + [rest]
            run(argv, image["user"], image["environment"], image["folder"])
        else:
            raise ValueError("no instruction of a Dockerfile: " + name)
    return image
