// SPDX-License-Identifier: GPL-2.0-only
/*
 * A small valid image for tests: see sample.h.
 *
 * Files are few, so they are found by looking at all of them.
 */
#include "sample_add.h"

/* ---- files ---------------------------------------------------------------- */

struct sample_file *sample_file(struct sample *s, u32 type, u64 id)
{
	unsigned int i;

	for (i = 0; i < s->nr; i++)
		if (s->files[i].type == type && s->files[i].id == id)
			return s->files + i;
	return NULL;
}

struct ckpt_writer *sample_add(struct sample *s, u32 type, u64 id)
{
	struct sample_file *file = s->files + s->nr++;

	*file = (struct sample_file){ .type = type, .id = id };
	return &file->w;
}

void sample_remove(struct sample *s, u32 type, u64 id)
{
	struct sample_file *file = sample_file(s, type, id);

	ckpt_writer_free(&file->w);
	*file = s->files[--s->nr];
}

static bool find_record(struct sample *s, u32 type, u64 id, u16 record,
			struct ckpt_view *view)
{
	struct sample_file *file = sample_file(s, type, id);

	return file && ckpt_find(file->w.buf, file->w.len, record, view);
}

void *sample_body(struct sample *s, u32 type, u64 id, u16 record)
{
	struct ckpt_view view;

	return find_record(s, type, id, record, &view) ? (void *)view.body : NULL;
}

void *sample_elems(struct sample *s, u32 type, u64 id, u16 record)
{
	struct ckpt_view view;

	return find_record(s, type, id, record, &view) ? (void *)view.elems : NULL;
}

void sample_free(struct sample *s)
{
	while (s->nr)
		ckpt_writer_free(&s->files[--s->nr].w);
}

/* ---- what several of them have ------------------------------------------------ */

u64 sample_nowhere[512];

static void add_top(struct sample *s)
{
	struct ckpt_header *header;
	struct ckpt_cpu *cpu;

	header = ADD(sample_add(s, 0, CKPT_TOP_HEADER), CKPT_REC_HEADER, 0);
	header->magic = cpu_to_le64(CKPT_HEADER_MAGIC);
	header->format = cpu_to_le32(CKPT_FORMAT_VERSION);
	header->arch = cpu_to_le32(CKPT_ARCH_X86_64);
	header->page_size = cpu_to_le32(CKPT_PAGE_SIZE);
	header->nr_tasks = cpu_to_le32(4);
	memset(header->id, 0x5a, sizeof(header->id));
	memcpy(header->name, "sample", 6);
	cpu = ADD(sample_add(s, 0, CKPT_TOP_CPU), CKPT_REC_CPU, CKPT_CPU_WORDS);
	memcpy(cpu->vendor, "GenuineIntel", 12);
}

void sample_set_run(struct ckpt_run *run, u64 start, u32 pages, u32 kind)
{
	run->start = cpu_to_le64(start);
	run->pages = cpu_to_le32(pages);
	run->kind = cpu_to_le32(kind);
}

void sample_add_policy(struct ckpt_writer *w, u64 start, u64 end)
{
	struct ckpt_policy *rec = ADD(w, CKPT_REC_POLICY, 2);
	__le64 *nodes = (__le64 *)(rec + 1);

	rec->start = cpu_to_le64(start);
	rec->end = cpu_to_le64(end);
	rec->mode = cpu_to_le32(CKPT_POLICY_BIND);
	rec->flags = cpu_to_le32(CKPT_POLICY_STATIC);
	rec->home = cpu_to_le32(1);
	nodes[0] = cpu_to_le64(3);
	nodes[1] = cpu_to_le64(1);
}

void sample_open_file(struct ckpt_writer *w, u32 type, u32 flags)
{
	struct ckpt_file *file = ADD(w, CKPT_REC_FILE, 0);

	file->type = cpu_to_le32(type);
	file->flags = cpu_to_le32(flags);
}

struct ckpt_writer *sample_named_file(struct sample *s, u64 id, u32 type,
				      u32 flags, const char *path, u32 mode)
{
	struct ckpt_writer *w = sample_add(s, type, id);
	struct ckpt_inode *inode;

	sample_open_file(w, type, flags);
	ckpt_add_path(w, CKPT_PATH_FILE, path);
	inode = ADD(w, CKPT_REC_INODE, 0);
	inode->mode = cpu_to_le32(mode);
	return w;
}

void *sample_unnamed(struct sample *s, u64 id, u32 type, u16 record)
{
	struct ckpt_writer *w = sample_add(s, type, id);

	sample_open_file(w, type, CKPT_O_RDWR);
	return ADD(w, record, 0);
}

int sample_build(struct sample *s)
{
	unsigned int i;

	*s = (struct sample){};
	add_top(s);
	sample_add_tasks(s);
	sample_add_files(s);
	sample_add_sockets(s);
	sample_add_packets(s);
	sample_add_ttys(s);
	sample_add_ipc(s);
	sample_add_memory(s);
	for (i = 0; i < s->nr; i++)
		if (s->files[i].w.error)
			return s->files[i].w.error;
	return sample_seal(s);
}

