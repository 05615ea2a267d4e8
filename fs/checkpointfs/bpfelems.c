// SPDX-License-Identifier: GPL-2.0-only
/*
 * The elements of a map of BPF: copied key by key, and put in again.
 *
 * They are read by the operations of the map itself, as bpf(2) does; what is told of the
 * values of all processors at once is told by functions of the kernel only. A queue tells
 * nothing that it does not give away, so its memory is read, under its lock; and a bloom
 * filter tells of no element, so that its bits are copied, and its seed. Nobody changes
 * the map meanwhile (objects/bpfmap.c); should somebody who has found it by its number do so
 * all the same, no more is read than there is room for.
 *
 * They are put in by bpf(2), which takes what it is given from memory of the kernel here;
 * but for the bits, whose filter nobody else has yet.
 */
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uio.h>

#include "bpfmap.h"
#include "compat/private.h"

#define LARGEST	(1ULL << 30)	/* of all elements, bytes */
#define BATCH	(64ULL << 10)	/* that are read at once, bytes */
#define TRIES	20		/* where memory, or a bucket, may be had a moment later */

void ckpt_bpf_elems_get(void *ptr)
{
	struct ckpt_bpf_elems *elems = ptr;

	refcount_inc(&elems->ref);
}

void ckpt_bpf_elems_put(void *ptr)
{
	struct ckpt_bpf_elems *elems = ptr;

	if (!elems || !refcount_dec_and_test(&elems->ref))
		return;
	ckpt_stage_uncharge(elems->mount, elems->charged);
	kvfree(elems->bytes);
	kfree(elems);
}

/* The value of @key, without a trace of its use. Return: 0 or -ENOENT. */
static int copy_value(struct bpf_map *map, void *key, void *value)
{
	const void *from;

	switch (map->map_type) {
	case BPF_MAP_TYPE_PERCPU_ARRAY:
		return ksym(bpf_percpu_array_copy)(map, key, value);
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
		return ksym(bpf_percpu_hash_copy)(map, key, value);
	default:
		break;
	}
	guard(rcu)();
	if (map->ops->map_lookup_elem_sys_only)
		from = map->ops->map_lookup_elem_sys_only(map, key);
	else
		from = map->ops->map_lookup_elem(map, key);
	if (!from)
		return -ENOENT;
	memcpy(value, from, map->value_size);
	return 0;
}

/* ---- copied ----------------------------------------------------------------------- */

/* Room for @size bytes, more than there are, which stay. Return: 0, -ENOMEM, -ENOSPC. */
static int make_room(struct ckpt_bpf_elems *elems, size_t size)
{
	int err = ckpt_stage_charge(elems->mount, size - elems->charged);
	u8 *bytes;

	if (err)
		return err;
	elems->charged = size;
	bytes = kvrealloc(elems->bytes, size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!bytes)
		return -ENOMEM;
	elems->bytes = bytes;
	elems->size = size;
	return 0;
}

