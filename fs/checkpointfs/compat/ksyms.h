/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions and data of the kernel that are not exported to modules.
 *
 * One row each. In a module the rows are resolved when it is loaded, functions
 * as static calls: kernels with IBT fault on an indirect call to a sealed
 * function. Built into the kernel, ksym(f) is f. A row that cannot be resolved
 * stops the load, by name.
 */
#ifndef _CKPT_KSYMS_H
#define _CKPT_KSYMS_H

#include <linux/binfmts.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/cred.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/filelock.h>
#include <linux/hugetlb.h>
#include <linux/iocontext.h>
#include <linux/ipc_namespace.h>
#include <linux/fsnotify_backend.h>
#include <linux/fs_struct.h>
#include <linux/memcontrol.h>
#include <linux/memfd.h>
#include <linux/mempolicy.h>
#include <linux/kernfs.h>
#include <linux/mm.h>
#include <linux/mnt_namespace.h>
#include <linux/netlink.h>
#include <linux/nospec.h>
#include <linux/pagewalk.h>
#include <linux/pid.h>
#include <linux/pidfs.h>
#include <linux/pipe_fs_i.h>
#include <linux/posix-timers.h>
#include <linux/proc_fs.h>
#include <linux/ptrace.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/static_call.h>
#include <linux/lsm_hooks.h>
#include <linux/sched/autogroup.h>
#include <linux/seccomp.h>
#include <linux/security.h>
#include <linux/sem.h>
#include <linux/seqlock.h>
#include <linux/shmem_fs.h>
#include <linux/syscalls.h>
#include <linux/task_work.h>
#include <linux/cgroup.h>
#include <linux/uaccess.h>
#include <linux/uprobes.h>
#include <linux/eventpoll.h>
#include <linux/vt_kern.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/tcp.h>
#include <asm/pgalloc.h>
#include <asm/syscall.h>
#include <asm/tlbflush.h>
#include <asm/vdso.h>

/* Declared in no header that a module can include. */
void mlock_new_folio(struct folio *folio);
int posix_timer_queue_signal(struct k_itimer *timer);
struct kern_ipc_perm *ipc_obtain_object_idr(struct ipc_ids *ids, int id);
int ipcperms(struct ipc_namespace *ns, struct kern_ipc_perm *ipcp, short flag);
struct kern_ipc_perm *ipcctl_obtain_check(struct ipc_namespace *ns, struct ipc_ids *ids,
					  int id, int cmd, struct ipc64_perm *perm,
					  int extra_perm);
void ipc_rcu_putref(struct kern_ipc_perm *ptr, void (*func)(struct rcu_head *head));
int auditd_test_task(struct task_struct *task);
int kern_sys_bpf(int cmd, union bpf_attr *attr, unsigned int size);
/* Exported, but declared in a header of its own directory only. */
extern rwlock_t nl_table_lock;
struct kernfs_node *kernfs_get_active(struct kernfs_node *kn);
void kernfs_put_active(struct kernfs_node *kn);
long __do_semtimedop(int semid, struct sembuf *tsems, unsigned int nsops,
		     const struct timespec64 *timeout, struct ipc_namespace *ns);

#ifdef CONFIG_TASKS_RCU
#define CKPT_KSYM_TASKS_RCU(FUNC) FUNC(synchronize_rcu_tasks)
#else
#define CKPT_KSYM_TASKS_RCU(FUNC)
#endif

#ifdef CONFIG_VT
#define CKPT_KSYM_VT(FUNC) FUNC(vt_do_kdgkbmode)
#else
#define CKPT_KSYM_VT(FUNC)
#endif

#ifdef CONFIG_SCHED_AUTOGROUP
#define CKPT_KSYM_AUTOGROUP(FUNC)					\
	FUNC(proc_sched_autogroup_show_task)				\
	FUNC(proc_sched_autogroup_set_nice)
#else
#define CKPT_KSYM_AUTOGROUP(FUNC)
#endif

