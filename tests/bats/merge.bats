#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# What the tools do with images that are differences: merge, restore, series; and
# what they tell a terminal.
# shellcheck disable=SC2154

load helpers
load generations

setup_file() { many_pids; }

edit()
{
	"$TREE/tests/bats/image.py" "$BATS_TEST_TMPDIR/$1.tar" "$BATS_TEST_TMPDIR/$2.tar" "${@:3}"
}

in_files() { (cd "$BATS_TEST_TMPDIR" && "$@"); }

# Contents and runs of an image, without what is its own.
essence()
{
	ckpt show --json "$1" | jq '[.[] | select(.file | test("^(mm|files|pipes)/")) |
		del(.records[]? | select(.record == "parent"))]'
}

@test "a chain merged is the full image, and a parent in its place" {
	local full

	generations
	full=$(contents "$BATS_TEST_TMPDIR/g0.tar")
	in_files ckpt merge -o m2.tar g1.tar g0.tar g2.tar
	in_files ckpt merge -o - g0.tar g1.tar g2.tar g3.tar g4.tar g5.tar >"$BATS_TEST_TMPDIR/m5.tar"
	for n in 2 5; do
		in_files ckpt check "m$n.tar"
		[ -z "$(in_files ckpt check "m$n.tar")" ]
		[ "$(id_of "$BATS_TEST_TMPDIR/m$n.tar")" = "$(id_of "$BATS_TEST_TMPDIR/g$n.tar")" ]
		[ -z "$(id_of "$BATS_TEST_TMPDIR/m$n.tar" parent | tr -d 0)" ]
		[ "$(contents "$BATS_TEST_TMPDIR/m$n.tar")" -ge "$full" ]
	done
	[[ $(in_files ckpt check g2.tar) == *"g2.tar: a difference to the image $(id_of "$BATS_TEST_TMPDIR/g1.tar")" ]]
	# Merged further, from a compressed one and in two steps, it is the same.
	in_files gzip -k g3.tar
	in_files ckpt merge -o n5.tar m2.tar g3.tar.gz g4.tar g5.tar
	cmp "$BATS_TEST_TMPDIR/m5.tar" "$BATS_TEST_TMPDIR/n5.tar"
	rewind 2
	put m2
	verify
	rewind 5
	put m5
	verify
	# On top of a merged one; parents in any order, and one too many.
	rewind 4
	[ "$(in_files ckpt restore g0.tar g3.tar.gz m2.tar g4.tar)" = "$pid" ]
	verify
	[ "$(staged)" = commit ]
	# What is missing is named.
	run in_files ckpt merge -o x.tar g0.tar g2.tar
	[ "$status" = 1 ]
	[[ $output == *"g2.tar: its parent, the image $(id_of "$BATS_TEST_TMPDIR/g1.tar"), is not there"* ]]
	[ ! -e "$BATS_TEST_TMPDIR/x.tar" ]
	run in_files ckpt restore -m "$MNT" g0.tar g2.tar
	[ "$status" = 1 ]
	[[ $output == *"is not staged"* ]]
	[ "$(staged)" = commit ]
}

@test "a merged image is what a full one of the same instant is" {
	start thp
	ctl snapshot g0 "pid=$pid"
	# From here on nobody writes to anything.
	pkill -STOP -s "$pid"
	until_true all_stopped
	ctl snapshot g1 "pid=$pid" since=g0
	ctl snapshot full "pid=$pid"
	for n in g0 g1 full; do cat "$MNT/$n.tar" >"$BATS_TEST_TMPDIR/$n.tar"; done
	in_files ckpt merge -o merged.tar g0.tar g1.tar
	diff <(essence "$BATS_TEST_TMPDIR/merged.tar") <(essence "$BATS_TEST_TMPDIR/full.tar")
	for n in g0 g1 full; do ctl remove "$n"; done
	pkill -CONT -s "$pid"
	finish
}

all_stopped() { ! pgrep -s "$pid" -r R,S,D; }

@test "a sum of contents is checked before they are merged, and made anew" {
	local dir=$BATS_TEST_TMPDIR/mnt

	mkdir "$dir"
	mount -t checkpointfs -o checksum=all none "$dir"
	start plain
	echo "snapshot a pid=$pid" >"$dir/control"
	echo "snapshot b pid=$pid since=a" >"$dir/control"
	cat "$dir/a.tar" >"$BATS_TEST_TMPDIR/a.tar"
	cat "$dir/b.tar" >"$BATS_TEST_TMPDIR/b.tar"
	umount "$dir"
	in_files ckpt merge -o m.tar a.tar b.tar
	in_files ckpt check m.tar
	edit m bad flip mm/1/pages 5000 4
	run in_files ckpt check bad.tar
	[ "$status" = 4 ]
	edit a bad flip mm/1/pages 5000 4
	run in_files ckpt merge -o n.tar bad.tar b.tar
	[ "$status" = 4 ]
	[[ $output == *"bad.tar: mm/1/pages: the checksum is wrong"* ]]
	finish
}

