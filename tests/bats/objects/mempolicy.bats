#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
#
# With NODES=2 memory comes from where it is to; with one node all is from there.

load ../helpers

@test "tasks, mappings and shared memory keep their memory policies" {
	every_way mempolicy "$BATS_TEST_TMPDIR"
}

@test "ten thousand policies are kept" { round_trip mempolicy many; }

@test "a later image of a program has its policies, too" {
	start mempolicy "$BATS_TEST_TMPDIR"
	ctl snapshot one "pid=$pid"
	ctl snapshot web "pid=$pid" since=one kill
	until_gone "$pid"
	image=$BATS_TEST_TMPDIR/web.tar
	cat "$MNT/one.tar" >"$BATS_TEST_TMPDIR/one.tar"
	cat "$MNT/web.tar" >"$BATS_TEST_TMPDIR/since.tar"
	ctl remove web
	ctl remove one
	ckpt merge -o "$image" "$BATS_TEST_TMPDIR/one.tar" "$BATS_TEST_TMPDIR/since.tar"
	restore
	finish
}

# Records: 69 is a range of mm/ID/vmas, or of a file, 26 the task's; of two words of nodes
# the first has those that were named, the second those from which memory came.
@test "nodes that are not there are refused by name, and what makes no sense" {
	start mempolicy "$BATS_TEST_TMPDIR" alone
	save_stream
	wrong_images <<-'END'
		EOPNOTSUPP 'vmas: [0-9a-f]*-[0-9a-f]*: this machine, or its cpuset, has not all nodes of the memory policy' field mm 69 40 8 0x8000
		EOPNOTSUPP 'file: .*has not all nodes of the memory policy' field files 69 40 8 0x8000
		EOPNOTSUPP 'shm/.*: .*has not all nodes of the memory policy' field shm 69 40 8 0x8000
		EOPNOTSUPP 'task: this machine, or its cpuset, has not all nodes' field tasks 26 16 8 0x8000
		EOPNOTSUPP 'task: this machine, or its cpuset, has not all nodes' field tasks 26 -14 2 1
		EINVAL 'vmas: .*the memory policy may not be set' field mm 69 32 8 0x8000
		EOPNOTSUPP 'vmas: .*has not all nodes' field mm 69 16 4 2 field mm 69 24 4 16
		EINVAL 'task: the memory policy may not be set' field tasks 26 0 4 77
		EINVAL 'task: the memory policy may not be set' field tasks 26 4 4 0xffffffff
		EUCLEAN 'vmas' field mm 69 16 4 0
		EUCLEAN 'vmas' field mm 69 20 4 3
		EUCLEAN 'vmas' field mm 69 32 8 0
		EUCLEAN 'vmas' field mm 69 8 8 0x1000
		EINVAL 'file: .*the memory policy may not be set' field files 69 32 8 0x8000
		EINVAL 'shm/.*: .*the memory policy may not be set' field shm 69 32 8 0x8000
	END
	restore
	finish
}

cpusets()
{
	group=/sys/fs/cgroup/one_node
	echo +cpuset >/sys/fs/cgroup/cgroup.subtree_control &&
		mkdir "$group" && echo 0 >"$group/cpuset.mems"
}

@test "a cpuset that has not all nodes is refused by name" {
	[ -e /sys/devices/system/node/node1 ]
	start mempolicy "$BATS_TEST_TMPDIR"
	save
	cpusets
	refused EOPNOTSUPP bash -c "echo \$\$ >$group/cgroup.procs; cat '$image' >'$MNT/restore/commit'"
	grep -q 'its cpuset, has not all nodes of the memory policy' "$MNT/log"
	rmdir "$group"
	echo -cpuset >/sys/fs/cgroup/cgroup.subtree_control
	restore
	finish
}
