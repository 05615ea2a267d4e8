# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2317,SC2034
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
# A test that repeats something because chance may find more asks repeats() how often.
#
# bats fails a test at the first command that fails, but takes no notice of one
# with "!" before it: "refused EBUSY command" is for those that have to fail.

PROGRAMS=/ckpt/programs
TREE=/ckpt
MNT=/mnt

declare -gA noted_files

setup() { common_setup; }
teardown() { common_teardown; }

common_setup()
{
	trace_failures
	echo "bats: $BATS_TEST_FILENAME: $BATS_TEST_DESCRIPTION" >/dev/kmsg
	# A test that fails is cleaned up after where this is not known any more.
	clock=${BATS_killer_pid:-0}
	"$PROGRAMS/census" before "$BATS_RUN_TMPDIR/census" "$clock"
}

common_teardown()
{
	if [ "${BATS_ERROR_STATUS:-0}" = 0 ]; then note_stack; else show_state; fi
	clean_up
	# bats keeps it until the last test is over, and memory is what it is made of.
	rm -rf --one-file-system "${BATS_TEST_TMPDIR:?}" || :
	"$PROGRAMS/census" after "$BATS_RUN_TMPDIR/census" "$clock" \
		"$TREE/tests/qemu/splats"
}

# bats notes where it is before each command, to say it if that should fail: in a trap
# that takes longer than most commands, 3 ms on an emulated processor. It is enough
# to look when a command has failed, or the test took too long.
trace_failures()
{
	trap - DEBUG
	trap 'bats_check_status_from_trap; note_stack' ERR
	[ -n "${BATS_TEST_TIMEOUT-}" ] || return 0
	trap 'echo "in the midst of: $BASH_COMMAND"; note_stack; bats_timeout_trap' ABRT
}

note_stack()
{
	bats_capture_stack_trace
	BATS_DEBUG_LASTLAST_STACK_TRACE=("${BATS_DEBUG_LAST_STACK_TRACE[@]}")
	BATS_DEBUG_LAST_STACK_TRACE_IS_VALID=1
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

# Removes the containers and what is staged; census does the rest.
clean_up()
{
	local dir

	for dir in "$MNT"/*/; do
		case $dir in "$MNT/restore/" | "$MNT/*/") continue ;; esac
		rmdir "$dir" || echo "thaw $(basename "$dir")" >"$MNT/control" || :
	done
	for dir in "$MNT"/restore/*/; do
		if [ -d "$dir" ]; then rmdir "$dir" || :; fi
	done
	return 0
}

# $1 times, or REPEAT percent of it, which is said. run-bats sets REPEAT on the
# debug kernel, which takes as much longer for each.
repeats()
{
	local times=$((($1 * ${REPEAT:-100} + 99) / 100))

	[ "$times" = "$1" ] || echo "# $times times instead of $1" >&3
	echo "$times"
}

# A pid of what was killed must not be given to another process before it is
# restored.
many_pids() { echo 4194304 >/proc/sys/kernel/pid_max; }

# One line to control.
ctl() { echo "$*" >"$MNT/control"; }

# Waits until the command succeeds. How long is no assertion: a guest
# that waits for ever is ended by the harness.
until_true()
{
	until "$@"; do nap; done
}

# A twentieth of a second, without starting a program. Out of the pipe nothing ever comes;
# it is not left open, a test's programs would inherit it. The subshell is for bats,
# which may end the test here: bash does not survive a trap in a read with a time-out.
nap()
{
	[ -p "$BATS_RUN_TMPDIR/nap" ] || mkfifo "$BATS_RUN_TMPDIR/nap"
	(read -r -t 0.05 <>"$BATS_RUN_TMPDIR/nap") || :
}

# The command fails, with that errno in what it says, e.g. refused EBUSY ctl ...
refused()
{
	local errno=$1 said expected
	shift

	expected=$(strerror "$errno")
	[ -n "$expected" ]

	if said=$("$@" 2>&1); then
		echo "not refused: $*"
		return 1
	fi
	if [[ $said != *"$expected"* ]]; then
		echo "refused, but not with $errno: $said"
		return 1
	fi
}

# They are asked for once in a run: python takes its time to start.
strerror()
{
	local errors=$BATS_RUN_TMPDIR/errors

	if [ ! -e "$errors" ]; then
		python3 - "$errors.$BASHPID" <<-'EOF'
			import errno, os, sys
			os.mkdir(sys.argv[1])
			for name in filter(lambda name: name[0] == "E", dir(errno)):
			    with open(os.path.join(sys.argv[1], name), "w") as file:
			        print(os.strerror(getattr(errno, name)), file=file)
		EOF
		mv -T "$errors.$BASHPID" "$errors"
	fi
	echo "$(<"$errors/$1")"
}

gone() { [ ! -e "/proc/$1" ]; }

# Waits until there are no such processes any more.
until_gone()
{
	local pid

	for pid; do
		gone "$pid" || { "$PROGRAMS/launch" -g "$@"; return; }
	done
}

# The same of all tasks of the container $1 or web, that has been killed: a commit waits for their
# death, but their pids are theirs until init has taken note of each, in whatever order.
until_all_gone()
{
	local tasks=("$MNT/${1:-web}"/tasks/*)

	until_gone "${tasks[@]##*/}"
}

