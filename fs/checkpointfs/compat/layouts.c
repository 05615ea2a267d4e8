// SPDX-License-Identifier: GPL-2.0-only
/*
 * Are the structures of private.h and private_net.h laid out as those of the kernel that runs?
 *
 * They are written down here a second time, in a kernel that may have been built with other
 * options, with its structures in random order, or of other sources than those that the module
 * was written for; what is read by a wrong offset is anything. So sizes and offsets are
 * compared, when the module is loaded, with what the kernel tells of its types (BTF). A kernel
 * that does not tell them is believed.
 *
 * Not compared: bit fields, and structures of modules (tun); tests/bats/fields.bats does the
 * latter. Runs once, before anything that uses them; the types of a kernel never change.
 */
#include <linux/args.h>
#include <linux/btf.h>
#include <linux/init.h>

#include "ksyms.h"
#include "private.h"
#include "private_net.h"

#if defined(CONFIG_BPF_SYSCALL) && defined(CONFIG_DEBUG_INFO_BTF)

struct field {
	const char *name;
	u32 offset;
};

/**
 * struct layout - a structure, or some of its fields
 * @name:	the kernel's
 * @size:	bytes; 0: the kernel's goes on where ours ends, or depends on more options
 * @fields:	the last has no name
 */
struct layout {
	const char *name;
	u32 size;
	const struct field *fields;
};

#define OF1(s, f)	{ #f, offsetof(struct ckpt_##s, f) }
#define OF2(s, f, ...)	OF1(s, f), OF1(s, __VA_ARGS__)
#define OF3(s, f, ...)	OF1(s, f), OF2(s, __VA_ARGS__)
#define OF4(s, f, ...)	OF1(s, f), OF3(s, __VA_ARGS__)
#define OF5(s, f, ...)	OF1(s, f), OF4(s, __VA_ARGS__)
#define OF6(s, f, ...)	OF1(s, f), OF5(s, __VA_ARGS__)
#define OF7(s, f, ...)	OF1(s, f), OF6(s, __VA_ARGS__)
#define OF8(s, f, ...)	OF1(s, f), OF7(s, __VA_ARGS__)
#define OF9(s, f, ...)	OF1(s, f), OF8(s, __VA_ARGS__)
#define OF10(s, f, ...)	OF1(s, f), OF9(s, __VA_ARGS__)
#define OF11(s, f, ...)	OF1(s, f), OF10(s, __VA_ARGS__)
#define OF12(s, f, ...)	OF1(s, f), OF11(s, __VA_ARGS__)
#define OF13(s, f, ...)	OF1(s, f), OF12(s, __VA_ARGS__)
#define OF14(s, f, ...)	OF1(s, f), OF13(s, __VA_ARGS__)
#define OF15(s, f, ...)	OF1(s, f), OF14(s, __VA_ARGS__)
#define FIELDS(s, ...)	(const struct field[]){ \
	CONCATENATE(OF, COUNT_ARGS(__VA_ARGS__))(s, __VA_ARGS__), {} }

/* One row has 15 fields at the most: some structures have two. */
#define LAYOUT(s, ...)		{ #s, sizeof(struct ckpt_##s), FIELDS(s, __VA_ARGS__) }
#define HEAD(s, ...)		{ #s, 0, FIELDS(s, __VA_ARGS__) }
#define HEAD_AS(name, s, ...)	{ #name, 0, FIELDS(s, __VA_ARGS__) }

