#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# The tools: ckpt and mount.checkpointfs.
# shellcheck disable=SC2154,SC2314

load helpers

# The command ends with that status; what it said is in $said.
ends()
{
	local want=$1 status=0
	shift

	said=$("$@" 2>&1) || status=$?
	echo "$said"
	[ "$status" = "$want" ]
}

image() { image=$BATS_TEST_TMPDIR/web.tar; }

@test "ckpt save lets the program run on, and its image can be restored" {
	image
	start plain
	ckpt save -o "$image" "$pid"
	ckpt check "$image"
	kill -KILL "$pid"
	until_gone "$pid"
	[ "$(ckpt restore "$image")" = "$pid" ]
	finish
}

@test "ckpt save leaves a program that finishes undisturbed" {
	image
	start plain
	ckpt save -o "$image" "$pid"
	finish
	[ "$(stat -c %a "$image")" = 600 ]
}

@test "ckpt save --kill kills the program once its image is written" {
	image
	start plain
	ckpt save -o "$image" --kill "$pid"
	until_gone "$pid"
	ckpt restore "$image"
	finish
}

@test "ckpt save and ckpt restore work as a pipeline" {
	image
	start plain
	ckpt save --kill "$pid" | cat >"$image"
	until_gone "$pid"
	# shellcheck disable=SC2002
	cat "$image" | ckpt restore -
	finish
}

@test "ckpt restore without a name reads standard input, compressed or not" {
	local how

	image
	start plain
	for how in 'zstd -q' gzip xz cat; do
		ckpt save --kill "$pid" | $how >"$image.$how"
		until_gone "$pid"
		# What is read has been a file, a pipe, and one that says little at first.
		[ "$(ckpt restore <"$image.$how")" = "$pid" ]
		ckpt save -o "$image" --kill "$pid"
		until_gone "$pid"
		# shellcheck disable=SC2002
		[ "$(cat "$image.$how" | ckpt restore)" = "$pid" ]
		ckpt save -o "$image" --kill "$pid"
		until_gone "$pid"
		[ "$({ head -c 1 "$image.$how" && nap && tail -c +2 "$image.$how"; } |
			ckpt restore)" = "$pid" ]
	done
	finish
}

@test "ckpt restore knows by itself that a file or a socket is compressed" {
	image
	start plain
	ckpt save --kill "$pid" | zstd -q >"$image"
	until_gone "$pid"
	ckpt restore "$image"
	ckpt save -o "$image.tar" --kill "$pid"
	until_gone "$pid"
	python3 - "$image" <<-'EOF'
		import socket, subprocess, sys
		ours, theirs = socket.socketpair()
		child = subprocess.Popen(["ckpt", "restore"], stdin=theirs)
		theirs.close()
		with open(sys.argv[1], "rb") as image:
		    ours.sendfile(image)
		ours.close()
		sys.exit(child.wait())
	EOF
	ckpt save -o "$image.tar" --kill "$pid"
	until_gone "$pid"
	bsdtar --lz4 --format ustar -cf "$image.lz4" "@$image.tar"
	ckpt restore "$image.lz4"
	ckpt save -o "$image.tar" --kill "$pid"
	until_gone "$pid"
	mkfifo "$image.fifo"
	gzip <"$image.tar" >"$image.fifo" &
	ckpt restore "$image.fifo"
	finish
}

@test "ckpt restore waits for what a descriptor that does not block has not got yet" {
	image
	start plain
	ckpt save -o "$image" --kill "$pid"
	until_gone "$pid"
	zstd -q "$image"
	for file in "$image" "$image.zst"; do
		python3 - "$file" <<-'EOF'
			import os, subprocess, sys, time
			ours, theirs = os.pipe()
			os.set_blocking(ours, False)
			child = subprocess.Popen(["ckpt", "restore"], stdin=ours)
			image = open(sys.argv[1], "rb").read()
			for part in image[:3], image[3:2000], image[2000:]:
			    time.sleep(0.2)
			    while part:
			        part = part[os.write(theirs, part):]
			os.close(theirs)
			sys.exit(child.wait())
		EOF
		ckpt save -o "$image.last" --kill "$pid"
		until_gone "$pid"
	done
	ckpt restore "$image"
	finish
}

