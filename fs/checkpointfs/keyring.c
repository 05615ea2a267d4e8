// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keyrings: what they link to, whose they are, and who else has them.
 *
 * A keyring of a container is one that its tasks have as session, process or
 * thread keyring; keyrings of users, which belong to the system, are none.
 * Whatever else a task reaches hangs below those.
 *
 * The tasks are frozen; keyrings that others reach may change, so that links are
 * read under the keyring's semaphore, and keys found by number have a
 * reference as long as they are looked at.
 */
#include <linux/cred.h>
#include <linux/key.h>
#include <linux/key-type.h>
#include <linux/rbtree.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "keyring.h"

/* Return: their numbers, to be freed by the caller (kvfree()), or ERR_PTR(). */
static key_serial_t *read_links(struct key *keyring, u32 *nr)
{
	key_serial_t *serials;
	long size;

	guard(rwsem_read)(&keyring->sem);
	size = keyring->type->read(keyring, NULL, 0);
	if (size < 0)
		return ERR_PTR(size);
	*nr = size / sizeof(*serials);
	serials = kvcalloc(*nr + 1, sizeof(*serials), GFP_KERNEL_ACCOUNT);
	if (!serials)
		return ERR_PTR(-ENOMEM);
	size = *nr ? keyring->type->read(keyring, (char *)serials, size) : 0;
	if (size < 0) {
		kvfree(serials);
		return ERR_PTR(size);
	}
	return serials;
}

int ckpt_keyring_each(struct key *keyring, int (*each)(void *priv, struct key *key),
		      void *priv)
{
	u32 nr = 0, i;
	int err = 0;
	key_serial_t *serials __free(kvfree) = read_links(keyring, &nr);

	if (IS_ERR(serials))
		return PTR_ERR(serials);
	for (i = 0; !err && i < nr; i++) {
		struct key *key = key_lookup(serials[i]);

		/* It has gone meanwhile, and its link with it. */
		if (IS_ERR(key))
			continue;
		err = each(priv, key);
		key_put(key);
		cond_resched();
	}
	return err;
}

/* Restored tasks have that of the one who restores them. */
struct key *ckpt_session_keyring(const struct cred *cred)
{
	struct key *keyring = cred->session_keyring;

	return keyring == current_cred()->session_keyring ? NULL : keyring;
}

static int note(struct ckpt_collect *c, struct key *keyring)
{
	if (!keyring)
		return 0;
	return xa_err(xa_store(&c->keyrings, (unsigned long)keyring, keyring,
			       GFP_KERNEL_ACCOUNT));
}

/* Once for all that are asked for; no keyring is at 0. Only a task changes its own cred. */
static int note_all(struct ckpt_collect *c)
{
	unsigned int i;
	int err = 0;

	if (xa_load(&c->keyrings, 0))
		return 0;
	for (i = 0; !err && i < c->tasks->nr; i++) {
		const struct cred *cred = rcu_access_pointer(c->tasks->vec[i]->real_cred);

		err = note(c, cred->session_keyring) ?: note(c, cred->process_keyring) ?:
		      note(c, cred->thread_keyring);
		cond_resched();
	}
	return err ?: xa_err(xa_store(&c->keyrings, 0, xa_mk_value(1), GFP_KERNEL_ACCOUNT));
}

int ckpt_keyring_is_own(struct ckpt_collect *c, const struct key *key)
{
	int err;

	if (key->type != &key_type_keyring || key == current_cred()->session_keyring ||
	    test_bit(KEY_FLAG_UID_KEYRING, &key->flags))
		return 0;
	err = note_all(c);
	return err ?: !!xa_load(&c->keyrings, (unsigned long)key);
}

/* ---- who else has them ---------------------------------------------------------- */

void ckpt_key_mark(struct ckpt_object *obj, unsigned long bit)
{
	obj->priv = (void *)((unsigned long)obj->priv | bit);
}

bool ckpt_key_is(const struct ckpt_object *obj, unsigned long bits)
{
	return (unsigned long)obj->priv & bits;
}

static void mark_keyring(struct ckpt_collect *c, struct task_struct *t, const struct key *key)
{
	struct ckpt_object *obj = key ? ckpt_lookup(c, CKPT_TYPE_KEY, key) : NULL;

	if (obj && !ckpt_lookup(c, CKPT_TYPE_TASK, t))
		ckpt_key_mark(obj, CKPT_KEY_USED);
}

/* What tasks outside have as theirs. Those that have ended use it no more. */
static void mark_used(struct ckpt_collect *c)
{
	struct task_struct *p, *t;

	guard(rcu)();
	for_each_process_thread(p, t) {
		const struct cred *cred = __task_cred(t);

		if (t->exit_state)
			continue;
		mark_keyring(c, t, cred->session_keyring);
		mark_keyring(c, t, cred->process_keyring);
		mark_keyring(c, t, cred->thread_keyring);
	}
}

static int mark_linked(void *priv, struct key *key)
{
	struct ckpt_object *obj = ckpt_lookup(priv, CKPT_TYPE_KEY, key);

	if (obj)
		ckpt_key_mark(obj, CKPT_KEY_LINKED);
	return fatal_signal_pending(current) ? -EINTR : 0;
}

/* A reference to the keyring with the least number above @serial; NULL: there is none. */
static struct key *next_keyring(key_serial_t serial)
{
	struct rb_node *n, *above = NULL;

	guard(spinlock)(&ksym_data(key_serial_lock));
	n = ksym_data(key_serial_tree).rb_node;
	while (n) {
		if (rb_entry(n, struct key, serial_node)->serial > serial) {
			above = n;
			n = n->rb_left;
		} else {
			n = n->rb_right;
		}
	}
	for (; above; above = rb_next(above)) {
		struct key *key = rb_entry(above, struct key, serial_node);

		/* One without references waits to be freed. */
		if (key->type == &key_type_keyring && refcount_inc_not_zero(&key->usage))
			return key;
	}
	return NULL;
}

int ckpt_keyrings_outside(struct ckpt_collect *c)
{
	key_serial_t serial = 0;
	struct key *keyring;
	int err = 0;

	mark_used(c);
	while (!err && (keyring = next_keyring(serial))) {
		struct ckpt_object *obj = ckpt_lookup(c, CKPT_TYPE_KEY, keyring);

		serial = keyring->serial;
		if (!obj || !ckpt_key_is(obj, CKPT_KEY_OWN))
			err = ckpt_keyring_each(keyring, mark_linked, c);
		key_put(keyring);
		cond_resched();
	}
	return err;
}
