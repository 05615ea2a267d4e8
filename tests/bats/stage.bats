#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# restore/: trees that are put together file by file, and committed by name.

load helpers

# One image serves all tests.
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
	stage=$MNT/restore
}

commit() { echo "$*" >"$stage/commit"; }

# The program that was restored is the one that was saved, and the tree is gone.
verify()
{
	[ "$(cat "$stage/commit")" = "${1-web} pid=$pid tasks=1" ]
	finish
	rm "$go"
	echo ready >"$out"
	[ "$(ls "$stage")" = commit ]
}

last_line_says() { tail -n 1 "$MNT/log" | grep -q -- "$1"; }

@test "restore/ begins with commit alone" {
	[ "$(ls -A "$stage")" = commit ]
	[ "$(stat -c '%F %a' "$stage")" = 'directory 700' ]
}

@test "a tree that tar has extracted is restored" {
	tar -C "$stage" -xf "$image"
	diff -r "$tree/web" "$stage/web"
	commit web
	verify
}

@test "a tree that bsdtar has extracted is restored" {
	bsdtar -C "$stage" -xf "$image"
	commit web
	verify
}

@test "a tree that cpio has copied is restored" {
	(cd "$tree" && find web | cpio --quiet -o) | (cd "$stage" && cpio --quiet -id)
	commit web
	verify
	(cd "$tree" && find web -depth | cpio --quiet -pd "$stage")
	commit web
	verify
}

@test "a tree that cp or rsync has copied is restored" {
	cp -a "$tree/web" "$stage"
	diff -r "$tree/web" "$stage/web"
	commit web
	verify
	rsync -a "$tree/web" "$stage"
	diff -r "$tree/web" "$stage/web"
	commit web
	verify
	rsync -a --sparse "$tree/web" "$stage"
	commit web
	verify
	cp -a --sparse=always "$tree/web" "$stage"
	commit web
	verify
}

@test "a container is copied into restore/ and goes on as another" {
	cat "$image" >"$stage/commit"
	ctl snapshot web "pid=$pid" kill
	until_gone "$pid"
	cp -a "$MNT/web" "$stage"
	ctl remove web
	commit web
	verify
}

@test "extracting a second time replaces the files" {
	tar -C "$stage" -xf "$image"
	tar -C "$stage" -xf "$image"
	rsync -a --checksum "$tree/web" "$stage"
	diff -r "$tree/web" "$stage/web"
	commit web
	verify
}

@test "a tree has another name if it is renamed" {
	tar -C "$stage" -xf "$image"
	mv "$stage/web" "$stage/net"
	refused ENOENT commit web
	commit net
	verify net
}

@test "a staged file is edited like any other" {
	tar -C "$stage" -xf "$image"
	local task=$stage/web/tasks/$pid/task
	cp "$task" "$BATS_TEST_TMPDIR/task"
	chmod 600 "$task"
	printf X | dd of="$task" bs=1 seek=3 conv=notrunc status=none
	refused EBADMSG commit web
	cat "$BATS_TEST_TMPDIR/task" >"$task"
	truncate -s 5000 "$task"
	truncate -s "$(stat -c %s "$BATS_TEST_TMPDIR/task")" "$task"
	cmp "$task" "$BATS_TEST_TMPDIR/task"
	echo more >>"$task"
	refused EUCLEAN commit web
	mv "$BATS_TEST_TMPDIR/task" "$task"
	commit web
	verify
}

@test "what is cut off a file does not come back" {
	mkdir "$stage/net"
	yes | head -c 10000 >"$stage/net/file"
	truncate -s 5000 "$stage/net/file"
	truncate -s 10000 "$stage/net/file"
	cmp "$stage/net/file" <(yes | head -c 5000; head -c 5000 /dev/zero)
	printf end | dd of="$stage/net/file" bs=1 seek=100000 conv=notrunc status=none
	[ "$(stat -c %s "$stage/net/file")" = 100003 ]
	cmp "$stage/net/file" <(yes | head -c 5000; head -c 95000 /dev/zero; printf end)
	rmdir "$stage/net"
}

@test "modes, owners, times and names of staged files can be changed" {
	tar -C "$stage" -xf "$image"
	chmod -R u+w "$stage/web"
	chown -R 12:34 "$stage/web"
	touch -d '2001-02-03 04:05:06' "$stage/web/header"
	[ "$(stat -c '%a %u %g %Y' "$stage/web/header")" = \
		"600 12 34 $(date -d '2001-02-03 04:05:06' +%s)" ]
	mv "$stage/web/header" "$stage/web/.header.Ab12"
	mv "$stage/web/.header.Ab12" "$stage/web/tasks/header"
	mv "$stage/web/tasks/header" "$stage/web/header"
	refused EPERM ln "$stage/web/header" "$stage/web/link"
	mv "$stage/web/tasks" "$stage/web/other"
	mv "$stage/web/other" "$stage/web/tasks"
	commit web
	verify
}

