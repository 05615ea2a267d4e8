// SPDX-License-Identifier: GPL-2.0-only
/*
 * A chain of images as one that has no parent.
 *
 * All but the pages is the youngest's, its id too: so what is a difference to
 * it is one to the result as well. Runs that stand for pages of a parent become
 * runs of pages, which are copied from wherever in the chain they are; both
 * ascend, so each image is read from its beginning to its end, and only
 * records are ever in memory.
 */
#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

#include "ckpt.h"

#define PIECE	BIT(20)
#define TAR_RECORD	10240

/**
 * struct merge - a merge under way
 * @c:		the chain
 * @img:	its youngest image
 * @out:	the archive that is written
 * @tail:	the new tail
 * @entry:	its next element
 * @ancestors:	of the object whose contents are written
 * @nr:		how many
 * @buf:	PIECE bytes
 */
struct merge {
	const struct chain *c;
	const struct image *img;
	struct archive *out;
	struct ckpt_writer tail;
	struct ckpt_tail_file *entry;
	struct ckpt_ancestor *ancestors;
	size_t nr;
	u8 *buf;
};

/* ---- members ------------------------------------------------------------------ */

static int failed(struct merge *m)
{
	complain("%s", archive_error_string(m->out));
	return -EIO;
}

static int begin_member(struct merge *m, const struct file *file, u64 size)
{
	const struct ckpt_header *header = image_header(m->img);
	char path[CKPT_NAME_MAX + 1 + CKPT_FILE_NAME_MAX], name[CKPT_FILE_NAME_MAX];
	struct archive_entry *entry = archive_entry_new();
	int ret;

	if (!entry)
		return -ENOMEM;
	file_name(file, name);
	snprintf(path, sizeof(path), "%s/%s", header->name, name);
	archive_entry_set_pathname(entry, path);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0400);
	archive_entry_set_uid(entry, getuid());
	archive_entry_set_gid(entry, getgid());
	archive_entry_set_mtime(entry, le64_to_cpu(header->time) / 1000000000, 0);
	archive_entry_set_size(entry, size);
	ret = archive_write_header(m->out, entry) == ARCHIVE_OK ? 0 : failed(m);
	archive_entry_free(entry);
	return ret;
}

static int write_bytes(struct merge *m, const void *bytes, size_t size)
{
	return archive_write_data(m->out, bytes, size) == (ssize_t)size ? 0 : failed(m);
}

static void list(struct merge *m, const struct file *file, u64 size, bool sum, u32 crc)
{
	struct ckpt_tail_file *e = m->entry++;

	e->type = cpu_to_le32(file->type);
	e->id = cpu_to_le64(file->id);
	e->size = cpu_to_le64(size);
	e->flags = cpu_to_le32(sum ? CKPT_TAIL_CRC : 0);
	e->crc = cpu_to_le32(sum ? crc : 0);
}

static int write_records(struct merge *m, const struct file *file, const void *bytes,
			 size_t size)
{
	int ret = begin_member(m, file, size);

	if (!ret)
		ret = write_bytes(m, bytes, size);
	if (!ret)
		list(m, file, size, true, ckpt_crc32c(0, bytes, size));
	return ret;
}

/* ---- records -------------------------------------------------------------------- */

static const struct ckpt_paged *find_paged(const struct file *file, bool contents)
{
	size_t i;

	for (i = 0; i < CKPT_NR_PAGED; i++)
		if ((contents ? ckpt_paged[i].contents : ckpt_paged[i].type) == file->type)
			return ckpt_paged + i;
	return NULL;
}

static int write_header(struct merge *m, const struct file *file)
{
	struct ckpt_writer w = {};
	struct ckpt_view view;
	struct ckpt_header *header;
	int ret = ckpt_add_bytes(&w, file->bytes, file->size);

	if (!ret) {
		ckpt_find(w.buf, w.len, CKPT_REC_HEADER, &view);
		header = (struct ckpt_header *)view.body;
		memset(header->parent, 0, sizeof(header->parent));
		header->incompat &= ~cpu_to_le64(CKPT_INCOMPAT_PARENT);
		ret = write_records(m, file, w.buf, w.len);
	}
	ckpt_writer_free(&w);
	return ret;
}

