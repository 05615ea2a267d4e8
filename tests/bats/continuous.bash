# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2153,SC2154,SC2317
#
# Programs that are saved again and again while they work: by freeze and by snapshot, killed
# and restored, or left to run on.

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

# Size of the output of the program at the instant of the image.
size_in_image()
{
	ckpt show --json "$image" | jq --arg out "$out" '[.[] |
		select(any(.records[]?; .record == "path" and .text == $out)) |
		.records[] | select(.record == "inode").size][0]'
}

# ---- the ways to interrupt a program, each with what begins it -------------------

begin_to()
{
	case $1 in
	stop) ctl freeze web "pid=$pid" timeout=0 ;;
	die) ctl snapshot web "pid=$pid" kill ;;
	let_run) ctl snapshot web "pid=$pid" ;;
	go_back) if [ -n "${KEPT-}" ]; then freeze_with_files; else ctl snapshot web "pid=$pid"; fi ;;
	esac
}

# The files in $KEPT are of the same instant as the image.
freeze_with_files()
{
	ctl freeze web "pid=$pid" timeout=0 || return
	rm -rf "$BATS_TEST_TMPDIR/kept"
	cp -a "$KEPT" "$BATS_TEST_TMPDIR/kept" && ctl commit web
}

put_files_back()
{
	[ -n "${KEPT-}" ] || return 0
	rm -rf "$KEPT"
	mv "$BATS_TEST_TMPDIR/kept" "$KEPT"
}

# It stands still until all has been read.
stop()
{
	save_somehow
	ctl commit web kill
	until_all_gone
	ctl remove web
	restore_somehow
}

# It is killed in the instant of the image.
die()
{
	until_all_gone
	save_somehow
	ctl remove web
	restore_somehow
}

# It goes on, and nobody needs the image, which may have been read.
let_run()
{
	random_nap 100
	((RANDOM % 2)) || save_somehow
	ctl remove web
}

# It goes on, and is then brought back from wherever it has come to, or from its end. What
# it has printed since is on disk, and not the one that it knew; as are the files in $KEPT,
# if that is there.
go_back()
{
	local size

	save_somehow
	random_nap $((duration / 10))
	until gone "$pid" || ctl snapshot last "pid=$pid" kill; do nap; done
	until_all_gone
	[ ! -d "$MNT/last" ] || ctl remove last
	ctl remove web
	size=$(size_in_image)
	# At its very end it has closed that, and all is written.
	[ "$size" = null ] || truncate -s "$size" "$out"
	put_files_back
	restore_somehow
	gone_back=$((${gone_back-0} + 1))
}

# Interrupts the program in any of these ways; or not, where it has come to its end. It is
# to be called as a simple command, or else none of its own would fail the test. Back goes
# only what changes nothing outside but its output, and files that are kept: GOES_BACK says
# that it is so. $1: in this way.
interrupt()
{
	local ways=(stop stop die let_run) how

	[ -z "${GOES_BACK-}" ] || ways+=(go_back)
	how=${1-${ways[RANDOM % ${#ways[@]}]}}
	if begin_to "$how"; then
		"$how"
		interruptions=$((interruptions + 1))
	# Libraries look at /proc/self/maps and /proc/filesystems when some programs
	# start. That is refused, for as long as it takes.
	elif ! tail -n 1 "$MNT/log" | grep -E '/(maps|filesystems) \(proc\) cannot be saved$'; then
		# Nothing else may stand in the way.
		tail -n 1 "$MNT/log" | grep -x -e "freeze: there is no process $pid" \
			-e "snapshot: there is no process $pid" \
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
	local times=$1 interruptions=0 tries=0 gone_back=0 duration=5000

	while ((interruptions < times)); do
		# A program that starts is in the way for a moment, not again and again.
		((tries++ < 4 * times))
		random_nap 700
		interrupt
	done
	# By chance it may never have.
	while [ -n "${GOES_BACK-}" ] && ((gone_back < 2)); do
		((tries++ < 5 * times))
		random_nap 700
		interrupt go_back
	done
	finish
}
