/* SPDX-License-Identifier: GPL-2.0-only */
/* Keyrings: what keyring.c and the object types KEY and CREDS share. */
#ifndef _CKPT_KEYRING_H
#define _CKPT_KEYRING_H

#include <linux/bits.h>
#include <linux/key.h>

struct ckpt_collect;
struct ckpt_item;
struct ckpt_object;
struct ckpt_restore;
struct cred;

/* In obj->priv of a key: it is a keyring of the container. */
#define CKPT_KEY_OWN	BIT(0)
/* A task outside has it as its keyring. */
#define CKPT_KEY_USED	BIT(1)
/* A keyring links to it that is none of the container's. */
#define CKPT_KEY_LINKED	BIT(2)
/* It is made again, with its contents. */
#define CKPT_KEY_READ	BIT(3)

void ckpt_key_mark(struct ckpt_object *obj, unsigned long bit);
/* Is any of these bits set? */
bool ckpt_key_is(const struct ckpt_object *obj, unsigned long bits);

/*
 * Call @each for every key that a keyring links to, until it fails. The key's reference
 * is the caller's. Return: what @each has, or -ENOMEM.
 */
int ckpt_keyring_each(struct key *keyring, int (*each)(void *priv, struct key *key),
		      void *priv);
/* That of @cred, unless it is the freezer's as well; NULL. */
struct key *ckpt_session_keyring(const struct cred *cred);
/*
 * Is it a keyring that a task of the container has, and no user of the system?
 * Return: 1, 0 or -ENOMEM.
 */
int ckpt_keyring_is_own(struct ckpt_collect *c, const struct key *key);
/*
 * All keys have been collected: find out which of them the outside has as well. Each is
 * looked up in every keyring there is, once. Return: 0, -ENOMEM or -EINTR.
 */
int ckpt_keyrings_outside(struct ckpt_collect *c);

/* ---- keymake.c ---- */

/*
 * As ckpt_object_ops.restore. Return: NULL for a key whose time has come since it was
 * saved, of which there is no link any more.
 */
void *ckpt_key_make(struct ckpt_restore *r, struct ckpt_item *item);
/* As ckpt_object_ops.complete. */
int ckpt_keys_link(struct ckpt_restore *r);

#endif /* _CKPT_KEYRING_H */