#ifdef CONFIG_SECURITY
#define CKPT_KSYM_SECURITY(FUNC)		\
	FUNC(security_getprocattr)		\
	FUNC(security_setprocattr)		\
	FUNC(security_file_lock)		\
	FUNC(security_sem_semctl)		\
	FUNC(security_msg_queue_msgctl)		\
	FUNC(security_shm_shmctl)
#else
#define CKPT_KSYM_SECURITY(FUNC)
#endif

#ifdef CONFIG_AUDIT
#define CKPT_KSYM_AUDIT(FUNC) FUNC(auditd_test_task)
#else
#define CKPT_KSYM_AUDIT(FUNC)
#endif

#ifdef CONFIG_SECURITY_NETWORK
#define CKPT_KSYM_SECURITY_NETWORK(FUNC)	\
	FUNC(security_socket_socketpair)	\
	FUNC(security_socket_bind)		\
	FUNC(security_socket_connect)		\
	FUNC(security_socket_listen)
#else
#define CKPT_KSYM_SECURITY_NETWORK(FUNC)
#endif

#if IS_BUILTIN(CONFIG_IPV6)
#define CKPT_KSYM_IPV6(FUNC) FUNC(do_ipv6_getsockopt)
#define CKPT_KSYM_IPV6_DATA(DATA)				\
	DATA(struct request_sock_ops, tcp6_request_sock_ops)	\
	DATA(struct ip6_ra_chain *, ip6_ra_chain)		\
	DATA(rwlock_t, ip6_ra_lock)
#else
#define CKPT_KSYM_IPV6(FUNC)
#define CKPT_KSYM_IPV6_DATA(DATA)
#endif

#ifndef __PAGETABLE_P4D_FOLDED
#define CKPT_KSYM_P4D(FUNC) FUNC(__p4d_alloc)
#else
#define CKPT_KSYM_P4D(FUNC)
#endif

#ifdef CONFIG_NUMA
#define CKPT_KSYM_NUMA(FUNC) FUNC(__mpol_dup)
#else
#define CKPT_KSYM_NUMA(FUNC)
#endif

#ifdef CONFIG_HUGETLBFS
#define CKPT_KSYM_HUGETLB(FUNC) FUNC(hugetlb_file_setup)
#else
#define CKPT_KSYM_HUGETLB(FUNC)
#endif

#ifdef CONFIG_UPROBES
#define CKPT_KSYM_UPROBES(FUNC)		\
	FUNC(uprobe_mmap)		\
	FUNC(uprobe_clear_state)	\
	FUNC(uprobe_dup_mmap)		\
	FUNC(uprobe_free_utask)
#define CKPT_KSYM_UPROBES_ADDR(ADDR)	\
	ADDR(uprobes_tree)		\
	ADDR(uprobes_treelock)		\
	ADDR(xol_mapping)
#else
#define CKPT_KSYM_UPROBES(FUNC)
#define CKPT_KSYM_UPROBES_ADDR(ADDR)
#endif

#ifdef CONFIG_BPF_SYSCALL
#define CKPT_KSYM_BPF(FUNC)		\
	FUNC(kern_sys_bpf)		\
	FUNC(bpf_map_new_fd)		\
	FUNC(bpf_map_put_with_uref)	\
	FUNC(bpf_percpu_array_copy)	\
	FUNC(bpf_percpu_hash_copy)
#define CKPT_KSYM_BPF_FOPS(ADDR) ADDR(bpf_map_fops)
#else
#define CKPT_KSYM_BPF(FUNC)
#define CKPT_KSYM_BPF_FOPS(ADDR)
#endif

#if defined(CONFIG_BPF_SYSCALL) && defined(CONFIG_DEBUG_INFO_BTF)
#define CKPT_KSYM_BTF(FUNC)		\
	FUNC(bpf_get_btf_vmlinux)	\
	FUNC(btf_nr_types)		\
	FUNC(btf_name_by_offset)
#else
#define CKPT_KSYM_BTF(FUNC)
#endif

