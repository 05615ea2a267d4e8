#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# NAME.tar, and what archivers make of it and of the directory.
# shellcheck disable=SC2002,SC2012,SC2154,SC2164

load helpers

setup()
{
	common_setup
	start plain
	ctl freeze web "pid=$pid" timeout=0
	cd "$BATS_TEST_TMPDIR"
	mkdir to
	cat "$MNT/web.tar" >web.tar
}

teardown()
{
	cd /
	common_teardown
}

# Type, mode, owner, size and (in seconds) time of everything below $1/web.
tree_of()
{
	(
		cd "$1"
		find web -type d -printf '%p %y %m %U %G\n' -o \
			-printf '%p %y %m %U %G %s %Ts\n' | sort
	)
}

# What has been extracted is what is in the filesystem.
same_tree()
{
	diff -r "$MNT/web" to/web
	[ "$(tree_of "$MNT")" = "$(tree_of to)" ]
}

@test "NAME.tar has the size that it says, a multiple of 10240 bytes" {
	[ "$(stat -c %s web.tar)" = "$(stat -c %s "$MNT/web.tar")" ]
	[ $(($(stat -c %s web.tar) % 10240)) = 0 ]
}

@test "NAME.tar is the same in pieces of any size" {
	local size

	for size in 1 511 513 4097 65537; do
		dd if="$MNT/web.tar" bs="$size" count=3000 status=none |
			cmp - <(head -c $((size * 3000)) web.tar)
	done
}

@test "tar reads it" {
	tar -xpf web.tar -C to
	same_tree
}

@test "tar reads it from a pipe, without a complaint" {
	[ -z "$(cat "$MNT/web.tar" | tar -xpf - -C to 2>&1)" ]
	same_tree
}

@test "bsdtar reads it" {
	[ -z "$(bsdtar -xpf web.tar -C to 2>&1)" ]
	same_tree
}

@test "cpio reads it" {
	(cd to && cpio -idm --quiet -H ustar <../web.tar)
	same_tree
}

@test "python reads it" {
	python3 -c '
import tarfile
tarfile.open("web.tar").extractall("to", filter="fully_trusted")'
	same_tree
}

@test "busybox reads it" {
	busybox tar -xpf web.tar -C to
	same_tree
}

@test "cp -a and rsync keep the tree" {
	cp -a "$MNT/web" to
	same_tree
	rm -rf to/web
	rsync -a "$MNT/web" to
	same_tree
}

@test "archives that tar, bsdtar and cpio make of the directory have all of it" {
	tar -C "$MNT" -cf - web | tar -xpf - -C to
	same_tree
	rm -rf to/web
	tar -C "$MNT" -cSf - web | tar -xpf - -C to
	same_tree
	rm -rf to/web
	bsdtar -C "$MNT" -cf - web | tar -xpf - -C to
	same_tree
	rm -rf to/web
	(cd "$MNT" && find web | cpio -o --quiet -H ustar) | tar -xpf - -C to
	same_tree
}

@test "it begins with its directory, header and cpu, has contents last, and ends with tail" {
	tar -tf web.tar >names
	[ "$(head -n 3 names | xargs)" = 'web/ web/header web/cpu' ]
	[ "$(tail -n 1 names)" = web/tail ]
	! sed -n '/\/\(pages\|data\)$/,$p' names | grep -vE '/(pages|data)$|^web/tail$' || false
}

@test "a directory stands before what is in it, and everything is there once" {
	[ -z "$(tar -tf web.tar | sort | uniq -d)" ]
	tar -tf web.tar | awk '
		{ dir = $0; sub(/[^\/]+\/?$/, "", dir) }
		dir != "" && !(dir in seen) { bad = 1 }
		{ seen[$0] }
		END { exit bad }'
	[ "$(tar -tf web.tar | wc -l)" = "$(find "$MNT/web" | wc -l)" ]
}

@test "the archive of a committed container stays as it is while the program goes on" {
	local before

	before=$(sha256sum <web.tar)
	ctl commit web
	[ "$(sha256sum <"$MNT/web.tar")" = "$before" ]
	finish
	[ "$(sha256sum <"$MNT/web.tar")" = "$before" ]
	[ "$(sha256sum <"$MNT/web.tar")" = "$(cat "$MNT/web.tar" | sha256sum)" ]
}
