#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# What a task can have that is not saved: a freeze says so by name, and the
# program runs on. One row each of those in refuse.c that a program can
# bring about; a core dump and an exec() under way are not among
# them, since their tasks cannot be stopped in the midst of it. And attributes of which it is
# for the module to say whether they are saved or refused, but not lost.
# shellcheck disable=SC2154

load helpers
bats_require_minimum_version 1.5.0

refuses()
{
	local name=$1 text=$2 task

	start_if_possible refused "$name"
	task=$(sed -n 's/^task //p' "$out")
	# Each time, whether alone or after another.
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	refused EOPNOTSUPP ctl snapshot web "pid=$pid" kill
	[ ! -e "$MNT/web" ]
	[ ! -e "$MNT/web.tar" ]
	[ "$(grep -cxF "task $task: $text" "$MNT/log")" -ge 2 ]
	finish
}

# Saved, or refused by a line that names the task; never lost.
kept_or_refused()
{
	local state=0

	start_if_possible "$@"
	ctl freeze web "pid=$pid" 2>"$BATS_TEST_TMPDIR/error" || state=$?
	if [ "$state" != 0 ]; then
		grep -q "$(strerror EOPNOTSUPP)" "$BATS_TEST_TMPDIR/error"
		grep -q "^task [0-9]*: .* cannot be saved" "$MNT/log"
		finish
		return
	fi
	ctl thaw web
	finish
	round_trip "$@"
}

while read -r name text; do
	bats_test_function --description "a task with $name is refused, and runs on" \
		-- refuses "$name" "$text cannot be saved"
done <<'END'
tracer a tracer
uprobe a uprobe
perf_event a perf event
seccomp_listener a seccomp filter with a listener
cookie a core scheduling cookie
speculation a speculation control
io_uring io_uring
sem_undo a semaphore undo list
sysv_shm System V shared memory that it has made
timer_outside a timer on the clock of a task that has ended or is outside
timer_of_thread a timer of a thread that has ended
terminal a controlling terminal (tty9) that is no pty
stopping a stop by a signal under way
process_keyring keyrings
session_keyring keyrings
keyring_setting a keyring setting
landlock a Landlock domain
label a security label
user_ns a user namespace
mount_ns a mount namespace of its own
net_ns a network namespace of its own
ipc_ns an IPC namespace of its own
uts_ns a UTS namespace of its own
cgroup_ns a cgroup namespace of its own
time_ns a time namespace for children of its own
pid_children_ns a pid namespace for children of its own
pid_ns a pid namespace of its own
END

@test "a task that shares tables with two siblings, one each, is refused, and runs on" {
	start refused shared_with_two
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -qE "^task [0-9]+: the (descriptor table|working directory) is shared with task [0-9]+, which has not made it$" "$MNT/log"
	finish
}

for name in memory_merge membarrier ldt ioperm iopl \
	lonely_group lonely_session; do
	for bits in '' 32; do
		bats_test_function --description "$name${bits:+ of a 32-bit program} is not lost" \
			-- kept_or_refused "attributes$bits" "$name"
	done
done

# The freeze interrupts the one who waits, so that nothing but the word in memory
# is left of it; he waits again when he goes on.
@test "a PI futex that is held and waited for is not lost" {
	kept_or_refused refused pi_futex
}

@test "all obstacles are named at once" {
	local first second third

	start refused io_uring
	first=$pid
	start refused keyring_setting
	second=$pid
	start refused sysv_shm
	third=$pid
	refused EOPNOTSUPP ctl freeze web "pid=$first" "pid=$second" "pid=$third"
	grep -qx "task $first: io_uring cannot be saved" "$MNT/log"
	grep -qx "task $second: a keyring setting cannot be saved" "$MNT/log"
	grep -qx "task $third: System V shared memory that it has made cannot be saved" "$MNT/log"
}