static const struct layout layouts[] __initconst = {
	HEAD(eventfd_ctx, kref, wqh, count, flags),
	LAYOUT(signalfd_ctx, sigmask),
	LAYOUT(timerfd_ctx, t, tintv, moffs, wqh, ticks, clockid, expired, settime_flags, rcu,
	       clist, cancel_lock, might_cancel),
	LAYOUT(epoll_filefd, file, fd),
	LAYOUT(eppoll_entry, next, base, wait, whead),
	LAYOUT(epitem, rbn, rdllink, ovflist_next, ffd, dying, pwqlist, ep, fllink, ws, event),
	HEAD(eventpoll, mtx, wq, poll_wait, rdllist, lock, seq, rbr, ovflist, ws, user, file,
	     gen, refs, loop_check_depth, refcount),
#ifdef CONFIG_NET_RX_BUSY_POLL
	HEAD(eventpoll, napi_id, busy_poll_usecs, busy_poll_budget, prefer_busy_poll),
#endif
	LAYOUT(inotify_event_info, fse, mask, wd, sync_cookie, name_len, name),
	LAYOUT(inotify_inode_mark, fsn_mark, wd),
	HEAD(fanotify_fh, type, len, flags, pad),
	LAYOUT(fanotify_info, dir_fh_totlen, dir2_fh_totlen, file_fh_totlen, pad, name_len,
	       name2_len, buf),
	LAYOUT(fanotify_event, fse, merge_list, mask, pid),
	LAYOUT(fanotify_fid_event, fae, fsid, object_fh, _inline_fh_buf),
	LAYOUT(fanotify_name_event, fae, fsid, info),
	LAYOUT(fanotify_path_event, fae, path),
	LAYOUT(fanotify_mark, fsn_mark, fsid),
	HEAD_AS(mount, vfs_mount, mnt_hash, mnt_parent, mnt_mountpoint, mnt, mnt_node, mnt_rcu,
		mnt_llist, mnt_mounts, mnt_child, mnt_instance),
	LAYOUT(dnotify_mark, fsn_mark, dn),
	LAYOUT(shmid_kernel, shm_perm, shm_file, shm_nattch, shm_segsz, shm_atim, shm_dtim,
	       shm_ctim, shm_cprid, shm_lprid, mlock_ucounts, shm_creator, shm_clist, ns),
	LAYOUT(shm_file_data, id, ns, file, vm_ops),
	LAYOUT(sem, semval, sempid, lock, pending_alter, pending_const, sem_otime),
	LAYOUT(sem_array, sem_perm, sem_ctime, pending_alter, pending_const, list_id, sem_nsems,
	       complex_count, use_global_lock, sems),
	LAYOUT(sem_undo_list, refcnt, lock, list_proc),
	LAYOUT(sem_undo, list_proc, rcu, ulp, list_id, semid, semadj),
	LAYOUT(msg_queue, q_perm, q_stime, q_rtime, q_ctime, q_cbytes, q_qnum, q_qbytes,
	       q_lspid, q_lrpid, q_messages, q_receivers, q_senders),
	HEAD(msg_receiver, r_list, r_tsk),
	HEAD(msg_sender, list, tsk),
	LAYOUT(msg_msgseg, next),
	LAYOUT(posix_msg_tree_node, rb_node, msg_list, priority),
	LAYOUT(ext_wait_queue, task, list, msg, state),
	HEAD(mqueue_inode_info, lock, vfs_inode, wait_q, msg_tree, msg_tree_rightmost,
	     node_cache, attr, notify, notify_owner, notify_self_exec_id, notify_user_ns,
	     ucounts, notify_sock, notify_cookie, e_wait_q),
	LAYOUT(mqueue_inode_info, qsize),
	LAYOUT(notification, requests, flags, next_id, notifications),
	HEAD(seccomp_filter, refs, users, log, wait_killable_recv, cache, prev, prog, notif,
	     notify_lock),
	HEAD(n_tty_data, read_head, commit_head, canon_head, echo_head, echo_commit, echo_mark,
	     char_map, overrun_time, num_overrun, no_room, read_buf, read_flags, echo_buf,
	     read_tail, line_start),
	HEAD(n_tty_data, lookahead_count, column, canon_column, echo_tail),
	HEAD(pts_fs_info, allocated_ptys, mount_opts, sb, ptmx_dentry),
	HEAD(netlink_sock, sk, flags, portid, dst_portid, dst_group, subscriptions, ngroups,
	     groups, state, max_recvmsg_len, wait, bound, cb_running),
	LAYOUT(packet_mclist, next, ifindex, count, type, alen, addr),
	LAYOUT(pgv, buffer),
	HEAD(tpacket_kbdq_core, pkbdq, feature_req_word, hdrlen, reset_pending_on_curr_blk,
	     delete_blk_timer, kactive_blk_num, blk_sizeof_priv, last_kactive_blk_num,
	     pkblk_start, pkblk_end, kblk_size, max_frame_len, knum_blocks, knxt_seq_num, prev),
	LAYOUT(tpacket_kbdq_core, nxt_offset, skb, blk_fill_in_prog_lock, retire_blk_tov,
	       version, tov_in_jiffies, retire_blk_timer),
	LAYOUT(packet_ring_buffer, pg_vec, head, frames_per_block, frame_size, frame_max,
	       pg_vec_order, pg_vec_pages, pg_vec_len, pending_refcnt, rx_owner_map, prb_bdqc),
	LAYOUT(packet_fanout, net, num_members, max_num_members, id, type, flags, rr_cur,
	       bpf_prog, list, lock, sk_ref, prot_hook, arr),
	HEAD(packet_rollover, sock, num, num_huge, num_failed),
	HEAD(packet_sock, sk, fanout, stats, rx_ring, tx_ring, copy_thresh, bind_lock,
	     pg_vec_lock, flags, ifindex, vnet_hdr_sz, num, rollover, mclist, mapped),
	LAYOUT(packet_sock, tp_version, tp_hdrlen, tp_reserve, tp_tstamp, skb_completion,
	       cached_dev, prot_hook, tp_drops),
	HEAD(proc_dir_entry, in_use, refcnt, pde_openers, pde_unload_lock,
	     pde_unload_completion, proc_iops, proc_ops),
	LAYOUT(proc_inode, pid, fd, op, pde, sysctl, sysctl_entry, sibling_inodes, ns_ops,
	       vfs_inode),
	HEAD(proc_maps_private, inode, task, mm),
	HEAD(proc_mounts, ns, root),
	LAYOUT(cgroup_file_ctx, ns, psi, procs, procs1, peak),
	HEAD(ptrace_relation, tracer, tracee, invalid, node),
	HEAD(aio_ring, id, nr, head, tail, magic, compat_features, incompat_features,
	     header_length),
	HEAD(kioctx, users, dead, reqs, user_id, cpu, req_batch, max_reqs, nr_events, mmap_base,
	     mmap_size, ring_folios, nr_pages, free_rwork, rq_wait, reqs_available),
	LAYOUT(kioctx, ctx_lock, active_reqs, ring_lock, wait, tail, completed_events,
	       completion_lock, internal_folios, aio_ring_file, id),
	LAYOUT(kioctx_table, rcu, nr, table),
#ifdef CONFIG_UPROBES
	LAYOUT(uprobe, rb_node, ref, register_rwsem, consumer_rwsem, pending_list, consumers,
	       inode, rcu, offset, ref_ctr_offset, flags, arch),
	LAYOUT(xol_area, wq, slot_count, bitmap, page, vaddr),
#endif
	LAYOUT(bpf_queue_stack, map, lock, head, tail, size, elements),
	LAYOUT(bpf_bloom_filter, map, bitset_mask, hash_seed, nr_hash_funcs, bitset),
};

