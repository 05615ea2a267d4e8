#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# What a task can have that is not saved: a freeze says so by name, and the
# program runs on. One row each of those in refuse.c that a program can
# bring about; a core dump and an exec() under way are not among
# them, since their tasks cannot be stopped in the midst of it.
# shellcheck disable=SC2154

load helpers
bats_require_minimum_version 1.5.0

# refuses ERRNO 'text' PROGRAM [ARGUMENT]: so says the log of the program's task, or of the
# one that it names.
refuses()
{
	local errno=$1 text=$2 task
	shift 2

	start_if_possible "$@"
	task=$(sed -n 's/^task //p' "$out")
	# Each time, whether alone or after another.
	refused "$errno" ctl freeze web "pid=$pid"
	refused "$errno" ctl snapshot web "pid=$pid" kill
	[ ! -e "$MNT/web" ]
	[ ! -e "$MNT/web.tar" ]
	[ "$(grep -cxE "task ${task:-$pid}: $text" "$MNT/log")" -ge 2 ]
	finish
}

while read -r name text; do
	bats_test_function --description "a task with $name is refused, and runs on" \
		-- refuses EOPNOTSUPP "$text cannot be saved" refused "$name"
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
terminal a controlling terminal \(tty9\) that is no pty
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

while read -r name text; do
	for bits in '' 32; do
		bats_test_function \
			--description "$name${bits:+ of a 32-bit program} is refused, and stays" \
			-- refuses EOPNOTSUPP "$text cannot be saved" "attributes$bits" "$name"
	done
done <<'END'
memory_merge PR_SET_MEMORY_MERGE
membarrier a registration for membarrier\(2\)
ldt an LDT \(modify_ldt\)
ioperm port access rights
iopl port access rights
lonely_group a process group whose leader is gone
lonely_session a session whose leader is gone
END

@test "a task that shares tables with two siblings, one each, is refused, and runs on" {
	refuses EOPNOTSUPP 'the working directory is shared with task [0-9]+, which has not made it' \
		refused shared_with_two
}

# The freeze interrupts the one who waits, so that nothing but the word in memory
# is left of it; he waits again when he goes on.
@test "a PI futex that is held and waited for is kept" { round_trip refused pi_futex; }

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
