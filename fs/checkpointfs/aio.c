// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contexts of asynchronous I/O: io_setup(2).
 *
 * A context is a ring of events, mapped into the address space that has asked for it, and
 * an entry in a table of that address space. The program calls it by the address of the ring;
 * the ring has the number of the entry, so that the kernel finds the one by the other.
 * The program may read events, and say how far it has, without a system call.
 *
 * Saved are contexts in which no request is under way: the ring as it is, and what
 * io_setup() was asked for. A freeze waits for requests that are in the queue of a disk.
 * It does not for one that waits for something (IOCB_CMD_POLL), perhaps for ever.
 *
 * A restored task calls io_setup() itself, so that fs.aio-max-nr holds, and moves the ring
 * to its address, as a program may. How far the ring is filled the kernel also
 * keeps where no program can write; it is set here. The number of the entry in the
 * table is the one that the kernel gives.
 *
 * Contexts of a frozen address space come and go no more. Its table is read under RCU;
 * a context, from its ring, under the lock of the ring's inode, without which it may be on its
 * way out. ring_lock of a context keeps its pages where they are; mmap_lock nests inside.
 */
#include <linux/aio_abi.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/percpu-refcount.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <asm/unistd.h>

#include "aio.h"
#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "compat/private.h"

#ifdef CONFIG_AIO

/* How long a disk may take, of all that is frozen together. */
#define PATIENCE_SECONDS	10

#define EVENT_SIZE		sizeof(struct io_event)
#define EVENTS_PER_PAGE		(PAGE_SIZE / EVENT_SIZE)

/* The header takes the place of one event, and all of the rest is events. */
static_assert(sizeof(struct ckpt_aio_ring) == EVENT_SIZE);
static_assert(sizeof(struct ckpt_aio_event) == EVENT_SIZE);

/* ---- contexts ------------------------------------------------------------------ */

static const struct ckpt_kioctx_table *table_of(const struct mm_struct *mm)
{
	return (const void *)rcu_dereference_raw(mm->ioctx_table);
}

static bool has_context(const struct mm_struct *mm, const struct ckpt_kioctx *ctx)
{
	const struct ckpt_kioctx_table *table;

	guard(rcu)();
	table = table_of(mm);
	return table && ctx->id < table->nr &&
	       rcu_access_pointer(table->table[ctx->id]) == ctx;
}

/* The context whose ring @vma maps, all of it, or NULL. */
static struct ckpt_kioctx *context_at(struct vm_area_struct *vma)
{
	struct address_space *pages = vma->vm_file->f_mapping;
	struct ckpt_kioctx *ctx;

	mmap_assert_locked(vma->vm_mm);
	guard(spinlock)(&pages->i_private_lock);
	ctx = pages->i_private_data;
	if (!ctx || ctx->aio_ring_file != vma->vm_file || atomic_read(&ctx->dead) ||
	    !has_context(vma->vm_mm, ctx))
		return NULL;
	if (ctx->user_id != vma->vm_start || vma->vm_pgoff ||
	    ctx->mmap_size != vma->vm_end - vma->vm_start)
		return NULL;
	return ctx;
}

int ckpt_aio_ring(struct vm_area_struct *vma)
{
	if (!vma->vm_file || vma->vm_file->f_op != ksym_addr(aio_ring_fops))
		return 0;
	return context_at(vma) ? 1 : -EOPNOTSUPP;
}

static struct ckpt_kioctx *find_at(struct mm_struct *mm, unsigned long start)
{
	struct vm_area_struct *vma = vma_lookup(mm, start);

	return vma && ckpt_aio_ring(vma) > 0 ? context_at(vma) : NULL;
}

/* ---- freeze -------------------------------------------------------------------- */

enum activity {
	IDLE,
	BUSY,		/* there are requests, for which nothing is known to be missing */
	WAITS,		/* there is one that waits for something */
};

