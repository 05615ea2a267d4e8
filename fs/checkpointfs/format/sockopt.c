// SPDX-License-Identifier: GPL-2.0-only
/* The checks of a socket's options and filter. Pure functions. */
#include "../object.h"

int ckpt_check_options(const struct ckpt_check *chk, const void *bytes, size_t size,
		       u16 record)
{
	const struct ckpt_sockopt *rec;
	struct ckpt_view view;
	u32 i, last = 0;
	int ret;

	ret = ckpt_check_once(chk, bytes, size, record, &view);
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

int ckpt_check_sockopts(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	struct ckpt_view view;
	int ret = 0;

	if (ckpt_find(bytes, size, CKPT_REC_SOCKFILTER, &view))
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_SOCKFILTER, &view);
	return ret ?: ckpt_check_options(chk, bytes, size, CKPT_REC_SOCKOPTS);
}
