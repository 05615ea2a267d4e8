#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

# What a killed program has left, too.
teardown()
{
	ipcrm --all
	common_teardown
}

@test "System V semaphores keep values, adjustments, owners, times, and who waits" {
	every_way sysvsem
}

@test "System V message queues keep messages, limits, owners, times, and who waits" {
	every_way sysvmsg
}

@test "System V semaphores and queues of which nothing is left are made again" {
	start sysvsem
	save
	ipcrm --all=sem
	restore
	finish

	start sysvmsg
	save
	ipcrm --all=msg
	restore
	finish
}

@test "System V semaphores and queues that a task outside uses are refused with EBUSY" {
	start sysvsem outside
	child=$(pgrep -P "$pid" | head -n 1)
	refused EBUSY ctl freeze web "pid=$child"
	grep -q "System V semaphores [0-9]*: a task outside of the container has adjustments" "$MNT/log"
	ctl freeze web "pid=$pid"
	ctl thaw web
	finish

	start sysvmsg
	child=$(pgrep -P "$pid" | head -n 1)
	refused EBUSY ctl freeze web "pid=$child"
	grep -q "System V message queue [0-9]*: a task outside of the container uses it" "$MNT/log"
	finish
}

@test "a restore that fails leaves the queues and semaphores that it found as they were" {
	local look id other set

	start sysvmsg left
	read -r _ id other set < <(grep '^ids ' "$out")
	save
	look=$("$PROGRAMS/sysvmsg" look "$id" "$set" changed)
	[[ $look = "changed 9: 600 0 1 "* ]]

	ipcrm -q "$other"
	echo "$other" >/proc/sys/kernel/msg_next_id
	ipcmk -Q | grep -qx "Message queue id: $other"
	refused EEXIST restore
	grep -q "msg/2: System V message queue $other, key 0x0, cannot be made: -" "$MNT/log"
	[ "$("$PROGRAMS/sysvmsg" look "$id" "$set")" = "$look" ]
	# Of those that it has made for a while nothing is left.
	[ "$(ipcs -q | grep -c 0x)" = 2 ]

	ipcrm -q "$other"
	# Another set that looks like the one it was has never been used.
	ipcrm -s "$set"
	echo "$set" >/proc/sys/kernel/sem_next_id
	ipcmk -S 1 -p 0600 | grep -qx "Semaphore id: $set"
	refused EEXIST restore
	grep -q "System V semaphores $set, key 0x0, cannot be made: -" "$MNT/log"
	ipcrm -s "$set"
	restore
	finish
}

# Root, who finds semaphores and a queue when they have been taken over, and the messages of
# more than one have yet to be sent. He is at the restore's processor, and goes before it. He
# may look too late, when they have what the image says: then he does nothing, and says so.
disturb()
{
	taskset -c 0 chrt -f 1 python3 -c '
import ctypes, errno, os, struct, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
sem, queue, last = map(int, sys.argv[2:5])
state = ctypes.create_string_buffer(256)
def semop(by):
	return libc.semop(sem, struct.pack("3h", 0, by, 0), 1)
def send(type):
	return libc.msgsnd(queue, struct.pack("q", type), ctypes.c_size_t(0), 0)
def take():
	assert libc.msgrcv(queue, ctypes.create_string_buffer(8), ctypes.c_size_t(0), 2, 0) == 0
open(sys.argv[5], "w").close()
# IPC_STAT
while libc.msgctl(last, 2, state) == 0 and struct.unpack_from("H", state, 20)[0] != 0o700 \
		and not os.path.exists(sys.argv[5] + ".over"):
	time.sleep(0.0005)
# GETVAL
if libc.semctl(sem, 0, 12) == 4:
	open(sys.argv[5] + ".late", "w").close()
	sys.exit()
# Who has made them may not.
os.seteuid(65534)
assert send(1) == -1 and ctypes.get_errno() == errno.EACCES
assert semop(1) == -1 and ctypes.get_errno() == errno.EACCES
os.seteuid(0)
if sys.argv[1] == "take":
	assert semop(-1) == 0
elif sys.argv[1] == "send":
	assert send(3) == 0
else:
	taker = threading.Thread(target=take)
	taker.start()
	assert semop(-5) == 0
	taker.join()' "$@" 3>&-
}

