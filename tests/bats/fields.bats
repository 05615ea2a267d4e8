#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# Documentation/fields.rst says of every field of the kernel's structures what
# happens to it. The kernel that runs is asked whether that is all of them.

load helpers
bats_require_minimum_version 1.5.0

# Some structures are those of a module.
check() { python3 "$TREE/tests/fields/check" --also /sys/kernel/btf/tun "$@"; }

setup()
{
	[ -e /sys/kernel/btf/tun ] || modprobe tun
	common_setup
}

@test "every field of the kernel's structures has its row, and every row its field" {
	check "$TREE/Documentation/fields.rst"
}

@test "what the rows promise, the module has: object types and refusals" {
	check --module "$TREE/checkpointfs.ko" "$TREE/Documentation/fields.rst"
}

@test "a field that is in no table is named" {
	grep -v '^seccomp ' "$TREE/Documentation/fields.rst" >"$BATS_TEST_TMPDIR/fields"
	run -1 check "$BATS_TEST_TMPDIR/fields"
	[ "${lines[0]}" = "struct task_struct: seccomp: is not in the table" ]
}

@test "a row whose field the kernel does not have is named" {
	sed 's/^seccomp /seccomg /' "$TREE/Documentation/fields.rst" >"$BATS_TEST_TMPDIR/fields"
	run -1 check "$BATS_TEST_TMPDIR/fields"
	[[ $output = *"struct task_struct: seccomg: the kernel has no such field"* ]]
}

@test "a refusal that nothing makes is named" {
	sed 's/"a Landlock domain"/"a Landlock demesne"/' "$TREE/Documentation/fields.rst" \
		>"$BATS_TEST_TMPDIR/fields"
	run -1 check --module "$TREE/checkpointfs.ko" "$BATS_TEST_TMPDIR/fields"
	[[ $output = *': nothing says "a Landlock demesne"'* ]]
}

# Under another name, or the kernel would not look at it.
@test "a module that knows a structure otherwise than the kernel is not loaded, and says which" {
	python3 - "$TREE/checkpointfs.ko" "$BATS_TEST_TMPDIR/other.ko" <<-'EOF'
		import sys
		module = open(sys.argv[1], "rb").read()
		for old, new in (b"\0settime_flags\0", b"\0settime_flagz\0"), (b"checkpointfs\0", b"checkpointfz\0"):
		    assert old in module
		    module = module.replace(old, new)
		open(sys.argv[2], "wb").write(module)
	EOF
	run ! insmod "$BATS_TEST_TMPDIR/other.ko"
	dmesg | tail -n 5 >"$BATS_TEST_TMPDIR/said"
	grep -c "checkpointfs: struct .* of this kernel is another" "$BATS_TEST_TMPDIR/said" | grep -x 1
	grep "struct timerfd_ctx of this kernel is another than the module was made for" \
		"$BATS_TEST_TMPDIR/said"
}

