// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options of sockets, of setsockopt(2) at SOL_SOCKET.
 *
 * Read and set by the kernel's own functions, but for what these do not tell.
 * An image has those that differ from the table's; a new socket is given what
 * it does not have already, so that rights are only needed for what a program
 * had needed them for. The socket's owner is frozen, or it is new: no lock is
 * held here, those of a socket are taken by whom is called. A connection that has not
 * been accepted has no struct socket yet.
 */
#include <linux/filter.h>
#include <linux/net.h>
#include <linux/sockptr.h>
#include <net/sock.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"

/* How to read and set one of them; OUTER: it is of struct socket. */
enum how { INT, OUTER, PEEK, TIMEOUT, LINGER_TIME, BUFFER };

static const struct {
	int option;
	enum how how;
	s64 usual;
	int force;
	bool again;
	u8 bit;
} table[] = {
	[CKPT_SO_DEBUG] = { SO_DEBUG },
	[CKPT_SO_REUSEADDR] = { SO_REUSEADDR, .again = true },
	[CKPT_SO_DONTROUTE] = { SO_DONTROUTE },
	[CKPT_SO_BROADCAST] = { SO_BROADCAST },
	[CKPT_SO_KEEPALIVE] = { SO_KEEPALIVE, .again = true },
	[CKPT_SO_OOBINLINE] = { SO_OOBINLINE },
	[CKPT_SO_NO_CHECK] = { SO_NO_CHECK },
	[CKPT_SO_PASSCRED] = { SO_PASSCRED, OUTER, .bit = SOCK_PASSCRED },
	[CKPT_SO_PASSSEC] = { SO_PASSSEC, OUTER, .bit = SOCK_PASSSEC },
	[CKPT_SO_PASSPIDFD] = { SO_PASSPIDFD, OUTER, .bit = SOCK_PASSPIDFD },
	[CKPT_SO_RCVMARK] = { SO_RCVMARK },
	[CKPT_SO_RXQ_OVFL] = { SO_RXQ_OVFL },
	[CKPT_SO_WIFI_STATUS] = { SO_WIFI_STATUS },
	[CKPT_SO_NOFCS] = { SO_NOFCS },
	[CKPT_SO_SELECT_ERR_QUEUE] = { SO_SELECT_ERR_QUEUE },
	[CKPT_SO_TIMESTAMP_OLD] = { SO_TIMESTAMP_OLD },
	[CKPT_SO_TIMESTAMPNS_OLD] = { SO_TIMESTAMPNS_OLD },
	[CKPT_SO_TIMESTAMP_NEW] = { SO_TIMESTAMP_NEW },
	[CKPT_SO_TIMESTAMPNS_NEW] = { SO_TIMESTAMPNS_NEW },
	[CKPT_SO_PRIORITY] = { SO_PRIORITY },
	[CKPT_SO_MARK] = { SO_MARK },
	[CKPT_SO_PEEK_OFF] = { SO_PEEK_OFF, PEEK, .usual = -1 },
	[CKPT_SO_RCVLOWAT] = { SO_RCVLOWAT, .usual = 1 },
	[CKPT_SO_INCOMING_CPU] = { SO_INCOMING_CPU, .usual = -1 },
	[CKPT_SO_BUSY_POLL] = { SO_BUSY_POLL },
	[CKPT_SO_PREFER_BUSY_POLL] = { SO_PREFER_BUSY_POLL },
	[CKPT_SO_RCVTIMEO] = { SO_RCVTIMEO_NEW, TIMEOUT },
	[CKPT_SO_SNDTIMEO] = { SO_SNDTIMEO_NEW, TIMEOUT },
	[CKPT_SO_LINGER] = { SO_LINGER, LINGER_TIME },
	[CKPT_SO_SNDBUF] = { SO_SNDBUF, BUFFER, .force = SO_SNDBUFFORCE, .again = true },
	[CKPT_SO_RCVBUF] = { SO_RCVBUF, BUFFER, .force = SO_RCVBUFFORCE, .again = true },
	[CKPT_SO_BUF_LOCK] = { SO_BUF_LOCK, .again = true },
	[CKPT_SO_LOCK_FILTER] = { SO_LOCK_FILTER, .again = true },
	[CKPT_SO_REUSEPORT] = { SO_REUSEPORT },
	[CKPT_SO_ZEROCOPY] = { SO_ZEROCOPY },
	[CKPT_SO_TXREHASH] = { SO_TXREHASH },
};

#define LINGER_ON	BIT_ULL(32)

/* ---- read -------------------------------------------------------------------- */

/* One that this kernel does not have is as usual. */
static s64 get_int(struct sock *sk, u32 so)
{
	int value = 0, len = sizeof(value);
	int err = ksym(sk_getsockopt)(sk, SOL_SOCKET, table[so].option,
				      KERNEL_SOCKPTR(&value), KERNEL_SOCKPTR(&len));

	return err ? table[so].usual : value;
}

