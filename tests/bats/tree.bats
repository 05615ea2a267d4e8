#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# The directory of a container, as those see it who look, read and remove.
# shellcheck disable=SC2002,SC2012,SC2154,SC2164

load helpers

freeze_plain()
{
	start plain
	ctl freeze web "pid=$pid" timeout=0
}

thaw_plain()
{
	ctl thaw web
	finish
}

@test "files are 0400, directories 0500, with the owner and time of the freeze" {
	local time

	freeze_plain
	[ -z "$(find "$MNT/web" -type f ! -perm 0400)" ]
	[ -z "$(find "$MNT/web" -type d ! -perm 0500)" ]
	[ -z "$(find "$MNT/web" ! -type f ! -type d)" ]
	[ -z "$(find "$MNT/web" ! -uid 0 -o ! -gid 0)" ]
	time=$(stat -c %y "$MNT/web")
	[ "$(find "$MNT/web" "$MNT/web.tar" -exec stat -c %y {} + | sort -u)" = "$time" ]
	thaw_plain
}

@test "a file has as many bytes as its size says, and blocks for them" {
	local file

	freeze_plain
	while read -r file; do
		[ "$(stat -c %s "$file")" = "$(wc -c <"$file")" ]
		(($(stat -c %b "$file") * 512 >= $(stat -c %s "$file")))
	done < <(find "$MNT/web" "$MNT/web.tar" -type f)
	thaw_plain
}

@test "a directory has as many links as directories in it" {
	local dir

	freeze_plain
	while read -r dir; do
		[ "$(stat -c %h "$dir")" = \
			"$(($(find "$dir" -mindepth 1 -maxdepth 1 -type d | wc -l) + 2))" ]
	done < <(find "$MNT" -path "$MNT/restore" -prune -o -type d -print)
	thaw_plain
}

@test "header and cpu come first, tail last, contents behind the records" {
	freeze_plain
	[ "$(ls -U "$MNT/web" | sed -n '1p;2p;$p' | xargs)" = 'header cpu tail' ]
	[ "$(ls -U "$MNT/web/mm/1" | tail -n 1)" = pages ]
	thaw_plain
}

@test "an inode number belongs to one file and stays with it" {
	local before

	freeze_plain
	before=$(find "$MNT" -printf '%i %p\n' | sort)
	[ -z "$(cut -d ' ' -f 1 <<<"$before" | uniq -d)" ]
	echo 2 >/proc/sys/vm/drop_caches
	[ "$(find "$MNT" -printf '%i %p\n' | sort)" = "$before" ]
	[ "$(ls -aiR "$MNT/web" | awk '/^ *[0-9]+ [a-z0-9]/ { print $1 }' | sort -u)" = \
		"$(find "$MNT/web" -mindepth 1 -printf '%i\n' | sort -u)" ]
	thaw_plain
}

@test "only the names that are there are found" {
	local name

	freeze_plain
	for name in web/0 web/tasks/0 "web/tasks/0$pid" "web/tasks/+$pid" web/tasks/1 \
		web/tasks/99999999999999999999 "web/tasks/$pid/nothing" web/task \
		web.ta web.tar.tar web.tarr .tar "$(printf 'n%.0s' {1..64})" \
		"$(printf 'n%.0s' {1..255})"; do
		[ ! -e "$MNT/$name" ]
	done
	[ -f "$MNT/web/tasks/$pid/task" ]
	thaw_plain
}

@test "nothing in a tree can be changed, and nothing made in the root" {
	local tail=$MNT/web/tail

	freeze_plain
	refused EACCES bash -c "echo >$tail"
	refused EACCES bash -c "echo >>$MNT/web.tar"
	refused EPERM rm "$tail"
	refused EPERM rm "$MNT/web.tar"
	refused EPERM rm "$MNT/control"
	refused EPERM rmdir "$MNT/web/tasks"
	refused EPERM rmdir "$MNT/restore"
	refused EPERM mv "$MNT/web" "$MNT/other"
	refused EPERM mv "$tail" "$MNT/web/other"
	refused EPERM chmod 600 "$tail"
	refused EPERM chown 1 "$MNT/web"
	refused EPERM touch -h -d 2000-01-01 "$tail"
	refused EPERM python3 -c "import os; os.truncate('$tail', 0)"
	refused EPERM mkdir "$MNT/other"
	refused EPERM mkdir "$MNT/web/other"
	refused EACCES touch "$MNT/other"
	refused EACCES touch "$MNT/web/other"
	refused EPERM ln -s / "$MNT/other"
	refused EPERM ln "$MNT/control" "$MNT/other"
	refused EEXIST mkdir "$MNT/web"
	thaw_plain
}

