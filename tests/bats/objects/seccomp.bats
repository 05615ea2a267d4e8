#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154

load ../helpers

@test "strict mode, filters, and who shares them are kept" { every_way seccomp; }
@test "those of a 32-bit program are" { every_way seccomp32; }

# setpriv without the capability, as root still.
unprivileged() { setpriv --bounding-set=-sys_admin bash -c "$1"; }

@test "filters are shown to those only to whom ptrace() would show them" {
	start seccomp alone
	refused EOPNOTSUPP unprivileged "echo 'freeze web pid=$pid' >'$MNT/control'"
	grep -qx "task $pid: its seccomp filters are shown to CAP_SYS_ADMIN only" "$MNT/log"
	finish
}

@test "a filter is restored by those only who could have installed it" {
	start seccomp alone
	save
	refused EACCES unprivileged "cat '$image' >'$MNT/restore/commit'"
	grep -q "seccomp may not be set" "$MNT/log"
	gone "$pid"
	restore
	finish
}
