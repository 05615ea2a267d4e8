#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Does something again and again, each time with another allocation failing.

faults.py MOUNT IMAGE PID OPERATION STEP: the allocations that the kernel makes below
checkpointfs, in whatever task, are counted from the start of the operation; the
first one fails, next time the second one, until none is left to fail; with a STEP
beyond 1 every so many, from a random one on. Each time the operation succeeds, since
the allocation was not needed, or it fails with ENOMEM, says so in the log, and leaves
nothing.

Documentation/fault-injection of the kernel tells of the files under debugfs.
"""
import errno
import os
import random
import re
import signal
import sys
import tarfile
import time

mount, image, pid, operation, step = sys.argv[1:5] + [int(sys.argv[5])]
control, commit = mount + "/control", mount + "/restore/commit"
archive = open(image, "rb").read()
with tarfile.open(image) as members:
    files = [(m.name, m.isdir(), b"" if m.isdir() else members.extractfile(m).read())
             for m in members]
tasks = [int(name.split("/")[2]) for name, is_dir, _ in files
         if is_dir and name.startswith("web/tasks/")]


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def put(path, *pieces):
    """As who writes goes on after a write of less than all, but not after an error."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        for piece in pieces:
            while piece:
                piece = piece[os.write(fd, piece):]
    finally:
        os.close(fd)


def say(path, text):
    put(path, text.encode())


class Faults:
    """
    What decides that an allocation fails. The kernel counts those that might, and
    lets fail whose number is a multiple of "interval": the count is kept in a file.
    """

    def __init__(self, kind):
        self.directory = "/sys/kernel/debug/" + kind
        self.count_file = "/run/faults-" + kind
        self.count = int(read(self.count_file)) if os.path.exists(self.count_file) else 0
        self.target = 0
        ours = self.text("ckpt_", "checkpointfs_")
        # It allocates for each object one of its own, and does without.
        kmemleak = self.text("kmemleak_alloc", "kmemleak_vmalloc", "kmemleak_update_trace")
        self.set(probability="0", space="0", verbose=os.environ.get("VERBOSE", "0"),
                 task_filter="N", ignore_gfp_wait="N", stacktrace_depth="32",
                 require_start=hex(ours[0]), require_end=hex(ours[1]),
                 reject_start=hex(kmemleak[0]), reject_end=hex(kmemleak[1]))
        if kind == "fail_page_alloc":
            self.set(min_order="0", ignore_gfp_highmem="N")

    def set(self, **values):
        for name, value in values.items():
            say("%s/%s" % (self.directory, name.replace("_", "-")), value)

    @staticmethod
    def text(*prefixes):
        """From the first to the last of some functions, which are linked together."""
        found, etext = [], 0
        for line in read("/proc/kallsyms").splitlines():
            address, kind, name = line.split()[:3]
            if name == "_etext":
                etext = int(address, 16)
            if kind in "tT" and name.startswith(prefixes) and "." not in name:
                found.append(int(address, 16))
        found = [address for address in found if address < etext]
        return min(found), max(found)

    def fail(self, number):
        """The allocation of that number, from now on."""
        self.target = self.count + number
        self.set(interval=str(self.target), times="1", probability="100")

    def hit(self):
        return read(self.directory + "/times") == "0\n"

    def stop(self):
        """Return: has it failed?"""
        self.set(probability="0")
        hit = self.hit()
        if not hit:
            self.catch_up()
        # An interval of 1 is none, and does not count.
        self.count = self.target if self.target > 1 else 0
        say(self.count_file, str(self.count))
        return hit

    def catch_up(self):
        """Allocates up to the one that would have failed: so many there have been."""
        self.set(probability="100")
        for _ in range(self.target + 100):
            if self.hit():
                break
            try:
                os.mkdir(mount + "/restore/faults")
                put(mount + "/restore/faults/file", bytes(1 << 16))
            except OSError:
                pass
            if os.path.exists(mount + "/restore/faults"):
                os.rmdir(mount + "/restore/faults")
        else:
            sys.exit("no allocation fails")
        self.set(probability="0")


# ---- what is tried: do, undo, and what there is before it and after a failure ----

def nothing():
    pass


def make_tree():
    os.mkdir(mount + "/restore/web")
    for name, is_dir, data in files:
        path = mount + "/restore/" + name
        if not is_dir:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            put(path, data)


