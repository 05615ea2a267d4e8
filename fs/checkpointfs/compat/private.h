/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Structures that the kernel defines in .c files, as far as they are read here; those of
 * networks are in private_net.h.
 */
#ifndef _CKPT_PRIVATE_H
#define _CKPT_PRIVATE_H

#include <linux/alarmtimer.h>
#include <linux/bpf.h>
#include <linux/cgroup.h>
#include <linux/fanotify.h>
#include <linux/fs.h>
#include <linux/fsnotify_backend.h>
#include <linux/hrtimer.h>
#include <linux/idr.h>
#include <linux/ipc.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mount.h>
#include <linux/mqueue.h>
#include <linux/mutex.h>
#include <linux/path.h>
#include <linux/percpu-refcount.h>
#include <linux/proc_fs.h>
#include <linux/types.h>
#include <linux/refcount_types.h>
#include <linux/rbtree_types.h>
#include <linux/rwsem.h>
#include <linux/seccomp.h>
#include <linux/seqlock.h>
#include <linux/signal_types.h>
#include <linux/spinlock_types.h>
#include <linux/tty.h>
#include <linux/uidgid_types.h>
#include <linux/uprobes.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <uapi/linux/eventpoll.h>

/* Bits of struct file.f_mode that say of what nobody is told: one, or two of late. */
#ifndef FMODE_FSNOTIFY_MASK
#define FMODE_FSNOTIFY_MASK	FMODE_NONOTIFY
#define FMODE_FSNOTIFY_NONE(mode)	((mode) & FMODE_NONOTIFY)
#define FMODE_FSNOTIFY_PERM(mode)	0	/* of all others somebody is asked */
#endif

/* What mm/hugetlb.c has in the low bits of vm_private_data of a private mapping. */
#define CKPT_HPAGE_RESV_OWNER		(1UL << 0)
#define CKPT_HPAGE_RESV_UNMAPPED	(1UL << 1)

/* Of late, and what an older kernel does not know it refuses. */
#ifndef FAN_REPORT_FD_ERROR
#define FAN_REPORT_FD_ERROR	0x00002000
#endif

/*
 * Those that follow are compared with the kernel that runs: each has its row in layouts.c, and
 * in tests/bats/fields.bats.
 */

struct ckpt_eventfd_ctx {
	struct kref kref;
	wait_queue_head_t wqh;
	__u64 count;
	unsigned int flags;
};

struct ckpt_signalfd_ctx {
	sigset_t sigmask;
};

struct ckpt_timerfd_ctx {
	union {
		struct hrtimer tmr;
		struct alarm alarm;
	} t;
	ktime_t tintv;
	ktime_t moffs;
	wait_queue_head_t wqh;
	u64 ticks;
	int clockid;
	unsigned short expired;
	unsigned short settime_flags;
	struct rcu_head rcu;
	struct list_head clist;
	spinlock_t cancel_lock;
	bool might_cancel;
};

struct ckpt_epoll_filefd {
	struct file *file;
	int fd;
} __packed;

struct ckpt_eppoll_entry {
	struct ckpt_eppoll_entry *next;
	struct ckpt_epitem *base;
	wait_queue_entry_t wait;
	wait_queue_head_t *whead;
};

struct ckpt_epitem {
	struct rb_node rbn;
	struct list_head rdllink;
	struct ckpt_epitem *ovflist_next;
	struct ckpt_epoll_filefd ffd;
	bool dying;
	struct ckpt_eppoll_entry *pwqlist;
	struct ckpt_eventpoll *ep;
	struct hlist_node fllink;
	struct wakeup_source __rcu *ws;
	struct epoll_event event;
};

struct ckpt_eventpoll {
	struct mutex mtx;
	wait_queue_head_t wq;
	wait_queue_head_t poll_wait;
	struct list_head rdllist;
	spinlock_t lock;
	seqcount_spinlock_t seq;
	struct rb_root_cached rbr;
	struct ckpt_epitem *ovflist;
	struct wakeup_source *ws;
	struct user_struct *user;
	struct file *file;
	u64 gen;
	struct hlist_head refs;
	u8 loop_check_depth;
	refcount_t refcount;
	struct rcu_head rcu;
#ifdef CONFIG_NET_RX_BUSY_POLL
	unsigned int napi_id;
	u32 busy_poll_usecs;
	u16 busy_poll_budget;
	bool prefer_busy_poll;
#endif
};

struct ckpt_inotify_event_info {
	struct fsnotify_event fse;
	u32 mask;
	int wd;
	u32 sync_cookie;
	int name_len;
	char name[];
};

struct ckpt_inotify_inode_mark {
	struct fsnotify_mark fsn_mark;
	int wd;
};

