#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "files on tmpfs keep offset, flags and who shares them" {
	round_trip regular "$BATS_TEST_TMPDIR"
}

@test "files on ext4 keep offset, flags and who shares them" {
	disk=$(mktemp -d /var/tmp/regular.XXXXXX)
	round_trip regular "$disk"
	rm -r "$disk"
}

@test "files on overlayfs keep offset, flags and who shares them" {
	dirs=$(mktemp -d /var/tmp/regular.XXXXXX)
	mkdir "$dirs/lower" "$dirs/upper" "$dirs/work" "$dirs/merged"
	mount -t overlay overlay "$dirs/merged" -o \
		"lowerdir=$dirs/lower,upperdir=$dirs/upper,workdir=$dirs/work"
	round_trip regular "$dirs/merged"
	umount "$dirs/merged"
	rm -r "$dirs"
}

@test "a file that has changed in size is refused with ESTALE" {
	start regular "$BATS_TEST_TMPDIR"
	save
	echo more >>"$BATS_TEST_TMPDIR/with space"
	refused ESTALE restore
	grep -q 'with space: has changed in size, from [0-9]* to [0-9]*' "$MNT/log"
	truncate -s -5 "$BATS_TEST_TMPDIR/with space"
	restore
	finish
}

@test "a missing file is refused with ENOENT, and named" {
	start regular "$BATS_TEST_TMPDIR"
	save
	mv "$BATS_TEST_TMPDIR/deep" "$BATS_TEST_TMPDIR/shallow"
	refused ENOENT restore
	grep -q 'deep/er/file: not found' "$MNT/log"
	mv "$BATS_TEST_TMPDIR/shallow" "$BATS_TEST_TMPDIR/deep"
	restore
	finish
}

@test "a fifo in the place of a file is refused with ESTALE, and not opened" {
	start regular "$BATS_TEST_TMPDIR"
	save
	rm "$BATS_TEST_TMPDIR/plain"
	mkfifo "$BATS_TEST_TMPDIR/plain"
	refused ESTALE restore
	grep -q 'plain: not a file of the same type any more' "$MNT/log"
}

# The program has got the file from root; its user alone may not open it. He
# needs a way to the image, and a mount where he may write.
@test "a file that the writer may not open is refused with EACCES" {
	dir=$(mktemp -d /var/tmp/regular.XXXXXX)
	chmod 755 "$dir"
	mkdir "$dir/mnt"
	install -m 600 /dev/null "$dir/secret"
	# shellcheck disable=SC2016
	start_command bash -c 'exec 3<"$1" >/dev/null 2>&1
		exec setpriv --reuid 4321 --clear-groups sleep 1000' bash "$dir/secret"
	until_true grep -qx sleep "/proc/$pid/comm"
	save
	cp "$image" "$dir/image"
	mount -t checkpointfs -o mode=0777 none "$dir/mnt"
	# shellcheck disable=SC2016
	refused EACCES setpriv --reuid 4321 --clear-groups \
		--inh-caps=-all,+checkpoint_restore --ambient-caps=-all,+checkpoint_restore \
		bash -c 'cat "$1/image" >"$1/mnt/restore/commit"' bash "$dir"
	cat "$dir/mnt/log"
	grep 'secret: cannot be opened' "$dir/mnt/log"
	umount "$dir/mnt"
	restore
	kill "$pid"
	until_gone "$pid"
	rm -r "$dir"
}

@test "a file that runs cannot be open for writing: ETXTBSY" {
	cp /bin/sleep "$BATS_TEST_TMPDIR/runs"
	# shellcheck disable=SC2016
	start_command bash -c 'exec 3>>"$1"; exec sleep 1000' bash "$BATS_TEST_TMPDIR/runs"
	until_true grep -qx sleep "/proc/$pid/comm"
	save
	"$BATS_TEST_TMPDIR/runs" 1000 3>&- &
	until_true grep -qx runs "/proc/$!/comm"
	refused ETXTBSY restore
	kill $!
}
