#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
#
# New tasks on their way to what they are to be: whatever happens to them, or to
# those around them, the restore ends, and nothing half-made remains.

load helpers

# Starts so many processes that have a file in $held open each, with their parents
# outside of the others. Their pids are in the array pids.
start_roots()
{
	local i

	held=$BATS_TEST_TMPDIR/held
	mkdir "$held"
	pids=()
	for ((i = 0; i < $1; i++)); do
		"$PROGRAMS/launch" "$held/$i" sleep 1000
		read -r pid <"$held/$i.pid"
		pids+=("$pid")
	done
}

save_roots()
{
	image=$BATS_TEST_TMPDIR/web.tar
	ctl freeze web "${pids[@]/#/pid=}"
	cat "$MNT/web.tar" >"$image"
	ctl commit web kill
	ctl remove web
	until_gone "${pids[@]}"
}

# The first one makes all objects, and finds a file missing while the writer
# still clones the others: those have not even begun.
@test "a restore that fails while its roots are being cloned ends, and leaves none" {
	local times i

	start_roots 24
	save_roots
	mv "$held" "$held.away"
	times=$(repeats 10)
	for ((i = 0; i < times; i++)); do
		refused ENOENT restore
		for pid in "${pids[@]}"; do gone "$pid"; done
	done
	mv "$held.away" "$held"
	restore
	for pid in "${pids[@]}"; do
		grep -qx sleep "/proc/$pid/comm"
		kill "$pid"
		until_gone "$pid"
	done
}

# So many children of $pid sleep.
sleeps() { [ "$(pgrep -c -P "$pid" -x sleep)" = "$1" ]; }

# At any moment of the restore, from as soon as there is such a pid on. Either the
# restore fails and leaves nothing, or it was over by then.
@test "a new task may be killed at any moment" {
	# shellcheck disable=SC2016
	start_command bash -c 'exec >/dev/null 2>&1; for i in {1..40}; do sleep 1000 & done; wait'
	until_true sleeps 40
	mapfile -t pids < <(echo "$pid"; pgrep -P "$pid")
	save
	python3 - "$(repeats 40)" "$image" "$MNT/restore/commit" "${pids[@]}" <<'END'
import os, random, subprocess, sys, time

times, image, commit = int(sys.argv[1]), sys.argv[2], sys.argv[3]
pids = [int(p) for p in sys.argv[4:]]

def kill(pid):
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        return False
    return True

def gone():
    for pid in pids:
        kill(pid)
    for pid in pids:
        while kill(pid):
            time.sleep(0.001)

def restore():
    return subprocess.Popen(["sh", "-c", f"cat {image} >{commit}"],
                            stderr=subprocess.DEVNULL)

begin = time.monotonic()
assert restore().wait() == 0
whole = time.monotonic() - begin
gone()
results = {0: 0, 1: 0}
for i in range(times):
    victim, delay = random.choice(pids), random.uniform(0, whole)
    writer = restore()
    while not os.path.exists(f"/proc/{victim}") and writer.poll() is None:
        pass
    end = time.monotonic() + delay
    while time.monotonic() < end:
        pass
    kill(victim)
    status = writer.wait()
    results[status] += 1
    if status:
        assert not any(os.path.exists(f"/proc/{pid}") for pid in pids)
    gone()
print(results)
assert results[1]
END
	grep -q 'restore: web: a new task was killed' "$MNT/log"
	restore
	kill -KILL "${pids[@]}"
	until_gone "${pids[@]}"
}

has_procs() { [ "$(wc -l <"$cgroup/cgroup.procs")" -ge "$1" ]; }

# Whose new tasks are in it too. It is not frozen before the restore is over,
# which goes on when that is called off.
@test "a restore survives a freeze of its writer's cgroup" {
	number=$(repeats 100)
	# shellcheck disable=SC2016
	start_command bash -c 'exec >/dev/null 2>&1
		for ((i = 0; i < $1; i++)); do sleep 1000 & done; wait' bash "$number"
	until_true sleeps "$number"
	mapfile -t pids < <(echo "$pid"; pgrep -P "$pid")
	save
	cgroup=/sys/fs/cgroup/newtasks
	mkdir "$cgroup"
	times=$(repeats 20)
	for ((i = 1; i <= times; i++)); do
		# shellcheck disable=SC2016
		sh -c 'echo 0 >"$1/cgroup.procs" && cat "$2" >"$3"' sh \
			"$cgroup" "$image" "$MNT/restore/commit" 3>&- &
		until_true has_procs "$((i * number * 8 / 10 / times))"
		echo 1 >"$cgroup/cgroup.freeze"
		sleep 0.05
		echo 0 >"$cgroup/cgroup.freeze"
		wait "$!"
		kill -KILL "${pids[@]}"
		until_gone "${pids[@]}"
	done
	rmdir "$cgroup"
}

# Nor can clone(2) give it any; and its init could not end before they do.
@test "no process of another pid namespace gets the program as its child" {
	unshare --pid --fork sleep 1000 3>&- &
	until_true pgrep -P "$!" -x sleep
	parent=$(pgrep -P "$!" -x sleep)
	refused EPERM bash -c "echo parent=$parent >'$MNT/restore/commit'"
	grep -q "parent=$parent: no right to give it children" "$MNT/log"
	kill -KILL "$parent"
	wait "$!" || :
}

@test "a writer whose main thread has ended gets the program as its child" {
	start plain
	save
	GO=$BATS_TEST_TMPDIR/writer.go "$PROGRAMS/leaderless" "$image" \
		"$MNT/restore/commit" >"$BATS_TEST_TMPDIR/writer" 3>&- &
	writer=$!
	until_true grep -qE '^ready|does not hold' "$BATS_TEST_TMPDIR/writer"
	grep -qx ready "$BATS_TEST_TMPDIR/writer"
	[ "$(ps -o ppid= -p "$pid")" -eq "$writer" ]
	touch "$BATS_TEST_TMPDIR/writer.go" "$go"
	wait "$writer"
	grep -qx passed "$BATS_TEST_TMPDIR/writer"
	[ "$(tail -n 1 "$out")" = passed ]
}

# Its parent, the program's shell, is killed.
@test "an orphan of the program goes to the subreaper of its new parent" {
	start_command bash -c 'exec >/dev/null 2>&1; sleep 1000 & wait'
	until_true pgrep -P "$pid" -x sleep
	orphan=$(pgrep -P "$pid" -x sleep)
	save
	# PR_SET_CHILD_SUBREAPER
	python3 -c '
import ctypes, signal, sys
assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0
open(sys.argv[1], "w")
signal.pause()' "$BATS_TEST_TMPDIR/reaper" 3>&- &
	parent=$!
	until_true test -e "$BATS_TEST_TMPDIR/reaper"
	{ echo "parent=$parent"; cat "$image"; } >"$MNT/restore/commit"
	[ "$(ps -o ppid= -p "$pid")" -eq "$parent" ]
	kill -KILL "$pid"
	until_true grep -q '^State:.*zombie' "/proc/$pid/status"
	[ "$(ps -o ppid= -p "$orphan")" -eq "$parent" ]
	kill -KILL "$orphan" "$parent"
}
