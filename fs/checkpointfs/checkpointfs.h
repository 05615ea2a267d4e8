/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of checkpointfs share, one block per .c file.
 *
 * A mount (struct ckpt_mount) holds containers. A container is a set of
 * frozen tasks and the tree of objects collected from them; it goes from
 * frozen to committed or to dead, and only container.c changes its state.
 * Dependencies point downwards: super, dir, file, control, stage -> container,
 * restore -> collect, seal, snapshot, freezer -> objects -> format.
 */
#ifndef _CHECKPOINTFS_H
#define _CHECKPOINTFS_H

#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/uidgid.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <linux/checkpointfs.h>

#include "external.h"
#include "object.h"

struct ckpt_container;
struct ckpt_content;
struct ckpt_image;
struct ckpt_lineage;
struct ckpt_log;
struct ckpt_memory;
struct ckpt_taskset;
struct sock;
struct socket;

/* ---- super.c: the mount -------------------------------------------------- */

/**
 * struct ckpt_mount - one mounted instance (sb->s_fs_info)
 * @sb:		its super block
 * @lock:	protects @containers; innermost but for @log's
 * @containers:	struct ckpt_container.node, oldest first
 * @log:	messages, log.c
 * @stage_max:	most bytes of staged contents and of copies (mount option)
 * @staged:	bytes staged now, content.c
 * @checksum_all: CRCs of contents too (mount option)
 * @uid, @gid, @mode: of the root directory (mount options)
 * @last:	result line of the last restore, for reads of restore/commit;
 *		protected by @lock
 */
struct ckpt_mount {
	struct super_block *sb;
	struct mutex lock;
	struct list_head containers;
	struct ckpt_log *log;
	u64 stage_max;
	atomic64_t staged;
	bool checksum_all;
	kuid_t uid;
	kgid_t gid;
	umode_t mode;
	char last[128];
};

static inline struct ckpt_mount *ckpt_mount(const struct super_block *sb)
{
	return sb->s_fs_info;
}

/* Owned by the mount's uid and gid. Return: NULL if there is no memory. */
struct inode *ckpt_new_inode(struct super_block *sb, umode_t mode, u64 ino);
/* Inode numbers, @nr neighbouring ones; they are never used again. */
u64 ckpt_new_inos(u64 nr);

/* ---- log.c: messages for the user ---------------------------------------- */

struct ckpt_log *ckpt_log_create(void);
void ckpt_log_destroy(struct ckpt_log *log);
/* One line, with its newline added; kept until newer ones push it out. */
__printf(2, 3) void ckpt_err(struct ckpt_mount *m, const char *fmt, ...);
/* Log -ENOMEM, -EFAULT or -EINTR, which who finds them does not. Return: @error. */
int ckpt_say(struct ckpt_mount *m, const char *what, int error);
extern const struct file_operations checkpointfs_log_fops;

/* ---- container.c: the life of a container --------------------------------- */

/*
 * NEW -> FROZEN -> COMMITTED -> DEAD, FROZEN -> DEAD, NEW -> DEAD.
 * FROZEN: the tasks are stopped, contents are read from them.
 * COMMITTED: the tasks run (or are gone), contents come from snapshots.
 * DEAD: not in the mount's list; what is still open gives -ESTALE.
 */
enum ckpt_state {
	CKPT_NEW,
	CKPT_FROZEN,
	CKPT_COMMITTED,
	CKPT_DEAD,
};

/**
 * struct ckpt_tables - page tables of nobody yet
 * @lock:	protects @list
 * @list:	of struct page.lru
 */
struct ckpt_tables {
	spinlock_t lock;	/* list */
	struct list_head list;
};

/**
 * struct ckpt_ahead - for the address spaces of a container to be
 * @mms:	what ckpt_snapshot_ahead() has made, by the program's mm, to which
 *		each entry has a reference
 * @tables:	for the huge pages that are shared at the freeze
 */
struct ckpt_ahead {
	struct xarray mms;
	struct ckpt_tables tables;
};

/**
 * struct ckpt_container - a frozen or committed container
 * @ref:	one for the mount's list, one per inode of its tree
 * @node:	in ckpt_mount.containers, under its lock
 * @mount:	where it is; outlives it (a tree's inodes pin the super block)
 * @state:	enum ckpt_state; written under @lock, read anywhere
 * @lock:	serializes what changes the state
 * @reading:	held by readers of contents, never over a user's page fault;
 *		for write by who commits them or takes them away, under @lock
 * @name:	unique in the mount while not DEAD
 * @tasks:	the frozen tasks, until thawed
 * @ahead:	what a snapshot has made before the freeze; empty afterwards
 * @objects:	struct ckpt_object.node, in the order of the archive;
 *		unchanged once FROZEN
 * @nr_objects:	length of @objects
 * @index:	the same objects for look-ups, dir.c; built before FROZEN
 * @header, @cpu, @tail: bytes of the three files at the top
 * @ino:	first of the inode numbers of its tree; set with @index
 * @uid, @gid:	owner of its files
 * @time:	mtime of its files
 * @timeout:	thaws it when nobody else does
 * @deadline:	jiffies of @timeout, 0: none
 * @stopped:	when the first of its tasks was told to stop
 * @pause:	microseconds from then until all ran again, 0 before that
 * @root_tgid:	first root task, for `control`
 * @nr_tasks:	threads in it
 * @nr_content:	bytes of contents
 * @caller_ns:	pid namespace of the freezer, whose numbers the image has
 * @root:	its first process, for who asks whether another is of the same
 * @since:	the older container that the image is to be a difference to,
 *		referenced; NULL once it has been made
 * @inherits:	it is one: something in it is as in @since
 * @holds:	what others could do to its objects is held back until it is thawed
 */
struct ckpt_container {
	refcount_t ref;
	struct list_head node;
	struct ckpt_mount *mount;
	enum ckpt_state state;
	struct mutex lock;
	struct rw_semaphore reading;
	char name[CKPT_NAME_MAX + 1];
	struct ckpt_taskset *tasks;
	struct ckpt_ahead ahead;
	struct list_head objects;
	u32 nr_objects;
	struct ckpt_index *index;
	struct ckpt_bytes {
		u8 *bytes;
		u64 size;
	} header, cpu, tail;
	u64 ino;
	kuid_t uid;
	kgid_t gid;
	struct timespec64 time;
	struct delayed_work timeout;
	unsigned long deadline;
	ktime_t stopped;
	u64 pause;
	pid_t root_tgid;
	u32 nr_tasks;
	u64 nr_content;
	struct pid_namespace *caller_ns;
	struct pid *root;
	struct ckpt_container *since;
	bool inherits;
	bool holds;
};

/**
 * struct ckpt_root - one of the words that name what to freeze
 * @pid:	pid=: its thread group and all descendants
 * @cgroup:	cgroup=: a path in the unified hierarchy, or NULL
 */
struct ckpt_root {
	struct pid *pid;
	const char *cgroup;
};

/**
 * struct ckpt_freeze_args - a parsed freeze or snapshot command
 * @name:	of the new container
 * @roots:	what to freeze
 * @nr_roots:	at least 1
 * @timeout:	seconds until it thaws by itself, 0: never
 * @hold:	seconds for which a killed one may be restored with what others have seen
 *		of it, 0: nobody waits
 * @since:	name of the container to which it is to be a difference, or ""
 * @externals:	open files that stay outside
 */
struct ckpt_freeze_args {
	char name[CKPT_NAME_MAX + 1];
	struct ckpt_root *roots;
	unsigned int nr_roots;
	unsigned int timeout;
	unsigned int hold;
	char since[CKPT_NAME_MAX + 1];
	struct ckpt_externals externals;
};

bool ckpt_name_valid(const char *name);
/**
 * enum ckpt_how - what becomes of the tasks when their objects are collected
 * @CKPT_FREEZE:	they stay frozen
 * @CKPT_SNAPSHOT:	contents are kept, and they run on
 * @CKPT_SNAPSHOT_KILL:	contents are kept, and they are killed
 */
enum ckpt_how {
	CKPT_FREEZE,
	CKPT_SNAPSHOT,
	CKPT_SNAPSHOT_KILL,
};

/**
 * ckpt_container_freeze() - freeze tasks and collect their objects
 * Return: a reference to the container, or ERR_PTR() with the errno for the
 * writer; everything is said in the log.
 */
struct ckpt_container *ckpt_container_freeze(struct ckpt_mount *m,
					     const struct ckpt_freeze_args *args,
					     enum ckpt_how how);
/* End the freeze and keep the image; @kill: the tasks are killed, not thawed, @hold: as above. */
int ckpt_container_commit(struct ckpt_container *con, bool kill, unsigned int hold);
int ckpt_container_thaw(struct ckpt_container *con);
int ckpt_container_remove(struct ckpt_container *con);
/* All containers of the mount go, thawed: umount. */
void ckpt_containers_destroy(struct ckpt_mount *m);
/* Return: a reference to the container of that name, or NULL. */
struct ckpt_container *ckpt_container_find(struct ckpt_mount *m, const char *name);
void ckpt_container_get(struct ckpt_container *con);
void ckpt_container_put(struct ckpt_container *con);
/* Has it gone, so that its files are stale? */
static inline bool ckpt_container_dead(const struct ckpt_container *con)
{
	return READ_ONCE(con->state) == CKPT_DEAD;
}

