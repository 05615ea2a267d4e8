#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# Open files that stay outside: external=.
# shellcheck disable=SC2030,SC2031,SC2154

load helpers

# A server, which says "again" four times to whoever calls. What they say, one
# after the other, is in the files $story.1, $story.2 ...
serve()
{
	story=$BATS_TEST_TMPDIR/said
	python3 - "$story" 3>&- <<-'EOF' &
		import socket, sys, threading

		def hear(number, caller):
		    with caller, open(f"{sys.argv[1]}.{number}", "wb") as heard:
		        caller.sendall(b"again\n" * 4)
		        while data := caller.recv(100):
		            heard.write(data)
		            heard.flush()

		server = socket.create_server(("127.0.0.1", 0))
		number = 0
		with open(sys.argv[1] + ".port", "w") as port:
		    print(server.getsockname()[1], file=port)
		while True:
		    number += 1
		    threading.Thread(target=hear, args=(number, server.accept()[0]), daemon=True).start()
	EOF
	server=$!
	until_true test -s "$story.port"
	port=$(<"$story.port")
}

teardown_server()
{
	kill "$server"
	wait "$server" || :
}

# Saves the program without its connection, and kills it.
save_without()
{
	local child
	child=$(pgrep -P "$pid")

	image=$BATS_TEST_TMPDIR/web.tar
	ctl "$@" web "pid=$pid" "external=$pid:5"
	tar -C "$MNT" -cf "$image" web
	if [ "$1" = freeze ]; then ctl commit web kill; else kill -KILL "$pid" "$child"; fi
	until_gone "$pid" "$child"
	ctl remove web
}

told() { [ "$(cat "$story.$1")" = $'child\nparent' ]; }
heard() { until_true told "$1"; }

# Gives the lines and an archive.
restore_with()
{
	{ printf '%s\n' "$@"; cat "$image"; } >"$MNT/restore/commit"
}

@test "a connection to outside is left out, and replaced, wherever the program has it" {
	serve
	start external "$port"
	finish
	heard 1
	start external "$port"
	save_without freeze
	restore_with "external=$pid:5=7" 7<>"/dev/tcp/127.0.0.1/$port"
	finish
	heard 3
	start external "$port"
	save_without snapshot
	tar -C "$MNT/restore" -xf "$image"
	echo "web external=$pid:5=8" >"$MNT/restore/commit" 8<>"/dev/tcp/127.0.0.1/$port"
	finish
	heard 5
	teardown_server
}

@test "the tools leave out and replace what they are told to" {
	serve
	start external "$port"
	image=$BATS_TEST_TMPDIR/web.tar
	ckpt save --external "$pid:5" -o "$image" --kill "$pid"
	until_gone "$pid"
	ckpt check "$image"
	ckpt show "$image" | grep -q 'external'
	ckpt restore --external "$pid:5=9" "$image" 9<>"/dev/tcp/127.0.0.1/$port"
	finish
	heard 2
	teardown_server
}

