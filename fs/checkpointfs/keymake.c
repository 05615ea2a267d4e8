// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keyrings and keys made again, and those that exist found again.
 *
 * In the first new task, with the writer's rights: he makes what add_key(2) and
 * KEYCTL_CHOWN would let him make, in the quota of its owner, and links what KEYCTL_LINK
 * would let him link. What only its owner may he may as far as he can become that one
 * (setfsuid(2)); the task goes back to what it had. Links are made when all of
 * them are there; the kernel sees to it that there is no circle.
 *
 * No system call makes a key in no keyring, or a session keyring that is not the task's own
 * from then on, so that the kernel's functions behind them are called.
 */
#include <linux/cred.h>
#include <linux/key.h>
#include <linux/key-type.h>
#include <linux/sched/coredump.h>
#include <linux/timekeeping.h>
#include <linux/uidgid.h>
#include <keys/user-type.h>
#include <asm/unistd.h>

#include "checkpointfs.h"
#include "keyring.h"

/* As who may make a key of that owner and group, as far as the writer may be him. */
static void become(const struct ckpt_key *rec)
{
	ckpt_syscall(__NR_setfsgid, le32_to_cpu(rec->gid), 0, 0, 0, 0, 0);
	ckpt_syscall(__NR_setfsuid, le32_to_cpu(rec->uid), 0, 0, 0, 0, 0);
}

static struct key *make_user(const struct ckpt_item *item, const char *description,
			     kuid_t uid, kgid_t gid, u32 perm)
{
	struct ckpt_view payload;
	struct key *key;
	int err;

	ckpt_find(item->bytes, item->size, CKPT_REC_PAYLOAD, &payload);
	key = key_alloc(&key_type_user, description, uid, gid, current_cred(), perm,
			KEY_ALLOC_IN_QUOTA, NULL);
	if (IS_ERR(key))
		return key;
	err = key_instantiate_and_link(key, payload.elems, payload.count, NULL, NULL);
	if (!err)
		return key;
	key_put(key);
	return ERR_PTR(err);
}

/* By whom it belongs to, or one who could give it to him (KEYCTL_CHOWN). */
static struct key *make(const struct ckpt_item *item, const struct ckpt_view *view)
{
	const struct ckpt_key *rec = view->body;
	kuid_t uid = make_kuid(current_user_ns(), le32_to_cpu(rec->uid));
	kgid_t gid = make_kgid(current_user_ns(), le32_to_cpu(rec->gid));
	u32 perm = le32_to_cpu(rec->perm);

	if (!uid_valid(uid) || !gid_valid(gid))
		return ERR_PTR(-EINVAL);
	become(rec);
	if (!(uid_eq(uid, current_fsuid()) && in_group_p(gid)) && !capable(CAP_SYS_ADMIN))
		return ERR_PTR(-EPERM);
	if (le32_to_cpu(rec->kind) == CKPT_KEY_USER)
		return make_user(item, view->elems, uid, gid, perm);
	return keyring_alloc(view->elems, uid, gid, current_cred(), perm, KEY_ALLOC_IN_QUOTA,
			     NULL, NULL);
}

/* What it was: a number is given again after its key has gone. */
static bool is_same(const struct key *key, const struct ckpt_view *view)
{
	const struct ckpt_key *rec = view->body;

	return !strcmp(rec->type, key->type->name) && !strcmp(view->elems, key->description);
}

/*
 * The key of that number, which current may link. Whoever has a keyring as session keyring
 * finds what is in it: that takes the right to search it as well.
 */
static struct key *look_up(const struct ckpt_view *view)
{
	const struct ckpt_key *rec = view->body;
	key_serial_t serial = le32_to_cpu(rec->serial);
	key_ref_t ref = lookup_user_key(serial, KEY_LOOKUP_PARTIAL, KEY_NEED_LINK);
	struct key *key;

