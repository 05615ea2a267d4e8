#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# What a new task would inherit from the one who restores, and no image has a
# word for, is refused to him by name.
# shellcheck disable=SC2154

load helpers

# inherits 'words' command...: restores by way of the command, in vain.
inherits()
{
	local words=$1
	shift

	refused EOPNOTSUPP "$@" sh -c "cat '$image' >'$MNT/restore/commit'"
	grep -F "restore: the new tasks would inherit $words of the one who restores" "$MNT/log"
	gone "$pid"
}

@test "a restored task inherits no attribute that the saved one did not have" {
	start plain
	save
	inherits 'CPU affinity' taskset -c 0
	inherits 'an I/O priority' ionice -c 3
	inherits 'a scheduling policy' chrt -b 0
	refused EOPNOTSUPP setpriv --no-new-privs sh -c "cat '$image' >'$MNT/restore/commit'"
	grep -F "would inherit no_new_privs" "$MNT/log"
	gone "$pid"
	restore
	finish
}

# prctl(PR_SET_TSC) outlives execve(), after which a program that reads the clock
# may die of it: so it is turned off around the one write.
@test "a restored task inherits no ban of an instruction" {
	start plain
	save
	refused EOPNOTSUPP python3 - "$image" "$MNT/restore/commit" <<'END'
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
	grep -F "would inherit faulting TSC or CPUID of the one who restores" "$MNT/log"
	gone "$pid"
	restore
	finish
}

@test "a restored task has no TLS slot of the one who restores" {
	start plain
	save
	python3 - "$image" "$MNT/restore/commit" <<'END'
import ctypes, os, struct, sys

set_thread_area = 205
slot = ctypes.create_string_buffer(struct.pack("<IIII", 12, 0x1000, 0xfffff, 0x51))
assert ctypes.CDLL(None).syscall(set_thread_area, slot) == 0
commit = os.open(sys.argv[2], os.O_WRONLY)
os.write(commit, open(sys.argv[1], "rb").read())
END
	ctl freeze web "pid=$pid"
	cat "$MNT/web.tar" >"$BATS_TEST_TMPDIR/again"
	ctl thaw web
	ckpt show "$BATS_TEST_TMPDIR/again" >"$BATS_TEST_TMPDIR/shown"
	grep -q xstate "$BATS_TEST_TMPDIR/shown"
	[ "$(grep -cw tls "$BATS_TEST_TMPDIR/shown")" = 0 ]
	finish
}
