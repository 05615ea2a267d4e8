// SPDX-License-Identifier: GPL-2.0-only
/*
 * Credentials: creds/ID.
 *
 * User and group ids, supplementary groups, securebits and capability sets.
 * Ids are those of the freezer's user namespace, which must be the task's own.
 * Keyrings are objects that they refer to; a session keyring that the freezer has as well
 * is nobody's, restored tasks have that of the one who restores them. Labels of security
 * modules are in label.c.
 *
 * Restored in the first new task by the system calls that change credentials,
 * with the writer's rights, so that the result is one that the writer could
 * have come to; it is kept, and the task goes back to what it had. At the end
 * each task commits the result that its image names.
 */
#include "../object.h"

/* That of a group, which the kernel has a number for and nobody can have. */
#define REQKEY_GROUP	6

/* In the order of their record. */
enum { SESSION, PROCESS, THREAD, NR_KEYRINGS };

/* A session keyring may be one that users have, the others are made again. */
static bool is_keyring(const struct ckpt_check *chk, u64 id, bool session)
{
	const struct ckpt_key *key = ckpt_check_body(chk, CKPT_TYPE_KEY, id);

	if (!key || strncmp(key->type, "keyring", sizeof(key->type)))
		return false;
	return session || le32_to_cpu(key->kind) == CKPT_KEY_KEYRING;
}

static int check_keyrings(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	struct ckpt_view view;
	const __le64 *ring;
	int i;

	if (!ckpt_find(bytes, size, CKPT_REC_KEYS, &view))
		return 0;
	ring = view.elems;
	if (ckpt_check_once(chk, bytes, size, CKPT_REC_KEYS, &view))
		return -EUCLEAN;
	if (view.count != NR_KEYRINGS)
		return ckpt_bad(chk, "not three keyrings");
	for (i = 0; i < NR_KEYRINGS; i++)
		if (ring[i] && !is_keyring(chk, le64_to_cpu(ring[i]), i == SESSION))
			return ckpt_bad(chk, "what is no keyring of a task");
	return 0;
}

static int creds_check(const struct ckpt_check *chk, u64 id,
		       const void *bytes, size_t size)
{
	const struct ckpt_creds *rec;
	const __le32 *group;
	struct ckpt_view view;
	u32 i;

	ckpt_find(bytes, size, CKPT_REC_CREDS, &view);
	rec = view.body;
	group = view.elems;
	if (le32_to_cpu(rec->reqkey) == REQKEY_GROUP)
		return ckpt_bad(chk, "keys that go to the keyring of a group");
	for (i = 1; i < view.count; i++)
		if (le32_to_cpu(group[i - 1]) > le32_to_cpu(group[i]))
			return ckpt_bad(chk, "supplementary groups are not sorted");
	return check_keyrings(chk, bytes, size) ?:
	       ckpt_check_labels(chk, bytes, size, false);
}

#ifdef __KERNEL__

#include <linux/bitops.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/key.h>
#include <linux/prctl.h>
#include <linux/sched/coredump.h>
#include <linux/securebits.h>
#include <linux/user_namespace.h>
#include <asm/unistd.h>

#include "../checkpointfs.h"
#include "../keyring.h"
#include "../label.h"

static void creds_get(void *ptr)
{
	get_cred(ptr);
}

static void creds_put(void *ptr)
{
	put_cred(ptr);
}

/* Does the freezer's user namespace have a number for each id? */
static bool has_numbers(const struct cred *cred)
{
	const kuid_t uids[] = { cred->uid, cred->suid, cred->euid, cred->fsuid };
	const kgid_t gids[] = { cred->gid, cred->sgid, cred->egid, cred->fsgid };
	struct user_namespace *ns = current_user_ns();
	int i;

	for (i = 0; i < ARRAY_SIZE(uids); i++)
		if (!kuid_has_mapping(ns, uids[i]) || !kgid_has_mapping(ns, gids[i]))
			return false;
	for (i = 0; i < cred->group_info->ngroups; i++)
		if (!kgid_has_mapping(ns, cred->group_info->gid[i]))
			return false;
	return true;
}

/*
 * Files of some kinds keep who has opened them. All tasks have been collected, and have
 * marked theirs, before the first credentials are.
 */
static bool is_of_task(const struct ckpt_object *obj)
{
	return obj->priv;
}

static void refuse(struct ckpt_collect *c, const struct ckpt_object *obj, const char *what)
{
	if (is_of_task(obj))
		ckpt_refuse(c, "task %llu: %s cannot be saved", obj->first, what);
	else
		ckpt_refuse(c, "file %llu: %s of who has opened it cannot be saved", obj->first,
			    what);
}

static struct key *keyring_of(const struct cred *cred, int which)
{
	switch (which) {
	case SESSION:
		return ckpt_session_keyring(cred);
	case PROCESS:
		return cred->process_keyring;
	default:
		return cred->thread_keyring;
	}
}

