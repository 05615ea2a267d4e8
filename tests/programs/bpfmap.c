// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps of BPF: kinds, sizes, flags, names, what is in them, how they are open.
 *
 * Usage: bpfmap [NR], with NR only a hash of so many elements.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdint.h>

#include "openfile.h"

#define RANGE	3000	/* keys that are tried, most */

/**
 * struct map - one of them, and what is in it
 * @most:	elements that it can have
 * @fill:	keys that are put in, from 0 on: each, or each third of an array
 * @extra:	hashes of a bloom filter; 0: as many as usual
 * @there:	which have stayed
 */
struct map {
	const char *name;
	unsigned int type, key, value, most, flags, fill, extra;
	int fd;
	struct bpf_map_info info;
	unsigned char there[RANGE];
};

#define MAP(TYPE, label, ...) \
	{ .name = (label), .type = BPF_MAP_TYPE_##TYPE, __VA_ARGS__ }

static struct map maps[] = {
	MAP(ARRAY, "numbers.1", .key = 4, .value = 8, .most = 100, .fill = 100),
	MAP(ARRAY, "odd_1", .key = 4, .value = 13, .most = 7, .fill = 7,
	    .flags = BPF_F_MMAPABLE | BPF_F_RDONLY_PROG),
	MAP(ARRAY, "large", .key = 4, .value = 200000, .most = 2, .fill = 2,
	    .flags = BPF_F_NUMA_NODE),
	MAP(ARRAY, "inner", .key = 4, .value = 4, .most = 3, .fill = 0,
	    .flags = BPF_F_INNER_MAP),
	MAP(PERCPU_ARRAY, "each.array", .key = 4, .value = 12, .most = 9, .fill = 9),
	MAP(HASH, "full", .key = 5, .value = 3, .most = RANGE, .fill = RANGE,
	    .flags = BPF_F_ZERO_SEED | BPF_F_WRONLY_PROG),
	MAP(HASH, "growing", .key = 12, .value = 40, .most = 2000, .fill = 2000,
	    .flags = BPF_F_NO_PREALLOC),
	MAP(HASH, "", .key = 4, .value = 4, .most = 10, .fill = 0),
	MAP(PERCPU_HASH, "each.full", .key = 8, .value = 8, .most = 50, .fill = 50),
	MAP(PERCPU_HASH, "each.growing", .key = 8, .value = 20, .most = 50, .fill = 50,
	    .flags = BPF_F_NO_PREALLOC),
	MAP(LRU_HASH, "used", .key = 4, .value = 16, .most = 1000, .fill = RANGE),
	MAP(LRU_HASH, "used.all", .key = 4, .value = 16, .most = 5, .fill = 5),
	MAP(LRU_PERCPU_HASH, "used.each", .key = 4, .value = 24, .most = 300, .fill = 299),
	MAP(LPM_TRIE, "prefixes", .key = 8, .value = 5, .most = 600, .fill = 600,
	    .flags = BPF_F_NO_PREALLOC),
};

#define NR	(sizeof(maps) / sizeof(maps[0]))

static struct map queue = MAP(QUEUE, "waiting", .value = 12, .most = 10);
static struct map stack = MAP(STACK, "piled", .value = 3, .most = 10);
static struct map empty = MAP(QUEUE, "nothing", .value = 8, .most = 1);

static unsigned int cpus;
static struct dressed dressed;
static unsigned char value[1 << 20], expected[1 << 20];

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* As the last in "0-3". */
static unsigned int possible_cpus(void)
{
	FILE *file = fopen("/sys/devices/system/cpu/possible", "r");
	char line[100], *dash;

	check(file && fgets(line, sizeof(line), file));
	fclose(file);
	dash = strrchr(line, '-');
	return strtoul(dash ? dash + 1 : line, NULL, 10) + 1;
}

static int is_array(const struct map *m)
{
	return m->type == BPF_MAP_TYPE_ARRAY || m->type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

static int is_lru(const struct map *m)
{
	return m->type == BPF_MAP_TYPE_LRU_HASH || m->type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

static int is_percpu(const struct map *m)
{
	return m->type == BPF_MAP_TYPE_PERCPU_ARRAY || m->type == BPF_MAP_TYPE_PERCPU_HASH ||
	       m->type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

static size_t padded(size_t size)
{
	return (size + 7) & ~7UL;
}

static size_t value_size(const struct map *m)
{
	return is_percpu(m) ? cpus * padded(m->value) : m->value;
}

/* Of prefixes: 10.0.0.0/8, and in it 10.x.y.0/24. */
static void make_key(const struct map *m, unsigned int nr, unsigned char *key)
{
	const unsigned char address[] = { 10, nr >> 8, nr, 0 };
	unsigned int length = nr ? 24 : 8;

	memset(key, 0, m->key);
	if (m->type == BPF_MAP_TYPE_LPM_TRIE) {
		memcpy(key, &length, sizeof(length));
		memcpy(key + sizeof(length), address, sizeof(address));
	} else {
		memcpy(key, &nr, sizeof(nr));
	}
}

static void make_value(const struct map *m, unsigned int nr)
{
	unsigned int cpu, i;

	memset(expected, 0, value_size(m));
	for (cpu = 0; cpu < (is_percpu(m) ? cpus : 1); cpu++)
		for (i = 0; i < m->value; i++)
			expected[cpu * padded(m->value) + i] = nr * 7 + cpu * 3 + i + 1;
}

static int put(const struct map *m, unsigned int nr)
{
	unsigned char key[16];
	union bpf_attr attr = {};
	int ret;

	make_key(m, nr, key);
	make_value(m, nr);
	attr.map_fd = m->fd;
	attr.key = (uintptr_t)key;
	attr.value = (uintptr_t)expected;
	/* What a hash has at hand may be used up for a moment. */
	do
		ret = bpf(BPF_MAP_UPDATE_ELEM, &attr);
	while (ret == -1 && errno == ENOMEM);
	return ret;
}

static int get(const struct map *m, unsigned int nr)
{
	unsigned char key[16];
	union bpf_attr attr = {};

	make_key(m, nr, key);
	attr.map_fd = m->fd;
	attr.key = (uintptr_t)key;
	attr.value = (uintptr_t)value;
	return bpf(BPF_MAP_LOOKUP_ELEM, &attr);
}

/* How many it tells one after the other. */
static unsigned int count(const struct map *m)
{
	unsigned char key[16], next[16];
	union bpf_attr attr = {};
	unsigned int nr = 0;

	attr.map_fd = m->fd;
	attr.next_key = (uintptr_t)next;
	while (!bpf(BPF_MAP_GET_NEXT_KEY, &attr)) {
		memcpy(key, next, m->key);
		attr.key = (uintptr_t)key;
		nr++;
	}
	check(errno == ENOENT);
	return nr;
}

static struct bpf_map_info get_info(int fd)
{
	struct bpf_map_info info = {};
	union bpf_attr attr = {};

	attr.info.bpf_fd = fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uintptr_t)&info;
	check(bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) == 0);
	return info;
}

static int make(const struct map *m, unsigned int flags)
{
	union bpf_attr attr = {};

	attr.map_type = m->type;
	attr.key_size = m->key;
	attr.value_size = m->value;
	attr.max_entries = m->most;
	attr.map_flags = m->flags | flags;
	attr.map_extra = m->extra;
	strcpy(attr.map_name, m->name);
	return bpf(BPF_MAP_CREATE, &attr);
}

static int freeze(int fd)
{
	union bpf_attr attr = {};

	attr.map_fd = fd;
	return bpf(BPF_MAP_FREEZE, &attr);
}

static int by_id(unsigned int id, unsigned int flags)
{
	union bpf_attr attr = {};

	attr.map_id = id;
	attr.open_flags = flags;
	return bpf(BPF_MAP_GET_FD_BY_ID, &attr);
}

static void build(struct map *m)
{
	unsigned int nr;

	m->fd = make(m, 0);
	check(m->fd >= 0);
	for (nr = 0; nr < m->fill; nr += is_array(m) ? 3 : 1)
		check(put(m, nr) == 0);
	for (nr = 0; nr < m->fill; nr++)
		m->there[nr] = is_array(m) ? nr % 3 == 0 : get(m, nr) == 0;
	m->info = get_info(m->fd);
}

static void verify(const struct map *m)
{
	struct bpf_map_info info = get_info(m->fd);
	unsigned int nr, sum = 0;

	check(info.type == m->type && info.key_size == m->key);
	check(info.value_size == m->value && info.max_entries == m->most);
	check(info.map_flags == m->info.map_flags && info.map_extra == m->info.map_extra);
	check(!strcmp(info.name, m->name));
	for (nr = 0; nr < m->fill; nr++) {
		if (!m->there[nr] && !is_array(m)) {
			check(get(m, nr) == -1 && errno == ENOENT);
			continue;
		}
		check(get(m, nr) == 0);
		if (m->there[nr])
			make_value(m, nr);
		else
			memset(expected, 0, value_size(m));
		check(!memcmp(value, expected, value_size(m)));
		sum++;
	}
	check(count(m) == (is_array(m) ? m->most : sum));
}

/* One more than there is room for. */
static void overfill(const struct map *m)
{
	if (is_lru(m)) {
		check(put(m, RANGE) == 0);
		check(get(m, RANGE) == 0);
	} else if (m->fill == m->most) {
		check(put(m, m->most) == -1);
		check(errno == (m->type == BPF_MAP_TYPE_LPM_TRIE ? ENOSPC : E2BIG));
	} else {
		check(put(m, 0) == 0 && get(m, 0) == 0);
	}
}

/* A prefix that no element has is found in the one around it. */
static void check_prefix(const struct map *m)
{
	const unsigned char key[8] = { 32, 0, 0, 0, 10, 1, 2, 3 };
	const unsigned char other[8] = { 32, 0, 0, 0, 10, 99, 2, 3 };
	union bpf_attr attr = {};

	attr.map_fd = m->fd;
	attr.key = (uintptr_t)key;
	attr.value = (uintptr_t)value;
	check(bpf(BPF_MAP_LOOKUP_ELEM, &attr) == 0);
	make_value(m, 258);
	check(!memcmp(value, expected, m->value));
	attr.key = (uintptr_t)other;
	check(bpf(BPF_MAP_LOOKUP_ELEM, &attr) == 0);
	make_value(m, 0);
	check(!memcmp(value, expected, m->value));
}

/* Another array, open in another way, that has something in it. */
static struct map other(unsigned int flags)
{
	struct map m = maps[0];
	int fd;

	m.flags = 0;
	build(&m);
	fd = by_id(m.info.id, flags);
	check(fd >= 0);
	close(m.fd);
	m.fd = fd;
	return m;
}

static void push(const struct map *m, unsigned int nr)
{
	union bpf_attr attr = {};

	make_value(m, nr);
	attr.map_fd = m->fd;
	attr.value = (uintptr_t)expected;
	check(bpf(BPF_MAP_UPDATE_ELEM, &attr) == 0);
}

static int pop(const struct map *m)
{
	union bpf_attr attr = {};

	attr.map_fd = m->fd;
	attr.value = (uintptr_t)value;
	return bpf(BPF_MAP_LOOKUP_AND_DELETE_ELEM, &attr);
}

static void check_pop(const struct map *m, unsigned int nr)
{
	check(pop(m) == 0);
	make_value(m, nr);
	check(!memcmp(value, expected, m->value));
}

/* Does it say that it has that value? Others it may take for one of its own. */
static int has(const struct map *m, unsigned int nr)
{
	union bpf_attr attr = {};

	make_value(m, nr);
	attr.map_fd = m->fd;
	attr.value = (uintptr_t)expected;
	if (!bpf(BPF_MAP_LOOKUP_ELEM, &attr))
		return 1;
	check(errno == ENOENT);
	return 0;
}

static struct map filters[] = {
	MAP(BLOOM_FILTER, "usual", .value = 7, .most = 500, .fill = 500),
	MAP(BLOOM_FILTER, "no.seed", .value = 8, .most = 100, .fill = 300, .extra = 3,
	    .flags = BPF_F_ZERO_SEED),
	MAP(BLOOM_FILTER, "none", .value = 4, .most = 1),
};

#define NR_FILTERS	(sizeof(filters) / sizeof(filters[0]))

static void build_filters(void)
{
	unsigned int nr;
	struct map *m;

	for (m = filters; m < filters + NR_FILTERS; m++) {
		m->fd = make(m, 0);
		check(m->fd >= 0);
		for (nr = 0; nr < m->fill; nr++)
			push(m, nr);
		for (nr = 0; nr < RANGE; nr++)
			m->there[nr] = has(m, nr);
		m->info = get_info(m->fd);
	}
}

static void verify_filters(void)
{
	struct bpf_map_info info;
	unsigned int nr;
	struct map *m;

	for (m = filters; m < filters + NR_FILTERS; m++) {
		info = get_info(m->fd);
		check(info.map_extra == m->info.map_extra);
		check(info.map_flags == m->info.map_flags);
		for (nr = 0; nr < RANGE; nr++)
			check(m->there[nr] == has(m, nr) && (nr >= m->fill || m->there[nr]));
		push(m, RANGE);
		check(has(m, RANGE));
	}
}

/* Full, and a queue has gone round: 5 to 14; a stack has 0, 1, 7 to 14. */
static void build_queue(struct map *m)
{
	unsigned int nr;

	m->fd = make(m, 0);
	check(m->fd >= 0);
	for (nr = 0; nr < 7; nr++)
		push(m, nr);
	for (nr = 0; nr < 5; nr++)
		check(pop(m) == 0);
	for (nr = 7; nr < 15; nr++)
		push(m, nr);
}

static void build_queues(void)
{
	build_queue(&queue);
	build_queue(&stack);
	empty.fd = make(&empty, 0);
	check(empty.fd >= 0);
}

static void verify_queues(void)
{
	union bpf_attr attr = {};
	unsigned int nr;

	attr.map_fd = queue.fd;
	attr.value = (uintptr_t)expected;
	check(bpf(BPF_MAP_UPDATE_ELEM, &attr) == -1 && errno == E2BIG);
	for (nr = 5; nr < 15; nr++)
		check_pop(&queue, nr);
	check(pop(&queue) == -1 && errno == ENOENT);
	for (nr = 14; nr >= 7; nr--)
		check_pop(&stack, nr);
	check_pop(&stack, 1);
	check_pop(&stack, 0);
	check(pop(&stack) == -1 && errno == ENOENT);
	check(pop(&empty) == -1 && errno == ENOENT);
	push(&empty, 1);
	check_pop(&empty, 1);
}

static struct map reading, writing, frozen;

static void verify_others(void)
{
	struct map again;

	check((fcntl(reading.fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
	verify(&reading);
	check(put(&reading, 0) == -1 && errno == EPERM);
	check((fcntl(writing.fd, F_GETFL) & O_ACCMODE) == O_WRONLY);
	check(get(&writing, 0) == -1 && errno == EPERM);
	again = writing;
	again.fd = by_id(get_info(writing.fd).id, 0);
	check(again.fd >= 0);
	verify(&again);
	check(put(&writing, 0) == 0);
	verify(&frozen);
	check(put(&frozen, 0) == -1 && errno == EPERM);
	check(freeze(frozen.fd) == -1);
}

static int batch(int cmd, int fd, uint64_t *keys, uint64_t *values, unsigned int *nr)
{
	union bpf_attr attr = {};
	unsigned int at;
	int ret;

	attr.batch.out_batch = (uintptr_t)&at;
	attr.batch.keys = (uintptr_t)keys;
	attr.batch.values = (uintptr_t)values;
	attr.batch.count = *nr;
	attr.batch.map_fd = fd;
	ret = bpf(cmd, &attr);
	*nr = attr.batch.count;
	return ret;
}

/* All are told at once, and that there are no more. */
static int many(unsigned int nr)
{
	const struct map m = MAP(HASH, "many", .key = 8, .value = 8, .most = nr);
	uint64_t *keys = calloc(nr, sizeof(*keys)), *values = calloc(nr, sizeof(*values));
	unsigned char *seen = calloc(nr, 1);
	unsigned int i, told = nr;
	int fd = make(&m, 0);

	check(keys && values && seen && fd >= 0);
	for (i = 0; i < nr; i++) {
		keys[i] = i;
		values[i] = 3 * (uint64_t)i + 1;
	}
	check(batch(BPF_MAP_UPDATE_BATCH, fd, keys, values, &told) == 0 && told == nr);
	memset(keys, 0, nr * sizeof(*keys));
	memset(values, 0, nr * sizeof(*values));

	ready();

	check(batch(BPF_MAP_LOOKUP_BATCH, fd, keys, values, &told) == -1);
	check(errno == ENOENT && told == nr);
	for (i = 0; i < nr; i++) {
		check(keys[i] < nr && !seen[keys[i]]++);
		check(values[i] == 3 * keys[i] + 1);
	}
	return passed();
}

int main(int argc, char **argv)
{
	unsigned int i;

	if (argc > 1)
		return many(strtoul(argv[1], NULL, 10));
	cpus = possible_cpus();
	for (i = 0; i < NR; i++)
		build(&maps[i]);
	build_queues();
	build_filters();
	dressed = dress(maps[0].fd, SIGUSR1);
	reading = other(BPF_F_RDONLY);
	writing = other(BPF_F_WRONLY);
	frozen = other(0);
	check(freeze(frozen.fd) == 0);

	ready();

	for (i = 0; i < NR; i++) {
		verify(&maps[i]);
		if (maps[i].type == BPF_MAP_TYPE_LPM_TRIE)
			check_prefix(&maps[i]);
		overfill(&maps[i]);
	}
	verify_others();
	verify_queues();
	verify_filters();
	check_dressed(&dressed, SIGUSR1);
	return passed();
}
