#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "ptys keep what is in them, settings, numbers, and who has gone" {
	every_way pty
}

@test "a session keeps its terminal and what is in front, stopped or gone" {
	every_way terminal
}

@test "a terminal whose number is taken is refused with EBUSY, and leaves nothing" {
	start pty
	save
	before=$(ls /dev/pts)
	exec 7<>/dev/ptmx
	refused EBUSY restore
	grep -E 'ptys/[0-9]+: pts/0 is in use' "$MNT/log"
	exec 7<&-
	[ "$(ls /dev/pts)" = "$before" ]
	restore
	finish
}

# A program in python, and what is said when it is frozen, or its child: refuses 'program'
# self|child 'words' ERRNO.
refuses()
{
	local who

	start_command -r python3 -c "
import fcntl, os, pty, struct, time
from termios import *
m, s = pty.openpty()
$1
print('ready', flush=True)
time.sleep(1000)"
	ready
	who=$pid
	if [ "$2" = child ]; then
		# Both have done what they do after the fork.
		until_true are_ready 2
		who=$(pgrep -P "$pid")
	fi
	refused "$4" ctl freeze web "pid=$who"
	grep -E "task $who \\([^)]*\\) fd [0-9]+: $3" "$MNT/log"
}

@test "a terminal is refused by name with what it is not saved with" {
	refuses 'fcntl.ioctl(s, TIOCSETD, struct.pack("i", 27))' \
		self 'a terminal with a line discipline \(TIOCSETD\) cannot be saved' EOPNOTSUPP
	refuses 'fcntl.ioctl(s, TIOCSLCKTRMIOS, bytes([1] * 60))' \
		self 'a terminal with locked settings \(TIOCSLCKTRMIOS\) cannot be saved' EOPNOTSUPP
	# TIOCVHANGUP
	refuses 'fcntl.ioctl(m, 0x5437)' \
		self 'a ptmx that has been hung up cannot be saved' EOPNOTSUPP
	refuses 'os.open("/dev/ptmx", os.O_RDONLY)' \
		self 'a ptmx that is not open for both directions cannot be saved' EOPNOTSUPP
}

@test "a terminal that is shared with the outside is refused by name" {
	refuses 'os.close(s if os.fork() else m)' \
		child 'the other end of the terminal pts/[0-9]+ is outside of the container' EBUSY
	refuses 'o = os.open(os.ttyname(s), os.O_RDWR | os.O_NOCTTY); os.close(s if os.fork() else o)' \
		child 'the terminal pts/[0-9]+ is open outside of the container too' EBUSY
	refuses 'fcntl.ioctl(s, TIOCSCTTY, 0)
if os.fork(): os.close(m), os.close(s)' \
		child 'the terminal pts/[0-9]+ controls tasks outside of the container' EBUSY
}

# One thread reads into a page that never comes, and another one waits for its lock.
@test "a terminal whose locks are held outside is refused, and not waited for" {
	refuses 'if not os.fork(): os.close(s), print("ready", flush=True), time.sleep(1000)
import ctypes, mmap, select, threading
settings, writer = tcgetattr(s), []
def change():
    writer.append(threading.get_native_id())
    tcsetattr(s, TCSANOW, settings)
page = mmap.mmap(-1, 4096)
start = ctypes.addressof(ctypes.c_char.from_buffer(page))
# userfaultfd(O_NONBLOCK), UFFDIO_API, UFFDIO_REGISTER
faults = ctypes.CDLL(None).syscall(323, 2048)
fcntl.ioctl(faults, 0xc018aa3f, struct.pack("QQQ", 0xaa, 0, 0))
fcntl.ioctl(faults, 0xc020aa00, struct.pack("QQQQ", start, 4096, 1, 0))
os.write(m, b"x" * 100 + b"\n")
threading.Thread(target=os.readv, args=(s, [page])).start()
select.select([faults], [], [])
threading.Thread(target=change).start()
while not writer or ") D " not in open(f"/proc/self/task/{writer[0]}/stat").read():
    time.sleep(0.01)' \
		child 'the terminal pts/[0-9]+ is open outside of the container too' EBUSY
}

# A terminal as script(1) or tmux(1) make it: they play it, a shell runs in it.
@test "a shell in a terminal of its own goes on with its jobs" {
	cat >"$BATS_TEST_TMPDIR/session.py" <<-'EOF'
		import os, pty, re, signal, time

		pid, terminal = pty.fork()
		if not pid:
		    signal.signal(signal.SIGINT, signal.SIG_DFL)
		    os.environ.update(PS1="$ ", TERM="dumb")
		    os.execvp("bash", ["bash", "--norc", "--noediting", "-i"])
		said = ""

		def expect(pattern):
		    global said
		    while not (found := re.search(pattern, said)):
		        said += os.read(terminal, 4096).decode()
		    said = said[found.end():]
		    return found

		def type(text):
		    os.write(terminal, text.encode())

		expect(r"\$ $")
		type("sleep 1000 & echo job $!\n")
		expect(r"job \d+\r\n\$ $")
		type("cat\n")
		type("typed\n")
		expect(r"typed\r\ntyped\r\n")
		type("\x1a")
		expect(r"Stopped.*\r\n\$ $")
		# What led the job has ended.
		type("true | cat -n /dev/tty\n")
		type("first\n")
		expect("1\tfirst\r\n")
		job = os.tcgetpgrp(terminal)
		while os.path.exists(f"/proc/{job}"):
		    time.sleep(0.01)
		print("ready", flush=True)
		while not os.path.exists(os.environ["GO"]):
		    time.sleep(0.01)
		assert os.tcgetpgrp(terminal) == job
		type("second\n")
		expect("second\r\n.*2\tsecond\r\n")
		type("\x03")
		expect(r"\^C\r?\n.*\$ $")
		type("jobs\n")
		expect(r"\[1\]-? +Running +sleep 1000 &\r\n\[2\]\+ +Stopped +cat\r\n\$ $")
		type("fg\n")
		expect("cat\r\n")
		type("again\n")
		expect(r"again\r\nagain\r\n")
		type("\x04")
		expect(r"\$ $")
		type("kill %1; wait %1; echo status $?; tty\n")
		expect(r"status 143\r\n/dev/pts/\d+\r\n\$ $")
		type("exit\n")
		assert os.waitpid(pid, 0)[1] == 0
		print("passed", flush=True)
		os._exit(0)
	EOF
	start_command -r python3 "$BATS_TEST_TMPDIR/session.py"
	ready
	for _ in 1 2 3; do
		save
		restore
	done
	finish
}