/*
 * Of frozen tasks requests only end, so that a sum of counters that change meanwhile
 * is not too small. A request is counted until it has told all it has to tell.
 */
static enum activity activity_of(struct ckpt_kioctx *ctx)
{
	unsigned long __percpu *count;
	unsigned long sum = 0;
	int cpu;

	if (!list_empty(&ctx->active_reqs))
		return WAITS;
	if (!__ref_is_percpu(&ctx->reqs, &count))
		return BUSY;
	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(count, cpu));
	/* One is the context's own. */
	return sum == 1 ? IDLE : BUSY;
}

static enum activity look_at_all(struct mm_struct *mm)
{
	const struct ckpt_kioctx_table *table;
	enum activity most = IDLE;
	unsigned int i;

	guard(rcu)();
	table = table_of(mm);
	for (i = 0; table && i < table->nr; i++) {
		struct ckpt_kioctx *ctx = rcu_dereference(table->table[i]);

		if (ctx)
			most = max(most, activity_of(ctx));
	}
	return most;
}

static int wait_idle(struct ckpt_collect *c, struct mm_struct *mm)
{
	enum activity activity;

	while ((activity = look_at_all(mm)) == BUSY) {
		if (fatal_signal_pending(current))
			return -EINTR;
		/* Killed, it is not let go before this has ended, and the freeze fails. */
		if (!ckpt_tasks_frozen(c->tasks))
			return 0;
		if (ktime_get_ns() - c->now > PATIENCE_SECONDS * NSEC_PER_SEC)
			return -EBUSY;
		usleep_range(50, 100);
	}
	/* What requests have done before they ended is looked at from here on. */
	smp_rmb();
	return activity == IDLE ? 0 : -EBUSY;
}

/* A ring may have been unmapped, and the context is still there. */
static bool all_are_mapped(struct mm_struct *mm)
{
	const struct ckpt_kioctx_table *table;
	bool mapped = true;
	unsigned int i;

	mmap_read_lock(mm);
	scoped_guard(rcu) {
		table = table_of(mm);
		for (i = 0; mapped && table && i < table->nr; i++) {
			const struct ckpt_kioctx *ctx = rcu_dereference(table->table[i]);

			mapped = !ctx || find_at(mm, ctx->user_id) == ctx;
		}
	}
	mmap_read_unlock(mm);
	return mapped;
}

int ckpt_aio_collect(struct ckpt_collect *c, struct mm_struct *mm, u64 tid)
{
	int err = wait_idle(c, mm);

	if (err == -EBUSY)
		ckpt_refuse(c, "task %llu: asynchronous I/O under way cannot be saved", tid);
	else if (!err && !all_are_mapped(mm))
		ckpt_refuse(c, "task %llu: asynchronous I/O whose ring is not mapped cannot be saved",
			    tid);
	return err == -EINTR ? err : 0;
}

/* ---- save ---------------------------------------------------------------------- */

/* The next one above *@at, which then is its end. */
static struct ckpt_kioctx *next_ring(struct mm_struct *mm, unsigned long *at)
{
	struct ckpt_kioctx *ctx = NULL;
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, *at);

	mmap_read_lock(mm);
	for_each_vma(vmi, vma) {
		*at = vma->vm_end;
		if (ckpt_aio_ring(vma) > 0)
			ctx = context_at(vma);
		if (ctx)
			break;
	}
	mmap_read_unlock(mm);
	return ctx;
}

static const struct ckpt_aio_ring *header_of(const struct ckpt_kioctx *ctx)
{
	return folio_address(ctx->ring_folios[0]);
}

static const void *slot(const struct ckpt_kioctx *ctx, u32 i)
{
	u32 place = i + 1;

	return folio_address(ctx->ring_folios[place / EVENTS_PER_PAGE]) +
	       place % EVENTS_PER_PAGE * EVENT_SIZE;
}

