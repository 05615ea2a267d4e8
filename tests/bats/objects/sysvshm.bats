#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

setup()
{
	forced=$(</proc/sys/kernel/shm_rmid_forced)
	common_setup
}

# What a killed program has left, too.
teardown()
{
	echo "$forced" >/proc/sys/kernel/shm_rmid_forced
	ipcrm --all=shm
	common_teardown
}

@test "System V segments keep contents, attachments, owners, times; what is left is used again" {
	every_way sysvshm
}

@test "System V segments of which nothing is left are made again with their ids" {
	echo 1 >/proc/sys/kernel/shm_rmid_forced
	FORCED=1 round_trip sysvshm
	FORCED=1 start sysvshm detached
	save
	[ "$(ipcs -m | grep -c 0x5c0de)" = 0 ]
	restore
	[ "$(ipcs -m | grep -c 0x5c0de)" = 2 ]
	# They are his who has made them.
	kill -KILL "$pid"
	until_gone "$pid"
	[ "$(ipcs -m | grep -c 0x5c0de)" = 0 ]
}

@test "a System V segment that a task outside has attached is refused with EBUSY" {
	start sysvshm
	child=$(pgrep -P "$pid" | head -n 1)
	refused EBUSY ctl freeze web "pid=$child"
	grep -q "System V shared memory [0-9]*: it is attached by a task outside of the container" \
		"$MNT/log"
	ctl freeze web "pid=$pid"
	ctl thaw web
	finish
}

@test "a restore that fails leaves the segments that it found as they were" {
	local ids look

	start sysvshm detached
	mapfile -t ids < <(sed -n 's/^id //p' "$out")
	save
	"$PROGRAMS/sysvshm" look "${ids[0]}" changed
	look=$("$PROGRAMS/sysvshm" look "${ids[0]}")
	[[ $look = *" 0 changed" ]]

	# The id of the other is taken.
	ipcrm -m "${ids[1]}"
	echo "${ids[1]}" >/proc/sys/kernel/shm_next_id
	ipcmk -M 100 | grep -qx "Shared memory id: ${ids[1]}"
	refused EEXIST restore
	grep -q "shm/2/segment: System V shared memory ${ids[1]}, key 0x5c0de002, cannot be made: -" \
		"$MNT/log"
	[ "$("$PROGRAMS/sysvshm" look "${ids[0]}" | cut -d' ' -f 1-4,9-)" = \
		"$(cut -d' ' -f 1-4,9- <<<"$look")" ]

	# Of one that was made nothing is left.
	ipcrm -m "${ids[0]}"
	refused EEXIST restore
	[ "$(ipcs -m | grep -c 0x5c0de001)" = 0 ]

	ipcrm -m "${ids[1]}"
	restore
	finish
}

@test "a System V segment that somebody has attached, or that has changed, is in the way" {
	local ids stranger=$BATS_TEST_TMPDIR/stranger

	start sysvshm detached
	mapfile -t ids < <(sed -n 's/^id //p' "$out")
	# While it is saved, too.
	ctl freeze web "pid=$pid"
	cat "$MNT/web/shm/1/data" >/dev/null
	"$PROGRAMS/sysvshm" look "${ids[0]}"
	refused EBUSY cat "$MNT/web/shm/1/data"
	refused EBUSY ctl commit web
	refused EBUSY cat "$MNT/web/shm/1/data"
	grep -x "web: somebody outside has used System V shared memory ${ids[0]} meanwhile" "$MNT/log"
	ctl thaw web
	save
	# By one who lives, and has detached it.
	python3 -c '
import ctypes, sys, time
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
assert libc.shmdt(ctypes.c_void_p(libc.shmat(int(sys.argv[1]), None, 0))) == 0
open(sys.argv[2], "w").close()
time.sleep(1000)' "${ids[0]}" "$stranger" 3>&- &
	disown
	until_true test -e "$stranger"
	refused EEXIST restore
	kill -KILL $!
	until_gone $!
	ipcrm -m "${ids[0]}"
	echo "${ids[0]}" >/proc/sys/kernel/shm_next_id
	ipcmk -M 4096 | grep -qx "Shared memory id: ${ids[0]}"
	refused EEXIST restore
	ipcrm -m "${ids[0]}"
	ipcs -m | grep -q 0x5c0de002
	restore
	finish
}