@test "ckpt restore does not care which descriptors are open, and what its signals do" {
	image
	start plain
	ckpt save -o "$image" --kill "$pid"
	until_gone "$pid"
	# In bash it would be the pipe that bash reads what it says from.
	ends 1 sh -c 'exec ckpt restore <&-'
	gone "$pid"
	ckpt restore "$image" <&- >&- 2>&-
	rm "$image"
	ckpt save -o "$image" --kill "$pid" <&- >&- 2>&-
	until_gone "$pid"
	zstd -q "$image"
	[ "$(env --ignore-signal=CHLD ckpt restore "$image.zst")" = "$pid" ]
	finish
}

@test "ckpt restore takes a difference out of a named pipe" {
	image
	start plain
	ctl snapshot web "pid=$pid"
	cat "$MNT/web.tar" >"$image"
	ctl snapshot next "pid=$pid" since=web kill
	until_gone "$pid"
	mkfifo "$image.fifo"
	cat "$MNT/next.tar" >"$image.fifo" &
	[ "$(ckpt restore "$image" "$image.fifo")" = "$pid" ]
	wait $!
	ctl remove next
	ctl remove web
	finish
}

@test "ckpt restore obeys no line at the head of an archive, compressed or not" {
	local line

	image
	start plain
	ckpt save -o "$image" --kill "$pid"
	until_gone "$pid"
	mkdir "$MNT/restore/staged"
	for line in "parent=$$" "external=$pid:1=0" staged ''; do
		{ echo "$line" && cat "$image"; } >"$image.lines"
		zstd -qf "$image.lines"
		ends 4 ckpt restore -m "$MNT" "$image.lines"
		[[ $said == *"with a line of text" ]]
		ends 4 ckpt restore -m "$MNT" <"$image.lines"
		ends 4 ckpt restore -m "$MNT" "$image.lines.zst"
		[[ $said == *"with a line of text" ]]
	done
	echo staged >"$image.lines"
	ends 4 ckpt restore -m "$MNT" "$image.lines"
	[[ $said == *"with a line of text" ]]
	gone "$pid"
	rmdir "$MNT/restore/staged"
	ckpt restore -m "$MNT" "$image"
	finish
}

restore_and_more()
{
	{ cat "$image" && until_true test -e "/proc/$pid" && cat "$image"; } |
		ckpt restore -m "$MNT"
}

@test "a program that is restored is said to be, whatever follows its archive" {
	image
	start plain
	ckpt save -o "$image" --kill "$pid"
	until_gone "$pid"
	ends 0 restore_and_more
	[[ $said == *"ckpt: process $pid is restored, but after its archive: "*$'\n'"$pid" ]]
	finish
}

@test "ckpt restore --wait leaves no core where the program was killed by a signal" {
	image
	[ "$(</proc/sys/kernel/core_pattern)" = core ]
	start plain
	ckpt save -o "$image" --kill "$pid"
	until_gone "$pid"
	mkdir "$BATS_TEST_TMPDIR/here"
	(cd "$BATS_TEST_TMPDIR/here" && ulimit -c unlimited && exec ckpt restore --wait "$image") >"$image.pid" &
	waiter=$!
	until_true grep -qx "$pid" "$image.pid"
	kill -SEGV "$pid"
	status=0
	wait "$waiter" || status=$?
	[ "$status" = $((128 + 11)) ]
	[ -z "$(ls "$BATS_TEST_TMPDIR/here")" ]
}