/* Unnamed structures in unnamed structures. */
#define DEPTH	4

/* Return: where the field is, behind @base, in bits; or -1. */
static s64 __init find_field(const struct btf *btf, const struct btf_type *t, const char *name,
			     u32 base, unsigned int depth)
{
	const struct btf_member *m = btf_type_member(t);
	s64 found = -1;
	u32 i;

	for (i = 0; i < btf_type_vlen(t) && found < 0; i++, m++) {
		const char *own = ksym(btf_name_by_offset)(btf, m->name_off);
		const struct btf_type *type = btf_type_by_id(btf, m->type);
		u32 at = base + __btf_member_bit_offset(t, m);

		if (!strcmp(own, name))
			found = at;
		else if (!*own && btf_type_is_struct(type) && depth)
			found = find_field(btf, type, name, at, depth - 1);
	}
	return found;
}

static bool __init is_same(const struct btf *btf, const struct btf_type *t,
			   const struct layout *l)
{
	const struct field *f;

	if (l->size && l->size != t->size)
		return false;
	for (f = l->fields; f->name; f++)
		if (find_field(btf, t, f->name, 0, DEPTH) != f->offset * 8LL)
			return false;
	return true;
}

/* What has been found of a layout: others may have a structure of the same name. */
enum { NONE, ANOTHER, SAME };

static u8 seen[ARRAY_SIZE(layouts)] __initdata;

static void __init compare(const struct btf *btf, const struct btf_type *t)
{
	const char *name = ksym(btf_name_by_offset)(btf, t->name_off);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(layouts); i++) {
		const struct layout *l = &layouts[i];

		if (*l->name != *name || strcmp(l->name, name) || seen[i] == SAME)
			continue;
		seen[i] = is_same(btf, t, l) ? SAME : ANOTHER;
	}
}

/* One that the kernel has not is of what it is built without. */
int __init ckpt_layouts_check(void)
{
	const struct btf *btf = ksym(bpf_get_btf_vmlinux)();
	const struct btf_type *t;
	unsigned int i;
	int err = 0;

	if (IS_ERR_OR_NULL(btf)) {
		pr_info("this kernel does not tell its types, and is believed\n");
		return 0;
	}
	for (i = 1; i < ksym(btf_nr_types)(btf); i++) {
		t = btf_type_by_id(btf, i);
		if (__btf_type_is_struct(t))
			compare(btf, t);
	}
	for (i = 0; i < ARRAY_SIZE(layouts); i++) {
		if (seen[i] != ANOTHER)
			continue;
		pr_err("struct %s of this kernel is another than the module was made for\n",
		       layouts[i].name);
		err = -ENOEXEC;
	}
	return err;
}

#else

int __init ckpt_layouts_check(void)
{
	pr_info("this kernel does not tell its types, and is believed\n");
	return 0;
}

#endif