@test "a program moves from a shell's terminal to that of another, in the foreground" {
	python3 - "$BATS_TEST_TMPDIR/web.tar" 3>&- <<-'EOF'
		import os, pty, re, subprocess, sys

		class Shell:
		    def __init__(self):
		        self.pid, self.tty = pty.fork()
		        if not self.pid:
		            os.environ.update(PS1="> ", TERM="dumb")
		            os.closerange(3, 256)
		            os.execlp("bash", "bash", "--norc", "--noediting", "-i")
		        self.expect(r"> ")

		    def expect(self, pattern):
		        seen = ""
		        while not (found := re.search(pattern, seen)):
		            seen += os.read(self.tty, 4096).decode()
		            print(repr(seen), flush=True)
		        return found

		    def type(self, text):
		        os.write(self.tty, text.encode())

		    def end(self):
		        self.type("exit\n")
		        os.waitpid(self.pid, 0)

		def terminal(pid):
		    with open(f"/proc/{pid}/stat") as stat:
		        return stat.read().rpartition(")")[2].split()[4]

		image = sys.argv[1]
		first, second = Shell(), Shell()
		first.type("sh -c 'echo pid=$$; while read line; do echo got-$line; done; exit 7'\n")
		pid = first.expect(r"pid=(\d+)\r").group(1)
		first.type("one\n")
		first.expect("got-one")
		subprocess.run(["ckpt", "save", "--kill", "--external", pid + ":0", "-o", image, pid],
		               check=True)
		first.expect("Killed")
		second.type(f"ckpt restore --wait --external {pid}:0=0 {image}\n")
		second.expect(r"\n" + pid)
		second.type("two\n")
		second.expect("got-two")
		assert terminal(pid) == terminal(second.pid) != terminal(first.pid)
		second.type("\x1a")
		second.expect("Stopped(.|\n)*> ")
		second.type("bg\n")
		second.expect("ckpt(.|\n)*> ")
		# It reads, and is stopped for it: fg tells it to go on when the shell knows.
		stopped = False
		while not stopped:
		    second.type("jobs\n")
		    stopped = second.expect(r"jobs\r\n\[1\]\+ +(\w+)(.|\n)*> ").group(1) == "Stopped"
		second.type("fg\n")
		second.type("three\n")
		second.expect("got-three")
		second.type("\x04")
		second.expect("> ")
		second.type("echo status-$?\n")
		second.expect("status-7")
		first.end()
		second.end()
	EOF
}

@test "edge-triggered events are told of what takes a file's place" {
	serve
	start_command -r python3 -c '
import os, select, socket, sys, time
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
os.dup2(s.fileno(), 5)
epoll = select.epoll()
epoll.register(5, select.EPOLLIN | select.EPOLLOUT | select.EPOLLET)
os.set_blocking(5, False)
said = b""
def hear(until):
    global said
    while len(said) < until:
        epoll.poll()
        try:
            said += os.read(5, 100)
        except BlockingIOError:
            pass
hear(24)
print("ready", flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.05)
hear(48)
assert not os.get_blocking(5)
print("passed", flush=True)' "$port"
	image=$BATS_TEST_TMPDIR/web.tar
	ckpt save --kill --external "$pid:5" -o "$image" "$pid"
	until_gone "$pid"
	restore_with "external=$pid:5=7" 7<>"/dev/tcp/127.0.0.1/$port"
	finish
	teardown_server
}

@test "what is wrong with external= is refused, and nothing is left" {
	local args

	serve
	start external "$port"
	for args in 5 "$pid" "$pid:" ":5" "$pid:x" "$pid:5=7" "0:5" "$pid:-1" "$pid:4294967296"; do
		refused EINVAL ctl freeze web "pid=$pid" "external=$args"
	done
	refused EINVAL ctl thaw web "external=$pid:5"
	refused EBADF ctl freeze web "pid=$pid" "external=$pid:99"
	refused EBADF ctl freeze web "pid=$pid" "external=$$:1"
	refused EINVAL ctl freeze web "pid=$pid" "external=$pid:5" "external=$pid:20"
	tail -n 1 "$MNT/log" | grep -qx "web: external=$pid:20 is the same open file as external=$pid:5"
	save_without freeze
	refused EBADF restore
	tail -n 1 "$MNT/log" |
		grep -Eqx "web: external=$pid:5=NUMBER is missing, for what was socket:\[[0-9]+\]"
	for args in "" "$pid" "$pid:5" "$pid:5=" "$pid:5=x" "5=7"; do
		refused EINVAL restore_with "external=$args"
	done
	refused EINVAL restore_with "external=$pid:5=1" "external=$pid:5=2"
	refused EINVAL restore_with "external=$pid:5=7" "external=$pid:6=7" 7<>"/dev/tcp/127.0.0.1/$port"
	refused EBADF restore_with "external=$pid:5=77"
	refused EACCES restore_with "external=$pid:5=7" 7</dev/null
	refused EACCES restore_with "external=$pid:5=7" 7>/dev/null
	gone "$pid"
	restore_with "external=$pid:5=7" 7<>"/dev/tcp/127.0.0.1/$port"
	finish
	teardown_server
}

