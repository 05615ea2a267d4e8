
@test "a writer whose main thread has ended gets the program as its child" {
	start plain
	save
	child=$pid
	mv "$out" "$out.plain"
	out=$out.writer
	GO=$BATS_TEST_TMPDIR/writer.go "$PROGRAMS/leaderless" "$image" \
		"$MNT/restore/commit" >"$out" 3>&- &
	pid=$!
	until_true ready_or_gone
	grep -qx ready "$out"
	[ "$(ps -o ppid= -p "$child")" -eq "$pid" ]
	touch "$BATS_TEST_TMPDIR/writer.go" "$go"
	wait "$pid"
	grep -qx passed "$out"
	[ "$(tail -n 1 "$out.plain")" = passed ]
}

# Of an orphan: sleep's parent is a shell that ends.
@test "an orphan of the program goes to the subreaper of its new parent" {
	start_command bash -c 'sleep 1000 & wait'
	until_true pgrep -P "$pid" -x sleep
	orphan=$(pgrep -P "$pid" -x sleep)
	save
	# PR_SET_CHILD_SUBREAPER
	python3 -c '
import ctypes, signal
assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0
signal.pause()' 3>&- &
	parent=$!
	until_true grep -qx 'SigCgt:.*[1-9a-f].*' "/proc/$parent/status"
	until_true grep -q pause "/proc/$parent/wchan" "/proc/$parent/syscall" || :
	{ echo "parent=$parent"; cat "$image"; } >"$MNT/restore/commit"
	[ "$(ps -o ppid= -p "$pid")" -eq "$parent" ]
	kill -KILL "$pid"
	until_true test "$(ps -o ppid= -p "$orphan")" -ne "$pid"
	[ "$(ps -o ppid= -p "$orphan")" -eq "$parent" ]
	kill -KILL "$orphan" "$parent"
}
