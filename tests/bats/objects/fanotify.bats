#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

# Each has a filesystem for itself, as marks are of all of one, too.
setup()
{
	common_setup
	limit=$(</proc/sys/fs/fanotify/max_queued_events)
	echo 100 >/proc/sys/fs/fanotify/max_queued_events
	disk=$BATS_TEST_TMPDIR/watched
	mkdir "$disk"
	mount -t tmpfs none "$disk"
}

teardown()
{
	echo "$limit" >/proc/sys/fs/fanotify/max_queued_events
	umount -l "$disk"
	common_teardown
}

# Saved and killed, its image in $image.
saved()
{
	start fanotify "$disk"
	save_stream
}

@test "fanotify keeps groups, marks, and what has not been read" {
	every_way fanotify "$disk"
}

@test "a kept image does not keep a filesystem busy that fanotify has watched" {
	start fanotify "$disk"
	ctl snapshot web "pid=$pid" kill
	until_gone "$pid"
	until_true umount "$disk"
	mount -t tmpfs none "$disk"
	ctl remove web
}

@test "what cannot be watched again, or not kept, fails the restore" {
	saved
	mv "$disk/ever" "$disk/elsewhere"
	refused ENOENT restore
	grep 'web: files/[0-9]*/marks: .*/ever: not found' "$MNT/log"
	mkdir "$disk/ever"
	refused ESTALE restore
	grep 'marks: .*/ever: not a file of the same type any more' "$MNT/log"
	rmdir "$disk/ever"
	mv "$disk/elsewhere" "$disk/ever"

	# Where events tell it by its handle it has to be the same.
	mv "$disk/again" "$disk/elsewhere"
	echo x >"$disk/again"
	refused ESTALE restore
	grep 'marks: .*/again: not the file any more that it was' "$MNT/log"
	mv "$disk/elsewhere" "$disk/again"

	# What has happened has happened to a file.
	mv "$disk/sub" "$disk/elsewhere"
	refused ENOENT restore
	grep 'web: files/[0-9]*/file: .*/sub: not found' "$MNT/log"
	mv "$disk/elsewhere" "$disk/sub"

	echo 10 >/proc/sys/fs/fanotify/max_queued_events
	refused ENOSPC restore
	grep 'web: files/[0-9]*/file: an event cannot be queued: ' "$MNT/log"
	echo 100 >/proc/sys/fs/fanotify/max_queued_events
	restore
	finish
}

# A reader gets events that the kernel trusts: it would complain of what it has not made.
@test "any other number in groups, events and marks leaves the kernel well" {
	local name size n sizes=()

	saved
	while read -r name; do
		size=$(tar -xOf "$image" "web/$name" | wc -c)
		sizes+=("$name $size")
	done < <(ckpt show --json "$image" | jq -r '.[] | select(any(.records[]?;
		.record == "fanotify" or .record == "fanmarks")) | .file')
	[ ${#sizes[@]} -ge 20 ]
	{
		RANDOM=${SEED:-1}
		for ((n = 0; n < 3; n++)); do
			for name in "${sizes[@]}"; do
				size=${name#* }
				echo "perhaps '' set ${name% *} $((16 + RANDOM % (size - 16))) 1 $RANDOM fix"
			done
		done
	} | "$TREE/tests/bats/hostile.py" "$MNT" "$image"
	restore
	finish
}

# The program has neither CAP_SYS_ADMIN nor anything that takes it, and can be restored without.
# Offsets: flags of struct ckpt_fanotify, and of struct ckpt_file.
@test "an image brings nobody more of fanotify than he may have" {
	local without=(setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin) plain

	echo x >"$disk/plain"
	start_command -r "${without[@]}" python3 -c "
import ctypes, os, time
libc = ctypes.CDLL(None)
plain = os.open('$disk/plain', os.O_RDONLY)
group = libc.fanotify_init(0x202, 0)
assert libc.fanotify_mark(group, 1, ctypes.c_ulong(0x20), -100, b'$disk/plain') == 0
os.close(os.open('$disk/plain', os.O_RDONLY))
print('ready', flush=True)
while not os.path.exists('$BATS_TEST_TMPDIR/go'):
    time.sleep(0.01)
print(len(os.read(group, 4096)) > 24, libc.fanotify_mark(group, 0x11, ctypes.c_ulong(0x20), -100, b'/'), flush=True)"
	ready
	save_stream
	plain=$(ckpt show --json "$image" | jq -r "[.[] | select(any(.records[]?;
		.text? == \"$disk/plain\"))][0].file")
	"${without[@]}" "$TREE/tests/bats/hostile.py" "$MNT" "$image" <<-END
		none ''
		EPERM 'needs CAP_SYS_ADMIN, with which it was made' field files/ 116 4 4 0x82 fix
		EPERM 'the fanotify cannot be made: ' field files/ 116 4 4 0x86 fix
		EPERM 'what fanotify has opened needs CAP_SYS_ADMIN' field $plain 40 4 4 0x20080 fix
		EUCLEAN 'more than a fanotify without privileges may' field files/ 116 4 4 0x1086 fix
		EINVAL '$disk/plain: cannot be marked as it was: ' field files/ 119 16 4 0x10000 fix
		ESTALE '$disk/plain: not on the same filesystem any more' field files/ 119 0 8 1 fix
	END
	restore
	: >"$go"
	until_gone "$pid"
	printf 'ready\nTrue -1\n' | diff - "$out"
}