@test "what is compressed and not whole is refused with the exit status 4" {
	image
	start plain
	ckpt save --kill "$pid" | zstd -q >"$image"
	until_gone "$pid"
	head -c "$(($(stat -c %s "$image") / 2))" "$image" >"$image.short"
	ends 4 ckpt restore "$image.short"
	[[ $said == *"the archive ends too early"* ]]
	ends 4 ckpt restore </dev/null
	gone "$pid"
	ckpt restore "$image"
	finish
}

@test "what is compressed is not used before its checksum is found right" {
	local how size last

	image
	start plain
	ckpt save -o "$image" --kill "$pid"
	until_gone "$pid"
	# The end of the archive is not in the last piece that comes out.
	size=$(stat -c %s "$image")
	truncate -s $(((size + 65535) / 65536 * 65536 + 512)) "$image"
	for how in 'zstd -q' xz; do
		$how -c "$image" >"$image.$how"
		last=$(tail -c 1 "$image.$how" | od -An -tu1)
		{ head -c -1 "$image.$how" && printf %b "\\0$(printf %o $((last ^ 1)))"; } >"$image.bad"
		ends 4 ckpt restore "$image.bad"
		gone "$pid"
		[ "$(ckpt restore "$image.$how")" = "$pid" ]
		ckpt save -o "$image.last" --kill "$pid"
		until_gone "$pid"
	done
	ckpt restore "$image"
	finish
}

@test "an archive that ends too early is not taken for the one before it" {
	image
	start plain
	ckpt save -o "$image" --kill "$pid"
	until_gone "$pid"
	ckpt restore -m "$MNT" "$image"
	kill -KILL "$pid"
	until_gone "$pid"
	head -c "$(($(stat -c %s "$image") / 2))" "$image" >"$image.short"
	ends 4 ckpt restore -m "$MNT" "$image.short"
	ends 4 ckpt restore -m "$MNT" <"$image.short"
	for size in 5 0; do
		head -c "$size" "$image" >"$image.short"
		ends 4 ckpt restore -m "$MNT" "$image.short"
	done
	gone "$pid"
	ckpt restore -m "$MNT" "$image"
	finish
}

@test "ckpt uses the mount that it is told, and removes what it made there" {
	image
	start plain
	ckpt save -m "$MNT" -n told -o "$image" --kill "$pid"
	tar -tf "$image" | grep -q '^told/header$'
	[ -z "$(<"$MNT/control")" ]
	ckpt restore -m "$MNT" "$image"
	[ "$(<"$MNT/restore/commit")" = "told pid=$pid tasks=1" ]
	finish
}

@test "ckpt works with what is mounted if it may not mount; with nothing, the exit status is 5" {
	local may_not=(setpriv --bounding-set=-sys_admin)

	image
	start plain
	ends 5 unshare -m sh -c "umount -a -t checkpointfs && exec ${may_not[*]} ckpt save -o '$image' $pid"
	[ ! -e "$image" ]
	ends 0 "${may_not[@]}" ckpt save -o "$image" --kill "$pid"
	until_gone "$pid"
	[ -z "$(<"$MNT/control")" ]
	ckpt restore "$image"
	finish
}

@test "ckpt restore --wait ends as the program does" {
	image
	start_command sh -c 'sleep 1000 & wait; exit 7'
	until_true pgrep -P "$pid" sleep
	child=$(pgrep -P "$pid" sleep)
	ckpt save -o "$image" --kill "$pid"
	until_gone "$pid" "$child"
	ckpt restore --wait "$image" >"$BATS_TEST_TMPDIR/pid" &
	waiter=$!
	# It says so when the restore is over, not when there is such a process.
	until_true grep -qx "$pid" "$BATS_TEST_TMPDIR/pid"
	pkill -P "$pid" sleep
	status=0
	wait "$waiter" || status=$?
	[ "$status" = 7 ]
	[ "$(<"$BATS_TEST_TMPDIR/pid")" = "$pid" ]
}

