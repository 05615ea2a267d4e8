#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154
#
# New tasks on their way to what they are to be: whatever happens to them, or to
# those around them, the restore ends, and nothing half-made remains.

load helpers

# Starts so many processes whose output is the file $out, each with its parent
# outside of the others. Their pids are in the array pids.
start_roots()
{
	local i

	pids=()
	for ((i = 0; i < $1; i++)); do
		start_command sleep 1000
		until_true grep -qx sleep "/proc/$pid/comm"
		pids+=("$pid")
	done
}

save_roots()
{
	image=$BATS_TEST_TMPDIR/web.tar
	ctl freeze web "${pids[@]/#/pid=}"
	cat "$MNT/web.tar" >"$image"
	ctl commit web kill
	ctl remove web
	for pid in "${pids[@]}"; do until_true gone "$pid"; done
}

# The first one makes all objects, and finds a file missing while the writer
# still clones the others: those have not even begun.
@test "a restore that fails while its roots are being cloned ends, and leaves none" {
	start_roots 24
	save_roots
	mv "$out" "$out.away"
	for _ in {1..10}; do
		refused ENOENT restore
		for pid in "${pids[@]}"; do gone "$pid"; done
	done
	mv "$out.away" "$out"
	restore
	for pid in "${pids[@]}"; do
		grep -qx sleep "/proc/$pid/comm"
		kill "$pid"
		until_true gone "$pid"
	done
}
