# SPDX-License-Identifier: GPL-2.0-only
"""CRIU's service, asked by its RPC, and the numbers that it leaves in images.

Both are protocol buffers (rpc.proto and stats.proto of CRIU). The few messages
that are needed are put together and taken apart here, byte by byte, which costs
the caller no more than a library would.
"""
import socket
import struct

# enum criu_req_type
DUMP, RESTORE = 1, 2


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, value):
    """A field of a message: a number, or bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def fields(message):
    """The fields of a message, by number; the last of each."""
    found = {}
    at = 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        key = number()
        if key & 7 == 0:
            found[key >> 3] = number()
        elif key & 7 == 2:
            size = number()
            found[key >> 3] = message[at:at + size]
            at += size
        else:
            raise ValueError("wire type %d" % (key & 7))
    return found


def request(address, kind, images, pid=None, limit=None):
    """Return: None, or what CRIU says has failed. images: a descriptor."""
    opts = field(1, images) + field(9, 1) + field(10, b"log")
    if kind == DUMP:
        opts += field(2, pid) + field(3, 1)		# leave running
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.settimeout(limit)
        s.connect(address)
        s.send(field(1, kind) + field(2, opts))
        answer = fields(s.recv(4096))
    if answer.get(2):
        return None
    return answer.get(9, b"errno %d" % answer.get(7, 0)).decode()


def stats(path):
    """The numbers, in microseconds, of a file stats-dump or stats-restore."""
    with open(path, "rb") as f:
        data = f.read()
    size, = struct.unpack_from("<I", data, 8)
    both = fields(data[12:12 + size])
    return fields(both.get(1) or both.get(2))