# What is left when the program is killed is not what the image says.
use_up()
{
	python3 -c '
import ctypes, struct, sys
semop = ctypes.CDLL(None).semop
assert semop(int(sys.argv[1]), struct.pack("3h", 0, -1, 0), 1) == 0' "${ids[0]}"
	left=3 sent=0
}

# How he does so: take, send, wait.
restore_disturbed()
{
	local there=$BATS_TEST_TMPDIR/$1

	while true; do
		disturb "$1" "${ids[@]:0:3}" "$there" &
		until_true test -e "$there"
		if refused EBUSY taskset -c 0 bash -c "cat '$image' >'$MNT/restore/commit'"; then
			return
		fi
		: >"$there.over"
		wait $!
		# It is not there if he was in time, and the restore has not noticed.
		rm "$there" "$there.over" "$there.late"
		kill -KILL "$pid"
		until_gone "$pid"
		use_up
	done
}

@test "who uses what is being restored, or waits, makes that fail, and loses nothing" {
	local ids left sent

	start_command -r setpriv --reuid=65534 --regid=65534 --clear-groups python3 -c '
import ctypes, struct, time
libc = ctypes.CDLL(None)
ids = [libc.semget(0, 1, 0o600)]
assert libc.semop(ids[0], struct.pack("3h", 0, 4, 0), 1) == 0
for i in range(3):
	ids.append(libc.msgget(0, 0o600))
	for j in range(4000):
		assert libc.msgsnd(ids[-1], struct.pack("q", 1), ctypes.c_size_t(0), 0) == 0
print("ids", *ids)
print("ready", flush=True)
time.sleep(1000)'
	ready
	read -r -a ids < <(sed -n 's/^ids //p' "$out")
	save
	use_up
	restore_disturbed take
	wait $!
	((left -= 1))
	# The semaphore has had what the image says by then.
	restore_disturbed send
	wait $!
	sent=1
	restore_disturbed wait
	python3 -c '
import ctypes, struct, sys
libc = ctypes.CDLL(None)
sem, queue, left, sent = map(int, sys.argv[1:])
text = ctypes.create_string_buffer(8)
state = ctypes.create_string_buffer(256)
for stat in lambda: libc.msgctl(queue, 2, state), lambda: libc.semctl(sem, 0, 2, state):
	assert stat() == 0
	assert struct.unpack_from("4IH", state, 4) == (65534, 65534, 65534, 65534, 0o600)
# GETVAL, SETVAL, IPC_NOWAIT
assert libc.semctl(sem, 0, 12) == left and libc.semctl(sem, 0, 16, 5) == 0
assert (libc.msgrcv(queue, text, ctypes.c_size_t(0), 3, 0o4000) == 0) == bool(sent)
assert libc.msgsnd(queue, struct.pack("q", 2), ctypes.c_size_t(0), 0) == 0' "${ids[@]:0:2}" "$left" \
		"$sent"
	wait $!
}

@test "semaphores that were used with SEM_UNDO, and last by a child, are saved" {
	start_command -r python3 -c '
import ctypes, os, struct, time
libc = ctypes.CDLL(None)
def semop(by, flags):
	assert libc.semop(sem, struct.pack("3h", 0, by, flags), 1) == 0
sem = libc.semget(0, 1, 0o600)
semop(1, 0x1000)
semop(-1, 0x1000)
if not os.fork():
	semop(1, 0)
	os._exit(0)
assert os.wait()[1] == 0
print("ready", flush=True)
while not os.path.exists(os.environ["GO"]):
	time.sleep(0.01)
semop(-1, 0)
print("passed", flush=True)'
	ready
	save
	ipcrm --all=sem
	restore
	finish
}

# Its ids are others' here.
@test "semaphores of another IPC namespace are not taken for those of the same id" {
	local id before

	# CLONE_NEWIPC
	start_command -r python3 -c '
import ctypes, struct, time
libc = ctypes.CDLL(None)
assert libc.unshare(0x8000000) == 0
sem = libc.semget(0, 1, 0o600)
assert libc.semop(sem, struct.pack("3h", 0, 1, 0x1000), 1) == 0
print("set", sem)
print("ready", flush=True)
time.sleep(1000)'
	ready
	id=$(sed -n 's/^set //p' "$out")
	echo "$id" >/proc/sys/kernel/sem_next_id
	ipcmk -S 32000 | grep -qx "Semaphore id: $id"
	before=$(grep -c "System V" "$MNT/log") || :
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -q "an IPC namespace" "$MNT/log"
	[ "$(grep -c "System V" "$MNT/log")" = "$before" ]
	kill -KILL "$pid"
	until_gone "$pid"
}

