// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keyrings of tasks, and the keys that they link to: keys/ID.
 *
 * A session, process or thread keyring is made again, with its description, owner,
 * permissions, expiry and links; credentials refer to it, so that it is shared by
 * those that shared it. What it links to is one of two: a key that others have as well
 * goes on without the container, and is found again by its number. One of type user that
 * nobody else has dies with the container; its contents are in the image, if a
 * task of it may read them, and it is made again. Whatever else nobody else has is
 * refused: keys that no program can read, keyrings in keyrings.
 *
 * What is made again (keymake.c) has another number. Keyrings that others use or link to,
 * that are revoked or restricted, are refused, and keys that are not valid.
 *
 * Fields of a key are read under its semaphore.
 */
#include "../object.h"

static bool is_type(const struct ckpt_key *rec, const char *type)
{
	return !strcmp(rec->type, type);
}

static int check_keyring(const struct ckpt_check *chk, const struct ckpt_view *key,
			 const void *bytes, size_t size)
{
	const char *description = key->elems;
	struct ckpt_view links;
	const __le64 *id;
	int ret;
	u32 i;

	/* Those are the kernel's. */
	if (!is_type(key->body, "keyring") || description[0] == '.')
		return ckpt_bad(chk, "no keyring of a task");
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_KEYS, &links);
	id = links.elems;
	for (i = 0; !ret && i < links.count; i++)
		if (!id[i])
			ret = ckpt_bad(chk, "a link to nothing");
	return ret;
}

static int check_user(const struct ckpt_check *chk, const struct ckpt_key *rec,
		      const void *bytes, size_t size)
{
	struct ckpt_view payload;
	int ret = ckpt_check_once(chk, bytes, size, CKPT_REC_PAYLOAD, &payload);

	if (ret)
		return ret;
	if (!is_type(rec, "user") || !payload.count)
		return ckpt_bad(chk, "a key without contents");
	return 0;
}

static int key_check(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	const struct ckpt_key *rec;
	struct ckpt_view key, other;
	u32 kind;

	ckpt_find(bytes, size, CKPT_REC_KEY, &key);
	rec = key.body;
	kind = le32_to_cpu(rec->kind);
	if (key.count < 2)
		return ckpt_bad(chk, "no description");
	if (kind != CKPT_KEY_KEYRING && ckpt_find(bytes, size, CKPT_REC_KEYS, &other))
		return ckpt_bad(chk, "links of what is not made again");
	if (kind != CKPT_KEY_USER && ckpt_find(bytes, size, CKPT_REC_PAYLOAD, &other))
		return ckpt_bad(chk, "contents of what has none");
	switch (kind) {
	case CKPT_KEY_KEYRING:
		return check_keyring(chk, &key, bytes, size);
	case CKPT_KEY_USER:
		return check_user(chk, rec, bytes, size);
	default:
		return rec->serial && rec->type[0] ? 0 : ckpt_bad(chk, "a key without a number");
	}
}

#ifdef __KERNEL__

#include <linux/cred.h>
#include <linux/key.h>
#include <linux/key-type.h>
#include <linux/sched/signal.h>
#include <linux/user_namespace.h>
#include <linux/watch_queue.h>
#include <keys/user-type.h>

#include "../checkpointfs.h"
#include "../keyring.h"

static void key_get_ptr(void *ptr)
{
	key_get(ptr);
}

static void key_put_ptr(void *ptr)
{
	key_put(ptr);
}

static int collect_link(void *priv, struct key *key)
{
	return PTR_ERR_OR_ZERO(ckpt_collect_ref(priv, CKPT_TYPE_KEY, key));
}

static int key_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	int own = ckpt_keyring_is_own(c, obj->ptr);

	if (own <= 0)
		return own;
	ckpt_key_mark(obj, CKPT_KEY_OWN);
	return ckpt_keyring_each(obj->ptr, collect_link, c);
}

/* ---- what can be made again --------------------------------------------------------- */

#define PLAIN_FLAGS	BIT(KEY_FLAG_IN_QUOTA)

static bool is_watched(const struct key *key)
{
#ifdef CONFIG_KEY_NOTIFICATIONS
	const struct watch_list *watchers = READ_ONCE(key->watchers);

	return watchers && !hlist_empty(&watchers->watchers);
#else
	return false;
#endif
}

