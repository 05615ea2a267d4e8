#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2034,SC2154
#
# Terminals that are no pair: the second serial line of the guest, which nobody has at its
# other end; its console; a virtual console.

load ../helpers

# Starts the program in python $1, which has the terminal $device as fd 50; $2 is what it does
# when it is told to go on. It leads a session.
start_on_line()
{
	local prelude="
import fcntl, os, signal, struct, termios, time
def open_line(path, flags):
    fd = os.open(path, flags)
    os.dup2(fd, 50)
    os.close(fd)
    return 50
line = open_line('${device:-/dev/ttyS1}', ${flags:-os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK})"

	start_python "$1" "${2-print('passed', flush=True)}"
}

@test "a serial line keeps its settings, what has come, and whose terminal it is" {
	every_way line
}

# A program that sets the speed of the line, and says in the end whether it is what it was.
start_fast()
{
	start_on_line '
settings = termios.tcgetattr(line)
settings[4] = settings[5] = termios.B38400
termios.tcsetattr(line, termios.TCSANOW, settings)' '
assert fcntl.fcntl(line, fcntl.F_GETFL) & os.O_NONBLOCK
print("as it was" if termios.tcgetattr(line)[4] == termios.B38400 else "changed")
print("passed", flush=True)'
}

@test "a line that others have open as well is left as it is" {
	local set when

	for when in never saved restored always; do
		case $when in saved | always) exec 7<>/dev/ttyS1 ;; esac
		start_fast
		save
		case $when in
		saved) exec 7<&- ;;
		restored) exec 7<>/dev/ttyS1 ;;
		esac
		stty -F /dev/ttyS1 4800
		set=$(stty -F /dev/ttyS1 -g)
		restore
		if [ $when = never ]; then
			finish
			grep -x 'as it was' "$out"
		else
			[ "$(stty -F /dev/ttyS1 -g)" = "$set" ]
			finish
			grep -x changed "$out"
		fi
		exec 7<&-
	done
}

@test "a line is found again by the number of its device, with the settings it had" {
	device=$BATS_TEST_TMPDIR/line
	mknod "$device" c 4 65
	start_fast
	save
	stty -F /dev/ttyS1 4800
	rm "$device"
	refused ENOENT restore
	mknod "$device" c 4 66
	refused ESTALE restore
	rm "$device"
	mkfifo "$device"
	refused ESTALE restore
	rm "$device"
	# A restore that has failed has set nothing.
	[ "$(stty -F /dev/ttyS1 speed)" = 4800 ]
	mknod "$device" c 4 65
	restore
	finish
	grep -x 'as it was' "$out"
}

@test "the console can be open, and is the line it leads to" {
	device=/dev/console flags='os.O_WRONLY | os.O_NOCTTY'
	start_on_line '' '
assert os.readlink("/proc/self/fd/50") == "/dev/console"
assert os.write(line, b"") == 0
print("passed", flush=True)'
	save_stream
	wrong_images <<-END
		ESTALE 'its path leads to another terminal' field ptys/ 91 16 4 66
	END
	restore
	finish
}