/*
 * Who has opened a file may have had others, that no task has now. Only a session keyring
 * may be one that users have.
 */
static int collect_keyrings(struct ckpt_collect *c, struct ckpt_object *obj)
{
	const struct cred *cred = obj->ptr;
	bool of_task = is_of_task(obj);
	int i;

	for (i = 0; i < NR_KEYRINGS; i++) {
		struct key *keyring = keyring_of(cred, i);
		struct ckpt_object *part;
		int own = 1;

		if (!keyring)
			continue;
		if (!of_task || i != SESSION)
			own = ckpt_keyring_is_own(c, keyring);
		if (own < 0)
			return own;
		if (!own) {
			refuse(c, obj, "a keyring that no task has");
			continue;
		}
		part = ckpt_collect_ref(c, CKPT_TYPE_KEY, keyring);
		if (IS_ERR(part))
			return PTR_ERR(part);
	}
	return 0;
}

/* Whenever filesystem ids change they become those of the thread keyring. */
static bool is_own_thread_keyring(const struct cred *cred)
{
	const struct key *keyring = cred->thread_keyring;

	return uid_eq(keyring->uid, cred->fsuid) && gid_eq(keyring->gid, cred->fsgid);
}

static int creds_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	const struct cred *cred = obj->ptr;
	const char *label = ckpt_label_refused(c, cred, obj->priv);

	if (label)
		refuse(c, obj, label);
	if (cred->user_ns != current_user_ns())
		refuse(c, obj, "a user namespace");
	else if (!has_numbers(cred))
		refuse(c, obj, "ids without a number in its user namespace");
	if (cred->thread_keyring && !is_own_thread_keyring(cred))
		refuse(c, obj, "a thread keyring of another owner");
	return collect_keyrings(c, obj);
}

static __le32 uid_le(kuid_t uid)
{
	return cpu_to_le32(from_kuid(current_user_ns(), uid));
}

static __le32 gid_le(kgid_t gid)
{
	return cpu_to_le32(from_kgid(current_user_ns(), gid));
}

static int save_keyrings(struct ckpt_collect *c, const struct cred *cred,
			 struct ckpt_writer *w)
{
	__le64 *ring;
	int i;

	if (!ckpt_session_keyring(cred) && !cred->process_keyring && !cred->thread_keyring)
		return 0;
	ring = ckpt_add(w, CKPT_REC_KEYS, NR_KEYRINGS);
	if (!ring)
		return w->error;
	for (i = 0; i < NR_KEYRINGS; i++)
		ring[i] = cpu_to_le64(ckpt_id(c, CKPT_TYPE_KEY, keyring_of(cred, i)));
	return 0;
}

static int creds_save(struct ckpt_collect *c, struct ckpt_object *obj,
		      struct ckpt_writer *w)
{
	const struct cred *cred = obj->ptr;
	const struct group_info *groups = cred->group_info;
	struct ckpt_creds *rec = ckpt_add(w, CKPT_REC_CREDS, groups->ngroups);
	__le32 *group;
	int i;

	if (!rec)
		return w->error;
	rec->uid = uid_le(cred->uid);
	rec->suid = uid_le(cred->suid);
	rec->euid = uid_le(cred->euid);
	rec->fsuid = uid_le(cred->fsuid);
	rec->gid = gid_le(cred->gid);
	rec->sgid = gid_le(cred->sgid);
	rec->egid = gid_le(cred->egid);
	rec->fsgid = gid_le(cred->fsgid);
	rec->securebits = cpu_to_le32(cred->securebits);
	rec->reqkey = cpu_to_le32(cred->jit_keyring);
	rec->inheritable = cpu_to_le64(cred->cap_inheritable.val);
	rec->permitted = cpu_to_le64(cred->cap_permitted.val);
	rec->effective = cpu_to_le64(cred->cap_effective.val);
	rec->bounding = cpu_to_le64(cred->cap_bset.val);
	rec->ambient = cpu_to_le64(cred->cap_ambient.val);
	group = ckpt_elems(rec);
	for (i = 0; i < groups->ngroups; i++)
		group[i] = gid_le(groups->gid[i]);
	return save_keyrings(c, cred, w) ?: ckpt_label_save_creds(c, cred, obj->priv, w);
}

/* A system call that changes current's credentials, or the step it failed in. */
struct step {
	const char *what;
	long err;
};

static bool call(struct step *s, const char *what, unsigned int nr,
		 unsigned long a, unsigned long b, unsigned long c)
{
	s->what = what;
	s->err = ckpt_syscall(nr, a, b, c, 0, 0, 0);
	return s->err >= 0;
}

