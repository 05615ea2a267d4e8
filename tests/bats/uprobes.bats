#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
#
# Programs that somebody outside watches by uprobes: an image has nothing of it, the program
# that goes on is watched as before, and a restored one by whoever watches then.

load helpers
load generations

TRACING=/sys/kernel/tracing
program=uprobe

setup_file() { many_pids; }

setup()
{
	[ -e "$TRACING/uprobe_events" ] || skip "this kernel has no uprobes"
	: >"$TRACING/trace"
	common_setup
}

teardown()
{
	[ -e "$TRACING/uprobe_events" ] || return 0
	unwatch
	common_teardown
}

# Where in its file the program has something.
at() { sed -n "s/^at $1 //p" "$out"; }

# probe p|r NAME OFFSET
probe()
{
	echo "$1:ckpt/$2 $PROGRAMS/$program:$3" >>"$TRACING/uprobe_events"
	echo 1 >"$TRACING/events/ckpt/$2/enable"
}

watch()
{
	probe p hit "$(at probed)($(at semaphore))"
	probe p other "$(at patched)"
}

unwatch()
{
	local event

	for event in "$TRACING"/events/ckpt/*/; do
		[ ! -e "${event}enable" ] || echo 0 >"${event}enable"
	done
	: >"$TRACING/uprobe_events"
}

# How often has a probe been hit?
hits() { awk -v name="$1" '$2 == name { n = $3 } END { print n + 0 }' "$TRACING/uprobe_profile"; }
hit() { [ "$(hits hit)" -ge "$1" ] && [ "$(hits other)" -ge "$1" ]; }
# How often has one been returned to?
returns() { grep -c " $1: (" "$TRACING/trace" || :; }
# It is hit $1 times more.
hit_more() { until_true hit $(($(hits hit) + $1)); }

# What both processes have said of their memory: whole 0, or watched 1.
said() { [ "$(grep -cxE "(parent|child) probed $1 patched $1 semaphore $2" "$out")" = 2 ]; }

own_mappings() { grep -c '\[uprobes\]$' "/proc/$pid/maps" || :; }

kill_it()
{
	pkill -KILL -s "$pid"
	until_true all_gone
}

@test "a program that is watched, and one that is no more, see what there is to see" {
	start uprobe
	finish
	said whole 0
	start uprobe
	watch
	hit_more 5
	finish
	said watched 1
	unwatch
	# What it compares with it reads before it is ready.
	start uprobe
	watch
	hit_more 5
	unwatch
	finish
	said whole 0
}

@test "an image of a program that is watched has no probes" {
	start uprobe
	watch
	hit_more 2
	[ "$(own_mappings)" = 1 ]
	save
	unwatch
	ckpt check "$image"
	restore
	[ "$(own_mappings)" = 0 ]
	finish
	said whole 0
}

@test "a restored program is watched again where the probes are still there" {
	start uprobe
	watch
	hit_more 2
	save
	restore
	hit_more 5
	finish
	said watched 1
}

@test "a restored program is watched that was not before" {
	start uprobe
	save
	watch
	restore
	hit_more 5
	ctl snapshot web "pid=$pid" kill
	until_gone "$pid"
	cat "$MNT/web.tar" >"$image"
	ctl remove web
	restore
	hit_more 5
	unwatch
	finish
	said whole 0
}

@test "a program of which a snapshot has been made is watched as before" {
	start uprobe
	watch
	hit_more 2
	ctl snapshot web "pid=$pid"
	hit_more 5
	image=$BATS_TEST_TMPDIR/web.tar
	cat "$MNT/web.tar" >"$image"
	ctl remove web
	kill_it
	unwatch
	restore
	finish
	said whole 0
}

@test "what is read of a frozen program does not change when probes come and go" {
	local n

	start uprobe
	for n in 1 2; do
		ctl freeze web "pid=$pid"
		cat "$MNT/web.tar" >"$BATS_TEST_TMPDIR/first.tar"
		watch
		cmp "$MNT/web.tar" "$BATS_TEST_TMPDIR/first.tar"
		unwatch
		cmp "$MNT/web.tar" "$BATS_TEST_TMPDIR/first.tar"
		watch
		ctl commit web
		cmp "$MNT/web.tar" "$BATS_TEST_TMPDIR/first.tar"
		hit_more 5
		cmp "$MNT/web.tar" "$BATS_TEST_TMPDIR/first.tar"
		ctl remove web
		unwatch
	done
	kill_it
	image=$BATS_TEST_TMPDIR/first.tar
	restore
	finish
	said whole 0
}

@test "what is read of a program that was frozen while it was watched does not change" {
	start uprobe
	watch
	hit_more 2
	ctl freeze web "pid=$pid"
	cat "$MNT/web.tar" >"$BATS_TEST_TMPDIR/first.tar"
	unwatch
	cmp "$MNT/web.tar" "$BATS_TEST_TMPDIR/first.tar"
	watch
	ctl commit web kill
	cmp "$MNT/web.tar" "$BATS_TEST_TMPDIR/first.tar"
	until_gone "$pid"
	ctl remove web
	unwatch
	image=$BATS_TEST_TMPDIR/first.tar
	restore
	finish
	said whole 0
}

@test "each generation of a program that is watched now and then comes back" {
	local n older

	start uprobe
	cp "$out" "$BATS_TEST_TMPDIR/said"
	watch
	hit_more 2
	ctl snapshot g0 "pid=$pid"
	unwatch
	ctl snapshot g1 "pid=$pid" since=g0
	watch
	hit_more 2
	ctl snapshot g2 "pid=$pid" since=g1
	hit_more 2
	ctl snapshot g3 "pid=$pid" since=g2
	for n in 0 1 2 3; do
		cat "$MNT/g$n.tar" >"$BATS_TEST_TMPDIR/g$n.tar"
		ctl remove "g$n"
	done
	kill_it
	for n in 3 2 1 0; do
		cat "$BATS_TEST_TMPDIR/said" >"$out"
		for ((older = 0; older < n; older++)); do stage "g$older"; done
		put "g$n"
		hit_more 2
		verify
		said watched 1
	done
	unwatch
	for n in 3 0; do
		cat "$BATS_TEST_TMPDIR/said" >"$out"
		for ((older = 0; older < n; older++)); do stage "g$older"; done
		put "g$n"
		verify
		said whole 0
	done
}

# Watched and not watched in turn, until there is enough of it.
flicker()
{
	while [ ! -e "$BATS_TEST_TMPDIR/enough" ]; do
		watch
		unwatch
	done
}

# A probe that comes between the pages ends the restore, and harms nothing.
restore_at_last()
{
	local said

	until said=$(restore 2>&1); do
		[[ $said == *"$(strerror EEXIST)"* ]]
		grep -F "or put a probe there" "$MNT/log"
		[ ! -e "/proc/$pid" ]
	done
}

@test "probes come and go while a program is saved and restored" {
	local n times flicker

	image=$BATS_TEST_TMPDIR/web.tar
	times=$(repeats 10)
	start uprobe
	flicker >/dev/null 2>&1 3>&- &
	flicker=$!
	for ((n = 0; n < times; n++)); do
		ctl snapshot web "pid=$pid" kill
		until_gone "$pid"
		cat "$MNT/web.tar" >"$image"
		ctl remove web
		restore_at_last
		ctl freeze web "pid=$pid"
		cat "$MNT/web.tar" >"$BATS_TEST_TMPDIR/first.tar"
		ctl commit web
		cmp "$MNT/web.tar" "$BATS_TEST_TMPDIR/first.tar"
		ctl remove web
	done
	: >"$BATS_TEST_TMPDIR/enough"
	wait "$flicker"
	finish
	said whole 0
}

# In a function that returns by way of a probe, and so does another that ends in it. $1: of
# which program, which becomes $program.
start_inside()
{
	local enter=$BATS_TEST_TMPDIR/enter

	program=$1
	rm -f "$enter"
	start_command "$PROGRAMS/$program" inside "$enter"
	until_true grep -q '^at patched ' "$out"
	probe r in "$(at inside)"
	probe r out "$(at outside)"
	: >"$enter"
	until_true ready
}

@test "a program that is to return by way of a probe returns without one" {
	start_inside uprobe
	save
	unwatch
	restore
	finish
}

@test "one that is still probed does, and so does the program itself" {
	start_inside uprobe
	image=$BATS_TEST_TMPDIR/web.tar
	ctl freeze web "pid=$pid"
	cat "$MNT/web.tar" >"$image"
	cmp "$MNT/web.tar" "$image"
	ctl commit web
	cmp "$MNT/web.tar" "$image"
	cp "$out" "$BATS_TEST_TMPDIR/said"
	finish
	[ "$(returns in) $(returns out)" = "1 1" ]
	ctl remove web
	rm "$go"
	cat "$BATS_TEST_TMPDIR/said" >"$out"
	restore
	finish
	[ "$(returns in) $(returns out)" = "1 1" ]
}

@test "a 32-bit program that is to return by way of a probe is refused, and returns" {
	start_inside uprobe32
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -x "task $pid: a return probe cannot be saved" "$MNT/log"
	# It is the program's stack that has it.
	unwatch
	refused EOPNOTSUPP ctl snapshot web "pid=$pid"
	finish
}

@test "a 32-bit program that is watched is saved without the probes" {
	program=uprobe32
	start uprobe32
	watch
	hit_more 2
	save
	restore
	hit_more 2
	unwatch
	finish
	said whole 0
}

@test "a restored program has no return probe of the one who restores it" {
	start uprobe
	save
	probe r back "$(at copy)"
	"$PROGRAMS/uprobe" copy "$image" "$MNT/restore/commit"
	[ "$(returns back)" = 1 ]
	run_on 5
	[ "$(own_mappings)" = 0 ]
	ctl freeze web "pid=$pid"
	ctl thaw web
	finish
	said whole 0
}
