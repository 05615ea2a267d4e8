// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps of BPF, as bpf(2) makes them for a program that keeps keys and values there.
 *
 * A map is saved with the only open file that it has: kind, sizes, flags, name, whether it
 * is frozen, and its elements (bpfelems.c), which are in a file of their own (bpfdata.c).
 * Made again by the kernel's own bpf(2), so by a writer who may make one.
 *
 * Refused: maps that hold other objects or belong to some, ring buffers, those with types
 * (BTF), which say where in a value the kernel keeps timers, locks and pointers, and
 * maps that a program of BPF uses, that are pinned, mapped, or open more than once: their
 * elements may change, or are not the container's alone.
 *
 * Not kept: the number of the map, the order in which a hash tells its keys, and in which
 * the elements of an LRU hash were used.
 *
 * Nobody else has the map, and its tasks are frozen: it is read without a lock.
 */
#include "../object.h"

static bool is_array(u32 kind)
{
	return kind == CKPT_BPFMAP_ARRAY || kind == CKPT_BPFMAP_PERCPU_ARRAY;
}

static bool is_percpu(u32 kind)
{
	return kind == CKPT_BPFMAP_PERCPU_ARRAY || kind == CKPT_BPFMAP_PERCPU_HASH ||
	       kind == CKPT_BPFMAP_LRU_PERCPU_HASH;
}

static bool has_keys(u32 kind)
{
	return kind != CKPT_BPFMAP_QUEUE && kind != CKPT_BPFMAP_STACK &&
	       kind != CKPT_BPFMAP_BLOOM_FILTER;
}

/* Keys and values are padded, so that the kernel may take them for words. */
static u64 padded(u64 size)
{
	return round_up(size, (u64)8);
}

u64 ckpt_bpfmap_key(const struct ckpt_bpfmap *rec)
{
	return is_array(le32_to_cpu(rec->kind)) ? 0 : padded(le32_to_cpu(rec->key_size));
}

u64 ckpt_bpfmap_elem(const struct ckpt_bpfmap *rec)
{
	u32 values = rec->cpus ? le32_to_cpu(rec->cpus) : 1;

	if (le32_to_cpu(rec->kind) == CKPT_BPFMAP_BLOOM_FILTER)
		return sizeof(__le64);
	return ckpt_bpfmap_key(rec) + padded(le32_to_cpu(rec->value_size)) * values;
}

/* As many words as there are, the kernel makes of sizes and hashes. */
static int check_filter(const struct ckpt_check *chk, const struct ckpt_bpfmap *rec)
{
	u32 nr = le32_to_cpu(rec->nr);

	if (!nr || nr > CKPT_BPFMAP_WORDS || nr & (nr - 1))
		return ckpt_bad(chk, "not the size of a bloom filter");
	if (rec->seed && le32_to_cpu(rec->flags) & CKPT_BPFMAP_ZERO_SEED)
		return ckpt_bad(chk, "a seed of what has none");
	return 0;
}

static int check_sizes(const struct ckpt_check *chk, const struct ckpt_bpfmap *rec)
{
	u32 kind = le32_to_cpu(rec->kind);
	u32 nr = le32_to_cpu(rec->nr), most = le32_to_cpu(rec->max_entries);

	if (!rec->value_size || !rec->max_entries)
		return ckpt_bad(chk, "a map for nothing");
	if (!!rec->key_size != has_keys(kind))
		return ckpt_bad(chk, "a key of what has none, or none of what has one");
	if (is_array(kind) && le32_to_cpu(rec->key_size) != sizeof(__le32))
		return ckpt_bad(chk, "an array whose keys are no numbers");
	if (!!rec->cpus != is_percpu(kind))
		return ckpt_bad(chk, "values of processors, or none, in the wrong kind of map");
	if (rec->cpus && le32_to_cpu(rec->value_size) > CKPT_BPFMAP_CPU_VALUE)
		return ckpt_bad(chk, "a longer value than a processor can have");
	if (rec->node && !(le32_to_cpu(rec->flags) & CKPT_BPFMAP_NUMA_NODE))
		return ckpt_bad(chk, "a node that it is not of");
	if (kind == CKPT_BPFMAP_BLOOM_FILTER)
		return check_filter(chk, rec);
	if (rec->hashes || rec->seed)
		return ckpt_bad(chk, "hashes of what has none");
	if (is_array(kind) ? nr != most : nr > most)
		return ckpt_bad(chk, "not as many elements as it can have");
	return 0;
}