/* They are used in turn: how many have been. */
static u32 used_slots(const struct ckpt_kioctx *ctx)
{
	u32 nr = ctx->nr_events;

	while (nr && !memchr_inv(slot(ctx, nr - 1), 0, EVENT_SIZE))
		nr--;
	return nr;
}

/*
 * But for @head, which is the program's, all of the header is the kernel's to write,
 * though the program could.
 */
static bool is_sound(const struct ckpt_kioctx *ctx, const struct ckpt_aio_ring *ring, u32 head)
{
	return ring->id == ctx->id && ring->nr == ctx->nr_events &&
	       ring->tail == ctx->tail && ring->magic == CKPT_AIO_RING_MAGIC &&
	       ring->compat_features == 1 && !ring->incompat_features &&
	       ring->header_length == sizeof(*ring) && head < ctx->nr_events &&
	       ctx->max_reqs <= CKPT_AIO_MAX;
}

static int save_ring(struct ckpt_collect *c, struct ckpt_kioctx *ctx, u64 tid,
		     struct ckpt_writer *w)
{
	const struct ckpt_aio_ring *ring;
	struct ckpt_aio *rec;
	u32 nr, head, i;
	void *to;

	guard(mutex)(&ctx->ring_lock);
	ring = header_of(ctx);
	head = READ_ONCE(ring->head);
	if (!is_sound(ctx, ring, head)) {
		ckpt_refuse(c, "task %llu: a ring of asynchronous I/O that has been written to cannot be saved",
			    tid);
		return 0;
	}
	nr = used_slots(ctx);
	rec = ckpt_add(w, CKPT_REC_AIO, nr);
	if (!rec)
		return w->error;
	rec->start = cpu_to_le64(ctx->user_id);
	rec->asked = cpu_to_le32(ctx->max_reqs);
	rec->head = cpu_to_le32(head);
	rec->tail = cpu_to_le32(ctx->tail);
	/* Words of 64 bits, on a machine that is little-endian. */
	for (i = 0, to = ckpt_elems(rec); i < nr; i++, to += EVENT_SIZE) {
		memcpy(to, slot(ctx, i), EVENT_SIZE);
		cond_resched();
	}
	return 0;
}

int ckpt_aio_save(struct ckpt_collect *c, struct mm_struct *mm, u64 tid,
		  struct ckpt_writer *w)
{
	struct ckpt_kioctx *ctx;
	unsigned long at = 0;
	int err = 0;

	if (!rcu_access_pointer(mm->ioctx_table))
		return 0;
	while (!err && (ctx = next_ring(mm, &at))) {
		err = save_ring(c, ctx, tid, w);
		cond_resched();
	}
	return err;
}

/* ---- restore ------------------------------------------------------------------- */

/* As aio_setup_ring() has it: twice as many as asked for, and not too few for all processors. */
static u32 pages_for(u32 asked)
{
	u64 events = 2 * (u64)max(asked, num_possible_cpus() * 4) + 2;

	return DIV_ROUND_UP((events + 1) * EVENT_SIZE, PAGE_SIZE);
}

/*
 * What to ask for, to get a ring of as many pages. Where there are fewer processors than the
 * image was made with that may be more than the program has asked for. Return: 0: a ring
 * of that size cannot be had.
 */
static u32 what_to_ask(u32 asked, u32 pages)
{
	u32 usual = pages_for(asked);

	if (usual < pages)
		return (pages - 1) * EVENTS_PER_PAGE / 2 - 1;
	return usual == pages ? asked : 0;
}

/* So that io_setup() does not choose a place that the ring, moved, would lie across. */
static int reserve(unsigned long start, unsigned long len)
{
	unsigned long at = vm_mmap(NULL, start, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS |
				   MAP_NORESERVE | MAP_FIXED_NOREPLACE, 0);

	if (IS_ERR_VALUE(at))
		return at;
	return at == start ? 0 : -EEXIST;
}