/* Return: what it is about a key that is made again that is not saved; NULL. */
static const char *obstacle(const struct key *key)
{
	struct user_namespace *ns = current_user_ns();

	if (READ_ONCE(key->flags) & ~PLAIN_FLAGS)
		return "one that is not counted or is kept";
	if (key->type == &key_type_keyring && key->restrict_link)
		return "one that is restricted";
	if (is_watched(key))
		return "one that is watched";
	if (!kuid_has_mapping(ns, key->uid) || !kgid_has_mapping(ns, key->gid))
		return "one whose owner has no number in its user namespace";
	return NULL;
}

/* As KEYCTL_DESCRIBE asks. */
static bool may_view(const struct key *key)
{
	key_ref_t ref = lookup_user_key(key->serial, KEY_LOOKUP_PARTIAL, KEY_NEED_VIEW);

	if (IS_ERR(ref))
		return false;
	key_ref_put(ref);
	return true;
}

/* As KEYCTL_READ asks: who has it may read it, too. */
static bool may_read(const struct key *key)
{
	key_ref_t ref = lookup_user_key(key->serial, 0, KEY_NEED_READ);
	bool may = !IS_ERR(ref);

	if (PTR_ERR_OR_ZERO(ref) == -EACCES) {
		ref = lookup_user_key(key->serial, 0, KEY_DEFER_PERM_CHECK);
		may = !IS_ERR(ref) && is_key_possessed(ref);
	}
	if (!IS_ERR(ref))
		key_ref_put(ref);
	return may;
}

/*
 * May a task of the container? The freezer may trace all of them, and so have
 * them do it; of what they may not know he must not learn.
 */
static bool task_may(struct ckpt_collect *c, const struct key *key,
		     bool (*may)(const struct key *key))
{
	const struct cred *own, *cred, *last = NULL;
	bool can = false;
	unsigned int i;

	for (i = 0; !can && i < c->tasks->nr && !fatal_signal_pending(current); i++) {
		/* Only a task changes its own; the object keeps it. */
		cred = rcu_access_pointer(c->tasks->vec[i]->real_cred);
		if (cred == last || c->tasks->vec[i]->exit_state ||
		    !ckpt_lookup(c, CKPT_TYPE_CREDS, cred))
			continue;
		own = override_creds(cred);
		can = may(key);
		revert_creds(own);
		last = cred;
		cond_resched();
	}
	return can;
}

static void refuse(struct ckpt_collect *c, const struct key *key, const char *what)
{
	if (task_may(c, key, may_view))
		ckpt_refuse(c, "key %d (%s %s): %s cannot be saved", key->serial,
			    key->type->name, key->description, what);
	else
		ckpt_refuse(c, "key %d (%s): %s cannot be saved", key->serial,
			    key->type->name, what);
}

static void verify_keyring(struct ckpt_collect *c, const struct ckpt_object *obj)
{
	const struct key *key = obj->ptr;
	const char *what = obstacle(key);

	if (what)
		refuse(c, key, what);
	if (ckpt_key_is(obj, CKPT_KEY_USED))
		ckpt_refuse_shared(c, "key %d (%s): a task outside of the container uses it",
				   key->serial, key->type->name);
	if (ckpt_key_is(obj, CKPT_KEY_LINKED))
		ckpt_refuse_shared(c, "key %d (%s): a keyring outside of the container links to it",
				   key->serial, key->type->name);
}

static void verify_link(struct ckpt_collect *c, struct ckpt_object *obj)
{
	const struct key *key = obj->ptr;
	const char *what;

	if (ckpt_key_is(obj, CKPT_KEY_USED | CKPT_KEY_LINKED))
		return;
	if (key->type != &key_type_user || !task_may(c, key, may_read)) {
		refuse(c, key, "one that nobody else has and that cannot be read");
		return;
	}
	what = obstacle(key);
	if (what)
		refuse(c, key, what);
	ckpt_key_mark(obj, CKPT_KEY_READ);
}

