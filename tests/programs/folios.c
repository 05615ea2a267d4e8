// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of which parts fill whole blocks of 64 KiB, or of 2 MiB where huge pages
 * are allowed, and parts do not. Afterwards everything that can happen to memory
 * happens to it: fork, writes, mprotect, mremap, munmap, madvise, munlock.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/wait.h>

#include "program.h"

#define PAGE	4096UL
#define HUGE	(512 * PAGE)

enum state { ZERO, FILLED, CHANGED, UNMAPPED };

/* Pages, and what each of them is expected to have. */
struct region {
	unsigned long *at;
	size_t pages;
	enum state state[2048];
};

static struct region small, huge, locked;

static unsigned long word(size_t page, size_t i, enum state state)
{
	return state == ZERO ? 0 : (page * 512 + i) * 0x9E3779B97F4A7C15UL + state;
}

static void set(struct region *r, size_t page, enum state state)
{
	size_t i;

	if (r->state[page] == UNMAPPED)
		return;
	r->state[page] = state;
	for (i = 0; i < 512; i++)
		r->at[page * 512 + i] = word(page, i, state);
}

static void set_some(struct region *r, size_t from, size_t to, size_t step, enum state state)
{
	for (; from < to; from += step)
		set(r, from, state);
}

static void expect(struct region *r, size_t from, size_t to, enum state state)
{
	for (; from < to; from++)
		r->state[from] = state;
}

static int intact(const struct region *r)
{
	size_t page, i;

	for (page = 0; page < r->pages; page++)
		for (i = 0; i < 512 && r->state[page] != UNMAPPED; i++)
			if (r->at[page * 512 + i] != word(page, i, r->state[page])) {
				printf("page %zu at %zu: %lx\n", page, i,
				       r->at[page * 512 + i]);
				return 0;
			}
	return 1;
}

static void make(struct region *r, size_t pages, int advice)
{
	char *map = mmap(NULL, (pages + 1024) * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *start = (char *)(((unsigned long)map + HUGE - 1) & -HUGE);

	check(map != MAP_FAILED);
	/* Nothing may merge with it. */
	check(start == map || !munmap(map, start - map));
	check(!munmap(start + pages * PAGE, map + (pages + 1024) * PAGE - start - pages * PAGE));
	r->at = (unsigned long *)start;
	r->pages = pages;
	check(!madvise(start, pages * PAGE, advice));
}

static void *address(const struct region *r, size_t page)
{
	return r->at + page * 512;
}

/* What one writes the other does not see. */
static void fork_and_write(struct region *r)
{
	pid_t child = fork();
	int status;

	check(child >= 0);
	if (!child) {
		check(intact(r));
		set_some(r, 1, r->pages, 3, CHANGED);
		_exit(!intact(r));
	}
	set_some(r, 0, r->pages, 5, CHANGED);
	check(waitpid(child, &status, 0) == child && !status);
	check(intact(r));
}

/* The pages from @page on become others; those around them stay. */
static void use(struct region *r, size_t page)
{
	void *slice = address(r, page), *other;

	check(!mprotect(slice, 7 * PAGE, PROT_READ));
	check(!mprotect(slice, 7 * PAGE, PROT_READ | PROT_WRITE));
	set_some(r, page, page + 7, 2, FILLED);
	other = mmap(NULL, 20 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(other != MAP_FAILED);
	check(mremap(slice, 20 * PAGE, 20 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, other) == other);
	check(mremap(other, 20 * PAGE, 20 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, slice) == slice);
	check(intact(r));
	check(!madvise(address(r, page + 21), 9 * PAGE, MADV_DONTNEED));
	expect(r, page + 21, page + 30, ZERO);
	/* What is locked, or a hole, is no matter. */
	madvise(address(r, page), 20 * PAGE, MADV_PAGEOUT);
	check(intact(r));
	check(!munmap(address(r, page + 31), 3 * PAGE));
	expect(r, page + 31, page + 34, UNMAPPED);
	check(intact(r));
}

int main(void)
{
	make(&small, 512, MADV_NOHUGEPAGE);
	set_some(&small, 3, 37, 1, FILLED);
	set_some(&small, 38, 16 * 6 + 7, 1, FILLED);
	set_some(&small, 200, 512, 1, FILLED);
	make(&huge, 2048, MADV_HUGEPAGE);
	set_some(&huge, 0, 2048, 1, FILLED);
	/* Two whole ones remain. */
	check(!madvise(huge.at, 100 * PAGE, MADV_DONTNEED));
	expect(&huge, 0, 100, ZERO);
	check(!munmap(address(&huge, 1950), 98 * PAGE));
	expect(&huge, 1950, 2048, UNMAPPED);
	make(&locked, 512 + 20, MADV_HUGEPAGE);
	check(!mlock(locked.at, locked.pages * PAGE));
	set_some(&locked, 0, locked.pages, 1, FILLED);
	ready();
	check(intact(&small) && intact(&huge) && intact(&locked));
	fork_and_write(&small);
	fork_and_write(&huge);
	fork_and_write(&locked);
	use(&small, 50);
	use(&huge, 700);
	use(&huge, 120);
	check(!munlock(locked.at, locked.pages * PAGE / 2));
	use(&locked, 100);
	return passed();
}
