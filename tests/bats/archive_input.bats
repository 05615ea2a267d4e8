#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2153
#
# restore/commit takes what archivers write, in writes of any size.

load helpers

# One image serves all tests: what is written to restore/commit varies.
setup_file()
{
	BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
	start plain
	ctl freeze web "pid=$pid"
	mkdir "$BATS_FILE_TMPDIR/tree"
	cp -a "$MNT/web" "$BATS_FILE_TMPDIR/tree"
	cat "$MNT/web.tar" >"$BATS_FILE_TMPDIR/web.tar"
	ctl commit web kill
	until_gone "$pid"
	ctl remove web
	export pid out go
}

setup()
{
	common_setup
	image=$BATS_FILE_TMPDIR/web.tar
	tree=$BATS_FILE_TMPDIR/tree
	made=$BATS_TEST_TMPDIR/made.tar
}

# The program that was restored is the one that was saved.
verify()
{
	[ "$(cat "$MNT/restore/commit")" = "web pid=$pid tasks=1" ]
	finish
	rm "$go"
	echo ready >"$out"
}

@test "NAME.tar as it is" {
	cat "$image" >"$MNT/restore/commit"
	verify
}

@test "NAME.tar as it is, by copy_file_range and by sendfile" {
	cp "$image" "$MNT/restore/commit"
	verify
	python3 -c '
import os, sys
to = os.open(sys.argv[2], os.O_WRONLY)
with open(sys.argv[1], "rb") as image:
    while os.sendfile(to, image.fileno(), None, 1 << 20):
        pass
' "$image" "$MNT/restore/commit"
	verify
}

@test "what GNU tar writes, in each of its formats" {
	for format in v7 ustar oldgnu gnu pax; do
		tar -C "$tree" --format="$format" -cf - web >"$MNT/restore/commit"
		verify
	done
}

@test "what bsdtar writes, in each of its formats" {
	for format in ustar pax gnutar; do
		bsdtar -C "$tree" --format="$format" -cf - web >"$MNT/restore/commit"
		verify
	done
}

@test "what cpio writes as tar" {
	for format in ustar tar; do
		(cd "$tree" && find web | cpio --quiet -o -H "$format") >"$MNT/restore/commit"
		verify
	done
}

@test "what Python writes, in each of its formats" {
	for format in ustar gnu pax; do
		"$TREE/tests/bats/image.py" "$image" "$made" format "$format"
		cat "$made" >"$MNT/restore/commit"
		verify
	done
}

