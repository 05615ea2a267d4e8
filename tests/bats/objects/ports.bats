#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "the ports that a thread may use are kept, of each thread" { every_way ports; }
@test "those of a 32-bit program are" { every_way ports32; }

# Neither has the right by then: the program has given it up.
is_for_the_privileged()
{
	start ports "$1"
	save
	refused EPERM setpriv --bounding-set=-sys_rawio --inh-caps=-sys_rawio \
		bash -c "cat '$image' >'$MNT/restore/commit'"
	grep -q 'cpu: port access rights are refused' "$MNT/log"
	gone "$pid"
	restore
	finish
}

@test "ports are given back by who has CAP_SYS_RAWIO" { is_for_the_privileged ioperm; }
@test "the level of iopl() is, too" { is_for_the_privileged iopl; }

# Record 126: the level, and two numbers for each run of ports.
@test "ports that make no sense are refused" {
	start ports
	save_stream
	wrong_images <<-'END'
		EUCLEAN '/cpu: ' field tasks/ 126 0 4 4
		EUCLEAN '/cpu: ' field tasks/ 126 0 4 0xffffffff
		EUCLEAN '/cpu: ' field tasks/ 126 4 4 1
		EUCLEAN 'ports that end before they begin' field tasks/ 126 8 2 0x81
		EUCLEAN 'ports that do not ascend' field tasks/ 126 10 2 0x5000
		EUCLEAN 'ports that do not ascend' field tasks/ 126 10 2 0x4fff
		EUCLEAN 'ports that do not ascend' field tasks/ 126 12 2 0x50
	END
	restore
	finish
}
