#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A client that never loses count: count.py redis|memcached|http ADDRESS KEY.

ADDRESS is host:port or a path. Until the file $GO is there, but not less than a
hundred times, it has the server count, and looks whether each answer is one more
than the last.
"""
import os
import socket
import sys


def connect(address):
    if address.startswith("/"):
        s = socket.socket(socket.AF_UNIX)
        s.connect(address)
    else:
        host, port = address.rsplit(":", 1)
        s = socket.create_connection((host, int(port)))
    return s, s.makefile("rb")


def redis(s, f, key):
    """A few at once: answers and requests are under way at any moment."""
    s.sendall(b"*2\r\n$4\r\nINCR\r\n$%d\r\n%s\r\n" % (len(key), key) * 20)
    return [int(f.readline().strip(b":\r\n")) for _ in range(20)]


def memcached(s, f, key):
    s.sendall(b"incr %s 1\r\n" % key * 20)
    return [int(f.readline()) for _ in range(20)]


def http(s, f, key):
    s.sendall(b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n" % key)
    size = 0
    while (line := f.readline().strip().lower()):
        if line.startswith(b"content-length:"):
            size = int(line.split(b":")[1])
    return [int(f.read(size))]


def main():
    kind, address, key = sys.argv[1:]
    key = key.encode()
    s, f = connect(address)
    if kind == "memcached":
        s.sendall(b"set %s 0 0 1\r\n0\r\n" % key)
        assert f.readline() == b"STORED\r\n"
    last = 0
    print("ready", flush=True)
    while last <= 100 or not os.path.exists(os.environ["GO"]):
        for count in globals()[kind](s, f, key):
            assert count == last + 1, (count, last)
            last = count
    print(kind, address, "counted to", last, flush=True)


main()