const char *ckpt_state_name(enum ckpt_state state);
int ckpt_container_init(void);
void ckpt_container_exit(void);

/* ---- collect.c: from the root tasks to every object ------------------------ */

/**
 * struct ckpt_object - an object of a container; one file of its image
 * @ops:	its row
 * @ptr:	the kernel object; referenced (ops->get) from the collection
 *		until the container is thawed or committed
 * @id:		in its directory; decimal name of DIR/ID
 * @hash:	in ckpt_collect.hash, by (@ops, @ptr), during the collection
 * @node:	in ckpt_container.objects
 * @bytes:	what save() wrote; NULL for CKPT_ROW_RAW
 * @size:	of the file, final once the container is FROZEN
 * @crc:	CRC32C of @bytes
 * @refs:	how often objects of the container refer to it
 * @has_fd:	an open file that a descriptor stands for
 * @first:	id of the object that referred to it first
 * @leads:	no file of its DIR/ID stands before it in the archive; dir.c
 * @con:	the container
 * @priv:	the row's own, until ops->release()
 */
struct ckpt_object {
	const struct ckpt_object_ops *ops;
	void *ptr;
	u64 id;
	struct rhash_head hash;
	struct list_head node;
	u8 *bytes;
	u64 size;
	u32 crc;
	u32 refs;
	bool has_fd;
	u64 first;
	bool leads;
	struct ckpt_container *con;
	void *priv;
};

/**
 * struct ckpt_collect - a collection under way
 * @con:	the container
 * @mount:	its mount
 * @tasks:	frozen tasks
 * @hash:	objects by (row, pointer)
 * @latest:	by type: what was found in @hash last, for threads share most of what they have
 * @referrer:	the object whose collect() runs
 * @next_id:	per directory, by type of its first row
 * @refused:	number of obstacles found
 * @shared:	those of them that are shared with the outside
 * @root:	the freezer's root directory: paths are relative to it
 * @now:	of the freeze, CLOCK_MONOTONIC, ns
 * @page:	scratch of PATH_MAX bytes for one save() at a time
 * @patience:	how often to look again, for all objects together
 * @externals:	by struct file, to which each entry has a reference: the word of
 *		the command by which it was declared external
 * @joint:	what several tasks have: its first task, and how many there are, joint.c
 * @undos:	lists of semaphore adjustments: the first task of each, semundo.c
 * @keyrings:	those of tasks, when one has been asked for, keyring.c
 * @cookies:	of core scheduling: numbers of their groups, sched.c
 * @nr_cookies:	how many
 * @uffds:	by struct userfaultfd_ctx: the object of its open file
 * @fanouts:	by struct packet_fanout: how many of its members have been collected
 */
struct ckpt_collect {
	struct ckpt_container *con;
	struct ckpt_mount *mount;
	struct ckpt_taskset *tasks;
	struct rhashtable hash;
	struct ckpt_object *latest[CKPT_TYPE_LIMIT];
	struct ckpt_object *referrer;
	u64 next_id[CKPT_TYPE_LIMIT];
	unsigned int refused;
	unsigned int shared;
	struct path root;
	u64 now;
	char *page;
	unsigned int patience;
	struct xarray externals;
	struct xarray joint;
	struct xarray undos;
	struct xarray keyrings;
	struct xarray cookies;
	u32 nr_cookies;
	struct xarray uffds;
	struct xarray fanouts;
};

/**
 * ckpt_collect_objects() - fill con->objects from con->tasks
 * @con: its tasks are frozen
 * @externals: which of their open files stay outside
 *
 * Every object is collected, then all are saved, as far as that needs the
 * tasks. Return: 0, -EOPNOTSUPP when anything was refused (each in the log),
 * -EBUSY when all that was refused is shared with the outside, or an errno.
 */
int ckpt_collect_objects(struct ckpt_container *con, const struct ckpt_externals *externals);
/* ---- seal.c: what completes an image -------------------------------------------- */

/**
 * ckpt_seal() - give an image sizes, checksums, header, cpu, tail and tree
 * @con: all of whose objects are saved; its tasks are frozen, or all contents
 *	 have been committed
 *
 * Return: 0 or -errno; what could not be saved is in the log. -EAGAIN: it has been changed by
 * somebody outside, so that no restore would take the image.
 */
int ckpt_seal(struct ckpt_container *con);
/*
 * sound.c: would a restore take what is saved of what others may have got hold of, now that all
 * is there? Return: 0, -ENOMEM, or -EAGAIN (reported).
 */
int ckpt_sound_check(struct ckpt_container *con);
/* For what writes records: report an @error that tells by itself what cannot be told of @obj. */
void ckpt_say_why(const struct ckpt_object *obj, int error);
/* Move what @w has to the end of @bytes, of *size, which may be NULL. */
int ckpt_keep_bytes(struct ckpt_writer *w, u8 **bytes, u64 *size);
/* The same for an object. Return: -EFBIG if it is larger than any restore takes. */
int ckpt_keep_object(struct ckpt_writer *w, struct ckpt_object *obj);

/* ---- since.c: what an older image of the program has ----------------------------- */

/*
 * Return: a reference to the committed container of that name, or ERR_PTR():
 * -ENOENT, -EPERM, -EBUSY (reported).
 */
struct ckpt_container *ckpt_since_get(struct ckpt_mount *m, const char *name);
/* Is con->since, if there is one, of the same program? 0 or -EINVAL (reported). */
int ckpt_since_check(const struct ckpt_container *con);
/* Between these two con->since keeps its contents. 0, -ENOENT (reported), -EINTR. */
int ckpt_since_begin(struct ckpt_container *con);
void ckpt_since_end(struct ckpt_container *con);
/* The first object of con->since, of the row of @obj, that is the @same; or NULL. */
struct ckpt_object *ckpt_since_object(const struct ckpt_object *obj,
				      bool (*same)(const struct ckpt_object *older,
						   const struct ckpt_object *obj));
/* Write that pages of @obj are those of @older. Return: w->error. */
int ckpt_since_save(const struct ckpt_object *obj, const struct ckpt_object *older,
		    struct ckpt_writer *w);
/* Name the parent, if there is one, in the header of a sealed container. */
void ckpt_since_header(const struct ckpt_container *con, struct ckpt_header *header);

/* ops->kill all: the tasks are frozen, and will be killed. */
void ckpt_objects_kill(struct ckpt_container *con);
/* ops->thaw all: the tasks run on, or have been killed and are to be restored within @hold s. */
void ckpt_objects_thaw(struct ckpt_container *con, unsigned int hold);
/* Drop ops->get references; what has been committed stays readable. */
void ckpt_objects_unpin(struct ckpt_container *con);
/* ops->release all: contents are gone from now on. Once, before the end. */
void ckpt_objects_release(struct ckpt_container *con);
void ckpt_objects_free(struct ckpt_container *con);

/**
 * ckpt_collect_ref() - the object for @ptr, new or known
 * @c: collection
 * @type: enum ckpt_type of its row
 * @ptr: kernel object; the caller keeps it alive for the call
 *
 * Counts a reference (obj->refs). A new object takes its own reference on
 * @ptr and is collected after those known before it.
 * Return: the object, or ERR_PTR(-ENOMEM).
 */
struct ckpt_object *ckpt_collect_ref(struct ckpt_collect *c, u32 type, void *ptr);
/* The same with the id given (tasks, processes, parts of another object). */
struct ckpt_object *ckpt_collect_id(struct ckpt_collect *c, u32 type, void *ptr, u64 id);
/* An open file: the row is the one whose match() takes it; -EOPNOTSUPP is a
 * refusal that has been counted and logged ("@who: fanotify cannot be saved").
 */
__printf(3, 4)
struct ckpt_object *ckpt_collect_file(struct ckpt_collect *c, struct file *file,
				      const char *who, ...);
/* Is there a row whose match() takes it? */
bool ckpt_file_known(struct ckpt_collect *c, struct file *file);
/* Return: the object if it has been collected, else NULL. */
struct ckpt_object *ckpt_lookup(struct ckpt_collect *c, u32 type, const void *ptr);
/* Return: its id, 0 for a NULL @ptr or one not collected. */
u64 ckpt_id(struct ckpt_collect *c, u32 type, const void *ptr);
/* Same for an open file of whatever kind. */
u64 ckpt_file_id(struct ckpt_collect *c, struct file *file);

/**
 * ckpt_refuse() - this cannot be saved: say so and go on looking for others
 * @c: collection
 * @fmt: "task %d: a timer cannot be saved"
 */
__printf(2, 3) void ckpt_refuse(struct ckpt_collect *c, const char *fmt, ...);
/* The same for what is shared with a task outside the container (-EBUSY). */
__printf(2, 3) void ckpt_refuse_shared(struct ckpt_collect *c, const char *fmt, ...);

