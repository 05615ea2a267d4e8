#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A program with data, in Python: app.py objects|sqlite BOARD.

Started with the yardstick preloaded, it makes its data, and while it is to
work (board.h) changes an item at random, again and again.
"""
import mmap
import random
import sqlite3
import sys
import time

READY, WORKING, WORK = 2, 6, 7		# numbers on the board, by place
ITEMS = 100000


def objects():
    data = {"item %d" % i: {"number": i, "seen": [i] * 8, "text": "%0200d" % i}
            for i in range(ITEMS)}

    def change(number):
        item = data["item %d" % number]
        item["number"] += 1
        item["seen"] = item["seen"][1:] + [number]
    return change


def sqlite():
    base = sqlite3.connect(":memory:", isolation_level=None)
    base.execute("create table item (id integer primary key, number integer, text)")
    base.execute("begin")
    base.executemany("insert into item values (?, ?, ?)",
                     ((i, i, "%0600d" % i) for i in range(ITEMS)))
    base.execute("commit")

    def change(number):
        base.execute("update item set number = number + 1 where id = ?", (number,))
    return change


def main():
    with open(sys.argv[2], "r+b") as f:
        board = memoryview(mmap.mmap(f.fileno(), 4096)).cast("Q")
    change = {"objects": objects, "sqlite": sqlite}[sys.argv[1]]()
    board[READY] = 1
    while True:
        if not board[WORKING]:
            time.sleep(0.001)
            continue
        change(random.randrange(ITEMS))
        board[WORK] += 1


main()