# ---- a series ------------------------------------------------------------------------

files() { (cd "$BATS_TEST_TMPDIR/series" && echo web-*.tar); }

# The number of the last file, and whether one of that or a higher number is there.
latest()
{
	local name

	name=$(files)
	name=${name##*web-}
	name=${name%.tar}
	[ "$name" != '*' ] || name=0
	echo $((10#$name))
}

reached() { [ "$(latest)" -ge "$1" ]; }
has_said() { grep -q "$1" "$BATS_TEST_TMPDIR/said"; }

series()
{
	mkdir -p "$BATS_TEST_TMPDIR/series"
	ckpt save -m "$MNT" --every 1 --keep "$1" -n web -o "$BATS_TEST_TMPDIR/series" "$pid" \
		2>"$BATS_TEST_TMPDIR/said" &
	saver=$!
}

@test "a series of images goes on until the program ends, and its last state comes back" {
	local n

	start generations
	series 2
	for n in 1 2 3; do
		step "$n"
		# One may have been begun before.
		until_true reached "$(($(latest) + 2))"
	done
	kill -KILL "$pid"
	wait "$saver"
	[[ $(tail -n 1 "$BATS_TEST_TMPDIR/said") == "ckpt: process $pid has ended; its last state is web-"*.tar ]]
	[ -z "$(<"$MNT/control")" ]
	pkill -KILL -s "$pid" || :
	until_true all_gone
	[ "$(files | wc -w)" -le 3 ]
	rm -f "$go".*
	# shellcheck disable=SC2046
	[ "$(cd "$BATS_TEST_TMPDIR/series" && ckpt restore $(files))" = "$pid" ]
	verify
}

@test "a signal ends a series, another goes on with its files" {
	start plain
	series 3
	until_true reached 2
	kill -TERM "$saver"
	wait "$saver"
	has_said 'is saved no longer; its last state is web-'
	[ -z "$(<"$MNT/control")" ]
	had=$(files | wc -w)
	series 3
	until_true reached "$((had + 1))"
	kill -INT "$saver"
	kill -TERM "$saver" || :
	wait "$saver"
	# Nothing half written is left.
	[ "$(find "$BATS_TEST_TMPDIR/series" -type f | wc -l)" = "$(files | wc -w)" ]
	finish
	rm "$go"
	echo ready >"$out"
	# shellcheck disable=SC2046
	(cd "$BATS_TEST_TMPDIR/series" && ckpt restore $(files))
	finish
}

@test "a series that cannot begin says why" {
	start plain
	run ckpt save --every 1 -o /nowhere "$pid"
	[ "$status" = 1 ]
	[[ $output == *"/nowhere: No such file or directory"* ]]
	run ckpt save --every 1 -o "$BATS_TEST_TMPDIR" 4194303
	[ "$status" = 1 ]
	run ckpt save --every 1 "$pid"
	[ "$status" = 2 ]
	run ckpt save --every 0 -o "$BATS_TEST_TMPDIR" "$pid"
	[ "$status" = 2 ]
	run ckpt save --keep 3 -o "$BATS_TEST_TMPDIR/x.tar" "$pid"
	[ "$status" = 2 ]
	run ckpt save --every 1 --kill -o "$BATS_TEST_TMPDIR" "$pid"
	[ "$status" = 2 ]
	finish
}

# ---- how far it is --------------------------------------------------------------------

# Reads what is saved as slowly as it takes to see that it is being said.
slowly()
{
	exec 7<"$BATS_TEST_TMPDIR/pipe"
	until grep -q 'MiB/s.* left' "$BATS_TEST_TMPDIR/typescript" 2>/dev/null; do
		head -c 100000 <&7
		nap
	done
	cat <&7
	exec 7<&-
}

@test "a terminal is told how far it is, with rate and time; a pipeline through zstd works" {
	local pipe=$BATS_TEST_TMPDIR/pipe image=$BATS_TEST_TMPDIR/web.tar.zst

	start_command -r python3 -c '
import os, time
data = os.urandom(48 << 20)
print("ready", flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.05)
print("passed" if len(set(data[::4096])) > 200 else "failed", flush=True)'
	mkfifo "$pipe"
	script -qfc "ckpt save --kill $pid >$pipe" "$BATS_TEST_TMPDIR/typescript" >/dev/null </dev/null &
	slowly | zstd -q >"$image"
	wait $!
	until_gone "$pid"
	zstd -qd <"$image" | ckpt restore - >"$BATS_TEST_TMPDIR/pid"
	[ "$(<"$BATS_TEST_TMPDIR/pid")" = "$pid" ]
	grep -q '\[#*\.*\] *[0-9]*%' "$BATS_TEST_TMPDIR/typescript"
	finish
}
