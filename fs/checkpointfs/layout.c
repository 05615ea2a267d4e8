// SPDX-License-Identifier: GPL-2.0-only
/*
 * The addresses that prctl(PR_SET_MM) names, and the auxiliary vector.
 *
 * Only a program itself changes them. The kernel has one call that sets them
 * all (PR_SET_MM_MAP), which a new task makes in its empty address space; it
 * looks at the limits and at the order of the addresses, not at what is mapped
 * there. struct mm_struct.arg_lock protects the area of the arguments.
 */
#include <linux/elf.h>
#include <linux/mm.h>
#include <linux/prctl.h>
#include <linux/sched/mm.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"

/* ---- freeze -------------------------------------------------------------------- */

/* prctl(PR_SET_MM_MAP) does not take such addresses. */
bool ckpt_layout_odd(const struct mm_struct *mm)
{
	const unsigned long all[] = {
		mm->start_code, mm->end_code, mm->start_data, mm->end_data,
		mm->start_brk, mm->brk, mm->start_stack,
		mm->arg_start, mm->arg_end, mm->env_start, mm->env_end,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i] < ksym_data(mmap_min_addr) || all[i] >= mm->task_size)
			return true;
	return mm->start_code >= mm->end_code || mm->start_data > mm->end_data ||
	       mm->start_brk > mm->brk || mm->arg_start > mm->arg_end ||
	       mm->env_start > mm->env_end;
}

void ckpt_layout_save(const struct mm_struct *mm, struct ckpt_mm *rec)
{
	rec->start_code = cpu_to_le64(mm->start_code);
	rec->end_code = cpu_to_le64(mm->end_code);
	rec->start_data = cpu_to_le64(mm->start_data);
	rec->end_data = cpu_to_le64(mm->end_data);
	rec->start_brk = cpu_to_le64(mm->start_brk);
	rec->brk = cpu_to_le64(mm->brk);
	rec->start_stack = cpu_to_le64(mm->start_stack);
	rec->arg_start = cpu_to_le64(mm->arg_start);
	rec->arg_end = cpu_to_le64(mm->arg_end);
	rec->env_start = cpu_to_le64(mm->env_start);
	rec->env_end = cpu_to_le64(mm->env_end);
}

/* A 32-bit program's vector is of 32-bit words, of which there is room for twice as many. */
static unsigned int auxv_words(bool is_32bit)
{
	return is_32bit ? 2 * AT_VECTOR_SIZE : AT_VECTOR_SIZE;
}

static u64 auxv_word(const struct mm_struct *mm, unsigned int i)
{
	return ckpt_mm_is_32bit(mm) ? ((const u32 *)mm->saved_auxv)[i] : mm->saved_auxv[i];
}

/* What a program has put behind the entry that ends it prctl(PR_GET_AUXV) tells, too. */
unsigned int ckpt_auxv_count(const struct mm_struct *mm)
{
	unsigned int n = auxv_words(ckpt_mm_is_32bit(mm));

	while (n && !auxv_word(mm, n - 1))
		n--;
	return round_up(n, 2);
}

void ckpt_auxv_save(const struct mm_struct *mm, __le64 *word, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		word[i] = cpu_to_le64(auxv_word(mm, i));
}

/* ---- restore ------------------------------------------------------------------- */

static void fill_map(struct prctl_mm_map *map, const struct ckpt_mm *rec)
{
	map->start_code = le64_to_cpu(rec->start_code);
	map->end_code = le64_to_cpu(rec->end_code);
	map->start_data = le64_to_cpu(rec->start_data);
	map->end_data = le64_to_cpu(rec->end_data);
	map->start_brk = le64_to_cpu(rec->start_brk);
	map->brk = le64_to_cpu(rec->brk);
	map->start_stack = le64_to_cpu(rec->start_stack);
	map->arg_start = le64_to_cpu(rec->arg_start);
	map->arg_end = le64_to_cpu(rec->arg_end);
	map->env_start = le64_to_cpu(rec->env_start);
	map->env_end = le64_to_cpu(rec->env_end);
	map->exe_fd = -1;
}

/* Return: bytes of the auxiliary vector in @to, or -EUCLEAN if it is too long. */
static int fill_auxv(unsigned long *to, const struct ckpt_item *item)
{
	const bool narrow = test_thread_flag(TIF_ADDR32);
	struct ckpt_view view;
	const __le64 *word;
	unsigned int i;

	ckpt_find(item->bytes, item->size, CKPT_REC_MM, &view);
	/* The last entry, of long words, is always zero. */
	if (view.count > auxv_words(narrow) - (narrow ? 4 : 2))
		return -EUCLEAN;
	word = view.elems;
	for (i = 0; i < view.count; i++)
		if (narrow)
			((u32 *)to)[i] = le64_to_cpu(word[i]);
		else
			to[i] = le64_to_cpu(word[i]);
	return AT_VECTOR_SIZE * sizeof(*to);
}

long ckpt_layout_set(unsigned long scratch, const struct ckpt_item *item)
{
	unsigned long auxv[AT_VECTOR_SIZE] = {};
	struct prctl_mm_map map = {};
	int size = fill_auxv(auxv, item);

	if (size < 0)
		return size;
	fill_map(&map, ckpt_item_body(item, CKPT_REC_MM));
	map.auxv = (void *)(scratch + sizeof(map));
	map.auxv_size = size;
	if (ckpt_scratch_put(scratch, &map, sizeof(map)) ||
	    ckpt_scratch_put((unsigned long)map.auxv, auxv, size))
		return -ENOMEM;
	return ckpt_syscall(__NR_prctl, PR_SET_MM, PR_SET_MM_MAP, scratch,
			    sizeof(map), 0, 0);
}

void ckpt_layout_args(struct mm_struct *mm, const struct ckpt_mm *rec)
{
	guard(spinlock)(&mm->arg_lock);
	mm->arg_start = rec ? le64_to_cpu(rec->arg_start) : 0;
	mm->arg_end = rec ? le64_to_cpu(rec->arg_end) : 0;
	mm->env_start = rec ? le64_to_cpu(rec->env_start) : 0;
	mm->env_end = rec ? le64_to_cpu(rec->env_end) : 0;
}
