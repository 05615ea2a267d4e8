#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only

load ../helpers

@test "300 threads keep their ids, names, storage, stacks and locks" { round_trip threads "$(repeats 300)"; }
@test "300 threads of a 32-bit program do" { round_trip threads32 "$(repeats 300)"; }
@test "a tree of 300 processes keeps its parents, groups and sessions" { round_trip tree "$(repeats 300)"; }
@test "zombies are waited for with the status they ended with" { round_trip zombie; }
@test "stopped processes stay stopped, and what their parent has not heard yet is told" { round_trip stopped; }
@test "parents in vfork() wait until the child executes a program or ends" { round_trip vfork; }

@test "limits of all resources are kept" { round_trip attributes limits; }
@test "nice is kept, of each thread" { round_trip attributes nice; }
@test "a name with odd characters is kept" { round_trip attributes comm; }
@test "the personality is kept" { round_trip attributes personality; }
@test "the personality of a 32-bit program is kept" { round_trip attributes32 personality; }
@test "oom_score_adj is kept" { round_trip attributes oom_score_adj; }
@test "that it is not dumpable is kept" { round_trip attributes dumpable; }
@test "the umask is kept" { round_trip attributes umask; }
@test "no_new_privs is kept" { round_trip attributes no_new_privs; }
@test "children end with the signal they were cloned with" { round_trip attributes exit_signal; }
@test "coredump_filter is kept" { round_trip attributes coredump_filter; }
@test "all registrations for membarrier() are kept, with threads" { round_trip attributes membarrier; }
@test "one alone, of a 32-bit program, is kept, and no other made" { round_trip attributes32 membarrier_core; }
@test "sealed mappings are kept, and others can be changed" { round_trip attributes mseal; }
@test "a local descriptor table is kept, and a segment of it" { round_trip attributes ldt; }
@test "those of a 32-bit program are" { round_trip attributes32 ldt; }
@test "that equal pages are merged is kept, and where not" { round_trip attributes memory_merge; }
@test "mlockall() for mappings to come is kept" { round_trip attributes mlockall; }

@test "timers of all kinds keep their time, ids and ticks" { round_trip timers; }
@test "those of a 32-bit program do" { round_trip timers32; }
@test "CPU time, faults, I/O and the time of the start go on from what they were" { round_trip usage; }

@test "scheduling of all kinds is kept, of each task" { round_trip sched; }

@test "what prctl() sets is kept" {
	local scope=/proc/sys/kernel/yama/ptrace_scope before=

	[ ! -e "$scope" ] || before=$(<"$scope")
	[ -z "$before" ] || echo 1 >"$scope"
	round_trip settings
	[ -z "$before" ] || echo "$before" >"$scope"
}
@test "that of a 32-bit program is" { round_trip settings32; }
@test "the control of speculation is kept, of each thread" {
	start_if_possible speculation
	finish
	round_trip speculation
}
@test "the ban of the time stamp counter is kept" { round_trip attributes tsc; }
