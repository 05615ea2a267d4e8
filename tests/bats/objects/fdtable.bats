#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "descriptors keep their numbers, flags and who shares them" {
	round_trip fdtable
}

@test "ten thousand descriptors come back" {
	local half

	half=$(repeats 5000)
	# shellcheck disable=SC2016
	start_command -r python3 -c '
import os, resource, sys, time
resource.setrlimit(resource.RLIMIT_NOFILE, (20000, 20000))
half = int(sys.argv[1])
fds = [os.open("/etc/passwd", os.O_RDONLY) for i in range(half)]
fds += [os.dup(fd) for fd in fds]
for i, fd in enumerate(fds[:half]):
    os.lseek(fd, i, os.SEEK_SET)
print("ready", flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.02)
assert [os.lseek(fd, 0, os.SEEK_CUR) for fd in fds] == 2 * list(range(half))
assert resource.getrlimit(resource.RLIMIT_NOFILE) == (20000, 20000)
print("passed", flush=True)' "$half"
	save
	restore
	finish
}

@test "a table shared with a task outside is refused with EBUSY" {
	# shellcheck disable=SC2016
	start_command python3 -c '
import ctypes, os, time
libc = ctypes.CDLL(None)
CLONE_FILES = 0x400
pid = libc.syscall(56, CLONE_FILES | 17, 0, 0, 0, 0)
print("child", pid if pid else os.getpid(), flush=True)
print("ready", flush=True)
time.sleep(1000)'
	until_true grep -q ready "$out"
	child=$(awk '/^child/ { print $2; exit }' "$out")
	refused EBUSY ctl freeze web "pid=$child"
	grep -q "task $child: its descriptors are shared with a task outside" "$MNT/log"
	ctl freeze web "pid=$pid"
	ctl thaw web
}