/* Return: the address of the ring, or -errno. */
static unsigned long set_up(u32 ask)
{
	unsigned long scratch = ckpt_scratch_map(), at;
	long err;

	if (IS_ERR_VALUE(scratch))
		return scratch;
	err = ckpt_syscall(__NR_io_setup, ask, scratch, 0, 0, 0, 0);
	if (!err && get_user(at, (unsigned long __user *)scratch))
		err = -ENOMEM;
	ckpt_scratch_unmap(scratch);
	return err ?: at;
}

/* mremap() keeps the size, so it has to be the right one. */
static int move(unsigned long from, unsigned long to, unsigned long len)
{
	struct ckpt_kioctx *ctx;
	unsigned long at;

	mmap_read_lock(current->mm);
	ctx = find_at(current->mm, from);
	mmap_read_unlock(current->mm);
	if (!ctx || ctx->mmap_size != len)
		return -EOPNOTSUPP;
	at = ckpt_syscall(__NR_mremap, from, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, to, 0);
	if (IS_ERR_VALUE(at))
		return at;
	return at == to ? 0 : -EEXIST;
}

/* What the program sees of it. */
static int fill(const struct ckpt_aio *rec, const void *events, u32 nr)
{
	struct ckpt_aio_ring __user *ring = (void __user *)le64_to_cpu(rec->start);

	if (put_user(le32_to_cpu(rec->head), &ring->head) ||
	    put_user(le32_to_cpu(rec->tail), &ring->tail) ||
	    copy_to_user(ring + 1, events, nr * EVENT_SIZE))
		return -ENOMEM;
	return 0;
}

/*
 * What the kernel goes by: where the next event goes, and how many more there may be,
 * which is one for each slot but one that is not in use. The context is current's, whom
 * nobody else shares it with yet, and new: all that there may be is in the one counter.
 */
static int set_counts(const struct ckpt_aio *rec)
{
	u32 head = le32_to_cpu(rec->head), tail = le32_to_cpu(rec->tail), unread;
	struct ckpt_kioctx *ctx;

	mmap_read_lock(current->mm);
	ctx = find_at(current->mm, le64_to_cpu(rec->start));
	mmap_read_unlock(current->mm);
	if (!ctx || head >= ctx->nr_events || tail >= ctx->nr_events)
		return -EUCLEAN;
	unread = head <= tail ? tail - head : ctx->nr_events - (head - tail);
	guard(spinlock_irq)(&ctx->completion_lock);
	ctx->tail = tail;
	ctx->completed_events = unread;
	atomic_sub(unread, &ctx->reqs_available);
	return 0;
}

int ckpt_aio_create(const struct ckpt_vma *vma, const struct ckpt_aio *rec,
		    const void *events, u32 nr)
{
	unsigned long start = le64_to_cpu(vma->start), len = le64_to_cpu(vma->end) - start, at;
	u32 ask = what_to_ask(le32_to_cpu(rec->asked), len >> PAGE_SHIFT);
	int err;

	if (!ask)
		return -EOPNOTSUPP;
	err = reserve(start, len);
	if (err)
		return err;
	at = set_up(ask);
	if (IS_ERR_VALUE(at))
		return at;
	err = move(at, start, len);
	if (!err)
		err = fill(rec, events, nr);
	return err ?: set_counts(rec);
}

#else /* CONFIG_AIO */

int ckpt_aio_ring(struct vm_area_struct *vma)
{
	return 0;
}

int ckpt_aio_collect(struct ckpt_collect *c, struct mm_struct *mm, u64 tid)
{
	return 0;
}

int ckpt_aio_save(struct ckpt_collect *c, struct mm_struct *mm, u64 tid,
		  struct ckpt_writer *w)
{
	return 0;
}

int ckpt_aio_create(const struct ckpt_vma *vma, const struct ckpt_aio *rec,
		    const void *events, u32 nr)
{
	return -EOPNOTSUPP;
}

#endif /* CONFIG_AIO */