/*
 * What seems to be shared may be held by somebody who looks at it, and what is being
 * removed is gone in a moment. Return: true, after one; false: it has been looked at often
 * enough.
 */
bool ckpt_look_again(struct ckpt_collect *c);
/*
 * For verify(): has a task outside a reference to an open file? One is the
 * collection's own.
 */
bool ckpt_file_shared(struct ckpt_collect *c, const struct ckpt_object *obj);

/* A pid as the freezer's namespace sees it, 0 if it does not. */
pid_t ckpt_pid_nr(struct ckpt_collect *c, struct pid *pid);

/* ---- refuse.c: attributes of tasks that are not saved ------------------------ */

/* Refuse whatever a task has that no object type saves, each by name. */
void ckpt_refuse_task(struct ckpt_collect *c, struct task_struct *t);

/*
 * Refuse whatever current has that no image tells of, and that tasks cloned
 * from it would inherit. Return: 0 or -EOPNOTSUPP, reported.
 */
int ckpt_refuse_writer(struct ckpt_mount *m);

/* ---- who.c: words for messages ---------------------------------------------- */

#define CKPT_WHO_MAX	72

/**
 * ckpt_who_comm() - the name of a task of the container, for messages
 * @c: collection
 * @nr: number of the task, as its object has it
 * @comm: gets its name; that of one that is gone is empty
 */
void ckpt_who_comm(struct ckpt_collect *c, pid_t nr, char comm[TASK_COMM_LEN]);

/**
 * ckpt_who() - which task of the container has an object, for messages
 * @c: collection
 * @ptr: a file; an inode of which it holds files; a fs_struct or files_struct
 * @buf: gets "task 7 (postgres) fd 3", "task 7 (postgres) mapping 7f0123456000", or
 *	 "task 7 (postgres)"
 * @size: of @buf; CKPT_WHO_MAX is enough
 * Return: @buf.
 */
const char *ckpt_who(struct ckpt_collect *c, const void *ptr, char *buf, size_t size);
/* What kind of file that is: "epoll", "socket" ... */
const char *ckpt_file_kind(struct file *file);

/* ---- path.c: from a file to a text, and back --------------------------------- */

/**
 * ckpt_path_collect() - the text that leads to a path from the freezer's root
 * @c: collection
 * @path: of a frozen task
 * @ptr: for ckpt_who(), should it be refused
 * @what: the same: " working directory", or ""
 *
 * Refuses what no text leads to: deleted, hidden, on a filesystem where a path
 * is not all there is to a file. A file that has been given another name is
 * found by that.
 * Return: the text, to be freed by the caller (kfree()); NULL if refused; or
 * ERR_PTR(-ENOMEM).
 */
char *ckpt_path_collect(struct ckpt_collect *c, const struct path *path,
			const void *ptr, const char *what);
/* Is a path all that a regular file is in its filesystem? */
bool ckpt_path_is_plain(const struct path *path);
/* The same of a file on whatever filesystem, by the name by which it was opened. */
char *ckpt_path_collect_known(struct ckpt_collect *c, const struct path *path, const void *ptr);
/*
 * A text that leads from the freezer's root to an inode, by a name and a mount that
 * the kernel knows of. Return: the text, to be freed by the caller; NULL: none
 * does; or ERR_PTR(-ENOMEM).
 */
char *ckpt_inode_text(struct ckpt_collect *c, struct inode *inode);
/* The same to the root of a mount, and to that of any mount of a filesystem. */
char *ckpt_mount_text(struct ckpt_collect *c, struct vfsmount *mnt);
char *ckpt_sb_text(struct ckpt_collect *c, struct super_block *sb);
/*
 * A reference to a mount that something keeps from being freed, though it may be about to
 * go. Return: false: it is, and there is none.
 */
bool ckpt_mount_get(struct vfsmount *mnt);
/* The nearest directory above @path that is not deleted; @dir is to be put. */
void ckpt_path_living_dir(const struct path *path, struct path *dir);
/* Writes CKPT_REC_INODE. */
int ckpt_inode_save(const struct path *path, struct ckpt_writer *w);
/**
 * ckpt_path_open() - open the path of an item again, as its writer may
 * @r: restore
 * @item: of a kind of file with a path
 * @flags: O_*
 * @same: what it must lead to, or NULL
 *
 * The path is resolved from the writer's root and compared with the item's
 * records (-ESTALE) before anything is opened.
 * Return: the file, owned by the caller, or ERR_PTR() (reported).
 */
struct file *ckpt_path_open(struct ckpt_restore *r, struct ckpt_item *item, int flags,
			    const struct inode *same);
/*
 * The first half of it: look the path up. Return: its text, @path is the caller's to
 * put; or ERR_PTR() (reported).
 */
const char *ckpt_path_find(struct ckpt_restore *r, struct ckpt_item *item, int flags,
			   struct path *path);
/* The second half: compare @path, which @text leads to, with the records, and open it. */
struct file *ckpt_path_open_found(struct ckpt_restore *r, struct ckpt_item *item, int flags,
				  const struct path *path, const char *text);

/* ---- openfile.c: what all kinds of open files have in common ---------------- */

void ckpt_file_get(void *ptr);
void ckpt_file_put(void *ptr);
/* O_* as CKPT_O_*; @unknown: what of them has none. */
u32 ckpt_flags_image(unsigned int flags, unsigned int *unknown);
/* And back. */
int ckpt_flags_kernel(u32 image);
/* Refuses what no open file may carry; announces the locks that are on it. */
int ckpt_file_collect(struct ckpt_collect *c, struct ckpt_object *obj);
/* Writes CKPT_REC_FILE. */
int ckpt_file_save(struct ckpt_collect *c, struct ckpt_object *obj,
		   struct ckpt_writer *w);
/* O_* flags of an item that is a file. */
int ckpt_file_flags(const struct ckpt_item *item);
/* Set position, flags, advice and owner of a new file to what its item says. */
int ckpt_file_finish(struct ckpt_restore *r, struct ckpt_item *item, struct file *file);
/* The same, but for the position. */
int ckpt_file_finish_still(struct ckpt_restore *r, struct ckpt_item *item, struct file *file);
/* A new file has been opened by whom the object CREDS of that id tells of. */
int ckpt_file_set_opener(struct ckpt_restore *r, struct file *file, u64 creds);

/* Mode and owner of a new inode that no path leads to; the ids as in the image. */
int ckpt_inode_owner(struct file *file, u32 mode, u32 uid, u32 gid);
/* Finish a new file, or report that it could not be made. Return: as below. */
void *ckpt_file_made(struct ckpt_restore *r, struct ckpt_item *item, struct file *file);
/*
 * A new file is in no table of descriptors any more, so that nobody can get it. Has nobody
 * got it while it was in one (pidfd_getfd(2)), and not only looked at it?
 */
bool ckpt_file_is_ours(struct file *file);
/**
 * ckpt_file_from_fd() - the new file of an item that a system call has made
 * @r: restore
 * @item: a kind of file
 * @fd: what the call returned; a descriptor is closed
 *
 * Return: the file, finished, owned by the caller, whom nobody else can disturb when he does
 * what no call does; or ERR_PTR() (reported).
 */
void *ckpt_file_from_fd(struct ckpt_restore *r, struct ckpt_item *item, long fd);

/* What system calls of the file @fd, with arguments in @scratch, are to do. */
typedef int ckpt_file_add_t(struct ckpt_restore *r, struct ckpt_item *item, unsigned int fd,
			    unsigned long scratch);
/*
 * As ckpt_object_ops.restore, of an item that stands for a file that has been made: @add is
 * called with a descriptor of that. Its errors are reported by itself.
 */
void *ckpt_file_add(struct ckpt_restore *r, struct ckpt_item *item, ckpt_file_add_t *add);

/* Operations of the rows whose files have a path; it is in obj->priv. */
int ckpt_named_collect(struct ckpt_collect *c, struct ckpt_object *obj);
int ckpt_named_save(struct ckpt_collect *c, struct ckpt_object *obj,
		    struct ckpt_writer *w);
/* The same, and of which device it is. */
int ckpt_device_save(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w);
/* The same of a row that has its path elsewhere than in obj->priv. */
int ckpt_device_save_as(struct ckpt_collect *c, struct ckpt_object *obj, const char *path,
			struct ckpt_writer *w);
void ckpt_named_release(struct ckpt_object *obj);
void *ckpt_named_restore(struct ckpt_restore *r, struct ckpt_item *item);

/* ---- unnamed.c: directories and fifos that have been deleted ------------------- */

/* Has it been, and is there nothing else in its filesystem that keeps it? */
bool ckpt_is_unnamed(const struct path *path);
/*
 * Announce what @path leads to, which is such; @ptr and @what are for ckpt_who(). Refuses
 * what cannot be made again. Return: 0 or -errno.
 */
int ckpt_unnamed_collect(struct ckpt_collect *c, const struct path *path, const void *ptr,
			 const char *what);