int sample_seal(struct sample *s)
{
	const struct ckpt_header *header = sample_body(s, 0, CKPT_TOP_HEADER,
						       CKPT_REC_HEADER);
	struct ckpt_tail_file *entry;
	struct ckpt_tail *tail;
	struct ckpt_writer *w;
	unsigned int i;

	if (sample_file(s, 0, CKPT_TOP_TAIL))
		sample_remove(s, 0, CKPT_TOP_TAIL);
	w = sample_add(s, 0, CKPT_TOP_TAIL);
	tail = ckpt_add(w, CKPT_REC_TAIL, s->nr - 1);
	if (!tail)
		return w->error;
	tail->magic = cpu_to_le64(CKPT_TAIL_MAGIC);
	if (header)
		memcpy(tail->id, header->id, sizeof(tail->id));
	entry = ckpt_elems(tail);
	for (i = 0; i < s->nr - 1; i++, entry++) {
		const struct sample_file *file = s->files + i;

		entry->type = cpu_to_le32(file->type);
		entry->id = cpu_to_le64(file->id);
		entry->size = cpu_to_le64(file->w.len + file->size);
		if (!file->w.buf)
			continue;
		entry->flags = cpu_to_le32(CKPT_TAIL_CRC);
		entry->crc = cpu_to_le32(ckpt_crc32c(0, file->w.buf, file->w.len));
	}
	return 0;
}

/* ---- what the checks ask -------------------------------------------------- */

static u32 exists(void *priv, u32 type, u64 id)
{
	struct sample *s = priv;
	unsigned int i;

	for (i = 0; i < s->nr; i++) {
		u32 has = s->files[i].type;

		if (!has || s->files[i].id != id)
			continue;
		if (has == type || (!type && ckpt_type(has)->flags & CKPT_ROW_FILE))
			return has;
	}
	return 0;
}

static const void *bytes(void *priv, u32 type, u64 id, u64 *size)
{
	struct sample_file *file = sample_file(priv, type, id);

	*size = file ? file->w.len + file->size : 0;
	return file ? file->w.buf : NULL;
}

static u64 next(void *priv, u32 type, u64 after)
{
	struct sample *s = priv;
	unsigned int i;
	u64 least = 0;

	for (i = 0; i < s->nr; i++) {
		u64 id = s->files[i].id;

		if (s->files[i].type == type && id > after &&
		    (!least || id < least))
			least = id;
	}
	return least;
}

static void report(void *priv, const char *where, const char *what)
{
	struct sample *s = priv;

	s->errors++;
	snprintf(s->error, sizeof(s->error), "%s: %s", where, what);
}

static struct ckpt_check check_of(struct sample *s)
{
	s->errors = 0;
	return (struct ckpt_check) {
		.exists = exists,
		.bytes = bytes,
		.next = next,
		.report = report,
		.priv = s,
	};
}

int sample_check(struct sample *s)
{
	struct ckpt_check chk = check_of(s);

	return ckpt_check_image(&chk);
}

int sample_check_difference(struct sample *s, struct sample *parent)
{
	struct ckpt_check chk = check_of(s), other = check_of(parent);

	return ckpt_check_difference(&chk, &other);
}

/* ---- a difference ----------------------------------------------------------- */

static void name_parent(struct sample *s, u32 type, u64 id)
{
	struct ckpt_parent *parent;

	parent = ADD(&sample_file(s, type, id)->w, CKPT_REC_PARENT, 0);
	parent->id = cpu_to_le64(id);
}

/* The first run of space 1 and that of the shared memory are the parent's. */
void sample_differ(struct sample *s, u8 parent)
{
	struct ckpt_header *header = sample_body(s, 0, CKPT_TOP_HEADER, CKPT_REC_HEADER);
	struct ckpt_runs *runs = sample_body(s, CKPT_TYPE_VMAS, 1, CKPT_REC_RUNS);
	struct ckpt_shmem *shmem = sample_body(s, CKPT_TYPE_SHMEM, 6, CKPT_REC_SHMEM);
	struct ckpt_run *run = sample_elems(s, CKPT_TYPE_VMAS, 1, CKPT_REC_RUNS);

	header->incompat = cpu_to_le64(CKPT_INCOMPAT_PARENT);
	memset(header->parent, parent, sizeof(header->parent));
	run->kind = cpu_to_le32(CKPT_RUN_PARENT);
	runs->pages = cpu_to_le64(4);
	sample_file(s, CKPT_TYPE_PAGES, 1)->size = 4 * CKPT_PAGE_SIZE;
	run = sample_elems(s, CKPT_TYPE_SHMEM, 6, CKPT_REC_SHMEM);
	run->kind = cpu_to_le32(CKPT_RUN_PARENT);
	shmem->pages = 0;
	sample_file(s, CKPT_TYPE_SHMEMDATA, 6)->size = 0;
	name_parent(s, CKPT_TYPE_VMAS, 1);
	name_parent(s, CKPT_TYPE_SHMEM, 6);
}
