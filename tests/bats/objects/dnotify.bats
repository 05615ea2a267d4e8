#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

ENABLED=/proc/sys/fs/dir-notify-enable

teardown()
{
	echo 1 >"$ENABLED"
	common_teardown
}

@test "directories of which signals tell are watched on, for each event" {
	every_way dnotify "$BATS_TEST_TMPDIR"
}

@test "those of a 32-bit program are" { every_way dnotify32 "$BATS_TEST_TMPDIR"; }

@test "those on ext4 are" {
	disk=$(mktemp -d /var/tmp/dnotify.XXXXXX)
	round_trip dnotify "$disk"
	rm -r "$disk"
}

# A program in which an event comes while it is frozen, and is saved after that.
@test "an event in the midst of a freeze is told, and told once" {
	mkdir "$BATS_TEST_TMPDIR/watched"
	start_command -r python3 -c '
import fcntl, os, signal, sys, time
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGRTMIN])
fd = os.open(sys.argv[1], os.O_RDONLY)
fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGRTMIN)
fcntl.fcntl(fd, fcntl.F_NOTIFY, fcntl.DN_CREATE)
print("ready", flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.02)
assert signal.sigtimedwait([signal.SIGRTMIN], 0).si_signo == signal.SIGRTMIN
assert signal.sigtimedwait([signal.SIGRTMIN], 0) is None
print("passed")' "$BATS_TEST_TMPDIR/watched"
	ctl freeze web "pid=$pid"
	touch "$BATS_TEST_TMPDIR/watched/first"
	ctl thaw web
	save
	restore
	touch "$BATS_TEST_TMPDIR/watched/second"
	finish
}

@test "where the kernel is told to watch no directory a restore is refused with EINVAL" {
	start dnotify "$BATS_TEST_TMPDIR"
	save
	echo 0 >"$ENABLED"
	refused EINVAL restore
	grep -q 'fdtables/[0-9]*: descriptor [0-9]*: F_NOTIFY is refused' "$MNT/log"
	gone "$pid"
	echo 1 >"$ENABLED"
	restore
	finish
}

# Record 127: a descriptor, and events.
@test "signals that make no sense, or may not be had, are refused" {
	start dnotify "$BATS_TEST_TMPDIR"
	save_stream
	wrong_images <<-'END'
		EUCLEAN 'signals that tell of no descriptor' field fdtables/ 127 0 4 1000
		EUCLEAN 'fdtables/' field fdtables/ 127 0 4 0x80000000
		EUCLEAN 'signals that tell of no event' field fdtables/ 127 4 4 0x40
		EUCLEAN 'fdtables/' field fdtables/ 127 4 4 0x81
		ENOTDIR 'descriptor 1: F_NOTIFY is refused' field fdtables/ 127 0 4 1
	END
	restore
	finish
}
