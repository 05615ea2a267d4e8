#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
#
# Every kind of open file that is not saved, and everything an open file may
# carry that is not, is refused by name; and the program goes on. More descriptors than
# an image can have are not among them: they would be as many as the kernel allows.

load helpers

# refuses KIND 'words' [ERRNO]: what the log says after the task's name.
refuses()
{
	local kind=$1 words=$2 errno=${3:-EOPNOTSUPP}

	start_if_possible unsupported "$kind" "$BATS_TEST_TMPDIR"
	refused "$errno" ctl freeze web "pid=$pid"
	grep -E "task $pid( [^:]*)?: $words" "$MNT/log"
	[ ! -e "$MNT/web" ]
	finish
}

# A filesystem at $disk, on a disk in a filesystem at $small that has no room for all of it.
mount_ext4()
{
	small=$BATS_TEST_TMPDIR/small disk=$BATS_TEST_TMPDIR/disk
	mkdir "$small" "$disk"
	mount -t tmpfs -o size=2M none "$small"
	truncate -s 8M "$small/disk"
	[ -e /dev/loop-control ] || modprobe loop
	busybox mke2fs -F "$small/disk" >/dev/null
	mount -t ext4 -o loop "$small/disk" "$disk"
}

@test "a watch (inotify) of what has no name is refused" {
	refuses inotify 'watch 1 of inode [0-9]* \(tmpfs\), to which no path is known, cannot be saved'
}
@test "a fanotify permission event is refused, read or not" {
	refuses fanotify_question 'a fanotify permission event that waits for an answer cannot be saved'
	refuses fanotify_answer 'a fanotify permission event that waits for an answer cannot be saved'
}
@test "a task that waits for the program's answer, and cannot be stopped, is named" {
	start_if_possible unsupported fanotify_inside "$BATS_TEST_TMPDIR"
	refused ETIMEDOUT ctl freeze web "pid=$pid"
	grep -E 'task [0-9]+: did not stop within [0-9]+ s' "$MNT/log"
	[ ! -e "$MNT/web" ]
	finish
}
@test "a fanotify event of a file that is there no more is refused" {
	refuses fanotify_deleted '.*plain \(deleted\) cannot be saved'
	grep -q "task $pid ([^)]*) fd 3, an event (fanotify): " "$MNT/log"
}
@test "a mark (fanotify) of what has no name is refused" {
	refuses fanotify_nowhere 'a mark \(fanotify\) of inode [0-9]* \(tmpfs\), to which no path is known, cannot be saved'
}
@test "a fanotify event of an error of a filesystem is refused, but nothing that may tell of one" {
	local device

	mount_ext4
	start unsupported fanotify_error "$disk"
	save
	restore
	device=$(findmnt -n -o SOURCE "$disk")
	echo 1 >"/sys/fs/ext4/${device##*/}/trigger_fs_error"
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep "fd 3: a fanotify event of an error of a filesystem cannot be saved" "$MNT/log"
	finish
	umount "$disk"
	umount "$small"
}
@test "a fanotify event with a pidfd of a task outside is refused" {
	refuses fanotify_pidfd 'a fanotify event with a pidfd of a task outside of the container cannot be saved'
}
@test "out-of-band data is refused by name" { refuses socket 'out-of-band data cannot be saved'; }
@test "a packet socket of an old type is refused by name" {
	refuses packet 'a packet socket of SOCK_PACKET cannot be saved'
}
@test "a netlink socket of some protocols is refused by name" { refuses netlink 'a netlink socket of .* cannot be saved'; }
@test "another device is refused by number" { refuses kmsg 'device 1:11 cannot be saved'; }
@test "io_uring is refused by name" { refuses uring 'io_uring cannot be saved'; }
@test "memfd_secret is refused by name" { refuses secret 'memfd_secret cannot be saved'; }
@test "a pidfd of a task outside is refused by name" {
	refuses pidfd 'a pidfd of a task outside of the container cannot be saved'
}
@test "what an epoll watches is refused by name" {
	refuses epoll 'perf_event cannot be saved'
	grep -q "task $pid ([^)]*) fd 3, watching fd 4: perf_event cannot be saved" "$MNT/log"
}
@test "perf is refused by name" { refuses perf 'perf_event cannot be saved'; }
@test "a notification pipe is refused by name" { refuses notification_pipe 'a notification pipe cannot be saved'; }
@test "a namespace that is not the container's is refused" {
	refuses namespace 'a uts namespace that is not the container.s cannot be saved'
}
@test "a namespace opened where it is mounted is refused" {
	refuses namespace_mounted 'a uts namespace opened where it is mounted cannot be saved'
	umount "$BATS_TEST_TMPDIR/namespace"
}

