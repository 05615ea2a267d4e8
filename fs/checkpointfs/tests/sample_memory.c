// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address spaces, and what several of them map.
 */
#include "sample_add.h"

/* Two huge pages, as small as can be: of each a half has been written to. */
static void add_shmem(struct sample *s, u64 id)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_SHMEM, id);
	struct ckpt_hugetlb *huge;
	struct ckpt_shmem *shmem;
	struct ckpt_run *run;

	sample_open_file(w, CKPT_TYPE_SHMEM, CKPT_O_RDWR);
	shmem = ADD(w, CKPT_REC_SHMEM, 1);
	shmem->size = cpu_to_le64(4 * CKPT_PAGE_SIZE);
	shmem->pages = cpu_to_le64(2);
	run = sample_elems(s, CKPT_TYPE_SHMEM, id, CKPT_REC_SHMEM) ?: (void *)sample_nowhere;
	sample_set_run(run, CKPT_PAGE_SIZE, 2, CKPT_RUN_PAGES);
	huge = ADD(w, CKPT_REC_HUGETLB, 0);
	huge->shift = cpu_to_le32(13);
	sample_add(s, CKPT_TYPE_SHMEMDATA, id);
	sample_file(s, CKPT_TYPE_SHMEMDATA, id)->size = 2 * CKPT_PAGE_SIZE;
}

/* Twice open, with two pages that have been written to. */
static void add_memfd(struct sample *s)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_MEMFD, 30);
	struct ckpt_memfd *memfd;
	struct ckpt_run *run;

	sample_open_file(w, CKPT_TYPE_MEMFD, CKPT_O_RDWR);
	memfd = ADD(w, CKPT_REC_MEMFD, 1);
	memfd->size = cpu_to_le64(4 * CKPT_PAGE_SIZE);
	memfd->pages = cpu_to_le64(2);
	memfd->mode = cpu_to_le32(0100777);
	run = sample_elems(s, CKPT_TYPE_MEMFD, 30, CKPT_REC_MEMFD) ?: (void *)sample_nowhere;
	sample_set_run(run, CKPT_PAGE_SIZE, 2, CKPT_RUN_PAGES);
	memcpy(ADD(w, CKPT_REC_NAME, 5), "name", 5);
	sample_add_policy(w, 0, CKPT_PAGE_SIZE);
	sample_add_policy(w, CKPT_PAGE_SIZE, 8 * CKPT_PAGE_SIZE);
	sample_add(s, CKPT_TYPE_SHMEMDATA, 30);
	sample_file(s, CKPT_TYPE_SHMEMDATA, 30)->size = 2 * CKPT_PAGE_SIZE;
	memfd = sample_unnamed(s, 31, CKPT_TYPE_MEMFD, CKPT_REC_MEMFD);
	memfd->holder = cpu_to_le64(30);
}

static void set_vma(struct ckpt_vma *vma, u64 start, u64 file, u32 kind)
{
	vma->start = cpu_to_le64(start);
	vma->end = cpu_to_le64(start + FRAME);
	vma->file = cpu_to_le64(file);
	vma->kind = cpu_to_le32(kind);
	vma->prot = cpu_to_le32(CKPT_PROT_READ | CKPT_PROT_WRITE);
}

/* Room for 2047 events, of which three have been made and one is read. */
static void add_ring(struct ckpt_writer *w, u64 start)
{
	struct ckpt_aio *rec = ADD(w, CKPT_REC_AIO, 3);

	rec->start = cpu_to_le64(start);
	rec->asked = cpu_to_le32(1000);
	rec->head = cpu_to_le32(1);
	rec->tail = cpu_to_le32(3);
}

/* The userfaultfd of an address space. */
static void add_userfaultfd(struct sample *s, u64 id, u64 mm)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_USERFAULTFD, id);
	struct ckpt_userfaultfd *rec;

	sample_open_file(w, CKPT_TYPE_USERFAULTFD, CKPT_O_NONBLOCK);
	rec = ADD(w, CKPT_REC_USERFAULTFD, 0);
	rec->mm = cpu_to_le64(mm);
	rec->features = cpu_to_le32(0x8001);
	rec->flags = cpu_to_le32(CKPT_USERFAULTFD_API | CKPT_USERFAULTFD_USER);
}

static void set_state(struct ckpt_uffd_run *run, u64 start, u32 pages, u32 flags)
{
	run->start = cpu_to_le64(start);
	run->pages = cpu_to_le32(pages);
	run->flags = cpu_to_le32(flags);
}

