#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# What Documentation/guide.rst says under "Why it is a filesystem" and "Pids",
# as it says it.
# shellcheck disable=SC2154

load helpers

@test "a single object can be read without the rest" {
	start plain
	ctl snapshot look "pid=$pid"
	ckpt show "$MNT/look" | grep -q plain
	[ "$(stat -c %s "$MNT/look/tasks/$pid/cpu")" -gt 200 ]
	[ "$(dd if="$MNT/look/mm/1/pages" bs=4096 skip=3 count=1 status=none | wc -c)" = 4096 ]
	ctl remove look
	finish
}

@test "two generations of a program can be compared" {
	start_command -r python3 -c '
import time
seen = bytearray(1 << 20)
print("ready", flush=True)
while True:
	time.sleep(0.05)
	seen[0] = (seen[0] + 1) % 256
'
	run_on 10
	ctl snapshot one "pid=$pid"
	run_on 10
	ctl snapshot two "pid=$pid"
	run diff -rq "$MNT/one" "$MNT/two"
	[ "$status" = 1 ]
	[[ $output = *"Files $MNT/one/mm/1/pages and $MNT/two/mm/1/pages differ"* ]]
	[[ $output != *"Only in"* ]]
	# What did not change is the same: nearly all of it.
	changed=$(cmp -l "$MNT/one/mm/1/pages" "$MNT/two/mm/1/pages" 2>/dev/null | wc -l)
	[ "$changed" -gt 0 ]
	[ "$((changed * 10))" -lt "$(stat -c %s "$MNT/one/mm/1/pages")" ]
	ctl remove one
	ctl remove two
	kill -KILL "$pid"
}

@test "many may read an image at once" {
	start plain
	ctl freeze web "pid=$pid"
	find "$MNT/web" -type f -print0 | sort -z | xargs -0 -n 1 sha256sum | sort >"$BATS_TEST_TMPDIR/one"
	find "$MNT/web" -type f -print0 | xargs -0 -P 8 -n 1 sha256sum | sort >"$BATS_TEST_TMPDIR/eight"
	diff "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/eight"
	ctl thaw web
	finish
}

@test "what was open of a generation that is over says so" {
	start plain
	ctl freeze web "pid=$pid"
	exec 7<"$MNT/web/header"
	ctl thaw web
	refused ESTALE cat <&7
	exec 7<&-
	finish
}

@test "in a pid namespace of its own a program runs a second time" {
	start plain
	ctl snapshot web "pid=$pid"
	cat "$MNT/web.tar" >"$BATS_TEST_TMPDIR/web.tar"
	ctl remove web
	refused EEXIST sh -c "cat '$BATS_TEST_TMPDIR/web.tar' >'$MNT/restore/commit'"
	grep "pid $pid is in use" "$MNT/log"
	unshare --pid --fork ckpt restore --wait "$BATS_TEST_TMPDIR/web.tar" >"$BATS_TEST_TMPDIR/pid" &
	until_true grep -qx "$pid" "$BATS_TEST_TMPDIR/pid"
	# Both are told to go on, and both verify themselves.
	touch "$go"
	wait $!
	finish
}
