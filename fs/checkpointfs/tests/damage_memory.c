// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wrong address spaces, and differences.
 */
#include "damage.h"

/* Returns its elements, of which there are two. */
static struct ckpt_tls *add_ldt(struct sample *s)
{
	struct ckpt_tls *entry;

	ckpt_add(&sample_file(s, CKPT_TYPE_MM, 1)->w, CKPT_REC_LDT, 2);
	entry = ELEMS(s, MM, 1, LDT, tls);
	entry[0].entry_number = cpu_to_le32(3);
	entry[1].entry_number = cpu_to_le32(CKPT_LDT_ENTRIES - 1);
	return entry;
}

DAMAGED(ldt, add_ldt(s))
DAMAGED(ldt_twice, add_ldt(s); add_ldt(s))
DAMAGED(ldt_empty, ckpt_add(&sample_file(s, CKPT_TYPE_MM, 1)->w, CKPT_REC_LDT, 0))
DAMAGED(ldt_number, add_ldt(s)[1].entry_number = cpu_to_le32(CKPT_LDT_ENTRIES))
DAMAGED(ldt_order, add_ldt(s)->entry_number = cpu_to_le32(CKPT_LDT_ENTRIES - 1))
DAMAGED(ldt_flags, add_ldt(s)->flags = cpu_to_le32(0x80))

/* Which are not as in a new program, and which of them is for code; the sample has 6, 4. */
static void set_keys(struct sample *s, u16 keys, u16 exec_key)
{
	struct ckpt_mm *mm = BODY(s, MM, 1, MM, mm);

	mm->keys = cpu_to_le16(keys);
	mm->exec_key = cpu_to_le16(exec_key);
}

DAMAGED(keys_new, set_keys(s, 0, 0))
DAMAGED(keys_all, set_keys(s, 0xfffe, 0x8000))
DAMAGED(keys_none, set_keys(s, 1, 0))
DAMAGED(keys_zero, set_keys(s, 0, 1))
DAMAGED(keys_zero_free, set_keys(s, 1, 1))
DAMAGED(keys_free, set_keys(s, 6, 8))
DAMAGED(keys_two, set_keys(s, 6, 6))
DAMAGED(vma_key, VMA(s, 1)->key = cpu_to_le32(15))
DAMAGED(vma_key_high, VMA(s, 1)->key = cpu_to_le32(16))
DAMAGED(vma_huge, VMA(s, 1)[2].flags |= cpu_to_le32(CKPT_VMA_HUGETLB))
DAMAGED(vma_huge_private,
	VMA(s, 1)->flags = cpu_to_le32(CKPT_VMA_HUGETLB | CKPT_VMA_UNRESERVED))
DAMAGED(vma_huge_anon, VMA(s, 1)[1].flags = cpu_to_le32(CKPT_VMA_HUGETLB))
DAMAGED(vma_huge_locked,
	VMA(s, 1)->flags = cpu_to_le32(CKPT_VMA_HUGETLB | CKPT_VMA_LOCKED))
DAMAGED(vma_huge_account,
	VMA(s, 1)->flags = cpu_to_le32(CKPT_VMA_HUGETLB | CKPT_VMA_ACCOUNT))
DAMAGED(vma_unreserved, VMA(s, 1)->flags = cpu_to_le32(CKPT_VMA_UNRESERVED))
DAMAGED(vma_unreserved_shared,
	VMA(s, 1)[2].flags |= cpu_to_le32(CKPT_VMA_HUGETLB | CKPT_VMA_UNRESERVED))
DAMAGED(vma_unreserved_twice,
	VMA(s, 1)->flags = cpu_to_le32(CKPT_VMA_HUGETLB | CKPT_VMA_UNRESERVED |
				       CKPT_VMA_NORESERVE))