@test "the structures in compat/private.h are laid out as in the kernel" {
	sed 's/^/struct /' >"$BATS_TEST_TMPDIR/structures" <<-'EOF'
		shmid_kernel 0:shm_perm 128:shm_file 136:shm_nattch 144:shm_segsz 152:shm_atim 160:shm_dtim 168:shm_ctim 176:shm_cprid 184:shm_lprid 192:mlock_ucounts 200:shm_creator 208:shm_clist 224:ns
		shm_file_data 0:id 8:ns 16:file 24:vm_ops
		sem 0:semval 8:sempid 16:lock 24:pending_alter 40:pending_const 56:sem_otime
		sem_array 0:sem_perm 128:sem_ctime 136:pending_alter 152:pending_const 168:list_id 184:sem_nsems 188:complex_count 192:use_global_lock 256:sems
		sem_undo 0:list_proc 16:rcu 32:ulp 40:list_id 56:semid 60:semadj
		msg_queue 0:q_perm 128:q_stime 136:q_rtime 144:q_ctime 152:q_cbytes 160:q_qnum 168:q_qbytes 176:q_lspid 184:q_lrpid 192:q_messages 208:q_receivers 224:q_senders
		msg_receiver 0:r_list 16:r_tsk 24:r_mode 32:r_msgtype 40:r_maxsize 48:r_msg
		msg_sender 0:list 16:tsk 24:msgsz
		msg_msgseg 0:next
		mqueue_inode_info 0:lock 8:vfs_inode 632:wait_q 656:msg_tree 664:msg_tree_rightmost 672:node_cache 680:attr 744:notify 808:notify_owner 816:notify_self_exec_id 824:notify_user_ns 832:ucounts 840:notify_sock 848:notify_cookie 856:e_wait_q 936:qsize
		posix_msg_tree_node 0:rb_node 24:msg_list 40:priority
		ext_wait_queue 0:task 8:list 24:msg 32:state
		sem_undo_list 0:refcnt 4:lock 8:list_proc
		eventfd_ctx 0:kref 8:wqh 32:count 40:flags 44:id
		signalfd_ctx 0:sigmask
		timerfd_ctx 0:t 120:tintv 128:moffs 136:wqh 160:ticks 168:clockid 172:expired 174:settime_flags 176:rcu 192:clist 208:cancel_lock 212:might_cancel
		eppoll_entry 0:next 8:base 16:wait 56:whead
		epitem 0:rbn 0:rcu 24:rdllink 40:ovflist_next 48:ffd 60:dying 64:pwqlist 72:ep 80:fllink 96:ws 104:event
		eventpoll 0:mtx 32:wq 56:poll_wait 80:rdllist 96:lock 100:seq 104:rbr 120:ovflist 128:ws 136:user 144:file 152:gen 160:refs 168:loop_check_depth 172:refcount 176:rcu 192:napi_id 196:busy_poll_usecs 200:busy_poll_budget 202:prefer_busy_poll
		dnotify_mark 0:fsn_mark 72:dn
		inotify_event_info 0:fse 16:mask 20:wd 24:sync_cookie 28:name_len 32:name
		inotify_inode_mark 0:fsn_mark 72:wd
		fanotify_fh 0:type 1:len 2:flags 3:pad 4:buf
		fanotify_info 0:dir_fh_totlen 1:dir2_fh_totlen 2:file_fh_totlen 3:pad 4:name_len 6:name2_len 8:buf
		fanotify_event 0:fse 16:merge_list 32:mask 36:type 36:hash 40:pid
		fanotify_fid_event 0:fae 48:fsid 56:object_fh 60:_inline_fh_buf
		fanotify_name_event 0:fae 48:fsid 56:info
		fanotify_path_event 0:fae 48:path
		fanotify_mark 0:fsn_mark 72:fsid
		mount 0:mnt_hash 16:mnt_parent 24:mnt_mountpoint 32:mnt 64:mnt_node 64:mnt_rcu 64:mnt_llist 88:mnt_pcp 96:mnt_mounts 112:mnt_child 128:mnt_instance 144:mnt_devname 152:mnt_list 168:mnt_expire 184:mnt_share 200:mnt_slave_list 216:mnt_slave 232:mnt_master 240:mnt_ns 248:mnt_mp 256:mnt_mp_list 256:mnt_umount 272:mnt_umounting 288:mnt_fsnotify_marks 296:mnt_fsnotify_mask 300:mnt_id 304:mnt_id_unique 312:mnt_group_id 316:mnt_expiry_mark 320:mnt_pins 328:mnt_stuck_children
		netlink_sock 0:sk 776:flags 784:portid 788:dst_portid 792:dst_group 796:subscriptions 800:ngroups 808:groups 816:state 824:max_recvmsg_len 832:wait 856:bound 857:cb_running 860:dump_done_errno 864:cb 992:nl_cb_mutex 1024:netlink_rcv 1032:netlink_bind 1040:netlink_unbind 1048:netlink_release 1056:module 1064:node 1072:rcu
		packet_sock 0:sk 776:fanout 784:stats 800:rx_ring 1008:tx_ring 1216:copy_thresh 1220:bind_lock 1224:pg_vec_lock 1256:flags 1264:ifindex 1268:vnet_hdr_sz 1270:num 1272:rollover 1280:mclist 1288:mapped 1296:tp_version 1300:tp_hdrlen 1304:tp_reserve 1308:tp_tstamp 1312:skb_completion 1344:cached_dev 1408:prot_hook 1536:tp_drops
		packet_fanout 0:net 8:num_members 12:max_num_members 16:id 18:type 19:flags 24:rr_cur 24:bpf_prog 32:list 48:lock 52:sk_ref 64:prot_hook 136:arr
		packet_rollover 0:sock 8:num 16:num_huge 24:num_failed 64:history
		packet_mclist 0:next 8:ifindex 12:count 16:type 18:alen 20:addr
		pgv 0:buffer
		tpacket_kbdq_core 0:pkbdq 8:feature_req_word 12:hdrlen 16:reset_pending_on_curr_blk 17:delete_blk_timer 18:kactive_blk_num 20:blk_sizeof_priv 24:last_kactive_blk_num 32:pkblk_start 40:pkblk_end 48:kblk_size 52:max_frame_len 56:knum_blocks 64:knxt_seq_num 72:prev 80:nxt_offset 88:skb 96:blk_fill_in_prog_lock 104:retire_blk_tov 106:version 112:tov_in_jiffies 120:retire_blk_timer
		packet_ring_buffer 0:pg_vec 8:head 12:frames_per_block 16:frame_size 20:frame_max 24:pg_vec_order 28:pg_vec_pages 32:pg_vec_len 40:pending_refcnt 48:rx_owner_map 48:prb_bdqc
		tun_file 0:sk 832:socket 960:tun 968:fasync 976:flags 980:queue_index 980:ifindex 984:napi 1384:napi_enabled 1385:napi_frags_enabled 1392:napi_mutex 1424:next 1440:detached 1472:tx_ring 1664:xdp_rxq
		tun_struct 0:tfiles 2048:numqueues 2052:flags 2056:owner 2060:group 2064:dev 2072:set_features 2080:align 2084:vnet_hdr_sz 2088:sndbuf 2092:txflt 2152:fprog 2168:filter_attached 2172:msg_enable 2176:lock 2184:flows 10376:flow_gc_timer 10416:ageing_time 10424:numdisabled 10432:disabled 10448:security 10456:flow_count 10460:rx_batched 10464:rx_frame_errors 10472:xdp_prog 10480:steering_prog 10488:filter_prog 10496:link_ksettings 10600:file 10608:ifr
		tap_filter 0:count 4:mask 12:addr
		notification 0:requests 4:flags 8:next_id 16:notifications
		seccomp_filter 0:refs 4:users 8:log 9:wait_killable_recv 16:cache 144:prev 152:prog 160:notif 168:notify_lock 200:wqh
		proc_dir_entry 0:in_use 4:refcnt 8:pde_openers 24:pde_unload_lock 32:pde_unload_completion 40:proc_iops 48:proc_ops 48:proc_dir_ops 56:proc_dops 64:seq_ops 64:single_show 72:write 80:data 88:state_size 92:low_ino 96:nlink 100:uid 104:gid 112:size 120:parent 128:subdir 136:subdir_node 160:name 168:mode 170:flags 171:namelen 172:inline_name
		ipc_proc_iter 0:ns 8:pid_ns 16:iface
		proc_inode 0:pid 8:fd 16:op 24:pde 32:sysctl 40:sysctl_entry 48:sibling_inodes 64:ns_ops 72:vfs_inode
		proc_maps_private 0:inode 8:task 16:mm 24:iter 96:task_mempolicy
		proc_mounts 0:ns 8:root 24:show
		cgroup_file_ctx 0:ns 8:psi 16:procs 128:procs1 136:peak
		kioctx 0:users 16:dead 24:reqs 40:user_id 48:cpu 56:req_batch 60:max_reqs 64:nr_events 72:mmap_base 80:mmap_size 88:ring_folios 96:nr_pages 104:free_rwork 160:rq_wait 192:reqs_available 256:ctx_lock 264:active_reqs 320:ring_lock 352:wait 384:tail 388:completed_events 392:completion_lock 448:internal_folios 512:aio_ring_file 520:id
		kioctx_table 0:rcu 16:nr 24:table
		aio_ring 0:id 4:nr 8:head 12:tail 16:magic 20:compat_features 24:incompat_features 28:header_length 32:io_events
		uprobe 0:rb_node 24:ref 32:register_rwsem 72:consumer_rwsem 112:pending_list 128:consumers 144:inode 152:rcu 168:offset 176:ref_ctr_offset 184:flags 192:arch
		xol_area 0:wq 24:slot_count 32:bitmap 40:page 48:vaddr
		bpf_queue_stack 0:map 248:lock 252:head 256:tail 260:size 264:elements
		bpf_bloom_filter 0:map 248:bitset_mask 252:hash_seed 256:nr_hash_funcs 264:bitset
		aa_label 0:count 8:node 32:rcu 48:proxy 56:hname 64:flags 72:secid 76:size 80:vec
		aa_task_ctx 0:nnp 8:onexec 16:previous 24:token 32:label_replacement_tw 48:label_replacement_pending
		ptrace_relation 0:tracer 8:tracee 16:invalid 24:node 40:rcu
	EOF
	mapfile -t names < <(cut -d ' ' -f 1,2 "$BATS_TEST_TMPDIR/structures")
	check --list "${names[@]}" | diff - "$BATS_TEST_TMPDIR/structures"
}
