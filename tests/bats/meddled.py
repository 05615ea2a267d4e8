#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Saves a program whose open files somebody else changes meanwhile.

meddled.py MOUNT PID TIMES IMAGE: so many times, and until there has been an image. Each time
there is one, which can be read, and the last is left in IMAGE; or the operation fails because
of what is shared or has changed, and says so in the log.
"""
import errno
import os
import random
import sys

mount, pid, times, image = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
tried, made, failed = 0, 0, {}
log = os.open(mount + "/log", os.O_RDONLY)


def news():
    """What has been logged since it was asked for."""
    text = b""
    while piece := os.read(log, 65536):
        text += piece
    return text


def say(*words):
    fd = os.open(mount + "/control", os.O_WRONLY)
    try:
        os.write(fd, " ".join(words).encode())
    finally:
        os.close(fd)


while tried < times or not made:
    tried += 1
    operation = random.choice(["freeze", "snapshot"])
    news()
    try:
        say(operation, "web", "pid=" + pid)
    except OSError as error:
        if error.errno not in (errno.EBUSY, errno.EAGAIN, errno.EOPNOTSUPP):
            raise
        said = news()
        if not said:
            sys.exit(f"{operation}: {error}, and not a word about it")
        name = errno.errorcode[error.errno]
        failed[name] = failed.get(name, 0) + 1
        if error.errno == errno.EAGAIN:
            print(said.decode(), end="")
        continue
    with open(mount + "/web.tar", "rb") as source, open(image, "wb") as target:
        target.write(source.read())
    say("thaw" if operation == "freeze" else "remove", "web")
    made += 1
print(f"# {made} images; failed: {failed}")