/* All of them, and in their order: the keys are numbers. */
static int copy_array(struct bpf_map *map, struct ckpt_bpf_elems *elems, const char **obstacle)
{
	u64 elem = ckpt_bpfmap_elem(&elems->rec);
	int err;
	u32 i;

	if (elem > LARGEST / map->max_entries) {
		*obstacle = "a bpf map of more than 1 GiB";
		return 0;
	}
	err = make_room(elems, elem * map->max_entries);
	if (err)
		return err;
	for (i = 0; i < map->max_entries; i++) {
		u8 *to = elems->bytes + elem * i;

		memset(to, 0, elem);
		err = copy_value(map, &i, to);
		if (err)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	elems->rec.nr = cpu_to_le32(map->max_entries);
	return 0;
}

/* How many there seem to be: room for as many, and if it is not enough, more is made. */
static u32 guess(const struct bpf_map *map)
{
	s64 sum = 0;
	int cpu;

	if (map->elem_count)
		for_each_possible_cpu(cpu)
			sum += READ_ONCE(*per_cpu_ptr(map->elem_count, cpu));
	return clamp_t(s64, sum, 0, map->max_entries);
}

/* The one that follows element @nr - 1, to where it belongs. Return: 0, -ENOENT ... */
static int copy_next(struct bpf_map *map, struct ckpt_bpf_elems *elems, u32 nr)
{
	u64 elem = ckpt_bpfmap_elem(&elems->rec);
	u8 *to = elems->bytes + elem * nr;
	int err;

	memset(to, 0, elem);
	scoped_guard(rcu)
		err = map->ops->map_get_next_key(map, nr ? to - elem : NULL, to);
	if (err)
		return err;
	/* -EBUSY: it has gone since. */
	return copy_value(map, to, to + ckpt_bpfmap_key(&elems->rec)) ? -EBUSY : 0;
}

/*
 * There has to be room for one more than there are: it is looked for, and not found. If so
 * many are too large there is room for fewer.
 */
static int copy_keyed(struct bpf_map *map, struct ckpt_bpf_elems *elems, const char **obstacle)
{
	u64 elem = ckpt_bpfmap_elem(&elems->rec);
	int err = make_room(elems, min(elem * (guess(map) + 1ULL), LARGEST));
	u32 nr = 0;

	while (!err) {
		if (elem * (nr + 1ULL) > LARGEST) {
			*obstacle = "a bpf map of more than 1 GiB";
			return 0;
		}
		if (elem * (nr + 1ULL) > elems->size)
			err = make_room(elems, min(elem * 2 * (nr + 1ULL), LARGEST));
		if (!err)
			err = copy_next(map, elems, nr);
		if (err)
			break;
		if (nr++ == map->max_entries) {
			*obstacle = "a bpf map with more elements than it may have";
			return 0;
		}
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	if (err == -EBUSY)
		*obstacle = "a bpf map that somebody outside changes";
	elems->rec.nr = cpu_to_le32(nr);
	elems->size = elem * nr;
	return err == -ENOENT || err == -EBUSY ? 0 : err;
}

static u32 queued(const struct ckpt_bpf_queue_stack *queue)
{
	u32 nr = queue->head - queue->tail;

	return queue->head < queue->tail ? nr + queue->size : nr;
}

/* Return: false if it has become shorter. */
static bool copy_queued(struct ckpt_bpf_queue_stack *queue, u32 nr, void *to)
{
	u64 place;

	guard(raw_spinlock_irqsave)(&queue->lock);
	if (nr >= queued(queue))
		return false;
	place = (u64)queue->tail + nr;
	if (place >= queue->size)
		place -= queue->size;
	memcpy(to, queue->elements + place * queue->map.value_size, queue->map.value_size);
	return true;
}

/* The oldest first, of a stack too: in this order they are put in again. */
static int copy_queue(struct bpf_map *map, struct ckpt_bpf_elems *elems, const char **obstacle)
{
	struct ckpt_bpf_queue_stack *queue = container_of(map, struct ckpt_bpf_queue_stack, map);
	u64 elem = ckpt_bpfmap_elem(&elems->rec);
	u32 i, nr;
	int err;

	scoped_guard(raw_spinlock_irqsave, &queue->lock)
		nr = queued(queue);
	if (elem * nr > LARGEST) {
		*obstacle = "a bpf map of more than 1 GiB";
		return 0;
	}
	elems->rec.nr = cpu_to_le32(nr);
	if (!nr)
		return 0;
	err = make_room(elems, elem * nr);
	if (err)
		return err;
	for (i = 0; i < nr; i++) {
		u8 *to = elems->bytes + elem * i;

		memset(to, 0, elem);
		if (!copy_queued(queue, i, to)) {
			*obstacle = "a bpf map that somebody outside changes";
			return 0;
		}
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static struct ckpt_bpf_bloom_filter *filter_of(struct bpf_map *map)
{
	return container_of(map, struct ckpt_bpf_bloom_filter, map);
}

/* There are 64 at least, and no more than 2^32. */
static u32 words_of(struct bpf_map *map)
{
	return ((u64)filter_of(map)->bitset_mask + 1) / 64;
}

static int copy_filter(struct bpf_map *map, struct ckpt_bpf_elems *elems)
{
	u32 nr = words_of(map);
	int err = make_room(elems, (size_t)nr * sizeof(__le64));

	if (err)
		return err;
	elems->rec.seed = cpu_to_le32(filter_of(map)->hash_seed);
	elems->rec.nr = cpu_to_le32(nr);
	memcpy(elems->bytes, filter_of(map)->bitset, elems->size);
	return 0;
}

static int copy(struct bpf_map *map, struct ckpt_bpf_elems *elems, const char **obstacle)
{
	switch (le32_to_cpu(elems->rec.kind)) {
	case CKPT_BPFMAP_ARRAY:
	case CKPT_BPFMAP_PERCPU_ARRAY:
		return copy_array(map, elems, obstacle);
	case CKPT_BPFMAP_QUEUE:
	case CKPT_BPFMAP_STACK:
		return copy_queue(map, elems, obstacle);
	case CKPT_BPFMAP_BLOOM_FILTER:
		return copy_filter(map, elems);
	default:
		return copy_keyed(map, elems, obstacle);
	}
}

struct ckpt_bpf_elems *ckpt_bpf_elems_copy(struct ckpt_mount *m, struct bpf_map *map,
					   const struct ckpt_bpfmap *rec, const char **obstacle)
{
	struct ckpt_bpf_elems *elems = kzalloc(sizeof(*elems), GFP_KERNEL_ACCOUNT);
	int err;

	*obstacle = NULL;
	if (!elems)
		return ERR_PTR(-ENOMEM);
	refcount_set(&elems->ref, 1);
	elems->mount = m;
	elems->rec = *rec;
	err = copy(map, elems, obstacle);
	if (!err && !*obstacle)
		return elems;
	ckpt_bpf_elems_put(elems);
	return ERR_PTR(err);
}

/* ---- put in ----------------------------------------------------------------------- */

long ckpt_bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return ksym(kern_sys_bpf)(cmd, attr, sizeof(*attr));
}

long ckpt_bpfmap_open_again(int fd, int mode)
{
	struct file *file = fget(fd);
	struct bpf_map *map;
	long again;

	if (!file)
		return -EBADF;
	map = file->private_data;
	/* The new file's, if there is one. */
	bpf_map_inc_with_uref(map);
	again = ksym(bpf_map_new_fd)(map, mode);
	if (again < 0)
		ksym(bpf_map_put_with_uref)(map);
	fput(file);
	return again;
}

/**
 * struct filling - a map that is filled
 * @map:	it
 * @fd:		its descriptor
 * @rec:	its record
 * @key:	bytes of a key, in front of each element
 * @elem:	bytes of an element
 * @value:	room for one
 * @missing:	how many elements have not stayed in it
 */
struct filling {
	struct bpf_map *map;
	int fd;
	const struct ckpt_bpfmap *rec;
	u64 key;
	u64 elem;
	void *value;
	u32 missing;
};

/* A hash that allocates its elements has a few at hand, and more a moment later. */
static int update(const struct filling *f, const void *key, const void *value)
{
	unsigned int tries = TRIES;
	union bpf_attr attr;
	long err;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = f->fd;
	attr.key = (unsigned long)key;
	attr.value = (unsigned long)value;
	attr.flags = BPF_ANY;
	for (;;) {
		err = ckpt_bpf(BPF_MAP_UPDATE_ELEM, &attr);
		if ((err != -ENOMEM && err != -EBUSY) || !tries--)
			return err;
		usleep_range(50, 100);
	}
}

/* A new array is zero. */
static int put_numbered(struct filling *f, u32 nr, void *elem)
{
	return memchr_inv(elem, 0, f->elem) ? update(f, &nr, elem) : 0;
}

static int put(struct filling *f, u32 nr, void *elem)
{
	return update(f, elem, elem + f->key);
}

static int push(struct filling *f, u32 nr, void *elem)
{
	return update(f, NULL, elem);
}

static int put_missing(struct filling *f, u32 nr, void *elem)
{
	return copy_value(f->map, elem, f->value) ? put(f, nr, elem) : 0;
}

static int count_missing(struct filling *f, u32 nr, void *elem)
{
	f->missing += !!copy_value(f->map, elem, f->value);
	return 0;
}

static int read_elems(struct ckpt_content *content, loff_t pos, void *to, size_t size)
{
	struct kvec vec = { .iov_base = to, .iov_len = size };
	struct iov_iter iter;
	ssize_t n;

	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, size);
	n = ckpt_content_read(content, pos, &iter);
	if (n == size)
		return 0;
	return n < 0 ? n : -EUCLEAN;
}

/* Its check has found as many bytes there as its elements have. */
static int walk(struct filling *f, struct ckpt_content *content,
		int (*what)(struct filling *f, u32 nr, void *elem))
{
	u32 i, j, n, nr = le32_to_cpu(f->rec->nr);
	u32 most = f->elem < BATCH ? BATCH / f->elem : 1;
	void *bytes = kvmalloc(f->elem * min(most, nr), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	int err = bytes ? 0 : -ENOMEM;

	for (i = 0; !err && i < nr; i += n) {
		n = min(most, nr - i);
		err = read_elems(content, f->elem * i, bytes, f->elem * n);
		for (j = 0; !err && j < n; j++)
			err = what(f, i + j, bytes + f->elem * j);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	kvfree(bytes);
	return err;
}

/*
 * Elements of an LRU hash are handed out to processors, a few at a time. When there are
 * less than that, the processor that asks gets those that are left, and takes others back
 * from the map, though it is not full. From then on it has all that are free: so what has
 * been taken back finds room in the end, if it is put in on the same processor.
 */
static int fill_lru(struct filling *f, struct ckpt_content *content)
{
	int err;

	f->value = kvmalloc(f->elem - f->key, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!f->value)
		return -ENOMEM;
	migrate_disable();
	err = walk(f, content, put);
	if (!err)
		err = walk(f, content, put_missing);
	migrate_enable();
	if (!err)
		err = walk(f, content, count_missing);
	kvfree(f->value);
	return err ?: f->missing ? -ENOSPC : 0;
}

static int fill_filter(struct filling *f, struct ckpt_content *content)
{
	u32 nr = le32_to_cpu(f->rec->nr);

	if (nr != words_of(f->map))
		return -EINVAL;
	filter_of(f->map)->hash_seed = le32_to_cpu(f->rec->seed);
	return read_elems(content, 0, filter_of(f->map)->bitset, nr * sizeof(__le64));
}

static int fill(struct filling *f, struct ckpt_content *content)
{
	switch (le32_to_cpu(f->rec->kind)) {
	case CKPT_BPFMAP_ARRAY:
	case CKPT_BPFMAP_PERCPU_ARRAY:
		return walk(f, content, put_numbered);
	case CKPT_BPFMAP_LRU_HASH:
	case CKPT_BPFMAP_LRU_PERCPU_HASH:
		return fill_lru(f, content);
	case CKPT_BPFMAP_QUEUE:
	case CKPT_BPFMAP_STACK:
		return walk(f, content, push);
	case CKPT_BPFMAP_BLOOM_FILTER:
		return fill_filter(f, content);
	default:
		return walk(f, content, put);
	}
}

int ckpt_bpf_elems_fill(struct ckpt_restore *r, struct ckpt_item *item, int fd)
{
	struct ckpt_item *data = ckpt_item(ckpt_restore_img(r), CKPT_TYPE_BPFDATA, item->id);
	const struct ckpt_bpfmap *rec = ckpt_item_body(item, CKPT_REC_BPFMAP);
	struct filling f = {
		.fd = fd,
		.rec = rec,
		.key = ckpt_bpfmap_key(rec),
		.elem = ckpt_bpfmap_elem(rec),
	};
	struct file *file;
	int err;

	if (!rec->nr)
		return 0;
	file = fget(fd);
	if (!file)
		return -EBADF;
	f.map = file->private_data;
	err = fill(&f, data->content);
	fput(file);
	if (err)
		ckpt_restore_err(r, item, "its elements cannot be put in: %pe", ERR_PTR(err));
	return err;
}
