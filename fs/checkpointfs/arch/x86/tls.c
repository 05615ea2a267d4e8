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

void ckpt_tls_describe(struct user_desc *u, unsigned int entry,
		       const struct desc_struct *d)
{
	memset(u, 0, sizeof(*u));
	u->entry_number = entry;
	u->base_addr = get_desc_base(d);
	u->limit = get_desc_limit(d);
	u->seg_32bit = d->d;
	u->contents = d->type >> 2;
	u->read_exec_only = !(d->type & 2);
	u->limit_in_pages = d->g;
	u->seg_not_present = !d->p;
	u->useable = d->avl;
}

u32 ckpt_tls_flags(const struct user_desc *u)
{
	return u->seg_32bit * CKPT_TLS_32BIT | u->contents << 1 |
	       u->read_exec_only * CKPT_TLS_READ_ONLY |
	       u->limit_in_pages * CKPT_TLS_LIMIT_PAGES |
	       u->seg_not_present * CKPT_TLS_NOT_PRESENT |
	       u->useable * CKPT_TLS_USEABLE;
}

static void tls_undescribe(struct user_desc *u, const struct ckpt_tls *tls)
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

		tls_undescribe(&u, &tls[i]);
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
