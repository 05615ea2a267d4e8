#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "files and directories of proc are of the same tasks, and go on where they were" {
	every_way procfile
}

@test "files of proc do not forget that something has happened" { every_way procfile event; }

@test "files of proc that tell of memory are of the same memory" { every_way procfile mem; }

@test "who has opened a file of proc decides what it tells, not who restores it" {
	local dir=$BATS_TEST_TMPDIR

	until [ "$dir" = / ]; do
		chmod a+x "$dir"
		dir=$(dirname "$dir")
	done
	start_command -r setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$PROGRAMS/procfile" mem
	ready
	save
	restore
	finish
}

# bash that runs the lines, then waits, and then runs those of its second argument.
start_lines()
{
	# shellcheck disable=SC2016
	start_command -r bash -c "set -eu; $1
		echo ready
		"'while [ ! -e "$GO" ]; do sleep 0.05; done
		'"${2:-}
		echo passed" bash
	ready
}

# refuses LINES WORDS: a file that those have opened is refused, and the program goes on.
refuses()
{
	start_lines "$1"
	refused "${3:-EOPNOTSUPP}" ctl freeze web "pid=$pid"
	grep -E "task $pid \(bash\) fd 5: .*$2" "$MNT/log"
	finish
}

@test "a file of a task outside is refused" {
	refuses 'exec 5</proc/1/stat' '1/stat \(proc, of a task outside of the container\)'
}

@test "a file of a descriptor that is closed, or of a task outside, is refused" {
	refuses 'exec 6</dev/null 5</proc/self/fdinfo/6 6<&-' \
		'fdinfo/6 \(proc, leads to another file\)'
	refuses 'exec 5</proc/1/fdinfo/0' '1/fdinfo/0 \(proc, of a task outside of the container\)'
}

@test "a file of System V objects of another IPC namespace is refused" {
	start_command -r python3 -c '
import ctypes, os, time
libc = ctypes.CDLL(None, use_errno=True)
own = os.open("/proc/self/ns/ipc", os.O_RDONLY)
assert libc.unshare(0x08000000) == 0
keep = os.open("/proc/sysvipc/msg", os.O_RDONLY)
assert libc.setns(own, 0) == 0
os.close(own)
print("ready", flush=True)
time.sleep(1000)'
	ready
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep "sysvipc/msg (proc, of another IPC or pid namespace) cannot be saved" "$MNT/log"
}

@test "a file of the network, by a task outside, is refused" {
	refuses 'exec 5</proc/1/net/dev' 'net/dev \(proc, of a task outside of the container\)'
}

@test "a file of a thread of a task outside is refused" {
	refuses 'exec 5</proc/1/task/1/stat' 'proc, of a task outside of the container'
}

@test "a file of a task that has ended is refused" {
	# shellcheck disable=SC2016
	refuses 'sleep 1000 & exec 5</proc/$!/stat; kill $!; wait $! || :' \
		'proc, of a task that has ended'
}

@test "a directory of threads that is half read is refused" {
	# Room for three names only.
	start_command -r python3 -c '
import ctypes, os, threading, time
for _ in range(8):
    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
fd = os.open("/proc/self/task", os.O_RDONLY)
assert ctypes.CDLL(None).syscall(217, fd, ctypes.create_string_buffer(96), 96) > 0
print("ready", flush=True)
time.sleep(1000)'
	ready
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -F "(proc, of threads that is half read) cannot be saved" "$MNT/log"
	kill -KILL "$pid"
	until_gone "$pid"
}

@test "a file of an address space that is gone is refused" {
	start_command -r bash -c "exec 5</proc/self/maps; echo ready; exec sleep 1000"
	ready
	until_true grep -q sleep "/proc/$pid/comm"
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep "fd 5: .*maps (proc, of an address space that its task does not have any more)" \
		"$MNT/log"
}

@test "mounts that are seen from another root are refused" {
	start_command -r python3 -c '
import os, time
proc = os.open("/proc", os.O_RDONLY)
os.chroot("/proc")
keep = os.open("/self/mounts", os.O_RDONLY)
print("ready", flush=True)
time.sleep(1000)'
	ready
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep "mounts (proc, of mounts seen from another root) cannot be saved" "$MNT/log"
}

@test "a file of another user namespace is refused, beside who is in it" {
	start_command -r python3 -c '
import ctypes, os, time
told, tell = os.pipe()
child = os.fork()
if not child:
    assert ctypes.CDLL(None).unshare(0x10000000) == 0
    os.write(tell, b"x")
    time.sleep(1000)
os.read(told, 1)
keep = os.open(f"/proc/{child}/uid_map", os.O_RDONLY)
print("ready", flush=True)
time.sleep(1000)'
	ready
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep "uid_map (proc, of another user namespace) cannot be saved" "$MNT/log"
}

@test "what is below a mount of a part of proc is refused" {
	mkdir "$BATS_TEST_TMPDIR/part"
	start_lines "mount --bind /proc/\$\$ '$BATS_TEST_TMPDIR/part'
		exec 5<'$BATS_TEST_TMPDIR/part/stat'"
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep "stat (proc, of a task, by a mount of a part of proc) cannot be saved" "$MNT/log"
	finish
	umount "$BATS_TEST_TMPDIR/part"
}

@test "a pressure trigger is refused, its file without one is not" {
	[ -e /proc/pressure/memory ] || skip "this kernel does not measure pressure"
	start_lines "exec 5<>/proc/pressure/memory" "read -r some <&5; [[ \$some = some* ]]"
	save
	restore
	finish
	start_lines "exec 5<>/proc/pressure/memory; printf 'some 150000 1000000\0' >&5"
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep 'memory (proc, with a pressure trigger) cannot be saved' "$MNT/log"
	finish
}

