# SPDX-License-Identifier: GPL-2.0-only
"""The systems that are measured: each saves a program, which runs on, and
restores it from that image when it is gone.
"""
import errno
import os
import select
import shutil
import signal
import subprocess
import time

import criurpc

WORK = "/tmp/bench"
MNT = WORK + "/mnt"		# an instance of its own
NAME = "bench"
LIMIT = 600			# seconds for an operation


class Failed(Exception):
    """A measurement that cannot be made, with the reason."""


def run(*args):
    """A command, which is ended with all that it started when its time is over."""
    child = subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, start_new_session=True)
    try:
        said, _ = child.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        raise Failed("%s: not done in %d s" % (args[0], LIMIT)) from None
    if child.returncode:
        raise Failed("%s: %s" % (args[0], said.strip()[-200:] or
                                 "status %d" % child.returncode))
    return said


def features():
    """What the module can do, by name."""
    with open(MNT + "/features") as f:
        lines = (line.split(None, 2) for line in f)
        return {line[0]: line[1] for line in lines}


def unsupported(*wanted):
    have = features()
    missing = [name for name in wanted if have.get(name) not in ("yes", "partial")]
    if missing:
        raise Failed("not supported by this module: " + ", ".join(missing))


class Checkpointfs:
    """A resident caller, who writes control and copies NAME.tar."""
    name = "checkpointfs"
    image = WORK + "/image.tar"
    caller = None

    def __init__(self):
        self.kept = []		# images of which a restore needs all

    def prepare(self):
        """What need not be counted."""

    def call(self, *words):
        if not (Checkpointfs.caller and Checkpointfs.caller.poll() is None):
            Checkpointfs.caller = subprocess.Popen(
                [WORK + "/caller"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, bufsize=0, start_new_session=True)
        caller = Checkpointfs.caller
        caller.stdin.write((" ".join(words) + "\n").encode())
        if not select.select([caller.stdout], [], [], LIMIT)[0]:
            self.stop()
            raise Failed("not done in %d s" % LIMIT)
        error = int(caller.stdout.readline() or errno.EIO)
        if error:
            with open(MNT + "/log") as log:
                said = log.read().splitlines()
            raise Failed(said[-1] if said else os.strerror(error))

    @staticmethod
    def stop():
        if Checkpointfs.caller:
            Checkpointfs.caller.kill()
            Checkpointfs.caller.wait()
            Checkpointfs.caller = None

    def control(self, line):
        self.call("control", MNT + "/control", line)

    def copy(self, src, dst):
        self.call("copy", src, dst)

    def save(self, pid, name=NAME, since=None):
        self.call("save", "%s/%s.tar" % (MNT, name), self.image, MNT + "/control",
                  "snapshot %s pid=%d%s" % (name, pid, " since=" + since if since else ""))

    def reported(self):
        """The pause as control has it, in ms."""
        with open(MNT + "/control") as f:
            for line in f:
                for word in line.split():
                    if word.startswith("pause="):
                        return {"pause, reported": int(word[6:]) / 1e3}
        return {}

    def size(self):
        return os.path.getsize(self.image)

    def keep(self):
        """Another image is going to follow this one. How much of size() it is in."""
        self.kept.append("%s.%d" % (self.image, len(self.kept) + 1))
        os.rename(self.image, self.kept[-1])
        return 0

    def restore(self):
        """Of several images all but the last are staged first, which is left to the tool."""
        if self.kept:
            run("ckpt", "restore", "-m", MNT, *self.kept)
        else:
            self.copy(self.image, MNT + "/restore/commit")

    def forget(self):
        """What the module itself holds: the image is in its file."""
        for name in os.listdir(MNT):
            if name.startswith(NAME) and not name.endswith(".tar"):
                self.control("remove " + name)

    def clean(self):
        self.forget()
        for path in (self.image, *self.kept):
            if os.path.exists(path):
                os.unlink(path)
        self.kept = []


class Ckpt(Checkpointfs):
    """By command. Its instance is gone with it, so it has nothing to report."""
    name = "ckpt"

    def save(self, pid):
        run("ckpt", "save", "-m", MNT, "-n", NAME, "-o", self.image, str(pid))

    def reported(self):
        return {}

    def restore(self):
        run("ckpt", "restore", "-m", MNT, self.image)


class Criu:
    """By command."""
    name = "CRIU"
    image = WORK + "/criu"
    criu_options = ()		# what the case needs

    def __init__(self):
        self.last = self.image + "/1"

    def prepare(self):
        pass

    def call(self, what, directory, *args):
        os.makedirs(directory, exist_ok=True)
        try:
            run("criu", what, "-D", directory, "-o", "log", "-v1", *args)
        except Failed as reason:
            raise Failed("%s; %s" % (reason, self.said(directory))) from None

    def said(self, directory):
        """The first error in the log is the cause of the others."""
        try:
            with open(directory + "/log", errors="replace") as log:
                lines = [line.strip() for line in log if "Error" in line]
        except OSError:
            lines = []
        return lines[0] if lines else "no error in its log"

    def save(self, pid):
        self.call("dump", self.last, "-t", str(pid), "--leave-running", *self.criu_options)

    def forget(self):
        pass

    def reported(self):
        stats = criurpc.stats(self.last + "/stats-dump")
        return {"pause, reported": (stats.get(1, 0) + stats.get(2, 0)) / 1e3}

    def size(self):
        return sum(os.path.getsize(os.path.join(path, name))
                   for path, _, names in os.walk(self.image) for name in names
                   if name.endswith(".img"))

    def keep(self):
        return self.size()

    def restore(self):
        self.call("restore", self.last, "-d", *self.criu_options)

    def clean(self):
        shutil.rmtree(self.image, ignore_errors=True)


class CriuPreDump(Criu):
    """By command; most pages are taken, twice frozen, before the dump."""
    name = "CRIU pre-dump"

    def __init__(self):
        self.last = self.image + "/2"

    def save(self, pid):
        self.call("pre-dump", self.image + "/1", "-t", str(pid))
        self.call("dump", self.last, "-t", str(pid), "--leave-running", "--track-mem",
                  "--prev-images-dir", "../1")


class CriuRpc(Criu):
    """A resident caller, who asks CRIU's service."""
    name = "CRIU RPC"
    address = WORK + "/criu.socket"
    service = None

    def start(self):
        if CriuRpc.service and CriuRpc.service.poll() is None:
            return
        if os.path.exists(self.address):
            os.unlink(self.address)
        CriuRpc.service = subprocess.Popen(
            ["criu", "service", "--address", self.address, "-W", WORK, "-o", "/dev/null"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        until = time.monotonic() + 60
        while not os.path.exists(self.address):
            if CriuRpc.service.poll() is not None or time.monotonic() > until:
                raise Failed("criu service does not start")
            time.sleep(0.01)

    def stop(self):
        if CriuRpc.service:
            os.killpg(CriuRpc.service.pid, signal.SIGKILL)
            CriuRpc.service.wait()
            CriuRpc.service = None

    def ask(self, kind, pid=None):
        images = os.open(self.last, os.O_RDONLY | os.O_DIRECTORY)
        try:
            wrong = criurpc.request(self.address, kind, images, pid, LIMIT)
        except TimeoutError:
            self.stop()
            wrong = "not done in %d s" % LIMIT
        finally:
            os.close(images)
        if wrong is not None:
            raise Failed("criu service: %s; %s" % (wrong, self.said(self.last)))

    def prepare(self):
        self.start()
        os.makedirs(self.last)

    def save(self, pid):
        self.ask(criurpc.DUMP, pid)

    def restore(self):
        self.ask(criurpc.RESTORE)


SYSTEMS = {system.name: system for system in
           (Checkpointfs, Ckpt, Criu, CriuPreDump, CriuRpc)}
