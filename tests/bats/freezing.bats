#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2009,SC2086,SC2154,SC2231
# What a freeze finds, what can happen to it, and what it leaves behind.
load helpers

setup()
{
	common_setup
	group=/sys/fs/cgroup/freezing
}

teardown()
{
	common_teardown
	if [ -d $group ]; then rmdir $group; fi
}

state() { awk '/^State:/ { print $2 }' "/proc/$pid/task/$1/status"; }
is_stopped() { [ "$(state "$1")" = T ]; }
log_has() { grep -qF "$1" "$MNT/log"; }

finish()
{
	touch "$go"
	until_gone "$pid"
	[ "$(tail -n 1 "$out")" = passed ]
}

@test "threads and processes that are about to be gone are in no image" {
	local task

	start churn
	for _ in {1..25}; do
		ctl freeze web "pid=$pid"
		for task in $MNT/web/tasks/*; do
			[ "${task##*/}" != 0 ]
			[ -e "$task/cpu" ]
		done
		ctl thaw web
	done
	finish
}

@test "a zombie may be waited for while it is collected" {
	local i times

	times=$(repeats 25)
	for ((i = 1; i <= times; i++)); do
		python3 -c '
import os, sys, time
pid = os.fork()
if not pid:
    os._exit(0)
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
print(pid, flush=True)
time.sleep(int(sys.argv[1]) / 2000)
os.waitpid(pid, 0)' "$((i * 25 / times))" >"$BATS_TEST_TMPDIR/zombie" &
		until_true test -s "$BATS_TEST_TMPDIR/zombie"
		if ctl freeze web "pid=$(<"$BATS_TEST_TMPDIR/zombie")" 2>/dev/null; then
			[ -n "$(ls $MNT/web/tasks)" ]
			ctl thaw web
		fi
		wait $!
		: >"$BATS_TEST_TMPDIR/zombie"
	done
}

@test "waits go on after any number of freezes" {
	local i

	start waiting
	for i in {1..5}; do
		ctl freeze web "pid=$pid"
		ctl thaw web
	done
	# At once again, when it has been woken and has not run yet.
	python3 -c '
import os, sys
fd = os.open(sys.argv[1], os.O_WRONLY)
for i in range(200):
    os.write(fd, b"freeze web pid=" + sys.argv[2].encode())
    os.write(fd, b"thaw web")' $MNT/control "$pid"
	finish
}

@test "a freeze that fails before it has stopped anything ends no wait" {
	# The waiting threads are found before the child of bash that asks is.
	# shellcheck disable=SC2016
	start_command -r bash -c '"$0" & until [ -e "$1" ]; do sleep 0.05; done
		(for i in {1..20}; do echo "freeze web pid=$$" >"$2"; done) 2>/dev/null
		echo tried; wait' "$PROGRAMS/waiting" "$BATS_TEST_TMPDIR/try" $MNT/control
	: >"$BATS_TEST_TMPDIR/try"
	until_true grep -q '^tried$' "$out"
	log_has "is the one that asks"
	finish
}

@test "memory shared with a process outside is refused" {
	start shared_outside
	refused EBUSY ctl freeze web "pid=$(pgrep -P "$pid")"
	log_has "its memory is shared with a task outside of the container"
	ctl freeze web "pid=$pid"
	ctl thaw web
	finish
}

@test "who looks at the descriptors of a program does not share them" {
	local looker

	start counting
	for _ in 1 2; do
		while true; do
			stat -L "/proc/$pid/fd/0" "/proc/$pid/fd/1"
			ls -l "/proc/$pid/fd" "/proc/$pid/map_files"
		done >/dev/null 2>&1 &
		looker="${looker-} $!"
	done
	for _ in {1..25}; do
		ctl freeze web "pid=$pid"
		ctl thaw web
	done
	# shellcheck disable=SC2086
	kill $looker
	finish
}

