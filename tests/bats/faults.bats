#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# Memory runs out: each allocation of an operation fails in turn, whatever task makes it.
# It takes a kernel that can let them fail, as the debug kernel does. There it takes long: of
# so many allocations one fails, another one in each run, unless STEP is set to 1.
# shellcheck disable=SC2154

load helpers

setup()
{
	[ -e /sys/kernel/debug/failslab ]
	common_setup
}

teardown()
{
	rm -f /dev/mqueue/menagerie
	common_teardown
}

# The program rests, and lives through all of it.
faults()
{
	start menagerie "$BATS_TEST_TMPDIR/file"
	image=$BATS_TEST_TMPDIR/web.tar
	ctl freeze web "pid=$pid"
	cat "$MNT/web.tar" >"$image"
	ctl thaw web
	"$TREE/tests/bats/faults.py" "$MNT" "$image" "$pid" "$1" "${STEP:-$2}" >&3
	[[ $1 != restore* ]] || return 0
	kill -USR1 "$pid"
	until_gone "$pid"
}

@test "each allocation of a freeze fails in turn" { faults freeze 3; }
@test "each allocation of a snapshot fails in turn" { faults snapshot 13; }
@test "each allocation of a commit fails in turn" { faults commit 13; }
@test "each allocation of a staged tree fails in turn" { faults stage 7; }
@test "each allocation of a restore fails in turn" { faults restore 29; }
@test "each allocation of a restore of a staged tree fails in turn" { faults restore_staged 29; }
