#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154
#
# The memory of a program that stands still, read from outside, is what its image has, page
# by page, and stays so in the image when the program goes on and writes to all of it.

load helpers

notes() { "$PROGRAMS/samememory" note "$pid" "$@" >"$BATS_TEST_TMPDIR/notes"; }

# So many pages at least are compared.
same_in()
{
	local n

	n=$("$PROGRAMS/samememory" compare "$MNT/$1" "$BATS_TEST_TMPDIR/notes") || return 1
	echo "# $n pages" >&3
	[ "$n" -ge "$2" ]
}

# It says how many are the same even where some are not, but nothing if it fails otherwise.
another_in()
{
	local n

	if n=$("$PROGRAMS/samememory" compare "$MNT/$1" "$BATS_TEST_TMPDIR/notes" 2>/dev/null); then
		echo "the program has not written anything"
		return 1
	fi
	[ -n "$n" ]
}

work_on()
{
	local i

	for ((i = 0; i < 10; i++)); do nap; done
}

# The image web stays what it is, and a later one is another.
stays_in_image()
{
	work_on
	same_in web "$1"
	ctl snapshot later "pid=$pid"
	another_in later
	ctl remove later
	ctl remove web
	finish
}

# $1 pages at least, of the program and those children.
frozen_is_the_image()
{
	work_on
	ctl freeze web "pid=$pid" timeout=0
	notes "${@:2}"
	same_in web "$1"
	ctl commit web
	stays_in_image "$1"
}

all_stopped()
{
	local status

	for status in "${@/#/\/proc/}"; do
		[ "$(sort -u <(sed -n 's/^State:\s*\(.\).*/\1/p' "$status"/task/*/status))" = T ] ||
			return 1
	done
}

stopped_is_the_image()
{
	work_on
	kill -STOP "$pid" "${@:2}"
	until_true all_stopped "$pid" "${@:2}"
	notes "${@:2}"
	ctl snapshot web "pid=$pid"
	same_in web "$1"
	kill -CONT "$pid" "${@:2}"
	stays_in_image "$1"
}

@test "what is frozen is what the image has: private, copy-on-write, shared" {
	start scribble "$BATS_TEST_TMPDIR/file"
	frozen_is_the_image 2000 "$(pgrep -P "$pid")"
}

@test "what is stopped is what a snapshot has: private, copy-on-write, shared" {
	start scribble "$BATS_TEST_TMPDIR/file"
	stopped_is_the_image 2000 "$(pgrep -P "$pid")"
}

@test "what is frozen of memory that never rests is what the image has" {
	start shifting 16
	frozen_is_the_image 1500
}

@test "what is stopped of memory that never rests is what a snapshot has" {
	start shifting 16
	stopped_is_the_image 1500
}
