#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154
#
# PI futexes: what the kernel knows of them when the program runs again is what it knew
# before. With CPUS=4 or more who waits for one spins for as long as the owner computes.

load ../helpers

for bits in '' 32; do
	for what in order shared timed robust requeued; do
		bats_test_function \
			--description "PI futexes${bits:+ of a 32-bit program}: $what" \
			-- every_way "pifutex$bits" "$what"
	done
done

@test "a signal that comes meanwhile interrupts nobody who waits for a PI futex" {
	start pifutex order
	ctl freeze web "pid=$pid"
	kill -USR1 "$pid"
	ctl thaw web
	finish

	start pifutex order
	ctl freeze web "pid=$pid"
	kill -USR1 "$pid"
	ctl thaw web
	save
	restore
	finish
}

@test "a program of which one computes and another waits for his PI futex stops" {
	start pifutex spinning
	ctl freeze web "pid=$pid"
	ctl thaw web
	ctl snapshot web "pid=$pid"
	ctl remove web
	save
	restore
	finish
}

# Nobody gets what another has, nobody is forgotten, no error is seen.
fight_on()
{
	local i times

	times=$(repeats 30)
	many_pids
	start "$1" turmoil
	for ((i = 0; i < times; i++)); do
		ctl freeze web "pid=$pid"
		ctl thaw web
		ctl snapshot web "pid=$pid"
		ctl remove web
		if ((i % 4 == 0)); then
			save
			restore
		fi
	done
	finish
}

@test "PI futexes change hands whenever the program is stopped" { fight_on pifutex; }
@test "PI futexes of a 32-bit program do" { fight_on pifutex32; }
