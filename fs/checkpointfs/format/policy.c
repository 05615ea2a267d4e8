// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of memory policies: of tasks, mappings, shared memory.
 *
 * What the calls that set them look at is theirs to refuse: what a newer kernel has is not
 * for us to know. Here is what makes no sense at all, or is ours to rely on.
 */
#include "../object.h"

/* In pairs of words: of the nodes that are named, and of those that were had. */
static bool names_any(const struct ckpt_view *view)
{
	const __le64 *word = view->elems;
	u32 i;

	for (i = 0; i < view->count; i += 2)
		if (word[i])
			return true;
	return false;
}

static int check_task(const struct ckpt_check *chk, const struct ckpt_view *view)
{
	if (view->version == 1 ? view->count > CKPT_NODE_WORDS : view->count % 2)
		return ckpt_bad(chk, "more nodes than there can be, or half of them");
	return 0;
}

static int check_range(const struct ckpt_check *chk, const struct ckpt_view *view)
{
	const struct ckpt_policy *rec = view->body;
	const u32 relation = CKPT_POLICY_STATIC | CKPT_POLICY_RELATIVE;
	u32 mode = le32_to_cpu(rec->mode), flags = le32_to_cpu(rec->flags);

	if (view->count % 2)
		return ckpt_bad(chk, "half of the nodes of a policy");
	if (mode == CKPT_POLICY_LOCAL ? names_any(view) || flags : !names_any(view))
		return ckpt_bad(chk, "nodes or flags that a policy cannot have");
	if ((flags & relation) == relation)
		return ckpt_bad(chk, "a policy of static and of relative nodes");
	if (rec->home && mode != CKPT_POLICY_BIND && mode != CKPT_POLICY_PREFERRED_MANY)
		return ckpt_bad(chk, "a home node that a policy cannot have");
	if (!IS_ALIGNED(le64_to_cpu(rec->start), CKPT_PAGE_SIZE) ||
	    !IS_ALIGNED(le64_to_cpu(rec->end), CKPT_PAGE_SIZE) ||
	    le64_to_cpu(rec->start) >= le64_to_cpu(rec->end) ||
	    le64_to_cpu(rec->end) > S64_MAX)
		return ckpt_bad(chk, "a policy of what is no range of pages");
	return 0;
}

int ckpt_check_task_policy(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	struct ckpt_view view;
	int err;

	if (!ckpt_find(bytes, size, CKPT_REC_MEMPOLICY, &view))
		return 0;
	err = ckpt_check_once(chk, bytes, size, CKPT_REC_MEMPOLICY, &view);
	return err ?: check_task(chk, &view);
}

int ckpt_check_policies(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	struct ckpt_cursor cur;
	struct ckpt_view view;
	u64 last = 0;

	ckpt_cursor_init(&cur, bytes, size);
	while (ckpt_next(&cur, &view) > 0) {
		const struct ckpt_policy *rec = view.body;
		int err;

		if (view.type != CKPT_REC_POLICY)
			continue;
		err = check_range(chk, &view);
		if (err)
			return err;
		if (le64_to_cpu(rec->start) < last)
			return ckpt_bad(chk, "policies that overlap, or are out of order");
		last = le64_to_cpu(rec->end);
	}
	return 0;
}