/* Writes CKPT_REC_NAMELESS. */
int ckpt_unnamed_save(struct ckpt_collect *c, const struct inode *inode, struct ckpt_writer *w);
/* Where the item is that an item's record CKPT_REC_NAMELESS tells of, or ERR_PTR(). */
const struct path *ckpt_unnamed_path(struct ckpt_restore *r, struct ckpt_item *item);
/* Open that as the writer may. Return: the file, or ERR_PTR() (reported). */
struct file *ckpt_unnamed_open(struct ckpt_restore *r, struct ckpt_item *item, int flags);

/* ---- sockopt.c: options of sockets ------------------------------------------- */

/* Return: what it is about a socket, whatever its family, that is not saved; NULL. */
const char *ckpt_sockopts_obstacle(struct sock *sk);
/* Writes CKPT_REC_SOCKOPTS and, if it has a filter, CKPT_REC_SOCKFILTER. */
int ckpt_sockopts_save(struct sock *sk, struct ckpt_writer *w);
/* Set them of a new socket, which has its messages. Return: 0 or -errno (reported). */
int ckpt_sockopts_restore(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock);
/* And those once more that going on with a connection has changed, or needed unset. */
int ckpt_sockopts_again(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock);

/* Give it that classic program, of a new task. @option: SO_ATTACH_*. Return: 0 or -errno. */
int ckpt_sockfilter_set(struct socket *sock, int option, const struct ckpt_bpf *rec, u32 nr);

/* ---- owner.c: who gets the signals of an open file ---------------------------- */

/* Announce an owner; refuse one that no record can tell of. */
int ckpt_owner_collect(struct ckpt_collect *c, struct file *file);
/* Of an external file: refuse one of the container, and F_NOTIFY. */
void ckpt_owner_refuse(struct ckpt_collect *c, struct file *file);
/* Writes CKPT_REC_OWNER, if there is anything to tell. */
int ckpt_owner_save(struct ckpt_collect *c, struct ckpt_object *obj,
		    struct ckpt_writer *w);
/* All files have been made, by the first new task, who calls this. Return: 0 or -errno. */
int ckpt_owners_restore(struct ckpt_restore *r);

/* ---- objects/fdtable.c ------------------------------------------------------ */

/* Drop all descriptors of a new task that has its table to itself. */
int ckpt_fdtable_clear(void);
/* Let descriptors below @need be had, in a new task. Return: 0 or -errno (reported). */
int ckpt_fdtable_room(struct ckpt_restore *r, struct ckpt_item *item, u64 need);

/* ---- freezer.c: stop tasks, and let them go --------------------------------- */

/* Values of ckpt_taskset.guarded: which tasks cannot go on. */
enum ckpt_guarded {
	CKPT_UNGUARDED,
	CKPT_GUARDED,		/* all but killed ones */
	CKPT_GUARDED_ALL,
};

/**
 * struct ckpt_taskset - tasks held frozen
 * @vec:	the tasks, referenced; parents before children, leaders before
 *		their threads (DFS); zombies too
 * @nr:		how many
 * @room:	of @vec
 * @held:	how many tasks are held for it, freezer.c
 * @waits:	of those whose system call was ended by the freeze, waits.c
 * @guards:	keep them where they are, guard.c
 * @guarded:	which of them
 * @stopped:	how many are in a stop of their tracer
 * @left:	one has been killed and has gone to die
 */
struct ckpt_taskset {
	struct task_struct **vec;
	unsigned int nr;
	unsigned int room;
	unsigned int held;
	struct xarray waits;
	struct ckpt_guard *guards;
	enum ckpt_guarded guarded;
	unsigned int stopped;
	bool left;
};

/**
 * ckpt_freeze_tasks() - stop every task of the trees at the user boundary
 * @m: for messages
 * @roots: what to freeze
 * @nr: how many roots
 * @set: filled in; empty on error
 *
 * On success every task is off its CPU, in get_signal(), in a stop of its tracer
 * or a zombie, and no task can join the trees, go on or exit. On error none is held.
 * Return: 0; -ESRCH no such task; -EDEADLK the caller is in it; -EBUSY held
 * by someone else; -EPERM no ptrace rights; -ETIMEDOUT a task did not stop
 * (named); -EINTR; -ENOMEM.
 */
int ckpt_freeze_tasks(struct ckpt_mount *m, const struct ckpt_root *roots,
		      unsigned int nr, struct ckpt_taskset *set);
/* From now on those that are killed may exit. */
void ckpt_guard_relax(struct ckpt_taskset *set);
/* Is every task still where ckpt_freeze_tasks() left it, and not killed? */
bool ckpt_tasks_frozen(const struct ckpt_taskset *set);
/*
 * Has one of them gone on, to die? If not, what the caller has read from their
 * memory before is what was there at the freeze.
 */
bool ckpt_tasks_left(const struct ckpt_taskset *set);
/* Let them run; @kill: SIGKILL each first. Empties the set. */
void ckpt_thaw_tasks(struct ckpt_taskset *set, bool kill);
bool ckpt_taskset_has(const struct ckpt_taskset *set, const struct task_struct *t);

/* ---- pagewalk.c: which private pages an address space has ---------------------- */

/**
 * struct ckpt_pagerun - neighbouring pages, struct ckpt_run in memory
 * @start:	address, or offset in bytes in shared memory
 * @first:	how many pages there are in all CKPT_RUN_PAGES runs before it
 * @pages:	number of pages
 * @kind:	enum ckpt_run_kind
 */
struct ckpt_pagerun {
	u64 start;
	u64 first;
	u32 pages;
	u32 kind;
};

/**
 * struct ckpt_pagemap - all runs of an address space, or of shared memory
 * @runs:	ascending
 * @nr:		how many
 * @room:	for how many there is memory
 * @pages:	pages in all CKPT_RUN_PAGES runs
 * @shares:	there is a CKPT_RUN_SOURCE run
 * @inherits:	there is a CKPT_RUN_PARENT run
 * @closed:	the next page begins a new run
 * @poisoned:	pages of which it is known that they have no contents; or NULL
 */
struct ckpt_pagemap {
	struct ckpt_pagerun *runs;
	size_t nr;
	size_t room;
	u64 pages;
	bool shares;
	bool inherits;
	bool closed;
	const struct ckpt_pagemap *poisoned;
};

/* May there be private pages in @vma that an image has? */
bool ckpt_vma_private(const struct vm_area_struct *vma);
/* Add @pages from @start on, which is above all others. Return: 0 or -ENOMEM. */
int ckpt_pagemap_add(struct ckpt_pagemap *map, u64 start, u32 pages, u32 kind);
/* The CKPT_RUN_PAGES run of page @index of the contents, which exists. */
const struct ckpt_pagerun *ckpt_pagemap_find(const struct ckpt_pagemap *map, u64 index);
/* The run, of whatever kind, that has @start; or NULL. */
const struct ckpt_pagerun *ckpt_pagemap_at(const struct ckpt_pagemap *map, u64 start);
/* Add all runs of @more, none of which is where @map has one. Return: 0 or -ENOMEM. */
int ckpt_pagemap_merge(struct ckpt_pagemap *map, const struct ckpt_pagemap *more);
/* Write the elements of a record of runs. */
void ckpt_pagemap_save(const struct ckpt_pagemap *map, struct ckpt_run *rec);
void ckpt_pagemap_free(struct ckpt_pagemap *map);
/**
 * ckpt_pagemap_scan() - find the private pages of an address space
 * @m: @m->map is filled in, huge pages of a pool are left to hugetlb.c; @m->mm is of frozen
 *     tasks, or a snapshot; its mmap_lock held
 * @source: the address space of @m->source, that it may share pages with copy-on-write,
 *	    its mmap_lock held as well; or NULL
 * @older: memory of the same program, scanned, whose pages are not wanted
 *	   again where they are the same; a snapshot whose mmap_lock is held
 *	   too; or NULL
 * @bad: after -EOPNOTSUPP: the address of a page that has no contents
 *
 * Return: 0, -EOPNOTSUPP, -ENOMEM or -EINTR.
 */
int ckpt_pagemap_scan(struct ckpt_memory *m, struct mm_struct *source,
		      const struct ckpt_memory *older, unsigned long *bad);
/* The entry for a page table; NULL: there are no tables above it. */
pmd_t *ckpt_find_pmd(struct mm_struct *mm, unsigned long addr);

/* ---- memory.c: the private pages of an address space --------------------------- */

/**
 * struct ckpt_memory - from the freeze until the image is dropped
 * @lock:	held for reading while pages are looked up in @mm, for writing
 *		while @mm is replaced; innermost but for mmap_lock
 * @mm:		the program's, by mm_count, or a snapshot's, by mm_users
 * @snapshot:	which of them
 * @origin:	the program's, by mm_count, for as long as this lives: so no
 *		other is ever taken for it
 * @map:	where the pages are; constant from ckpt_memory_scan() on
 * @poisoned:	pages that are poisoned, of which the image tells; before @map is made
 * @huge:	those of them that are huge pages of a pool, which are in no snapshot;
 *		constant once they are @found
 * @found:	they have been looked for
 * @copy:	their contents, back to back; NULL until there is a snapshot, or if
 *		there are none; set together with @mm
 * @unprobed:	what uprobes.c has noted; pages are added only
 * @returns:	where functions return to, by the place of it that a return probe has
 *		replaced; constant when all tasks are saved
 * @source:	the memory that it may share pages with, or NULL
 * @source_id:	the id of that
 * @tid:	id of a task whose memory it is
 */
