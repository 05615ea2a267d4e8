# SPDX-License-Identifier: GPL-2.0-only
"""Computes with two threads and a child process, and writes a file.

The threads compute chains of hashes. The main thread takes one result of
each at a time, sends both through a pipe to the child, which keeps a running
hash of its own, and writes a line with all three. Every line depends on all
that came before it, so one lost or doubled step changes the rest of the file.
"""

import hashlib
import queue
import subprocess
import sys
import threading
import time

STEPS = 120
ROUNDS = 200


def compute(seed, results):
    value = seed
    for _ in range(STEPS):
        for _ in range(ROUNDS):
            value = hashlib.sha256(value).digest()
        results.put(value.hex()[:12])


def child():
    chain = hashlib.sha256()
    for line in sys.stdin:
        chain.update(line.encode())
        print(chain.hexdigest()[:12], flush=True)


def main(path):
    results = [queue.Queue(maxsize=2), queue.Queue(maxsize=2)]
    for number, seed in enumerate((b"left", b"right")):
        threading.Thread(target=compute, args=(seed, results[number])).start()
    peer = subprocess.Popen([sys.executable, __file__, "child"], text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with open(path, "w", buffering=1, encoding="ascii") as out:
        for step in range(STEPS):
            left, right = (each.get() for each in results)
            print(left, right, file=peer.stdin, flush=True)
            answer = peer.stdout.readline().strip()
            print(f"{step:3} {left} {right} {answer}", file=out)
            time.sleep(0.02)
        peer.stdin.close()
        print("the child ended with", peer.wait(), file=out)


if sys.argv[1] == "child":
    child()
else:
    main(sys.argv[1])
