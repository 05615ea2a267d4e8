#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# What a new task would inherit from the one who restores, and no image has a
# word for, is refused to him by name.
# shellcheck disable=SC2030,SC2031,SC2154

load helpers

@test "a restored task inherits no attribute that the saved one did not have" {
	start plain
	save
	refused EOPNOTSUPP setpriv --no-new-privs sh -c "cat '$image' >'$MNT/restore/commit'"
	grep -F "would inherit no_new_privs" "$MNT/log"
	gone "$pid"
	restore
	finish
}

@test "a restored task is scheduled as the saved one was, and not as who restores it" {
	local before

	start plain
	before=$(scheduling)
	save
	taskset -c 0 ionice -c 3 chrt -b 0 nice -n 5 sh -c "cat '$image' >'$MNT/restore/commit'"
	[ "$(scheduling)" = "$before" ]
	finish
}

# The same of speculation: what can be taken back is, the rest is refused.
write_with_speculation()
{
	local control=$1

	python3 - "$image" "$MNT/restore/commit" "$control" <<'END'
import ctypes, os, sys

GET, SET, STORE_BYPASS, PRCTL = 52, 53, 0, 1
prctl = ctypes.CDLL(None).prctl
image = open(sys.argv[1], "rb").read()
commit = os.open(sys.argv[2], os.O_WRONLY)
assert prctl(SET, STORE_BYPASS, int(sys.argv[3]), 0, 0) == 0
os.write(commit, image)
assert prctl(GET, STORE_BYPASS, 0, 0, 0) == PRCTL | int(sys.argv[3])
END
}

@test "a restored task inherits no control of speculation" {
	local said

	start_if_possible speculation
	finish
	start plain
	said=$(grep Speculation_Store "/proc/$pid/status")
	save
	refused EPERM write_with_speculation 8
	grep -F "PR_SPEC_STORE_BYPASS is refused" "$MNT/log"
	gone "$pid"
	write_with_speculation 4
	[ "$(grep Speculation_Store "/proc/$pid/status")" = "$said" ]
	finish
}

scheduling() { chrt -p "$pid" && taskset -p "$pid" && ionice -p "$pid" && ps -o ni= -p "$pid"; }

# prctl(PR_SET_TSC) outlives execve(), after which a program that reads the clock
# may die of it: so it is turned off around the one write.
@test "a restored task inherits no ban of an instruction" {
	start attributes no_ban
	save
	python3 - "$image" "$MNT/restore/commit" <<'END'
import ctypes, os, sys

PR_SET_TSC, ENABLE, SIGSEGV = 26, 1, 2
prctl = ctypes.CDLL(None).prctl
image = open(sys.argv[1], "rb").read()
commit = os.open(sys.argv[2], os.O_WRONLY)
assert prctl(PR_SET_TSC, SIGSEGV, 0, 0, 0) == 0
try:
    os.write(commit, image)
finally:
    prctl(PR_SET_TSC, ENABLE, 0, 0, 0)
END
	finish
}

@test "a restored task inherits no right to ports" {
	start ports none
	save
	python3 - "$image" "$MNT/restore/commit" <<'END'
import ctypes, os, sys

libc = ctypes.CDLL(None)
image = open(sys.argv[1], "rb").read()
commit = os.open(sys.argv[2], os.O_WRONLY)
assert libc.ioperm(0x80, 1, 1) == 0 and libc.iopl(3) == 0
os.write(commit, image)
END
	finish
}

@test "to the audit system what is restored belongs to who restores" {
	# shellcheck disable=SC2016
	start_command -r bash -c 'echo 4321 >/proc/self/loginuid && exec "$0"' "$PROGRAMS/plain"
	ready
	[ "$(<"/proc/$pid/loginuid")" = 4321 ]
	save
	restore
	[ "$(<"/proc/$pid/loginuid")" = "$(</proc/self/loginuid)" ]
	[ "$(<"/proc/$pid/sessionid")" = "$(</proc/self/sessionid)" ]
	[ "$(</proc/self/loginuid)" != 4321 ]
	finish
}
