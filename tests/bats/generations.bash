# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# Images of the program generations, each a difference to the one before.

# The program takes step $1.
step()
{
	: >"$go.$1"
	until_true step_taken "$1"
}

step_taken()
{
	gone "$pid" || grep -qx "step $1" "$out"
}

# Generations 0 to 5 as g0.tar to g5.tar, each a difference to the one before. The
# program is dead afterwards.
generations()
{
	local n

	start generations
	ctl snapshot g0 "pid=$pid"
	for n in 1 2 3 4 5; do
		step "$n"
		ctl snapshot "g$n" "pid=$pid" "since=g$((n - 1))"
		# What has been compared with need not be kept.
		cat "$MNT/g$((n - 1)).tar" >"$BATS_TEST_TMPDIR/g$((n - 1)).tar"
		ctl remove "g$((n - 1))"
	done
	cat "$MNT/g5.tar" >"$BATS_TEST_TMPDIR/g5.tar"
	ctl remove g5
	pkill -KILL -s "$pid"
	until_true all_gone
	rm "$go".*
}

# It leads a session, which has all of its processes.
all_gone() { ! pgrep -s "$pid"; }

stage() { tar -C "$MNT/restore" -xf "$BATS_TEST_TMPDIR/$1.tar"; }
put() { cat "$BATS_TEST_TMPDIR/$1.tar" >"$MNT/restore/commit"; }
staged() { ls "$MNT/restore"; }

# The program's output is what it was in generation $1: it has it open.
rewind()
{
	local n

	{
		echo ready
		for ((n = 1; n <= $1; n++)); do echo "step $n"; done
	} >"$out"
}

# The restored program verifies itself, and is as ready for that as before.
verify()
{
	finish
	until_true all_gone
	rm "$go"
}

# Bytes of contents in an image.
contents() { tar -tvf "$1" | awk '/\/(pages|data)$/ { n += $3 } END { print n + 0 }'; }
# Its id, or its parent's, in hexadecimal.
id_of() { ckpt show --json "$1" | jq -r ".[0].records[0].${2-id}"; }
