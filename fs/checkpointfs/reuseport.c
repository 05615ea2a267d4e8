// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups of sockets that share a port (SO_REUSEPORT): which place each has there, and the
 * program that chooses among them by place (SO_ATTACH_REUSEPORT_CBPF).
 *
 * Who comes to a group is its last; when one goes the last one gets its place. So all
 * sockets of the image are made in any order, are put where they were, and then the first one
 * brings the program. What comes until then goes to one of them as without a program.
 *
 * The kernel's lock of all groups is held while one is read or changed. A packet looks at one
 * under RCU only, and may find a socket that is being moved in either place.
 */
#include <linux/filter.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <net/sock.h>
#include <net/sock_reuseport.h>
#include <net/tcp_states.h>

#include "compat/ksyms.h"
#include "inet.h"

static void lock_groups(void)
{
	spin_lock_bh(&ksym_data(reuseport_lock));
}

static void unlock_groups(void)
{
	spin_unlock_bh(&ksym_data(reuseport_lock));
}

static struct sock_reuseport *group_of(const struct sock *sk)
{
	return rcu_dereference_protected(sk->sk_reuseport_cb,
					 lockdep_is_held(&ksym_data(reuseport_lock)));
}

static const struct bpf_prog *program_of(const struct sock_reuseport *group)
{
	return rcu_dereference_protected(group->prog,
					 lockdep_is_held(&ksym_data(reuseport_lock)));
}

/* Return: its place, or -1: it is in no group, or has been shut down there. */
static int place_of(const struct sock_reuseport *group, const struct sock *sk)
{
	int i;

	for (i = 0; group && i < group->num_socks; i++)
		if (group->socks[i] == sk)
			return i;
	return -1;
}

/* ---- saved ------------------------------------------------------------------------------ */

/* Of the others only one that is new may have a group, with a program, and to no end. */
static bool may_have_group(const struct sock *sk)
{
	return ckpt_inet_is_udp(sk) ||
	       (sk_is_tcp(sk) &&
		(1 << READ_ONCE(sk->sk_state)) & (TCPF_CLOSE | TCPF_LISTEN));
}

const char *ckpt_reuseport_obstacle(struct sock *sk)
{
	const struct sock_reuseport *group;
	const struct bpf_prog *program;
	const char *why = NULL;

	if (!rcu_access_pointer(sk->sk_reuseport_cb))
		return NULL;
	lock_groups();
	group = group_of(sk);
	program = group ? program_of(group) : NULL;
	if (program && !program->orig_prog)
		why = "an eBPF program of a SO_REUSEPORT group";
	else if (program && !may_have_group(sk))
		why = "a program of a SO_REUSEPORT group";
	unlock_groups();
	return why;
}

/* The socket of one outside may be closed meanwhile, but it stays while a group has it. */
static bool is_inside(struct ckpt_collect *c, u32 type, const struct sock *sk)
{
	const struct socket *sock = READ_ONCE(sk->sk_socket);
	const struct file *file = sock ? READ_ONCE(sock->file) : NULL;

	return file && ckpt_lookup(c, type, file);
}

int ckpt_reuseport_verify(struct ckpt_collect *c, struct ckpt_object *obj)
{
	const struct sock *sk = sock_from_file(obj->ptr)->sk;
	const struct sock_reuseport *group;
	char who[CKPT_WHO_MAX];
	bool inside = true;
	int i;

	if (!rcu_access_pointer(sk->sk_reuseport_cb))
		return 0;
	/* That keeps a struct socket, too. */
	rcu_read_lock();
	lock_groups();
	group = group_of(sk);
	/* The first one looks at all of them; the others, whether the first is there to do it. */
	for (i = 0; group && program_of(group) && inside && i < group->num_socks; i++) {
		inside = is_inside(c, obj->ops->type, group->socks[i]);
		if (group->socks[0] != sk)
			break;
	}
	unlock_groups();
	rcu_read_unlock();
	if (!inside)
		ckpt_refuse_shared(c, "%s: the program of its SO_REUSEPORT group chooses sockets outside of the container, too",
				   ckpt_who(c, obj->ptr, who, sizeof(who)));
	return 0;
}

/* Its place, and how long the program is that it brings. */
static int look(const struct sock *sk, u32 *len)
{
	const struct sock_reuseport *group;
	const struct bpf_prog *program;
	int place;

	*len = 0;
	lock_groups();
	group = group_of(sk);
	place = place_of(group, sk);
	program = place == 0 ? program_of(group) : NULL;
	if (program && program->orig_prog)
		*len = program->orig_prog->len;
	unlock_groups();
	return place;
}

/* Return: is it still as long? */
static bool copy_program(const struct sock *sk, struct sock_filter *insns, u32 len)
{
	const struct sock_reuseport *group;
	const struct bpf_prog *program;
	bool same;

	lock_groups();
	group = group_of(sk);
	program = group ? program_of(group) : NULL;
	same = program && program->orig_prog && program->orig_prog->len == len;
	if (same)
		memcpy(insns, program->orig_prog->filter, len * sizeof(*insns));
	unlock_groups();
	return same;
}

