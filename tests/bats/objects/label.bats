#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2154
#
# Labels of AppArmor. The names of hats and profiles are those of labels.c.

load ../helpers

DIR=/sys/kernel/security/apparmor

setup_file()
{
	many_pids
	[ -e "$DIR" ] || mount -t securityfs securityfs /sys/kernel/security
	[ "$(</sys/module/apparmor/parameters/enabled)" = Y ]
	load_profiles
}

teardown_file()
{
	"$TREE/tests/bats/apparmor.py" "$DIR" ckpt_free ckpt_open ckpt_locked
	umount /sys/kernel/security
}

load_profiles()
{
	"$TREE/tests/bats/apparmor.py" "$DIR" ckpt_free:free ckpt_open:open ckpt_open//hat:open \
		ckpt_locked:locked
}

# The command, run by somebody with that label.
labelled()
(
	echo "changeprofile $1" >/proc/self/attr/current
	shift
	"$@"
)

# The image is written by somebody who has written that before: ATTRIBUTE TEXT ...
put_after()
{
	python3 - "$image" "$MNT/restore/commit" "$@" <<-'END'
		import os, sys
		image, commit, *labels = sys.argv[1:]
		data = open(image, "rb").read()
		for name, text in zip(labels[::2], labels[1::2]):
		    with open("/proc/self/attr/" + name, "wb", 0) as file:
		        file.write(text.encode())
		os.write(os.open(commit, os.O_WRONLY), data)
	END
}

label_of() { echo "$(<"/proc/$1/attr/current")"; }
put() { cat "$image" >"$MNT/restore/commit"; }

@test "labels, hats and labels for execve() are kept" { every_way labels; }

@test "who has a label already needs no right to set it" {
	start labels one locked
	save
	labelled ckpt_locked put
	[ "$(label_of "$pid")" = "ckpt_locked (enforce)" ]
	finish
}

@test "a label that the policy does not let the writer set is named" {
	start labels one open
	save
	refused EACCES labelled ckpt_locked put
	grep -F 'the AppArmor label "ckpt_open" (current) may not be set' "$MNT/log"
	gone "$pid"
	labelled ckpt_open put
	finish
}

@test "no image leads out of what confines its writer" {
	start plain
	save
	refused EACCES labelled ckpt_locked put
	grep -F 'the AppArmor label "unconfined" (current) may not be set' "$MNT/log"
	gone "$pid"
	# His policy lets him.
	labelled ckpt_open put
	[ "$(label_of "$pid")" = unconfined ]
	finish
}

@test "a label whose profile is not there is named, and nothing is left" {
	start labels one both
	save
	"$TREE/tests/bats/apparmor.py" "$DIR" ckpt_locked
	refused ENOENT put
	grep -F 'the AppArmor label "ckpt_locked//&ckpt_open" (current) may not be set' "$MNT/log"
	gone "$pid"
	load_profiles
	restore
	[ "$(label_of "$pid")" = "ckpt_locked//&ckpt_open (enforce)" ]
	finish
}

@test "a hat that is not there is named" {
	start labels one hat
	save
	"$TREE/tests/bats/apparmor.py" "$DIR" ckpt_open
	"$TREE/tests/bats/apparmor.py" "$DIR" ckpt_open:open
	refused ECHILD put
	grep -F 'the AppArmor label "ckpt_open//hat" (hat) may not be set' "$MNT/log"
	gone "$pid"
	load_profiles
	restore
	finish
}

@test "what of the writer's labels a clone would inherit is refused" {
	start plain
	save
	refused EOPNOTSUPP put_after exec "exec ckpt_free"
	refused EOPNOTSUPP put_after current "changeprofile ckpt_open" current "changehat 1^hat"
	[ "$(grep -cF "would inherit a hat, or a security label" "$MNT/log")" = 2 ]
	gone "$pid"
	restore
	finish
}

@test "a label that no_new_privs holds is refused" {
	start labels held
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -qx "task $pid: a security label from before no_new_privs cannot be saved" "$MNT/log"
	finish
}

@test "a file that somebody with another label has opened is refused" {
	# What opens it becomes the program, with another label.
	start_command -r bash -c 'exec 3</proc/self/status
		echo "changeprofile ckpt_free" >/proc/self/attr/current
		exec "$0"' "$PROGRAMS/plain"
	ready
	refused EOPNOTSUPP labelled ckpt_open ctl freeze web "pid=$pid"
	grep "a security label of who has opened it cannot be saved" "$MNT/log"
	# The freezer has it.
	save
	restore
	[ "$(label_of "$pid")" = "ckpt_free (unconfined)" ]
	finish
}

@test "a profile that has been loaded anew is the same one" {
	start_command -r bash -c 'echo "changeprofile ckpt_open" >/proc/self/attr/current
		exec 3</proc/self/status
		exec "$0"' "$PROGRAMS/plain"
	ready
	load_profiles
	# The program gets the new one when it looks for the file that it waits for.
	run_on 3
	save
	restore
	[ "$(label_of "$pid")" = "ckpt_open (enforce)" ]
	finish
}

@test "wrong labels are refused" {
	start labels one hat_exec
	save_stream
	# Of credentials: a module or a kind that there is not, a kind that is none of theirs,
	# or none of AppArmor's; flags, a token; a text with a space in front, or several lines;
	# of a module, or a profile, that is not there.
	wrong_images <<-'END'
		EUCLEAN 'creds/1: module has no valid value' field creds/1 138 0 2 0
		EUCLEAN 'creds/1: module has no valid value' field creds/1 138 0 2 4
		EUCLEAN 'creds/1: kind has no valid value' field creds/1 138 2 2 0
		EUCLEAN 'creds/1: a label of a kind' field creds/1 138 2 2 2
		EUCLEAN 'creds/1: a label of a kind' field creds/1 138 2 2 7
		EUCLEAN 'creds/1: kind has no valid value' field creds/1 138 2 2 8
		EUCLEAN 'creds/1: flags or a token' field creds/1 138 4 4 1
		EUCLEAN 'creds/1: flags or a token' field creds/1 138 8 8 1
		EUCLEAN 'creds/1: a label that is no text' field creds/1 138 16 1 0x20
		EUCLEAN 'creds/1: a label that is no text' field creds/1 138 18 1 0x0a
		EOPNOTSUPP 'creds/1: the SELinux label "ckpt_open" .current. may not be set' field creds/1 138 0 2 2
		ENOENT 'creds/1: the AppArmor label "dkpt_open" .current. may not be set' field creds/1 138 16 1 0x64
		ENOENT 'creds/1: the AppArmor label "&kpt_open" .current. may not be set' field creds/1 138 16 1 0x26
	END
	# Of a task: one that is none of a task, or of another module; a hat of another profile.
	wrong_images <<-END
		EUCLEAN 'task: a label of a kind' field tasks/$pid/task 138 2 2 1
		EUCLEAN 'task: a label of a kind' field tasks/$pid/task 138 0 2 2
		EUCLEAN 'task: flags or a token' field tasks/$pid/task 138 4 4 1
		EUCLEAN 'task: a label that is there twice' field tasks/$pid/task 138 8 8 0 field tasks/$pid/task 138 2 2 2
		EINVAL 'task: the AppArmor label "dkpt_open//hat" .hat. may not be set' field tasks/$pid/task 138 16 1 0x64
		none '' field tasks/$pid/task 138 8 8 7
	END
	restore
	finish
}