	if (IS_ERR(ref))
		return ERR_CAST(ref);
	key = key_ref_to_ptr(ref);
	if (!is_same(key, view) || !key_is_positive(key)) {
		key_put(key);
		return ERR_PTR(-ENOKEY);
	}
	if (key->type != &key_type_keyring)
		return key;
	ref = lookup_user_key(serial, KEY_LOOKUP_PARTIAL, KEY_NEED_SEARCH);
	if (IS_ERR(ref)) {
		key_put(key);
		return ERR_CAST(ref);
	}
	key_ref_put(ref);
	return key;
}

/* As the writer, or as its owner if he may be that one. */
static struct key *find(const struct ckpt_view *view)
{
	struct key *key = look_up(view);

	if (PTR_ERR_OR_ZERO(key) != -EACCES)
		return key;
	become(view->body);
	return look_up(view);
}

/* Seconds that are left of a key's life, U32_MAX at most; 0: it is over. */
static u32 time_left(const struct ckpt_key *rec)
{
	s64 left = le64_to_cpu(rec->expiry) - ktime_get_real_seconds();

	return clamp_t(s64, left, 0, U32_MAX);
}

static void report(struct ckpt_restore *r, const struct ckpt_item *item,
		   const struct ckpt_view *view, int err)
{
	const struct ckpt_key *rec = view->body;
	u32 serial = le32_to_cpu(rec->serial);
	const char *description = view->elems;

	if (le32_to_cpu(rec->kind) != CKPT_KEY_EXISTING)
		ckpt_restore_err(r, item, "%s %s cannot be made: %pe", rec->type, description,
				 ERR_PTR(err));
	else if (err == -ENOKEY)
		ckpt_restore_err(r, item, "key %u (%s %s): a key that is not there", serial,
				 rec->type, description);
	else
		ckpt_restore_err(r, item, "key %u (%s %s) cannot be linked: %pe", serial,
				 rec->type, description, ERR_PTR(err));
}

void *ckpt_key_make(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_key *rec = ckpt_item_body(item, CKPT_REC_KEY);
	u32 kind = le32_to_cpu(rec->kind), left = rec->expiry ? time_left(rec) : U32_MAX;
	unsigned long dumpable = get_dumpable(current->mm);
	const struct cred *writers = get_current_cred();
	struct ckpt_view view;
	struct key *key;

	ckpt_find(item->bytes, item->size, CKPT_REC_KEY, &view);
	if (kind == CKPT_KEY_EXISTING)
		key = find(&view);
	else if (!left)
		key = kind == CKPT_KEY_USER ? NULL : ERR_PTR(-EKEYEXPIRED);
	else
		key = make(item, &view);
	/* Consumes the reference, and undoes what the calls have done. */
	commit_creds((struct cred *)writers);
	set_mask_bits(&current->mm->flags, MMF_DUMPABLE_MASK, dumpable);
	if (IS_ERR(key))
		report(r, item, &view, PTR_ERR(key));
	else if (key && kind != CKPT_KEY_EXISTING && rec->expiry)
		key_set_timeout(key, left);
	return key;
}

static int link_all(struct ckpt_restore *r, struct ckpt_item *item)
{
	struct ckpt_view links;
	const __le64 *id;
	u32 i;

	if (!ckpt_find(item->bytes, item->size, CKPT_REC_KEYS, &links))
		return 0;
	id = links.elems;
	for (i = 0; i < links.count; i++) {
		struct ckpt_item *other = ckpt_item(ckpt_restore_img(r), CKPT_TYPE_KEY,
						    le64_to_cpu(id[i]));
		int err = other->made ? key_link(item->made, other->made) : 0;

		if (err) {
			ckpt_restore_err(r, item, "keys/%llu cannot be linked: %pe", other->id,
					 ERR_PTR(err));
			return err;
		}
		cond_resched();
	}
	return 0;
}

int ckpt_keys_link(struct ckpt_restore *r)
{
	struct ckpt_item *item;
	unsigned long id;
	int err = 0;

	xa_for_each(&ckpt_restore_img(r)->items[CKPT_TYPE_KEY], id, item)
		err = err ?: link_all(r, item);
	return err;
}
