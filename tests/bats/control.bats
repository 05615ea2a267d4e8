#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# The files of the root: control, features, log; rights and mount options.
# shellcheck disable=SC2154,SC2314

load helpers

# What descriptor 8, once it is open, has not read of the log yet: the log keeps
# its last lines only, so that all of them are no measure.
new_log_lines() { wc -l <&8; }

# control takes the bytes that printf makes of $1 in one write.
write_bytes()
{
	# shellcheck disable=SC2059
	printf "$1" >"$BATS_TEST_TMPDIR/bytes"
	dd if="$BATS_TEST_TMPDIR/bytes" of="$MNT/control" bs=1M status=none
}

# Runs a python program with the functions of os at hand.
python() { python3 -c "from os import *; import sys, time, select; $1" "${@:2}"; }

@test "control lists a container with its state" {
	start plain
	ctl freeze web "pid=$pid" timeout=500
	[[ $(<"$MNT/control") =~ ^web\ frozen\ pid=$pid\ tasks=1\ objects=[0-9]+\ bytes=[0-9]+\ timeout=(500|4[0-9][0-9])\ pause=[1-9][0-9]*$ ]]
	ctl commit web
	[[ $(<"$MNT/control") =~ ^web\ committed\ pid=$pid\ tasks=1\ .*\ timeout=0\ pause=[1-9][0-9]*$ ]]
	ctl remove web
	[ -z "$(<"$MNT/control")" ]
	finish
}

@test "a wrong command is refused, said in one line of the log, and changes nothing" {
	local errno command

	start plain
	ctl freeze web "pid=$pid" timeout=0
	exec 8<"$MNT/log"
	new_log_lines
	while IFS=: read -r errno command; do
		echo "$command"
		refused "$errno" ctl "$command"
		[ "$(new_log_lines)" = 1 ]
		[ "$(ls "$MNT")" = $'control\nfeatures\nlog\nrestore\nweb\nweb.tar' ]
	done <<-EOF
		EINVAL:
		EINVAL:nonsense
		EINVAL:Freeze a pid=$pid
		EINVAL:freeze
		EINVAL:freeze a
		EINVAL:freeze a pid
		EINVAL:freeze a pid=
		EINVAL:freeze a pid=0
		EINVAL:freeze a pid=-1
		EINVAL:freeze a pid=+$pid
		EINVAL:freeze a pid=0x10
		EINVAL:freeze a pid=99999999999999999999
		EINVAL:freeze a pid=$pid hold=1
		EINVAL:commit web hold=1
		EINVAL:commit web kill hold=
		EINVAL:commit web kill hold=604801
		EINVAL:snapshot a pid=$pid hold=1
		ESRCH:freeze a pid=4194303
		EINVAL:freeze a pid=$pid pid=$pid
		EINVAL:freeze a pid=$pid nonsense
		EINVAL:freeze a pid=$pid kill
		EINVAL:freeze a pid=$pid since=web
		EINVAL:freeze a cgroup=no/slash
		EINVAL:freeze a pid=$pid timeout=
		EINVAL:freeze a pid=$pid timeout=x
		EINVAL:freeze a pid=$pid timeout=604801
		EINVAL:freeze a pid=$pid timeout=5 timeout=5
		EINVAL:freeze a/b pid=$pid
		EINVAL:freeze a.tar pid=$pid
		EINVAL:freeze control pid=$pid
		EINVAL:freeze features pid=$pid
		EINVAL:freeze log pid=$pid
		EINVAL:freeze restore pid=$pid
		EINVAL:freeze $(printf 'n%.0s' {1..64}) pid=$pid
		EEXIST:freeze web pid=$pid
		EBUSY:snapshot a pid=$pid since=web
		ENOENT:snapshot a pid=$pid since=none
		EINVAL:snapshot a pid=$pid since=
		EINVAL:snapshot a pid=$pid since=a/b
		EINVAL:snapshot a pid=$pid since=web since=web
		EINVAL:snapshot a pid=$pid timeout=5
		EINVAL:snapshot a
		EINVAL:commit
		EINVAL:commit web web
		EINVAL:commit web kill kill
		EINVAL:commit web killed
		ENOENT:commit a
		EINVAL:thaw web now
		ENOENT:thaw a
		EINVAL:remove web kill
		ENOENT:remove a
	EOF
	exec 8<&-
	ctl thaw web
	finish
}