static int key_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	/* The first of them asks for all. */
	int err = obj->id == 1 ? ckpt_keyrings_outside(c) : 0;
	const struct key *key = obj->ptr;

	if (err)
		return err;
	if (key_validate(key) || !key_is_positive(key))
		refuse(c, key, "one that is revoked or has expired");
	else if (!task_may(c, key, may_view))
		refuse(c, key, "one that no task may look at");
	else if (ckpt_key_is(obj, CKPT_KEY_OWN))
		verify_keyring(c, obj);
	else
		verify_link(c, obj);
	return 0;
}

/* ---- saved ---------------------------------------------------------------------------- */

static u32 kind_of(const struct ckpt_object *obj)
{
	if (ckpt_key_is(obj, CKPT_KEY_OWN))
		return CKPT_KEY_KEYRING;
	return ckpt_key_is(obj, CKPT_KEY_READ) ? CKPT_KEY_USER : CKPT_KEY_EXISTING;
}

/**
 * struct found - the links of a keyring that have been found so far
 * @c:		collection
 * @ids:	their ids
 */
struct found {
	struct ckpt_collect *c;
	struct ckpt_writer ids;
};

/* What has been linked since then, by somebody outside, is not of this image. */
static int add_link(void *priv, struct key *key)
{
	struct found *found = priv;
	__le64 id = cpu_to_le64(ckpt_id(found->c, CKPT_TYPE_KEY, key));

	return id ? ckpt_add_bytes(&found->ids, &id, sizeof(id)) : 0;
}

static int save_links(struct ckpt_collect *c, struct key *key, struct ckpt_writer *w)
{
	struct found found = { .c = c };
	int err = ckpt_keyring_each(key, add_link, &found);
	__le64 *id;

	if (!err) {
		id = ckpt_add(w, CKPT_REC_KEYS, found.ids.len / sizeof(*id));
		if (id && found.ids.len)
			memcpy(id, found.ids.buf, found.ids.len);
		err = w->error;
	}
	ckpt_writer_free(&found.ids);
	return err;
}

static int save_payload(struct ckpt_collect *c, struct key *key, struct ckpt_writer *w)
{
	void *bytes;
	long len;

	guard(rwsem_read)(&key->sem);
	len = key_validate(key) ? 0 : key->type->read(key, NULL, 0);
	if (len <= 0) {
		refuse(c, key, "one that is revoked or has expired");
		return 0;
	}
	bytes = ckpt_add(w, CKPT_REC_PAYLOAD, len);
	if (!bytes)
		return w->error;
	len = key->type->read(key, bytes, len);
	return len < 0 ? len : 0;
}

static int save_key(struct ckpt_object *obj, struct ckpt_writer *w)
{
	struct key *key = obj->ptr;
	size_t len = strlen(key->description) + 1;
	struct ckpt_key *rec = ckpt_add(w, CKPT_REC_KEY, len);

	if (!rec)
		return w->error;
	guard(rwsem_read)(&key->sem);
	rec->expiry = cpu_to_le64(key->expiry == TIME64_MAX ? 0 : key->expiry);
	rec->kind = cpu_to_le32(kind_of(obj));
	rec->serial = cpu_to_le32(key->serial);
	rec->uid = cpu_to_le32(from_kuid(current_user_ns(), key->uid));
	rec->gid = cpu_to_le32(from_kgid(current_user_ns(), key->gid));
	rec->perm = cpu_to_le32(key->perm & CKPT_KEY_PERM);
	strscpy(rec->type, key->type->name, sizeof(rec->type));
	memcpy(ckpt_elems(rec), key->description, len);
	return 0;
}

static int key_save(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w)
{
	int err = save_key(obj, w);

	if (!err && ckpt_key_is(obj, CKPT_KEY_OWN))
		err = save_links(c, obj->ptr, w);
	if (!err && ckpt_key_is(obj, CKPT_KEY_READ))
		err = save_payload(c, obj->ptr, w);
	return err;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_key_ops = {
	.type = CKPT_TYPE_KEY,
	.name = "key",
	.dir = "keys",
	.records = { CKPT_REC_KEY, CKPT_REC_KEYS, CKPT_REC_PAYLOAD },
	.max_size = 640 * 1024,
	.check = key_check,
	CKPT_KERNEL(.get = key_get_ptr, .put = key_put_ptr, .collect = key_collect,
		    .verify = key_verify, .save = key_save, .restore = ckpt_key_make,
		    .complete = ckpt_keys_link, .drop = key_put_ptr)
};
