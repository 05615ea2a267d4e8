// SPDX-License-Identifier: GPL-2.0-only
/*
 * One socket of a kind that is not saved, or with what is not.
 *
 * Usage: unsupported_sockets KIND, where KIND is one of the table at the end. Without a
 * checkpoint it only shows that the kind can be had. Kernels may do without most of them:
 * the one call of each that says so is need()ed.
 */
#define _GNU_SOURCE
#include <linux/bpf.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "inet.h"

#ifndef AF_XDP
#define AF_XDP	44
#endif

/* In headers that cannot be had beside the others. */
#define FLOWLABEL_MGR		32	/* IPV6_FLOWLABEL_MGR */
#define JOIN_ANYCAST		27	/* IPV6_JOIN_ANYCAST */
#define UDP_ENCAP		100
#define UDP_ENCAP_ESPINUDP	2

static void make_vsock(void) { need(socket(AF_VSOCK, SOCK_STREAM, 0) >= 0); }
static void make_alg(void) { need(socket(AF_ALG, SOCK_SEQPACKET, 0) >= 0); }
static void make_key(void) { need(socket(AF_KEY, SOCK_RAW, 2 /* PF_KEY_V2 */) >= 0); }
static void make_xdp(void) { need(socket(AF_XDP, SOCK_RAW, 0) >= 0); }
static void make_sctp(void) { need(socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP) >= 0); }
static void make_mptcp(void) { need(socket(AF_INET, SOCK_STREAM, 262 /* IPPROTO_MPTCP */) >= 0); }

/* Return: who has connected; the other two are open as well. */
static int connection(int option)
{
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	union address a = loopback(AF_INET);

	check(bind(listener, &a.any, sizeof(a.v4)) == 0);
	if (option)
		check(setsockopt(listener, SOL_TCP, option, &(int){ 1 }, sizeof(int)) == 0);
	check(listen(listener, 1) == 0);
	a = name(listener);
	check(connect(client, &a.any, sizeof(a.v4)) == 0);
	check(accept(listener, NULL, NULL) >= 0);
	return client;
}

static void make_tls(void)
{
	need(setsockopt(connection(0), SOL_TCP, TCP_ULP, "tls", 4) == 0);
}

static void make_saved_syn(void)
{
	connection(TCP_SAVE_SYN);
}

static void make_md5(void)
{
	struct tcp_md5sig sig = { .tcpm_keylen = 6, .tcpm_key = "secret" };
	union address a = loopback(AF_INET);

	memcpy(&sig.tcpm_addr, &a.v4, sizeof(a.v4));
	need(setsockopt(socket(AF_INET, SOCK_STREAM, 0), SOL_TCP, TCP_MD5SIG, &sig,
			sizeof(sig)) == 0);
}

/* It lets pass nothing. */
static void make_ebpf(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K }, { .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insn_cnt = 2,
		.insns = (unsigned long)insns,
		.license = (unsigned long)"GPL",
	};
	int prog = syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));

	need(prog >= 0);
	check(setsockopt(socket(AF_INET, SOCK_DGRAM, 0), SOL_SOCKET, SO_ATTACH_BPF, &prog,
			 sizeof(prog)) == 0);
	close(prog);
}

static void make_encap(void)
{
	need(setsockopt(socket(AF_INET, SOCK_DGRAM, 0), IPPROTO_UDP, UDP_ENCAP,
			&(int){ UDP_ENCAP_ESPINUDP }, sizeof(int)) == 0);
}

static void make_zerocopy(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	union address a = loopback(AF_INET);
	struct pollfd p = { .fd = fd };
	struct msghdr msg = {};
	char byte;

	check(bind(fd, &a.any, sizeof(a.v4)) == 0);
	a = name(fd);
	check(setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &(int){ 1 }, sizeof(int)) == 0);
	check(sendto(fd, "x", 1, MSG_ZEROCOPY, &a.any, sizeof(a.v4)) == 1);
	/* It has read what it is told of that. */
	check(recv(fd, &byte, 1, 0) == 1 && poll(&p, 1, -1) == 1 && p.revents & POLLERR);
	check(recvmsg(fd, &msg, MSG_ERRQUEUE) >= 0);
}

/* Of IPv6, which not every kernel has. */
static int socket6(int type)
{
	int fd = socket(AF_INET6, type, 0);

	need(fd >= 0);
	return fd;
}

static void make_flow_label(void)
{
	struct {
		struct in6_addr dst;
		__be32 label;
		__u8 action, share;
		__u16 flags, expires, linger;
		__u32 pad;
	} req = { .dst = in6addr_loopback, .share = 255 /* ANY */, .flags = 1 /* CREATE */ };

	check(setsockopt(socket6(SOCK_DGRAM), SOL_IPV6, FLOWLABEL_MGR, &req, sizeof(req)) == 0);
}

/* Who forwards may have one that is of none of its networks. */
static void make_anycast(void)
{
	struct ipv6_mreq req = { .ipv6mr_multiaddr.s6_addr = { 0x20, 1, 0xd, 0xb8 } };

	req.ipv6mr_interface = 1;	/* lo */
	check(setsockopt(socket6(SOCK_DGRAM), SOL_IPV6, JOIN_ANYCAST, &req, sizeof(req)) == 0);
}

static const struct {
	const char *name;
	void (*make)(void);
} kinds[] = {
#define KIND(name) { #name, make_##name }
	KIND(vsock), KIND(alg), KIND(key), KIND(xdp), KIND(sctp), KIND(mptcp), KIND(tls),
	KIND(saved_syn), KIND(md5), KIND(ebpf), KIND(encap), KIND(zerocopy),
	KIND(flow_label), KIND(anycast),
};

int main(int argc, char **argv)
{
	size_t i;

	check(argc == 2);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(argv[1], kinds[i].name))
			break;
	check(i < sizeof(kinds) / sizeof(kinds[0]));
	kinds[i].make();
	ready();
	return passed();
}