@test "a stop that is not complete stays what it is" {
	start half_stopped
	kill -STOP "$pid"
	until_true is_stopped "$pid"
	ctl freeze web "pid=$pid"
	ctl thaw web
	until_true is_stopped "$pid"
	kill -CONT "$pid"
	finish
}

@test "who thaws the cgroup does not thaw what is frozen in it" {
	local pages

	mkdir $group
	start counting
	echo "$pid" >$group/cgroup.procs
	pgrep -P "$pid" >$group/cgroup.procs
	ctl freeze web "pid=$pid"
	pages=$(cat $MNT/web/mm/*/pages | md5sum)
	echo 1 >$group/cgroup.freeze
	echo 0 >$group/cgroup.freeze
	sleep 0.5
	[ "$(cat $MNT/web/mm/*/pages | md5sum)" = "$pages" ]
	echo "$pid" >/sys/fs/cgroup/cgroup.procs
	sleep 0.5
	[ "$(cat $MNT/web/mm/*/pages | md5sum)" = "$pages" ]
	ctl commit web
	[ "$(cat $MNT/web/mm/*/pages | md5sum)" = "$pages" ]
	ctl remove web
	finish
}

@test "what is frozen in a frozen cgroup stays frozen after a thaw" {
	mkdir $group
	start counting
	echo "$pid" >$group/cgroup.procs
	pgrep -P "$pid" >$group/cgroup.procs
	echo 1 >$group/cgroup.freeze
	until_true grep -qx "frozen 1" $group/cgroup.events
	ctl freeze web "pid=$pid"
	ctl thaw web
	# For a moment they are on their way back to where they were.
	until_true grep -qx "frozen 1" $group/cgroup.events
	echo 0 >$group/cgroup.freeze
	finish
}

@test "once one of the tasks is killed its image can be read no more" {
	start counting
	ctl freeze web "pid=$pid"
	cat $MNT/web/mm/*/pages >/dev/null
	kill -KILL "$(pgrep -P "$pid")"
	until_true zombie_child
	refused ESTALE cat $MNT/web/mm/1/pages
	refused ESTALE cat $MNT/web.tar
	refused EBUSY ctl commit web
	[ ! -e $MNT/web ]
	finish
}

zombie_child() { ps -o stat= --ppid "$pid" | grep -q Z; }

# Whatever a freeze says to that: the program goes on, and no task is left behind.
@test "stops, thaws of the cgroup and tracers come at any moment" {
	local disturber i times

	mkdir $group
	start churn
	echo "$pid" >$group/cgroup.procs
	while true; do
		kill -STOP "$pid"
		kill -CONT "$pid"
		echo 1 >$group/cgroup.freeze
		echo 0 >$group/cgroup.freeze
		timeout 5 strace -p "$pid" -o /dev/null -e none &
		sleep 0.01
		kill $! || :
		wait $! || :
	done >/dev/null 2>&1 &
	disturber=$!
	times=$(repeats 25)
	for ((i = 1; i <= times; i++)); do
		if ctl freeze web "pid=$pid" 2>/dev/null; then
			[ $((i % 2)) = 0 ] || ctl commit web
			cat $MNT/web.tar >"$BATS_TEST_TMPDIR/web.tar"
			ctl remove web
		fi
	done
	kill "$disturber"
	wait "$disturber" || :
	kill -CONT "$pid"
	echo 0 >$group/cgroup.freeze
	finish
}

@test "children are killed at any moment" {
	local i killer

	for i in {1..10}; do
		start counting
		(sleep "0.0$((i % 10))"; pkill -KILL -P "$pid") &
		killer=$!
		if ctl freeze web "pid=$pid" 2>/dev/null; then
			cat $MNT/web.tar >"$BATS_TEST_TMPDIR/web.tar" 2>/dev/null || :
			ctl commit web 2>/dev/null || :
			wait "$killer"
			[ ! -e $MNT/web ] || ctl remove web
		else
			wait "$killer"
		fi
		finish
	done
}