@test "what is typed for others takes a right, and so does a session of what cannot be read" {
	local -a without=(setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin)

	# Nothing else of it takes a right that is missing.
	start_command -r "${without[@]}" "$PROGRAMS/line"
	ready
	save
	# shellcheck disable=SC2016
	refused EPERM "${without[@]}" sh -c 'cat "$1" >/mnt/restore/commit' sh "$image"
	grep 'what is in it needs CAP_SYS_ADMIN' "$MNT/log"
	restore
	finish
	flags='os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK'
	start_on_line '
fcntl.ioctl(line, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
# PR_CAPBSET_DROP, capget(), capset()
import ctypes
libc, header, caps = ctypes.CDLL(None), struct.pack("Ii", 0x20080522, 0), bytearray(24)
buffer = (ctypes.c_char * 24).from_buffer(caps)
assert libc.prctl(24, 21, 0, 0, 0) == 0 and libc.syscall(125, header, buffer) == 0
for at in range(0, 12, 4):
    caps[at + 2] &= ~(1 << 5)
assert libc.syscall(126, header, buffer) == 0' '
assert os.tcgetpgrp(line) == os.getpgrp()
print("passed", flush=True)'
	save
	# shellcheck disable=SC2016
	refused EPERM "${without[@]}" sh -c 'cat "$1" >/mnt/restore/commit' sh "$image"
	grep 'to control a session it has to be readable' "$MNT/log"
	restore
	finish
}

# Whose program $1 cannot be saved: refuses PROGRAM WORDS [ERRNO].
refuses()
{
	start_on_line "$1"
	refused "${3:-EOPNOTSUPP}" ctl freeze web "pid=$pid"
	grep -E "$2" "$MNT/log"
	finish
}

@test "a line is refused by name with what it is not saved with" {
	# N_NULL
	refuses 'fcntl.ioctl(line, termios.TIOCSETD, struct.pack("i", 27))' \
		"task [0-9]+ \([^)]*\) fd 50: a terminal with a line discipline \(TIOCSETD\) cannot be saved"
	refuses 'fcntl.ioctl(line, 0x5457, bytes([1] * 60))' \
		"fd 50: a terminal with locked settings \(TIOCSLCKTRMIOS\) cannot be saved"
	# TIOCVHANGUP
	refuses 'fcntl.ioctl(line, 0x5437)' "fd 50: a line that has been hung up cannot be saved"
	refuses 'signal.signal(signal.SIGHUP, signal.SIG_IGN)
fcntl.ioctl(line, termios.TIOCSCTTY, 0)
by_name = os.open("/dev/tty", os.O_RDWR)
os.close(line)' "a terminal that is open by /dev/tty only cannot be saved"
	exec 7<>/dev/ttyS1
	refuses 'signal.signal(signal.SIGHUP, signal.SIG_IGN)
fcntl.ioctl(line, termios.TIOCSCTTY, 0)
os.close(line)' "controlling terminal: a terminal that nobody has open any more cannot be saved"
	exec 7<&-
}

@test "a virtual console is saved, and refused by name with what graphics do to it" {
	[ -e /dev/tty9 ] || skip "this kernel has no virtual consoles"
	device=/dev/tty9
	start_on_line '
settings = termios.tcgetattr(line)
settings[3] &= ~termios.ICANON & ~termios.ECHO
termios.tcsetattr(line, termios.TCSANOW, settings)
for byte in b"typed":
    fcntl.ioctl(line, termios.TIOCSTI, bytes([byte]))' '
assert termios.tcgetattr(line)[3] & (termios.ICANON | termios.ECHO) == 0
assert os.read(line, 100) == b"typed"
print("passed", flush=True)'
	save
	restore
	finish
	# KDSETMODE, VT_SETMODE, KDSKBMODE
	refuses 'fcntl.ioctl(line, 0x4b3a, 1)' 'fd 50: a virtual console in graphics mode'
	refuses 'fcntl.ioctl(line, 0x4b3a, 0)
fcntl.ioctl(line, 0x5602, struct.pack("bbhhh", 1, 0, 10, 12, 0))' \
		'fd 50: a virtual console that asks before it is left'
	refuses 'fcntl.ioctl(line, 0x5602, struct.pack("bbhhh", 0, 0, 0, 0, 0))
fcntl.ioctl(line, 0x4b45, 0)' 'fd 50: a virtual console with its keyboard in raw mode'
	start_on_line 'fcntl.ioctl(line, 0x4b45, 3)'
	save
	restore
	finish
}

# Starts who leads a session with a task that is init's child: $leader and $member.
start_session()
{
	start_command -r python3 -c '
import os, signal, time
signal.signal(signal.SIGHUP, signal.SIG_IGN)
line = os.open("/dev/ttyS1", os.O_RDWR | os.O_NONBLOCK)
if not os.fork():
    if os.fork():
        os._exit(0)
    '"$1"'
    print("member", os.getpid(), flush=True)
    os.close(1), os.close(2)
    time.sleep(10000)
os.wait()
'"$2"'
print("ready", flush=True)
time.sleep(10000)'
	leader=$pid
	until_true grep -q '^member ' "$out"
	member=$(sed -n 's/^member //p' "$out")
}

end_session()
{
	kill -KILL "$leader" "$member"
	until_gone "$leader" "$member"
}

@test "a line is saved for who leads its session with all of it, or who does not lead it" {
	start_session 'os.close(line)' ''
	refused EBUSY ctl freeze web "pid=$leader"
	grep -E "task $leader \(.*\) fd [0-9]+: the terminal ttyS1 controls tasks outside of the container" \
		"$MNT/log"
	ctl freeze web "pid=$leader" "pid=$member"
	ctl thaw web
	end_session
	# Afterwards it is in the session of whoever restores it.
	start_session '' 'os.close(line)'
	pid=$member
	save
	restore
	readlink "/proc/$member/fd/"* | grep -x /dev/ttyS1
	end_session
}

@test "the image of a line is not believed" {
	local pty=91 end=92 tty=90

	start line
	save_stream
	wrong_images <<-END
		# Number, flags, status, mode, owner.
		EUCLEAN '' field ptys/ $pty 16 4 66
		EUCLEAN '' field ptys/ $pty 20 4 0
		EUCLEAN '' field ptys/ $pty 20 4 9
		EUCLEAN '' field ptys/ $pty 20 4 8
		EUCLEAN '' field ptys/ $pty 24 4 1
		EUCLEAN '' field ptys/ $pty 28 4 0x2180
		EUCLEAN '' field ptys/ $pty 32 4 1
		# Side, flags, what is on its way.
		EUCLEAN '' field ptys/ $end 0 4 2
		EUCLEAN '' field ptys/ $end 4 4 1
		EUCLEAN '' field ptys/ $end 72 4 1
		# Of a file: side, hung up.
		EUCLEAN '' field files/ $tty 8 4 2
		EUCLEAN '' field files/ $tty 12 4 1
	END
	restore
	finish
}
