// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ports of I/O that a thread may use: ioperm(2) and iopl(2).
 *
 * The kernel has a bitmap for each thread that has called ioperm(), and a level of iopl(). A
 * clone shares the bitmap of who has made it until one of the two changes it, and none
 * changes one that is shared: so it does not matter who shares whose, and after a restore
 * each thread has its own. Only the thread itself changes what it has: it is frozen here, or
 * current.
 *
 * Both are given back by the system calls, to who has CAP_SYS_RAWIO, on a kernel that is not
 * locked down. Of the writer's a new task gets the level alone, which is not in force: a
 * clone that runs a function of the kernel has not got the thread flag.
 */
#include <linux/bitmap.h>
#include <linux/sched/signal.h>
#include <asm/io_bitmap.h>
#include <asm/processor.h>
#include <asm/unistd.h>

#include "../../checkpointfs.h"
#include "regs.h"

static_assert(IO_BITMAP_BITS == 2 * CKPT_PORT_RUNS);

/* A bit that is clear is a port that may be used. */
static u32 count_runs(const struct io_bitmap *ports)
{
	unsigned long first, end;
	u32 nr = 0;

	for_each_clear_bitrange(first, end, ports->bitmap, IO_BITMAP_BITS)
		nr++;
	return nr;
}

int ckpt_ports_save(const struct task_struct *t, struct ckpt_writer *w)
{
	const struct io_bitmap *ports = t->thread.io_bitmap;
	unsigned long first, end;
	struct ckpt_port_run *run;
	struct ckpt_ports *rec;

	if (!ports && !t->thread.iopl_emul)
		return 0;
	rec = ckpt_add(w, CKPT_REC_PORTS, ports ? count_runs(ports) : 0);
	if (!rec)
		return w->error;
	rec->level = cpu_to_le32(t->thread.iopl_emul);
	if (!ports)
		return 0;
	run = ckpt_elems(rec);
	for_each_clear_bitrange(first, end, ports->bitmap, IO_BITMAP_BITS) {
		run->first = cpu_to_le16(first);
		run->last = cpu_to_le16(end - 1);
		run++;
	}
	return 0;
}

/* From 0, as the call does nothing if the level is what it is to be. */
static int set_level(u32 level)
{
	int err = 0;

	if (current->thread.iopl_emul)
		err = ckpt_syscall(__NR_iopl, 0, 0, 0, 0, 0, 0);
	if (!err && level)
		err = ckpt_syscall(__NR_iopl, level, 0, 0, 0, 0, 0);
	return err;
}

static int allow(const struct ckpt_port_run *run, u32 count)
{
	int err = 0;
	u32 i;

	for (i = 0; !err && i < count; i++, run++) {
		u32 first = le16_to_cpu(run->first), last = le16_to_cpu(run->last);

		err = fatal_signal_pending(current) ? -EINTR :
			ckpt_syscall(__NR_ioperm, first, last - first + 1, 1, 0, 0, 0);
		cond_resched();
	}
	return err;
}

int ckpt_ports_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_ports *rec;
	struct ckpt_view view;
	int err;

	if (!item || !ckpt_find(item->bytes, item->size, CKPT_REC_PORTS, &view))
		return set_level(0);
	rec = view.body;
	err = set_level(le32_to_cpu(rec->level)) ?: allow(view.elems, view.count);
	if (err)
		ckpt_restore_err(r, item, "port access rights are refused: %pe", ERR_PTR(err));
	return err;
}
