#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A Maildir and who watches it by inotify: maildir.py deliver|sort|watch DIR [LOG].

deliver  brings the messages 1, 2, 3 ... and a line of LOG for each, until the file $GO
         is there, but not less than a hundred; and then the message "end"
sort     moves what is new to cur; each has to come in its turn, and once
watch    sees each of them leave new and come to cur, with the cookie of that move
"""
import ctypes
import os
import struct
import sys
import time

MOVED_FROM, MOVED_TO = 0x40, 0x80


class Inotify:
    def __init__(self):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.fd = self.libc.inotify_init1(os.O_CLOEXEC)
        assert self.fd >= 0, os.strerror(ctypes.get_errno())

    def add(self, path, mask):
        wd = self.libc.inotify_add_watch(self.fd, os.fsencode(path), mask)
        assert wd >= 0, os.strerror(ctypes.get_errno())
        return wd

    def events(self):
        while True:
            read, at = os.read(self.fd, 65536), 0
            while at < len(read):
                wd, mask, cookie, size = struct.unpack_from("iIII", read, at)
                name = read[at + 16:at + 16 + size].rstrip(b"\0").decode()
                at += 16 + size
                yield wd, mask, cookie, name


def text(name):
    return f"message {name}\n" * 10


def deliver(box, log):
    name, n = "", 0
    with open(log, "a", buffering=1) as lines:
        while name != "end":
            n += 1
            name = "end" if n > 100 and os.path.exists(os.environ["GO"]) else str(n)
            with open(f"{box}/tmp/{name}", "w") as message:
                message.write(text(name))
            os.rename(f"{box}/tmp/{name}", f"{box}/new/{name}")
            print(box, name, file=lines)
            while len(os.listdir(f"{box}/new")) > 50:
                time.sleep(0.01)
    print("delivered", n - 1, flush=True)


def sort(box):
    inotify, last = Inotify(), 0
    inotify.add(f"{box}/new", MOVED_TO)
    print("ready", flush=True)
    for _, mask, _, name in inotify.events():
        assert mask == MOVED_TO, mask
        with open(f"{box}/new/{name}") as message:
            assert message.read() == text(name), name
        os.rename(f"{box}/new/{name}", f"{box}/cur/{name}")
        if name == "end":
            break
        assert int(name) == last + 1, (name, last)
        last += 1
    print("sorted", last, flush=True)


def watch(box):
    inotify, last, left = Inotify(), 0, None
    new = inotify.add(f"{box}/new", MOVED_FROM)
    cur = inotify.add(f"{box}/cur", MOVED_TO)
    print("ready", flush=True)
    for wd, mask, cookie, name in inotify.events():
        if left is None:
            assert (wd, mask) == (new, MOVED_FROM), (wd, mask, name)
            left = cookie, name
            continue
        assert (wd, mask, cookie, name) == (cur, MOVED_TO, *left), (wd, mask, name, left)
        left = None
        if name == "end":
            break
        assert int(name) == last + 1, (name, last)
        last += 1
    print("watched", last, flush=True)


globals()[sys.argv[1]](*sys.argv[2:])