@test "a file reads the same at any offset, for several readers, and by sendfile" {
	freeze_plain
	python3 - "$MNT"/web/mm/1/* "$MNT"/web/tail "$MNT"/web.tar <<-'EOF'
		import os, random, sys, threading

		def whole(path):
		    with open(path, 'rb') as f:
		        return f.read()

		def check(path, bytes):
		    fd = os.open(path, os.O_RDONLY)
		    for i in range(200):
		        pos, n = random.randrange(len(bytes) + 99), random.randrange(70000)
		        assert os.pread(fd, n, pos) == bytes[pos:pos + n], (path, pos, n)
		    assert os.lseek(fd, -1, os.SEEK_END) == len(bytes) - 1
		    assert os.read(fd, 9) == bytes[-1:]
		    assert os.read(fd, 9) == b''
		    r, w = os.pipe()
		    pos = 0
		    while n := os.sendfile(w, fd, pos, 30000):
		        assert os.read(r, n) == bytes[pos:pos + n]
		        pos += n
		    assert pos == len(bytes)
		    for end in fd, r, w:
		        os.close(end)

		failed = []
		def reader(path, bytes):
		    try:
		        check(path, bytes)
		    except BaseException as e:
		        failed.append(e)

		for path in sys.argv[1:]:
		    bytes = whole(path)
		    threads = [threading.Thread(target=reader, args=(path, bytes)) for i in range(4)]
		    for t in threads: t.start()
		    for t in threads: t.join()
		if failed:
		    raise failed[0]
	EOF
	thaw_plain
}

@test "a reader whose buffer cannot be written gets EFAULT and what came before" {
	freeze_plain
	python3 - "$MNT/web/mm/1/pages" "$MNT/web.tar" "$MNT/web/tail" "$MNT/log" <<-'EOF'
		import ctypes, mmap, os, sys

		libc = ctypes.CDLL(None, use_errno=True)
		libc.mmap.restype = ctypes.c_void_p
		two = libc.mmap(None, ctypes.c_size_t(8192), 3, 0x22, -1, ctypes.c_long(0))
		libc.mprotect(ctypes.c_void_p(two + 4096), ctypes.c_size_t(4096), 0)
		for path in sys.argv[1:]:
		    size = len(open(path, 'rb').read())
		    fd = os.open(path, os.O_RDONLY)
		    n = libc.read(fd, ctypes.c_void_p(two + 4096), ctypes.c_size_t(4096))
		    assert size == 0 or (n == -1 and ctypes.get_errno() == 14), (path, n)
		    n = libc.read(fd, ctypes.c_void_p(two + 4000), ctypes.c_size_t(4096))
		    assert n == min(96, size), (path, n)
		    # The position in the log counts the lines that are gone, too.
		    at = os.lseek(fd, 0, os.SEEK_CUR)
		    assert at == n or (path.endswith('/log') and at > n), (path, n, at)
	EOF
	thaw_plain
}

@test "what is open of a thawed container is stale, and its name is free" {
	local file

	freeze_plain
	cd "$MNT/web/mm"
	exec 5<"$MNT/web/mm/1/pages" 6<"$MNT/web.tar" 7<"$MNT/web/header" 8<"$MNT/web"
	ctl thaw web
	for file in 5 6 7; do
		refused ESTALE bash -c "cat <&$file"
	done
	refused ESTALE ls .
	refused ESTALE cat 1/layout
	refused ESTALE stat -L /proc/self/fd/7
	[ ! -e "$MNT/web" ]
	[ ! -e "$MNT/web.tar" ]
	ctl freeze web "pid=$pid" timeout=0
	refused ESTALE bash -c 'cat <&7'
	cat "$MNT/web/header" >/dev/null
	exec 5<&- 6<&- 7<&- 8<&-
	cd /
	thaw_plain
}

@test "rmdir thaws a frozen container and removes a committed one" {
	start plain
	ctl freeze web "pid=$pid" timeout=0
	rmdir "$MNT/web"
	[ ! -e "$MNT/web" ]
	[ ! -e "$MNT/web.tar" ]
	ctl snapshot web "pid=$pid"
	rmdir "$MNT/web"
	[ "$(ls "$MNT")" = $'control\nfeatures\nlog\nrestore' ]
	finish
}

@test "a removed container is no longer mounted anywhere" {
	start plain
	ctl snapshot web "pid=$pid"
	mkdir "$BATS_TEST_TMPDIR/on"
	mount --bind "$BATS_TEST_TMPDIR/on" "$MNT/web/tasks"
	ctl remove web
	! grep -q "$MNT/web" /proc/self/mountinfo || false
	finish
}

@test "containers come and go under those who read and list" {
	start plain
	python3 - "$pid" <<-'EOF'
		import os, random, sys, time

		pid = sys.argv[1]
		names = ['a', 'b', 'c']
		end = time.time() + 8

		def command(text):
		    fd = os.open('/mnt/control', os.O_WRONLY)
		    try:
		        os.write(fd, text.encode())
		    finally:
		        os.close(fd)

		def walk():
		    for dir, dirs, files in os.walk('/mnt'):
		        for name in files:
		            if name == 'commit': continue
		            try:
		                with open(os.path.join(dir, name), 'rb') as f:
		                    while f.read(50000): pass
		            except OSError:
		                pass

		def drop():
		    with open('/proc/sys/vm/drop_caches', 'w') as f:
		        f.write('2')
		    time.sleep(0.1)

		work = [
		    lambda: command(f'freeze {random.choice(names)} pid={pid}'),
		    lambda: command(f'snapshot {random.choice(names)} pid={pid}'),
		    lambda: command(f'thaw {random.choice(names)}'),
		    lambda: command(f'commit {random.choice(names)}'),
		    lambda: command(f'remove {random.choice(names)}'),
		    lambda: os.rmdir(f'/mnt/{random.choice(names)}'),
		    lambda: open('/mnt/control').read(),
		    walk, walk, drop,
		]
		for job in work:
		    if not os.fork():
		        random.seed(os.getpid())
		        while time.time() < end:
		            try:
		                job()
		            except OSError:
		                pass
		        os._exit(0)
		for job in work:
		    os.wait()
	EOF
	for name in a b c; do
		rmdir "$MNT/$name" 2>/dev/null || :
	done
	[ -z "$(<"$MNT/control")" ]
	finish
}