@test "a file whose entry has been taken away is refused" {
	ip link add ckpt0 type veth peer name ckpt1
	if [ ! -e /proc/net/dev_snmp6/ckpt0 ]; then
		ip link del ckpt0
		skip "this kernel does not count by device"
	fi
	start_lines "exec 5</proc/net/dev_snmp6/ckpt0; read -r one <&5; ip link del ckpt0"
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep 'dev_snmp6/ckpt0 (proc, .*) cannot be saved' "$MNT/log"
	finish
}

@test "the number of a task in another pid namespace's proc is the new one's" {
	image=$BATS_TEST_TMPDIR/web.tar
	out=$BATS_TEST_TMPDIR/out
	# /proc is that of outside, where bash is another number each time.
	cat >"$BATS_TEST_TMPDIR/inside" <<-'EOS'
		set -eu
		cat >"$1/program" <<-'EOP'
			exec 5</proc/self/stat
			read -r was _ </proc/self/stat
			echo "ready $was"
			while [ ! -e "$1/go" ]; do sleep 0.05; done
			read -r own _ <&5
			read -r now _ </proc/self/stat
			[ "$own" = "$now" ] && [ "$own" != "$was" ] && echo passed
		EOP
		setsid bash "$1/program" "$1" </dev/null >"$1/out" 2>&1 &
		until grep -q ready "$1/out"; do sleep 0.05; done
		echo "freeze web pid=$!" >"$2/control"
		tar -C "$2" -cf "$1/web.tar" web
		echo "commit web kill" >"$2/control"
		wait $! || :
		rmdir "$2/web"
		cat "$1/web.tar" >"$2/restore/commit"
		: >"$1/go"
		wait
		until [ "$(tail -n 1 "$1/out")" = passed ]; do
			kill -0 $! 2>/dev/null || break
			sleep 0.05
		done
	EOS
	unshare --pid --fork bash "$BATS_TEST_TMPDIR/inside" "$BATS_TEST_TMPDIR" "$MNT" 3>&- 4>&-
	[ "$(tail -n 1 "$out")" = passed ]
}

without=(setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin)

# By one who may not make the kernel say what it has not said.
restore_without()
{
	# shellcheck disable=SC2016
	"${without[@]}" sh -c 'cat "$1" >"$2"' sh "$image" "$MNT/restore/commit"
}

@test "what has not been read of a half read file may only be restored by who may do anything" {
	# shellcheck disable=SC2016
	start_command -r "${without[@]}" bash -c 'exec 5</proc/meminfo
		head -c 7 <&5 >/dev/null
		echo ready
		exec sleep 1000'
	save
	refused EPERM restore_without
	grep "half read: what has not been read may not be set" "$MNT/log"
	restore
	kill -KILL "$pid"
	until_gone "$pid"
	# shellcheck disable=SC2016
	start_command -r "${without[@]}" bash -c 'exec 5</proc/meminfo; echo ready; exec sleep 1000'
	save
	restore_without
	kill -KILL "$pid"
}

# The first file of the image that has that text in it.
file_with()
{
	tar -C "$BATS_TEST_TMPDIR" -xf "$image"
	grep -rlaP "$1\x00" "$BATS_TEST_TMPDIR/web/files" | sed "s|^$BATS_TEST_TMPDIR/web/||"
}

word() { printf %s "$1" | od -An -tu4 -N4 | tr -d ' '; }

@test "no image leads to a file of proc that is not its own" {
	start_lines "exec 5</proc/self/stat 6</proc/uptime 7</proc/self/fdinfo/6"
	save_stream
	own=$(file_with stat)
	descriptor=$(file_with fdinfo/6)
	global=$(file_with /proc/uptime)
	wrong_images <<-END
		# Text begins 8 bytes behind the head of a path's record, and 16 of a procfile's.
		# Of a path: /proc/1/maps, /proc///kmsg, /proc//////
		ESTALE '/proc/1/maps: does not lead to the file' field $global 21 14 4 $(word 1/ma) field $global 21 18 2 0x7370
		ESTALE 'kmsg: a file of proc that is not saved' field $global 21 14 4 $(word //km) field $global 21 18 2 0x6773
		ESTALE 'not a file of the same type' field $global 21 14 4 $(word ////) field $global 21 18 2 0x2f2f
		# Of the text below the task: ../1, and ///.
		ESTALE 'does not lead to the file ../1 of task $pid' field $own 58 16 4 $(word ../1)
		ESTALE 'not a file of the same type' field $own 58 16 4 $(word ////)
		ENOENT 'does not lead to the file exe_ of task $pid' field $own 58 16 4 $(word exe_)
		# No number, and what comes behind one.
		ENOENT 'does not lead to the file fdinfo/x' field $descriptor 58 22 2 0x782f
		ENOENT 'does not lead to the file fdinfo/-' field $descriptor 58 22 2 0x2d2f
		# The task, the thread, who has opened it, the kind of inode.
		EUCLEAN '' field $own 58 8 4 1
		EUCLEAN '' field $own 58 12 4 1
		EUCLEAN '' field $own 58 0 8 99
		EUCLEAN '' field $own 41 0 4 $((0020444))
		ESTALE 'not a file of the same type' field $own 41 0 4 $((0040555))
		# Neither a regular file nor of no task.
		EUCLEAN '' field $own 40 0 4 20
		EUCLEAN '' field $own 58 8 4 0
	END
	restore
	finish
}
