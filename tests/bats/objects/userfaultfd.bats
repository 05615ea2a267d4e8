#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load ../helpers
load ../generations

teardown()
{
	echo 0 >/proc/sys/vm/nr_hugepages
	common_teardown
}

# The numbers of the records, and where in them things are: tests of hostile images. The
# first element of UFFD is behind its fixed part.
USERFAULTFD=114 MM=0 FEATURES=8 FLAGS=12
UFFD=115 START=0 FILE=8 RUN=16 PAGES=24 STATE=28

@test "who is told of faults is told of the same ones, and of no others" {
	every_way userfaultfd
}

@test "a userfaultfd is that of another process, a child's, or of one that has gone" {
	every_way userfaultfd_others family
}

@test "states of pages are those of the snapshot, in images of what has changed and merged ones, too" {
	start userfaultfd
	merged_too uffd_missing
}

@test "an image of what has changed has what has become of each page, and of its state" {
	many_pids
	start userfaultfd_others turns
	ctl snapshot g0 "pid=$pid"
	step 1
	save_changes
	rm "$go.1"
	# Two pages at least are not in it again.
	[ "$(contents "$BATS_TEST_TMPDIR/g1.tar")" -lt "$(contents "$BATS_TEST_TMPDIR/g0.tar")" ]
	rewind 0
	put g0
	finish
	rm "$go"
	rewind 1
	stage g0
	put g1
	finish
	rm "$go"
	rewind 1
	ckpt merge -o "$BATS_TEST_TMPDIR/m.tar" "$BATS_TEST_TMPDIR/g0.tar" "$BATS_TEST_TMPDIR/g1.tar"
	put m
	finish
}

# As the program has made it: no call asks for a right, the device for that to open it.
WITHOUT_PTRACE=(setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace)

restore_without_ptrace()
{
	"${WITHOUT_PTRACE[@]}" bash -c 'cat "$1" >"$2"' - "$image" "$MNT/restore/commit"
}

@test "one that tells of the kernel's faults is made by who may open /dev/userfaultfd" {
	[ "$(</proc/sys/vm/unprivileged_userfaultfd)" = 0 ]
	start_command -r "${WITHOUT_PTRACE[@]}" "$PROGRAMS/userfaultfd" device
	if grep "^not here: " "$out"; then
		skip "this kernel or machine does not have it"
	fi
	ready
	save
	mount --bind /dev/null /dev/userfaultfd
	refused EPERM restore_without_ptrace || { umount /dev/userfaultfd; return 1; }
	umount /dev/userfaultfd
	grep -q "the userfaultfd cannot be made: -EPERM" "$MNT/log"
	restore_without_ptrace
	finish
}

# refuses ERRNO MODE WORDS: and the program runs on as if nothing had been.
refuses()
{
	start_if_possible userfaultfd_others "$2"
	refused "$1" ctl freeze web "pid=$pid"
	[ ! -e "$MNT/web" ]
	grep -xE "task [0-9]+.*: $3" "$MNT/log"
	finish
}

@test "memory that is registered with a userfaultfd outside is refused" {
	refuses EBUSY outside \
		"mapping [0-9a-f-]*: is registered with a userfaultfd outside of the container"
}

@test "huge pages of a pool of which a userfaultfd tells are refused" {
	echo 1 >/proc/sys/vm/nr_hugepages
	[ "$(</proc/sys/vm/nr_hugepages)" = 1 ] || skip "there is not memory enough in one piece"
	refuses EOPNOTSUPP pool \
		"mapping [0-9a-f-]*: hugetlb memory of which a userfaultfd tells cannot be saved"
}

@test "a userfaultfd of a process outside is refused" {
	refuses EOPNOTSUPP elsewhere \
		"a userfaultfd of a process outside of the container cannot be saved"
}

# They cannot be stopped: the freeze gives up, and says what they wait for.
@test "who waits in the kernel for a userfaultfd to be answered is named" {
	refuses ETIMEDOUT kernel \
		"did not stop within [0-9]+ s: a userfaultfd of its memory is to be read or answered"
}

@test "who waits until an event of a userfaultfd is read is named" {
	refuses ETIMEDOUT event \
		"did not stop within [0-9]+ s: a userfaultfd of its memory is to be read or answered"
}

@test "no image has a userfaultfd, or pages of it, that the kernel would not have" {
	start userfaultfd single
	save_stream
	wrong_images <<-END
		EUCLEAN 'registered with no userfaultfd of this address space' field files/ $USERFAULTFD $MM 8 0
		EUCLEAN 'registered with no userfaultfd of this address space' field files/ $USERFAULTFD $MM 8 99
		EUCLEAN 'features has no valid value' field files/ $USERFAULTFD $FEATURES 4 0x80000000
		EUCLEAN 'flags has no valid value' field files/ $USERFAULTFD $FLAGS 4 0x21
		EUCLEAN 'registered with no userfaultfd of this address space' field files/ $USERFAULTFD $FLAGS 4 0
		EUCLEAN 'a registration of no mapping' field mm/ $UFFD $START 8 4096
		EUCLEAN 'registered with no userfaultfd of this address space' field mm/ $UFFD $FILE 8 0
		EUCLEAN 'file refers to what is not there' field mm/ $UFFD $FILE 8 9999
		EUCLEAN 'states of pages outside of their mapping' field mm/ $UFFD $RUN 8 4096
		EUCLEAN 'states of pages outside of their mapping' field mm/ $UFFD $RUN 8 0xfffffffffffff000
		EUCLEAN 'states of pages outside of their mapping' field mm/ $UFFD $PAGES 4 0
		EUCLEAN 'states of pages outside of their mapping' field mm/ $UFFD $PAGES 4 0xffffffff
		EUCLEAN 'flags has no valid value' field mm/ $UFFD $STATE 4 16
		EUCLEAN 'a state that pages of such a mapping cannot have' field mm/ $UFFD $STATE 4 0
		EUCLEAN 'a state that pages of such a mapping cannot have' field mm/ $UFFD $STATE 4 4
		EUCLEAN 'a state that pages of such a mapping cannot have' field mm/ $UFFD $STATE 4 9
	END
	restore
	finish
}