/* The lock keeps the socket from going. */
static s64 get_outer(struct sock *sk, u32 so)
{
	s64 value;

	read_lock_bh(&sk->sk_callback_lock);
	value = sk->sk_socket && test_bit(table[so].bit, &sk->sk_socket->flags);
	read_unlock_bh(&sk->sk_callback_lock);
	return value;
}

/* Unlike getsockopt(2) tells a wait without end from none. */
static s64 get_timeout(const struct sock *sk, u32 so)
{
	long ticks = so == CKPT_SO_RCVTIMEO ? READ_ONCE(sk->sk_rcvtimeo) :
					      READ_ONCE(sk->sk_sndtimeo);

	if (ticks == MAX_SCHEDULE_TIMEOUT)
		return 0;
	return ticks ? (s64)ticks * (USEC_PER_SEC / HZ) : -1;
}

static s64 get_linger(const struct sock *sk)
{
	u32 seconds = min_t(unsigned long, READ_ONCE(sk->sk_lingertime) / HZ, S32_MAX);

	return seconds | (sock_flag(sk, SOCK_LINGER) ? LINGER_ON : 0);
}

static s64 get(struct sock *sk, u32 so)
{
	switch (table[so].how) {
	case OUTER:
		return get_outer(sk, so);
	case PEEK:
		return READ_ONCE(sk->sk_peek_off);
	case TIMEOUT:
		return get_timeout(sk, so);
	case LINGER_TIME:
		return get_linger(sk);
	default:
		return get_int(sk, so);
	}
}

static int get_filter(struct sock *sk, struct sock_filter *insns, int len)
{
	int err;

	if (!rcu_access_pointer(sk->sk_filter))
		return 0;
	err = ksym(sk_getsockopt)(sk, SOL_SOCKET, SO_GET_FILTER,
				  KERNEL_SOCKPTR(insns), KERNEL_SOCKPTR(&len));
	return err ?: len;
}

const char *ckpt_sockopts_obstacle(struct sock *sk)
{
	if (get_filter(sk, NULL, 0) < 0)
		return "an eBPF filter of a socket";
#ifdef CONFIG_BPF_SYSCALL
	if (rcu_access_pointer(sk->sk_bpf_storage))
		return "eBPF storage of a socket";
#endif
	if (sk->sk_prot != sk->sk_prot_creator || sk->sk_user_data)
		return "a socket in an eBPF map";
	if (sk->sk_tsflags || sk->sk_bind_phc > 0)
		return "a socket with time stamps of packets (SO_TIMESTAMPING)";
	/* The next number is the socket's, what is done has not been told yet. */
	if (atomic_read(&sk->sk_zckey))
		return "a socket that has sent with MSG_ZEROCOPY";
	if (sock_flag(sk, SOCK_TXTIME))
		return "a socket with times to send at (SO_TXTIME)";
	if (READ_ONCE(sk->sk_max_pacing_rate) != ~0UL)
		return "a pace of a socket (SO_MAX_PACING_RATE)";
	if (READ_ONCE(sk->sk_reserved_mem))
		return "memory kept for a socket (SO_RESERVE_MEM)";
#ifdef CONFIG_NET_RX_BUSY_POLL
	if (READ_ONCE(sk->sk_busy_poll_budget))
		return "a socket with SO_BUSY_POLL_BUDGET";
#endif
	return NULL;
}

static int save_filter(struct sock *sk, struct ckpt_writer *w)
{
	int nr = get_filter(sk, NULL, 0), i;
	struct ckpt_bpf *rec;
	struct sock_filter *insns;

	if (nr <= 0)
		return nr;
	insns = kcalloc(nr, sizeof(*insns), GFP_KERNEL);
	if (!insns)
		return -ENOMEM;
	nr = get_filter(sk, insns, nr);
	rec = nr > 0 ? ckpt_add(w, CKPT_REC_SOCKFILTER, nr) : NULL;
	if (rec)
		rec = ckpt_elems(rec);
	for (i = 0; rec && i < nr; i++) {
		rec[i].code = cpu_to_le16(insns[i].code);
		rec[i].jt = insns[i].jt;
		rec[i].jf = insns[i].jf;
		rec[i].k = cpu_to_le32(insns[i].k);
	}
	kfree(insns);
	return nr < 0 ? nr : w->error;
}

int ckpt_sockopts_save(struct sock *sk, struct ckpt_writer *w)
{
	struct ckpt_sockopt found[ARRAY_SIZE(table)] = {};
	void *rec;
	u32 so, nr = 0;

	for (so = 1; so < ARRAY_SIZE(table); so++) {
		s64 value = get(sk, so);

		if (value == table[so].usual)
			continue;
		found[nr].option = cpu_to_le32(so);
		found[nr++].value = cpu_to_le64(value);
	}
	rec = ckpt_add(w, CKPT_REC_SOCKOPTS, nr);
	if (!rec)
		return w->error;
	memcpy(ckpt_elems(rec), found, nr * sizeof(*found));
	return save_filter(sk, w);
}

/* ---- set again ------------------------------------------------------------------ */