static int bpfmap_check(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	const struct ckpt_bpfmap *rec;
	struct ckpt_view view;
	u64 stored = 0;
	u32 mode;
	int ret;

	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_FILE, &view);
	if (ret)
		return ret;
	mode = le32_to_cpu(((const struct ckpt_file *)view.body)->flags) & CKPT_O_ACCMODE;
	if (mode == CKPT_O_ACCMODE)
		return ckpt_bad(chk, "open for nothing");
	ret = ckpt_check_unnamed(chk, bytes, size, mode);
	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_BPFMAP, &view);
	if (ret)
		return ret;
	rec = view.body;
	ret = check_sizes(chk, rec);
	if (ret)
		return ret;
	chk->bytes(chk->priv, CKPT_TYPE_BPFDATA, id, &stored);
	return stored == ckpt_bpfmap_elem(rec) * le32_to_cpu(rec->nr) ?
		0 : ckpt_bad(chk, "not as many bytes as its elements have");
}

#ifdef __KERNEL__

#include <linux/capability.h>
#include <linux/cpumask.h>
#include <linux/fcntl.h>
#include <linux/fdtable.h>
#include <linux/file.h>

#include "../bpfmap.h"

static_assert(sizeof_field(struct ckpt_bpfmap, name) == BPF_OBJ_NAME_LEN);

static const u32 kinds[] = {
	[CKPT_BPFMAP_ARRAY] = BPF_MAP_TYPE_ARRAY,
	[CKPT_BPFMAP_HASH] = BPF_MAP_TYPE_HASH,
	[CKPT_BPFMAP_PERCPU_ARRAY] = BPF_MAP_TYPE_PERCPU_ARRAY,
	[CKPT_BPFMAP_PERCPU_HASH] = BPF_MAP_TYPE_PERCPU_HASH,
	[CKPT_BPFMAP_LRU_HASH] = BPF_MAP_TYPE_LRU_HASH,
	[CKPT_BPFMAP_LRU_PERCPU_HASH] = BPF_MAP_TYPE_LRU_PERCPU_HASH,
	[CKPT_BPFMAP_LPM_TRIE] = BPF_MAP_TYPE_LPM_TRIE,
	[CKPT_BPFMAP_QUEUE] = BPF_MAP_TYPE_QUEUE,
	[CKPT_BPFMAP_STACK] = BPF_MAP_TYPE_STACK,
	[CKPT_BPFMAP_BLOOM_FILTER] = BPF_MAP_TYPE_BLOOM_FILTER,
};

static const struct {
	u32 image;
	u32 kernel;
} flags[] = {
	{ CKPT_BPFMAP_NO_PREALLOC, BPF_F_NO_PREALLOC },
	{ CKPT_BPFMAP_NUMA_NODE, BPF_F_NUMA_NODE },
	{ CKPT_BPFMAP_ZERO_SEED, BPF_F_ZERO_SEED },
	{ CKPT_BPFMAP_RDONLY_PROG, BPF_F_RDONLY_PROG },
	{ CKPT_BPFMAP_WRONLY_PROG, BPF_F_WRONLY_PROG },
	{ CKPT_BPFMAP_MMAPABLE, BPF_F_MMAPABLE },
	{ CKPT_BPFMAP_INNER_MAP, BPF_F_INNER_MAP },
};

static bool bpfmap_match(struct file *file)
{
	return ckpt_bpfmap_is(file);
}

static struct bpf_map *map_of(const struct file *file)
{
	return file->private_data;
}

/* ---- refused ---------------------------------------------------------------------- */

/* enum ckpt_bpfmap_kind, 0: none of them. */
static u32 kind_of(const struct bpf_map *map)
{
	u32 i;

	for (i = 1; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i] == map->map_type)
			return i;
	return 0;
}