/* Registered: zeroes, of which nobody may write to the first, and a page that is poisoned. */
static void add_registration(struct sample *s, u64 id, u64 start, u64 file)
{
	struct ckpt_uffd *rec = ADD(&sample_file(s, CKPT_TYPE_VMAS, id)->w, CKPT_REC_UFFD, 3);
	struct ckpt_uffd_run *run;

	rec->start = cpu_to_le64(start);
	rec->file = cpu_to_le64(file);
	run = sample_elems(s, CKPT_TYPE_VMAS, id, CKPT_REC_UFFD) ?: (void *)sample_nowhere;
	set_state(run, start, 1, CKPT_UFFD_RUN_ZERO | CKPT_UFFD_RUN_PROTECTED);
	set_state(run + 1, start + CKPT_PAGE_SIZE, 2, CKPT_UFFD_RUN_ZERO);
	set_state(run + 2, start + 5 * CKPT_PAGE_SIZE, 1, CKPT_UFFD_RUN_POISON);
}

/*
 * Five mappings, and a run in two: the second one's pages may be the parent's.
 */
static void add_mm(struct sample *s, u64 id, u64 source)
{
	struct ckpt_writer *w;
	struct ckpt_vma_name *name;
	struct ckpt_vmas *vmas;
	struct ckpt_runs *runs;
	struct ckpt_vma *vma;
	struct ckpt_run *run;
	struct ckpt_mm *mm;

	mm = ADD(sample_add(s, CKPT_TYPE_MM, id), CKPT_REC_MM, 0);
	mm->exe = cpu_to_le64(1);
	mm->dumpable = cpu_to_le32(CKPT_DUMPABLE_USER);
	mm->start_stack = cpu_to_le64(STACK);
	mm->keys = cpu_to_le16(0x6);
	mm->exec_key = cpu_to_le16(0x4);

	w = sample_add(s, CKPT_TYPE_VMAS, id);
	vmas = ADD(w, CKPT_REC_VMAS, 5);
	vmas->source = cpu_to_le64(source);
	vma = sample_elems(s, CKPT_TYPE_VMAS, id, CKPT_REC_VMAS) ?: (void *)sample_nowhere;
	set_vma(vma, CODE, 1, CKPT_VMA_FILE);
	set_vma(vma + 1, STACK, 0, CKPT_VMA_ANON);
	set_vma(vma + 2, STACK + 2 * FRAME, 6, CKPT_VMA_SHARED);
	set_vma(vma + 3, STACK + 4 * FRAME, 0, CKPT_VMA_AIO);
	set_vma(vma + 4, STACK + 6 * FRAME, 0, CKPT_VMA_ANON);
	vma[1].key = cpu_to_le32(1);
	vma[2].flags = cpu_to_le32(CKPT_VMA_NAMED);
	vma[4].flags = cpu_to_le32(CKPT_VMA_UFFD_MISSING | CKPT_VMA_UFFD_WP);
	runs = ADD(w, CKPT_REC_RUNS, 2);
	runs->pages = cpu_to_le64(source ? 2 : 6);
	run = sample_elems(s, CKPT_TYPE_VMAS, id, CKPT_REC_RUNS) ?: (void *)sample_nowhere;
	sample_set_run(run, CODE + CKPT_PAGE_SIZE, 2, CKPT_RUN_PAGES);
	sample_set_run(run + 1, STACK, 4, source ? CKPT_RUN_SOURCE : CKPT_RUN_PAGES);
	name = ADD(w, CKPT_REC_VMA_NAME, 5);
	name->start = cpu_to_le64(STACK + 2 * FRAME);
	memcpy(name + 1, "name", 5);
	sample_add_policy(w, STACK, STACK + FRAME);
	sample_add_policy(w, STACK + 2 * FRAME, STACK + 3 * FRAME);
	add_ring(w, STACK + 4 * FRAME);
	add_registration(s, id, STACK + 6 * FRAME, 109 + id);
	add_userfaultfd(s, 109 + id, id);
	sample_add(s, CKPT_TYPE_PAGES, id);
	sample_file(s, CKPT_TYPE_PAGES, id)->size =
		(source ? 2 : 6) * CKPT_PAGE_SIZE;
}

void sample_add_memory(struct sample *s)
{
	add_memfd(s);
	add_shmem(s, 6);
	add_mm(s, 1, 0);
	add_mm(s, 2, 1);
}
