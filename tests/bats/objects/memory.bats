#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
load ../helpers

@test "private anonymous memory keeps contents and protection" { every_way anon; }
@test "private anonymous memory of a 32-bit program does" { every_way anon32; }
@test "shared anonymous memory stays shared between relatives" { every_way shared_anon; }
@test "shared anonymous memory of 32-bit programs does" { every_way shared_anon32; }
@test "POSIX shared memory and semaphores are kept, with their names or without" {
	every_way posixshm
}
@test "those of a 32-bit program are" { every_way posixshm32; }
@test "pages shared copy-on-write stay shared until somebody writes" { every_way cow; }
@test "pages of 32-bit programs do" { every_way cow32; }
@test "mappings of files are where they were, line by line" { every_way mappings; }
@test "mappings of a 32-bit program are" { every_way mappings32; }

@test "where an archiver has left holes there are the pages of zeroes that there were" {
	local program

	many_pids
	for program in mappings userfaultfd; do
		start "$program"
		ctl snapshot web "pid=$pid" kill
		until_all_gone
		cp -a --sparse=always "$MNT/web" "$MNT/restore"
		ctl remove web
		echo web >"$MNT/restore/commit"
		finish
	done
}

@test "heap and stack go on growing, exe, arguments and environment are kept" {
	every_way brk_stack one "two three"
}
@test "heap and stack of a 32-bit program do" { every_way brk_stack32 one "two three"; }
@test "what mlock, madvise and prctl have set stays set" { every_way mlock_madvise; }
@test "what they have set in a 32-bit program does" { every_way mlock_madvise32; }
@test "memory that may be dropped is, or is not, page by page" { every_way corners droppable; }
@test "memory that is advised to be cold keeps its contents" { every_way corners cold; }
@test "a stack that is mapped by MAP_GROWSDOWN goes on growing" { every_way corners growsdown; }
@test "that of a 32-bit program does" { every_way corners32 growsdown; }
@test "huge pages keep their contents, whole, split and shared" { every_way thp; }

# Of such a program root writes the core file, wherever core_pattern says. No
# user comes to that by himself; what he may have is restored.
@test "dumpable by root only is for no user to set" {
	dir=$(mktemp -d /var/tmp/memory.XXXXXX)
	chmod 755 "$dir"
	mkdir "$dir/mnt"
	# shellcheck disable=SC2016
	start_command bash -c 'exec >/dev/null 2>&1
		exec setpriv --reuid 4321 --clear-groups sleep 1000'
	until_true grep -qx sleep "/proc/$pid/comm"
	image=$BATS_TEST_TMPDIR/web.tar
	ctl freeze web "pid=$pid"
	cat "$MNT/web.tar" >"$image"
	ctl commit web kill
	ctl remove web
	until_gone "$pid"
	python3 "$TREE/tests/bats/image.py" "$image" "$dir/root" set mm/1/layout 136 4 2 fix
	python3 "$TREE/tests/bats/image.py" "$image" "$dir/user" set mm/1/layout 136 4 1 fix
	mount -t checkpointfs -o mode=0777 none "$dir/mnt"
	refused EPERM restore_as_user root
	grep -q 'mm/1/layout: dumpable by root only may not be set' "$dir/mnt/log"
	gone "$pid"
	restore_as_user user
	kill "$pid"
	until_gone "$pid"
	umount "$dir/mnt"
	rm -r "$dir"
}

restore_as_user()
{
	# shellcheck disable=SC2016
	setpriv --reuid 4321 --clear-groups \
		--inh-caps=-all,+checkpoint_restore --ambient-caps=-all,+checkpoint_restore \
		bash -c 'cat "$1" >"$2/restore/commit"' bash "$dir/$1" "$dir/mnt"
}

# Somebody outside is about to write to pages of the program, which he has pinned as a
# device does for DMA.
pin()
{
	start pinned
	GO=$BATS_TEST_TMPDIR/release "$PROGRAMS/launch" -r "$BATS_TEST_TMPDIR/pinner" \
		"$PROGRAMS/pinned" "$pid" "$(head -n 1 "$out")"
	if grep "^not here: " "$BATS_TEST_TMPDIR/pinner"; then
		skip "this kernel or machine does not have it"
	fi
	grep -qx ready "$BATS_TEST_TMPDIR/pinner"
}

# The program has an image. It writes, and then he: that changes its memory and no image.
pinned_stay()
{
	cat "$MNT/web.tar" >"$BATS_TEST_TMPDIR/first.tar"
	kill -USR1 "$pid"
	until_true grep -qx written "$out"
	: >"$BATS_TEST_TMPDIR/release"
	until_gone "$(<"$BATS_TEST_TMPDIR/pinner.pid")"
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/pinner")" = passed ]
	finish
	cmp "$MNT/web.tar" "$BATS_TEST_TMPDIR/first.tar"
	# As long as it was: it goes on from there.
	head -n 2 "$out" >"$BATS_TEST_TMPDIR/short"
	cat "$BATS_TEST_TMPDIR/short" >"$out"
	cat "$MNT/web.tar" >"$MNT/restore/commit"
	kill -USR2 "$pid"
	finish
}

@test "pages pinned for DMA stay the program's after a snapshot" {
	pin
	ctl snapshot web "pid=$pid"
	pinned_stay
}

@test "pages pinned for DMA stay the program's after a freeze and a commit" {
	pin
	ctl freeze web "pid=$pid"
	ctl commit web
	pinned_stay
}
