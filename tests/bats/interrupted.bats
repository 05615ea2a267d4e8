#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# System calls that wait while a program is frozen: they see no EINTR, and what
# was left of their time is what they wait for afterwards. All at once,
# because each waits for long; the program names those that went wrong.
# shellcheck disable=SC2154

load helpers

ALL="nanosleep clock_nanosleep clock_nanosleep_abs futex futex_shared futex_abs
	poll ppoll select pselect sigtimedwait semtimedop mq_timedreceive mq_timedsend
	nanosleep_left clock_nanosleep_left real_nanosleep_left
	ppoll_left select_left pselect_left
	pause sigsuspend sigwaitinfo futex_endless poll_endless select_endless
	read write open waitpid waitid semop epoll_wait epoll_endless mq_receive mq_send
	getevents pgetevents getevents_endless getevents_more"

now_ms() { awk '{ print int($1 * 1000) }' /proc/uptime; }

# Tells the program for how long it may have been stopped or not have existed, which is all
# the time since $1, and to go on.
finish_since()
{
	echo "$(($(now_ms) - $1))" >"$go.new"
	mv "$go.new" "$go"
	until_gone "$pid"
	[ "$(tail -n 1 "$out")" = passed ]
}

across_thaw()
{
	local i before

	# shellcheck disable=SC2086
	start "$1" $ALL
	before=$(now_ms)
	for ((i = 0; i < 3; i++)); do
		ctl freeze web "pid=$pid"
		sleep 0.3
		ctl thaw web
		sleep 0.1
	done
	finish_since "$before"
}

# A freeze that is refused has stopped the program too, for as long as it took.
across_refusal()
{
	local i before

	# shellcheck disable=SC2086
	start "$1" obstacle $ALL
	before=$(now_ms)
	for ((i = 0; i < 3; i++)); do
		refused EOPNOTSUPP ctl freeze web "pid=$pid"
		sleep 0.1
	done
	finish_since "$before"
}

# Snapshots while the calls wait: an image is kept, the program runs on.
across_commit()
{
	local i before

	# shellcheck disable=SC2086
	start "$1" $ALL
	before=$(now_ms)
	for ((i = 0; i < 3; i++)); do
		ctl freeze "web$i" "pid=$pid"
		ctl commit "web$i"
		sleep 0.1
	done
	finish_since "$before"
}

across_restore()
{
	local before

	# shellcheck disable=SC2086
	start "$1" $ALL
	before=$(now_ms)
	save
	restore
	finish_since "$before"
}

# What is left is saved again as it is left then.
across_two_restores()
{
	local before

	# shellcheck disable=SC2086
	start "$1" $ALL
	before=$(now_ms)
	save
	restore
	sleep 0.5
	save
	restore
	finish_since "$before"
}

@test "calls of an undisturbed program" {
	# shellcheck disable=SC2086
	start interrupted $ALL
	finish_since "$(now_ms)"
}

@test "calls wait on across freeze and thaw" { across_thaw interrupted; }
@test "calls of a 32-bit program do" { across_thaw interrupted32; }
@test "calls wait on across a freeze that is refused" { across_refusal interrupted; }
@test "calls of a 32-bit program wait on across one" { across_refusal interrupted32; }
@test "calls wait on across freeze and commit" { across_commit interrupted; }
@test "calls of a 32-bit program wait on across freeze and commit" { across_commit interrupted32; }
@test "calls wait on in a restored program" { across_restore interrupted; }
@test "calls of a 32-bit program wait on when it is restored" { across_restore interrupted32; }
@test "calls wait on in a program restored twice" { across_two_restores interrupted; }
