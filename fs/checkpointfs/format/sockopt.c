// SPDX-License-Identifier: GPL-2.0-only
/* The check of a socket's options and filter. A pure function. */
#include "../object.h"

int ckpt_check_sockopts(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	const struct ckpt_sockopt *rec;
	struct ckpt_view view;
	u32 i, last = 0;
	int ret;

	if (ckpt_find(bytes, size, CKPT_REC_SOCKFILTER, &view)) {
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_SOCKFILTER, &view);
		if (ret)
			return ret;
	}
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_SOCKOPTS, &view);
	if (ret)
		return ret;
	rec = view.elems;
	for (i = 0; i < view.count; i++) {
		if (le32_to_cpu(rec[i].option) <= last)
			return ckpt_bad(chk, "options that do not ascend");
		last = le32_to_cpu(rec[i].option);
	}
	return 0;
}