#define HUGETLB(s)	BODY(s, SHMEM, 6, HUGETLB, hugetlb)
DAMAGED(huge_small, HUGETLB(s)->shift = cpu_to_le32(12))
DAMAGED(huge_large, HUGETLB(s)->shift = cpu_to_le32(CKPT_HUGE_SHIFT_MAX + 1))
DAMAGED(huge_part, HUGETLB(s)->shift = cpu_to_le32(15))
DAMAGED(huge_reserved, HUGETLB(s)->reserved = cpu_to_le32(1))
DAMAGED(huge_twice, ckpt_add(&sample_file(s, CKPT_TYPE_SHMEM, 6)->w, CKPT_REC_HUGETLB, 0))
DAMAGED(no_vmas, sample_remove(s, CKPT_TYPE_VMAS, 2))
DAMAGED(vma_empty, VMA(s, 1)->end = VMA(s, 1)->start)
DAMAGED(vma_unaligned, VMA(s, 1)->start ^= cpu_to_le64(8))
DAMAGED(vma_overlap, VMA(s, 1)[1] = VMA(s, 1)[0])
DAMAGED(vma_kernel, VMA(s, 1)[1].end = cpu_to_le64(0xffffffff80000000ULL))
DAMAGED(vma_no_file, VMA(s, 1)->file = cpu_to_le64(77))
DAMAGED(run_outside, RUN(s, 1)->pages = cpu_to_le32(16))
DAMAGED(run_empty, RUN(s, 1)->pages = 0)
DAMAGED(run_overlap, RUN(s, 1)[1] = RUN(s, 1)[0])
DAMAGED(run_far, RUN(s, 1)[1].start = cpu_to_le64(0xfffffffffffff000ULL))
DAMAGED(run_unaligned, RUN(s, 1)->start ^= cpu_to_le64(1))
DAMAGED(run_sum, BODY(s, VMAS, 1, RUNS, runs)->pages = cpu_to_le64(7))
DAMAGED(pages_short, sample_file(s, CKPT_TYPE_PAGES, 1)->size -= CKPT_PAGE_SIZE)
DAMAGED(source_self, BODY(s, VMAS, 2, VMAS, vmas)->source = cpu_to_le64(2))
DAMAGED(source_later, BODY(s, VMAS, 1, VMAS, vmas)->source = cpu_to_le64(2))
DAMAGED(source_none, BODY(s, VMAS, 2, VMAS, vmas)->source = 0)
DAMAGED(source_lacks, RUN(s, 2)[1].pages = cpu_to_le32(5))
DAMAGED(source_below, VMA(s, 2)[1].start = cpu_to_le64(0x7ffe00000000ULL);
	RUN(s, 2)[1].start = cpu_to_le64(0x7ffe00000000ULL))

DAMAGED(vma_unnamed, VMA(s, 1)[2].flags = 0)

#define RING(s)		BODY(s, VMAS, 1, AIO, aio)

DAMAGED(ring_no_mapping, RING(s)->start = VMA(s, 1)[2].start)
DAMAGED(ring_no_kind, VMA(s, 1)[3].kind = cpu_to_le32(CKPT_VMA_ANON))
DAMAGED(ring_twice,
	*(struct ckpt_aio *)ckpt_add(&sample_file(s, CKPT_TYPE_VMAS, 1)->w, CKPT_REC_AIO, 0) =
	*RING(s))
DAMAGED(ring_none, VMA(s, 1)[1].kind = cpu_to_le32(CKPT_VMA_AIO); VMA(s, 1)[1].key = 0)
DAMAGED(ring_file, VMA(s, 1)[3].file = cpu_to_le64(1))
DAMAGED(ring_offset, VMA(s, 1)[3].offset = cpu_to_le64(CKPT_PAGE_SIZE))
DAMAGED(ring_locked, VMA(s, 1)[3].flags = cpu_to_le32(CKPT_VMA_LOCKED))
DAMAGED(ring_dontfork, VMA(s, 1)[3].flags = cpu_to_le32(CKPT_VMA_DONTFORK))
DAMAGED(ring_head, RING(s)->head = cpu_to_le32(2047))
DAMAGED(ring_tail, RING(s)->tail = cpu_to_le32(2047))
DAMAGED(ring_last, RING(s)->head = RING(s)->tail = cpu_to_le32(2046))
DAMAGED(ring_asked_none, RING(s)->asked = 0)
DAMAGED(ring_asked_all, RING(s)->asked = cpu_to_le32(1022))
DAMAGED(ring_asked_more, RING(s)->asked = cpu_to_le32(1023))
DAMAGED(ring_asked_many, RING(s)->asked = cpu_to_le32(CKPT_AIO_MAX + 1))
DAMAGED(ring_small,
	VMA(s, 1)[3].end = cpu_to_le64(le64_to_cpu(VMA(s, 1)[3].start) + CKPT_PAGE_SIZE))
