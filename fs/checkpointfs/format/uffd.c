// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of memory whose faults a userfaultfd tells of.
 *
 * That it can be registered so is for the kernel to say when it is. Here is which state of
 * pages goes with which faults, and that the userfaultfd is one of that address space.
 */
#include "../object.h"

static const struct ckpt_vma *next_registered(const struct ckpt_vma *vma,
					      const struct ckpt_vma *end)
{
	while (vma < end && !(le32_to_cpu(vma->flags) & CKPT_VMA_UFFD))
		vma++;
	return vma;
}

/* May a page of @vma have that? */
static bool may_have(const struct ckpt_vma *vma, u32 state)
{
	u32 flags = le32_to_cpu(vma->flags), other = state & ~CKPT_UFFD_RUN_PROTECTED;
	const u32 locked = CKPT_VMA_UFFD_MISSING | CKPT_VMA_LOCKED;

	if (!state || other & (other - 1))
		return false;
	if (state & CKPT_UFFD_RUN_PROTECTED &&
	    (!(flags & CKPT_VMA_UFFD_WP) || other == CKPT_UFFD_RUN_POISON))
		return false;
	if (other == CKPT_UFFD_RUN_ZERO)
		return le32_to_cpu(vma->kind) != CKPT_VMA_SHARED;
	if (other == CKPT_UFFD_RUN_MAPPED)
		return flags & CKPT_VMA_UFFD_MINOR || (flags & locked) == locked;
	return true;
}

static int check_states(const struct ckpt_check *chk, const struct ckpt_vma *vma,
			const struct ckpt_view *view)
{
	u64 last = le64_to_cpu(vma->start), end = le64_to_cpu(vma->end);
	const struct ckpt_uffd_run *run = view->elems;
	u32 i;

	for (i = 0; i < view->count; i++, run++) {
		u64 start = le64_to_cpu(run->start), pages = le32_to_cpu(run->pages);

		if (!pages || !IS_ALIGNED(start, CKPT_PAGE_SIZE) || start < last ||
		    start >= end || (end - start) / CKPT_PAGE_SIZE < pages)
			return ckpt_bad(chk, "states of pages outside of their mapping");
		if (!may_have(vma, le32_to_cpu(run->flags)))
			return ckpt_bad(chk, "a state that pages of such a mapping cannot have");
		last = start + pages * CKPT_PAGE_SIZE;
		ckpt_relax();
	}
	return 0;
}

/* Is there a userfaultfd that can be asked to tell of an address space? */
static bool is_ready(const struct ckpt_check *chk, u64 file, u64 mm)
{
	struct ckpt_view view;
	const struct ckpt_userfaultfd *rec = file ?
		ckpt_check_record(chk, CKPT_TYPE_USERFAULTFD, file, CKPT_REC_USERFAULTFD, &view) :
		NULL;

	return rec && le64_to_cpu(rec->mm) == mm &&
	       le32_to_cpu(rec->flags) & CKPT_USERFAULTFD_API;
}

int ckpt_check_uffds(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size,
		     const struct ckpt_view *vmas)
{
	const struct ckpt_vma *vma = vmas->elems, *end = vma + vmas->count;
	const struct ckpt_uffd *rec;
	struct ckpt_cursor cur;
	struct ckpt_view view;
	int err;

	ckpt_cursor_init(&cur, bytes, size);
	while (ckpt_next(&cur, &view) > 0) {
		if (view.type != CKPT_REC_UFFD)
			continue;
		rec = view.body;
		vma = next_registered(vma, end);
		if (vma == end || vma->start != rec->start)
			return ckpt_bad(chk, "a registration of no mapping");
		if (!is_ready(chk, le64_to_cpu(rec->file), id))
			return ckpt_bad(chk, "registered with no userfaultfd of this address space");
		err = check_states(chk, vma, &view);
		if (err)
			return err;
		vma++;
	}
	if (next_registered(vma, end) != end)
		return ckpt_bad(chk, "a mapping without its registration");
	return 0;
}
