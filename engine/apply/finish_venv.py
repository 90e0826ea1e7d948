"""Finishes a venv without pip, beside its place: unpacks wheels of pure Python as pip would have installed them, and has
its files name the folder where it will be. argv: the folder now, the folder then, a folder where unpacked wheels are kept
for all venvs of the user (may be empty: for none), `alone` or `inheriting` where this Python is to make the venv first
(else empty), wheels. What root makes is compiled: nobody else could keep what Python compiles when it is first used."""
import base64
import configparser
import csv
import fcntl
import hashlib
import io
import os
import shutil
import sys
import time
import zipfile

LONGEST_FIRST_LINE = 127
LONGEST_SCRIPT = 1024 * 1024
PATIENCE = 10  # seconds, with another venv that is being made of the same wheels
SCRIPT = """{first_line}
# -*- coding: utf-8 -*-
import re
import sys
from {module} import {name}
if __name__ == '__main__':
    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])
    sys.exit({call}())
"""


def first_line(interpreter):
    if " " not in interpreter and len(interpreter) + 3 <= LONGEST_FIRST_LINE:
        return "#!" + interpreter
    return "#!/bin/sh\n'''exec' \"" + interpreter + "\" \"$0\" \"$@\"\n' '''"


def programs_of(wheel, info):
    """The programs that a wheel brings, by name; pip is there under the names of its Python too."""
    entries = configparser.ConfigParser(delimiters=("=",), interpolation=None)
    entries.optionxform = str
    if info + "/entry_points.txt" in wheel.namelist():
        entries.read_string(wheel.read(info + "/entry_points.txt").decode())
    found = dict(entries.items("console_scripts")) if entries.has_section("console_scripts") else {}
    if "pip" not in found:
        return found
    names = ["pip", "pip%d" % sys.version_info[0], "pip%d.%d" % sys.version_info[:2]]
    return {name: found["pip"] for name in names}


def put(path, data, mode=0o644):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode), "wb") as out:
        out.write(data)
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return "sha256=" + digest, len(data)


def is_whole(folder, wheel):
    """Whether an unpacked wheel is what was unpacked: a machine that lost its power, or somebody who edited what a venv
    shares, may have left something else."""
    try:
        return all(os.path.getsize(os.path.join(folder, each.filename)) == each.file_size
                   for each in wheel.infolist() if not each.filename.endswith("/"))
    except OSError:
        return False


def locked(cache):
    """The lock on what is kept, held for as long as it is open; None where nothing can be shared now."""
    try:
        lock = open(os.path.join(cache, ".lock"), "w")
        for _ in range(PATIENCE * 200):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock
            except BlockingIOError:
                time.sleep(0.005)
    except OSError:
        pass
    return None


def kept_unpacked(wheel, cache):
    """The folder in which this wheel lies unpacked; those of its project's other versions go. None where it cannot be kept,
    as in a home that is full: what is shared saves time, and nothing depends on it."""
    stat = os.stat(wheel.filename)
    key = hashlib.sha256(("%s\n%d\n%d" % (wheel.filename, stat.st_size, stat.st_mtime_ns)).encode()).hexdigest()
    project = os.path.basename(wheel.filename).split("-")[0] + "-"
    folder = os.path.join(cache, project + key[:16])
    if is_whole(folder, wheel):
        return folder
    try:
        for other in os.listdir(cache):
            if other.startswith(project):
                shutil.rmtree(os.path.join(cache, other))
        wheel.extractall(folder + ".partial")
        os.rename(folder + ".partial", folder)
        return folder
    except OSError:
        shutil.rmtree(folder + ".partial", ignore_errors=True)
        return None


def share(path, to):
    """Another name of the same file where both are in one file system: whoever replaces one leaves the other."""
    try:
        os.link(path, to)
    except FileExistsError:
        raise
    except OSError:
        shutil.copyfile(path, to)


def lay(kept, site, record):
    """Puts the files of an unpacked wheel into the site folder, but for its record."""
    for folder, _, files in os.walk(kept):
        inside = os.path.relpath(folder, kept)
        os.makedirs(os.path.join(site, inside), exist_ok=True)
        for name in files:
            if os.path.normpath(os.path.join(inside, name)) != record:
                share(os.path.join(folder, name), os.path.join(site, inside, name))


def unpack(path, site, programs, interpreter, cache):
    with zipfile.ZipFile(path) as wheel:
        info = "-".join(os.path.basename(path).split("-")[:2]) + ".dist-info"
        if "Root-Is-Purelib: true" not in wheel.read(info + "/WHEEL").decode():
            sys.exit(path + " is not of pure Python")
        rows = [row for row in csv.reader(io.StringIO(wheel.read(info + "/RECORD").decode())) if row]
        scripts = programs_of(wheel, info)
        kept = kept_unpacked(wheel, cache) if cache else None
        if kept:
            lay(kept, site, info + "/RECORD")
        else:
            wheel.extractall(site)
    for name, entry in scripts.items():
        module, call = entry.strip().split(":")
        text = SCRIPT.format(first_line=first_line(interpreter), module=module, name=call.split(".")[0], call=call)
        place = os.path.join(programs, name)
        rows.append((os.path.relpath(place, site),) + put(place, text.encode(), 0o755))
    for name, data in (("INSTALLER", b"pip\n"), ("REQUESTED", b"")):
        rows.append((info + "/" + name,) + put(os.path.join(site, info, name), data))
    with open(os.path.join(site, info, "RECORD"), "w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(sorted(tuple(map(str, row)) for row in rows))


def relocate(path, now, then):
    if os.path.islink(path) or not os.path.isfile(path) or os.path.getsize(path) > LONGEST_SCRIPT:
        return
    with open(path, "r+b") as script:
        text = script.read()
        if now.encode() in text:
            script.seek(0)
            script.truncate()
            script.write(text.replace(now.encode(), then.encode()))


def make(now, then, inherits):
    """What `python -m venv` does; another Python need not be started for it."""
    import venv
    venv.main(["--without-pip", "--prompt", os.path.basename(then)] + ["--system-site-packages"] * inherits + [now])


def main():
    now, then, cache, making = sys.argv[1:5]
    if making:
        make(now, then, making == "inheriting")
    programs = os.path.join(now, "bin")
    site = os.path.join(now, "lib", "python%d.%d" % sys.version_info[:2], "site-packages")
    if now != then:
        for path in [os.path.join(now, "pyvenv.cfg")] + [os.path.join(programs, name) for name in os.listdir(programs)]:
            relocate(path, now, then)
    wheels = sys.argv[5:]
    lock = locked(cache) if cache and wheels else None
    for wheel in wheels:
        unpack(wheel, site, programs, os.path.join(then, "bin", "python3"), cache if lock else "")
    if wheels and os.geteuid() == 0:
        import compileall
        compileall.compile_dir(site, quiet=2)


try:
    main()
except (OSError, ValueError, zipfile.BadZipFile) as problem:
    sys.exit(str(problem))