DAMAGED(ring_huge,
	VMA(s, 1)[3].end = cpu_to_le64(le64_to_cpu(VMA(s, 1)[3].start) + (257ULL << 20)))

#define UFFD(s)		BODY(s, USERFAULTFD, 110, USERFAULTFD, userfaultfd)
#define REGISTERED(s)	BODY(s, VMAS, 1, UFFD, uffd)
#define STATE(s)	ELEMS(s, VMAS, 1, UFFD, uffd_run)

/* The fifth mapping becomes one of shared memory. */
static void share(struct sample *s, u32 flags, u32 state)
{
	VMA(s, 1)[4].kind = cpu_to_le32(CKPT_VMA_SHARED);
	VMA(s, 1)[4].file = cpu_to_le64(6);
	VMA(s, 1)[4].flags = cpu_to_le32(flags);
	STATE(s)[0].flags = STATE(s)[1].flags = cpu_to_le32(state);
}

DAMAGED(uffd_feature, UFFD(s)->features |= cpu_to_le32(1 << 17))
DAMAGED(uffd_flags, UFFD(s)->flags |= cpu_to_le32(1 << 5))
DAMAGED(uffd_early, UFFD(s)->flags = 0)
DAMAGED(uffd_not_ready, UFFD(s)->flags = 0; UFFD(s)->features = 0)
DAMAGED(uffd_other, UFFD(s)->mm = cpu_to_le64(2))
DAMAGED(uffd_nobody, UFFD(s)->mm = 0)
DAMAGED(uffd_no_mm, UFFD(s)->mm = cpu_to_le64(99))
DAMAGED(uffd_mode, BODY(s, USERFAULTFD, 110, FILE, file)->flags = cpu_to_le32(CKPT_O_RDWR))
DAMAGED(uffd_gone, sample_remove(s, CKPT_TYPE_USERFAULTFD, 110))
DAMAGED(uffd_no_file, REGISTERED(s)->file = 0)
DAMAGED(uffd_no_uffd, REGISTERED(s)->file = cpu_to_le64(20))
DAMAGED(uffd_no_mapping, REGISTERED(s)->start = VMA(s, 1)[2].start)
DAMAGED(uffd_no_mode, VMA(s, 1)[4].flags = 0)
DAMAGED(uffd_none, VMA(s, 1)[1].flags = cpu_to_le32(CKPT_VMA_UFFD_WP))
DAMAGED(uffd_ring, VMA(s, 1)[3].flags = cpu_to_le32(CKPT_VMA_UFFD_WP))
DAMAGED(uffd_twice,
	*(struct ckpt_uffd *)ckpt_add(&sample_file(s, CKPT_TYPE_VMAS, 1)->w, CKPT_REC_UFFD, 0) =
	*REGISTERED(s))
DAMAGED(state_empty, STATE(s)->pages = 0)
DAMAGED(state_unaligned, STATE(s)->start ^= cpu_to_le64(8))
DAMAGED(state_order, STATE(s)[1].start = STATE(s)[0].start)
DAMAGED(state_below, STATE(s)->start = VMA(s, 1)[3].start)
DAMAGED(state_above, STATE(s)[2].start = VMA(s, 1)[4].end)
DAMAGED(state_long, STATE(s)[2].pages = cpu_to_le32(U32_MAX))
DAMAGED(state_none, STATE(s)->flags = 0)
DAMAGED(state_unknown, STATE(s)->flags = cpu_to_le32(1 << 4))
DAMAGED(state_two, STATE(s)->flags = cpu_to_le32(CKPT_UFFD_RUN_ZERO | CKPT_UFFD_RUN_MAPPED))
DAMAGED(state_poison, STATE(s)[2].flags |= cpu_to_le32(CKPT_UFFD_RUN_PROTECTED))
DAMAGED(state_unprotected, VMA(s, 1)[4].flags = cpu_to_le32(CKPT_VMA_UFFD_MISSING))
DAMAGED(state_mapped, STATE(s)->flags = cpu_to_le32(CKPT_UFFD_RUN_MAPPED))
DAMAGED(state_shared_zero, share(s, CKPT_VMA_UFFD_MINOR, CKPT_UFFD_RUN_ZERO))
DAMAGED(state_shared_mapped, share(s, CKPT_VMA_UFFD_MINOR, CKPT_UFFD_RUN_MAPPED))
DAMAGED(uffd_huge,
	share(s, CKPT_VMA_UFFD_MINOR | CKPT_VMA_HUGETLB, CKPT_UFFD_RUN_MAPPED))
