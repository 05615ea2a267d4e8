# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2317
#
# What the .bats files share. They run in the guest as root, with checkpointfs
# mounted on /mnt, and find:
#
#   $PROGRAMS/NAME     what tests/programs/NAME.c was built into; NAME32 is its
#                      32-bit build if its source has the words "also 32-bit"
#   $TREE/tests/...    the tests directory of the tree; ckpt is in PATH
#   $BATS_TEST_TMPDIR  a directory of their own, on a tmpfs
#
# A file begins with "load helpers", or "load ../helpers" in a directory below.
# One that needs a setup or teardown of its own calls common_setup at the
# start of the one and common_teardown at the end of the other.
#
# After each test whatever it left is removed: new processes, containers, mounts
# of checkpointfs. Then the kernel's log must show no complaint, and the number of
# tasks and mounts and the references to the module must be what they were.
#
# A program prints "ready" when its state is built, waits until the file
# named by GO in its environment exists, verifies itself and prints
# "passed" as its last line (tests/programs/program.h). A test of an object type is
#
#   load ../helpers
#   @test "a pipe keeps what is in it" { round_trip pipe; }
#
# bats fails a test at the first command that fails, but takes no notice of one
# with "!" before it: "refused EBUSY command" is for those that have to fail.

PROGRAMS=/ckpt/programs
TREE=/ckpt
MNT=/mnt

setup() { common_setup; }
teardown() { common_teardown; }

common_setup()
{
	echo "bats: $BATS_TEST_FILENAME: $BATS_TEST_DESCRIPTION" >/dev/kmsg
	clock=${BATS_killer_pid-}
	pids_before=$(user_pids)
	counts_before=$(counts)
}

common_teardown()
{
	local after tries

	[ -z "${BATS_ERROR_STATUS-}" ] || [ "$BATS_ERROR_STATUS" = 0 ] || show_state
	clean_up
	for ((tries = 0; tries < 100; tries++)); do
		after=$(counts)
		[ "$after" = "$counts_before" ] && break
		sleep 0.1
	done
	if [ "$after" != "$counts_before" ]; then
		printf 'before: %s\nafter:  %s\n' "$counts_before" "$after"
		ps -ejH
		return 1
	fi
	no_complaints
}

# What a failed test leaves to look at.
show_state()
{
	echo "--- $MNT/log"
	tail -n 20 "$MNT/log" 2>/dev/null
	if [ -n "${out-}" ] && [ -e "$out" ]; then
		echo "--- output of the program"
		tail -n 20 "$out"
	fi
	return 0
}

# The processes that are no threads of the kernel, nor of the clock by which
# bats ends a test.
user_pids()
{
	ps -o pid=,ppid= --ppid 2 -p 2 --deselect |
		awk -v clock="${clock:-none}" '$1 != clock && $2 != clock { print $1 }' | sort
}

counts()
{
	printf 'tasks %s mounts %s references %s' \
		"$(user_pids | wc -l)" "$(wc -l </proc/self/mountinfo)" \
		"$(cat /sys/module/checkpointfs/refcnt 2>/dev/null || echo none)"
}

clean_up()
{
	local pid dir

	for dir in "$MNT"/*/; do
		case $dir in "$MNT/restore/" | "$MNT/*/") continue ;; esac
		rmdir "$dir" || echo "thaw $(basename "$dir")" >"$MNT/control" || :
	done
	for dir in "$MNT"/restore/*/; do
		if [ -d "$dir" ]; then rmdir "$dir" || :; fi
	done
	for pid in $(comm -13 <(echo "$pids_before") <(user_pids)); do
		[ "$pid" = "$BASHPID" ] || kill -KILL "$pid" 2>/dev/null || :
	done
	while read -r dir; do
		[ "$dir" = "$MNT" ] || umount "$dir" || :
	done < <(awk '$3 == "checkpointfs" { print $2 }' /proc/mounts)
	return 0
}

# The kernel has said nothing bad since the test began.
no_complaints()
{
	if dmesg | tac | sed '/ bats: /q' | tac |
		grep -E -A 40 -f "$TREE/tests/qemu/splats"; then
		return 1
	fi
}

# One line to control.
ctl() { echo "$*" >"$MNT/control"; }

# Waits until the command succeeds. How long is no assertion: a guest
# that waits for ever is ended by the harness.
until_true()
{
	until "$@"; do sleep 0.05; done
}

# The command fails, with that errno in what it says, e.g. refused EBUSY ctl ...
refused()
{
	local errno=$1 said
	shift

	if said=$("$@" 2>&1); then
		echo "not refused: $*"
		return 1
	fi
	if [[ $said != *"$(strerror "$errno")"* ]]; then
		echo "refused, but not with $errno: $said"
		return 1
	fi
}

strerror()
{
	python3 -c 'import errno, os, sys; print(os.strerror(getattr(errno, sys.argv[1])))' "$1"
}

gone() { [ ! -e "/proc/$1" ]; }

# Starts a program in a session of its own, its output in the file $out, and
# waits until it is ready. $pid is its pid.
start()
{
	local name=$1
	shift

	start_command "$PROGRAMS/$name" "$@"
	until_true ready_or_gone
	grep -qx ready "$out"
}

ready_or_gone() { grep -qx ready "$out" || gone "$pid"; }

# The same for any command, without waiting for anything.
start_command()
{
	out=$BATS_TEST_TMPDIR/out
	go=$BATS_TEST_TMPDIR/go
	rm -f "$go" "$out" "$out.pid"
	# shellcheck disable=SC2016
	GO=$go setsid --fork bash -c '
		out=$1
		shift
		for fd in /proc/self/fd/*; do
			fd=${fd##*/}
			[ "$fd" -le 2 ] || eval "exec $fd>&-"
		done
		exec >"$out" 2>&1 </dev/null
		cd /
		echo $$ >"$out.new"
		mv "$out.new" "$out.pid"
		exec "$@"
	' start "$out" "$@"
	until_true test -e "$out.pid"
	pid=$(<"$out.pid")
}

# Saves the program, with tar, into $image and kills it.
save()
{
	image=$BATS_TEST_TMPDIR/web.tar
	ctl freeze web "pid=$pid"
	tar -C "$MNT" -cf "$image" web
	ctl commit web kill
	until_true gone "$pid"
	ctl remove web
}

restore()
{
	cat "$image" >"$MNT/restore/commit"
}

# Lets the program verify itself and waits for what it says.
finish()
{
	touch "$go"
	until_true gone "$pid"
	[ "$(tail -n 1 "$out")" = passed ]
}

# A program verifies itself undisturbed, after freeze and thaw, and after
# it was saved, killed and restored.
round_trip()
{
	start "$@"
	finish

	start "$@"
	ctl freeze web "pid=$pid"
	ctl thaw web
	finish

	start "$@"
	save
	restore
	finish
}