static const char *other_kind(const struct bpf_map *map)
{
	switch (map->map_type) {
	case BPF_MAP_TYPE_PROG_ARRAY:
		return "a bpf map of programs";
	case BPF_MAP_TYPE_PERF_EVENT_ARRAY:
		return "a bpf map of perf events";
	case BPF_MAP_TYPE_STACK_TRACE:
		return "a bpf map of stacks";
	case BPF_MAP_TYPE_CGROUP_ARRAY:
		return "a bpf map of cgroups";
	case BPF_MAP_TYPE_ARRAY_OF_MAPS:
	case BPF_MAP_TYPE_HASH_OF_MAPS:
		return "a bpf map of maps";
	case BPF_MAP_TYPE_DEVMAP:
	case BPF_MAP_TYPE_DEVMAP_HASH:
		return "a bpf map of devices";
	case BPF_MAP_TYPE_CPUMAP:
		return "a bpf map of processors";
	case BPF_MAP_TYPE_SOCKMAP:
	case BPF_MAP_TYPE_SOCKHASH:
	case BPF_MAP_TYPE_XSKMAP:
	case BPF_MAP_TYPE_REUSEPORT_SOCKARRAY:
		return "a bpf map of sockets";
	case BPF_MAP_TYPE_RINGBUF:
	case BPF_MAP_TYPE_USER_RINGBUF:
		return "a bpf ring buffer";
	case BPF_MAP_TYPE_STRUCT_OPS:
		return "a bpf map of operations";
	case BPF_MAP_TYPE_ARENA:
		return "a bpf arena";
	default:
		return "a bpf map of its kind";
	}
}

static u32 image_flags(const struct bpf_map *map, u32 *unknown)
{
	u32 left = map->map_flags, image = 0, i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		if (left & flags[i].kernel)
			image |= flags[i].image;
		left &= ~flags[i].kernel;
	}
	*unknown = left;
	return READ_ONCE(map->frozen) ? image | CKPT_BPFMAP_FROZEN : image;
}

/* One that is open for writing only is read by who may have it by its number, too. */
static bool may_read(const struct file *file)
{
	return file->f_mode & FMODE_READ || capable(CAP_SYS_ADMIN);
}

static const char *obstacle(const struct file *file)
{
	const struct bpf_map *map = map_of(file);
	u32 unknown;

	if (!kind_of(map))
		return other_kind(map);
	if (!map->ops->map_get_next_key)
		return "a bpf map that is in a device";
	if (map->btf || map->record)
		return "a bpf map with types (BTF)";
	image_flags(map, &unknown);
	if (unknown & BPF_F_NO_COMMON_LRU)
		return "a bpf map with an order of use for each processor";
	if (unknown)
		return "a bpf map with special flags";
	return may_read(file) ? NULL : "a bpf map that the caller may not read";
}

/* Who looks at all maps, by their numbers, has each for a moment: that is given time. */
static bool is_shared(struct ckpt_collect *c, const struct bpf_map *map)
{
	while (atomic64_read(&map->usercnt) > 1)
		if (!ckpt_look_again(c))
			return true;
	return false;
}

/* Files and pins count as users as well, programs and maps of maps do not. */
static int bpfmap_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	const struct bpf_map *map = map_of(obj->ptr);
	char who[CKPT_WHO_MAX];

	if (is_shared(c, map))
		ckpt_refuse_shared(c, "%s: the bpf map is pinned, or open more than once",
				   ckpt_who(c, obj->ptr, who, sizeof(who)));
	else if (atomic64_read(&map->refcnt) > 1)
		ckpt_refuse(c, "%s: a bpf map that a program uses cannot be saved",
			    ckpt_who(c, obj->ptr, who, sizeof(who)));
	return 0;
}

/* ---- saved ------------------------------------------------------------------------ */

/* All but the number of elements, and the seed. */
static void fill_record(const struct bpf_map *map, struct ckpt_bpfmap *rec)
{
	u32 kind = kind_of(map), unknown;

	rec->kind = cpu_to_le32(kind);
	rec->flags = cpu_to_le32(image_flags(map, &unknown));
	rec->key_size = cpu_to_le32(map->key_size);
	rec->value_size = cpu_to_le32(map->value_size);
	rec->max_entries = cpu_to_le32(map->max_entries);
	if (map->map_flags & BPF_F_NUMA_NODE)
		rec->node = cpu_to_le32(map->numa_node);
	if (is_percpu(kind))
		rec->cpus = cpu_to_le32(num_possible_cpus());
	rec->hashes = cpu_to_le32(map->map_extra);
	strscpy_pad(rec->name, map->name, sizeof(rec->name));
}

