# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2153,SC2154
#
# Programs that are saved, killed and restored again and again while they work.

now_ms() { awk '{ print int($1 * 1000) }' /proc/uptime; }

# Sleeps for up to $1 ms.
random_nap()
{
	local ms=$(((RANDOM * 32768 + RANDOM) % ($1 + 1)))

	sleep "$((ms / 1000)).$(printf %03d $((ms % 1000)))"
}

# The image is read in one of the ways there are, and written back in another.
save_somehow()
{
	image=$BATS_TEST_TMPDIR/web.tar
	if ((RANDOM % 4)); then
		cat "$MNT/web.tar" >"$image"
	else
		tar -C "$MNT" -cf "$image" web
	fi
}

restore_somehow()
{
	if ((RANDOM % 4)); then
		cat "$image" >"$MNT/restore/commit"
	else
		tar -C "$MNT/restore" -xf "$image"
		echo web >"$MNT/restore/commit"
	fi
}

# Saves, kills and restores the program; or nothing, where it has come to its end. It is
# to be called as a simple command, or else none of its own would fail the test.
interrupt()
{
	if ctl freeze web "pid=$pid" timeout=0; then
		save_somehow
		ctl commit web kill
		until_all_gone
		ctl remove web
		restore_somehow
		interruptions=$((interruptions + 1))
	# Libraries look at /proc/self/maps and /proc/filesystems when some programs
	# start. That is refused, for as long as it takes.
	elif ! tail -n 1 "$MNT/log" | grep -E '/(maps|filesystems) \(proc\) cannot be saved$'; then
		# Nothing else may stand in the way.
		tail -n 1 "$MNT/log" | grep -x -e "freeze: there is no process $pid" \
			-e 'freeze: all of its processes have ended' \
			-e 'web: a zombie has been waited for while it was collected'
		until_gone "$pid"
	fi
}

# As often as it takes, each time from the start.
continuous()
{
	local began duration runs=0 interruptions=0

	began=$(now_ms)
	start_command "$@"
	until_gone "$pid"
	duration=$(($(now_ms) - began))
	mv "$out" "$BATS_TEST_TMPDIR/expected"
	[ -s "$BATS_TEST_TMPDIR/expected" ]
	while ((interruptions < INTERRUPTIONS)); do
		# One that ends at once proves nothing.
		((runs < 60))
		start_command "$@"
		runs=$((runs + 1))
		until gone "$pid" || ((interruptions >= INTERRUPTIONS)); do
			random_nap $((duration / 10))
			interrupt
		done
		until_gone "$pid"
		cmp "$out" "$BATS_TEST_TMPDIR/expected"
	done
	echo "# $duration ms undisturbed; $interruptions interruptions of $runs runs" >&3
}

# The same for one that works until it is told to end: $1 times, from wherever it is by
# then; and then it is to say that all is well. What works is a tree with the
# servers and their clients.
through()
{
	local times=$1 interruptions=0 tries=0

	while ((interruptions < times)); do
		# A program that starts is in the way for a moment, not again and again.
		((tries++ < 4 * times))
		random_nap 700
		interrupt
	done
	finish
}