/* Does a mapping begin there, so that a run must? */
static bool begins(const struct file *file, u64 start)
{
	const struct ckpt_vma *vma;
	struct ckpt_view vmas;
	u32 low = 0, high;

	if (!ckpt_find(file->bytes, file->size, CKPT_REC_VMAS, &vmas))
		return false;
	vma = vmas.elems;
	high = vmas.count;
	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (le64_to_cpu(vma[mid].start) < start)
			low = mid + 1;
		else
			high = mid;
	}
	return low < vmas.count && le64_to_cpu(vma[low].start) == start;
}

/* Runs of pages that touch become one, as they are in an image that is full. */
static u32 join_runs(const struct file *file, struct ckpt_run *run, u32 nr, u64 *pages)
{
	struct ckpt_run *last = NULL;
	u32 i, kept = 0;

	*pages = 0;
	for (i = 0; i < nr; i++) {
		struct ckpt_run r = run[i];

		if (le32_to_cpu(r.kind) == CKPT_RUN_PARENT)
			r.kind = cpu_to_le32(CKPT_RUN_PAGES);
		if (le32_to_cpu(r.kind) == CKPT_RUN_PAGES)
			*pages += le32_to_cpu(r.pages);
		if (last && last->kind == r.kind && ckpt_run_end(last) == ckpt_run_start(&r) &&
		    (u64)le32_to_cpu(last->pages) + le32_to_cpu(r.pages) <= U32_MAX &&
		    !begins(file, ckpt_run_start(&r))) {
			last->pages = cpu_to_le32(le32_to_cpu(last->pages) + le32_to_cpu(r.pages));
			continue;
		}
		last = &run[kept++];
		*last = r;
	}
	return kept;
}

static int add_runs(const struct file *file, const struct ckpt_view *view,
		    struct ckpt_writer *w)
{
	const struct ckpt_schema *s = ckpt_schema(view->type);
	size_t size = (size_t)view->count * sizeof(struct ckpt_run);
	struct ckpt_run *runs = malloc(size + 1);
	u64 pages;
	void *body;
	u32 nr;

	if (!runs)
		return -ENOMEM;
	memcpy(runs, view->elems, size);
	nr = join_runs(file, runs, view->count, &pages);
	body = ckpt_add(w, view->type, nr);
	if (body) {
		memcpy(body, view->body, s->fixed);
		memcpy(ckpt_elems(body), runs, nr * sizeof(*runs));
		if (view->type == CKPT_REC_RUNS)
			((struct ckpt_runs *)body)->pages = cpu_to_le64(pages);
		else
			((struct ckpt_shmem *)body)->pages = cpu_to_le64(pages);
	}
	free(runs);
	return w->error;
}

static int write_paged(struct merge *m, const struct file *file,
		       const struct ckpt_paged *paged)
{
	struct ckpt_writer w = {};
	struct ckpt_cursor cur;
	struct ckpt_view view;
	int ret = 0;

	ckpt_cursor_init(&cur, file->bytes, file->size);
	for (;;) {
		const u8 *record = cur.pos;

		if (ret || ckpt_next(&cur, &view) <= 0)
			break;
		if (view.type == paged->runs)
			ret = add_runs(file, &view, &w);
		else if (view.type != CKPT_REC_PARENT)
			ret = ckpt_add_bytes(&w, record, cur.pos - record);
	}
	if (!ret)
		ret = write_records(m, file, w.buf, w.len);
	ckpt_writer_free(&w);
	return ret;
}

/* ---- contents ------------------------------------------------------------------- */

static int copy_pages(struct merge *m, const struct file *from, u64 pos, u64 size, u32 *crc)
{
	while (size) {
		size_t n = min_t(u64, PIECE, size);
		int ret = image_read(from, m->buf, n, pos);

		if (ret) {
			complain("contents: %s", strerror(-ret));
			return ret;
		}
		ret = write_bytes(m, m->buf, n);
		if (ret)
			return ret;
		*crc = ckpt_crc32c(*crc, m->buf, n);
		pos += n;
		size -= n;
	}
	return 0;
}

