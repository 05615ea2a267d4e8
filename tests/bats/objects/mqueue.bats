#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

# What a killed program has left, too.
teardown()
{
	rm -f /dev/mqueue/*
	common_teardown
}

@test "POSIX message queues keep messages, limits, owners, times, and who waits or is told" {
	every_way mqueue
}

@test "POSIX message queues of which nothing is left are made again" {
	start mqueue
	save
	rm /dev/mqueue/*
	restore
	finish
	[ -z "$(ls /dev/mqueue)" ]
}

@test "a POSIX message queue that a task outside has open is refused with EBUSY" {
	start mqueue outside
	child=$(pgrep -P "$pid")
	refused EBUSY ctl freeze web "pid=$child"
	grep -qx "POSIX message queue /ckpt-order: a task outside of the container uses it" \
		"$MNT/log"
	ctl freeze web "pid=$pid"
	ctl thaw web
	finish
}

# refuses HOW WORDS: of the only queue that the program has.
refuses()
{
	start mqueue "$1"
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -qx "POSIX message queue /ckpt-order: $2 cannot be saved" "$MNT/log"
	finish
}

@test "a notification of a process that has ended is refused" {
	refuses ended "a notification of a process that has ended"
}

@test "a notification by SIGEV_THREAD to a socket that is closed is refused" {
	refuses thread "a notification by SIGEV_THREAD to a socket that the container has not"
}

@test "who is told of a message by SIGEV_THREAD is told by the same socket" {
	every_way mqthread
}

@test "a 32-bit program is" { every_way mqthread32; }

# The number of the record, and where in it things are.
MQUEUE=64 NOTIFY=72 MQNOTIFY=130 SOCKET=0

@test "no image has a message queue tell what the kernel would not" {
	start mqthread
	save_stream
	rm /dev/mqueue/*
	wrong_images <<-END
		EUCLEAN 'no socket to be told of a message' field mqueue/ $MQNOTIFY $SOCKET 8 0
		EUCLEAN 'socket refers to what is not there' field mqueue/ $MQNOTIFY $SOCKET 8 9999
		EUCLEAN 'socket refers to what is not there' field mqueue/ $MQNOTIFY $SOCKET 8 1
		EUCLEAN 'a socket that is not told of a message' field mqueue/1 $MQUEUE $NOTIFY 4 2
		EUCLEAN 'notify has no valid value' field mqueue/1 $MQUEUE $NOTIFY 4 4
	END
	[ -z "$(ls /dev/mqueue)" ]
	restore
	finish
}

@test "a restore that fails leaves no queue that tells a socket" {
	start mqthread
	save
	rm /dev/mqueue/*
	# That is found out when all queues are what they were.
	# shellcheck disable=SC2016
	refused EOPNOTSUPP setpriv --no-new-privs bash -c 'cat "$1" >"$2"' - "$image" \
		"$MNT/restore/commit"
	grep -q "would inherit no_new_privs" "$MNT/log"
	[ -z "$(ls /dev/mqueue)" ]
	restore
	finish
}

@test "a POSIX message queue of another IPC namespace is refused" {
	refuses elsewhere "one of another IPC namespace"
}

# Of the queue of that name, what is in it after TEXT has been put there.
look() { "$PROGRAMS/mqueue" look "$@"; }

@test "a restore gives a queue that is left the messages of the image, or leaves it as it was" {
	local before

	start mqueue left /ckpt-third
	save
	[[ $(look /ckpt-order changed) = "changed: 100600 0 1 "* ]]
	before="changed: 100600 0 1 1000000001"

	# One with other limits is not what the program has left.
	rm /dev/mqueue/ckpt-third /dev/mqueue/ckpt-told
	: >/dev/mqueue/ckpt-third
	refused EEXIST restore
	grep -q "mqueue/3: POSIX message queue /ckpt-third cannot be made: -EEXIST" "$MNT/log"
	[ "$(look /ckpt-order)" = "$before" ]
	[ "$(ls /dev/mqueue)" = $'ckpt-order\nckpt-third' ]

	rm /dev/mqueue/ckpt-third
	restore
	finish
	[ -z "$(ls /dev/mqueue)" ]
}

@test "a queue that somebody has open, or another owner has, is in the way" {
	start mqueue left
	save
	refused EEXIST eval 'restore 8</dev/mqueue/ckpt-told'
	chown 1234 /dev/mqueue/ckpt-told
	refused EEXIST restore
	[ "$(stat -c %u:%a /dev/mqueue/ckpt-told /dev/mqueue/ckpt-order)" = $'1234:600\n0:600' ]
	chown 0 /dev/mqueue/ckpt-told
	chmod 0 /dev/mqueue/ckpt-told
	restore
	finish
}

@test "a queue counts for the limit of who restores it, and nothing is left where it fails" {
	start mqueue left
	save
	rm /dev/mqueue/*
	# shellcheck disable=SC2016
	refused EMFILE prlimit --msgqueue=800 sh -c 'cat "$1" >"$2"' sh "$image" "$MNT/restore/commit"
	[ -z "$(ls /dev/mqueue)" ]
	grep -q "mqueue/2: POSIX message queue /ckpt-told cannot be made: -EMFILE" "$MNT/log"
	restore
	finish
}

# Of root's rights all but these.
CAPS=-sys_resource,-setuid,-chown,-fowner
without=(setpriv "--bounding-set=$CAPS" "--inh-caps=$CAPS")

# By one who lacks them.
restore_without()
{
	# shellcheck disable=SC2016
	"${without[@]}" sh -c 'cat "$1" >"$2"' sh "$1" "$MNT/restore/commit"
}

# denied ERRNO OFFSET VALUE: with 4 bytes of the record changed.
denied()
{
	"$TREE/tests/bats/image.py" "$image" "$image.bad" set mqueue/1 $((16 + $2)) 4 "$3" fix
	refused "$1" restore_without "$image.bad"
	[ -z "$(ls /dev/mqueue)" ]
}

@test "no image makes a queue that its writer could not make" {
	start_command -r "${without[@]}" "$PROGRAMS/mqueue" left
	ready
	save_stream
	rm /dev/mqueue/*
	# mq_maxmsg, the account, the owner, the group; and one to be told who is not there.
	denied EINVAL 44 1000
	denied EPERM 64 4321
	denied EPERM 56 4321
	denied EPERM 60 4321
	denied EUCLEAN 68 1
	restore_without "$image"
	finish
}

@test "who may not change a queue that is left does not get it" {
	start_command -r "${without[@]}" "$PROGRAMS/mqueue" left
	ready
	save_stream
	"$TREE/tests/bats/image.py" "$image" "$image.bad" set mqueue/1 $((16 + 56)) 4 4321 fix
	chown 4321 /dev/mqueue/ckpt-order
	refused EPERM restore_without "$image.bad"
	[ "$(stat -c %u:%a /dev/mqueue/ckpt-order)" = 4321:600 ]
	[[ $(look /ckpt-order) = "saved: 100600 4321 1 "* ]]
	chown 0 /dev/mqueue/ckpt-order
	restore
	finish
}

nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)

# Who may send need not be allowed to read what others have sent.
@test "a queue that the caller may not read is refused" {
	local other=/tmp/of-all

	mkdir -p "$other"
	mount -t checkpointfs -o mode=1777 none "$other"
	umask 0
	: >/dev/mqueue/secret
	chmod 0622 /dev/mqueue/secret
	start_command -r "${nobody[@]}" "$PROGRAMS/mqueue" send /secret
	ready
	refused EOPNOTSUPP "${nobody[@]}" bash -c "echo freeze web pid=$pid >$other/control"
	grep -qx "POSIX message queue /secret: one that the caller may not read cannot be saved" \
		"$other/log"
	ctl freeze web "pid=$pid"
	ctl thaw web
	# It may not look for the file by which others are told to go on.
	kill -KILL "$pid"
	until_gone "$pid"
	umount "$other"
}

# Who opens it, sends, receives and closes it, outside; until the file is there.
disturb()
{
	rm -f "$BATS_TEST_TMPDIR/over"
	GO=$BATS_TEST_TMPDIR/over "$PROGRAMS/mqueue" disturb /ckpt-order "$@" 3>&- &
}

undisturb()
{
	: >"$BATS_TEST_TMPDIR/over"
	wait $!
}

# Of the command, one of the errnos that it may fail with, or nothing.
try()
{
	local errno said allowed=$1
	shift

	said=$("$@" 2>&1) && return
	for errno in $allowed; do
		[[ $said != *"$(strerror "$errno")"* ]] || return 0
	done
	echo "failed: $said"
	return 1
}

@test "who uses a queue by its name does no harm to a freeze or a restore" {
	local i nr

	nr=$(repeats 20)
	start mqueue left
	disturb
	for ((i = 0; i < nr; i++)); do
		try EBUSY ctl freeze web "pid=$pid"
		[ ! -e "$MNT/web" ] || ctl thaw web
	done
	undisturb
	save
	disturb
	for ((i = 0; i < nr; i++)); do
		try "EBUSY EEXIST" restore
		gone "$pid" || kill -KILL "$pid"
		until_gone "$pid"
	done
	undisturb
	[ -e /dev/mqueue/ckpt-order ]
	restore
	finish
}

@test "who unlinks a queue and makes it again does no harm to a freeze or a restore" {
	local i nr

	nr=$(repeats 20)
	start mqueue left
	save
	disturb unlink
	for ((i = 0; i < nr; i++)); do
		try "EBUSY EEXIST" restore
		gone "$pid" || try EBUSY ctl freeze web "pid=$pid"
		[ ! -e "$MNT/web" ] || ctl thaw web
		gone "$pid" || kill -KILL "$pid"
		until_gone "$pid"
	done
	undisturb
	rm -f /dev/mqueue/*
	restore
	finish
}