@test "a program that cannot be written anywhere runs on" {
	start plain
	ends 1 ckpt save -o /nowhere/web.tar --kill "$pid"
	ends 1 sh -c "ckpt save --kill $pid >/dev/full"
	finish
}

@test "a program runs on whose ckpt is killed while it is frozen" {
	local pipe=$BATS_TEST_TMPDIR/pipe

	start plain
	mkfifo "$pipe"
	ckpt save --kill "$pid" >"$pipe" &
	saver=$!
	exec 7<"$pipe"
	# More than a pipe holds is still to come when the first bytes are here.
	[ "$(dd bs=512 count=1 status=none <&7 | wc -c)" = 512 ]
	kill -KILL "$saver"
	wait "$saver" || :
	exec 7<&-
	finish
}

@test "an image that fails to be written leaves the one of its name" {
	image
	echo old >"$image"
	ends 1 ckpt save -o "$image" 999999
	[ "$(<"$image")" = old ]
	[ "$(ls "$BATS_TEST_TMPDIR")" = "$(printf 'web.tar')" ]
}

writes() { readlink "/proc/$1/fd/"* | grep -q "^$images/"; }

@test "a save that is killed leaves no part of an image" {
	local n caught=0

	images=$BATS_TEST_TMPDIR/images
	mkdir "$images"
	start filled 0 96
	for ((n = 0; n < 20 && caught < 3; n++)); do
		ckpt save -o "$images/web.tar" "$pid" &
		saver=$!
		until gone "$saver" || writes "$saver"; do :; done
		if kill -KILL "$saver"; then caught=$((caught + 1)); fi
		wait "$saver" || :
		[ -z "$(find "$images" -type f ! -name web.tar)" ]
	done
	[ "$caught" != 0 ]
	ckpt save -o "$images/web.tar" --kill "$pid"
	until_gone "$pid"
	ckpt restore "$images/web.tar"
	finish
	[ "$(ls "$images")" = web.tar ]
}

@test "what cannot be saved is named, and the exit status is 3" {
	image
	start_command python3 -c '
import os, time
os.pidfd_open(1)
print("ready", flush=True)
time.sleep(1000)'
	until_true grep -qx ready "$out"
	ends 3 ckpt save -o "$image" "$pid"
	[[ $said == *"task $pid ("*") fd "*"cannot be saved"* ]]
	[ ! -e "$image" ]
	kill -0 "$pid"
}

@test "a damaged image is refused with the exit status 4" {
	image
	start plain
	ckpt save -o "$image" --kill "$pid"
	until_gone "$pid"
	head -c 20000 "$image" >"$image.short"
	ends 4 ckpt restore "$image.short"
	ends 4 ckpt check "$image.short"
	gzip -k "$image"
	head -c 20000 "$image.gz" >"$image.short"
	ends 4 ckpt check "$image.short"
	ends 4 ckpt show /bin/true
	ends 1 env TMPDIR=/nowhere ckpt merge "$image.gz"
	python3 "$TREE/tests/bats/image.py" "$image" "$image.bad" flip "tasks/$pid/task" 40 4
	ends 4 ckpt check "$image.bad"
	[[ $said == *"tasks/$pid/task: the checksum is wrong"* ]]
	ends 4 ckpt restore "$image.bad"
	ends 1 ckpt restore "$image.none"
	gone "$pid"
}

@test "ckpt check says of a directory, an archive and a compressed one the same" {
	image
	start plain
	ctl freeze web "pid=$pid"
	cat "$MNT/web.tar" >"$image"
	gzip -k "$image"
	ckpt check "$MNT/web"
	ckpt check "$image"
	ckpt check "$image.gz"
	ckpt check - <"$image"
	ends 1 ckpt check /nowhere
	finish_frozen
}

finish_frozen()
{
	ctl thaw web
	finish
}