int ckpt_reuseport_save(struct sock *sk, struct ckpt_writer *w)
{
	struct sock_filter *insns __free(kvfree) = NULL;
	struct ckpt_reuseport *rec;
	struct ckpt_bpf *to;
	int place;
	u32 len, i;

	if (!may_have_group(sk) || !rcu_access_pointer(sk->sk_reuseport_cb))
		return 0;
	place = look(sk, &len);
	if (place < 0)
		return 0;
	insns = kvcalloc(len, sizeof(*insns), GFP_KERNEL_ACCOUNT);
	if (!insns)
		return -ENOMEM;
	/* Only one that has come to the group since can have changed it. */
	if (len && !copy_program(sk, insns, len))
		return -EAGAIN;
	rec = ckpt_add(w, CKPT_REC_REUSEPORT, len);
	if (!rec)
		return w->error;
	rec->place = cpu_to_le32(place);
	to = ckpt_elems(rec);
	for (i = 0; i < len; i++) {
		to[i].code = cpu_to_le16(insns[i].code);
		to[i].jt = insns[i].jt;
		to[i].jf = insns[i].jf;
		to[i].k = cpu_to_le32(insns[i].k);
	}
	return 0;
}

/* ---- made again --------------------------------------------------------------------------- */

/**
 * struct placed - a new socket that is in a group
 * @item:	of which it was made
 * @sock:	it
 * @place:	which it had
 */
struct placed {
	struct ckpt_item *item;
	struct socket *sock;
	u32 place;
};

static int compare(const void *a, const void *b)
{
	const struct placed *one = a, *other = b;

	return one->place < other->place ? -1 : one->place > other->place;
}

/* Return: how many there are; with @vec which. */
static u32 list_placed(struct ckpt_restore *r, u32 type, struct placed *vec)
{
	struct ckpt_item *item;
	struct ckpt_view view;
	unsigned long id;
	u32 nr = 0;

	xa_for_each(&ckpt_restore_img(r)->items[type], id, item) {
		const struct ckpt_reuseport *rec;

		if (!item->made || !ckpt_find(item->bytes, item->size, CKPT_REC_REUSEPORT, &view))
			continue;
		rec = view.body;
		if (vec)
			vec[nr] = (struct placed){ item, sock_from_file(item->made),
						   le32_to_cpu(rec->place) };
		nr++;
	}
	return nr;
}

static bool is_new(const struct sock *sk, const struct placed *vec, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (vec[i].sock->sk == sk)
			return true;
	return false;
}

/* Those before @p have theirs. Others who are in the group keep theirs. */
static void put_in_place(const struct placed *p, const struct placed *vec, u32 nr)
{
	struct sock_reuseport *group = group_of(p->sock->sk);
	int now;

	if (!group || p->place >= group->num_socks || group->socks[p->place] == p->sock->sk)
		return;
	now = place_of(group, p->sock->sk);
	if (now >= 0 && is_new(group->socks[p->place], vec, nr))
		swap(group->socks[now], group->socks[p->place]);
}

/* A filter that is locked does not let that be set either. */
static int set_program(struct ckpt_restore *r, const struct placed *p)
{
	struct sock *sk = p->sock->sk;
	bool locked = sock_flag(sk, SOCK_FILTER_LOCKED);
	struct ckpt_view view;
	int err;

	ckpt_find(p->item->bytes, p->item->size, CKPT_REC_REUSEPORT, &view);
	if (!view.count)
		return 0;
	sock_reset_flag(sk, SOCK_FILTER_LOCKED);
	err = ckpt_sockfilter_set(p->sock, SO_ATTACH_REUSEPORT_CBPF, view.elems, view.count);
	sock_valbool_flag(sk, SOCK_FILTER_LOCKED, locked);
	if (err)
		ckpt_restore_err(r, p->item, "the program of its group cannot be attached: %pe",
				 ERR_PTR(err));
	return err;
}

int ckpt_reuseport_complete(struct ckpt_restore *r, u32 type)
{
	u32 nr = list_placed(r, type, NULL), i;
	struct placed *vec;
	int err = 0;

	if (!nr)
		return 0;
	vec = kvcalloc(nr, sizeof(*vec), GFP_KERNEL_ACCOUNT);
	if (!vec)
		return -ENOMEM;
	list_placed(r, type, vec);
	sort(vec, nr, sizeof(*vec), compare, NULL);
	for (i = 0; i < nr; i++) {
		lock_groups();
		put_in_place(&vec[i], vec, nr);
		unlock_groups();
		cond_resched();
	}
	for (i = 0; !err && i < nr; i++)
		err = set_program(r, &vec[i]);
	kvfree(vec);
	return err;
}
