#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Makes another archive of an image: image.py IN OUT [ACTION [ARGUMENT...]]...

Paths are those inside the image ("tasks/12/cpu"); TYPE/ID may be given for
the first file that begins so. Numbers are decimal or 0x hexadecimal.

  format NAME          what is written: ustar (default), gnu, pax
  prefix PATH          the directory in front of all names; "" for none
  shuffle SEED         the members in another order
  drop PATH            without this file
  twice PATH           with this file twice
  rename PATH NAME     this file under another name
  add PATH TEXT        one more file
  set PATH OFFSET SIZE VALUE   a little-endian number
  field PATH TYPE OFFSET SIZE VALUE   the same in a record, behind its header: the first
                       of that type in the files that begin so
  flip PATH OFFSET BIT one bit of a byte
  grow PATH BYTES      zeroes at the end (or fewer bytes, if below zero)
  inherit PATH START   the run of pages at that address, or offset, becomes the
                       parent's, and its pages go
  forget PATH START    that run goes, with its pages if it has any
  fix                  sizes and checksums of the tail as they should be
  member NAME TYPE LINK        one more: hard, symlink, fifo, device, dir, sparse
  raw OFFSET BYTE      a byte of the archive itself
  cut BYTES            only so many bytes of the archive
  append TEXT          after the end of the archive