static int set(struct socket *sock, int option, void *value, int len)
{
	return do_sock_setsockopt(sock, false, SOL_SOCKET, option, KERNEL_SOCKPTR(value), len);
}

static int set_int(struct socket *sock, int option, s64 want)
{
	int value = want;

	return value == want ? set(sock, option, &value, sizeof(value)) : -EINVAL;
}

static int set_timeout(struct socket *sock, int option, s64 want)
{
	struct __kernel_sock_timeval value = { .tv_sec = -1 };

	if (want != -1) {
		value.tv_sec = div_s64(want, USEC_PER_SEC);
		value.tv_usec = want - value.tv_sec * USEC_PER_SEC;
	}
	return set(sock, option, &value, sizeof(value));
}

/* The seconds are set with it on only. */
static int set_linger(struct socket *sock, s64 want)
{
	struct linger value = { .l_onoff = 1, .l_linger = lower_32_bits(want) };
	int err = set(sock, SO_LINGER, &value, sizeof(value));

	value.l_onoff = want >> 32;
	return err ?: set(sock, SO_LINGER, &value, sizeof(value));
}

/*
 * Half of what it becomes is asked for; more than is usual needs CAP_NET_ADMIN. An
 * odd size is one that TCP has found for itself.
 */
static int set_buffer(struct socket *sock, u32 so, s64 want)
{
	int *size = so == CKPT_SO_SNDBUF ? &sock->sk->sk_sndbuf : &sock->sk->sk_rcvbuf;
	int err = set_int(sock, table[so].option, want / 2);

	if (!err && get_int(sock->sk, so) != want / 2 * 2)
		err = set_int(sock, table[so].force, want / 2);
	if (!err && sk_is_tcp(sock->sk) && get_int(sock->sk, so) == want / 2 * 2)
		WRITE_ONCE(*size, want);
	return err;
}

static int set_option(struct socket *sock, u32 so, s64 want)
{
	int err;

	switch (table[so].how) {
	case TIMEOUT:
		err = set_timeout(sock, table[so].option, want);
		break;
	case LINGER_TIME:
		err = set_linger(sock, want);
		break;
	case BUFFER:
		err = set_buffer(sock, so, want);
		break;
	default:
		err = set_int(sock, table[so].option, want);
	}
	return err ?: get(sock->sk, so) == want ? 0 : -EINVAL;
}

/* setsockopt(2) takes the instructions from user memory. */
static int set_filter(struct socket *sock, const struct ckpt_view *view)
{
	const struct ckpt_bpf *rec = view->elems;
	unsigned long scratch = ckpt_scratch_map();
	struct sock_fprog prog = {
		.len = view->count,
		.filter = (struct sock_filter __user *)scratch,
	};
	int err = 0;
	u32 i;

	static_assert(4096 * sizeof(struct sock_filter) <= CKPT_SCRATCH_SIZE);
	if (IS_ERR_VALUE(scratch))
		return scratch;
	for (i = 0; !err && i < view->count; i++) {
		struct sock_filter insn = {
			.code = le16_to_cpu(rec[i].code),
			.jt = rec[i].jt,
			.jf = rec[i].jf,
			.k = le32_to_cpu(rec[i].k),
		};

		err = ckpt_scratch_put(scratch + i * sizeof(insn), &insn, sizeof(insn));
	}
	if (!err)
		err = set(sock, SO_ATTACH_FILTER, &prog, sizeof(prog));
	ckpt_scratch_unmap(scratch);
	return err;
}

static int restore_filter(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	struct ckpt_view view;
	int err;

	if (!ckpt_find(item->bytes, item->size, CKPT_REC_SOCKFILTER, &view))
		return 0;
	err = set_filter(sock, &view);
	if (err)
		ckpt_restore_err(r, item, "the filter cannot be attached: %pe", ERR_PTR(err));
	return err;
}

/* @again: those only that going on with a connection has changed, or needed unset. */
static int restore_options(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock,
			   bool again)
{
	const struct ckpt_sockopt *rec, *end;
	struct ckpt_view view;
	u32 so;
	int err;

	/* Its check has found it there. A filter may be locked by the last option. */
	ckpt_find(item->bytes, item->size, CKPT_REC_SOCKOPTS, &view);
	err = restore_filter(r, item, sock);
	rec = view.elems;
	end = rec + view.count;
	for (so = 1; !err && so < ARRAY_SIZE(table); so++) {
		s64 want = table[so].usual;

		if (rec < end && le32_to_cpu(rec->option) == so)
			want = le64_to_cpu(rec++->value);
		else if (table[so].how == BUFFER)
			continue;
		if ((again && !table[so].again) || get(sock->sk, so) == want)
			continue;
		err = set_option(sock, so, want);
		if (err)
			ckpt_restore_err(r, item, "socket option %d cannot be set to %lld: %pe",
					 table[so].option, want, ERR_PTR(err));
	}
	return err;
}

int ckpt_sockopts_restore(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	return restore_options(r, item, sock, false);
}

/* The others may change by themselves where packets come in already. */
int ckpt_sockopts_again(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	return restore_options(r, item, sock, true);
}