switches() { sed -n 's/^voluntary_ctxt_switches:\s*//p' "/proc/$pid/status"; }
has_switched() { [ "$(switches)" -ge "$1" ]; }

# The program, which sleeps again and again, has done so $1 times more.
run_on() { until_true has_switched $(($(switches) + $1)); }

# Starts a program in a session of its own, its output in the file $out, and
# waits until it is ready. $pid is its pid.
start()
{
	local name=$1
	shift

	start_command -r "$PROGRAMS/$name" "$@"
	ready
}

ready()
{
	local IFS=$'\n' said

	mapfile -t said <"$out"
	[[ $IFS${said[*]}$IFS == *$'\nready\n'* ]]
}

# So many of its processes have said that they are.
are_ready() { [ "$(grep -cx ready "$out")" = "$1" ]; }

# The same for a program that says "not here: ..." where the kernel or the machine lacks
# what it is about: the test is skipped. Whatever else goes wrong with it is a failure.
start_if_possible()
{
	local name=$1
	shift

	start_command -r "$PROGRAMS/$name" "$@"
	if grep "^not here: " "$out"; then
		skip "this kernel or machine does not have it"
	fi
	ready
}

# Starts any command so, without waiting for anything; with -r until it is ready, or
# no more.
start_command()
{
	local wait=()

	if [ "$1" = -r ]; then
		wait=(-r)
		shift
	fi
	out=$BATS_TEST_TMPDIR/out
	go=$BATS_TEST_TMPDIR/go
	[ ! -e "$go" ] || rm "$go"
	GO=$go "$PROGRAMS/launch" "${wait[@]}" "$out" "$@"
	read -r pid <"$out.pid"
}

# Starts the program in python $1, behind what is in $prelude; it is ready at its end, and
# $2 is what it does when it is told to go on.
start_python()
{
	start_command -r python3 -c "import os, time
${prelude-}
$1
print('ready', flush=True)
while not os.path.exists('$BATS_TEST_TMPDIR/go'):
    time.sleep(0.01)
${2-}"
	ready
}

# Saves the program, as the command prints it, into $image and kills it.
save_with()
{
	image=$BATS_TEST_TMPDIR/web.tar
	ctl freeze web "pid=$pid"
	"$@" >"$image"
	ctl commit web kill
	until_all_gone
	ctl remove web
}

save() { save_with tar -C "$MNT" -cf - web; }
# With the files in the order in which image.py wants them.
save_stream() { save_with cat "$MNT/web.tar"; }

restore()
{
	cat "$image" >"$MNT/restore/commit"
}

# Of the program there is a snapshot g0. What has changed since is saved, and it killed; both
# images are g0.tar and g1.tar in $BATS_TEST_TMPDIR.
save_changes()
{
	local n

	ctl snapshot g1 "pid=$pid" since=g0 kill
	until_all_gone g1
	for n in 0 1; do cat "$MNT/g$n.tar" >"$BATS_TEST_TMPDIR/g$n.tar"; done
	for n in 0 1; do ctl remove "g$n"; done
}

# The program verifies itself after it was saved, and after it was saved again as what has
# changed, and both were merged into an image that has the word $1 in it.
merged_too()
{
	local n

	many_pids
	ctl snapshot g0 "pid=$pid"
	save_changes
	ckpt merge -o "$BATS_TEST_TMPDIR/m.tar" "$BATS_TEST_TMPDIR"/g{0,1}.tar
	ckpt show "$BATS_TEST_TMPDIR/m.tar" | grep -q "$1"
	for n in g0 m; do
		image=$BATS_TEST_TMPDIR/$n.tar
		restore
		finish
		rm "$go"
		echo ready >"$out"
	done
}

# Lets the program verify itself and waits for what it says.
finish()
{
	local said

	: >"$go"
	until_gone "$pid"
	mapfile -t said <"$out"
	[ "${said[-1]-}" = passed ]
}

# The same for one that says $1 in the end.
says()
{
	: >"$go"
	until_gone "$pid"
	grep -qxF -e "$1" "$out"
}

