#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154
#
# What an address space can have that is not saved: a freeze says so by name,
# and the program runs on. These cannot be had, on Debian's kernel or at all: linear
# address masking, MAP_SYNC without a disk that is memory, memory shared with a device
# (SVA), a default for new mappings that is not a lock, a program without a file.

load helpers
bats_require_minimum_version 1.5.0

MIN_ADDR=/proc/sys/vm/mmap_min_addr

teardown()
{
	[ -z "${min_addr-}" ] || echo "$min_addr" >"$MIN_ADDR"
	common_teardown
}

refuses()
{
	start_if_possible refused_memory "$1"
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	refused EOPNOTSUPP ctl snapshot web "pid=$pid" kill
	[ ! -e "$MNT/web" ]
	grep -xE "task $pid(:| \([^)]*\)) ?$2" "$MNT/log"
	finish
}

while read -r name text; do
	bats_test_function --description "memory with $name is refused, and the program runs on" \
		-- refuses "$name" "$text"
done <<'END'
vdso_key mapping [0-9a-f-]*: a special mapping, or a changed vdso cannot be saved
mem mapping [0-9a-f-]*: memory of a device cannot be saved
pci mapping [0-9a-f-]*: memory of a device cannot be saved
special mapping [0-9a-f-]*: a mapping with special flags cannot be saved
limit mapping [0-9a-f-]*: a limit to its protection cannot be saved
deleted_policy .*\(deleted, with a memory policy \(mbind\)\) cannot be saved
map_file .*shared memory that is open as a file cannot be saved
vdso mapping [0-9a-f-]*: a special mapping, or a changed vdso cannot be saved
poison the page at [0-9a-f]*, poisoned or in a device, cannot be saved
END

# Those of a program of a fixed address become so.
@test "addresses that prctl(PR_SET_MM) does not take are refused" {
	min_addr=$(<"$MIN_ADDR")
	start_command -r python3 -c '
import os, time
print("ready", flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.02)
print("passed", flush=True)'
	ready
	echo $((1 << 28)) >"$MIN_ADDR"
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -qx "task $pid: addresses that prctl(PR_SET_MM) does not take cannot be saved" "$MNT/log"
	finish
}

@test "an address space that is shared with the outside is refused, and named" {
	local second

	start vm_shared
	second=$(sed -n 's/^second //p' "$out")
	refused EBUSY ctl freeze web "pid=$second"
	grep -F "task $second: the address space is shared with task $pid outside" "$MNT/log"
	finish
}

@test "an address space with two processes is saved with both" { every_way vm_shared; }