def drop_tree():
    if os.path.exists(mount + "/restore/web"):
        os.rmdir(mount + "/restore/web")


def kill_restored():
    for task in tasks:
        try:
            os.kill(task, signal.SIGKILL)
        except ProcessLookupError:
            pass
    while any(os.path.exists("/proc/%d" % task) for task in tasks):
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            pass
        time.sleep(0.001)


def pieces():
    return [archive[at:at + (1 << 17)] for at in range(0, len(archive), 1 << 17)]


FREEZE = "freeze web pid=%s timeout=0" % pid


def freeze():
    say(control, FREEZE)


def remove():
    say(control, "remove web")


# What is there before; the file that is written and what is written to it, or what
# else is done; after it has succeeded, after it has failed.
OPERATIONS = {
    "freeze": (nothing, control, [FREEZE.encode()], remove, nothing),
    "snapshot": (nothing, control, [b"snapshot web pid=" + pid.encode()], remove, nothing),
    "commit": (freeze, control, [b"commit web"], remove, remove),
    "stage": (nothing, None, make_tree, drop_tree, drop_tree),
    "restore": (nothing, commit, pieces(), kill_restored, nothing),
    "restore_staged": (make_tree, commit, [b"web\n"], kill_restored, drop_tree),
}
RESTORES = ("restore", "restore_staged")
# What system calls say if there is no memory for an inode of tmpfs, for a signal, for the
# inode of a pipe.
KERNELS_OWN = ("ENOSPC", "EAGAIN", "ENFILE")


def log_end():
    fd = os.open(mount + "/log", os.O_RDONLY)
    try:
        return os.lseek(fd, 0, os.SEEK_END)
    finally:
        os.close(fd)


def state():
    """What is there: containers, staged trees, tasks, names."""
    there = [task for task in tasks if os.path.exists("/proc/%d" % task)]
    containers = re.sub(" (timeout|pause)=[0-9]+", "", read(control))
    return (containers, sorted(os.listdir(mount)), os.listdir(mount + "/restore"), there,
            read(commit))


def once(faults, number, wrong):
    """Return: was there an allocation of that number?"""
    before, path, what, undo, undo_failed = OPERATIONS[operation]
    empty = state()
    before()
    ready, logged, failure = state(), log_end(), None
    # Files are opened by the kernel's own means, which have no log.
    fd = os.open(path, os.O_WRONLY) if path else -1
    faults.fail(number)
    try:
        if path:
            for piece in what:
                os.write(fd, piece)
        else:
            what()
    except OSError as e:
        failure = e
    hit = faults.stop()
    if path:
        os.close(fd)
    if failure:
        name = errno.errorcode[failure.errno]
        last = read(mount + "/log").splitlines()[-1:]
        if name != "ENOMEM" and not (operation in RESTORES and name in KERNELS_OWN):
            wrong.append("%d: %s: %s" % (number, name, last))
        if path and log_end() == logged:
            wrong.append("%d: %s, and the log does not say why" % (number, name))
        if path and state()[:2] + state()[3:4] != ready[:2] + ready[3:4]:
            wrong.append("%d: was %s, is %s" % (number, ready, state()))
        undo_failed()
    else:
        undo()
    if state()[:4] != empty[:4]:
        wrong.append("%d: something is left: %s" % (number, state()))
    return hit, failure


def every(kind, wrong):
    """Return: how many allocations there are, how often the operation failed."""
    faults, failures, number, hit = Faults(kind), 0, random.randint(1, step), True
    while hit:
        hit, failure = once(faults, number, wrong)
        failures += failure is not None
        if failure and not hit:
            wrong.append("%d: %s, though no allocation has failed" % (number, failure))
        if os.environ.get("VERBOSE"):
            print("#", kind, number, failure, *wrong[-1:], flush=True)
        number += step
    return number - step, failures


def main():
    wrong = []
    if operation in RESTORES:
        kill_restored()
    for kind, what in ("failslab", "slab objects"), ("fail_page_alloc", "pages"):
        before = len(wrong)
        number, failures = every(kind, wrong)
        print("# %s: %d times without %s, by %d: %d failures" %
              (operation, number, what, step, failures), flush=True)
        wrong[before:] = [what + ": " + line for line in wrong[before:]]
    if wrong:
        sys.exit("\n".join(wrong))


main()