# The image $image, made wrong in each of the ways that hostile.py is told of on standard
# input, is refused. Lines that begin with "#" are comments. What $@ names is to be
# gone each time, if not at once.
wrong_images()
{
	sed -e '/^#/d' -e 's/$/ fix/' | "$TREE/tests/bats/hostile.py" "$MNT" "$image" "$@"
}

# What /proc/PID/fdinfo tells of each open file of the program and its descendants, in the
# array $1, by process and descriptor. Left out, as it need not be the same:
#
#   mnt_id, ino    numbers of what has no name; also of what an epoll watches, and a lock
#                  is of. Those of inotify and fanotify are of files that have names
#   eventfd-id,    numbers that are never used
#   map_id         twice
#   it_value       what is left until a timer expires, and
#   ticks          how often it has, of which a part is counted when somebody asks
#   of locks       the process that has taken it and ended since
#   pending, total who waits for a userfaultfd to be answered: they ask again when they go on
#
# What an epoll watches it has in the order of addresses, and locks in that of their
# owners': their lines are sorted, without numbers. No program is started for the rest.
open_files()
{
	local -n found=$1
	local processes=("$pid") process file text line more

	found=()
	while [ ${#processes[@]} != 0 ]; do
		process=${processes[0]}
		processes=("${processes[@]:1}")
		for file in "/proc/$process/task/"*/children; do
			more=()
			read -r -a more 2>/dev/null <"$file" || :
			processes+=("${more[@]}")
		done
		for file in "/proc/$process/fdinfo/"*; do
			[ -e "$file" ] || continue
			mapfile -t text 2>/dev/null <"$file" || continue
			describe_file
			printf -v "found[$process fd ${file##*/}]" '%s\n' "${text[@]}"
		done
	done
}

# One of them: the lines in $text become those that are compared.
describe_file()
{
	local lines=() disorder=() owner

	for line in "${text[@]}"; do
		case $line in
		mnt_id:* | ino:* | eventfd-id:* | map_id:* | it_value:* | ticks:* | pending:* | total:*) ;;
		tfd:*) [[ $line =~ ^(.*)\ ino:[0-9a-f]+(.*)$ ]]
			disorder+=("${BASH_REMATCH[1]}${BASH_REMATCH[2]}") ;;
		lock:*) [[ $line =~ ^lock:[[:space:]]+[0-9]+:\ (.*)\ (-?[0-9]+)\ (.*:[0-9a-f]+):[0-9]+\ (.*)$ ]]
			owner=${BASH_REMATCH[2]}
			[ "$owner" = -1 ] || [ -e "/proc/$owner" ] || owner=ended
			disorder+=("lock: ${BASH_REMATCH[1]} $owner ${BASH_REMATCH[3]} ${BASH_REMATCH[4]}") ;;
		*) lines+=("$line") ;;
		esac
	done
	if [ ${#disorder[@]} -gt 1 ]; then
		mapfile -t disorder < <(printf '%s\n' "${disorder[@]}" | sort)
	fi
	text=("${lines[@]}" "${disorder[@]}")
}

# To be asked for before the program is saved, and after it was restored: are the
# descriptors the same, and what is told of them?
note_files() { open_files noted_files; }

same_files()
{
	local -A now
	local name same=0

	open_files now
	[ ${#now[@]} != 0 ] || return
	for name in "${!noted_files[@]}" "${!now[@]}"; do
		[ "${noted_files[$name]-}" != "${now[$name]-}" ] || continue
		printf '%s: before\n%s\nnow\n%s\n' "$name" "${noted_files[$name]-}" "${now[$name]-}"
		noted_files[$name]=${now[$name]-}
		same=1
	done
	return "$same"
}

# A program verifies itself undisturbed, after freeze and thaw, and after
# it was saved, killed and restored, when it also has the same open files.
round_trip()
{
	start "$@"
	finish

	start "$@"
	ctl freeze web "pid=$pid"
	ctl thaw web
	finish

	start "$@"
	note_files
	save
	restore
	same_files
	finish
}

# The same with each way of saving and restoring, one after the other: the program is
# frozen and thawed; saved by freeze, restored as a stream; saved by snapshot, restored
# as a tree.
every_way()
{
	start "$@"
	finish

	start "$@"
	note_files
	ctl freeze web "pid=$pid"
	ctl thaw web
	save
	restore
	same_files
	ctl snapshot web "pid=$pid" kill
	until_all_gone
	tar -C "$MNT" -cf - web | tar -C "$MNT/restore" -xf -
	ctl remove web
	echo web >"$MNT/restore/commit"
	same_files
	finish
}