@test "what an image cannot have cannot be made" {
	mkdir -p "$stage/web/a/b"
	refused EPERM ln -s target "$stage/web/link"
	refused EPERM mkfifo "$stage/web/fifo"
	refused EPERM mknod "$stage/web/null" c 1 3
	refused EINVAL mkdir "$stage/web/a/b/c"
	last_line_says 'so deep'
	refused EINVAL mkdir "$stage/no.name"
	last_line_says 'no name of a container'
	refused EINVAL mkdir "$stage/control"
	refused EINVAL python3 -c 'import os, sys; os.rename(*sys.argv[1:])' \
		"$stage/web" "$stage/log"
	refused EPERM touch "$stage/file"
	refused EPERM mv "$stage/commit" "$stage/other"
	refused EPERM rm -f "$stage/commit"
	rmdir "$stage/web"
}

@test "a whole tree goes by rmdir, or by rm -r" {
	tar -C "$stage" -xf "$image"
	exec 8<"$stage/web/header"
	rmdir "$stage/web"
	[ ! -e "$stage/web" ]
	cmp "$tree/web/header" - <&8
	exec 8<&-
	tar -C "$stage" -xf "$image"
	refused ENOTEMPTY rmdir "$stage/web/tasks"
	rm -r "$stage/web"
	[ "$(ls "$stage")" = commit ]
}

