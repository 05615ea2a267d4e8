/* SPDX-License-Identifier: GPL-2.0-only */
/* Which tasks a freeze names: members.c. */
#ifndef _CKPT_MEMBERS_H
#define _CKPT_MEMBERS_H

struct ckpt_mount;
struct ckpt_root;
struct ckpt_taskset;

/**
 * ckpt_members_list() - all tasks that roots name, as they are now
 * @m: for messages
 * @roots: pid= and cgroup= words of the command
 * @nr: how many
 * @set: its vec is filled in, older processes first, with a reference each
 *
 * Return: 0; -ESRCH: none; -ENOENT: no such cgroup (reported); -ENOMEM.
 */
int ckpt_members_list(struct ckpt_mount *m, const struct ckpt_root *roots,
		      unsigned int nr, struct ckpt_taskset *set);
/* Drop the references and the list. */
void ckpt_members_drop(struct ckpt_taskset *set);

#endif /* _CKPT_MEMBERS_H */
