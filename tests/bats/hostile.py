#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Restores an image again and again, each time with something wrong in it.

hostile.py MOUNT IMAGE [PATH...]: a line of the input is ERRNO, a regular expression, and
actions of image.py; quotes are the shell's. The image, changed so, is refused with
this errno, or one of several with commas between them, and such a line in the log, one
and no more; and nothing is left: none of the PATHs, either, if not at once. ERRNO may be
"none", or "perhaps": any, or none. A restore that succeeds says nothing, and what its
fanotifies have queued is read. "flips N" stands for N lines, each with one bit of the
metadata turned over, by chance, but the same each time.

One process for all of them: python takes longer to start than a restore does.
"""
import copy
import ctypes
import errno
import os
import random
import re
import shlex
import signal
import sys
import time

from image import Image

SYS_PIDFD_GETFD, PR_SET_CHILD_SUBREAPER = 438, 36

mount, path, *made = sys.argv[1:]
commit = mount + "/restore/commit"
libc = ctypes.CDLL(None)


def read(name):
    with open(name) as f:
        return f.read()


def put(archive):
    """Returns the errno, or 0."""
    fd = os.open(commit, os.O_WRONLY)
    try:
        for at in range(0, len(archive), 1 << 17):
            os.write(fd, archive[at:at + (1 << 17)])
    except OSError as e:
        return e.errno
    finally:
        os.close(fd)
    return 0


class Log:
    """What is new in the log each time it is asked."""

    def __init__(self):
        self.fd = os.open(mount + "/log", os.O_RDONLY)
        os.lseek(self.fd, 0, os.SEEK_END)

    def lines(self):
        text = b""
        while piece := os.read(self.fd, 1 << 16):
            text += piece
        return text.decode(errors="replace").splitlines()


def read_events(pid, fd):
    """Of a fanotify of another: the kernel relies on them when it writes them. Done by a
    child, whose are the descriptors that come with them."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        mine = libc.syscall(SYS_PIDFD_GETFD, os.pidfd_open(pid), fd, 0)
        os.set_blocking(mine, False)
        for _ in range(1000):
            try:
                os.read(mine, 1 << 16)
            except OSError as e:
                if e.errno in (errno.EAGAIN, errno.EBADF, errno.EINVAL):
                    break
    finally:
        os._exit(0)


def kill_restored(tasks):
    """The first is a child of this process, which wrote the image, and gets the others."""
    pid = int(read(commit).split()[1].removeprefix("pid="))
    try:
        for fd in os.listdir("/proc/%d/fd" % pid):
            if os.readlink("/proc/%d/fd/%s" % (pid, fd)) == "anon_inode:[fanotify]":
                read_events(pid, int(fd))
    except PermissionError:
        pass
    for task in tasks:
        try:
            os.kill(int(task), signal.SIGKILL)
        except ProcessLookupError:
            pass
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass


def wrong(image, tasks, log, wanted, says, actions):
    had = read(commit)
    got = put(image.edit(actions))
    said = log.lines()
    right = [getattr(errno, name, 0) for name in wanted.split(",")]
    if wanted != "perhaps" and got not in right:
        sys.exit("%s, not %s: %s" % (os.strerror(got), wanted, said))
    if len(said) != bool(got):
        sys.exit("%s, and the log says so in %d lines: %s" % (os.strerror(got), len(said), said))
    if not got:
        kill_restored(tasks)
        return
    if not re.search(says, said[0]):
        sys.exit("the log does not say '%s': %s" % (says, said))
    for task in tasks:
        if os.path.exists("/proc/" + task):
            sys.exit("task %s is there" % task)
    if os.listdir(mount + "/restore") != ["commit"] or read(commit) != had:
        sys.exit("something is left")
    while any(map(os.path.exists, made)):
        time.sleep(0.01)


def flips(image, count):
    """What says how to read the others is looked at before the checksums are."""
    chance = random.Random(1)
    names = [name for name in image.files if not name.endswith(("/pages", "/data"))]
    for _ in range(count):
        name = chance.choice(names)
        first = name in ("header", "tail") or name.startswith("files/")
        wanted = "EUCLEAN,EBADMSG,EOPNOTSUPP" if first else "EBADMSG"
        at, bit = chance.randrange(len(image.files[name])), chance.randrange(8)
        yield "%s web/ flip %s %d %d\n" % (wanted, name, at, bit)


def lines(image):
    for line in sys.stdin:
        if line.startswith("flips "):
            yield from flips(image, int(line.split()[1]))
        else:
            yield line


libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
original, log = Image(path), Log()
tids = {name.split("/")[1] for name in original.files if name.startswith("tasks/")}
count = 0
for line in lines(original):
    words = shlex.split(line)
    print(line, end="", flush=True)
    wrong(copy.deepcopy(original), tids, log, words[0], words[1], words[2:])
    count += 1
if not count:
    sys.exit("nothing to do")
