#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Restores an image again and again, each time with something wrong in it.

hostile.py MOUNT IMAGE: a line of the input is ERRNO, a regular expression, and
actions of image.py; quotes are the shell's. The image, changed so, is refused with
this errno and such a last line of the log, and nothing is left. ERRNO may
be "any", or "perhaps", which a restore that succeeds is right for too.

One process for all of them: python takes longer to start than a restore does.
"""
import copy
import errno
import os
import re
import shlex
import signal
import sys

from image import Image

mount, path = sys.argv[1:]
commit = mount + "/restore/commit"


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


def kill_restored():
    """It is a child of this process, which wrote the image."""
    pid = int(read(commit).split()[1].removeprefix("pid="))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def wrong(image, tasks, wanted, says, actions):
    had = read(commit)
    got = put(image.edit(actions))
    last = read(mount + "/log").splitlines()[-1]
    if not got and wanted == "perhaps":
        kill_restored()
        return
    if not got or (wanted not in ("any", "perhaps") and got != getattr(errno, wanted)):
        sys.exit("%s, not %s: %s" % (os.strerror(got), wanted, last))
    if not re.search(says, last):
        sys.exit("the log does not say '%s': %s" % (says, last))
    for task in tasks:
        if os.path.exists("/proc/" + task):
            sys.exit("task %s is there" % task)
    if os.listdir(mount + "/restore") != ["commit"] or read(commit) != had:
        sys.exit("something is left")


original = Image(path)
tids = {name.split("/")[1] for name in original.files if name.startswith("tasks/")}
count = 0
for line in sys.stdin:
    words = shlex.split(line)
    print(line, end="", flush=True)
    wrong(copy.deepcopy(original), tids, words[0], words[1], words[2:])
    count += 1
if not count:
    sys.exit("nothing to do")