/* Functions: FUNC(name), with the prototype of the kernel's own header. */
#define CKPT_KSYM_FUNCS(FUNC)			\
	CKPT_KSYM_TASKS_RCU(FUNC)		\
	CKPT_KSYM_VT(FUNC)			\
	CKPT_KSYM_AUTOGROUP(FUNC)		\
	CKPT_KSYM_SECURITY(FUNC)		\
	CKPT_KSYM_SECURITY_NETWORK(FUNC)	\
	CKPT_KSYM_AUDIT(FUNC)			\
	CKPT_KSYM_IPV6(FUNC)			\
	CKPT_KSYM_NUMA(FUNC)			\
	CKPT_KSYM_HUGETLB(FUNC)			\
	CKPT_KSYM_UPROBES(FUNC)			\
	CKPT_KSYM_BPF(FUNC)			\
	CKPT_KSYM_BTF(FUNC)			\
	FUNC(x64_sys_call)			\
	FUNC(ia32_sys_call)			\
	FUNC(arch_prctl_spec_ctrl_get)		\
	FUNC(kernel_clone)			\
	FUNC(do_exit)				\
	FUNC(__set_task_comm)			\
	FUNC(__lock_task_sighand)		\
	FUNC(ptrace_may_access)			\
	FUNC(__ptrace_link)			\
	FUNC(__cleanup_sighand)			\
	FUNC(arch_ptrace)			\
	FUNC(signal_wake_up_state)		\
	FUNC(wake_up_state)			\
	FUNC(wait_task_inactive)		\
	FUNC(put_task_stack)			\
	FUNC(task_work_cancel)			\
	FUNC(css_task_iter_start)		\
	FUNC(css_task_iter_next)		\
	FUNC(css_task_iter_end)			\
	FUNC(cgroup_enter_frozen)		\
	FUNC(cgroup_leave_frozen)		\
	FUNC(walk_page_range)			\
	FUNC(mm_access)				\
	FUNC(mm_alloc)				\
	FUNC(vm_area_dup)			\
	FUNC(vm_area_free)			\
	FUNC(anon_vma_fork)			\
	FUNC(anon_vma_clone)			\
	FUNC(unlink_anon_vmas)			\
	FUNC(__anon_vma_prepare)		\
	FUNC(copy_page_range)			\
	FUNC(flush_tlb_mm_range)		\
	FUNC(tlb_gather_mmu)			\
	FUNC(tlb_finish_mmu)			\
	FUNC(free_pgd_range)			\
	FUNC(folio_add_new_anon_rmap)		\
	FUNC(folio_remove_rmap_ptes)		\
	FUNC(__split_huge_pmd)			\
	FUNC(mlock_new_folio)			\
	FUNC(pte_alloc_one)			\
	FUNC(pte_free_defer)			\
	FUNC(pgtable_trans_huge_deposit)	\
	FUNC(split_huge_pmd_address)		\
	FUNC(__thp_vma_allowable_orders)	\
	FUNC(pte_offset_map_nolock)		\
	FUNC(__pte_offset_map_lock)		\
	FUNC(replace_mm_exe_file)		\
	FUNC(__mem_cgroup_charge)		\
	FUNC(__pte_alloc)			\
	FUNC(__pmd_alloc)			\
	FUNC(__pud_alloc)			\
	CKPT_KSYM_P4D(FUNC)			\
	FUNC(map_vdso_once)			\
	FUNC(do_send_sig_info)			\
	FUNC(flush_sigqueue)			\
	FUNC(posix_timer_queue_signal)		\
	FUNC(set_process_cpu_timer)		\
	FUNC(get_seccomp_filter)		\
	FUNC(change_pid)			\
	FUNC(replace_fd)			\
	FUNC(put_files_struct)			\
	FUNC(create_pipe_files)			\
	FUNC(get_pipe_info)			\
	FUNC(pipe_fcntl)			\
	FUNC(do_epoll_ctl)			\
	FUNC(memfd_fcntl)			\
	FUNC(fcntl_setlease)			\
	FUNC(fsnotify_insert_event)		\
	FUNC(fsnotify_recalc_mask)		\
	FUNC(pidfs_alloc_file)			\
	FUNC(proc_ns_file)			\
	FUNC(from_mnt_ns)			\
	FUNC(sk_getsockopt)			\
	FUNC(netlink_alloc_large_skb)		\
	FUNC(do_ip_getsockopt)			\
	FUNC(do_tcp_getsockopt)			\
	FUNC(tcp_send_rcvq)			\
	FUNC(tcp_sync_mss)			\
	FUNC(ipc_obtain_object_idr)		\
	FUNC(ipcperms)				\
	FUNC(ipcctl_obtain_check)		\
	FUNC(ipc_rcu_putref)			\
	FUNC(groups_search)			\
	FUNC(__do_semtimedop)			\
	FUNC(shmem_lock)			\
	FUNC(kernfs_get_active)			\
	FUNC(kernfs_put_active)			\
	FUNC(alloc_pid)				\
	FUNC(free_pid)				\
	FUNC(copy_semundo)			\
	FUNC(exit_sem)				\
	FUNC(exit_io_context)			\
	FUNC(set_fs_pwd)			\
	FUNC(free_fs_struct)

