#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers
load ../generations

@test "files of tmpfs without a name keep contents, owner, times and who has them" {
	every_way deleted "$BATS_TEST_TMPDIR"
}

@test "files of ext4 without a name keep contents, owner, times and who has them" {
	disk=$(mktemp -d /var/tmp/deleted.XXXXXX)
	every_way deleted "$disk"
	rm -r "$disk"
}

@test "files of overlayfs without a name keep contents, owner, times and who has them" {
	dirs=$(mktemp -d /var/tmp/deleted.XXXXXX)
	mkdir "$dirs/lower" "$dirs/upper" "$dirs/work" "$dirs/merged"
	mount -t overlay overlay "$dirs/merged" -o \
		"lowerdir=$dirs/lower,upperdir=$dirs/upper,workdir=$dirs/work"
	round_trip deleted "$dirs/merged"
	umount "$dirs/merged"
	rm -r "$dirs"
}

# The program goes on and changes all of it before the first image is read.
@test "an image has a file without a name as it was, and so has each difference" {
	disk=$(mktemp -d /var/tmp/deleted.XXXXXX)
	many_pids
	start deleted "$disk"
	ctl snapshot g0 "pid=$pid"
	ctl snapshot g1 "pid=$pid" since=g0
	finish
	for n in 0 1; do
		cat "$MNT/g$n.tar" >"$BATS_TEST_TMPDIR/g$n.tar"
		ctl remove "g$n"
	done
	ckpt merge -o "$BATS_TEST_TMPDIR/merged.tar" "$BATS_TEST_TMPDIR"/g[01].tar
	for n in g0 merged g1; do
		rm "$go" "$disk/linked"
		echo ready >"$out"
		[ "$n" != g1 ] || stage g0
		put "$n"
		finish
	done
	rm -r "$disk"
}

# A shell with fd 3, opened as $1 says, of a file without a name.
start_shell()
{
	# shellcheck disable=SC2016
	start_command -r bash -c 'eval "exec 3$1\$2"; rm -f "$2"; echo ready
		read -r -t 1000 <>"$3"' bash "$1" "$2" "$BATS_TEST_TMPDIR/never"
	ready
}

@test "a file without a name that a task outside has too is refused with EBUSY, if written to" {
	mkfifo "$BATS_TEST_TMPDIR/never"
	echo text >"$BATS_TEST_TMPDIR/file"
	exec 5<"$BATS_TEST_TMPDIR/file"
	start_shell '<>' "$BATS_TEST_TMPDIR/file" 5<&-
	refused EBUSY ctl freeze web "pid=$pid"
	grep "task $pid ([^)]*) fd 3: the deleted file .*file is shared with a task outside of the container" \
		"$MNT/log"
	exec 5<&-
	ctl freeze web "pid=$pid"
	ctl thaw web
	kill -KILL "$pid"
	until_gone "$pid"

	echo text >"$BATS_TEST_TMPDIR/file"
	exec 5<"$BATS_TEST_TMPDIR/file"
	start_shell '<' "$BATS_TEST_TMPDIR/file" 5<&-
	save
	restore
	exec 5<&-
	[ "$(<"/proc/$pid/fd/3")" = text ]
	kill -KILL "$pid"
	until_gone "$pid"
}

@test "a file without a name that cannot be made or filled fails the restore, and leaves nothing" {
	mkfifo "$BATS_TEST_TMPDIR/never"
	mkdir "$BATS_TEST_TMPDIR/dir"
	head -c 1000000 /dev/urandom >"$BATS_TEST_TMPDIR/dir/file"
	start_shell '<>' "$BATS_TEST_TMPDIR/dir/file"
	save
	rmdir "$BATS_TEST_TMPDIR/dir"
	refused ENOENT restore
	tail -n 2 "$MNT/log" | grep "web: files/.*: $BATS_TEST_TMPDIR/dir: no file can be made here: "
	: >"$BATS_TEST_TMPDIR/dir"
	refused ENOTDIR restore
	rm "$BATS_TEST_TMPDIR/dir"
	mkdir "$BATS_TEST_TMPDIR/dir"
	mount -t tmpfs -o size=512k,ro small "$BATS_TEST_TMPDIR/dir"
	refused EROFS restore
	mount -o remount,rw "$BATS_TEST_TMPDIR/dir"
	refused ENOSPC restore
	grep 'the deleted file cannot be made: ' "$MNT/log"
	until_true nothing_in "$BATS_TEST_TMPDIR/dir"
	mount -o remount,size=2m "$BATS_TEST_TMPDIR/dir"
	restore
	[ "$(stat -c %s -L "/proc/$pid/fd/3")" = 1000000 ]
	kill -KILL "$pid"
	until_gone "$pid"
	umount "$BATS_TEST_TMPDIR/dir"
}

@test "a file without a name of which there is no room for a copy is not committed" {
	mkfifo "$BATS_TEST_TMPDIR/never"
	mkdir "$BATS_TEST_TMPDIR/dir"
	mount -t tmpfs -o size=512k small "$BATS_TEST_TMPDIR/dir"
	head -c 300000 /dev/urandom >"$BATS_TEST_TMPDIR/dir/file"
	start_shell '<>' "$BATS_TEST_TMPDIR/dir/file"
	sum=$(md5sum <"/proc/$pid/fd/3")
	refused ENOSPC ctl snapshot web "pid=$pid"
	grep 'web: files/.*: no copy of the deleted file in /: ' "$MNT/log"
	ctl freeze web "pid=$pid"
	refused ENOSPC ctl commit web
	tar -C "$MNT" -cf "$BATS_TEST_TMPDIR/web.tar" web
	mount -o remount,size=1m "$BATS_TEST_TMPDIR/dir"
	ctl commit web kill
	until_gone "$pid"
	tar -C "$MNT" -cf - web | cmp - "$BATS_TEST_TMPDIR/web.tar"
	ctl remove web
	until_true nothing_in "$BATS_TEST_TMPDIR/dir"
	cat "$BATS_TEST_TMPDIR/web.tar" >"$MNT/restore/commit"
	[ "$(md5sum <"/proc/$pid/fd/3")" = "$sum" ]
	kill -KILL "$pid"
	until_gone "$pid"
	umount "$BATS_TEST_TMPDIR/dir"
}

# All of its blocks are free, and all inodes but that of the root.
nothing_in()
{
	local blocks free inodes left

	read -r blocks free inodes left < <(stat -f -c '%b %f %c %d' "$1")
	[ "$free $left" = "$blocks $((inodes - 1))" ]
}
