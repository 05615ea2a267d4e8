#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# That the benchmark measures; what comes of it is no matter of a test.

load helpers

@test "the benchmark measures all that it says of the trivial case" {
	local bench=$TREE/tests/bench quantity system

	cd "$BATS_TEST_TMPDIR"
	"$bench/bench" -c trivial -r 1 -s checkpointfs -s ckpt -o part.json
	"$bench/report" merge part.json bench.json .
	jq -e '[.[] | select(has("reason"))] == []' bench.json
	for system in checkpointfs ckpt; do
		for quantity in pause 'image complete' 'image size' 'restore, until it runs'; do
			jq -e --arg s "$system" --arg q "$quantity" \
				'[.[] | select(.system == $s and .quantity == $q) | .values[0]] |
					length == 1 and .[0] > 0' bench.json
		done
	done
	jq -e 'any(.[]; .quantity == "pause, reported")' bench.json
	"$bench/report" show bench.json . >shown
	grep -q '^| trivial  *| checkpointfs  *| pause ' shown
	grep -q '^| trivial: pause, CRIU over checkpointfs .*not measured' shown
}