#ifdef CONFIG_SECURITY_LANDLOCK
#define CKPT_KSYM_LANDLOCK(DATA)					\
	DATA(bool, landlock_initialized)				\
	DATA(struct lsm_blob_sizes, landlock_blob_sizes)
#else
#define CKPT_KSYM_LANDLOCK(DATA)
#endif

#ifdef CONFIG_UCLAMP_TASK
#define CKPT_KSYM_UCLAMP(DATA) DATA(unsigned int, sysctl_sched_uclamp_util_min_rt_default)
#else
#define CKPT_KSYM_UCLAMP(DATA)
#endif

#ifdef CONFIG_SECURITY_APPARMOR
#define CKPT_KSYM_APPARMOR(DATA)					\
	DATA(int, apparmor_initialized)					\
	DATA(struct lsm_blob_sizes, apparmor_blob_sizes)
#else
#define CKPT_KSYM_APPARMOR(DATA)
#endif

/* Data: DATA(type, name). */
#define CKPT_KSYM_DATA(DATA)						\
	CKPT_KSYM_LANDLOCK(DATA)					\
	CKPT_KSYM_APPARMOR(DATA)					\
	CKPT_KSYM_IPV6_DATA(DATA)					\
	CKPT_KSYM_UCLAMP(DATA)						\
	DATA(struct request_sock_ops, tcp_request_sock_ops)		\
	DATA(rwlock_t, tasklist_lock)					\
	DATA(spinlock_t, reuseport_lock)				\
	DATA(struct rb_root, key_serial_tree)				\
	DATA(spinlock_t, key_serial_lock)				\
	DATA(struct kmem_cache *, fanotify_fid_event_cachep)		\
	DATA(struct kmem_cache *, fanotify_path_event_cachep)		\
	DATA(seqlock_t, mount_lock)					\
	DATA(struct hrtimer_cpu_base, hrtimer_bases)			\
	DATA(unsigned long, mmap_min_addr)				\
	DATA(int, sysctl_overcommit_memory)				\
	DATA(unsigned long, transparent_hugepage_flags)			\
	DATA(unsigned long, huge_anon_orders_always)			\
	DATA(unsigned long, huge_anon_orders_madvise)			\
	DATA(unsigned long, huge_anon_orders_inherit)			\
	DATA(const struct vdso_image, vdso_image_64)			\
	DATA(const struct vdso_image, vdso_image_32)

#ifdef CONFIG_COMPAT_BINFMT_ELF
#define CKPT_KSYM_COMPAT_ELF(ADDR) ADDR(compat_elf_format)
#else
#define CKPT_KSYM_COMPAT_ELF(ADDR)
#endif

#ifdef CONFIG_DNOTIFY
#define CKPT_KSYM_DNOTIFY(ADDR) ADDR(dnotify_group)
#else
#define CKPT_KSYM_DNOTIFY(ADDR)
#endif

#ifdef CONFIG_SECURITY_YAMA
#define CKPT_KSYM_YAMA(ADDR) ADDR(ptracer_relations)
#else
#define CKPT_KSYM_YAMA(ADDR)
#endif

#ifdef CONFIG_AIO
#define CKPT_KSYM_AIO(ADDR) ADDR(aio_ring_fops)
#else
#define CKPT_KSYM_AIO(ADDR)
#endif

