#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154
#
# Core scheduling, which takes processors that share cores, and the debug kernel.

load helpers

@test "who is in a core scheduling group with whom is kept" { every_way core; }

@test "a restored task inherits no core scheduling group" {
	start plain
	save
	python3 - "$image" "$MNT/restore/commit" <<'END'
import ctypes, errno, os, sys

PR_SCHED_CORE, CREATE = 62, 1
prctl = ctypes.CDLL(None).prctl
image = open(sys.argv[1], "rb").read()
assert not prctl(PR_SCHED_CORE, CREATE, 0, 0, 0)
commit = os.open(sys.argv[2], os.O_WRONLY)
try:
    os.write(commit, image)
except OSError as error:
    sys.exit(error.errno != errno.EOPNOTSUPP)
sys.exit("it is not refused")
END
	grep -F "would inherit a core scheduling cookie" "$MNT/log"
	gone "$pid"
	restore
	finish
}