DAMAGED(state_locked, share(s, CKPT_VMA_UFFD_MISSING | CKPT_VMA_LOCKED, CKPT_UFFD_RUN_MAPPED))

#define POLICY(s)	BODY(s, VMAS, 1, POLICY, policy)
#define RANGE(s)	BODY(s, MEMFD, 30, POLICY, policy)

DAMAGED(policy_nowhere, *(__le64 *)(POLICY(s) + 1) = 0)
DAMAGED(policy_local, POLICY(s)->mode = cpu_to_le32(CKPT_POLICY_LOCAL))
DAMAGED(policy_default, POLICY(s)->mode = 0)
DAMAGED(policy_mode, POLICY(s)->mode = cpu_to_le32(CKPT_POLICY_WEIGHTED + 1))
DAMAGED(policy_flags, POLICY(s)->flags |= cpu_to_le32(CKPT_POLICY_RELATIVE))
DAMAGED(policy_home, POLICY(s)->mode = cpu_to_le32(CKPT_POLICY_INTERLEAVE))
DAMAGED(policy_far, POLICY(s)->home = cpu_to_le32(CKPT_NODE_WORDS * 64 + 1))
DAMAGED(policy_no_mapping, POLICY(s)->start = VMA(s, 1)->end)
DAMAGED(policy_part,
	POLICY(s)->end = cpu_to_le64(le64_to_cpu(POLICY(s)->start) + CKPT_PAGE_SIZE))
DAMAGED(policy_unaligned, RANGE(s)->start = cpu_to_le64(1))
DAMAGED(policy_no_page, RANGE(s)->end = 0)
DAMAGED(policy_beyond, RANGE(s)->end = cpu_to_le64(1ULL << 63))
DAMAGED(policy_overlap, RANGE(s)->end = cpu_to_le64(2 * CKPT_PAGE_SIZE))
DAMAGED(policy_other,
	*(struct ckpt_policy *)ckpt_add(&sample_file(s, CKPT_TYPE_MEMFD, 31)->w,
					CKPT_REC_POLICY, 2) = *RANGE(s))
DAMAGED(policy_half,
	*(struct ckpt_policy *)ckpt_add(&sample_file(s, CKPT_TYPE_VMAS, 1)->w,
					CKPT_REC_POLICY, 1) = *POLICY(s))
DAMAGED(mempolicy_twice,
	ckpt_add(&sample_file(s, CKPT_TYPE_TASK, 10)->w, CKPT_REC_MEMPOLICY, 2))
DAMAGED(mempolicy_half,
	ckpt_add(&sample_file(s, CKPT_TYPE_TASK, 11)->w, CKPT_REC_MEMPOLICY, 1))

/* Of the first version, with more than that could have. */
static void mempolicy_old(struct sample *s)
{
	struct ckpt_record *rec = ckpt_add(&sample_file(s, CKPT_TYPE_TASK, 11)->w,
					   CKPT_REC_MEMPOLICY, CKPT_NODE_WORDS + 2);

	rec[-1].version = cpu_to_le16(1);
}

#define PARENT 0xa5
#define VMAS(s, id) (&sample_file(s, CKPT_TYPE_VMAS, id)->w)

DAMAGED(difference, sample_differ(s, PARENT))
DAMAGED(parent_bit, HEADER(s)->incompat = cpu_to_le64(CKPT_INCOMPAT_PARENT))
DAMAGED(parent_no_bit, sample_differ(s, PARENT); HEADER(s)->incompat = 0)
DAMAGED(parent_self, sample_differ(s, HEADER(s)->id[0]))
DAMAGED(parent_full, sample_differ(s, 0); HEADER(s)->incompat = 0)
DAMAGED(parent_unnamed, sample_differ(s, PARENT); RUN(s, 2)->kind = cpu_to_le32(CKPT_RUN_PARENT);
	BODY(s, VMAS, 2, RUNS, runs)->pages = 0;
	sample_file(s, CKPT_TYPE_PAGES, 2)->size = 0)