#ifdef CONFIG_PACKET
#define CKPT_KSYM_PACKET(ADDR)			\
	ADDR(fanout_list)			\
	ADDR(fanout_mutex)
#else
#define CKPT_KSYM_PACKET(ADDR)
#endif

#ifdef CONFIG_POSIX_MQUEUE
#define CKPT_KSYM_MQUEUE(ADDR) ADDR(mqueue_file_operations)
#else
#define CKPT_KSYM_MQUEUE(ADDR)
#endif

#ifdef CONFIG_NUMA
#define CKPT_KSYM_NUMA_MAPS(ADDR) ADDR(proc_pid_numa_maps_operations)
#else
#define CKPT_KSYM_NUMA_MAPS(ADDR)
#endif

#ifdef CONFIG_PROC_PAGE_MONITOR
#define CKPT_KSYM_PAGEMAP(ADDR)			\
	ADDR(proc_pagemap_operations)		\
	ADDR(proc_clear_refs_operations)	\
	ADDR(kpagecount_proc_ops)		\
	ADDR(kpageflags_proc_ops)
#else
#define CKPT_KSYM_PAGEMAP(ADDR)
#endif

#ifdef CONFIG_ELF_CORE
#define CKPT_KSYM_ELF_CORE(ADDR) ADDR(proc_coredump_filter_operations)
#else
#define CKPT_KSYM_ELF_CORE(ADDR)
#endif

#ifdef CONFIG_SCHED_DEBUG
#define CKPT_KSYM_PROC_SCHED(ADDR) ADDR(proc_pid_sched_operations)
#else
#define CKPT_KSYM_PROC_SCHED(ADDR)
#endif

#ifdef CONFIG_SCHED_AUTOGROUP
#define CKPT_KSYM_PROC_AUTOGROUP(ADDR) ADDR(proc_pid_sched_autogroup_operations)
#else
#define CKPT_KSYM_PROC_AUTOGROUP(ADDR)
#endif

#ifdef CONFIG_TIME_NS
#define CKPT_KSYM_PROC_TIMENS(ADDR) ADDR(proc_timens_offsets_operations)
#else
#define CKPT_KSYM_PROC_TIMENS(ADDR)
#endif

#ifdef CONFIG_PROC_CHILDREN
#define CKPT_KSYM_PROC_CHILDREN(ADDR) ADDR(proc_tid_children_operations)
#else
#define CKPT_KSYM_PROC_CHILDREN(ADDR)
#endif

#if defined(CONFIG_CHECKPOINT_RESTORE) && defined(CONFIG_POSIX_TIMERS)
#define CKPT_KSYM_PROC_TIMERS(ADDR) ADDR(proc_timers_operations)
#else
#define CKPT_KSYM_PROC_TIMERS(ADDR)
#endif

#ifdef CONFIG_AUDIT
#define CKPT_KSYM_PROC_AUDIT(ADDR)		\
	ADDR(proc_loginuid_operations)		\
	ADDR(proc_sessionid_operations)
#else
#define CKPT_KSYM_PROC_AUDIT(ADDR)
#endif

#ifdef CONFIG_SECURITY
#define CKPT_KSYM_PROC_ATTR(ADDR) ADDR(proc_pid_attr_operations)
#else
#define CKPT_KSYM_PROC_ATTR(ADDR)
#endif

#ifdef CONFIG_USER_NS
#define CKPT_KSYM_PROC_USERNS(ADDR)		\
	ADDR(proc_uid_map_operations)		\
	ADDR(proc_gid_map_operations)		\
	ADDR(proc_projid_map_operations)	\
	ADDR(proc_setgroups_operations)
#else
#define CKPT_KSYM_PROC_USERNS(ADDR)
#endif

/* What some configurations have of a task. */
#define CKPT_KSYM_PROC_TASK(ADDR)		\
	CKPT_KSYM_PROC_SCHED(ADDR)		\
	CKPT_KSYM_PROC_AUTOGROUP(ADDR)		\
	CKPT_KSYM_PROC_TIMENS(ADDR)		\
	CKPT_KSYM_PROC_CHILDREN(ADDR)		\
	CKPT_KSYM_PROC_TIMERS(ADDR)		\
	CKPT_KSYM_PROC_AUDIT(ADDR)		\
	CKPT_KSYM_PROC_ATTR(ADDR)		\
	CKPT_KSYM_PROC_USERNS(ADDR)