as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }

# Who may send need not be allowed to read what others have sent.
@test "queues, semaphores and segments that the caller may not read are refused" {
	local other=/tmp/of-all queue set segment others stranger=$BATS_TEST_TMPDIR/stranger

	mkdir -p "$other"
	mount -t checkpointfs -o mode=1777 none "$other"
	queue=$(ipcmk -Q -p 0622)
	set=$(ipcmk -S 1 -p 0622)
	others=$(ipcmk -S 1 -p 0600)
	# shellcheck disable=SC2016
	start_command -r setpriv --reuid=65534 --regid=65534 --clear-groups python3 -c '
import ctypes, struct, sys, time
libc = ctypes.CDLL(None)
assert libc.msgsnd(int(sys.argv[1]), ctypes.create_string_buffer(b"\1" + 8 * b"\0"), 1, 0) == 0
# SETVAL
assert libc.semctl(int(sys.argv[2]), 0, 16, 1) == 0
# SEM_UNDO leaves something at a set that one may not use, too.
assert libc.semop(int(sys.argv[3]), struct.pack("3h", 0, 1, 0x1000), 1) == -1
# IPC_CREAT
print("segment", libc.shmget(0, 4096, 0o1000))
print("ready", flush=True)
time.sleep(1000)' "${queue##* }" "${set##* }" "${others##* }"
	ready
	segment=$(sed -n 's/^segment //p' "$out")
	refused EOPNOTSUPP as_nobody bash -c "echo freeze web pid=$pid >$other/control"
	grep -x "System V message queue ${queue##* }: one that the caller may not read cannot be saved" \
		"$other/log"
	grep -x "System V semaphores ${set##* }: a set that the caller may not read cannot be saved" \
		"$other/log"
	grep -x "System V shared memory $segment: one that the caller may not read cannot be saved" \
		"$other/log"
	[ "$(grep -c "System V semaphores" "$other/log")" = 1 ]

	# Root may. And an adjustment that has not been made, SEM_UNDO with IPC_NOWAIT, is none.
	python3 -c '
import ctypes, struct, sys, time
libc = ctypes.CDLL(None)
assert libc.semop(int(sys.argv[1]), struct.pack("3h", 0, -100, 0x1800), 1) == -1
open(sys.argv[2], "w").close()
time.sleep(1000)' "${set##* }" "$stranger" 3>&- &
	disown
	until_true test -e "$stranger"
	save
	restore
	[ "$(ipcs -q -i "${queue##* }" | grep -c "qnum=1")" = 1 ]
	kill -KILL $! "$pid"
	until_gone "$pid"
}

@test "a queue that is larger than a restore takes is refused with EFBIG" {
	local all bytes cache

	all=$(</proc/sys/kernel/msgmnb)
	bytes=$(</proc/sys/kernel/msgmax)
	echo $((80 << 20)) >/proc/sys/kernel/msgmnb
	echo $((14 << 20)) >/proc/sys/kernel/msgmax
	start_command -r python3 -c '
import ctypes, time
libc = ctypes.CDLL(None)
queue = libc.msgget(0, 0o600)
text = ctypes.create_string_buffer(b"\1" + (8 + (14 << 20)) * b"\0")
for i in range(5):
	assert libc.msgsnd(queue, text, ctypes.c_size_t(14 << 20), 0) == 0
print("ready", flush=True)
time.sleep(1000)'
	echo "$all" >/proc/sys/kernel/msgmnb
	echo "$bytes" >/proc/sys/kernel/msgmax
	ready
	refused EFBIG ctl freeze web "pid=$pid"
	grep -x "web: sysv message queue 1 is larger than an image can tell" "$MNT/log"
	kill -KILL "$pid"
	until_gone "$pid"
	ipcrm --all=msg
	# KASAN keeps what is freed for a while, unless it is told to shrink its caches.
	for cache in /sys/kernel/slab/*-4k/shrink; do echo 1 >"$cache"; done
}