DAMAGED(parent_zero, sample_differ(s, PARENT); BODY(s, VMAS, 1, PARENT, parent)->id = 0)
DAMAGED(parent_unused, sample_differ(s, PARENT); ckpt_add(VMAS(s, 2), CKPT_REC_PARENT, 0);
	BODY(s, VMAS, 2, PARENT, parent)->id = cpu_to_le64(2))
DAMAGED(parent_twice, sample_differ(s, PARENT); ckpt_add(VMAS(s, 1), CKPT_REC_PARENT, 0))
/* The same of the parent's spaces, in two. */
DAMAGED(parent_shared, sample_differ(s, PARENT); RUN(s, 2)->kind = cpu_to_le32(CKPT_RUN_PARENT);
	BODY(s, VMAS, 2, RUNS, runs)->pages = 0;
	sample_file(s, CKPT_TYPE_PAGES, 2)->size = 0;
	ckpt_add(VMAS(s, 2), CKPT_REC_PARENT, 0);
	BODY(s, VMAS, 2, PARENT, parent)->id = cpu_to_le64(1))
DAMAGED(parent_empty, sample_differ(s, PARENT); RUN(s, 1)[1].kind = cpu_to_le32(CKPT_RUN_PARENT);
	BODY(s, VMAS, 1, RUNS, runs)->pages = 0; sample_remove(s, CKPT_TYPE_PAGES, 1))
DAMAGED(parent_outside, sample_differ(s, PARENT); RUN(s, 1)->pages = cpu_to_le32(16))
DAMAGED(parent_overlap, sample_differ(s, PARENT); RUN(s, 1)[1].start = RUN(s, 1)->start)