#define CKPT_FANOTIFY_INLINE_FH_LEN	(3 << 2)
#define CKPT_FANOTIFY_FH_EXT_BUF	1	/* in struct fanotify_fh.flags */
#define CKPT_FANOTIFY_TYPE_BITS		3
#define CKPT_FANOTIFY_HASH_BITS		(32 - CKPT_FANOTIFY_TYPE_BITS)
#define CKPT_FANOTIFY_HTABLE_MASK	127

/* enum fanotify_event_type */
enum {
	CKPT_FANOTIFY_TYPE_FID,
	CKPT_FANOTIFY_TYPE_FID_NAME,
	CKPT_FANOTIFY_TYPE_PATH,
	CKPT_FANOTIFY_TYPE_PATH_PERM,
	CKPT_FANOTIFY_TYPE_OVERFLOW,
	CKPT_FANOTIFY_TYPE_FS_ERROR,
};

/* The handle follows, or the address of one, so that this is aligned. */
struct ckpt_fanotify_fh {
	u8 type;
	u8 len;
	u8 flags;
	u8 pad;
} __aligned(4);

/*
 * The handles are first, those that have a length, which is that of the whole struct
 * fanotify_fh; then the names, each with its NUL.
 */
struct ckpt_fanotify_info {
	u8 dir_fh_totlen;
	u8 dir2_fh_totlen;
	u8 file_fh_totlen;
	u8 pad;
	u16 name_len;
	u16 name2_len;
	unsigned char buf[];
} __aligned(4);

struct ckpt_fanotify_event {
	struct fsnotify_event fse;
	struct hlist_node merge_list;
	u32 mask;
	struct {
		unsigned int type : CKPT_FANOTIFY_TYPE_BITS;
		unsigned int hash : CKPT_FANOTIFY_HASH_BITS;
	};
	struct pid *pid;
};

struct ckpt_fanotify_fid_event {
	struct ckpt_fanotify_event fae;
	__kernel_fsid_t fsid;
	struct {
		struct ckpt_fanotify_fh object_fh;
		unsigned char _inline_fh_buf[CKPT_FANOTIFY_INLINE_FH_LEN];
	};
};

struct ckpt_fanotify_name_event {
	struct ckpt_fanotify_event fae;
	__kernel_fsid_t fsid;
	struct ckpt_fanotify_info info;
};

struct ckpt_fanotify_path_event {
	struct ckpt_fanotify_event fae;
	struct path path;
};

struct ckpt_fanotify_mark {
	struct fsnotify_mark fsn_mark;
	__kernel_fsid_t fsid;
};

/* The head of struct mount. */
struct ckpt_vfs_mount {
	struct hlist_node mnt_hash;
	struct ckpt_vfs_mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	union {
		struct rb_node mnt_node;
		struct rcu_head mnt_rcu;
		struct llist_node mnt_llist;
	};
#ifdef CONFIG_SMP
	struct mnt_pcp __percpu *mnt_pcp;
#else
	int mnt_count;
	int mnt_writers;
#endif
	struct list_head mnt_mounts;
	struct list_head mnt_child;
	struct list_head mnt_instance;
};

struct ckpt_dnotify_mark {
	struct fsnotify_mark fsn_mark;
	struct dnotify_struct *dn;
};

struct ckpt_shmid_kernel {
	struct kern_ipc_perm shm_perm;
	struct file *shm_file;
	unsigned long shm_nattch;
	unsigned long shm_segsz;
	time64_t shm_atim;
	time64_t shm_dtim;
	time64_t shm_ctim;
	struct pid *shm_cprid;
	struct pid *shm_lprid;
	struct ucounts *mlock_ucounts;
	struct task_struct *shm_creator;
	struct list_head shm_clist;
	struct ipc_namespace *ns;
};

struct ckpt_shm_file_data {
	int id;
	struct ipc_namespace *ns;
	struct file *file;
	const struct vm_operations_struct *vm_ops;
};

struct ckpt_sem {
	int semval;
	struct pid *sempid;
	spinlock_t lock;
	struct list_head pending_alter;
	struct list_head pending_const;
	time64_t sem_otime;
} ____cacheline_aligned_in_smp;

struct ckpt_sem_array {
	struct kern_ipc_perm sem_perm;
	time64_t sem_ctime;
	struct list_head pending_alter;
	struct list_head pending_const;
	struct list_head list_id;
	int sem_nsems;
	int complex_count;
	unsigned int use_global_lock;
	struct ckpt_sem sems[];
};

struct ckpt_sem_undo_list {
	refcount_t refcnt;
	spinlock_t lock;
	struct list_head list_proc;
};

