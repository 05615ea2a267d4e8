/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers and segments of x86: what the engine asks of the architecture. */
#ifndef _CKPT_X86_REGS_H
#define _CKPT_X86_REGS_H

#include <linux/sched.h>
#include <asm/ldt.h>

struct ckpt_item;
struct ckpt_restore;
struct ckpt_tls;
struct ckpt_writer;
struct desc_struct;

/**
 * ckpt_regs_write() - give a parked task the registers of an item
 * @r: restore
 * @item: tasks/TID/cpu
 * @t: not running, and not current
 *
 * Return: 0 or -errno (reported).
 */
int ckpt_regs_write(struct ckpt_restore *r, struct ckpt_item *item,
		    struct task_struct *t);

/* Has it banned reading the time stamp counter (PR_SET_TSC)? */
bool ckpt_regs_no_tsc(struct task_struct *t);
/* What a clone of @t would have of its processor state, or NULL. */
const char *ckpt_regs_inherited(struct task_struct *t);

/* What current, task @tid of the image, has to set itself. Return: 0 or -errno (reported). */
int ckpt_regs_bind(struct ckpt_restore *r, u64 tid);

/**
 * ckpt_regs_set_mode() - make current a task of 32- or of 64-bit code
 * @is_32bit: which
 * @own_mm: its address space, empty and its own, changes with it
 *
 * Its TLS slots are empty from then on, and it has access with all protection keys.
 */
void ckpt_regs_set_mode(bool is_32bit, bool own_mm);

/* Of what a tracer asks of the processor, step.c: is it to make, or has it made, a step? */
bool ckpt_step_made(struct task_struct *t);
/* ... to the next branch (PTRACE_SINGLEBLOCK)? */
bool ckpt_step_blocks(struct task_struct *t);
/* Return: CKPT_TRACEE_STEP and CKPT_TRACEE_TF, as far as they are set. */
u32 ckpt_step_flags(struct task_struct *t);
/* What the latest debug exception has told, as ckpt_tracee.debug_status has it. */
u64 ckpt_step_status(const struct task_struct *t);
/* Give all of that to a new task, which is parked and has its registers. */
void ckpt_step_restore(struct task_struct *t, u32 flags, u64 status);

/* Breakpoints of the processor, breakpoints.c: how many events they are. */
unsigned int ckpt_breakpoints_nr(const struct task_struct *t);
/* Write CKPT_REC_BREAKPOINTS, if there are any. Return: 0 or w->error. */
int ckpt_breakpoints_save(const struct task_struct *t, struct ckpt_writer *w);
/* As PTRACE_POKEUSER, to current; @item may be NULL. Return: 0 or -errno (reported). */
int ckpt_breakpoints_restore(struct ckpt_restore *r, struct ckpt_item *item);

/* Ports of I/O, ports.c. Write CKPT_REC_PORTS, if it may use some. Return: 0 or w->error. */
int ckpt_ports_save(const struct task_struct *t, struct ckpt_writer *w);
/* As iopl(2) and ioperm(2), to current; @item may be NULL. Return: 0 or -errno (reported). */
int ckpt_ports_restore(struct ckpt_restore *r, struct ckpt_item *item);

/* A descriptor as the image tells of it, and as system calls do. */
void ckpt_tls_describe(struct ckpt_tls *to, unsigned int entry, const struct desc_struct *d);
void ckpt_tls_undescribe(struct user_desc *u, const struct ckpt_tls *tls);
int ckpt_tls_write(struct task_struct *t, const struct ckpt_tls *tls, u32 nr);

#endif /* _CKPT_X86_REGS_H */