struct ckpt_memory {
	struct rw_semaphore lock;
	struct mm_struct *mm;
	bool snapshot;
	struct mm_struct *origin;
	struct ckpt_pagemap map;
	struct ckpt_pagemap poisoned;
	struct ckpt_pagemap huge;
	bool found;
	struct ckpt_content *copy;
	struct xarray unprobed;
	struct xarray returns;
	struct ckpt_memory *source;
	u64 source_id;
	u64 tid;
};

/* Return: contents of @mm, without pages until they are scanned; NULL. */
struct ckpt_memory *ckpt_memory_create(struct mm_struct *mm);
void ckpt_memory_destroy(struct ckpt_memory *m);
/*
 * ckpt_pagemap_scan() with the locks that it needs. @older: a snapshot of the
 * same address space whose contents are kept; or NULL.
 */
int ckpt_memory_scan(struct ckpt_memory *m, const struct ckpt_memory *older,
		     unsigned long *bad);
/*
 * Replace the program's memory by a snapshot of it; once more is no harm.
 * @mount: whose stage_max copies count against
 * @ahead: where what has been made ahead of that snapshot is, if it is
 * @alone: as of ckpt_snapshot_mm()
 */
int ckpt_memory_commit(struct ckpt_memory *m, struct ckpt_mount *mount,
		       struct ckpt_ahead *ahead, bool alone);
/* How many bytes of private pages a commit has to go through, about. */
u64 ckpt_memory_weight(const struct ckpt_memory *m);
/* As ckpt_object_ops.read. */
ssize_t ckpt_memory_read(struct ckpt_memory *m, loff_t pos, struct iov_iter *to);
/* As ckpt_object_ops.pages. */
long ckpt_memory_pages(struct ckpt_memory *m, u64 index, unsigned int nr,
		       struct page **pages);

/* ---- grab.c: references to pages of a snapshot -------------------------------- */

/**
 * ckpt_grab_pages() - references to pages that are present
 * @mm: a snapshot, its mmap_lock held
 * @addr: of the first page
 * @nr: how many at most
 * @pages: where they go; the caller owns the references
 *
 * Return: how many there are before the first one that is not present.
 */
unsigned int ckpt_grab_pages(struct mm_struct *mm, unsigned long addr,
			     unsigned int nr, struct page **pages);

/* ---- snapshot.c: address spaces as they were -------------------------------- */

/**
 * ckpt_snapshot_mm() - a copy-on-write copy of an address space
 * @mm: of frozen tasks; the caller holds mm_users
 * @ahead: what ckpt_snapshot_ahead() has made of it, or NULL; its reference is
 *	   this function's
 * @tables: what that has left there; it need not be enough, or be of this @mm
 * @memory: is told of pages in which uprobes have left something
 * @alone: nothing else is being done, so that others may help
 *
 * Only mappings that may hold private pages are in the copy, without their
 * files; no task runs in it.
 * Return: an mm whose reference (mmput()) the caller owns, or ERR_PTR().
 */
struct mm_struct *ckpt_snapshot_mm(struct mm_struct *mm, struct mm_struct *ahead,
				   struct ckpt_tables *tables, struct ckpt_memory *memory,
				   bool alone);

/**
 * ckpt_snapshot_ahead() - most of the work of ckpt_snapshot_mm()
 * @mm: of tasks that may run; the caller holds mm_users
 * @tables: gets page tables for the huge pages that there are
 *
 * Return: an mm whose reference the caller owns, or NULL: that is no error, as
 * all can still be done at the freeze.
 */
struct mm_struct *ckpt_snapshot_ahead(struct mm_struct *mm, struct ckpt_tables *tables);

/**
 * ckpt_snapshot_huge() - huge pages for a snapshot made ahead
 * @snapshot: what ckpt_snapshot_ahead() has made
 * @mm: of what; the caller holds mm_users
 * @tables: what that has left there
 *
 * To be called shortly before the freeze: what the program writes to in between
 * is split. It ends where that is too much; the rest is left to the freeze.
 */
void ckpt_snapshot_huge(struct mm_struct *snapshot, struct mm_struct *mm,
			struct ckpt_tables *tables);

/* ---- team.c: work on several processors ------------------------------------------- */

/**
 * ckpt_team_run() - have a work done in parts
 * @most: more than so many workers are not worth it; 0: the caller does all of it
 * @part: does a part that nobody has begun. Called by several at once, of whom only
 *	the caller is told of signals, until it has once returned 0 to each:
 *	nothing is left; or -errno to anyone. 1: there may be more
 * @arg: for @part
 *
 * Not from within a part. Return: 0 or the first -errno, or -EINTR; nobody is at it any more.
 */
#define ckpt_team_run(most, part, arg)					\
({									\
	/* Callers have different locks. */				\
	static struct lock_class_key __key;				\
									\
	__ckpt_team_run(most, part, arg, &__key);			\
})
int __ckpt_team_run(u64 most, int (*part)(void *arg), void *arg, struct lock_class_key *key);

/* ---- ahead.c: snapshots begun before the freeze ----------------------------------- */

void ckpt_ahead_init(struct ckpt_ahead *ahead);
/* For all of @tasks that the caller may trace. */
void ckpt_ahead_make(struct ckpt_ahead *ahead, const struct ckpt_taskset *tasks);
/* Return: what has been made for @mm, with its reference, or NULL. */
struct mm_struct *ckpt_ahead_take(struct ckpt_ahead *ahead, struct mm_struct *mm);
/* Drop what has not been taken. */
void ckpt_ahead_drop(struct ckpt_ahead *ahead);

/* ---- pieces.c: all pages of an address space -------------------------------- */

/**
 * ckpt_share_pieces() - map all private pages in another address space
 * @to: has the mappings, forks of those of @from
 * @from: address space; those of its mappings that have one in @to are locked
 * @tables: for huge pages, or NULL: @to has no pages yet
 * @alone: others may help, on other processors
 *
 * Both mmap_locks are held for writing; the caller flushes the TLB of @from afterwards.
 * Return: 0, -ENOMEM or -EINTR.
 */
int ckpt_share_pieces(struct mm_struct *to, struct mm_struct *from,
		      struct ckpt_tables *tables, bool alone);

/* ---- share.c: pages that two address spaces share --------------------------- */

/**
 * struct ckpt_late - what those who share an address space together leave
 * @lock:	protects @ranges
 * @ranges:	struct ckpt_late_range
 */
struct ckpt_late {
	spinlock_t lock;	/* ranges */
	struct list_head ranges;
};

struct ckpt_late_range {
	struct list_head node;
	unsigned long start;
	unsigned long end;
};

/**
 * ckpt_share_range() - map pages of a mapping in another one, copy-on-write
 * @to: mapping at the same address, without pages in the range; its anon_vma
 *	is a fork of that of @from
 * @from: mapping that has them
 * @start: address
 * @end: address, excluded
 * @late: NULL; or gets what only one alone can share. Then several may do this for
 *	other ranges at once, while the caller's caller keeps write_protect_seq odd,
 *	and nobody has registered a notifier for the address space of @from
 *
 * As fork does, but private pages only; both mmap_locks are held for writing
 * and the mappings locked. The caller flushes the TLB of @from afterwards.
 * Return: 0, -ENOMEM or -EINTR.
 */
int ckpt_share_range(struct vm_area_struct *to, struct vm_area_struct *from,
		     unsigned long start, unsigned long end, struct ckpt_late *late);

/*
 * The same without huge pages, which stay whole for the program for now: for each
 * of them a page table goes to @tables.
 */
int ckpt_share_tables(struct vm_area_struct *to, struct vm_area_struct *from,
		      unsigned long start, unsigned long end, struct ckpt_tables *tables);
/* The same with huge pages alone, where @to has nothing yet; tables come from @tables. */
int ckpt_share_huge(struct vm_area_struct *to, struct vm_area_struct *from,
		    unsigned long start, unsigned long end, struct ckpt_tables *tables);
/*
 * How many huge pages of @to in a range of whole ones @from has no longer, or has
 * written to; both mmap_locks are held for writing.
 */
unsigned int ckpt_share_lost(struct mm_struct *to, struct mm_struct *from,
			     unsigned long start, unsigned long end);
/* If @addr is within a huge page, all of which is in @vma: small ones instead. */
void ckpt_share_split(struct vm_area_struct *vma, unsigned long addr);
/* Free what is left of them. */
void ckpt_share_drop_tables(struct ckpt_tables *tables);

/**
 * ckpt_share_again() - the same where some pages have been shared before
 * @to: mapping with the pages that @from had then; the rest as above
 * @from: mapping; nobody has registered a notifier for its address space
 * @start: address
 * @end: address, excluded
 * @tables: for huge pages; others are allocated
 * @late: as above
 *
 * Return: 0, -ENOMEM or -EINTR.
 */
