#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Loads small AppArmor profiles, in the binary form that the kernel takes.

apparmor.py DIRECTORY NAME:KIND...: DIRECTORY is /sys/kernel/security/apparmor. Of these
kinds are profiles, and hats ("PROFILE//HAT:KIND", after their profile):

free    confines nothing, as flags=(unconfined) does
open    allows every file, capability and change_profile rule
locked  as open, but for change_profile rules, of which it has none

A NAME alone is taken away again. No compiler of policies is needed for rules that are
the same for every path: the automaton of one has one state besides that of a failure.
"""
import struct
import sys

# Of what a policy is made: a byte says what follows.
U32, NAME, STRING, BLOB, STRUCT, STRUCTEND = 2, 4, 5, 6, 7, 8

VERSION = 5                 # of the form
ENFORCE, UNCONFINED = 0, 3  # modes
HAT = 1                     # flag

# For the owner of a file; 14 bits further for all others: all there is, and to execute
# without a change of profile.
FILES = 0x7f | 0x300
CHANGE_PROFILE, ONEXEC = 0x80000000, 0x40000000

MAGIC = 0x1B5E783D
ACCEPT, BASE, CHECK, DEFAULT, ACCEPT2, NEXT = 1, 2, 3, 4, 7, 8
BITS16, BITS32 = 2, 4


def string(code, text):
    """A name or a text."""
    data = text.encode() + b"\0"
    return struct.pack("<BH", code, len(data)) + data


def numbers(*values):
    """Numbers without names."""
    return b"".join(struct.pack("<BI", U32, value) for value in values)


def group(name, content):
    """A structure."""
    return string(NAME, name) + bytes([STRUCT]) + content + bytes([STRUCTEND])


def pad(data):
    """To the next multiple of 8 bytes."""
    return data + bytes(-len(data) % 8)


def table(number, bits, values):
    """A table of an automaton."""
    data = struct.pack(">HHII", number, bits, 0, len(values))
    return pad(data + struct.pack(">%d%s" % (len(values), {2: "H", 4: "I"}[bits]), *values))


def automaton(accept):
    """State 1 takes everything and stays; nothing goes to state 0."""
    tables = table(ACCEPT, BITS32, [0, accept]) + table(ACCEPT2, BITS32, [0, 0])
    tables += table(BASE, BITS32, [0, 0]) + table(DEFAULT, BITS16, [0, 1])
    tables += table(NEXT, BITS16, [0] * 256) + table(CHECK, BITS16, [0] * 256)
    return struct.pack(">IIIHH", MAGIC, 16, 16 + len(tables), 0, 0) + tables


def file_rules(start, accept):
    """The automaton begins and ends where a multiple of 8 bytes does, from the start on."""
    head = string(NAME, "aadfa") + bytes([BLOB])
    data = bytes(-(start + len(head) + 4) % 8) + automaton(accept)
    return head + struct.pack("<I", len(data)) + data


def profile(name, kind):
    """All of a policy of one profile."""
    mode = UNCONFINED if kind == "free" else ENFORCE
    all_caps = (1 << 32) - 1
    data = string(NAME, "version") + numbers(VERSION)
    data += string(NAME, "profile") + bytes([STRUCT]) + string(STRING, name)
    data += group("flags", numbers(HAT if "//" in name else 0, mode, 0))
    data += numbers(all_caps, 0, 0, 0)
    data += group("caps64", numbers(0x1ff, 0, 0, 0))
    accept = FILES | FILES << 14
    if kind == "open":
        accept |= CHANGE_PROFILE | ONEXEC
    if kind != "free":
        data += file_rules(len(data), accept)
    return data + bytes([STRUCTEND])


def main():
    """Each in a write of its own."""
    directory, *names = sys.argv[1:]
    for name in names:
        name, _, kind = name.partition(":")
        if kind not in ("", "free", "open", "locked"):
            sys.exit(f"{kind}: is no kind of profile")
        with open(f"{directory}/{'.replace' if kind else '.remove'}", "wb", 0) as file:
            file.write(profile(name, kind) if kind else name.encode())


main()