@test "a file of proc that is not of those that are saved is refused" {
	refuses proc '.*kallsyms \(proc\) cannot be saved'
}
@test "a directory of proc of a task outside is refused" {
	refuses procdir '.*1 \(proc, of a task outside of the container\) cannot be saved'
}
@test "a file of checkpointfs is refused" { refuses own '.*log \(checkpointfs\) cannot be saved'; }
@test "a deleted file with extended attributes is refused" {
	refuses deleted_xattr '.*victim \(deleted, with extended attributes\) cannot be saved'
}
@test "a deleted file whose directory a mount hides is refused" {
	refuses deleted_hidden '.*below \(leads to another file\) cannot be saved'
	umount "$BATS_TEST_TMPDIR/below"
}
@test "a deleted directory with extended attributes is refused" {
	refuses deleted_dir '.*victims \(deleted, with extended attributes\) cannot be saved'
}
@test "a deleted working directory with extended attributes is refused" {
	refuses deleted_cwd '.*victims \(deleted, with extended attributes\) cannot be saved'
	grep -q "task $pid ([^)]*) working directory: " "$MNT/log"
}
@test "a working directory in proc is refused" { refuses proc_cwd '.* \(proc\) cannot be saved'; }
@test "a deleted fifo with extended attributes is refused" {
	refuses deleted_fifo '.*victim \(deleted, with extended attributes\) cannot be saved'
}
@test "a deleted directory of a cgroup is refused" {
	local group=/sys/fs/cgroup/refusals

	mkdir "$group"
	# shellcheck disable=SC2016
	start_command -r bash -c 'exec 5<"$1"; rmdir "$1"; echo ready
		while [ ! -e "$GO" ]; do sleep 0.05; done; echo passed' bash "$group"
	ready
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep "task $pid (bash) fd 5: .*refusals (deleted) cannot be saved" "$MNT/log"
	finish
}
@test "a file whose other name is not known is refused" {
	disk=$(mktemp -d /var/tmp/refusals.XXXXXX)
	start unsupported replaced "$disk"
	# A freeze would know of it as long as nobody has forgotten it.
	echo 2 >/proc/sys/vm/drop_caches
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep "task $pid ([^)]*) fd 3: .*victim (deleted) cannot be saved" "$MNT/log"
	finish
	rm -r "$disk"
}
@test "a file that a mount hides is refused" {
	refuses hidden '.*file \(leads to another file\) cannot be saved'
	umount "$BATS_TEST_TMPDIR/below"
}

@test "a deleted file that is open by two names is refused" {
	refuses two_names '.* \(deleted, open by two names\) cannot be saved'
}
@test "a memfd that is mapped from before and from after it was sealed is refused" {
	refuses memfd_sealed 'mapping [0-9a-f-]*: a limit to its protection cannot be saved'
}
@test "a memfd with extended attributes is refused" {
	refuses memfd_xattr 'extended attributes of a memfd cannot be saved'
}
@test "a memfd that is open for writing only is refused" {
	refuses memfd_writer 'a memfd that is first found open for writing only cannot be saved'
}
@test "an eventfd that has overflowed is refused" {
	refuses eventfd_overflow 'an eventfd that has overflowed cannot be saved'
}
@test "an eventfd that the kernel signals is refused" {
	refuses eventfd_signalled 'an eventfd that the kernel signals cannot be saved'
}
@test "a write error that nobody has been told of is refused" {
	mount_ext4
	start unsupported write_error "$disk"
	sync
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep "task $pid ([^)]*) fd 3: a write error not yet reported cannot be saved" "$MNT/log"
	finish
	umount "$disk"
	umount "$small"
}

@test "a deleted file with an exclusive lease is refused, and nobody is told" {
	refuses deleted_lease '.*\(deleted, with an exclusive lease\) cannot be saved'
}
@test "an owner outside of the container is refused" {
	refuses owner 'an owner \(F_SETOWN\) outside of the container cannot be saved'
}

@test "what belongs to somebody that the freezer has no id for is refused, and named" {
	# shellcheck disable=SC2016
	refused EOVERFLOW python3 -c '
import os, sys
os.closerange(3, 256)
file = os.memfd_create("of somebody")
os.fchown(file, 1000, 1000)
os.set_inheritable(file, True)
os.execvp("unshare", ["unshare", "-U", "-r", "bash", "-c", """
	setsid sleep 1000 </dev/null >/dev/null 2>&1 &
	exec %d>&-
	until [ "$(</proc/$!/comm)" = sleep ]; do :; done
	echo "freeze web pid=$!" >%s/control
	status=$?
	kill -KILL $!
	exit $status""" % (file, sys.argv[1])])' "$MNT"
	grep -x "web: memfd [0-9]* belongs to a user or group that you have no id for" "$MNT/log"
}

@test "all obstacles are named at once" {
	start_command -r python3 -c '
import os, socket, time
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, 253)
raw.setsockopt(socket.SOL_IP, 5, 1)
keep = [os.open("/dev/kmsg", 0), raw, os.pidfd_open(1),
        os.open("/proc/kallsyms", os.O_RDONLY)]
print("ready", flush=True)
time.sleep(1000)'
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	for words in device socket pidfd kallsyms; do
		grep "task $pid ([^)]*) fd [0-9]*: .*$words" "$MNT/log"
	done
}