static int bpfmap_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	const char *why = obstacle(obj->ptr);
	struct ckpt_bpf_elems *elems = NULL;
	struct ckpt_bpfmap rec = {};
	char who[CKPT_WHO_MAX];
	int err = 0;

	if (!why) {
		fill_record(map_of(obj->ptr), &rec);
		elems = ckpt_bpf_elems_copy(c->mount, map_of(obj->ptr), &rec, &why);
		if (IS_ERR(elems))
			return PTR_ERR(elems);
	}
	obj->priv = elems;
	if (why)
		ckpt_refuse(c, "%s: %s cannot be saved",
			    ckpt_who(c, obj->ptr, who, sizeof(who)), why);
	if (elems && elems->size)
		err = PTR_ERR_OR_ZERO(ckpt_collect_id(c, CKPT_TYPE_BPFDATA, elems, obj->id));
	return err ?: ckpt_file_collect(c, obj);
}

static int bpfmap_save(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w)
{
	const struct ckpt_bpf_elems *elems = obj->priv;
	int err = ckpt_file_save(c, obj, w);
	struct ckpt_bpfmap *rec;

	if (err)
		return err;
	rec = ckpt_add(w, CKPT_REC_BPFMAP, 0);
	if (!rec)
		return w->error;
	*rec = elems->rec;
	return 0;
}

static void bpfmap_release(struct ckpt_object *obj)
{
	ckpt_bpf_elems_put(obj->priv);
}

/* ---- made again ------------------------------------------------------------------- */

static long create(const struct ckpt_bpfmap *rec)
{
	u32 image = le32_to_cpu(rec->flags), i;
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = kinds[le32_to_cpu(rec->kind)];
	attr.key_size = le32_to_cpu(rec->key_size);
	attr.value_size = le32_to_cpu(rec->value_size);
	attr.max_entries = le32_to_cpu(rec->max_entries);
	attr.numa_node = le32_to_cpu(rec->node);
	attr.map_extra = le32_to_cpu(rec->hashes);
	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (image & flags[i].image)
			attr.map_flags |= flags[i].kernel;
	memcpy(attr.map_name, rec->name, sizeof(attr.map_name));
	return ckpt_bpf(BPF_MAP_CREATE, &attr);
}

static int freeze(struct ckpt_restore *r, struct ckpt_item *item, int fd)
{
	union bpf_attr attr;
	int err;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = fd;
	err = ckpt_bpf(BPF_MAP_FREEZE, &attr);
	if (err)
		ckpt_restore_err(r, item, "the map cannot be frozen: %pe", ERR_PTR(err));
	return err;
}

/* It is filled by a file that is open for writing, and has one as it was from then on. */
static long finish(struct ckpt_restore *r, struct ckpt_item *item, int fd)
{
	const struct ckpt_bpfmap *rec = ckpt_item_body(item, CKPT_REC_BPFMAP);
	int mode = ckpt_file_flags(item) & O_ACCMODE;
	int err = ckpt_bpf_elems_fill(r, item, fd);
	long again;

	if (!err && le32_to_cpu(rec->flags) & CKPT_BPFMAP_FROZEN)
		err = freeze(r, item, fd);
	if (err || mode == O_RDWR)
		return err ?: fd;
	again = ckpt_bpfmap_open_again(fd, mode);
	if (again < 0)
		ckpt_restore_err(r, item, "the map cannot be opened: %pe", ERR_PTR(again));
	return again;
}

static void *bpfmap_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_bpfmap *rec = ckpt_item_body(item, CKPT_REC_BPFMAP);
	long made, fd;

	if (rec->cpus && le32_to_cpu(rec->cpus) != num_possible_cpus()) {
		ckpt_restore_err(r, item, "a map with values of %u processors, and here are %u",
				 le32_to_cpu(rec->cpus), num_possible_cpus());
		return ERR_PTR(-EOPNOTSUPP);
	}
	made = create(rec);
	if (made < 0)
		return ckpt_file_from_fd(r, item, made);
	fd = finish(r, item, made);
	if (fd != made)
		close_fd(made);
	return fd < 0 ? ERR_PTR(fd) : ckpt_file_from_fd(r, item, fd);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_bpfmap_ops = {
	.type = CKPT_TYPE_BPFMAP,
	.name = "bpf map",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_BPFMAP },
	.max_size = 4096,
	.check = bpfmap_check,
	CKPT_KERNEL(.match = bpfmap_match,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = bpfmap_collect, .verify = bpfmap_verify,
		    .save = bpfmap_save, .release = bpfmap_release,
		    .restore = bpfmap_restore, .drop = ckpt_file_put)
};
