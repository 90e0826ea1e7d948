"""A mount namespace of the test process's own: what it mounts ends with it, also when it is killed."""

import ctypes
import os
import subprocess

_CLONE_NEWNS = 0x00020000
_MS_REC_PRIVATE = 0x4000 | 0x40000
_entered = False


class Unavailable(Exception):
    """The lab cannot work here; the text says why."""


def enter_private_mounts():
    """Gives this process private mounts. Call it before any thread is started: each thread has its own view."""
    global _entered
    if _entered:
        return
    if os.geteuid() != 0:
        raise Unavailable("the lab mounts and enters system trees, which needs root")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNS) != 0:
        raise Unavailable("no mount namespace: " + os.strerror(ctypes.get_errno()))
    if libc.mount(b"none", b"/", None, ctypes.c_ulong(_MS_REC_PRIVATE), None) != 0:
        raise Unavailable("mounts cannot be made private: " + os.strerror(ctypes.get_errno()))
    _entered = True


def mount(source, target, *options):
    """Runs mount(8); `options` come before the source and the target."""
    os.makedirs(target, exist_ok=True)
    done = subprocess.run(["mount", *options, source, target], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    if done.returncode != 0:
        raise Unavailable("cannot mount {}: {}".format(target, done.stdout.strip()))


def mount_kernel(root, sysfs=True):
    """Makes /proc, /dev and (unless a test brings its own devices) /sys of a tree usable."""
    try:
        mount("proc", root + "/proc", "-t", "proc")
    except Unavailable:  # a container may bind what it may not mount
        mount("/proc", root + "/proc", "--rbind")
    mount("/dev", root + "/dev", "--rbind")
    if sysfs:
        mount("/sys", root + "/sys", "--rbind")


def unmount(target):
    """Takes a mount away with all below it, busy or not."""
    subprocess.run(["umount", "-R", "-l", target], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
