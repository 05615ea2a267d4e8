#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

has_keys() { grep -qw ospke /proc/cpuinfo; }
needs_keys() { has_keys || skip "this machine has no protection keys"; }

# $1, with the rest as its arguments.
kept()
{
	needs_keys
	every_way "$@"
}

@test "protection keys, and who may do what with them, are kept" { kept pkeys; }
@test "those of a 32-bit program are" { kept pkeys32; }
@test "code that cannot be read has the key that the kernel took for it" { kept pkeys exec; }
@test "that of a 32-bit program has" { kept pkeys32 exec; }
@test "such code has no key if none was left" { kept pkeys all; }
@test "key 0 may have been freed" { kept pkeys zero; }
@test "a mapping may have a key that is not allocated" { kept pkeys stale; }
@test "a thread that may use no memory at all waits on" { kept pkeys denied; }

@test "who may not write to his own memory can restore a program" {
	needs_keys
	start pkeys
	save
	"$PROGRAMS/pkeys" write "$image" "$MNT/restore/commit"
	finish
}

@test "a later image of a program has its keys, too" {
	needs_keys
	start pkeys
	ctl snapshot one "pid=$pid"
	ctl snapshot web "pid=$pid" since=one kill
	until_gone "$pid"
	image=$BATS_TEST_TMPDIR/web.tar
	cat "$MNT/one.tar" >"$BATS_TEST_TMPDIR/one.tar"
	cat "$MNT/web.tar" >"$BATS_TEST_TMPDIR/since.tar"
	ctl remove web
	ctl remove one
	ckpt merge -o "$image" "$BATS_TEST_TMPDIR/one.tar" "$BATS_TEST_TMPDIR/since.tar"
	restore
	finish
}

# Where the key of a mapping is in mm/1/vmas, behind the header of record 31; what the
# kernel has above all mappings is not in it.
key_of()
{
	local line

	line=$(grep -n -m 1 "$1" "/proc/$pid/maps")
	echo $((8 + (${line%%:*} - 1) * 48 + 44))
}

# Of record 30 the number at 132 has the keys, that at 134 the one for code.
@test "keys that there are not are refused" {
	needs_keys
	start pkeys exec
	local stack vdso vvar

	stack=$(key_of '\[stack\]') vdso=$(key_of '\[vdso\]') vvar=$(key_of '\[vvar\]')
	save_stream
	wrong_images <<-END
		EUCLEAN 'mm/1/layout: .*execute-only key' field mm/1/layout 30 132 2 0
		EUCLEAN 'mm/1/layout: .*execute-only key' field mm/1/layout 30 134 2 4
		EUCLEAN 'mm/1/layout: .*execute-only key' field mm/1/layout 30 134 2 3
		EUCLEAN 'mm/1/layout: .*execute-only key' field mm/1/layout 30 132 2 3 field mm/1/layout 30 134 2 1
		EUCLEAN 'mm/1/vmas' field mm/1/vmas 31 $stack 4 16
		EUCLEAN 'mm/1/vmas' field mm/1/vmas 31 $stack 4 0x10001
		EUCLEAN 'mm/1/vmas' field mm/1/vmas 31 $stack 4 0xffffffff
		EUCLEAN 'mm/1/vmas: a vdso with a protection key' field mm/1/vmas 31 $vdso 4 1
		EUCLEAN 'mm/1/vmas: a vdso with a protection key' field mm/1/vmas 31 $vvar 4 15
		none x field mm/1/layout 30 132 2 0xffff field mm/1/layout 30 134 2 0x8000
		none x field mm/1/vmas 31 $stack 4 15
	END
	restore
	finish
}

# An image of a machine that has some says so, and is refused before that is looked at.
@test "keys are refused by name on a machine that has none" {
	has_keys && skip "this machine has protection keys"
	start plain
	local stack

	stack=$(key_of '\[stack\]')
	save_stream
	wrong_images <<-END
		EOPNOTSUPP 'mm/1/layout: this machine has no memory protection keys' field mm/1/layout 30 132 2 2
		EOPNOTSUPP 'mm/1/layout: this machine has no memory protection keys' field mm/1/layout 30 132 2 1
		EOPNOTSUPP 'mm/1/vmas: this machine has no memory protection keys' field mm/1/vmas 31 $stack 4 1
	END
	restore
	finish
}
