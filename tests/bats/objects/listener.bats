#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

# The numbers of the records, and where in them things are: tests of hostile images.
LISTENER=129 FILTER=0 FLAGS=8
SECCOMP=28 PREVIOUS=0 FILTER_FLAGS=8 FILTER_LISTENER=12
TASK=10 TASK_SECCOMP=168

@test "listeners of seccomp filters hear of calls that wait and that come, whoever has the filter" {
	every_way listener
}

@test "those of 32-bit programs do" { every_way listener32; }

# Of both records: all there is in such an image.
asked_for() { ckpt show "$image" | grep -Ew 'killable|sync'; }

@test "a listener is asked for the same again" {
	local before

	start listener
	save
	before=$(asked_for)
	[ "$(wc -l <<<"$before")" = 2 ]
	restore
	save
	[ "$(asked_for)" = "$before" ]
	restore
	finish
}

@test "a filter that needs no rights is restored with its listener by who has none" {
	local without=(setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin)

	start_command -r "${without[@]}" "$PROGRAMS/listener" two
	ready
	save
	# shellcheck disable=SC2016
	"${without[@]}" bash -c 'cat "$1" >"$2"' - "$image" "$MNT/restore/commit"
	finish
}

# refuses ERRNO MODE WHOM WORDS: of the program or of the task that it names; and the program
# runs on as if nothing had been.
refuses()
{
	local task root

	start listener "$2"
	task=$(sed -n 's/^task //p' "$out")
	root=$pid
	[ "$3" = program ] || root=$task
	refused "$1" ctl freeze web "pid=$root"
	[ ! -e "$MNT/web" ]
	grep -xE "task $root.*: $4" "$MNT/log"
	finish
}

@test "a system call that the listener has got and not answered is refused, and can be answered" {
	refuses EOPNOTSUPP got program "a seccomp listener with a system call to answer cannot be saved"
}

@test "one that cannot be interrupted is as well" {
	refuses EOPNOTSUPP got_killable program "a seccomp listener with a system call to answer cannot be saved"
}

@test "who cannot be interrupted and waits for a listener outside is named" {
	refuses ETIMEDOUT got_killable child \
		"did not stop within [0-9]+ s: the listener of its seccomp filter is to answer"
}

@test "a filter whose listener is outside is refused" {
	refuses EBUSY outside child \
		"the listener of its seccomp filter is outside of the container"
}

@test "a filter with a listener that a task outside has, too, is refused" {
	refuses EBUSY shared child \
		"its seccomp filter, which has a listener, is shared with a task outside of the container"
}

@test "the listener of a filter that no task has any more is refused" {
	refuses EOPNOTSUPP left program \
		"a listener of a seccomp filter that no task of the container has cannot be saved"
}

@test "no image has listeners that the kernel would not have" {
	local task

	start listener two
	task=$(sed -n 's/^task //p' "$out")
	save_stream
	wrong_images <<-END
		EBUSY 'seccomp may not be set: -EBUSY' field seccomp/2 $SECCOMP $PREVIOUS 8 1
		EUCLEAN 'the listener of a filter that no task has' field tasks/$task/task $TASK $TASK_SECCOMP 8 0
		EUCLEAN 'the listener of a filter that no task has' field tasks/$task/task $TASK $TASK_SECCOMP 8 2
		EUCLEAN 'the listener of no filter, or of one that has another' field seccomp/1 $SECCOMP $FILTER_LISTENER 4 0
		EUCLEAN 'listener refers to what is not there' field seccomp/1 $SECCOMP $FILTER_LISTENER 4 9999
		EUCLEAN 'has the listener of another filter' field files/ $LISTENER $FILTER 8 0
		EUCLEAN 'has the listener of another filter' field files/ $LISTENER $FILTER 8 2 field seccomp/2 $SECCOMP $FILTER_LISTENER 4 0
		EUCLEAN 'waits for a listener that it has not' field seccomp/1 $SECCOMP $FILTER_LISTENER 4 0 field seccomp/1 $SECCOMP $FILTER_FLAGS 4 2
		EUCLEAN 'flags has no valid value' field seccomp/1 $SECCOMP $FILTER_FLAGS 4 4
		EUCLEAN 'flags has no valid value' field files/ $LISTENER $FLAGS 4 2
		none '' field seccomp/1 $SECCOMP $FILTER_FLAGS 4 2 field files/ $LISTENER $FLAGS 4 1
	END
	restore
	finish
}
