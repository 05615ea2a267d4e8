// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors of namespaces: /proc/PID/ns/NAME, open, or what ioctl_ns(2) has given.
 *
 * Saved is of which kind the namespace is, for it is always the one in which the
 * container lives; it becomes the one in which it is restored. So it does no harm that a
 * task outside has the same one open. Refused: any other namespace, and one that has been
 * mounted somewhere and opened there.
 */
#include "../object.h"

#define NAMESPACE_FLAGS	(CKPT_O_APPEND | CKPT_O_NONBLOCK | CKPT_O_DSYNC | CKPT_O_SYNC |	\
			 CKPT_O_LARGEFILE | CKPT_O_NOFOLLOW | CKPT_O_NOATIME |		\
			 CKPT_O_RANDOM | CKPT_O_SEQUENTIAL | CKPT_O_NOREUSE | CKPT_O_ASYNC)

static int namespace_check(const struct ckpt_check *chk, u64 id,
			   const void *bytes, size_t size)
{
	const struct ckpt_namespace *rec;
	const struct ckpt_file *file;
	struct ckpt_view view;
	int ret;

	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_FILE, &view);
	if (ret)
		return ret;
	file = view.body;
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_NAMESPACE, &view);
	if (ret)
		return ret;
	rec = view.body;
	if (!rec->kind)
		return ckpt_bad(chk, "a namespace of no kind");
	if (le32_to_cpu(file->flags) & ~NAMESPACE_FLAGS || file->pos)
		return ckpt_bad(chk, "not the flags of its kind");
	return 0;
}

#ifdef __KERNEL__

#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/ipc_namespace.h>
#include <linux/mnt_namespace.h>
#include <linux/mount.h>
#include <linux/nsproxy.h>
#include <linux/pid_namespace.h>
#include <linux/proc_ns.h>
#include <linux/time_namespace.h>
#include <linux/user_namespace.h>
#include <linux/utsname.h>
#include <net/net_namespace.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"

static const struct {
	u32 kind;
	int clone_flag;
} kinds[] = {
	{ CKPT_NAMESPACE_MOUNT,		CLONE_NEWNS },
	{ CKPT_NAMESPACE_CGROUP,	CLONE_NEWCGROUP },
	{ CKPT_NAMESPACE_UTS,		CLONE_NEWUTS },
	{ CKPT_NAMESPACE_IPC,		CLONE_NEWIPC },
	{ CKPT_NAMESPACE_USER,		CLONE_NEWUSER },
	{ CKPT_NAMESPACE_PID,		CLONE_NEWPID },
	{ CKPT_NAMESPACE_NETWORK,	CLONE_NEWNET },
	{ CKPT_NAMESPACE_TIME,		CLONE_NEWTIME },
};

static u32 kind_of(const struct ns_common *ns)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].clone_flag == ns->ops->type)
			return kinds[i].kind;
	return CKPT_NAMESPACE_NONE;
}

/*
 * The caller's own. NULL: the kernel has none of that kind. Only current itself changes
 * its nsproxy and its credentials.
 */
static struct ns_common *own(u32 kind)
{
	const struct nsproxy *proxy = current->nsproxy;
	struct ns_common *ns = NULL;

	switch (kind) {
	case CKPT_NAMESPACE_MOUNT:
		ns = ksym(from_mnt_ns)(proxy->mnt_ns);
		break;
	case CKPT_NAMESPACE_CGROUP:
		ns = &proxy->cgroup_ns->ns;
		break;
	case CKPT_NAMESPACE_UTS:
		ns = &proxy->uts_ns->ns;
		break;
	case CKPT_NAMESPACE_IPC:
		ns = &proxy->ipc_ns->ns;
		break;
	case CKPT_NAMESPACE_USER:
		ns = &current_user_ns()->ns;
		break;
	case CKPT_NAMESPACE_PID:
		ns = &task_active_pid_ns(current)->ns;
		break;
	case CKPT_NAMESPACE_NETWORK:
		ns = &proxy->net_ns->ns;
		break;
	case CKPT_NAMESPACE_TIME:
		if (IS_ENABLED(CONFIG_TIME_NS))
			ns = &proxy->time_ns->ns;
		break;
	}
	return ns && ns->ops ? ns : NULL;
}

static bool namespace_match(struct file *file)
{
	return ksym(proc_ns_file)(file);
}

static int namespace_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file *file = obj->ptr;
	struct ns_common *ns = get_proc_ns(file_inode(file));
	char who[CKPT_WHO_MAX];

	if (own(kind_of(ns)) != ns)
		ckpt_refuse(c, "%s: a %s namespace that is not the container's cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)), ns->ops->name);
	else if (!(file->f_path.mnt->mnt_flags & MNT_INTERNAL))
		ckpt_refuse(c, "%s: a %s namespace opened where it is mounted cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)), ns->ops->name);
	else if (file->f_flags & O_ACCMODE)
		ckpt_refuse(c, "%s: a %s namespace open for writing cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)), ns->ops->name);
	return ckpt_file_collect(c, obj);
}

static int namespace_save(struct ckpt_collect *c, struct ckpt_object *obj,
			  struct ckpt_writer *w)
{
	struct ckpt_namespace *rec;
	int err = ckpt_file_save(c, obj, w);

	if (err)
		return err;
	rec = ckpt_add(w, CKPT_REC_NAMESPACE, 0);
	if (!rec)
		return w->error;
	rec->kind = cpu_to_le32(kind_of(get_proc_ns(file_inode(obj->ptr))));
	return 0;
}

/* With a reference, as open_related_ns() wants it. */
static struct ns_common *get_own(struct ns_common *ns)
{
	return ns->ops->get(current);
}

static void *namespace_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_namespace *rec = ckpt_item_body(item, CKPT_REC_NAMESPACE);
	struct ns_common *ns = own(le32_to_cpu(rec->kind));

	return ckpt_file_from_fd(r, item, ns ? open_related_ns(ns, get_own) : -EOPNOTSUPP);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_namespace_ops = {
	.type = CKPT_TYPE_NAMESPACE,
	.name = "namespace",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE | CKPT_ROW_SHAREABLE,
	.records = { CKPT_REC_FILE, CKPT_REC_NAMESPACE },
	.max_size = 4096,
	.check = namespace_check,
	CKPT_KERNEL(.match = namespace_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = namespace_collect, .save = namespace_save,
		    .restore = namespace_restore, .drop = ckpt_file_put)
};