int ckpt_share_again(struct vm_area_struct *to, struct vm_area_struct *from,
		     unsigned long start, unsigned long end,
		     struct ckpt_tables *tables, struct ckpt_late *late);

/* ---- install.c, connect.c: pages of new address spaces --------------------------- */

/**
 * struct ckpt_space - an item's mappings and runs, step by step
 * @vma, @end:	mappings still to come
 * @run, @run_end: runs still to come
 * @first:	pages of contents before @run
 */
struct ckpt_space {
	const struct ckpt_vma *vma, *end;
	const struct ckpt_run *run, *run_end;
	u64 first;
};

/**
 * struct ckpt_vma_runs - a mapping with its runs
 * @run:	the first of them
 * @nr:		how many
 * @first:	pages of contents before it
 * @shares:	one of them is CKPT_RUN_SOURCE
 */
struct ckpt_vma_runs {
	const struct ckpt_run *run;
	size_t nr;
	u64 first;
	bool shares;
};

/* Return: the pmd entry for @addr, with a page table below it; NULL. */
pmd_t *ckpt_alloc_table(struct mm_struct *mm, unsigned long addr);
/* Begin with the first mapping of a checked item (VMAS). */
void ckpt_space_init(struct ckpt_space *space, const struct ckpt_item *item);
/* Return: the next mapping, its runs in @runs; NULL: there are no more. */
const struct ckpt_vma *ckpt_space_next(struct ckpt_space *space,
				       struct ckpt_vma_runs *runs);
/* Of -EEXIST: how else there can be a page. */
#define CKPT_LOOKED_IN	"somebody has looked into it meanwhile, or put a probe there: "

/**
 * ckpt_install_runs() - move contents into a mapping, as its own pages
 * @mm: address space that no task uses yet
 * @runs: runs of one mapping; those of a source are left out
 * @content: of the item (PAGES); what is installed is taken out
 * @lineage: of the item (VMAS), for what its parents have
 *
 * In the folios of the content, where these fit, else in single pages.
 *
 * Return: 0, -EEXIST if there is a page already, -EUCLEAN if there is no such
 * mapping, -ENOMEM, -EINTR.
 */
int ckpt_install_runs(struct mm_struct *mm, const struct ckpt_vma_runs *runs,
		      struct ckpt_content *content, struct ckpt_lineage *lineage);
/**
 * ckpt_connect_spaces() - share pages between the address spaces of an image
 * @r: restore; everything has been applied
 *
 * Does it for all of them, the sources first, and nothing the next time.
 */
int ckpt_connect_spaces(struct ckpt_restore *r);

/* ---- layout.c: addresses of an address space, and its auxiliary vector ---------- */

/* Does it have addresses that could not be set again? */
bool ckpt_layout_odd(const struct mm_struct *mm);
void ckpt_layout_save(const struct mm_struct *mm, struct ckpt_mm *rec);
/* Words of the auxiliary vector, without its end. */
unsigned int ckpt_auxv_count(const struct mm_struct *mm);
void ckpt_auxv_save(const struct mm_struct *mm, __le64 *word, unsigned int count);
/* Give current what an item (MM) says; @scratch is mapped. */
long ckpt_layout_set(unsigned long scratch, const struct ckpt_item *item);
/* Where arguments and environment are; NULL: nowhere. */
void ckpt_layout_args(struct mm_struct *mm, const struct ckpt_mm *rec);

/* ---- objects/mm.c --------------------------------------------------------------- */

/*
 * Set of all new address spaces what a change of credentials resets, and what
 * the restore itself must not meet. All tasks are parked.
 */
void ckpt_mm_finish(struct ckpt_image *img);

/* ---- arch/x86/layout.c: what is x86's own in an address space --------------------- */

bool ckpt_mm_is_32bit(const struct mm_struct *mm);
/* Refuse what the architecture's part of @mm has and no record. */
void ckpt_arch_mm_refuse(struct ckpt_collect *c, struct mm_struct *mm, u64 tid);
/* CKPT_VMA_VDSO, CKPT_VMA_VVAR; 0: neither; -EOPNOTSUPP: changed. mmap_lock held. */
int ckpt_arch_vma_kind(struct vm_area_struct *vma);
/* Fill in the fields that are the architecture's; mmap_lock held. */
void ckpt_arch_mm_save(struct mm_struct *mm, struct ckpt_mm *rec);
/* Map the vdso where it was, into an empty address space, and set the layout. */
int ckpt_arch_mm_apply(struct ckpt_restore *r, struct ckpt_item *item,
		       const struct ckpt_mm *rec);

/* ---- arch/x86/keys.c: the protection keys of an address space --------------------- */

/* Fill in the fields that are theirs; mmap_lock held. */
void ckpt_arch_keys_save(const struct mm_struct *mm, struct ckpt_mm *rec);
/* From here on each key can be given to a mapping of current's, and none is by itself. */
int ckpt_arch_keys_apply(struct ckpt_restore *r, struct ckpt_item *item,
			 const struct ckpt_mm *rec);
/* All mappings have theirs: allocated are those of @rec. mmap_lock held for writing. */
void ckpt_arch_keys_finish(struct mm_struct *mm, const struct ckpt_mm *rec);

/* ---- arch/x86/ldt.c: the local descriptor table -------------------------------- */

/* Writes CKPT_REC_LDT, if there is one. Return: w->error. */
int ckpt_arch_ldt_save(struct mm_struct *mm, struct ckpt_writer *w);
/* Give current's address space that of an item (MM); @scratch is mapped. */
int ckpt_arch_ldt_set(unsigned long scratch, const struct ckpt_item *item);

/* ---- content.c: bytes held in pages ----------------------------------------- */

/**
 * struct ckpt_content - contents of a file being staged, or of memory copied
 * @folios:	struct folio by page index, for each of its pages; holes read as
 *		zero. folio->index is the index of its first page
 * @size:	bytes
 * @charged:	bytes counted in @mount's @staged: pages up to @size, and all of
 *		the folio that it ends in
 * @mount:	whose @staged it is counted in
 * @extents:	where the pages will be mapped, or NULL
 * @taken:	a folio has been taken out, so it is not what was written
 * @lock:	protects @size, @charged and the writers; readers of a finished
 *		content need none
 */
struct ckpt_content {
	struct xarray folios;
	u64 size;
	u64 charged;
	struct ckpt_mount *mount;
	struct ckpt_extents *extents;
	bool taken;
	struct mutex lock;
};

/* What a staged file or directory counts for, besides its bytes. */
#define CKPT_STAGE_ENTRY	1024

/* Count bytes against stage_max. Return: 0 or -ENOSPC (reported). */
int ckpt_stage_charge(struct ckpt_mount *m, u64 bytes);
void ckpt_stage_uncharge(struct ckpt_mount *m, u64 bytes);

/* Return: an empty content, or ERR_PTR(): -ENOMEM, -ENOSPC. */
struct ckpt_content *ckpt_content_create(struct ckpt_mount *m);
/* Sleeps; any number of pages. @c may be NULL. */
void ckpt_content_destroy(struct ckpt_content *c);
/*
 * Copy @from in at @pos, all of it or up to the first fault. Return: bytes, or
 * -ENOSPC past stage_max (reported), -ENOMEM, -EFBIG, -EFAULT, -EINTR.
 */
ssize_t ckpt_content_write(struct ckpt_content *c, loff_t pos, struct iov_iter *from);
ssize_t ckpt_content_read(struct ckpt_content *c, loff_t pos, struct iov_iter *to);
int ckpt_content_truncate(struct ckpt_content *c, u64 size);
/*
 * @c, still empty, will have the pages of the address space whose file `vmas`
 * is in @vmas: collect them in folios that fit its mappings. A hint; @vmas need
 * not be sane, and nobody may be writing to it.
 */
void ckpt_content_place(struct ckpt_content *c, struct ckpt_content *vmas);
/* Page @index; no reference is taken. NULL: a hole. */
struct page *ckpt_content_page(struct ckpt_content *c, pgoff_t index);
/*
 * Take the folio out that begins with page @index, if it has at most @max pages;
 * else a copy of that page alone. The caller owns the reference. It is charged
 * to the memory cgroup of the writer (a copy: of the caller), uptodate, on no
 * list and mapped nowhere, as a folio for anonymous memory is.
 * Return: the folio; NULL: a hole; ERR_PTR(-ENOMEM).
 */
struct folio *ckpt_content_take(struct ckpt_content *c, pgoff_t index, unsigned int max);
/* For a hole that has to be a page: a page of zeroes like that. Or ERR_PTR(-ENOMEM). */
struct folio *ckpt_content_zeroes(void);
/* A page like that, with anything in it, for ckpt_content_add(). Or NULL. */
struct folio *ckpt_content_new_page(void);
/*
 * Page @index, a hole until now, of a content that is large enough; any number of
 * callers at once. @folio is the content's. Return: 0 or -ENOMEM.
 */
int ckpt_content_add(struct ckpt_content *c, pgoff_t index, struct folio *folio);

/* ---- extent.c: where the pages of a content will be mapped ---------------------- */

