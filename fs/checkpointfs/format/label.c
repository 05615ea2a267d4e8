// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of labels of security modules: of credentials, and of tasks.
 *
 * What a label means is the module's to say. Here is what a record may have, and that its
 * text is one that can be set, and told to a user.
 */
#include "../object.h"

bool ckpt_label_sane(const char *text, size_t len)
{
	size_t i;

	if (!len || len >= CKPT_LABEL_MAX || text[0] == ' ' || text[len - 1] == ' ')
		return false;
	for (i = 0; i < len; i++)
		if ((u8)text[i] < ' ' || text[i] == 0x7f)
			return false;
	return true;
}

static bool may_have(const struct ckpt_label *rec, bool of_task)
{
	bool apparmor = le16_to_cpu(rec->module) == CKPT_LABEL_APPARMOR;
	u16 kind = le16_to_cpu(rec->kind);

	if (of_task)
		return apparmor && (kind == CKPT_LABEL_EXEC || kind == CKPT_LABEL_HAT);
	if (le16_to_cpu(rec->module) == CKPT_LABEL_SELINUX)
		return kind != CKPT_LABEL_HAT;
	return kind == CKPT_LABEL_CURRENT;
}

static int check_label(const struct ckpt_check *chk, const struct ckpt_view *view,
		       bool of_task)
{
	const struct ckpt_label *rec = view->body;
	u16 kind = le16_to_cpu(rec->kind);

	if (!may_have(rec, of_task))
		return ckpt_bad(chk, "a label of a kind that it cannot have");
	if ((rec->flags && !(of_task && kind == CKPT_LABEL_EXEC)) ||
	    (rec->token && kind != CKPT_LABEL_HAT))
		return ckpt_bad(chk, "flags or a token that a label cannot have");
	if (!view->count || !ckpt_label_sane(view->elems, view->count - 1))
		return ckpt_bad(chk, "a label that is no text");
	return 0;
}

int ckpt_check_labels(const struct ckpt_check *chk, const void *bytes, size_t size,
		      bool of_task)
{
	u32 kinds = 0, module = 0;
	struct ckpt_cursor cur;
	struct ckpt_view view;

	ckpt_cursor_init(&cur, bytes, size);
	while (ckpt_next(&cur, &view) > 0) {
		const struct ckpt_label *rec = view.body;
		int err;

		if (view.type != CKPT_REC_LABEL)
			continue;
		err = check_label(chk, &view, of_task);
		if (err)
			return err;
		if (kinds & BIT(le16_to_cpu(rec->kind)))
			return ckpt_bad(chk, "a label that is there twice");
		if (kinds && module != le16_to_cpu(rec->module))
			return ckpt_bad(chk, "labels of several modules");
		kinds |= BIT(le16_to_cpu(rec->kind));
		module = le16_to_cpu(rec->module);
	}
	if (kinds && !of_task && !(kinds & BIT(CKPT_LABEL_CURRENT)))
		return ckpt_bad(chk, "labels without that which it has");
	return 0;
}
