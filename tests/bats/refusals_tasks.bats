#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# What a task can have that is not saved: a freeze says so by name, and the
# program runs on. One row each of what a program can bring about; some need a processor or
# a kernel that is not everywhere. These cannot be had: a uprobe and a death by seccomp under
# way, whose tasks do not stop in the midst of it; user events, handlers of the x32 ABI and
# policies of sched_ext, which Debian's kernel has not got.
# shellcheck disable=SC2154

load helpers
bats_require_minimum_version 1.5.0

teardown()
{
	[ -z "${core_pattern-}" ] || echo "$core_pattern" >/proc/sys/kernel/core_pattern
	common_teardown
}

# refuses ERRNO 'text' PROGRAM [ARGUMENT]: so says the log of the program's task, or of the
# one that it names.
refuses()
{
	local errno=$1 text=$2 task root
	shift 2

	start_if_possible "$@"
	root=$pid
	task=$(sed -n 's/^task //p' "$out")
	if grep -qx alone "$out"; then root=$task; fi
	# Each time, whether alone or after another.
	refused "$errno" ctl freeze web "pid=$root"
	refused "$errno" ctl snapshot web "pid=$root" kill
	[ ! -e "$MNT/web" ]
	[ ! -e "$MNT/web.tar" ]
	[ "$(grep -cxE "task ${task:-$pid}( \([^)]*\))?: $text" "$MNT/log")" -ge 2 ]
	finish
}

while read -r name text; do
	bats_test_function --description "a task with $name is refused, and runs on" \
		-- refuses EOPNOTSUPP "$text cannot be saved" refused "$name"
done <<'END'
tracer a tracer outside of the container
tracer_of_calls a tracer of its system calls
ptrace_event a ptrace event under way
listened_to PTRACE_LISTEN
suspended_seccomp PTRACE_O_SUSPEND_SECCOMP
weak_tracer a tracer \([0-9]+\) that would have no right to trace it now
perf_event a perf event
cpuid faulting CPUID
shadow_stack a shadow stack
xstate permission for dynamic XSAVE components
autogroup a nice value of its autogroup
io_uring io_uring
timer_outside a timer on the clock of a task that has ended or is outside
timer_of_thread a timer of a thread that has ended
stopping a tracer and a stop by a signal under way
landlock a Landlock domain
user_ns a user namespace
other_owner an address space of another user namespace
mount_ns a mount namespace of its own
net_ns a network namespace of its own
ipc_ns an IPC namespace of its own
uts_ns a UTS namespace of its own
cgroup_ns a cgroup namespace of its own
time_ns a time namespace for children of its own
pid_children_ns a pid namespace for children of its own
pid_ns a pid namespace of its own
END

while read -r errno name text; do
	bats_test_function --description "a task with $name is refused, and runs on" \
		-- refuses "$errno" "$text" refused "$name"
done <<'END'
EBUSY io_outside the I/O context is shared with a task outside of the container
EBUSY tracee it traces task [0-9]+, which is outside of the container or has ended
EBUSY undos_outside its semaphore adjustments are shared with a task outside of the container
EBUSY vfork_outside it waits in vfork\(\) for task [0-9]+, which is outside of the container
EBUSY fs_outside its directories are shared with a task outside
EBUSY sighand_outside its signal table is shared with a task outside of the container
EBUSY held_pi_futex a PI futex that it holds is waited for by a task outside of the container
EBUSY wanted_pi_futex the owner [0-9]+ of a PI futex that it waits for is no task of the container
EBUSY group_outside its process group, but not its session, is led from outside of the container
END

@test "a thread that runs in a code segment of its own is refused, and runs on" {
	start attributes32 own_code
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -E "^task [0-9]+: a code segment of its own cannot be saved$" "$MNT/log"
	finish
}

@test "all obstacles are named at once" {
	local first second third

	start refused io_uring
	first=$pid
	start refused landlock
	second=$pid
	start refused timer_of_thread
	third=$pid
	refused EOPNOTSUPP ctl freeze web "pid=$first" "pid=$second" "pid=$third"
	grep -qx "task $first: io_uring cannot be saved" "$MNT/log"
	grep -qx "task $second: a Landlock domain cannot be saved" "$MNT/log"
	grep -qx "task $third: a timer of a thread that has ended cannot be saved" "$MNT/log"
}

@test "a thread that ends for an exec() and is stopped by its tracer there is refused" {
	refuses EOPNOTSUPP "a core dump or exec under way cannot be saved" midway exec
}

# Who reads the core does so when the program has gone on.
@test "a task in the midst of a core dump is refused, and its core is whole" {
	local reader=$BATS_TEST_TMPDIR/reader

	echo "until [ -e $BATS_TEST_TMPDIR/go ]; do sleep 0.1; done; cat >/dev/null" >"$reader"
	core_pattern=$(</proc/sys/kernel/core_pattern)
	echo "|/bin/sh $reader" >/proc/sys/kernel/core_pattern
	refuses EOPNOTSUPP "a core dump or exec under way cannot be saved" midway dump
}

@test "a kernel thread is refused" {
	grep -qx kthreadd /proc/2/comm
	refused EOPNOTSUPP ctl freeze web pid=2
	refused EOPNOTSUPP ctl snapshot web pid=2
	[ ! -e "$MNT/web" ]
	[ "$(grep -cx "task 2: a kernel thread cannot be saved" "$MNT/log")" -ge 2 ]
}