/* The folios that memory is restored in, where they fit: 64 KiB, 2 MiB. */
#define CKPT_LARGE_ORDER	4
#define CKPT_LARGE_PAGES	(1 << CKPT_LARGE_ORDER)
#define CKPT_HUGE_ORDER		(PMD_SHIFT - PAGE_SHIFT)
#define CKPT_HUGE_PAGES		(1 << CKPT_HUGE_ORDER)

struct ckpt_extents;
/**
 * struct ckpt_fit - a large folio that fits
 * @first:	index of its first page in the content
 * @order:	CKPT_LARGE_ORDER or CKPT_HUGE_ORDER
 * @more:	how many of that order fit behind it
 */
struct ckpt_fit {
	u64 first;
	unsigned int order;
	unsigned int more;
};

/* Does the system give huge pages to mappings, @advised by madvise()? */
bool ckpt_huge_enabled(bool advised);
/* From a file `vmas`, unchecked. Return: NULL if no large folio fits, or -ENOMEM. */
struct ckpt_extents *ckpt_extents_create(const void *vmas, size_t size);
void ckpt_extents_destroy(struct ckpt_extents *x);
/* Bytes that they take. */
size_t ckpt_extents_size(const struct ckpt_extents *x);
/* The largest folio, of order @max at most, that page @index is in. */
bool ckpt_extents_fit(const struct ckpt_extents *x, u64 index, unsigned int max,
		      struct ckpt_fit *fit);

/* ---- shelf.c: large folios, zeroed ahead ------------------------------------------ */

/*
 * Return: a zeroed folio, charged to nobody, or NULL. @more: how many of them the
 * caller is going to want soon.
 */
struct folio *ckpt_shelf_take(unsigned int order, unsigned int more);
void ckpt_shelf_init(void);
void ckpt_shelf_exit(void);

/* ---- tar.c: the tree as one stream, and back --------------------------------- */

/**
 * struct ckpt_member - a header block of NAME.tar with what follows it
 * @offset:	of the header block in the archive, bytes
 * @obj:	the file's object, or one below a directory; NULL at the top
 * @kind:	enum member_kind, tar.c
 */
struct ckpt_member {
	u64 offset;
	struct ckpt_object *obj;
	u32 kind;
};

/**
 * ckpt_tar_contents() - whose contents are at a position of the archive
 * @con: container
 * @pos: position; becomes the offset in the object's file
 * @len: how many bytes are wanted; becomes how many are of the same kind
 *
 * Return: an object whose contents go out by reference, or NULL where bytes
 * that are copied come first.
 */
struct ckpt_object *ckpt_tar_contents(struct ckpt_container *con, loff_t *pos, size_t *len);
/* Lay the archive out: con->index->members; the rest of the index is built. */
int ckpt_tar_build(struct ckpt_container *con);
ssize_t ckpt_tar_read(struct ckpt_container *con, loff_t pos, struct iov_iter *to);

struct ckpt_untar;
/**
 * ckpt_untar_create() - a reader of archives, fed in pieces
 * @img: gets the members
 */
struct ckpt_untar *ckpt_untar_create(struct ckpt_image *img);
void ckpt_untar_destroy(struct ckpt_untar *u);
/*
 * Consumes @from. Return: 1 once the end of the archive has been seen, 0 to go
 * on, or -errno (reported, but for -ENOMEM, -EFAULT, -EINTR).
 */
int ckpt_untar_feed(struct ckpt_untar *u, struct iov_iter *from);

/* ---- image.c: an image to be restored ----------------------------------------- */

/**
 * struct ckpt_item - one object file of an image to be restored
 * @ops:	its row; NULL for header, cpu, tail and, until its record has
 *		been seen, for a file of unknown kind
 * @id:		of the object
 * @content:	the bytes as they arrived
 * @bytes:	records in one piece, after ckpt_image_check(); NULL for
 *		CKPT_ROW_RAW
 * @size:	bytes
 * @made:	what ops->restore() returned
 * @claims:	bits of enum ckpt_step: whose op has been called
 * @priv:	the restore phases' own
 */
struct ckpt_item {
	const struct ckpt_object_ops *ops;
	u64 id;
	struct ckpt_content *content;
	u8 *bytes;
	u64 size;
	void *made;
	unsigned long claims;
	void *priv;
};

/**
 * struct ckpt_image - the files of an image, by object
 * @mount:	where it is staged
 * @name:	of the directory that the archive was made of; after
 *		ckpt_image_check() never empty
 * @borrowed:	the contents belong to a staged tree and outlive the image
 * @parent:	the image that it is a difference to, once that has been found
 * @staged:	the tree that it borrowed from, of a parent
 * @nr_files:	number of files, those at the top too
 * @charged:	bytes of stage_max that copies of records take
 * @items:	per type number, struct ckpt_item by id
 * @files:	files/ID/file by id, of whatever kind (also in @items after
 *		ckpt_image_check())
 * @header, @cpu, @tail: the files at the top
 */
struct ckpt_image {
	struct ckpt_mount *mount;
	char name[CKPT_NAME_MAX + 1];
	bool borrowed;
	struct ckpt_image *parent;
	struct ckpt_staged *staged;
	u64 nr_files;
	u64 charged;
	struct xarray items[CKPT_TYPE_LIMIT];
	struct xarray files;
	struct ckpt_item header, cpu, tail;
};

struct ckpt_image *ckpt_image_create(struct ckpt_mount *m);
void ckpt_image_destroy(struct ckpt_image *img);
/**
 * ckpt_image_add() - add a file by its path inside the image
 * @img: image
 * @path: "tasks/12/cpu"
 * @content: its bytes; owned by the image from now on, unless this fails
 *
 * Return: 0; -EISDIR: @path is a directory's (nothing was added); -ENOENT not
 * a name that images have; -EEXIST twice.
 */
int ckpt_image_add(struct ckpt_image *img, const char *path, struct ckpt_content *content);
/**
 * ckpt_image_check() - prove the image whole and sane
 *
 * Tail, sizes, checksums, each file, all references, this machine's processor
 * and page size. Return: 0 or -errno (reported).
 */
int ckpt_image_check(struct ckpt_image *img);
/* Has @parent what @img is a difference to? Both have been checked. The same. */
int ckpt_image_check_parent(struct ckpt_image *img, struct ckpt_image *parent);
struct ckpt_item *ckpt_item(struct ckpt_image *img, u32 type, u64 id);
/* An open file of whatever kind. */
struct ckpt_item *ckpt_item_file(struct ckpt_image *img, u64 id);
/* The fixed part of the first record of that type; NULL if it has none. */
const void *ckpt_item_body(const struct ckpt_item *item, u16 record);

/* ---- commit.c: restore/commit ----------------------------------------------------- */

extern const struct file_operations checkpointfs_commit_fops;

/* ---- chain.c: images that are differences, and their parents --------------------------- */

/**
 * ckpt_chain_build() - find all parents of an image
 * @img: checked
 * @restore: the directory restore/, where they are staged
 *
 * They are checked as it is, and borrowed until ckpt_chain_return(), which is
 * called whether this succeeds or not.
 * Return: 0; -ENOENT there is none of that id; or -errno (reported).
 */
int ckpt_chain_build(struct ckpt_image *img, struct dentry *restore);
/* @restored: the parents have done their work and go; else as ckpt_staged_return(). */
void ckpt_chain_return(struct ckpt_image *img, bool restored);
/*
 * Where the parents of @img have the pages of CKPT_RUN_PARENT runs. @item: with
 * runs (VMAS, SHMEM). Return: NULL if it has none of these, or ERR_PTR(-ENOMEM).
 */
struct ckpt_lineage *ckpt_lineage_create(const struct ckpt_image *img,
					 const struct ckpt_item *item);
void ckpt_lineage_destroy(struct ckpt_lineage *l);
/**
 * ckpt_lineage_find() - contents of pages that are as in the parent
 * @l: lineage
 * @start: address or offset of the first; never below that of an earlier call
 * @pages: how many at most
 * @content: set to where they are
 * @index: set to that of the first in it
 *
 * Return: how many follow one another there, or -EUCLEAN: nowhere.
 */
long ckpt_lineage_find(struct ckpt_lineage *l, u64 start, u32 pages,
		       struct ckpt_content **content, u64 *index);

/* ---- lend.c: a staged tree becomes an image ------------------------------------------ */

struct ckpt_staged;
/*
 * Find a tree whose header, which may say anything, has that id, and which the
 * caller may read. @name: set to its name.
 */
bool ckpt_staged_find(struct dentry *restore, const u8 id[16],
		      char name[CKPT_NAME_MAX + 1]);
/**
 * ckpt_staged_lend() - lend the files of restore/NAME to an image
 * @img: new; gets the files and the name
 * @restore: the directory restore/
 * @name: of the staged tree
 *
 * Until ckpt_staged_return() the files can be neither read nor written.
 * Return: what to return, or ERR_PTR() (reported, but for -ENOMEM): -ENOENT,
 * -EBUSY when they are lent already, -EACCES, -EOPNOTSUPP for a file that
 * images do not have, -EUCLEAN.
 */
