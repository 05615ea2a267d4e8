#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

LIMIT=/proc/sys/fs/lease-break-time

setup()
{
	common_setup
	limit=$(<"$LIMIT")
	# What is asked for is not taken while a test lasts.
	echo 100000 >"$LIMIT"
}

teardown()
{
	echo "$limit" >"$LIMIT"
	common_teardown
}

@test "files keep their leases, with who is told, who has been, and who waits" {
	every_way leases "$BATS_TEST_TMPDIR"
}

# Has a lease that another has asked for when lease-break-time was $1, and waits for the
# end of it.
holder()
{
	start_command -r python3 -c '
import fcntl, os, signal, sys, time
signal.signal(signal.SIGIO, lambda *_: None)
name, limit = sys.argv[1:]
with open("/proc/sys/fs/lease-break-time", "w") as sysctl:
    sysctl.write(limit)
held = os.open(name, os.O_RDWR | os.O_CREAT)
fcntl.fcntl(held, fcntl.F_SETLEASE, fcntl.F_WRLCK)
try:
    os.open(name, os.O_RDWR | os.O_NONBLOCK)
except BlockingIOError:
    print("ready", flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.02)
os.open(name, os.O_RDWR)
assert fcntl.fcntl(held, fcntl.F_GETLEASE) == fcntl.F_UNLCK
print("passed")' "$BATS_TEST_TMPDIR/file" "$1"
	ready
}

@test "one that is not given up has the time that was left, and goes" {
	holder 2
	echo 100000 >"$LIMIT"
	save
	restore
	finish
}

@test "no time is longer than this machine has it" {
	holder 100000
	save
	echo 1 >"$LIMIT"
	restore
	finish

	holder 0
	save
	echo 1 >"$LIMIT"
	restore
	finish
}

@test "a lease that another's open file forbids is refused with EAGAIN" {
	start leases "$BATS_TEST_TMPDIR"
	save
	exec 7>"$BATS_TEST_TMPDIR/read"
	refused EAGAIN restore
	grep -q 'read: the lease cannot be had' "$MNT/log"
	exec 7>&-
	exec 7<"$BATS_TEST_TMPDIR/both"
	refused EAGAIN restore
	exec 7>&-
	restore
	finish
}

@test "a lease of another's file is for who has CAP_LEASE" {
	local without=(setpriv --bounding-set=-lease --inh-caps=-lease)

	start_command -r "${without[@]}" "$PROGRAMS/leases" "$BATS_TEST_TMPDIR"
	ready
	save
	chown 1234 "$BATS_TEST_TMPDIR/read"
	refused EACCES "${without[@]}" bash -c "cat '$image' >'$MNT/restore/commit'"
	grep -q 'read: the lease cannot be had' "$MNT/log"
	restore
	finish
}

# Record 68: the first lease is that of the file that is open twice.
@test "a lease that makes no sense, or may not be had, is refused" {
	start leases "$BATS_TEST_TMPDIR"
	save_stream
	wrong_images <<-'END'
		EUCLEAN 'locks/1: a lease of no file' field locks 68 0 8 0
		EUCLEAN 'locks/1' field locks 68 0 8 99999
		EUCLEAN 'locks/1' field locks 68 8 8 0x8000000000000000
		EUCLEAN 'locks/1' field locks 68 24 4 0
		EUCLEAN 'locks/1' field locks 68 24 4 3
		EUCLEAN 'locks/1' field locks 68 28 4 4
		EUCLEAN 'locks/1' field locks 68 36 4 0x80000000
		EAGAIN 'read: the lease cannot be had' field locks 68 24 4 2
	END
	restore
	finish
}