@test "a tree is removed while others write into it" {
	for _ in $(seq "$(repeats 12)"); do
		tar -C "$stage" -xf "$image" 2>/dev/null &
		one=$!
		tar -C "$stage" -xf "$image" 2>/dev/null &
		two=$!
		for _ in 1 2 3 4 5 6; do
			rmdir "$stage/web" 2>/dev/null || :
			mv "$stage/web" "$stage/net" 2>/dev/null || :
			rmdir "$stage/net" 2>/dev/null || :
		done
		wait "$one" || :
		wait "$two" || :
		rmdir "$stage"/*/ 2>/dev/null || :
	done
	[ "$(ls "$stage")" = commit ]
}

@test "a tree is committed while others change it" {
	for _ in $(seq "$(repeats 12)"); do
		tar -C "$stage" -xf "$image"
		(
			for _ in 1 2 3; do
				mv "$stage/web/tasks" "$stage/web/other"
				echo more >>"$stage/web/header"
				mv "$stage/web/other" "$stage/web/tasks"
			done 2>/dev/null
		) &
		three=$!
		commit web 2>/dev/null &
		one=$!
		commit web 2>/dev/null &
		two=$!
		rmdir "$stage/web" 2>/dev/null || :
		for child in "$one" "$two" "$three"; do wait "$child" || :; done
		rmdir "$stage/web" 2>/dev/null || :
		kill -KILL "$pid" 2>/dev/null || :
		until_gone "$pid"
	done
	[ "$(ls "$stage")" = commit ]
}

@test "after a failure the tree is still there, and can be committed" {
	tar -C "$stage" -xf "$image"
	cat "$image" >"$stage/commit"
	refused EEXIST commit web
	diff -r "$tree/web" "$stage/web"
	kill -KILL "$pid"
	until_gone "$pid"
	commit web
	verify
}

@test "a file that no image has is refused by its name" {
	for name in other tasks/1/other widgets/1/widget .header.Ab12; do
		tar -C "$stage" -xf "$image"
		mkdir -p "$stage/web/$(dirname "$name")"
		echo something >"$stage/web/$name"
		refused EOPNOTSUPP commit web
		last_line_says "web/$name is no file of an image"
		rmdir "$stage/web"
	done
}

@test "a file that is missing is named" {
	for name in header cpu tail "tasks/$pid/task" creds/1 mm/1/pages; do
		tar -C "$stage" -xf "$image"
		rm "$stage/web/$name"
		refused EUCLEAN commit web
		rmdir "$stage/web"
	done
}

@test "a wrong line is refused" {
	refused ENOENT commit nothing
	last_line_says nothing
	refused EINVAL commit ''
	refused EINVAL commit web please
	refused EINVAL commit web parent=
	refused EINVAL commit web.tar
	refused EINVAL commit parent=1 web
	refused EINVAL commit "$(printf 'a%.0s' {1..200})"
	# In one write, which the shell would make two of.
	refused EINVAL bash -c "env printf 'web\nweb\n' >'$stage/commit'"
	mkdir "$stage/web"
	refused EUCLEAN commit web
	last_line_says 'header'
	rmdir "$stage/web"
}

@test "a line may come byte by byte" {
	tar -C "$stage" -xf "$image"
	sleep 1000 &
	parent=$!
	echo "web parent=$parent" | dd of="$stage/commit" bs=1 status=none
	[ "$(ps -o ppid= "$pid")" -eq "$parent" ]
	kill "$parent"
	verify
}

@test "a line that is not finished does nothing, and the log says it" {
	tar -C "$stage" -xf "$image"
	printf web >"$stage/commit"
	last_line_says 'end of the line'
	gone "$pid"
	rmdir "$stage/web"
}

@test "the result is that of the open file, or else of the mount" {
	tar -C "$stage" -xf "$image"
	exec 8<>"$stage/commit" 9<>"$stage/commit"
	echo web >&8
	verify
	[ "$(cat <&8)" = "web pid=$pid tasks=1" ]
	[ "$(cat <&9)" = "web pid=$pid tasks=1" ]
	[ -z "$(cat <&8)" ]
	cat "$image" >&8
	[ "$(cat <&8)" = "web pid=$pid tasks=1" ]
	exec 8>&- 9>&-
	verify
	# That of a part of an archive, of a line or of what failed is not that of another.
	for part in "head -c 5000 '$image'" "head -c 5 '$image'" 'echo parent=1' 'echo parent=0'; do
		exec 8<>"$stage/commit"
		bash -c "$part" >&8 2>/dev/null || :
		[ -z "$(cat <&8)" ]
		exec 8>&-
	done
}

@test "stage_max limits what is staged, and all of it is given back" {
	local small=$BATS_TEST_TMPDIR/small

	mkdir "$small"
	mount -t checkpointfs -o stage_max=256k none "$small"
	for _ in 1 2 3; do
		refused ENOSPC bash -c "cat '$image' >'$small/restore/commit'"
		tail -n 1 "$small/log" | grep -q stage_max
		refused ENOSPC tar -C "$small/restore" -xf "$image"
		rmdir "$small/restore/web"
		mkdir "$small/restore/web"
		refused ENOSPC truncate -s 1T "$small/restore/web/file"
		head -c 200000 /dev/zero >"$small/restore/web/file"
		refused ENOSPC bash -c "head -c 80000 /dev/zero >>'$small/restore/web/file'"
		refused ENOSPC bash -c "mkdir '$small'/restore/web/{1..300}"
		rmdir "$small/restore/web"
	done
	umount "$small"
}

@test "what is staged is charged to the writer's memory cgroup" {
	local group=/sys/fs/cgroup/stage

	mkdir "$group"
	mkdir "$stage/web"
	bash -c "echo 0 >$group/cgroup.procs && exec head -c 20M /dev/zero >'$stage/web/file'"
	[ "$(cat "$group/memory.current")" -gt 20000000 ]
	rmdir "$stage/web"
	[ "$(cat "$group/memory.current")" -lt 5000000 ]
	rmdir "$group"
}

@test "a writer who may not use more memory gets nothing restored" {
	local group=/sys/fs/cgroup/stage

	mkdir "$group"
	echo 8M >"$group/memory.max"
	mkdir "$stage/web"
	bash -c "echo 0 >$group/cgroup.procs && exec head -c 40M /dev/zero >'$stage/web/file'" &&
		false
	[ "$(stat -c %s "$stage/web/file")" -lt 40000000 ]
	rmdir "$stage/web"
	rmdir "$group"
}

@test "umount drops what is staged" {
	local other=$BATS_TEST_TMPDIR/other

	mkdir "$other"
	mount -t checkpointfs none "$other"
	tar -C "$other/restore" -xf "$image"
	mkdir -p "$other/restore/net/tasks"
	umount "$other"
}

@test "another user can restore nothing" {
	refused EACCES setpriv --reuid 1234 --clear-groups bash -c "echo web >'$stage/commit'"
	refused EACCES setpriv --reuid 1234 --clear-groups mkdir "$stage/net"
}

@test "who opened commit does not borrow the rights of one who is made to write it" {
	local other=/tmp/other

	# The directory of a test is closed to other users.
	mkdir "$other"
	mount -t checkpointfs -o uid=1234,mode=711 none "$other"
	refused EPERM python3 -c '
import os, sys
os.seteuid(1234)
to = os.open(sys.argv[1], os.O_WRONLY)
os.seteuid(0)
os.write(to, b"web\n")
' "$other/restore/commit"
	umount "$other"
	rmdir "$other"
}
