#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2154

load ../helpers

@test "ids, groups, capabilities and securebits of processes and threads are kept" {
	every_way credentials
}

user=(--reuid=4321 --regid=4321 --groups=77)
caps=-all,+checkpoint_restore
only_restore=("--inh-caps=$caps" "--ambient-caps=$caps")

# Saves a program run by that command, or by root, and puts the image where all can read it, in
# a directory with a mount that all can write: bats' own are closed to other users.
save_of()
{
	dir=$(mktemp -d /var/tmp/creds.XXXXXX)
	chmod 755 "$dir"
	mkdir "$dir/mnt"
	mount -t checkpointfs -o mode=0777 none "$dir/mnt"
	start_command bash -c 'exec >/dev/null 2>&1; exec "$@" sleep 1000' bash "$@"
	until_true grep -qx sleep "/proc/$pid/comm"
	ctl freeze web "pid=$pid"
	cat "$MNT/web.tar" >"$dir/image"
	ctl commit web kill
	ctl remove web
	until_gone "$pid"
}

# hostile.py restores it with what setpriv leaves to it.
restored_by() { setpriv "$@" "$TREE/tests/bats/hostile.py" "$dir/mnt" "$dir/image"; }

clean_dir()
{
	umount "$dir/mnt"
	rm -r "$dir"
}

@test "an image brings nobody more rights than he has" {
	save_of setpriv "${user[@]}"
	# Offsets: struct ckpt_creds, ckpt_process with RLIMIT_NICE, ckpt_task.
	restored_by "${user[@]}" "${only_restore[@]}" <<-END
		none ''
		EPERM 'creds/1: user ids may not be set' set creds 16 4 0 fix
		EPERM 'creds/1: user ids may not be set' set creds 24 4 0 fix
		EPERM 'creds/1: user ids may not be set' set creds 32 4 0 fix
		EPERM 'creds/1: ids or capabilities may not be set' set creds 40 4 0 fix
		EPERM 'creds/1: group ids may not be set' set creds 20 4 0 fix
		EPERM 'creds/1: supplementary groups may not be set' set creds 96 4 0 fix
		EPERM 'creds/1: securebits may not be set' set creds 48 4 1 fix
		EPERM 'creds/1: capabilities may not be set' set creds 56 8 0x200000 fix
		EPERM 'creds/1: capabilities may not be set' set creds 64 8 0x200000 fix
		EPERM 'processes/$pid: limit nice may not be set' set processes 320 8 20 fix
		EACCES 'processes/$pid: oom_score_adj may not be lowered' set processes 36 4 -1 fix
		EACCES 'task: scheduling policy or nice may not be set' set tasks/$pid/task 48 4 -1 fix
	END
	restored_by "${user[@]}" <<-END
		EPERM 'tasks/$pid/task: cannot be cloned'
	END
	restored_by --bounding-set=-sys_boot <<-END
		EPERM 'creds/1: ids or capabilities may not be set'
	END
	clean_dir
}

@test "no limit is raised above that of who restores" {
	local names=(cpu fsize data stack core rss nproc nofile memlock as locks sigpending
		msgqueue nice rtprio rttime) options=() i
	# In the order of their numbers, each finite.
	local most=(100000 $((1 << 30)) $((1 << 30)) $((4 << 20)) 1000000 $((1 << 30)) 500 200
		$((1 << 16)) $((4 << 30)) 1000 500 400000 0 0 1000000)

	for i in "${!names[@]}"; do
		options+=("--${names[i]}=${most[i]}:${most[i]}")
	done
	save_of setpriv "${user[@]}" prlimit "${options[@]}"
	{
		echo "none ''"
		# struct ckpt_process, and of each limit the second half.
		for i in "${!names[@]}"; do
			echo "EPERM 'processes/$pid: limit ${names[i]} may not be set'" \
				"set processes $((112 + 16 * i)) 8 $((most[i] + 1)) fix"
		done
	} >"$dir/lines"
	[ "$(wc -l <"$dir/lines")" = 17 ]
	restored_by "${user[@]}" "${only_restore[@]}" prlimit "${options[@]}" <"$dir/lines"
	clean_dir
}

@test "no user brings a program of root back" {
	save_of
	restored_by "${user[@]}" "${only_restore[@]}" <<-END
		EPERM 'creds/1: .* may not be set'
	END
	clean_dir
}
