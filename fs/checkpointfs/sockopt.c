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
#include <linux/net_tstamp.h>
#include <linux/sockptr.h>
#include <net/sock.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"

/* How to read and set one of them; OUTER: it is of struct socket. */
enum how {
	INT, OUTER, PEEK, TIMEOUT, LINGER_TIME, BUFFER, STAMPS, STAMP_KEY, TXTIME, RATE, BUDGET
};

static const struct {
	int option;
	enum how how;
	s64 usual;
	int force;
	bool again;
	bool late;
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
	[CKPT_SO_TIMESTAMPING_OLD] = { SO_TIMESTAMPING_OLD, STAMPS, .again = true, .late = true },
	[CKPT_SO_TIMESTAMPING_NEW] = { SO_TIMESTAMPING_NEW, STAMPS, .again = true, .late = true },
	[CKPT_SO_TIMESTAMP_KEY] = { SO_TIMESTAMPING_OLD, STAMP_KEY, .again = true, .late = true },
	[CKPT_SO_TXTIME] = { SO_TXTIME, TXTIME },
	[CKPT_SO_MAX_PACING_RATE] = { SO_MAX_PACING_RATE, RATE, .usual = -1 },
	[CKPT_SO_RESERVE_MEM] = { SO_RESERVE_MEM },
	[CKPT_SO_BUSY_POLL_BUDGET] = { SO_BUSY_POLL_BUDGET, BUDGET },
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

/* Of which ABI the stamps are all options for them have in common. */
static s64 get_stamps(const struct sock *sk, u32 so)
{
	bool new = so == CKPT_SO_TIMESTAMPING_NEW;

	return sock_flag(sk, SOCK_TSTAMP_NEW) == new ? READ_ONCE(sk->sk_tsflags) : 0;
}

static s64 get_stamp_key(const struct sock *sk)
{
	if (!(READ_ONCE(sk->sk_tsflags) & SOF_TIMESTAMPING_OPT_ID))
		return 0;
	return (u32)atomic_read(&sk->sk_tskey);
}

static s64 get_txtime(const struct sock *sk)
{
	u64 value = CKPT_TXTIME_ON | (u32)sk->sk_clockid;

	if (!sock_flag(sk, SOCK_TXTIME))
		return 0;
	if (sk->sk_txtime_deadline_mode)
		value |= CKPT_TXTIME_DEADLINE;
	if (sk->sk_txtime_report_errors)
		value |= CKPT_TXTIME_ERRORS;
	return value;
}

static s64 get_budget(const struct sock *sk)
{
#ifdef CONFIG_NET_RX_BUSY_POLL
	return READ_ONCE(sk->sk_busy_poll_budget);
#else
	return 0;
#endif
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
	case STAMPS:
		return get_stamps(sk, so);
	case STAMP_KEY:
		return get_stamp_key(sk);
	case TXTIME:
		return get_txtime(sk);
	case RATE:
		return READ_ONCE(sk->sk_max_pacing_rate);
	case BUDGET:
		return get_budget(sk);
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

/*
 * What becomes of a packet is told when it leaves the machine or, of a time to send it at, when
 * that is missed. Of a stream each byte may be told of: tcpstream.c looks at these. By then what
 * is told is in the queue of errors, which so is looked at afterwards.
 */
static const char *news_obstacle(struct sock *sk)
{
	if (!READ_ONCE(sk->sk_tsflags) &&
	    !(sock_flag(sk, SOCK_TXTIME) && sk->sk_txtime_report_errors))
		return NULL;
	if ((sk_is_inet(sk) || sk->sk_family == AF_PACKET) && !sk_is_tcp(sk) &&
	    sk_wmem_alloc_get(sk))
		return "a packet on its way that will be told of (SO_TIMESTAMPING, SO_TXTIME)";
	/* Pairs with the lock of the queue. */
	smp_rmb();
	return skb_queue_empty_lockless(&sk->sk_error_queue) ? NULL :
		"an error that has not been read (MSG_ERRQUEUE)";
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
	if (READ_ONCE(sk->sk_tsflags) & SOF_TIMESTAMPING_BIND_PHC || sk->sk_bind_phc > 0)
		return "a clock of a network device (SOF_TIMESTAMPING_BIND_PHC)";
	/* The next number is the socket's, what is done has not been told yet. */
	if (atomic_read(&sk->sk_zckey))
		return "a socket that has sent with MSG_ZEROCOPY";
	return news_obstacle(sk);
}

/* Who has got hold of the socket may have put another one there in between. */
static int save_filter(struct sock *sk, struct ckpt_writer *w)
{
	int nr = get_filter(sk, NULL, 0), i;
	struct ckpt_bpf *rec;
	struct sock_filter *insns;

	if (nr <= 0)
		return nr ? -EAGAIN : 0;
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
	return nr < 0 ? -EAGAIN : w->error;
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

/*
 * With a number for each packet, what is told of streams begins where they are: so that is
 * set without asking.
 */
static int set_stamps(struct socket *sock, int option, s64 want)
{
	const u32 ids = SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_ID_TCP;
	struct so_timestamping value = { .flags = want & ~ids };
	struct sock *sk = sock->sk;
	int err;

	if (want != (u32)want || want & SOF_TIMESTAMPING_BIND_PHC ||
	    (want & ids) == SOF_TIMESTAMPING_OPT_ID_TCP)
		return -EINVAL;
	err = set(sock, option, &value, sizeof(value));
	if (err)
		return err;
	lock_sock(sk);
	WRITE_ONCE(sk->sk_tsflags, want);
	release_sock(sk);
	return 0;
}

static int set_stamp_key(struct socket *sock, s64 want)
{
	if (want != (u32)want || !(READ_ONCE(sock->sk->sk_tsflags) & SOF_TIMESTAMPING_OPT_ID))
		return -EINVAL;
	atomic_set(&sock->sk->sk_tskey, want);
	return 0;
}

static int set_txtime(struct socket *sock, s64 want)
{
	struct sock_txtime value = { .clockid = lower_32_bits(want) };

	if (want & CKPT_TXTIME_DEADLINE)
		value.flags |= SOF_TXTIME_DEADLINE_MODE;
	if (want & CKPT_TXTIME_ERRORS)
		value.flags |= SOF_TXTIME_REPORT_ERRORS;
	return set(sock, SO_TXTIME, &value, sizeof(value));
}

static int set_rate(struct socket *sock, s64 want)
{
	unsigned long value = want;

	return set(sock, SO_MAX_PACING_RATE, &value, sizeof(value));
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
	case STAMPS:
		err = set_stamps(sock, table[so].option, want);
		break;
	case STAMP_KEY:
		err = set_stamp_key(sock, want);
		break;
	case TXTIME:
		err = set_txtime(sock, want);
		break;
	case RATE:
		err = set_rate(sock, want);
		break;
	default:
		err = set_int(sock, table[so].option, want);
	}
	return err ?: get(sock->sk, so) == want ? 0 : -EINVAL;
}

/* setsockopt(2) takes the instructions from user memory. */
int ckpt_sockfilter_set(struct socket *sock, int option, const struct ckpt_bpf *rec, u32 nr)
{
	unsigned long scratch = ckpt_scratch_map();
	struct sock_fprog prog = {
		.len = nr,
		.filter = (struct sock_filter __user *)scratch,
	};
	int err = 0;
	u32 i;

	static_assert(4096 * sizeof(struct sock_filter) <= CKPT_SCRATCH_SIZE);
	if (IS_ERR_VALUE(scratch))
		return scratch;
	for (i = 0; !err && i < nr; i++) {
		struct sock_filter insn = {
			.code = le16_to_cpu(rec[i].code),
			.jt = rec[i].jt,
			.jf = rec[i].jf,
			.k = le32_to_cpu(rec[i].k),
		};

		err = ckpt_scratch_put(scratch + i * sizeof(insn), &insn, sizeof(insn));
	}
	if (!err)
		err = set(sock, option, &prog, sizeof(prog));
	ckpt_scratch_unmap(scratch);
	return err;
}

static int restore_filter(struct ckpt_restore *r, struct ckpt_item *item, struct socket *sock)
{
	struct ckpt_view view;
	int err;

	if (!ckpt_find(item->bytes, item->size, CKPT_REC_SOCKFILTER, &view))
		return 0;
	err = ckpt_sockfilter_set(sock, SO_ATTACH_FILTER, view.elems, view.count);
	if (err)
		ckpt_restore_err(r, item, "the filter cannot be attached: %pe", ERR_PTR(err));
	return err;
}

/* Is it not its time yet, or not any more? What is late would tell of what is sent again. */
static bool is_left_out(const struct ckpt_item *item, u32 so, bool again)
{
	struct ckpt_view view;

	if (again)
		return !table[so].again;
	return table[so].late && ckpt_find(item->bytes, item->size, CKPT_REC_TCPCONN, &view);
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
		if (is_left_out(item, so, again) || get(sock->sk, so) == want)
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
