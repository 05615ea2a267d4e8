// SPDX-License-Identifier: GPL-2.0-only
/*
 * Large folios, zeroed ahead of those who fill them.
 *
 * Zeroing takes half as long as the copy that follows, and on many kernels no
 * allocation goes without it. A worker does it on another processor while the
 * last folio is being filled: a shelf for each order, from which all writers
 * take, and which the worker keeps stocked with as many as the last of them has
 * said that he is going to want. What nobody takes for a while is freed. The
 * stock is charged to nobody, but small: SHELF_BYTES for each order.
 *
 * shelf.lock protects the stock; nothing is allocated or freed under it.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/workqueue.h>

#include "checkpointfs.h"

#define SHELF_BYTES	SZ_16M
#define IDLE		(2 * HZ)

/* None is worth waiting for: single pages do as well. */
#define GFP_SHELF	(GFP_TRANSHUGE_LIGHT | __GFP_ZERO)

/**
 * struct shelf - folios of one order
 * @order:	of them
 * @lock:	protects the rest, but for the works
 * @folios:	struct folio.lru
 * @nr:		how many
 * @wanted:	how many there should be
 * @stocking:	@stock is on its way to that
 * @used:	somebody wanted one since @clear ran
 * @stock:	allocates them
 * @clear:	frees them when nobody has wanted one for IDLE
 */
struct shelf {
	unsigned int order;
	spinlock_t lock;	/* the rest, but for the works */
	struct list_head folios;
	unsigned int nr;
	unsigned int wanted;
	bool stocking;
	bool used;
	struct work_struct stock;
	struct delayed_work clear;
};

static struct shelf shelves[] = {
	{ .order = CKPT_LARGE_ORDER },
	{ .order = CKPT_HUGE_ORDER },
};

/* Does the worker have to go on? If not, it is to be started again. */
static bool go_on(struct shelf *s, bool failed)
{
	guard(spinlock)(&s->lock);
	s->stocking = !failed && s->nr < s->wanted;
	return s->stocking;
}

static void put_on(struct shelf *s, struct folio *folio)
{
	guard(spinlock)(&s->lock);
	list_add_tail(&folio->lru, &s->folios);
	s->nr++;
}

static struct folio *take_off(struct shelf *s)
{
	struct folio *folio;

	guard(spinlock)(&s->lock);
	folio = list_first_entry_or_null(&s->folios, struct folio, lru);
	if (folio) {
		list_del(&folio->lru);
		s->nr--;
	}
	return folio;
}

static void stock(struct work_struct *work)
{
	struct shelf *s = container_of(work, struct shelf, stock);
	bool failed = false;

	while (go_on(s, failed)) {
		struct folio *folio = folio_alloc(GFP_SHELF, s->order);

		failed = !folio;
		if (folio)
			put_on(s, folio);
		cond_resched();
	}
}

static void clear(struct shelf *s)
{
	struct folio *folio;

	scoped_guard(spinlock, &s->lock)
		s->wanted = 0;
	flush_work(&s->stock);
	while ((folio = take_off(s))) {
		folio_put(folio);
		cond_resched();
	}
}

static void clear_idle(struct work_struct *work)
{
	struct shelf *s = container_of(to_delayed_work(work), struct shelf, clear);
	bool used;

	scoped_guard(spinlock, &s->lock) {
		used = s->used;
		s->used = false;
	}
	if (used)
		queue_delayed_work(system_unbound_wq, &s->clear, IDLE);
	else
		clear(s);
}

/* Half empty is soon enough: the worker is not started for each one. */
static void order_more(struct shelf *s, unsigned int more)
{
	unsigned int wanted = min_t(unsigned int, more, SHELF_BYTES >> PAGE_SHIFT >> s->order);

	scoped_guard(spinlock, &s->lock) {
		s->wanted = wanted;
		s->used = true;
		if (s->stocking || !wanted || s->nr > wanted / 2)
			return;
		s->stocking = true;
	}
	queue_delayed_work(system_unbound_wq, &s->clear, IDLE);
	queue_work(system_unbound_wq, &s->stock);
}

struct folio *ckpt_shelf_take(unsigned int order, unsigned int more)
{
	struct shelf *s = order == CKPT_HUGE_ORDER ? &shelves[1] : &shelves[0];
	struct folio *folio = take_off(s);

	order_more(s, more);
	return folio ?: folio_alloc(GFP_SHELF, order);
}

void __init ckpt_shelf_init(void)
{
	struct shelf *s;

	for (s = shelves; s < shelves + ARRAY_SIZE(shelves); s++) {
		spin_lock_init(&s->lock);
		INIT_LIST_HEAD(&s->folios);
		INIT_WORK(&s->stock, stock);
		INIT_DELAYED_WORK(&s->clear, clear_idle);
	}
}

/* Nobody takes any more. */
void ckpt_shelf_exit(void)
{
	struct shelf *s;

	for (s = shelves; s < shelves + ARRAY_SIZE(shelves); s++) {
		cancel_delayed_work_sync(&s->clear);
		clear(s);
	}
}