@test "a command is one line of text of limited length" {
	start plain
	ctl freeze web "pid=$pid" timeout=0
	refused EINVAL write_bytes 'thaw web\0'
	refused EINVAL write_bytes 'thaw web\nthaw web\n'
	refused EINVAL write_bytes 'thaw web\n\n'
	refused EINVAL write_bytes "thaw web$(head -c 20000 /dev/zero | tr "\0" " ")"
	[ -d "$MNT/web" ]
	write_bytes ' thaw\t web '
	[ ! -e "$MNT/web" ]
	finish
}

@test "a container is committed once, and thawed only while it is frozen" {
	start plain
	ctl snapshot web "pid=$pid"
	refused EBUSY ctl commit web
	refused EBUSY ctl thaw web
	ctl remove web
	finish
}

@test "a container thaws by itself when its time-out is over" {
	start plain
	ctl freeze web "pid=$pid" timeout=1
	until_true test ! -e "$MNT/web"
	grep -q '^web: thawed, because' "$MNT/log"
	finish
}

@test "a committed container outlives its time-out" {
	start plain
	# The commit has to be there before it is over.
	ctl freeze web "pid=$pid" timeout=5
	ctl commit web
	start_command sleep 6
	until_gone "$pid"
	[ -d "$MNT/web" ]
}

@test "what cannot be frozen runs on, and every obstacle is named" {
	start_command python3 -c '
import os, time
os.pidfd_open(1)
os.open("/dev/kmsg", os.O_RDONLY)
print("ready", flush=True)
time.sleep(1000)'
	until_true grep -qx ready "$out"
	refused EOPNOTSUPP ctl freeze web "pid=$pid" timeout=0
	[ "$(tail -n 2 "$MNT/log" | grep -c "^task $pid ([^)]*) fd .* cannot be saved")" = 2 ]
	[ ! -e "$MNT/web" ]
	[ -z "$(<"$MNT/control")" ]
	kill -TERM "$pid"
	until_gone "$pid"
}

@test "a caller inside of the container is refused" {
	refused EDEADLK ctl freeze web "pid=$$"
	[ ! -e "$MNT/web" ]
}

@test "a task that another mount holds is refused" {
	local other=$BATS_TEST_TMPDIR/other

	mkdir "$other"
	mount -t checkpointfs none "$other"
	start plain
	ctl freeze web "pid=$pid" timeout=0
	refused EBUSY bash -c "echo freeze web pid=$pid >$other/control"
	[ ! -e "$other/web" ]
	grep -q "^task $pid: is held by another container" "$other/log"
	ctl thaw web
	finish
}

@test "umount thaws what the mount holds" {
	local other=$BATS_TEST_TMPDIR/other

	mkdir "$other"
	mount -t checkpointfs none "$other"
	start plain
	echo "freeze web pid=$pid timeout=0" >"$other/control"
	cat "$other/web.tar" >/dev/null
	umount "$other"
	finish
}

@test "log goes on from where its reader is, and poll waits for a new line" {
	python '
log = open("/mnt/log", O_RDONLY)
lseek(log, 0, SEEK_END)
poll = select.poll()
poll.register(log, select.POLLIN | select.POLLPRI)
assert not poll.poll(0)
assert read(log, 100) == b""
if not fork():
    time.sleep(0.2)
    try: write(open("/mnt/control", O_WRONLY), b"nonsense\x01")
    except OSError: pass
    _exit(0)
assert poll.poll()
assert read(log, 100) == b"control: \x27nonsense?\x27 is not a command\n"
assert not poll.poll(0)
wait()'
}