@test "names with any directory in front, or none" {
	tar -C "$tree" -cf - ./web >"$MNT/restore/commit"
	verify
	tar -C "$tree/web" -cf - . >"$MNT/restore/commit"
	verify
	(cd "$tree/web" && tar -cf - header cpu ./*/ tail) >"$MNT/restore/commit"
	verify
	tar -cf - "$tree/web" 2>"$BATS_TEST_TMPDIR/says" >"$MNT/restore/commit"
	verify
}

@test "a long name in front" {
	long=$(printf 'directory-%.0s' {1..20})
	for format in gnu pax; do
		"$TREE/tests/bats/image.py" "$image" "$made" prefix "$long/$long/web" format "$format"
		cat "$made" >"$MNT/restore/commit"
		verify
	done
}

@test "members in any order" {
	for seed in 1 2 3 4; do
		"$TREE/tests/bats/image.py" "$image" "$made" shuffle "$seed"
		cat "$made" >"$MNT/restore/commit"
		verify
	done
	"$TREE/tests/bats/image.py" "$image" "$made" prefix '' shuffle 5
	cat "$made" >"$MNT/restore/commit"
	verify
}

@test "writes of any size" {
	for size in 13 511 513 4095 65537 100M; do
		dd if="$image" of="$MNT/restore/commit" bs="$size" status=none
		verify
	done
}

@test "writes of one byte" {
	{
		dd bs=1 count=20000 status=none
		cat
	} <"$image" >"$MNT/restore/commit"
	verify
}

@test "a pipe that breaks the stream anywhere" {
	python3 -c '
import random, sys
with open(sys.argv[1], "rb") as image:
    while chunk := image.read(random.randrange(1, 9000)):
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
' "$image" | cat >"$MNT/restore/commit"
	verify
}

@test "zeroes after the end, but nothing else" {
	{ cat "$image" && head -c 100000 /dev/zero; } >"$MNT/restore/commit"
	verify
	{ cat "$image" && echo more; } >"$BATS_TEST_TMPDIR/more"
	exec 8>"$MNT/restore/commit"
	cat "$image" >&8
	refused EUCLEAN bash -c 'echo more >&8'
	exec 8>&-
	verify
}

@test "only one archive for each open file, but as many files as one likes" {
	exec 8<>"$MNT/restore/commit" 9<>"$MNT/restore/commit"
	head -c 5000 "$image" >&8
	refused EUCLEAN bash -c 'tr "\0" "\377" </dev/zero | head -c 600 >&9'
	tail -c +5001 "$image" >&8
	[ "$(cat <&8)" = "web pid=$pid tasks=1" ]
	exec 8>&- 9>&-
	verify
}

@test "two archives that arrive at the same time" {
	exec 8<>"$MNT/restore/commit" 9<>"$MNT/restore/commit"
	head -c 70000 "$image" >&8
	head -c 30000 "$image" >&9
	tail -c +70001 "$image" >&8
	refused EEXIST bash -c "tail -c +30001 '$image' >&9"
	exec 8>&- 9>&-
	verify
}

# One line, and no more, has come into the log since the last time; and there is no program.
dropped()
{
	local said

	mapfile -t said <&8
	[ "${#said[@]}" = 1 ]
	[[ ${said[0]} =~ $1 ]]
	gone "$pid"
}

@test "an archive that ends early is dropped" {
	exec 8<"$MNT/log"
	cat <&8 >/dev/null
	for size in 1 511 512 513 9999 100000; do
		head -c "$size" "$image" >"$MNT/restore/commit"
		dropped 'closed before the end'
	done
	tar -C "$tree" -cf - web | head -c -10240 >"$MNT/restore/commit"
	dropped 'closed before the end'
	exec 8<&-
}

@test "a writer that is killed half-way leaves nothing" {
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	cat "$BATS_TEST_TMPDIR/fifo" >"$MNT/restore/commit" &
	exec 8<"$MNT/log" 9>"$BATS_TEST_TMPDIR/fifo"
	cat <&8 >/dev/null
	# Of so much it has written some: it reads 128 KiB at most, the pipe holds 64.
	head -c 250000 "$image" >&9
	kill -KILL $!
	wait $! || :
	exec 9>&-
	# Between two writes, or in one.
	dropped 'closed before the end|the writer was killed'
	exec 8<&-
}

@test "after an error all writes return it" {
	exec 8>"$MNT/restore/commit"
	refused EUCLEAN bash -c 'head -c 600 /dev/urandom >&8'
	refused EUCLEAN bash -c "cat '$image' >&8"
	refused EUCLEAN bash -c 'echo web >&8'
	exec 8>&-
}

@test "a pid in use is refused by its number" {
	cat "$image" >"$MNT/restore/commit"
	refused EEXIST bash -c "cat '$image' >'$MNT/restore/commit'"
	tail -n 1 "$MNT/log" | grep -q "$pid"
	verify
}

@test "the parent may be named" {
	sleep 1000 &
	parent=$!
	{ echo "parent=$parent" && cat "$image"; } >"$MNT/restore/commit"
	[ "$(ps -o ppid= "$pid")" -eq "$parent" ]
	[ "$(cat "$MNT/restore/commit")" = "web pid=$pid tasks=1" ]
	kill "$parent"
	finish
	rm "$go"
	echo ready >"$out"
}

@test "a parent that does not exist, or is none, is refused" {
	refused ESRCH bash -c "echo parent=4000000 >'$MNT/restore/commit'"
	refused EINVAL bash -c "echo parent=self >'$MNT/restore/commit'"
	refused EINVAL bash -c "echo parent=0 >'$MNT/restore/commit'"
	exec 8>"$MNT/restore/commit"
	refused ESRCH bash -c 'echo parent=4000000 >&8'
	refused ESRCH bash -c "cat '$image' >&8"
	exec 8>&-
}