struct ckpt_staged *ckpt_staged_lend(struct ckpt_image *img, struct dentry *restore,
				     const char *name);
/*
 * The image is not used any more. @restored: the tree has done its work and
 * goes; else it stays, unless its pages have gone into a restore that failed.
 */
void ckpt_staged_return(struct ckpt_staged *staged, bool restored);

/* ---- stage.c: restore/ ---------------------------------------------------------- */

/* NAME/TYPE/ID: directories below restore/. */
#define CKPT_STAGE_DEPTH	3

/*
 * May the tree in the directory @inode, locked, be lent or removed? Return: 0;
 * -EBUSY: it is lent; -ENOENT: it is being removed.
 */
int ckpt_stage_claim(const struct inode *inode);
/* Build restore/ and restore/commit below @root. */
int ckpt_stage_fill(struct super_block *sb, struct dentry *root);
/*
 * Undo that, with all that is staged: for kill_sb(), before the generic part.
 * Its dentries are pinned; nothing else of the mount needs to be.
 */
void ckpt_stage_drop(struct dentry *root);
/* For evict_inode(), with any inode: those of restore/ drop their contents. */
void ckpt_stage_evict(struct inode *inode);

/* ---- arch/x86/cpu.c: what an image needs of a processor ------------------------- */

/* Write the record of the file `cpu`. Return: w->error. */
int ckpt_cpu_save(struct ckpt_writer *w);
/*
 * Can this machine run a checked image? Return: 0, -EOPNOTSUPP or -EUCLEAN
 * (reported).
 */
int ckpt_cpu_check(struct ckpt_image *img);

/* ---- restore.c: the phases of a restore ------------------------------------------- */

struct ckpt_restore_result {
	pid_t pid;
	unsigned int nr_tasks;
};

/**
 * ckpt_restore_image() - bring the program of a checked image to life
 * @img: image; its contents are used up
 * @parent: whose children the new tasks become; NULL: the caller's process
 * @externals: the caller's descriptors for what is not in the image
 * @result: filled in
 *
 * All or nothing. Called in the writer's context with its credentials; sleeps
 * killably. Return: 0 or -errno (reported).
 */
int ckpt_restore_image(struct ckpt_image *img, struct pid *parent,
		       const struct ckpt_externals *externals,
		       struct ckpt_restore_result *result);

int ckpt_restore_init(void);
void ckpt_restore_exit(void);

/* Report a failure of the restore with the object it is about. */
__printf(3, 4) void ckpt_restore_err(struct ckpt_restore *r,
				     const struct ckpt_item *item, const char *fmt, ...);
struct ckpt_image *ckpt_restore_img(struct ckpt_restore *r);
/* The new kernel object of (type, id); its reference stays the registry's. */
void *ckpt_restored(struct ckpt_restore *r, u32 type, u64 id);
struct file *ckpt_restored_file(struct ckpt_restore *r, u64 id);
/*
 * The address space that is to be (MM, id), as soon as all tasks exist; it is put by
 * mmput(). Return: NULL if none of its tasks lives.
 */
struct mm_struct *ckpt_restored_mm(struct ckpt_restore *r, u64 id);

/* ---- syscall.c: the kernel's own entry points, from inside -------------------------- */

/*
 * For the new tasks of a restore, in their own context: system calls with all
 * their checks. User pointers lie in a scratch mapping of CKPT_SCRATCH_SIZE
 * bytes, which is there between _map() and _unmap().
 */
#define CKPT_SCRATCH_SIZE	(16 * PAGE_SIZE)

/* Return: its address, or -errno as an unsigned long (IS_ERR_VALUE()). */
unsigned long ckpt_scratch_map(void);
/*
 * Copy @size bytes to @to in it. Return: 0 or -ENOMEM, for nothing else keeps a page
 * of the mapping from being there.
 */
int ckpt_scratch_put(unsigned long to, const void *from, size_t size);
/* If that fails for lack of memory the task is killed. */
void ckpt_scratch_unmap(unsigned long scratch);
long ckpt_syscall(unsigned int nr, unsigned long a, unsigned long b, unsigned long c,
		  unsigned long d, unsigned long e, unsigned long f);
/* As ioctl(2) of an open file that is in no table of descriptors. */
long ckpt_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

/* ---- index.c: the objects of a container by their names ------------------------------ */

/**
 * struct ckpt_index - the tree of a container, made from its objects
 * @objects:	sorted by directory, id and place in the table of types
 * @nr:		length of @objects
 * @nr_dirs:	length of @dirs
 * @dirs:	directories in the order of the table, empty ones too; the
 *		objects @start to @end - 1 of @objects are in it, below
 *		@nr_ids directories
 * @dir_of:	by type number: index in @dirs
 * @row_of:	by type number: place in the table
 * @members:	of NAME.tar, tar.c
 * @nr_members:	length of @members
 * @tar_size:	bytes of NAME.tar
 *
 * Immutable, and so without a lock, until the last reference to the container
 * is gone.
 */
struct ckpt_index {
	struct ckpt_object **objects;
	u32 nr;
	u32 nr_dirs;
	struct ckpt_dir {
		const char *name;
		u32 start;
		u32 end;
		u32 nr_ids;
	} dirs[CKPT_TYPE_LIMIT];
	u8 dir_of[CKPT_TYPE_LIMIT];
	u8 row_of[CKPT_TYPE_LIMIT];
	struct ckpt_member *members;
	u32 nr_members;
	u64 tar_size;
};

static inline struct ckpt_dir *ckpt_object_dir(struct ckpt_index *index,
					       const struct ckpt_object *obj)
{
	return &index->dirs[index->dir_of[obj->ops->type]];
}

/* Index of a container's objects, built once they are all saved. */
int ckpt_index_build(struct ckpt_container *con);
void ckpt_index_free(struct ckpt_container *con);
/* First of @dir's objects with that id, as a place in @objects; or -ENOENT. */
s64 ckpt_index_find(const struct ckpt_index *index, const struct ckpt_dir *dir, u64 id);
/* Behind the objects of the same DIR/ID as @objects[@i]. */
u32 ckpt_index_next(const struct ckpt_index *index, u32 i);

/* ---- contents.c: contents on their way out, by reference ------------------------ */

/* Do contents of the file go out by reference? From a commit on they do. */
bool ckpt_object_has_pages(const struct ckpt_object *obj);
/* As ckpt_object_read(), within the object. */
ssize_t ckpt_object_read_pages(struct ckpt_object *obj, loff_t pos, struct iov_iter *to);
/* As file_operations.splice_read: the caller holds the pipe's lock. */
ssize_t ckpt_object_splice_pages(struct ckpt_object *obj, loff_t pos,
				 struct pipe_inode_info *pipe, size_t len);
/* Copy from the first of @nr pages at @offset on; gives the references back. */
size_t ckpt_copy_pages(struct page **pages, long nr, size_t offset, struct iov_iter *to);

/* ---- tree.c, dir.c, file.c, control.c: the filesystem ------------------------- */

/* Number of inode numbers that the tree needs. */
u64 ckpt_nr_places(const struct ckpt_index *index);
/* For the root's look-up: attach NAME or NAME.tar. */
struct dentry *ckpt_tree_lookup(struct dentry *dentry, struct ckpt_container *con, bool tar);
u64 ckpt_tree_ino(const struct ckpt_container *con, bool tar);
/* Whose tree an inode is in; NULL: it is in none. No reference is taken. */
struct ckpt_container *ckpt_inode_container(const struct inode *inode);
/* The object of a file, or NULL with the bytes of one of the three at the top. */
struct ckpt_object *ckpt_inode_object(const struct inode *inode,
				      const struct ckpt_bytes **top);
/* The dead container's names are forgotten; takes no lock that rmdir holds. */
void ckpt_tree_forget(struct ckpt_container *con);
/* May the caller thaw, commit and remove it? Return: 0 or -EPERM (reported). */
int ckpt_container_permission(const struct ckpt_container *con);
extern const struct inode_operations checkpointfs_root_iops;
extern const struct inode_operations checkpointfs_tree_iops;
extern const struct inode_operations checkpointfs_file_iops;
extern const struct file_operations checkpointfs_root_fops;
extern const struct file_operations checkpointfs_tree_fops;
extern const struct dentry_operations checkpointfs_dops;
extern const struct file_operations checkpointfs_object_fops;
extern const struct file_operations checkpointfs_tar_fops;
extern const struct file_operations checkpointfs_control_fops;
extern const struct file_operations checkpointfs_features_fops;

/* Bytes of an object's file, of whatever sort; -ESTALE once it is dead. */
ssize_t ckpt_object_read(struct ckpt_object *obj, loff_t pos, struct iov_iter *to);
/* Copy out what there is of @bytes from @pos on. */
ssize_t ckpt_bytes_read(const void *bytes, u64 size, loff_t pos, struct iov_iter *to);
/* May the caller give commands through @file, which another may have opened? */
bool ckpt_may_write(const struct file *file);
/* An ->open() that refuses to write. */
int ckpt_open_read(struct inode *inode, struct file *file);

#endif /* _CHECKPOINTFS_H */
