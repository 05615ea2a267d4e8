// SPDX-License-Identifier: GPL-2.0-only
/* The check of a netlink socket. Pure functions. */
#include "../object.h"

static int check_names(const struct ckpt_check *chk, const struct ckpt_netlink *rec)
{
	u32 flags = le32_to_cpu(rec->flags);

	if (!S_ISSOCK(le32_to_cpu(rec->mode)))
		return ckpt_bad(chk, "not the mode of a socket");
	if (!rec->creds)
		return ckpt_bad(chk, "a socket that nobody has opened");
	if (flags & CKPT_NETLINK_CONNECTED) {
		if (!rec->portid || flags & CKPT_NETLINK_DISCONNECTED)
			return ckpt_bad(chk, "not one that can be connected");
	} else if (rec->dst_portid || rec->dst_group) {
		return ckpt_bad(chk, "a peer of what is not connected");
	}
	return 0;
}

static int check_groups(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	struct ckpt_view view;
	u32 last = 0, i;
	int ret;

	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_NETLINK_GROUPS, &view);
	for (i = 0; !ret && i < view.count; i++) {
		u32 group = le32_to_cpu(((const __le32 *)view.elems)[i]);

		if (group <= last)
			ret = ckpt_bad(chk, "groups that do not ascend");
		last = group;
	}
	return ret;
}

static int check_message(const struct ckpt_check *chk, const struct ckpt_netlink_message *rec)
{
	u32 flags = le32_to_cpu(rec->flags);

	if (!(flags & CKPT_NETLINK_MESSAGE_CREDS) && (rec->pid || rec->uid || rec->gid))
		return ckpt_bad(chk, "a message from somebody without credentials");
	if (!(flags & CKPT_NETLINK_MESSAGE_NSID) && rec->nsid)
		return ckpt_bad(chk, "a message from no other namespace");
	return 0;
}

static int check_queue(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	const struct ckpt_netlink_message *rec;
	u64 sum = 0, stored = 0;
	struct ckpt_view view;
	int ret;
	u32 i;

	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_NETLINK_MESSAGES, &view);
	rec = view.elems;
	for (i = 0; !ret && i < view.count; i++) {
		ret = check_message(chk, rec + i);
		sum += le32_to_cpu(rec[i].len);
		ckpt_relax();
	}
	if (ret)
		return ret;
	chk->bytes(chk->priv, CKPT_TYPE_NETLINKDATA, id, &stored);
	return sum == stored ? 0 : ckpt_bad(chk, "not as many bytes as its messages say");
}

int ckpt_check_netlink(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	struct ckpt_view view;
	int ret;

	ret = ckpt_check_unnamed(chk, bytes, size, CKPT_O_RDWR);
	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_NETLINK, &view);
	if (!ret)
		ret = check_names(chk, view.body);
	if (!ret)
		ret = check_groups(chk, bytes, size);
	if (!ret)
		ret = check_queue(chk, id, bytes, size);
	return ret ?: ckpt_check_sockopts(chk, bytes, size);
}
