/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Process groups and sessions: what process.c, terminal.c, pty.c, owner.c, leader.c
 * and restore.c share.
 */
#ifndef _CKPT_GROUPS_H
#define _CKPT_GROUPS_H

#include <linux/pid.h>
#include <linux/types.h>

struct ckpt_collect;
struct ckpt_item;
struct ckpt_newtask;
struct signal_struct;

/* Announce a group or session whose leader has ended, if all of it is inside. */
int ckpt_group_collect(struct ckpt_collect *c, struct pid *pid, enum pid_type type);
/*
 * Number of one that is of the container, which has been collected, or whose leader is
 * inside; 0: it is the outside's, has no members, or @pid is NULL.
 */
u32 ckpt_group_nr(struct ckpt_collect *c, struct pid *pid, enum pid_type type);
/* The same of that a process is in, which may be reaped at any time. */
u32 ckpt_process_group(struct ckpt_collect *c, struct signal_struct *sig, enum pid_type type);
/*
 * Move a new process into the group or session @nr, whose leader is new as well, or has
 * ended; 0: into the writer's, who is current. All new tasks are parked.
 */
void ckpt_group_join(struct ckpt_newtask *t, enum pid_type type, u32 nr);
/*
 * For the time in which a new process dies, which has been given to its parent: take it
 * out of the session that it shares with him.
 */
void ckpt_session_leave(struct ckpt_newtask *t);
void ckpt_session_return(struct ckpt_newtask *t);

#endif /* _CKPT_GROUPS_H */