static bool same_groups(const struct ckpt_view *view)
{
	const struct group_info *groups = current_cred()->group_info;
	const __le32 *group = view->elems;
	u32 i;

	if (groups->ngroups != view->count)
		return false;
	for (i = 0; i < view->count; i++)
		if (group[i] != gid_le(groups->gid[i]))
			return false;
	return true;
}

static bool change_groups(struct step *s, const struct ckpt_view *view)
{
	const size_t room = CKPT_SCRATCH_SIZE / sizeof(__le32);
	unsigned long scratch;
	bool ok;

	if (same_groups(view))
		return true;
	s->what = "supplementary groups";
	s->err = -E2BIG;
	if (view->count > room)
		return false;
	scratch = ckpt_scratch_map();
	s->err = scratch;
	if (IS_ERR_VALUE(scratch))
		return false;
	s->err = ckpt_scratch_put(scratch, view->elems, view->count * sizeof(__le32));
	ok = !s->err &&
	     call(s, "supplementary groups", __NR_setgroups, view->count, scratch, 0);
	ckpt_scratch_unmap(scratch);
	return ok;
}

static bool drop_bounding(struct step *s, u64 keep)
{
	unsigned int cap;

	for (cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (cap_raised(current_cred()->cap_bset, cap) &&
		    !(keep & BIT_ULL(cap)) &&
		    !call(s, "bounding set", __NR_prctl, PR_CAPBSET_DROP, cap, 0))
			return false;
	return true;
}

static bool set_caps(struct step *s, u64 effective, u64 permitted, u64 inheritable)
{
	struct {
		struct __user_cap_header_struct head;
		struct __user_cap_data_struct cap[2];
	} arg = {
		.head.version = _LINUX_CAPABILITY_VERSION_3,
		.cap = { {
			.effective = lower_32_bits(effective),
			.permitted = lower_32_bits(permitted),
			.inheritable = lower_32_bits(inheritable),
		}, {
			.effective = upper_32_bits(effective),
			.permitted = upper_32_bits(permitted),
			.inheritable = upper_32_bits(inheritable),
		} },
	};
	unsigned long scratch = ckpt_scratch_map();
	bool ok;

	s->what = "capabilities";
	s->err = scratch;
	if (IS_ERR_VALUE(scratch))
		return false;
	s->err = ckpt_scratch_put(scratch, &arg, sizeof(arg));
	ok = !s->err &&
	     call(s, "capabilities", __NR_capset, scratch,
		  scratch + offsetof(typeof(arg), cap), 0);
	ckpt_scratch_unmap(scratch);
	return ok;
}

/* Ambient capabilities must be inheritable and permitted when they are raised. */
static bool set_ambient(struct step *s, const struct ckpt_creds *rec)
{
	const struct cred *cred = current_cred();
	u64 ambient = le64_to_cpu(rec->ambient);
	unsigned int cap;

	if (ambient == cred->cap_ambient.val)
		return true;
	if (!set_caps(s, cred->cap_effective.val, cred->cap_permitted.val,
		      le64_to_cpu(rec->inheritable)) ||
	    !call(s, "ambient set", __NR_prctl, PR_CAP_AMBIENT,
		  PR_CAP_AMBIENT_CLEAR_ALL, 0))
		return false;
	for (cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (ambient & BIT_ULL(cap) &&
		    !call(s, "ambient set", __NR_prctl, PR_CAP_AMBIENT,
			  PR_CAP_AMBIENT_RAISE, cap))
			return false;
	return true;
}

static bool set_securebits(struct step *s, u32 bits)
{
	return current_cred()->securebits == bits ||
	       call(s, "securebits", __NR_prctl, PR_SET_SECUREBITS, bits, 0);
}

static bool ids_differ(const struct ckpt_creds *rec)
{
	const struct cred *cred = current_cred();

	return uid_le(cred->uid) != rec->uid || uid_le(cred->euid) != rec->euid ||
	       uid_le(cred->suid) != rec->suid || uid_le(cred->fsuid) != rec->fsuid ||
	       gid_le(cred->gid) != rec->gid || gid_le(cred->egid) != rec->egid ||
	       gid_le(cred->sgid) != rec->sgid || gid_le(cred->fsgid) != rec->fsgid;
}

/* A change of user ids drops capabilities, unless securebits say otherwise. */
static bool set_ids(struct step *s, const struct ckpt_creds *rec)
{
	if (!ids_differ(rec))
		return true;
	if (capable(CAP_SETPCAP) &&
	    !set_securebits(s, current_cred()->securebits |
			       issecure_mask(SECURE_NO_SETUID_FIXUP)))
		return false;
	if (!call(s, "group ids", __NR_setresgid, le32_to_cpu(rec->gid),
		  le32_to_cpu(rec->egid), le32_to_cpu(rec->sgid)))
		return false;
	call(s, "fsgid", __NR_setfsgid, le32_to_cpu(rec->fsgid), 0, 0);
	if (!call(s, "user ids", __NR_setresuid, le32_to_cpu(rec->uid),
		  le32_to_cpu(rec->euid), le32_to_cpu(rec->suid)))
		return false;
	call(s, "fsuid", __NR_setfsuid, le32_to_cpu(rec->fsuid), 0, 0);
	return true;
}

/* Some of the calls tell nothing: compare with what was wanted. */
static bool is_as_wanted(struct step *s, const struct ckpt_creds *rec)
{
	const struct cred *cred = current_cred();

	s->what = "ids or capabilities";
	s->err = -EPERM;
	return !ids_differ(rec) &&
	       cred->securebits == le32_to_cpu(rec->securebits) &&
	       cred->cap_permitted.val == le64_to_cpu(rec->permitted) &&
	       cred->cap_effective.val == le64_to_cpu(rec->effective) &&
	       cred->cap_inheritable.val == le64_to_cpu(rec->inheritable) &&
	       cred->cap_bset.val == le64_to_cpu(rec->bounding) &&
	       cred->cap_ambient.val == le64_to_cpu(rec->ambient);
}

/* Each step may need a capability that a later one takes away. */
static bool change(struct step *s, const struct ckpt_view *view)
{
	const struct ckpt_creds *rec = view->body;

	return change_groups(s, view) &&
	       drop_bounding(s, le64_to_cpu(rec->bounding)) &&
	       set_ids(s, rec) &&
	       set_ambient(s, rec) &&
	       set_securebits(s, le32_to_cpu(rec->securebits)) &&
	       set_caps(s, le64_to_cpu(rec->effective), le64_to_cpu(rec->permitted),
			le64_to_cpu(rec->inheritable)) &&
	       is_as_wanted(s, rec);
}

static void set_keyring(struct key **place, struct key *keyring)
{
	if (!keyring)
		return;
	key_put(*place);
	*place = key_get(keyring);
}

/*
 * What current has come to, with the keyrings of the image: who may have them was asked
 * when they were made, or found. Where new keys go anyone may say.
 */
static const struct cred *with_keyrings(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_creds *rec = ckpt_item_body(item, CKPT_REC_CREDS);
	struct key *keyring[NR_KEYRINGS] = {};
	struct ckpt_view view;
	const __le64 *id;
	struct cred *cred;
	int i;

	id = ckpt_find(item->bytes, item->size, CKPT_REC_KEYS, &view) ? view.elems : NULL;
	if (!id && current_cred()->jit_keyring == le32_to_cpu(rec->reqkey))
		return get_current_cred();
	for (i = 0; i < NR_KEYRINGS; i++) {
		if (id && id[i])
			keyring[i] = ckpt_restored(r, CKPT_TYPE_KEY, le64_to_cpu(id[i]));
		if (IS_ERR(keyring[i]))
			return ERR_CAST(keyring[i]);
	}
	cred = prepare_creds();
	if (!cred)
		return ERR_PTR(-ENOMEM);
	set_keyring(&cred->session_keyring, keyring[SESSION]);
	set_keyring(&cred->process_keyring, keyring[PROCESS]);
	set_keyring(&cred->thread_keyring, keyring[THREAD]);
	cred->jit_keyring = le32_to_cpu(rec->reqkey);
	return cred;
}

static void *creds_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct cred *writers = get_current_cred(), *made = NULL;
	unsigned long dumpable = get_dumpable(current->mm);
	struct step s = {};
	struct ckpt_view view;

	ckpt_find(item->bytes, item->size, CKPT_REC_CREDS, &view);
	if (!change(&s, &view)) {
		ckpt_restore_err(r, item, "%s may not be set: %pe", s.what, ERR_PTR(s.err));
		goto out;
	}
	s.err = ckpt_label_restore_creds(r, item);
	if (s.err)
		goto out;
	made = with_keyrings(r, item);
	s.err = PTR_ERR_OR_ZERO(made);
	if (s.err)
		ckpt_restore_err(r, item, "keyrings may not be set: %pe", made);
out:
	/* Consumes the reference, and undoes what the calls have done. */
	commit_creds((struct cred *)writers);
	/* Nor has it had other rights, on account of which nobody may look at it. */
	set_mask_bits(&current->mm->flags, MMF_DUMPABLE_MASK, dumpable);
	return s.err < 0 ? ERR_PTR(s.err) : (void *)made;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_creds_ops = {
	.type = CKPT_TYPE_CREDS,
	.name = "credentials",
	.dir = "creds",
	.records = { CKPT_REC_CREDS, CKPT_REC_KEYS, CKPT_REC_LABEL },
	.max_size = 512 * 1024,
	.check = creds_check,
	CKPT_KERNEL(.get = creds_get, .put = creds_put, .collect = creds_collect,
		    .save = creds_save, .restore = creds_restore,
		    .drop = creds_put)
};
