#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154
#
# Images of what has changed since another one, and programs restored from both.

load helpers
load generations

setup_file() { many_pids; }

@test "each generation of a program that changes its memory in all ways comes back" {
	local full n

	generations
	full=$(contents "$BATS_TEST_TMPDIR/g0.tar")
	for n in 1 2 4 5; do
		[ "$(contents "$BATS_TEST_TMPDIR/g$n.tar")" -lt "$((full / 2))" ]
	done
	for n in 1 2 3 4 5; do
		[ "$(id_of "$BATS_TEST_TMPDIR/g$n.tar" parent)" = \
			"$(id_of "$BATS_TEST_TMPDIR/g$((n - 1)).tar")" ]
		ckpt check "$BATS_TEST_TMPDIR/g$n.tar"
	done
	for n in 0 1 2 3 4 5; do
		# In any order; what is not needed stays.
		seq 0 $((n - 1)) | shuf | while read -r older; do stage "g$older"; done
		rewind "$n"
		if ((n % 2)); then
			put "g$n"
		else
			stage "g$n"
			echo "g$n" >"$MNT/restore/commit"
		fi
		[ "$(staged)" = commit ]
		verify
	done
}

@test "a program that runs all the time is the same in all its generations" {
	local n older

	start bank
	ctl snapshot g0 "pid=$pid"
	for n in 1 2 3 4; do
		ctl snapshot "g$n" "pid=$pid" "since=g$((n - 1))"
	done
	for n in 0 1 2 3 4; do
		cat "$MNT/g$n.tar" >"$BATS_TEST_TMPDIR/g$n.tar"
		ctl remove "g$n"
	done
	finish
	for n in 4 2; do
		rm "$go"
		echo ready >"$out"
		for ((older = 0; older < n; older++)); do stage "g$older"; done
		put "g$n"
		"$PROGRAMS/audit" "$MNT" "$pid" 2
		finish
	done
}

@test "huge pages and pages that are shared with relatives are told apart" {
	local program n

	for program in thp cow shared_anon mappings; do
		start "$program"
		ctl snapshot g0 "pid=$pid"
		ctl snapshot g1 "pid=$pid" since=g0
		for n in 0 1; do cat "$MNT/g$n.tar" >"$BATS_TEST_TMPDIR/g$n.tar"; done
		ctl snapshot g2 "pid=$pid" since=g1 kill
		until_gone "$pid"
		cat "$MNT/g2.tar" >"$BATS_TEST_TMPDIR/g2.tar"
		for n in 0 1 2; do ctl remove "g$n"; done
		[ "$(contents "$BATS_TEST_TMPDIR/g2.tar")" -lt "$(contents "$BATS_TEST_TMPDIR/g0.tar")" ]
		stage g0
		stage g1
		put g2
		finish
	done
}

@test "an image that has nothing in common with the older one is a full one" {
	start_command "$PROGRAMS/generations" exec
	until_true test -e "/proc/$pid/exe"
	ctl snapshot g0 "pid=$pid"
	step 1
	ctl snapshot g1 "pid=$pid" since=g0 kill
	until_true all_gone
	[ -z "$(id_of "$MNT/g1" parent | tr -d 0)" ]
	rm "$go".*
	cat "$MNT/g1.tar" >"$MNT/restore/commit"
	ctl remove g0
	ctl remove g1
	verify
}

@test "what an image may not be a difference to is refused" {
	start plain
	other=$pid
	ctl snapshot other "pid=$other"
	start plain
	ctl snapshot web "pid=$pid"
	refused EINVAL ctl snapshot a "pid=$pid" since=other
	tail -n 1 "$MNT/log" | grep -x 'a: since=other: that is another program'
	refused ENOENT ctl snapshot a "pid=$pid" since=none
	tail -n 1 "$MNT/log" | grep 'since=none: there is no container of that name'
	ctl freeze frozen "pid=$pid"
	refused EBUSY ctl snapshot a "pid=$other" since=frozen
	tail -n 1 "$MNT/log" | grep 'since=frozen: is frozen, not committed'
	ctl thaw frozen
	[ "$(wc -l <"$MNT/control")" = 2 ]
	ctl snapshot a "pid=$pid" since=web
	# The younger one stays what it is when the older one goes.
	cat "$MNT/a.tar" >"$BATS_TEST_TMPDIR/a.tar"
	ctl remove web
	cmp "$MNT/a.tar" "$BATS_TEST_TMPDIR/a.tar"
	refused ENOENT ctl snapshot b "pid=$pid" since=web
	ctl remove a
	ctl remove other
	kill -KILL "$other"
	finish
}

edit()
{
	"$TREE/tests/bats/image.py" "$BATS_TEST_TMPDIR/$1.tar" "$BATS_TEST_TMPDIR/$2.tar" "${@:3}"
}