struct ckpt_sem_undo {
	struct list_head list_proc;
	struct rcu_head rcu;
	struct ckpt_sem_undo_list *ulp;
	struct list_head list_id;
	int semid;
	short semadj[];
};

struct ckpt_msg_queue {
	struct kern_ipc_perm q_perm;
	time64_t q_stime;
	time64_t q_rtime;
	time64_t q_ctime;
	unsigned long q_cbytes;
	unsigned long q_qnum;
	unsigned long q_qbytes;
	struct pid *q_lspid;
	struct pid *q_lrpid;
	struct list_head q_messages;
	struct list_head q_receivers;
	struct list_head q_senders;
};

/* The heads of those who wait. */
struct ckpt_msg_receiver {
	struct list_head r_list;
	struct task_struct *r_tsk;
};

struct ckpt_msg_sender {
	struct list_head list;
	struct task_struct *tsk;
};

struct ckpt_msg_msgseg {
	struct ckpt_msg_msgseg *next;
};

struct ckpt_posix_msg_tree_node {
	struct rb_node rb_node;
	struct list_head msg_list;
	int priority;
};

struct ckpt_ext_wait_queue {
	struct task_struct *task;
	struct list_head list;
	struct msg_msg *msg;
	int state;
};

struct ckpt_mqueue_inode_info {
	spinlock_t lock;
	struct inode vfs_inode;
	wait_queue_head_t wait_q;
	struct rb_root msg_tree;
	struct rb_node *msg_tree_rightmost;
	struct ckpt_posix_msg_tree_node *node_cache;
	struct mq_attr attr;
	struct sigevent notify;
	struct pid *notify_owner;
	u32 notify_self_exec_id;
	struct user_namespace *notify_user_ns;
	struct ucounts *ucounts;
	struct sock *notify_sock;
	struct sk_buff *notify_cookie;
	struct ckpt_ext_wait_queue e_wait_q[2];
	unsigned long qsize;
};

/* struct notification of kernel/seccomp.c. */
struct ckpt_notification {
	atomic_t requests;
	u32 flags;
	u64 next_id;
	struct list_head notifications;
};

/* The head of struct seccomp_filter of kernel/seccomp.c. */
struct ckpt_seccomp_filter {
	refcount_t refs;
	refcount_t users;
	bool log;
	bool wait_killable_recv;
	struct {
		DECLARE_BITMAP(allow_native, SECCOMP_ARCH_NATIVE_NR);
#ifdef SECCOMP_ARCH_COMPAT
		DECLARE_BITMAP(allow_compat, SECCOMP_ARCH_COMPAT_NR);
#endif
	} cache;
	struct ckpt_seccomp_filter *prev;
	struct bpf_prog *prog;
	struct ckpt_notification *notif;
	struct mutex notify_lock;
};

/* struct n_tty_data of drivers/tty/n_tty.c. */
struct ckpt_n_tty_data {
	size_t read_head;
	size_t commit_head;
	size_t canon_head;
	size_t echo_head;
	size_t echo_commit;
	size_t echo_mark;
	DECLARE_BITMAP(char_map, 256);
	unsigned long overrun_time;
	unsigned int num_overrun;
	bool no_room;
	unsigned char lnext:1, erasing:1, raw:1, real_raw:1, icanon:1;
	unsigned char push:1;
	u8 read_buf[N_TTY_BUF_SIZE];
	DECLARE_BITMAP(read_flags, N_TTY_BUF_SIZE);
	u8 echo_buf[N_TTY_BUF_SIZE];
	size_t read_tail;
	size_t line_start;
	size_t lookahead_count;
	unsigned int column;
	unsigned int canon_column;
	size_t echo_tail;
};

/* The head of struct pts_fs_info of fs/devpts/inode.c. */
struct ckpt_pts_fs_info {
	struct ida allocated_ptys;
	struct {
		int setuid;
		int setgid;
		kuid_t uid;
		kgid_t gid;
		umode_t mode;
		umode_t ptmxmode;
		int reserve;
		int max;
	} mount_opts;
	struct super_block *sb;
	struct dentry *ptmx_dentry;
};

/* The head of struct proc_dir_entry. */
struct ckpt_proc_dir_entry {
	atomic_t in_use;
	refcount_t refcnt;
	struct list_head pde_openers;
	spinlock_t pde_unload_lock;
	struct completion *pde_unload_completion;
	const struct inode_operations *proc_iops;
	const struct proc_ops *proc_ops;
};