#ifdef CONFIG_SLUB_DEBUG
#define CKPT_KSYM_SLABINFO(ADDR) ADDR(slabinfo_proc_ops)
#else
#define CKPT_KSYM_SLABINFO(ADDR)
#endif

#ifdef CONFIG_SWAP
#define CKPT_KSYM_SWAPS(ADDR) ADDR(swaps_proc_ops)
#else
#define CKPT_KSYM_SWAPS(ADDR)
#endif

#ifdef CONFIG_PSI
#define CKPT_KSYM_PSI(ADDR)			\
	ADDR(psi_io_proc_ops)			\
	ADDR(psi_memory_proc_ops)		\
	ADDR(psi_cpu_proc_ops)
#else
#define CKPT_KSYM_PSI(ADDR)
#endif

/* What there is in procfs: of tasks by its operations, of all else by those behind them. */
#define CKPT_KSYM_PROC(ADDR)			\
	CKPT_KSYM_NUMA_MAPS(ADDR)		\
	CKPT_KSYM_PAGEMAP(ADDR)			\
	CKPT_KSYM_ELF_CORE(ADDR)		\
	CKPT_KSYM_SWAPS(ADDR)			\
	CKPT_KSYM_PSI(ADDR)			\
	CKPT_KSYM_PROC_TASK(ADDR)		\
	CKPT_KSYM_SLABINFO(ADDR)		\
	ADDR(proc_single_file_operations)	\
	ADDR(proc_pid_set_timerslack_ns_operations) \
	ADDR(proc_oom_adj_operations)		\
	ADDR(proc_pid_cmdline_ops)		\
	ADDR(proc_pid_set_comm_operations)	\
	ADDR(proc_oom_score_adj_operations)	\
	ADDR(proc_environ_operations)		\
	ADDR(proc_auxv_operations)		\
	ADDR(proc_mem_operations)		\
	ADDR(proc_pid_maps_operations)		\
	ADDR(proc_pid_smaps_operations)		\
	ADDR(proc_pid_smaps_rollup_operations)	\
	ADDR(proc_mounts_operations)		\
	ADDR(proc_mountinfo_operations)		\
	ADDR(proc_mountstats_operations)	\
	ADDR(proc_sys_file_operations)		\
	ADDR(proc_seq_ops)			\
	ADDR(proc_single_ops)			\
	ADDR(proc_net_seq_ops)			\
	ADDR(proc_net_single_ops)		\
	ADDR(proc_fdinfo_file_operations)	\
	ADDR(sysvipc_proc_ops)			\
	ADDR(stat_proc_ops)			\
	ADDR(cpuinfo_proc_ops)

/* Of files of sysfs and cgroups. */
#define CKPT_KSYM_KERNFS(ADDR)			\
	ADDR(kernfs_file_fops)			\
	ADDR(sysfs_file_kfops_ro)		\
	ADDR(sysfs_file_kfops_wo)		\
	ADDR(sysfs_file_kfops_rw)		\
	ADDR(sysfs_prealloc_kfops_ro)		\
	ADDR(sysfs_prealloc_kfops_wo)		\
	ADDR(sysfs_prealloc_kfops_rw)		\
	ADDR(sysfs_bin_kfops_ro)		\
	ADDR(sysfs_bin_kfops_wo)		\
	ADDR(sysfs_bin_kfops_rw)		\
	CKPT_KSYM_CGROUP(ADDR)

#ifdef CONFIG_CGROUPS
#define CKPT_KSYM_CGROUP(ADDR)			\
	ADDR(cgroup_kf_single_ops)		\
	ADDR(cgroup_kf_ops)
#else
#define CKPT_KSYM_CGROUP(ADDR)
#endif

/*
 * Addresses that are compared or stored and never called from here; most are
 * static, so that a built-in checkpointfs looks them up as well.
 */