"""
import functools
import io
import random
import struct
import sys
import tarfile

RECORD, TAIL, ENTRY = 16, 24, struct.Struct("<IIQQII")
RUN = struct.Struct("<QII")
TYPES = {"hard": tarfile.LNKTYPE, "symlink": tarfile.SYMTYPE,
         "fifo": tarfile.FIFOTYPE, "device": tarfile.CHRTYPE,
         "dir": tarfile.DIRTYPE, "sparse": tarfile.GNUTYPE_SPARSE}
FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT,
           "pax": tarfile.PAX_FORMAT}


@functools.cache
def crc_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        table.append(n)
    return table


@functools.lru_cache(maxsize=256)
def crc32c(data):
    table, crc = crc_table(), 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


class Image:
    def __init__(self, path):
        self.files, self.directories = {}, []
        with tarfile.open(path) as tar:
            for member in tar:
                prefix, _, name = member.name.partition("/")
                if member.isfile():
                    self.files[name] = bytearray(tar.extractfile(member).read())
                else:
                    self.directories.append(name)
        self.prefix = prefix + "/"
        # The tail lists the files in the order in which they were archived.
        self.listed = [name for name in self.files if name != "tail"]
        self.extra, self.raw, self.cut, self.end = [], [], None, b""
        self.format, self.order = "ustar", None

    def find(self, path):
        if path in self.files:
            return path
        return next(name for name in self.files if name.startswith(path))

    def do_format(self, name):
        self.format = name

    def do_prefix(self, path):
        self.prefix = path and path + "/"

    def do_shuffle(self, seed):
        self.order = random.Random(seed)

    def do_drop(self, path):
        del self.files[self.find(path)]

    def do_twice(self, path):
        path = self.find(path)
        self.extra.append((path, tarfile.REGTYPE, self.files[path]))

    def do_rename(self, path, name):
        path = self.find(path)
        self.files = {name if key == path else key: data
                      for key, data in self.files.items()}

    def do_add(self, path, text):
        self.files[path] = bytearray(text.encode())

    def do_set(self, path, offset, size, value):
        number = int(value, 0) % (1 << 8 * int(size))
        at = int(offset, 0)
        self.files[self.find(path)][at:at + int(size)] = number.to_bytes(int(size), "little")

    def record(self, path, kind):
        """The first of its type: in which file, and where."""
        for name in filter(lambda name: name.startswith(path), self.files):
            records, at = self.files[name], 0
            while at + RECORD <= len(records) and not name.endswith(("/pages", "/data")):
                got, _, _, _, size = struct.unpack_from("<HHIII", records, at)
                if got == kind:
                    return name, at
                at += max(size, RECORD)
        raise KeyError((path, kind))

    def do_field(self, path, kind, offset, size, value):
        name, at = self.record(path, int(kind))
        self.do_set(name, str(at + RECORD + int(offset, 0)), size, value)

    def do_flip(self, path, offset, bit):
        self.files[self.find(path)][int(offset, 0)] ^= 1 << int(bit)

    def do_grow(self, path, count):
        path, count = self.find(path), int(count)
        self.files[path] = self.files[path][:count] if count < 0 else self.files[path] + bytes(count)

    def runs(self, path, start):
        """The record of runs in a file: where it is, the run at an address
        and the pages of contents before it."""
        records, at = self.files[path], 0
        while True:
            kind, _, fixed, count, size = struct.unpack_from("<HHIII", records, at)
            if kind in (32, 45):
                break
            at += size
        first, run = 0, at + RECORD + fixed
        while True:
            address, pages, kind = RUN.unpack_from(records, run)
            if address == int(start, 0):
                return at, run, first
            first, run = first + (pages if kind == 1 else 0), run + RUN.size

    def drop_pages(self, path, at, run, first):
        records = self.files[path]
        _, pages, kind = RUN.unpack_from(records, run)
        if kind != 1:
            return
        total = at + RECORD + (8 if struct.unpack_from("<H", records, at)[0] == 45 else 0)
        old, = struct.unpack_from("<Q", records, total)
        struct.pack_into("<Q", records, total, old - pages)
        contents = self.files[path.replace("vmas", "pages").replace("/file", "/data")]
        del contents[first * 4096:(first + pages) * 4096]

    def do_inherit(self, path, start):
        path = self.find(path)
        at, run, first = self.runs(path, start)
        self.drop_pages(path, at, run, first)
        struct.pack_into("<I", self.files[path], run + 12, 3)

    def do_forget(self, path, start):
        path = self.find(path)
        at, run, first = self.runs(path, start)
        self.drop_pages(path, at, run, first)
        records = self.files[path]
        count, size = struct.unpack_from("<II", records, at + 8)
        struct.pack_into("<II", records, at + 8, count - 1, size - RUN.size)
        del records[run:run + RUN.size]

    def do_fix(self):
        tail = self.files["tail"]
        for i, name in enumerate(self.listed):
            at = RECORD + TAIL + i * ENTRY.size
            kind, crc, ident, size, flags, reserved = ENTRY.unpack_from(tail, at)
            data = self.files.get(name)
            if data is None:
                continue
            crc = crc32c(bytes(data)) if flags & 1 else 0
            ENTRY.pack_into(tail, at, kind, crc, ident, len(data), flags, reserved)

    def do_member(self, name, kind, link):
        self.extra.append((name, TYPES[kind], link))

    def do_raw(self, offset, value):
        self.raw.append((int(offset, 0), int(value, 0)))

    def do_cut(self, count):
        self.cut = int(count, 0)

    def do_append(self, text):
        self.end += text.encode()

    def members(self):
        for name in self.directories:
            yield self.prefix + name, tarfile.DIRTYPE, ""
        for name, data in self.files.items():
            yield self.prefix + name, tarfile.REGTYPE, data
        for name, kind, what in self.extra:
            rooted = name if name.startswith("/") else self.prefix + name
            yield rooted, kind, what

    def archive(self):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=FORMATS[self.format]) as tar:
            members = [m for m in self.members() if m[0].strip("/")]
            if self.order:
                self.order.shuffle(members)
            for name, kind, what in members:
                info = tarfile.TarInfo(name)
                info.type, info.mode = kind, 0o500
                if kind == tarfile.REGTYPE:
                    info.size = len(what)
                    tar.addfile(info, io.BytesIO(what))
                else:
                    info.linkname = what
                    tar.addfile(info)
        data = bytearray(out.getvalue())
        for at, value in self.raw:
            data[at] = value
        return bytes(data if self.cut is None else data[:self.cut]) + self.end

    def edit(self, words):
        while words:
            action = getattr(self, "do_" + words[0])
            end = action.__code__.co_argcount
            action(*words[1:end])
            words = words[end:]
        return self.archive()


def main():
    archive = Image(sys.argv[1]).edit(sys.argv[3:])
    with open(sys.argv[2], "wb") as out:
        out.write(archive)


if __name__ == "__main__":
    main()
