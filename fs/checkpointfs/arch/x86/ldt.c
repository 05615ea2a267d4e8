// SPDX-License-Identifier: GPL-2.0-only
/*
 * The local descriptor table of an address space: modify_ldt(2).
 *
 * mm->context.ldt, which is replaced as a whole, under ldt_usr_sem. Its entries are
 * told as those of set_thread_area(2) are (tls.c), and written by the system call
 * again. Empty ones are left out, but for the last, which tells how many there are.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <asm/desc.h>
#include <asm/ldt.h>
#include <asm/mmu_context.h>
#include <asm/unistd.h>

#include "../../checkpointfs.h"
#include "regs.h"

#ifdef CONFIG_MODIFY_LDT_SYSCALL

static bool is_told(const struct ldt_struct *ldt, unsigned int i)
{
	return !desc_empty(&ldt->entries[i]) || i + 1 == ldt->nr_entries;
}

static int save(const struct ldt_struct *ldt, struct ckpt_writer *w)
{
	unsigned int i, n = 0;
	struct ckpt_tls *to;
	void *body;

	for (i = 0; i < ldt->nr_entries; i++)
		n += is_told(ldt, i);
	body = ckpt_add(w, CKPT_REC_LDT, n);
	if (!body)
		return w->error;
	to = ckpt_elems(body);
	for (i = 0; i < ldt->nr_entries; i++)
		if (is_told(ldt, i))
			ckpt_tls_describe(to++, i, &ldt->entries[i]);
	return 0;
}

int ckpt_arch_ldt_save(struct mm_struct *mm, struct ckpt_writer *w)
{
	guard(rwsem_read)(&mm->context.ldt_usr_sem);
	return mm->context.ldt ? save(mm->context.ldt, w) : 0;
}

#else

int ckpt_arch_ldt_save(struct mm_struct *mm, struct ckpt_writer *w)
{
	return 0;
}

#endif

/* The call has 32 bits of a result. */
static int write_entry(unsigned long scratch, const struct ckpt_tls *entry)
{
	struct user_desc desc;
	int err;

	ckpt_tls_undescribe(&desc, entry);
	err = ckpt_scratch_put(scratch, &desc, sizeof(desc));
	return err ?: (int)ckpt_syscall(__NR_modify_ldt, 0x11, scratch, sizeof(desc), 0, 0, 0);
}

/* The last one first: then the table is as long as it was, and is copied, not grown. */
int ckpt_arch_ldt_set(unsigned long scratch, const struct ckpt_item *item)
{
	const struct ckpt_tls *entries;
	struct ckpt_view view;
	int err = 0;
	u32 n;

	if (!ckpt_find(item->bytes, item->size, CKPT_REC_LDT, &view))
		return 0;
	entries = view.elems;
	for (n = view.count; !err && n; n--) {
		err = fatal_signal_pending(current) ? -EINTR :
			write_entry(scratch, &entries[n - 1]);
		cond_resched();
	}
	return err;
}