#define CKPT_KSYM_ADDRS(ADDR)			\
	CKPT_KSYM_COMPAT_ELF(ADDR)		\
	CKPT_KSYM_DNOTIFY(ADDR)			\
	CKPT_KSYM_PACKET(ADDR)			\
	CKPT_KSYM_BPF_FOPS(ADDR)		\
	ADDR(bsd_socket_buckets)		\
	ADDR(bsd_socket_locks)			\
	ADDR(eventfd_fops)			\
	ADDR(signalfd_fops)			\
	ADDR(timerfd_fops)			\
	ADDR(userfaultfd_fops)			\
	ADDR(userfaultfd_dev_fops)		\
	ADDR(seccomp_notify_ops)		\
	ADDR(eventpoll_fops)			\
	ADDR(inotify_fops)			\
	ADDR(fanotify_fops)			\
	ADDR(pidfs_file_operations)		\
	ADDR(tty_fops)				\
	ADDR(console_fops)			\
	ADDR(ptmx_fops)				\
	ADDR(hung_up_tty_fops)			\
	ADDR(shm_file_operations)		\
	ADDR(shm_file_operations_huge)		\
	ADDR(sem_rcu_free)			\
	ADDR(msg_rcu_free)			\
	ADDR(shm_rcu_free)			\
	CKPT_KSYM_YAMA(ADDR)			\
	CKPT_KSYM_MQUEUE(ADDR)			\
	CKPT_KSYM_AIO(ADDR)			\
	CKPT_KSYM_UPROBES_ADDR(ADDR)		\
	CKPT_KSYM_PROC(ADDR)			\
	CKPT_KSYM_KERNFS(ADDR)			\
	ADDR(elf_format)			\
	ADDR(lease_break_time)			\
	ADDR(genl_fam_idr)			\
	ADDR(do_no_restart_syscall)		\
	ADDR(hrtimer_nanosleep_restart)		\
	ADDR(posix_cpu_nsleep_restart)		\
	ADDR(hrtimer_wakeup)			\
	ADDR(futex_wait_restart)		\
	ADDR(do_restart_poll)

#define CKPT_KSYM_DECLARE(name) extern void *ckpt_ksym_addr_##name;
CKPT_KSYM_ADDRS(CKPT_KSYM_DECLARE)
#undef CKPT_KSYM_DECLARE

#define ksym_addr(name)	(ckpt_ksym_addr_##name)

int ckpt_ksyms_resolve(void);
/* layouts.c. Return: 0, or -ENOEXEC (said). */
int ckpt_layouts_check(void);

#ifdef MODULE

/* Declared for what is not a module only. */
void flush_tlb_mm_range(struct mm_struct *mm, unsigned long start,
			unsigned long end, unsigned int stride_shift,
			bool freed_tables);

#define CKPT_KSYM_DECLARE(f) DECLARE_STATIC_CALL(ckpt_ksym_##f, f);
CKPT_KSYM_FUNCS(CKPT_KSYM_DECLARE)
#undef CKPT_KSYM_DECLARE

#define CKPT_KSYM_DECLARE(type, name) extern type *ckpt_ksym_##name;
CKPT_KSYM_DATA(CKPT_KSYM_DECLARE)
#undef CKPT_KSYM_DECLARE

#define ksym(f)		static_call(ckpt_ksym_##f)
#define ksym_data(name)	(*ckpt_ksym_##name)

#else

/* Declared in headers of their own directories only, or in none. */
DECLARE_PER_CPU(struct hrtimer_cpu_base, hrtimer_bases);
extern struct rb_root key_serial_tree;
extern spinlock_t key_serial_lock;
extern seqlock_t mount_lock;
extern struct kmem_cache *fanotify_fid_event_cachep;
extern struct kmem_cache *fanotify_path_event_cachep;
extern bool landlock_initialized;
extern struct lsm_blob_sizes landlock_blob_sizes;
extern unsigned int sysctl_sched_uclamp_util_min_rt_default;
extern int apparmor_initialized;
extern struct lsm_blob_sizes apparmor_blob_sizes;

#define ksym(f)		f
#define ksym_data(name)	name

#endif

#endif /* _CKPT_KSYMS_H */