@test "ckpt show prints every record, for people and as JSON" {
	image
	start plain
	ckpt save -n web -o "$image" "$pid"
	ckpt show "$image" | grep -qx '    name            web'
	ckpt show "$image" | grep -q '^mm/1/vmas: '
	ckpt show --json "$image" >"$image.json"
	[ "$(jq -r '.[0].records[0].name' "$image.json")" = web ]
	[ "$(jq -r '.[] | select(.file == "tail") | .records[0].elements | length' \
		"$image.json")" = "$(jq 'length - 1' "$image.json")" ]
	[ "$(jq -r ".[] | select(.file == \"tasks/$pid/task\") | .records[0].comm" \
		"$image.json")" = plain ]
	finish
}

@test "a wrong command line ends with the exit status 2" {
	ends 2 ckpt
	ends 2 ckpt dump
	ends 2 ckpt save
	ends 2 ckpt save notapid
	ends 2 ckpt save --nonsense 1
	ends 2 script -qec 'ckpt restore' "$BATS_TEST_TMPDIR/typescript"
	ends 2 script -qec 'ckpt restore -' "$BATS_TEST_TMPDIR/typescript"
	ends 2 ckpt merge
	ends 0 ckpt --help
	ends 0 ckpt save --help
}

@test "ckpt saves and restores with no library but libc, and needs ckpt-images for the rest" {
	local alone=$BATS_TEST_TMPDIR/alone

	image
	[ "$(readelf -d "$(command -v ckpt)" | grep -c '(NEEDED)')" = 1 ]
	readelf -d "$(command -v ckpt)" | grep -q '(NEEDED).*\[libc\.so\.6\]'
	mkdir "$alone"
	cp "$(command -v ckpt)" "$alone/"
	start plain
	"$alone/ckpt" save -m "$MNT" -o "$image" --kill "$pid"
	until_gone "$pid"
	"$alone/ckpt" restore "$image"
	ends 1 "$alone/ckpt" show "$image"
	[ "$said" = "ckpt: ckpt-images: No such file or directory" ]
	ends 1 "$alone/ckpt" restore "$image" "$image"
	finish
}

@test "ckpt speaks for ckpt-images, which has the same command line" {
	local command

	for command in save restore show check merge features; do
		ends 0 ckpt --help
		[[ $said == *"$command"* ]]
		ends 0 ckpt "$command" --help
		[[ $said == "Usage: ckpt $command [OPTION...]"* ]]
	done
	ends 2 ckpt merge --nonsense
	[[ $said == "ckpt merge: unrecognized option '--nonsense'"* ]]
	ends 1 ckpt show --json /nowhere
	[ "$said" = "ckpt: /nowhere: No such file or directory" ]
	ends 2 ckpt show /nowhere --json -- /nowhere
	ends 2 ckpt check
}

@test "ckpt features prints the file features" {
	diff <(ckpt features) "$MNT/features"
}

@test "mount takes the options of checkpointfs, and names of users" {
	local dir=$BATS_TEST_TMPDIR/dir

	mkdir "$dir"
	install -m 755 /ckpt/utils/mount.checkpointfs /tmp/mount.checkpointfs
	/tmp/mount.checkpointfs none "$dir" -o uid=nobody,gid=daemon,mode=0750,stage_max=1m
	[ "$(stat -c '%U %G %a' "$dir")" = "nobody daemon 750" ]
	umount "$dir"
	ends 1 /tmp/mount.checkpointfs none "$dir" -o uid=nosuchuser
	[[ $said == *"uid: not a valid value"* ]]
	ends 1 /tmp/mount.checkpointfs none "$dir" -o mode=9
	ends 1 /tmp/mount.checkpointfs none "$dir" -o checksum=some
	ends 32 /tmp/mount.checkpointfs none "$dir" -o nonsense=1
	ends 1 /tmp/mount.checkpointfs none
	! mountpoint -q "$dir"
}

@test "the manual pages have no mistakes that man can see" {
	local page

	for page in /ckpt/Documentation/man/*; do
		[ -z "$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -l "$page" 2>&1 >/dev/null)" ]
	done
}
