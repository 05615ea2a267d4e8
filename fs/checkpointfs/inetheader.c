// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a socket of IPv4 or IPv6 adds to the headers of all that it sends: the options of
 * IPv4 (IP_OPTIONS) and the extension headers of IPv6 (IPV6_HOPOPTS and others).
 *
 * Read and set by the kernel's own functions, which check what they are given and ask for
 * CAP_NET_RAW where they ask programs for it. These take the lock of the socket.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/sockptr.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>

#include "compat/ksyms.h"
#include "inet.h"

static const struct {
	int level;
	int option;
} table[] = {
	[CKPT_HEADER_OPTIONS] = { SOL_IP, IP_OPTIONS },
	[CKPT_HEADER_HOP] = { SOL_IPV6, IPV6_HOPOPTS },
	[CKPT_HEADER_FIRST] = { SOL_IPV6, IPV6_RTHDRDSTOPTS },
	[CKPT_HEADER_ROUTE] = { SOL_IPV6, IPV6_RTHDR },
	[CKPT_HEADER_LAST] = { SOL_IPV6, IPV6_DSTOPTS },
};

#define MOST	(ARRAY_SIZE(table) - 1)

static bool has_any(const struct sock *sk)
{
#if IS_BUILTIN(CONFIG_IPV6)
	if (ckpt_inet_is_v6(sk) && rcu_access_pointer(inet6_sk(sk)->opt))
		return true;
#endif
	return rcu_access_pointer(inet_sk(sk)->inet_opt);
}

/* Return: bytes, 0: there is none, or -errno. */
static int get(struct sock *sk, u32 header, u8 *bytes, int room)
{
	int option = table[header].option, len = room, err = 0;

	if (table[header].level == SOL_IP)
		err = ksym(do_ip_getsockopt)(sk, SOL_IP, option, KERNEL_SOCKPTR(bytes),
					     KERNEL_SOCKPTR(&len));
#if IS_BUILTIN(CONFIG_IPV6)
	else if (ckpt_inet_is_v6(sk))
		err = ksym(do_ipv6_getsockopt)(sk, SOL_IPV6, option, KERNEL_SOCKPTR(bytes),
					       KERNEL_SOCKPTR(&len));
#endif
	else
		len = 0;
	return err ?: len;
}

static int get_all(struct sock *sk, struct ckpt_inet_header *rec, u32 *nr)
{
	u32 header;

	for (header = 1; header <= MOST; header++) {
		int len = get(sk, header, rec->bytes, sizeof(rec->bytes));

		if (len < 0)
			return len;
		if (!len)
			continue;
		rec->header = cpu_to_le32(header);
		rec->len = cpu_to_le32(len);
		rec++;
		(*nr)++;
	}
	return 0;
}

int ckpt_inet_headers_save(struct sock *sk, struct ckpt_writer *w)
{
	struct ckpt_inet_header *found __free(kfree) = NULL;
	u32 nr = 0;
	void *rec;
	int err;

	if (!has_any(sk))
		return 0;
	found = kcalloc(MOST, sizeof(*found), GFP_KERNEL_ACCOUNT);
	if (!found)
		return -ENOMEM;
	err = get_all(sk, found, &nr);
	if (err || !nr)
		return err;
	rec = ckpt_add(w, CKPT_REC_INET_HEADERS, nr);
	if (!rec)
		return w->error;
	memcpy(ckpt_elems(rec), found, nr * sizeof(*found));
	return 0;
}

static int set(struct socket *sock, const struct ckpt_inet_header *rec)
{
	u32 header = le32_to_cpu(rec->header);

	return do_sock_setsockopt(sock, false, table[header].level, table[header].option,
				  KERNEL_SOCKPTR((void *)rec->bytes), le32_to_cpu(rec->len));
}

int ckpt_inet_headers_restore(struct ckpt_restore *r, struct ckpt_item *item,
			      struct socket *sock)
{
	const struct ckpt_inet_header *rec;
	struct ckpt_view view;
	int err = 0;
	u32 i;

	if (!ckpt_find(item->bytes, item->size, CKPT_REC_INET_HEADERS, &view))
		return 0;
	for (i = 0, rec = view.elems; !err && i < view.count; i++, rec++) {
		err = set(sock, rec);
		if (err)
			ckpt_restore_err(r, item, "header %u of what it sends cannot be set: %pe",
					 le32_to_cpu(rec->header), ERR_PTR(err));
	}
	return err;
}