@test "what a program has of an external file beside its descriptors is refused by name" {
	local what

	for what in mmap flock lockf notify setown socket; do
		start_command -r python3 -c '
import fcntl, mmap, os, sys, time
fd = os.open(sys.argv[2], os.O_RDWR | os.O_CREAT)
os.truncate(fd, 4096)
os.dup2(fd, 50)
os.close(fd)
if sys.argv[1] == "mmap":
    kept = mmap.mmap(50, 4096)
elif sys.argv[1] == "flock":
    fcntl.flock(50, fcntl.LOCK_SH)
elif sys.argv[1] == "lockf":
    fcntl.lockf(50, fcntl.LOCK_EX)
elif sys.argv[1] == "socket":
    import socket
    a, b = socket.socketpair()
    os.dup2(a.fileno(), 50)
    a.close()
    b.close()
    fcntl.fcntl(50, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(50, 10, 40)  # F_SETSIG
elif sys.argv[1] == "notify":
    fd = os.open("/", os.O_RDONLY)
    os.dup2(fd, 50)
    os.close(fd)
    fcntl.fcntl(50, fcntl.F_NOTIFY, fcntl.DN_CREATE)
    fcntl.fcntl(50, fcntl.F_SETOWN, 0)
else:
    fcntl.fcntl(50, fcntl.F_SETOWN, os.getpid())
print("ready", flush=True)
time.sleep(10000)' "$what" "$BATS_TEST_TMPDIR/file"
		refused EOPNOTSUPP ctl freeze web "pid=$pid" "external=$pid:50"
		case $what in
		mmap) set -- "task $pid: mapping [0-9a-f-]+: an external file cannot be saved" ;;
		notify) set -- "task $pid \(python3\) fd 50: signals on events \(F_NOTIFY\) of an external file cannot be saved" ;;
		*lock*) set -- "task $pid \(python3\) fd 50: locks of an external file cannot be saved" ;;
		*) set -- "task $pid \(python3\) fd 50: an owner \(F_SETOWN\) of an external file cannot be saved" ;;
		esac
		tail -n 1 "$MNT/log" | grep -Eqx "$1"
		kill -KILL "$pid"
		until_gone "$pid"
	done
}

# What each of those has who talks to a UNIX socket at the path $story.socket.
unix_prelude='
import os, select, socket, sys
def connect(kind, path):
    s = socket.socket(socket.AF_UNIX, getattr(socket, "SOCK_" + kind))
    if kind == "DGRAM":
        s.bind(f"{path}.{os.getpid()}")
    s.connect(path)
    return s
def ask(s, text):
    s.send(text)
    heard = s.recv(100)
    assert heard == b"heard " + text, heard'

# A server of the kind $1, which notes what it hears in $story.
serve_unix()
{
	story=$BATS_TEST_TMPDIR/said-$1
	"$PROGRAMS/launch" -r "$story" python3 -c '
import os, socket, sys, threading
kind, path = sys.argv[1:]
def answer(hear, say):
    while text := hear():
        print(text.decode(), flush=True)
        say(b"heard " + text)
def serve(s):
    answer(lambda: s.recv(100), s.send)
server = socket.socket(socket.AF_UNIX, getattr(socket, "SOCK_" + kind))
server.bind(path)
if kind == "DGRAM":
    print("ready", flush=True)
    while True:
        text, caller = server.recvfrom(100)
        answer(iter([text, b""]).__next__, lambda words: server.sendto(words, caller))
server.listen()
print("ready", flush=True)
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()' \
		"$1" "$story.socket"
	read -r server <"$story.pid"
	grep -qx ready "$story"
}

