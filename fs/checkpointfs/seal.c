// SPDX-License-Identifier: GPL-2.0-only
/*
 * What completes an image: sizes, checksums, and the files of the whole.
 *
 * It needs the contents, from the frozen program or as they are kept, and the
 * program no longer: a snapshot is sealed while the program runs again. Then
 * nothing of the image changes any more.
 */
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <linux/utsname.h>

#include "checkpointfs.h"

int ckpt_keep_bytes(struct ckpt_writer *w, u8 **bytes, u64 *size)
{
	u64 had = *bytes ? *size : 0;
	u8 *all;

	if (w->error)
		return w->error;
	all = kvmalloc(had + w->len, GFP_KERNEL_ACCOUNT);
	if (!all)
		return -ENOMEM;
	if (had)
		memcpy(all, *bytes, had);
	memcpy(all + had, w->buf, w->len);
	kvfree(*bytes);
	*bytes = all;
	*size = had + w->len;
	w->len = 0;
	return 0;
}

void ckpt_say_why(const struct ckpt_object *obj, int error)
{
	const char *what = error == -E2BIG || error == -EFBIG ?
		"is larger than an image can tell" :
		error == -EOVERFLOW ? "belongs to a user or group that you have no id for" :
		error == -EAGAIN ? "has been changed from outside of the container" : NULL;

	if (what)
		ckpt_err(obj->con->mount, "%s: %s %llu %s", obj->con->name, obj->ops->name,
			 obj->id, what);
}

int ckpt_keep_object(struct ckpt_writer *w, struct ckpt_object *obj)
{
	int err = ckpt_keep_bytes(w, &obj->bytes, &obj->size);

	return !err && obj->size > obj->ops->max_size ? -EFBIG : err;
}

static int seal_object(struct ckpt_object *obj, struct ckpt_writer *w)
{
	int err;

	if (obj->ops->flags & CKPT_ROW_RAW) {
		obj->size = obj->ops->size(obj);
		obj->con->nr_content += obj->size;
		return 0;
	}
	if (obj->ops->seal) {
		err = obj->ops->seal(obj, w);
		if (!err)
			err = ckpt_keep_object(w, obj);
		if (err) {
			ckpt_say_why(obj, err);
			return err;
		}
	}
	obj->crc = ckpt_crc32c(0, obj->bytes, obj->size);
	return 0;
}

static int seal_objects(struct ckpt_container *con, struct ckpt_writer *w)
{
	struct ckpt_object *obj;

	list_for_each_entry(obj, &con->objects, node) {
		int err = seal_object(obj, w);

		if (err)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static void fill_uname(struct ckpt_header *h)
{
	struct new_utsname *u = init_utsname();

	strscpy_pad(h->release, u->release);
	strscpy_pad(h->version, u->version);
	strscpy_pad(h->machine, u->machine);
}

static int save_header(struct ckpt_container *con, struct ckpt_writer *w, const u8 id[16])
{
	struct ckpt_header *h = ckpt_add(w, CKPT_REC_HEADER, 0);

	if (!h)
		return w->error;
	h->magic = cpu_to_le64(CKPT_HEADER_MAGIC);
	h->format = cpu_to_le32(CKPT_FORMAT_VERSION);
	h->arch = cpu_to_le32(CKPT_ARCH_X86_64);
	h->page_size = cpu_to_le32(PAGE_SIZE);
	h->nr_tasks = cpu_to_le32(con->nr_tasks);
	h->time = cpu_to_le64(timespec64_to_ns(&con->time));
	memcpy(h->id, id, 16);
	strscpy_pad(h->name, con->name);
	fill_uname(h);
	ckpt_since_header(con, h);
	return ckpt_keep_bytes(w, &con->header.bytes, &con->header.size);
}

static int save_cpu(struct ckpt_container *con, struct ckpt_writer *w)
{
	int err = ckpt_cpu_save(w);

	return err ?: ckpt_keep_bytes(w, &con->cpu.bytes, &con->cpu.size);
}

static void tail_entry(struct ckpt_tail_file *e, u32 type, u64 id, u64 size)
{
	e->type = cpu_to_le32(type);
	e->id = cpu_to_le64(id);
	e->size = cpu_to_le64(size);
}

static void tail_crc(struct ckpt_tail_file *e, u32 crc)
{
	e->crc = cpu_to_le32(crc);
	e->flags = cpu_to_le32(CKPT_TAIL_CRC);
}

static void tail_top(struct ckpt_tail_file *e, u64 id, const struct ckpt_bytes *top)
{
	tail_entry(e, 0, id, top->size);
	tail_crc(e, ckpt_crc32c(0, top->bytes, top->size));
}

/* @page is scratch. */
static int checksum_content(struct ckpt_object *obj, void *page)
{
	u64 pos = 0;

	while (pos < obj->size) {
		struct kvec vec = { .iov_base = page, .iov_len = PAGE_SIZE };
		struct iov_iter iter;
		ssize_t n;

		iov_iter_kvec(&iter, ITER_DEST, &vec, 1, PAGE_SIZE);
		n = obj->ops->read(obj, pos, &iter);
		if (n <= 0)
			return n ? n : -EIO;
		obj->crc = ckpt_crc32c(obj->crc, page, n);
		pos += n;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/* Contents only with checksum=all: it takes reading them. */
static int checksum_contents(struct ckpt_container *con)
{
	void *page __free(kfree) = NULL;
	struct ckpt_object *obj;

	if (!con->mount->checksum_all)
		return 0;
	page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	list_for_each_entry(obj, &con->objects, node) {
		int err = 0;

		if (obj->ops->flags & CKPT_ROW_RAW)
			err = checksum_content(obj, page);
		if (err) {
			ckpt_err(con->mount, "%s: %s %llu cannot be read: %pe", con->name,
				 obj->ops->name, obj->id, ERR_PTR(err));
			return err;
		}
	}
	return 0;
}

static int save_tail(struct ckpt_container *con, struct ckpt_writer *w, const u8 id[16])
{
	struct ckpt_tail *tail = ckpt_add(w, CKPT_REC_TAIL, con->nr_objects + 2);
	struct ckpt_tail_file *e;
	struct ckpt_object *obj;

	if (!tail) {
		if (w->error != -ENOMEM)
			ckpt_err(con->mount, "%s: has more objects than an image can tell",
				 con->name);
		return w->error;
	}
	tail->magic = cpu_to_le64(CKPT_TAIL_MAGIC);
	memcpy(tail->id, id, 16);
	e = ckpt_elems(tail);
	tail_top(e++, CKPT_TOP_HEADER, &con->header);
	tail_top(e++, CKPT_TOP_CPU, &con->cpu);
	list_for_each_entry(obj, &con->objects, node) {
		tail_entry(e, obj->ops->type, obj->id, obj->size);
		if (obj->bytes || con->mount->checksum_all)
			tail_crc(e, obj->crc);
		e++;
	}
	return ckpt_keep_bytes(w, &con->tail.bytes, &con->tail.size);
}

int ckpt_seal(struct ckpt_container *con)
{
	struct ckpt_writer w = {};
	u8 id[16];
	int err;

	get_random_bytes(id, sizeof(id));
	err = ckpt_since_begin(con);
	if (!err) {
		err = seal_objects(con, &w);
		ckpt_since_end(con);
	}
	if (!err)
		err = checksum_contents(con);
	if (!err)
		err = save_header(con, &w, id);
	if (!err)
		err = save_cpu(con, &w);
	if (!err)
		err = save_tail(con, &w, id);
	ckpt_writer_free(&w);
	return err ?: ckpt_index_build(con) ?: ckpt_sound_check(con);
}
