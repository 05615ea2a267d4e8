#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only

load ../helpers

@test "a zombie keeps its owner" { every_way zombie_owner; }
@test "a process goes on whose first thread has ended" { every_way dead_leader; }
@test "a 32-bit one does" { every_way dead_leader32; }

# Whether the freeze comes before that or after it, it says nothing else.
@test "a zombie that is waited for while it is frozen stands in the way by no other name" {
	python3 - "$MNT" "$(repeats 100)" <<'END'
import errno, os, sys, threading

control = os.open(sys.argv[1] + "/control", os.O_WRONLY)
log = os.open(sys.argv[1] + "/log", os.O_RDONLY | os.O_NONBLOCK)
os.lseek(log, 0, os.SEEK_END)
outcomes = {}

def freeze(pid):
    try:
        os.write(control, b"freeze web pid=%d" % pid)
        outcome = "frozen"
    except OSError as e:
        outcome = errno.errorcode[e.errno]
    else:
        os.write(control, b"thaw web")
    outcomes[outcome] = outcomes.get(outcome, 0) + 1

for i in range(int(sys.argv[2])):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    frozen = threading.Thread(target=freeze, args=(pid,))
    frozen.start()
    os.waitpid(pid, 0)
    frozen.join()
print(outcomes)
lines = os.read(log, 1 << 20).decode()
assert "cannot be saved" not in lines and "outside" not in lines, lines
assert set(outcomes) <= {"frozen", "ESRCH"}, lines
END
}