# Address of the first run of that kind in an image's first address space.
run_of()
{
	ckpt show --json "$1" | jq -r "[.[] | select(.file == \"mm/1/vmas\") | .records[] |
		select(.record == \"runs\") | .elements[] | select(.kind == \"$2\")][$3].start"
}

@test "parents that are missing, wrong, or not what they should be" {
	local own n

	start plain
	ctl snapshot g0 "pid=$pid"
	run_on 2
	ctl snapshot g1 "pid=$pid" since=g0
	run_on 2
	ctl snapshot g2 "pid=$pid" since=g1
	for n in 0 1 2; do cat "$MNT/g$n.tar" >"$BATS_TEST_TMPDIR/g$n.tar"; done
	for n in 0 1 2; do ctl remove "g$n"; done
	kill -KILL "$pid"
	until_gone "$pid"
	own=$(id_of "$BATS_TEST_TMPDIR/g0.tar")

	# Missing; another one; the one before that one.
	refused ENOENT put g1
	tail -n 1 "$MNT/log" | grep "its parent, the image $own, is not staged"
	stage g1
	refused ENOENT put g2
	tail -n 1 "$MNT/log" | grep "g1: its parent, the image $own, is not staged"
	refused ENOENT put g1
	[ "$(staged | tr '\n' ' ')" = 'commit g1 ' ]
	rmdir "$MNT/restore/g1"

	# Changed after it was staged, with and without a true tail.
	stage g0
	printf x | dd of="$MNT/restore/g0/mm/1/vmas" bs=1 seek=40 conv=notrunc status=none
	refused EBADMSG put g1
	[ "$(staged | tr '\n' ' ')" = 'commit g0 ' ]
	rmdir "$MNT/restore/g0"
	edit g0 short forget mm/1/vmas "$(run_of "$BATS_TEST_TMPDIR/g1.tar" parent 0)" fix
	ckpt check "$BATS_TEST_TMPDIR/short.tar"
	tar -C "$MNT/restore" -xf "$BATS_TEST_TMPDIR/short.tar"
	refused EUCLEAN put g1
	tail -n 1 "$MNT/log" | grep 'g1/mm/1/vmas: the parent does not have these pages'
	rmdir "$MNT/restore/g0"

	# Its own parent, and its parent's.
	edit g0 self set header 56 8 1 set header 64 8 1 set header 72 8 1 \
		set header 80 8 1 set header 88 8 1 set tail 24 8 1 set tail 32 8 1 fix
	refused EUCLEAN put self
	tail -n 1 "$MNT/log" | grep 'header: is its own parent'
	edit g0 cycle set header 56 8 1 fix \
		set header 80 8 "0x$(swapped "$(id_of "$BATS_TEST_TMPDIR/g1.tar")" 0)" \
		set header 88 8 "0x$(swapped "$(id_of "$BATS_TEST_TMPDIR/g1.tar")" 16)" fix
	stage cycle
	refused EUCLEAN put g1
	tail -n 1 "$MNT/log" | grep 'is a difference to itself'
	rmdir "$MNT/restore/g0"

	# A run that is here made the parent's, twice the same, above another.
	edit g1 lost inherit mm/1/vmas "$(run_of "$BATS_TEST_TMPDIR/g1.tar" pages 0)" fix
	edit g0 short forget mm/1/vmas "$(run_of "$BATS_TEST_TMPDIR/g0.tar" pages 0)" fix
	tar -C "$MNT/restore" -xf "$BATS_TEST_TMPDIR/short.tar"
	refused EUCLEAN put lost
	rmdir "$MNT/restore/g0"
	edit g0 unnamed inherit mm/1/vmas "$(run_of "$BATS_TEST_TMPDIR/g0.tar" pages 0)" fix
	refused EUCLEAN put unnamed
	tail -n 1 "$MNT/log" | grep 'vmas: pages of a parent that is not named'

	# The chain is whole after all that; a pid in use leaves it so.
	stage g0
	stage g1
	start_at_pid
	refused EEXIST put g2
	[ "$(staged | tr '\n' ' ')" = 'commit g0 g1 ' ]
	kill -KILL "$squatter"
	wait "$squatter" || :
	until_gone "$pid"
	put g2
	finish
}

# Bytes $2 / 2 to $2 / 2 + 7 of an id, as the number that they are.
swapped()
{
	local i number=

	for ((i = 0; i < 16; i += 2)); do number=${1:$2 + i:2}$number; done
	echo "$number"
}

# A process with the program's pid.
start_at_pid()
{
	echo $((pid - 1)) >/proc/sys/kernel/ns_last_pid
	sleep 1000 &
	squatter=$!
	[ "$squatter" = "$pid" ]
}
