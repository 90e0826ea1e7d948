"""Says in the form of pip's installation report what uv has resolved. argv: uv's pylock.toml, uv's requirements with notes
of what each comes by, a folder with a pip in it, whose TOML serves where Python has none of its own (before 3.11)."""
import json
import re
import sys

try:
    import tomllib
except ImportError:
    sys.path.insert(0, sys.argv[3])
    from pip._vendor import tomli as tomllib


def rank(wheel):
    """Installers take the most specific one of those that fit: uv names no others."""
    python, abi, platform = wheel["url"].split("#")[0].rsplit("/", 1)[1][: -len(".whl")].split("-")[-3:]
    own = "cp%d%d" % sys.version_info[:2]
    libraries = [tuple(map(int, found)) for found in re.findall(r"linux_(\d+)_(\d+)", platform)]
    return (own in python.split("."), own in abi.split("."), abi == "abi3", platform != "any", max(libraries, default=()))


def brought_by(text):
    """Name -> names of what it brings: `idna==3.6   # via requests, trustme`."""
    brings = {}
    for line in text.splitlines():
        words, _, note = line.partition("# via ")
        for parent in note.split(","):
            if "==" in words and parent.strip() and not parent.strip().startswith("-"):
                brings.setdefault(parent.strip(), []).append(words.split("==")[0].strip())
    return brings


def main():
    with open(sys.argv[1], "rb") as source:
        packages = tomllib.load(source).get("packages", [])
    with open(sys.argv[2], encoding="utf-8") as source:
        brings = brought_by(source.read())
    install = []
    for package in packages:
        wheel = max(package["wheels"], key=rank)
        install.append({
            "metadata": {"name": package["name"], "version": package["version"],
                         "requires_dist": brings.get(package["name"], [])},
            "download_info": {"url": wheel["url"], "archive_info": {"hashes": wheel.get("hashes", {})}},
            "is_direct": False,
        })
    json.dump({"install": install}, sys.stdout)


main()