/* The object of @records in the parent, in its parent, and so on. */
static void find_ancestors(struct merge *m, const struct file *records,
			   const struct ckpt_paged *paged)
{
	u64 id = ckpt_parent_id(records->bytes, records->size);
	struct ckpt_view view;

	for (m->nr = 0; id && m->nr + 1 < m->c->length; m->nr++) {
		const struct image *img = m->c->order[m->nr + 1];
		struct ckpt_ancestor *a = m->ancestors + m->nr;

		records = image_find(img, paged->type, id);
		if (!records || !ckpt_find(records->bytes, records->size, paged->runs, &view))
			return;
		a->run = view.elems;
		a->end = a->run + view.count;
		a->first = 0;
		a->contents = (void *)image_find(img, paged->contents, id);
		id = ckpt_parent_id(records->bytes, records->size);
	}
}

static int copy_inherited(struct merge *m, const struct ckpt_run *run, u32 *crc)
{
	u64 start = ckpt_run_start(run), end = ckpt_run_end(run);
	int ret = 0;

	while (!ret && start < end) {
		u64 index, pages = (end - start) / CKPT_PAGE_SIZE;
		void *from;
		u32 nr;

		nr = ckpt_find_inherited(m->ancestors, m->nr, start, pages, &from, &index);
		if (!nr)
			return -EUCLEAN;
		ret = copy_pages(m, from, index * CKPT_PAGE_SIZE, (u64)nr * CKPT_PAGE_SIZE, crc);
		start += (u64)nr * CKPT_PAGE_SIZE;
	}
	return ret;
}

static int copy_runs(struct merge *m, const struct file *file, const struct ckpt_view *runs,
		     u32 *crc)
{
	const struct ckpt_run *run = runs->elems, *end = run + runs->count;
	u64 pos = 0;
	int ret = 0;

	for (; !ret && run < end; run++) {
		u64 size = (u64)le32_to_cpu(run->pages) * CKPT_PAGE_SIZE;

		switch (le32_to_cpu(run->kind)) {
		case CKPT_RUN_PAGES:
			ret = copy_pages(m, file, pos, size, crc);
			pos += size;
			break;
		case CKPT_RUN_PARENT:
			ret = copy_inherited(m, run, crc);
			break;
		}
	}
	return ret;
}

static u64 count_pages(const struct ckpt_view *runs)
{
	const struct ckpt_run *run = runs->elems;
	u64 pages = 0;
	u32 i;

	for (i = 0; i < runs->count; i++)
		if (le32_to_cpu(run[i].kind) != CKPT_RUN_SOURCE)
			pages += le32_to_cpu(run[i].pages);
	return pages;
}

static bool has_sum(const struct merge *m, const struct file *file)
{
	const struct file *tail = image_find(m->img, CKPT_TYPE_NONE, CKPT_TOP_TAIL);
	const struct ckpt_tail_file *e;
	struct ckpt_view view;
	u32 i;

	ckpt_find(tail->bytes, tail->size, CKPT_REC_TAIL, &view);
	for (e = view.elems, i = 0; i < view.count; i++, e++)
		if (le32_to_cpu(e->type) == file->type && le64_to_cpu(e->id) == file->id)
			return le32_to_cpu(e->flags) & CKPT_TAIL_CRC;
	return false;
}

static int write_contents(struct merge *m, const struct file *file)
{
	const struct ckpt_paged *paged = find_paged(file, true);
	const struct file *records;
	u64 size = file->size;
	struct ckpt_view runs;
	u32 crc = 0;
	int ret;

	records = paged ? image_find(m->img, paged->type, file->id) : NULL;
	/* Contents of a file that is no shared memory are nobody's. */
	if (!records)
		paged = NULL;
	if (paged) {
		ckpt_find(records->bytes, records->size, paged->runs, &runs);
		size = count_pages(&runs) * CKPT_PAGE_SIZE;
		find_ancestors(m, records, paged);
	}
	ret = begin_member(m, file, size);
	if (!ret)
		ret = paged ? copy_runs(m, file, &runs, &crc) :
			      copy_pages(m, file, 0, size, &crc);
	if (!ret)
		list(m, file, size, has_sum(m, file), crc);
	return ret;
}