struct ckpt_proc_inode {
	struct pid *pid;
	unsigned int fd;
	void *op;
	struct ckpt_proc_dir_entry *pde;
	struct ctl_table_header *sysctl;
	struct ctl_table *sysctl_entry;
	struct hlist_node sibling_inodes;
	const struct proc_ns_operations *ns_ops;
	struct inode vfs_inode;
};

/* The head of struct proc_maps_private. */
struct ckpt_proc_maps_private {
	struct inode *inode;
	struct task_struct *task;
	struct mm_struct *mm;
};

/* The head of it. */
struct ckpt_ipc_proc_iter {
	struct ipc_namespace *ns;
	struct pid_namespace *pid_ns;
};

/* The head of struct proc_mounts. */
struct ckpt_proc_mounts {
	struct mnt_namespace *ns;
	struct path root;
};

struct ckpt_cgroup_file_ctx {
	struct cgroup_namespace *ns;
	struct {
		void *trigger;
	} psi;
	struct {
		bool started;
		struct css_task_iter iter;
	} procs;
	struct {
		struct cgroup_pidlist *pidlist;
	} procs1;
	struct cgroup_of_peak peak;
};

/* struct aa_label of security/apparmor/include/label.h, as far as it is read. */
struct ckpt_aa_label {
	u64 count;
	struct rb_node node;
	struct rcu_head rcu;
	const void *proxy;
};

/* struct aa_task_ctx of security/apparmor/include/task.h, as far as it is read. */
struct ckpt_aa_task_ctx {
	const struct ckpt_aa_label *nnp;
	const void *onexec;
	const void *previous;
	u64 token;
};

/* struct ptrace_relation of security/yama/yama_lsm.c, as far as it is read. */
struct ckpt_ptrace_relation {
	struct task_struct *tracer;
	struct task_struct *tracee;
	bool invalid;
	struct list_head node;
};

/* The head of a ring of fs/aio.c, which its program sees; struct io_events follow. */
struct ckpt_aio_ring {
	unsigned int id;
	unsigned int nr;
	unsigned int head;
	unsigned int tail;
	unsigned int magic;
	unsigned int compat_features;
	unsigned int incompat_features;
	unsigned int header_length;
};

#define CKPT_AIO_RING_MAGIC	0xa10a10a1

struct ckpt_kioctx {
	struct percpu_ref users;
	atomic_t dead;
	struct percpu_ref reqs;
	unsigned long user_id;
	struct kioctx_cpu __percpu *cpu;
	unsigned int req_batch;
	unsigned int max_reqs;
	unsigned int nr_events;
	unsigned long mmap_base;
	unsigned long mmap_size;
	struct folio **ring_folios;
	long nr_pages;
	struct rcu_work free_rwork;
	struct ctx_rq_wait *rq_wait;
	struct {
		atomic_t reqs_available;
	} ____cacheline_aligned_in_smp;
	struct {
		spinlock_t ctx_lock;
		struct list_head active_reqs;
	} ____cacheline_aligned_in_smp;
	struct {
		struct mutex ring_lock;
		wait_queue_head_t wait;
	} ____cacheline_aligned_in_smp;
	struct {
		unsigned int tail;
		unsigned int completed_events;
		spinlock_t completion_lock;
	} ____cacheline_aligned_in_smp;
	struct folio *internal_folios[8];
	struct file *aio_ring_file;
	unsigned int id;
};

struct ckpt_kioctx_table {
	struct rcu_head rcu;
	unsigned int nr;
	struct ckpt_kioctx __rcu *table[];
};

#ifdef CONFIG_UPROBES
/* struct uprobe of kernel/events/uprobes.c. */
struct ckpt_uprobe {
	struct rb_node rb_node;
	refcount_t ref;
	struct rw_semaphore register_rwsem;
	struct rw_semaphore consumer_rwsem;
	struct list_head pending_list;
	struct list_head consumers;
	struct inode *inode;
	struct rcu_head rcu;
	loff_t offset;
	loff_t ref_ctr_offset;
	unsigned long flags;
	struct arch_uprobe arch;
};

/* struct xol_area of the same file. */
struct ckpt_xol_area {
	wait_queue_head_t wq;
	atomic_t slot_count;
	unsigned long *bitmap;
	struct page *page;
	unsigned long vaddr;
};
#endif

/* A queue or a stack: elements from @tail on, before @head; one place is free. */
struct ckpt_bpf_queue_stack {
	struct bpf_map map;
	raw_spinlock_t lock;
	u32 head, tail;
	u32 size;
	char elements[] __aligned(8);
};

struct ckpt_bpf_bloom_filter {
	struct bpf_map map;
	u32 bitset_mask;
	u32 hash_seed;
	u32 nr_hash_funcs;
	unsigned long bitset[];
};

#endif /* _CKPT_PRIVATE_H */
