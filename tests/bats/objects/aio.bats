#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

# The number of the record, and where in it things are: tests of hostile images.
AIO=104 START=0 ASKED=8 HEAD=12 TAIL=16 RESERVED=20

aio_nr() { echo "$(</proc/sys/fs/aio-nr)"; }

@test "rings keep their events and their room, and go on" { every_way aio; }
@test "rings of a 32-bit program do" { every_way aio32; }

@test "what is counted for fs.aio-max-nr is the same as before, and nothing is left of it" {
	local before with

	before=$(aio_nr)
	start aio
	with=$(aio_nr)
	[ "$with" -gt "$before" ]
	save
	[ "$(aio_nr)" = "$before" ]
	restore
	[ "$(aio_nr)" = "$with" ]
	save
	restore
	[ "$(aio_nr)" = "$with" ]
	finish
	[ "$(aio_nr)" = "$before" ]
}

@test "a restore has no more rings than fs.aio-max-nr allows, and leaves none where it fails" {
	local before limit

	before=$(aio_nr)
	limit=$(</proc/sys/fs/aio-max-nr)
	start aio
	save
	echo "$((before + 100))" >/proc/sys/fs/aio-max-nr
	refused EAGAIN restore
	echo "$limit" >/proc/sys/fs/aio-max-nr
	grep -q "asynchronous I/O at [0-9a-f]*: cannot be set up: -EAGAIN" "$MNT/log"
	[ "$(aio_nr)" = "$before" ]
	restore
	finish
}

@test "events are those of the snapshot, in images of what has changed and merged ones, too" {
	start aio
	merged_too aio
}

@test "a freeze waits for requests that end by themselves" {
	local i nr

	nr=$(repeats 10)
	start aio busy
	for ((i = 0; i < nr; i++)); do
		ctl freeze web "pid=$pid"
		ctl thaw web
	done
	save
	restore
	for ((i = 0; i < nr; i++)); do
		ctl snapshot web "pid=$pid"
		ctl remove web
	done
	save
	restore
	finish
}

# refuses MODE WORDS: and the program runs on as if nothing had been.
refuses()
{
	start_if_possible aio "$1"
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	refused EOPNOTSUPP ctl snapshot web "pid=$pid" kill
	[ ! -e "$MNT/web" ]
	grep -xE "task [0-9]+: $2 cannot be saved" "$MNT/log"
	finish
}

@test "a request that waits for a descriptor is refused" {
	refuses poll "asynchronous I/O under way"
}

@test "a request of a pipe, in which io_submit() waits, is refused and not interrupted" {
	refuses pipe "asynchronous I/O under way"
}

@test "a context without its ring is refused" {
	refuses unmapped "asynchronous I/O whose ring is not mapped"
}

@test "a ring that the program has written to where it should not is refused" {
	refuses written "a ring of asynchronous I/O that has been written to"
}

@test "a ring in parts is refused" {
	refuses split "mapping [0-9a-f-]*: asynchronous I/O of another process, or a part of its ring"
}

@test "a ring that a child has inherited is refused" {
	refuses forks "mapping [0-9a-f-]*: asynchronous I/O of another process, or a part of its ring"
}

# There, a request is enough for 5 pages; here the ring is asked for as what it is.
@test "a ring of a machine with more processors is as large, and counts for what it is" {
	local before

	before=$(aio_nr)
	start aio single
	[ "$(aio_nr)" = "$((before + 300))" ]
	save_stream
	"$TREE/tests/bats/image.py" "$image" "$image.more" field mm/ "$AIO" "$ASKED" 4 1 fix
	image=$image.more
	restore
	[ "$(aio_nr)" = "$((before + 255))" ]
	finish
	[ "$(aio_nr)" = "$before" ]
}

@test "no image has a ring that the kernel would not make" {
	start aio single
	save_stream
	wrong_images <<-END
		EUCLEAN 'events beyond the end of a ring' field mm/ $AIO $HEAD 4 639
		EUCLEAN 'events beyond the end of a ring' field mm/ $AIO $TAIL 4 639
		EUCLEAN 'head has no valid value' field mm/ $AIO $HEAD 4 0xffffffff
		EUCLEAN 'tail has no valid value' field mm/ $AIO $TAIL 4 0xffffffff
		EUCLEAN 'a ring for no requests' field mm/ $AIO $ASKED 4 0
		EUCLEAN 'more than it has room for' field mm/ $AIO $ASKED 4 319
		EUCLEAN 'asked has no valid value' field mm/ $AIO $ASKED 4 0x80000001
		EUCLEAN 'reserved bytes' field mm/ $AIO $RESERVED 4 1
		EUCLEAN 'a ring for no mapping' field mm/ $AIO $START 8 4096
		EUCLEAN 'a ring for no mapping' field mm/ $AIO $START 8 0xffffffffffff0000
	END
	restore
	finish
}
