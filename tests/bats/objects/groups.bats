#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154

load ../helpers

@test "process groups and sessions whose leader has ended are kept, with their numbers" {
	every_way groups
}

@test "such a number that is taken is refused with EEXIST, and nothing is left" {
	local members number taker

	start groups
	number=$(sed -n 's/^group //p' "$out")
	mapfile -t members < <(pgrep -P "$pid")
	save
	until_gone "${members[@]}"
	GO=$BATS_TEST_TMPDIR/taker.go "$PROGRAMS/launch" -r "$BATS_TEST_TMPDIR/taker" \
		"$PROGRAMS/groups" "$number"
	read -r taker <"$BATS_TEST_TMPDIR/taker.pid"
	refused EEXIST restore
	grep -F "leaders/$number: pid $number is in use" "$MNT/log"
	: >"$BATS_TEST_TMPDIR/taker.go"
	until_gone "$taker"
	restore
	finish
}

# Each with open files of its own: a shared one would be an obstacle.
@test "a process group without a leader that is outside too becomes the writer's" {
	start_command python3 -c '
import os, time
if os.fork() == 0:
    os.setpgid(0, 0)
    for _ in range(2):
        pid = os.fork()
        if pid == 0:
            for fd in range(3):
                os.close(fd)
                os.open("/dev/null", os.O_RDWR)
            os.execlp("sleep", "sleep", "1000")
    print(pid, flush=True)
    os._exit(0)
os.wait()
time.sleep(1000)'
	until_true test -s "$out"
	pid=$(<"$out")
	until_true is_sleep "$pid"
	# What led the group has said the pid before it ends.
	until_gone "$(($(group_of "$pid")))"
	[ "$(group_of "$pid")" != "$(group_of $$)" ]
	save
	restore
	[ "$(group_of "$pid")" = "$(group_of $$)" ]
}

is_sleep() { [ "$(<"/proc/$1/comm")" = sleep ]; }
group_of() { ps -o pgid= -p "$1"; }
