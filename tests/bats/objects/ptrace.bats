#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154

load ../helpers

breakpoints=112		# numbers of records
registers=12
rip=128			# in the registers

@test "who is traced, how, and in which stop is kept" { every_way tracee; }

@test "a tracer of system calls sees each entry and each exit once" { every_way systrace; }

@test "nor does it notice one freeze after the other" {
	local times

	start systrace
	for ((times = $(repeats 40); times; times--)); do
		ctl freeze web "pid=$pid"
		ctl thaw web
	done
	finish
}

# Each umask() says which one was before it.
@test "strace goes on with two processes, and tells each of their calls once" {
	local trace=$BATS_TEST_TMPDIR/trace i

	start_command -r strace -ff -o "$trace" python3 -c "import os, time
child = os.fork()
if child:
    print('ready', flush=True)
os.umask(0)
i = 0
while not os.path.exists('$BATS_TEST_TMPDIR/go') or i < 100:
    i += 1
    os.umask(i % 512)
    time.sleep(0.0001)
if child:
    os.wait()
    print('passed')"
	ready
	for _ in 1 2 3; do
		ctl freeze web "pid=$pid"
		ctl thaw web
		save
		restore
	done
	finish
	python3 - "$trace".* <<-'END'
		import re, sys
		assert len(sys.argv) == 3
		for name in sys.argv[1:]:
		    calls = re.findall(r'^umask\((\d+)\) += (\d+)$', open(name).read(), re.M)
		    calls = [(int(new, 8), int(old, 8)) for new, old in calls]
		    calls = calls[[new for new, old in calls].index(1):]
		    assert len(calls) >= 100, name
		    for i, call in enumerate(calls, 1):
		        assert call == (i % 512, (i - 1) % 512), (name, i, call)
	END
	[ "$(cat "$trace".* | grep -cE 'ERESTART|EINTR|restart_syscall')" = 0 ]
}

@test "watchpoints are kept, with their tracer and without" { every_way watchpoints; }

@test "a task in a stop of its tracer can be killed while it is frozen" {
	local task

	start tracee
	in_stop
	ctl freeze web "pid=$pid"
	kill -KILL "$task"
	until_true is_dead "$task"
	# It is no longer of one moment.
	refused ESTALE cat "$MNT/web.tar"
	refused EBUSY ctl commit web
	[ ! -e "$MNT/web" ]
	pkill -KILL -x tracee
	until_gone "$pid"
}

# The second child is in a stop from the beginning to the end.
in_stop()
{
	task=$(pgrep -P "$pid" | sed -n 2p)
	grep -q '^State:.t' "/proc/$task/status"
}

is_dead() { grep -q '^State:.[ZX]' "/proc/$1/status" || gone "$1"; }

@test "a tracee that is killed with its tracer leaves nothing" {
	local program

	for program in tracee systrace; do
		start "$program"
		save
		restore
		pkill -KILL -x "$program"
		until_gone "$pid"
	done
}

# The third child is at the entry of a call, behind an instruction that is not there.
@test "a tracee that does not come to the entry of its call is let go all the same" {
	local made=$BATS_TEST_TMPDIR/made.tar task

	start systrace
	task=$(pgrep -P "$pid" | sed -n 3p)
	save_stream
	"$TREE/tests/bats/image.py" "$image" "$made" \
		field "tasks/$task/cpu" $registers $rip 8 2 fix
	cat "$made" >"$MNT/restore/commit"
	grep -q '^State:.t' "/proc/$task/status"
	pkill -KILL -x systrace
	until_gone "$pid"
}

# Its capabilities are taken out of the image; reference 112 of the task's file.
@test "nobody traces what his credentials do not let him trace" {
	local creds made=$BATS_TEST_TMPDIR/made.tar

	start tracee
	save_stream
	creds=$(tar -xOf "$image" "web/tasks/$pid/task" | od -An -tu8 -j 112 -N 8 | tr -d ' ')
	"$TREE/tests/bats/image.py" "$image" "$made" field "creds/$creds" 18 48 8 0 \
		field "creds/$creds" 18 56 8 0 fix
	refused EPERM bash -c "cat '$made' >'$MNT/restore/commit'"
	grep -q "task $pid has no right to trace it" "$MNT/log"
	gone "$pid"
	restore
	finish
}

# Unlike the writer, who may have an event of perf anywhere.
@test "no breakpoint is set in the memory of the kernel" {
	local made=$BATS_TEST_TMPDIR/made.tar

	start watchpoints
	save_stream
	"$TREE/tests/bats/image.py" "$image" "$made" \
		field tasks/ $breakpoints 0 8 0xffffffff81000000 fix
	refused EINVAL bash -c "cat '$made' >'$MNT/restore/commit'"
	grep -q "cpu: breakpoints that no task can have" "$MNT/log"
	gone "$pid"
	restore
	finish
}
