#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154

load ../helpers

@test "300 threads keep their ids, names, storage, stacks and locks" { every_way threads "$(repeats 300)"; }
@test "300 threads of a 32-bit program do" { every_way threads32 "$(repeats 300)"; }
@test "a tree of 300 processes keeps its parents, groups and sessions" { every_way tree "$(repeats 300)"; }
@test "zombies are waited for with the status they ended with" { every_way zombie; }
@test "stopped processes stay stopped, and what their parent has not heard yet is told" { every_way stopped; }
@test "a stop that one thread keeps from being complete is complete when that has stopped" {
	every_way stopping
}
@test "parents in vfork() wait until the child executes a program or ends" { every_way vfork; }
@test "so does who has made a brother or a thread that way, with memory of his own or not" {
	every_way vforkers
}

@test "programs of 32 and of 64 bits go on together" { every_way mixed; }
@test "so they do if the first is of 32 bits" { every_way mixed32; }

@test "limits of all resources are kept" { every_way attributes limits; }
@test "nice is kept, of each thread" { every_way attributes nice; }
@test "a name with odd characters is kept" { every_way attributes comm; }
@test "the personality is kept" { every_way attributes personality; }
@test "the personality of a 32-bit program is kept" { every_way attributes32 personality; }
@test "oom_score_adj is kept" { every_way attributes oom_score_adj; }
@test "that it is not dumpable is kept" { every_way attributes dumpable; }
@test "the umask is kept" { every_way attributes umask; }
@test "no_new_privs is kept" { every_way attributes no_new_privs; }
@test "children end with the signal they were cloned with" { every_way attributes exit_signal; }
@test "coredump_filter is kept" { every_way attributes coredump_filter; }
@test "all registrations for membarrier() are kept, with threads" { every_way attributes membarrier; }
@test "one alone, of a 32-bit program, is kept, and no other made" { every_way attributes32 membarrier_core; }
@test "sealed mappings are kept, and others can be changed" { every_way attributes mseal; }
@test "a local descriptor table is kept, and a segment of it" { every_way attributes ldt; }
@test "those of a 32-bit program are" { every_way attributes32 ldt; }
@test "the address that a thread clears when it ends is its own" { every_way corners tid_address; }
@test "that of a thread of a 32-bit program is" { every_way corners32 tid_address; }
@test "a restartable sequence that is interrupted begins anew" { every_way corners rseq; }
@test "that equal pages are merged is kept, and where not" { every_way attributes memory_merge; }
@test "mlockall() for mappings to come is kept" { every_way attributes mlockall; }

@test "timers of all kinds keep their time, ids and ticks" { every_way timers; }
@test "those of a 32-bit program do" { every_way timers32; }
@test "CPU time, faults, I/O and the time of the start go on from what they were" { every_way usage; }

@test "scheduling of all kinds is kept, of each task" { every_way sched; }

@test "an image with clamps is refused where the kernel has none" {
	start_command -r "$PROGRAMS/uclamp"
	if ready; then
		finish
		skip "this kernel has them"
	fi
	grep "^not here: .*Operation not supported" "$out"
	start plain
	save_stream
	# struct ckpt_sched: util_max, and that it is meant.
	wrong_images <<-END
		EOPNOTSUPP 'task: scheduling policy or nice may not be set' field tasks/$pid/task 25 4 4 16 field tasks/$pid/task 25 20 4 500
	END
	restore
	finish
}

@test "what prctl() sets is kept" {
	local scope=/proc/sys/kernel/yama/ptrace_scope before=

	[ ! -e "$scope" ] || before=$(<"$scope")
	[ -z "$before" ] || echo 1 >"$scope"
	every_way settings
	[ -z "$before" ] || echo "$before" >"$scope"
}
@test "that of a 32-bit program is" { every_way settings32; }
@test "the control of speculation is kept, of each thread" {
	start_if_possible speculation
	finish
	every_way speculation
}
@test "the ban of the time stamp counter is kept" { every_way attributes tsc; }
