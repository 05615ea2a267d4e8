#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154
#
# Labels of SELinux, in a guest that has it (tests/qemu/costs) and no policy: everything is
# allowed, and the labels are those that the kernel has for itself.

load ../helpers

setup_file()
{
	many_pids
	[ "$(tr -d '\0' </proc/self/attr/current)" = kernel ]
}

# The command, executed by somebody with that label, who is the one before.
labelled()
(
	printf %s "$1" >/proc/self/attr/current
	shift
	"$@"
)

@test "labels of tasks, and of what they make and execute next, are kept" { every_way selinux; }

@test "a label that nobody can set is the writer's, or is named" {
	# shellcheck disable=SC2016
	start_command -r bash -c 'printf port >/proc/self/attr/current; exec "$0"' "$PROGRAMS/plain"
	ready
	save
	refused EOPNOTSUPP restore
	grep -F 'the SELinux label "port" (prev) may not be set' "$MNT/log"
	gone "$pid"
	# Who executes something is no longer called so, where there is no policy.
	labelled port cat "$image" >"$MNT/restore/commit"
	[ "$(tr -d '\0' <"/proc/$pid/attr/prev")" = port ]
	finish
}

@test "a label that the writer has for what he makes next is refused" {
	start plain
	save
	refused EOPNOTSUPP python3 -c "
import os, sys
open('/proc/self/attr/sockcreate', 'w').write('port')
os.write(os.open('$MNT/restore/commit', os.O_WRONLY), open('$image', 'rb').read())"
	grep -F "would inherit a hat, or a security label" "$MNT/log"
	gone "$pid"
	restore
	finish
}

@test "labels of several modules are refused" {
	start plain
	save_stream
	wrong_images "/proc/$pid" <<-'END'
		EUCLEAN 'creds/1: labels of several modules' field creds/1 138 0 2 1
		EUCLEAN 'creds/1: labels without that which it has' field creds/1 138 2 2 2
	END
	restore
	finish
}