@test "log keeps whole lines, the newest last" {
	python '
control = open("/mnt/control", O_WRONLY)
for i in range(4000):
    try: write(control, b"nonsense%d" % i)
    except OSError: pass
log = open("/mnt/log", O_RDONLY)
lines = b""
while True:
    piece = read(log, 777)
    if not piece: break
    lines += piece
lines = lines.split(b"\n")
assert lines.pop() == b""
assert len(lines) > 1000
for i, line in enumerate(lines):
    assert line == b"control: \x27nonsense%d\x27 is not a command" % (4000 - len(lines) + i)'
}

@test "features has a line for everything, with its state" {
	local bad

	bad=$(grep -cvE '^[A-Za-z0-9_-]+ (yes|no|partial \(.+\))$' "$MNT/features" || :)
	[ "$bad" = 0 ]
	grep -qx 'pages yes' "$MNT/features"
	grep -qx 'io_uring no' "$MNT/features"
	[ "$(grep -cE '^(registers|mappings|O_PATH|unix-socket-state) partial ' "$MNT/features")" = 4 ]
	[ -z "$(cut -d ' ' -f 1 "$MNT/features" | sort | uniq -d)" ]
}

@test "features and log cannot be written" {
	refused EACCES bash -c "echo >$MNT/log"
	refused EACCES bash -c "echo >$MNT/features"
}

@test "mount options say who owns the root and who may do what" {
	local other=$BATS_TEST_TMPDIR/other

	mkdir "$other"
	mount -t checkpointfs -o uid=1,gid=2,mode=750,stage_max=1M,checksum=all none "$other"
	[ "$(stat -c '%u %g %a' "$other")" = '1 2 750' ]
	[ "$(stat -c '%u %g %a' "$other/control")" = '1 2 640' ]
	[ "$(stat -c '%u %g %a' "$other/log")" = '1 2 440' ]
	grep " $other checkpointfs .*uid=1,gid=2,mode=750,stage_max=1048576,checksum=all" /proc/mounts
	mount -o remount,stage_max=2G "$other"
	grep " $other checkpointfs .*mode=750,stage_max=2147483648,checksum=all" /proc/mounts
	! mount -o remount,mode=777 "$other" || false
	[ "$(stat -f -c %t "$other")" = 434b5054 ]
}

@test "wrong mount options are refused" {
	local option

	for option in mode=4755 mode=9 stage_max= stage_max=1x stage_max=kk \
		stage_max=99999999999999999999 stage_max=99999999999G \
		checksum=none checksum uid=x nonsense; do
		echo "$option"
		if mount -t checkpointfs -o "$option" none "$BATS_TEST_TMPDIR"; then
			umount "$BATS_TEST_TMPDIR"
			return 1
		fi
	done
}

as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }

@test "another user can neither freeze nor command what is not his" {
	local other=/tmp/of-all

	# bats' own directories are closed to others.
	mkdir -p "$other"
	mount -t checkpointfs -o mode=1777 none "$other"
	start plain
	refused EPERM as_nobody bash -c "echo freeze web pid=$pid >$other/control"
	echo "freeze web pid=$pid" >"$other/control"
	refused EPERM as_nobody bash -c "echo thaw web >$other/control"
	refused EPERM as_nobody bash -c "echo commit web kill >$other/control"
	refused EPERM as_nobody bash -c "echo remove web >$other/control"
	refused EPERM as_nobody rmdir "$other/web"
	refused EACCES as_nobody ls "$other/web"
	refused EACCES as_nobody cat "$other/web.tar"
	echo thaw web >"$other/control"
	finish
}

@test "who opened control does not borrow the rights of one who is made to write it" {
	local other=/tmp/of-all

	mkdir -p "$other"
	mount -t checkpointfs -o mode=777 none "$other"
	start plain
	echo "freeze web pid=$pid" >"$other/control"
	refused EPERM python '
import socket
root, user = socket.socketpair()
if not fork():
    setresgid(65534, 65534, 65534)
    setresuid(65534, 65534, 65534)
    socket.send_fds(user, [b"x"], [open(sys.argv[1], O_WRONLY)])
    _exit(0)
fd = socket.recv_fds(root, 1, 1)[1][0]
wait()
write(fd, b"thaw web")' "$other/control"
	[ -d "$other/web" ]
}