# A program that talks to it by fd 50, by a copy that an epoll watches, by a child, and by
# one in flight.
start_unix()
{
	start_command -r python3 -c "$unix_prelude"'
import time
kind, path = sys.argv[1:]
s = connect(kind, path)
os.dup2(s.fileno(), 50)
os.dup2(50, 51)
s.close()
s = socket.socket(fileno=50)
ask(s, b"before")
left, right = socket.socketpair()
socket.send_fds(left, [b"x"], [50])
epoll = select.epoll()
epoll.register(51, select.EPOLLIN)
child = os.fork()
if not child:
    while not os.path.exists(os.environ["GO"]):
        time.sleep(0.01)
    ask(s, b"child")
    os._exit(0)
print("ready", flush=True)
assert os.waitpid(child, 0)[1] == 0
again = socket.socket(fileno=socket.recv_fds(right, 1, 1)[1][0])
assert again.type == getattr(socket, "SOCK_" + kind)
again.send(b"flight")
assert epoll.poll() == [(51, select.EPOLLIN)]
assert os.read(51, 100) == b"heard flight"
print("passed", flush=True)' "$1" "$story.socket"
	ready
}

# Restores it with a socket that is connected anew, for its fd $2.
restore_unix()
{
	python3 -c "$unix_prelude"'
kind, path, image, name = sys.argv[1:]
s = connect(kind, path)
os.dup2(s.fileno(), 7)
with open(image, "rb") as archive, open("/mnt/restore/commit", "wb") as commit:
    commit.write(b"external=%s=7\n" % name.encode() + archive.read())' \
		"$1" "$story.socket" "$image" "$pid:$2"
}

@test "a unix socket of any type with its peer outside is left out, and replaced" {
	local kind errno

	for kind in STREAM DGRAM SEQPACKET; do
		serve_unix "$kind"
		start_unix "$kind"
		# What is connected has the credentials of its peer.
		errno=EOPNOTSUPP
		[ $kind != DGRAM ] || errno=EBUSY
		refused $errno ctl freeze web "pid=$pid"
		grep -E "task $pid \([^)]*\) fd 50: a unix socket is connected to one outside of the container" \
			"$MNT/log"
		ctl freeze web "pid=$pid" "external=$pid:50"
		ctl thaw web
		image=$BATS_TEST_TMPDIR/web.tar
		ctl snapshot web "pid=$pid" "external=$pid:51" kill
		until_all_gone
		cat "$MNT/web.tar" >"$image"
		ctl remove web
		# By the name that it was left out by, and by no other of it.
		refused EBADF restore
		refused EBADF restore_unix "$kind" 50
		grep "external=$pid:51=NUMBER is missing" "$MNT/log"
		restore_unix "$kind" 51
		finish
		printf '%s\n' ready before child flight | cmp - "$story"
		kill "$server"
		until_gone "$server"
	done
}

@test "one end of what is all inside cannot be left out alone" {
	start_command -r python3 -c '
import os, pty, socket, sys, time
a, b = socket.socketpair()
os.dup2(a.fileno(), 50)
a.close()
r, w = os.pipe()
os.dup2(r, 51)
os.close(r)
m, s = pty.openpty()
os.dup2(m, 52)
os.close(m)
listener = socket.create_server(("127.0.0.1", 0))
t = socket.create_connection(listener.getsockname())
c, _ = listener.accept()
os.dup2(t.fileno(), 53)
t.close()
print("ready", flush=True)
time.sleep(10000)'
	ready
	refused EBUSY ctl freeze web "pid=$pid" "external=$pid:50"
	grep 'a unix socket is connected to one outside of the container' "$MNT/log"
	refused EBUSY ctl freeze web "pid=$pid" "external=$pid:51"
	grep 'the pipe is open outside of the container too' "$MNT/log"
	refused EBUSY ctl freeze web "pid=$pid" "external=$pid:52"
	grep 'the other end of the terminal .* is outside of the container' "$MNT/log"
	kill "$pid"
	until_gone "$pid"
}
