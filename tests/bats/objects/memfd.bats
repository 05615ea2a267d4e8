#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "a memfd keeps its contents, seals, name, owner, and who maps it" { every_way memfd; }

@test "a memfd that is sealed to be executed is, and nobody changes it" {
	every_way corners executable
}

@test "a memfd that a task outside has mapped is refused with EBUSY" {
	start memfd outside
	# The first of two.
	child=$(pgrep -P "$pid" | head -n 1)
	refused EBUSY ctl freeze web "pid=$child"
	grep -q "the memfd is shared with a task outside of the container" "$MNT/log"
	ctl freeze web "pid=$pid"
	ctl thaw web
	finish
}
