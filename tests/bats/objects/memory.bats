#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
load ../helpers

@test "private anonymous memory keeps contents and protection" { round_trip anon; }
@test "private anonymous memory of a 32-bit program does" { round_trip anon32; }
@test "shared anonymous memory stays shared between relatives" { round_trip shared_anon; }
@test "shared anonymous memory of 32-bit programs does" { round_trip shared_anon32; }
@test "pages shared copy-on-write stay shared until somebody writes" { round_trip cow; }
@test "pages of 32-bit programs do" { round_trip cow32; }
@test "mappings of files are where they were, line by line" { round_trip mappings; }
@test "mappings of a 32-bit program are" { round_trip mappings32; }

@test "where an archiver has left holes there are the pages of zeroes that there were" {
	start mappings
	ctl snapshot web "pid=$pid" kill
	until_all_gone
	cp -a --sparse=always "$MNT/web" "$MNT/restore"
	ctl remove web
	echo web >"$MNT/restore/commit"
	finish
}
@test "heap and stack go on growing, exe, arguments and environment are kept" {
	round_trip brk_stack one "two three"
}
@test "heap and stack of a 32-bit program do" { round_trip brk_stack32 one "two three"; }
@test "what mlock, madvise and prctl have set stays set" { round_trip mlock_madvise; }
@test "what they have set in a 32-bit program does" { round_trip mlock_madvise32; }
@test "huge pages keep their contents, whole, split and shared" { round_trip thp; }

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