static const struct damage_case cases[] = {
#define ROW(damage, result) { #damage, damage, result }
	ROW(ldt, 0),			ROW(ldt_twice, -EUCLEAN),
	ROW(ldt_empty, -EUCLEAN),	ROW(ldt_number, -EUCLEAN),
	ROW(ldt_order, -EUCLEAN),	ROW(ldt_flags, -EUCLEAN),
	ROW(keys_new, 0),		ROW(keys_all, 0),
	ROW(keys_none, 0),		ROW(keys_zero, 0),
	ROW(keys_zero_free, -EUCLEAN),	ROW(keys_free, -EUCLEAN),
	ROW(keys_two, -EUCLEAN),	ROW(vma_key, 0),
	ROW(vma_key_high, -EUCLEAN),	ROW(vma_huge, 0),
	ROW(vma_huge_private, 0),	ROW(vma_huge_anon, -EUCLEAN),
	ROW(vma_huge_locked, -EUCLEAN),	ROW(vma_huge_account, -EUCLEAN),
	ROW(vma_unreserved, -EUCLEAN),	ROW(vma_unreserved_shared, -EUCLEAN),
	ROW(vma_unreserved_twice, -EUCLEAN), ROW(huge_small, -EUCLEAN),
	ROW(huge_large, -EUCLEAN),	ROW(huge_part, -EUCLEAN),
	ROW(huge_reserved, -EUCLEAN),	ROW(huge_twice, -EUCLEAN),
	ROW(no_vmas, -EUCLEAN),		ROW(vma_empty, -EUCLEAN),
	ROW(vma_unaligned, -EUCLEAN),	ROW(vma_overlap, -EUCLEAN),
	ROW(vma_kernel, -EUCLEAN),	ROW(vma_no_file, -EUCLEAN),
	ROW(run_outside, -EUCLEAN),	ROW(run_empty, -EUCLEAN),
	ROW(run_overlap, -EUCLEAN),	ROW(run_far, -EUCLEAN),
	ROW(run_unaligned, -EUCLEAN),	ROW(run_sum, -EUCLEAN),
	ROW(pages_short, -EUCLEAN),	ROW(source_self, -EUCLEAN),
	ROW(source_later, -EUCLEAN),	ROW(source_none, -EUCLEAN),
	ROW(source_lacks, -EUCLEAN),	ROW(source_below, -EUCLEAN),
	ROW(policy_nowhere, -EUCLEAN),	ROW(policy_local, -EUCLEAN),
	ROW(policy_default, -EUCLEAN),	ROW(policy_mode, -EUCLEAN),
	ROW(policy_flags, -EUCLEAN),	ROW(policy_home, -EUCLEAN),
	ROW(policy_far, -EUCLEAN),	ROW(policy_no_mapping, -EUCLEAN),
	ROW(policy_part, -EUCLEAN),	ROW(policy_unaligned, -EUCLEAN),
	ROW(policy_no_page, -EUCLEAN),	ROW(policy_beyond, -EUCLEAN),
	ROW(policy_overlap, -EUCLEAN),	ROW(policy_other, -EUCLEAN),
	ROW(policy_half, -EUCLEAN),	ROW(mempolicy_twice, -EUCLEAN),
	ROW(mempolicy_half, -EUCLEAN),	ROW(mempolicy_old, -EUCLEAN),
	ROW(ring_no_mapping, -EUCLEAN),	ROW(ring_no_kind, -EUCLEAN),
	ROW(ring_twice, -EUCLEAN),	ROW(ring_none, -EUCLEAN),
	ROW(ring_file, -EUCLEAN),	ROW(ring_offset, -EUCLEAN),
	ROW(ring_locked, -EUCLEAN),	ROW(ring_dontfork, 0),
	ROW(ring_head, -EUCLEAN),	ROW(ring_tail, -EUCLEAN),
	ROW(ring_last, 0),		ROW(ring_asked_none, -EUCLEAN),
	ROW(ring_asked_all, 0),		ROW(ring_asked_more, -EUCLEAN),
	ROW(ring_asked_many, -EUCLEAN),	ROW(ring_small, -EUCLEAN),
	ROW(ring_huge, -EUCLEAN),	ROW(uffd_feature, -EUCLEAN),
	ROW(uffd_flags, -EUCLEAN),	ROW(uffd_early, -EUCLEAN),
	ROW(uffd_not_ready, -EUCLEAN),	ROW(uffd_other, -EUCLEAN),
	ROW(uffd_nobody, -EUCLEAN),	ROW(uffd_no_mm, -EUCLEAN),
	ROW(uffd_mode, -EUCLEAN),	ROW(uffd_gone, -EUCLEAN),
	ROW(uffd_no_file, -EUCLEAN),	ROW(uffd_no_uffd, -EUCLEAN),
	ROW(uffd_no_mapping, -EUCLEAN),	ROW(uffd_no_mode, -EUCLEAN),
	ROW(uffd_none, -EUCLEAN),	ROW(uffd_ring, -EUCLEAN),
	ROW(uffd_twice, -EUCLEAN),	ROW(state_empty, -EUCLEAN),
	ROW(state_unaligned, -EUCLEAN),	ROW(state_order, -EUCLEAN),
	ROW(state_below, -EUCLEAN),	ROW(state_above, -EUCLEAN),
	ROW(state_long, -EUCLEAN),	ROW(state_none, -EUCLEAN),
	ROW(state_unknown, -EUCLEAN),	ROW(state_two, -EUCLEAN),
	ROW(state_poison, -EUCLEAN),	ROW(state_unprotected, -EUCLEAN),
	ROW(state_mapped, -EUCLEAN),	ROW(state_shared_zero, -EUCLEAN),
	ROW(state_shared_mapped, 0),	ROW(state_locked, 0),
	ROW(uffd_huge, -EUCLEAN),	ROW(vma_unnamed, -EUCLEAN),
	ROW(difference, 0),		ROW(parent_bit, -EUCLEAN),
	ROW(parent_no_bit, -EUCLEAN),	ROW(parent_self, -EUCLEAN),
	ROW(parent_full, -EUCLEAN),	ROW(parent_unnamed, -EUCLEAN),
	ROW(parent_zero, -EUCLEAN),	ROW(parent_unused, -EUCLEAN),
	ROW(parent_twice, -EUCLEAN),	ROW(parent_shared, -EUCLEAN),
	ROW(parent_empty, -EUCLEAN),	ROW(parent_outside, -EUCLEAN),
	ROW(parent_overlap, -EUCLEAN),
#undef ROW
};

const struct damage_table damage_memory = { cases, ARRAY_SIZE(cases) };
