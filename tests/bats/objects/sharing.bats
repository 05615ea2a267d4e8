#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "brothers, orphans and threads of threads share what they shared" { every_way shares; }
@test "those of a 32-bit program do" { every_way shares32; }
@test "who has each thing in common with another, not with relatives, has it so again" {
	every_way joint
}
@test "those of a 32-bit program have" { every_way joint32; }

# The number of the record, and where in it things are.
JOINT=139 FILES=0 FS=4 IO=8 SYSVSEM=12

@test "no image says of what tasks share what cannot be, and whatever can be is made" {
	start joint
	save_stream
	"$TREE/tests/bats/hostile.py" "$MNT" "$image" <<-END
		EUCLEAN 'has not what it has in common' field tasks/ $JOINT $FILES 4 $pid fix
		EUCLEAN 'several tasks have from nobody what they share' field tasks/ $JOINT $FS 4 0 fix
		EUCLEAN 'several tasks have from nobody what they share' field tasks/ $JOINT $FILES 4 0 fix
	END
	# It had these with nobody.
	"$TREE/tests/bats/image.py" "$image" "$image.more" \
		field tasks/ "$JOINT" "$IO" 4 "$pid" field tasks/ "$JOINT" "$SYSVSEM" 4 "$pid" fix
	image=$image.more
	restore
	finish
}
