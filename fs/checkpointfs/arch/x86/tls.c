// SPDX-License-Identifier: GPL-2.0-only
/*
 * The slots of set_thread_area(2): segments that 32-bit programs keep their
 * thread pointer in. Three per thread, in thread.tls_array, which only the
 * thread itself changes: it is frozen or parked here.
 */
#include <linux/elf.h>
#include <linux/regset.h>
#include <asm/desc.h>
#include <asm/elf.h>

#include "../../checkpointfs.h"
#include "regs.h"

/* Bits of struct ckpt_tls.flags. */
enum {
	CKPT_TLS_32BIT		= 1 << 0,
	CKPT_TLS_CONTENTS	= 3 << 1,
	CKPT_TLS_READ_ONLY	= 1 << 3,
	CKPT_TLS_LIMIT_PAGES	= 1 << 4,
	CKPT_TLS_NOT_PRESENT	= 1 << 5,
	CKPT_TLS_USEABLE	= 1 << 6,
};

void ckpt_tls_describe(struct ckpt_tls *to, unsigned int entry, const struct desc_struct *d)
{
	u32 flags = (d->type >> 2) << 1;

	if (d->d)
		flags |= CKPT_TLS_32BIT;
	if (!(d->type & 2))
		flags |= CKPT_TLS_READ_ONLY;
	if (d->g)
		flags |= CKPT_TLS_LIMIT_PAGES;
	if (!d->p)
		flags |= CKPT_TLS_NOT_PRESENT;
	if (d->avl)
		flags |= CKPT_TLS_USEABLE;
	to->entry_number = cpu_to_le32(entry);
	to->base = cpu_to_le32(get_desc_base(d));
	to->limit = cpu_to_le32(get_desc_limit(d));
	to->flags = cpu_to_le32(flags);
}

void ckpt_tls_undescribe(struct user_desc *u, const struct ckpt_tls *tls)
{
	u32 flags = le32_to_cpu(tls->flags);

	memset(u, 0, sizeof(*u));
	u->entry_number = le32_to_cpu(tls->entry_number);
	u->base_addr = le32_to_cpu(tls->base);
	u->limit = le32_to_cpu(tls->limit);
	u->seg_32bit = !!(flags & CKPT_TLS_32BIT);
	u->contents = (flags & CKPT_TLS_CONTENTS) >> 1;
	u->read_exec_only = !!(flags & CKPT_TLS_READ_ONLY);
	u->limit_in_pages = !!(flags & CKPT_TLS_LIMIT_PAGES);
	u->seg_not_present = !!(flags & CKPT_TLS_NOT_PRESENT);
	u->useable = !!(flags & CKPT_TLS_USEABLE);
}

/*
 * The regset of the slots is in the 32-bit view, but 64-bit tasks may have
 * slots too: the view is taken for a task whose CS says 32 bit for a moment.
 */
static const struct user_regset *tls_regset(struct task_struct *t)
{
	struct pt_regs *regs = task_pt_regs(t);
	unsigned long cs = regs->cs;
	const struct user_regset_view *view;
	unsigned int i;

	regs->cs = __USER32_CS;
	view = task_user_regset_view(t);
	regs->cs = cs;
	for (i = 0; i < view->n; i++)
		if (view->regsets[i].core_note_type == NT_386_TLS)
			return &view->regsets[i];
	return NULL;
}

int ckpt_tls_write(struct task_struct *t, const struct ckpt_tls *tls, u32 nr)
{
	const struct user_regset *set = tls_regset(t);
	u32 i;

	if (!set)
		return -EOPNOTSUPP;
	for (i = 0; i < nr; i++) {
		struct user_desc u;
		int err;

		ckpt_tls_undescribe(&u, &tls[i]);
		if (u.entry_number < GDT_ENTRY_TLS_MIN ||
		    u.entry_number > GDT_ENTRY_TLS_MAX)
			return -EINVAL;
		err = set->set(t, set, (u.entry_number - GDT_ENTRY_TLS_MIN) * sizeof(u),
			       sizeof(u), &u, NULL);
		if (err)
			return err;
	}
	return 0;
}