/* ---- the whole ------------------------------------------------------------------ */

static int write_file(struct merge *m, const struct file *file)
{
	const struct ckpt_paged *paged = find_paged(file, false);

	if (file->ops && file->ops->flags & CKPT_ROW_RAW)
		return write_contents(m, file);
	if (!file->ops && file->id == CKPT_TOP_HEADER)
		return write_header(m, file);
	if (paged)
		return write_paged(m, file, paged);
	return write_records(m, file, file->bytes, file->size);
}

/* All files of records or of contents, in the order in which they were. */
static int write_files(struct merge *m, bool contents)
{
	int ret = 0;
	size_t i;

	for (i = 0; !ret && i < m->img->nr; i++) {
		const struct file *file = m->img->files + i;
		bool raw = file->ops && file->ops->flags & CKPT_ROW_RAW;

		if (raw == contents && (file->ops || file->id != CKPT_TOP_TAIL))
			ret = write_file(m, file);
	}
	return ret;
}

static int write_tail(struct merge *m)
{
	const struct file *file = image_find(m->img, CKPT_TYPE_NONE, CKPT_TOP_TAIL);
	int ret = begin_member(m, file, m->tail.len);

	return ret ?: write_bytes(m, m->tail.buf, m->tail.len);
}

static int begin(struct merge *m, int out)
{
	struct ckpt_tail *tail = ckpt_add(&m->tail, CKPT_REC_TAIL, m->img->nr - 1);

	m->buf = malloc(PIECE);
	m->ancestors = calloc(m->c->length, sizeof(*m->ancestors));
	m->out = archive_write_new();
	if (!tail || !m->buf || !m->ancestors || !m->out)
		return -ENOMEM;
	tail->magic = cpu_to_le64(CKPT_TAIL_MAGIC);
	memcpy(tail->id, image_header(m->img)->id, sizeof(tail->id));
	m->entry = ckpt_elems(tail);
	/*
	 * Ustar as libarchive writes it knows no file of 8 GiB. Its size is
	 * a multiple of 10240 wherever it goes.
	 */
	if (archive_write_set_format_gnutar(m->out) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(m->out, TAR_RECORD) != ARCHIVE_OK ||
	    archive_write_open_fd(m->out, out) != ARCHIVE_OK)
		return failed(m);
	return 0;
}

int merge_chain(const struct chain *c, int out)
{
	struct merge m = { .c = c, .img = c->order[0] };
	int ret = begin(&m, out);

	if (!ret)
		ret = write_files(&m, false);
	if (!ret)
		ret = write_files(&m, true);
	if (!ret)
		ret = write_tail(&m);
	if (!ret && archive_write_close(m.out) != ARCHIVE_OK)
		ret = failed(&m);
	if (ret == -ENOMEM)
		complain("%s", strerror(ENOMEM));
	/* Without an end, if it has failed. */
	if (m.out) {
		archive_write_fail(m.out);
		archive_write_free(m.out);
	}
	ckpt_writer_free(&m.tail);
	free(m.ancestors);
	free(m.buf);
	return ret;
}

static int write_output(const struct chain *c, const char *path)
{
	struct output out;
	int ret = output_open(&out, path), merged = 0;

	if (!ret)
		merged = merge_chain(c, out.fd);
	if (!ret && !merged)
		ret = output_finish(&out);
	if (ret)
		complain("%s: %s", path ?: "standard output", strerror(-ret));
	output_close(&out);
	return merged ?: ret;
}

int merge_files(char *const *paths, size_t nr, const char *path)
{
	struct chain c;
	int ret = chain_load(&c, paths, nr);

	if (ret)
		return ret;
	ret = write_output(&c, path);
	chain_free(&c);
	return ret;
}
