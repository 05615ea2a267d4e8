/* SPDX-License-Identifier: GPL-2.0-only */
/* Structures of networks that the kernel defines in .c files, as private.h has the others. */
#ifndef _CKPT_PRIVATE_NET_H
#define _CKPT_PRIVATE_NET_H

#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/ptr_ring.h>
#include <linux/refcount_types.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>
#include <linux/uidgid_types.h>
#include <linux/wait.h>
#include <net/sock.h>

/* The head of struct netlink_sock of net/netlink/af_netlink.h. */
struct ckpt_netlink_sock {
	struct sock sk;
	unsigned long flags;
	u32 portid;
	u32 dst_portid;
	u32 dst_group;
	u32 subscriptions;
	u32 ngroups;
	unsigned long *groups;
	unsigned long state;
	size_t max_recvmsg_len;
	wait_queue_head_t wait;
	bool bound;
	bool cb_running;
};

/* Bits of its flags and of its state. */
enum {
	CKPT_NETLINK_F_PKTINFO		= 1,
	CKPT_NETLINK_F_BROADCAST_ERROR	= 2,
	CKPT_NETLINK_F_NO_ENOBUFS	= 3,
	CKPT_NETLINK_F_LISTEN_ALL_NSID	= 4,
	CKPT_NETLINK_F_CAP_ACK		= 5,
	CKPT_NETLINK_F_EXT_ACK		= 6,
	CKPT_NETLINK_F_STRICT_CHK	= 7,
	CKPT_NETLINK_S_CONGESTED	= 0,
};

struct ckpt_packet_mclist {
	struct ckpt_packet_mclist *next;
	int ifindex;
	int count;
	unsigned short type;
	unsigned short alen;
	unsigned char addr[MAX_ADDR_LEN];
};

struct ckpt_pgv {
	char *buffer;
};

struct ckpt_tpacket_kbdq_core {
	struct ckpt_pgv *pkbdq;
	unsigned int feature_req_word;
	unsigned int hdrlen;
	unsigned char reset_pending_on_curr_blk;
	unsigned char delete_blk_timer;
	unsigned short kactive_blk_num;
	unsigned int blk_sizeof_priv;
	unsigned short last_kactive_blk_num;
	char *pkblk_start;
	char *pkblk_end;
	int kblk_size;
	unsigned int max_frame_len;
	unsigned int knum_blocks;
	u64 knxt_seq_num;
	char *prev;
	char *nxt_offset;
	struct sk_buff *skb;
	rwlock_t blk_fill_in_prog_lock;
	unsigned short retire_blk_tov;
	unsigned short version;
	unsigned long tov_in_jiffies;
	struct timer_list retire_blk_timer;
};

struct ckpt_packet_ring_buffer {
	struct ckpt_pgv *pg_vec;
	unsigned int head;
	unsigned int frames_per_block;
	unsigned int frame_size;
	unsigned int frame_max;
	unsigned int pg_vec_order;
	unsigned int pg_vec_pages;
	unsigned int pg_vec_len;
	unsigned int __percpu *pending_refcnt;
	union {
		unsigned long *rx_owner_map;
		struct ckpt_tpacket_kbdq_core prb_bdqc;
	};
};

struct ckpt_packet_fanout {
	possible_net_t net;
	unsigned int num_members;
	u32 max_num_members;
	u16 id;
	u8 type;
	u8 flags;
	union {
		atomic_t rr_cur;
		struct bpf_prog __rcu *bpf_prog;
	};
	struct list_head list;
	spinlock_t lock;
	refcount_t sk_ref;
	struct packet_type prot_hook ____cacheline_aligned_in_smp;
	struct sock __rcu *arr[];
};

/* The head of struct packet_rollover. */
struct ckpt_packet_rollover {
	int sock;
	atomic_long_t num;
	atomic_long_t num_huge;
	atomic_long_t num_failed;
};

/* struct packet_sock of net/packet/internal.h. */
struct ckpt_packet_sock {
	struct sock sk;
	struct ckpt_packet_fanout *fanout;
	union tpacket_stats_u stats;
	struct ckpt_packet_ring_buffer rx_ring;
	struct ckpt_packet_ring_buffer tx_ring;
	int copy_thresh;
	spinlock_t bind_lock;
	struct mutex pg_vec_lock;
	unsigned long flags;
	int ifindex;
	u8 vnet_hdr_sz;
	__be16 num;
	struct ckpt_packet_rollover *rollover;
	struct ckpt_packet_mclist *mclist;
	atomic_long_t mapped;
	enum tpacket_versions tp_version;
	unsigned int tp_hdrlen;
	unsigned int tp_reserve;
	unsigned int tp_tstamp;
	struct completion skb_completion;
	struct net_device *cached_dev;
	struct packet_type prot_hook ____cacheline_aligned_in_smp;
	atomic_t tp_drops ____cacheline_aligned_in_smp;
};

/* Bits of its flags. */
enum {
	CKPT_PACKET_SOCK_ORIGDEV	= 0,
	CKPT_PACKET_SOCK_AUXDATA	= 1,
	CKPT_PACKET_SOCK_TX_HAS_OFF	= 2,
	CKPT_PACKET_SOCK_TP_LOSS	= 3,
	CKPT_PACKET_SOCK_RUNNING	= 4,
	CKPT_PACKET_SOCK_QDISC_BYPASS	= 6,
};

/* Of a packet in its queue, in skb->cb. */
struct ckpt_packet_skb_cb {
	union {
		unsigned int origlen;
		struct sockaddr_ll ll;
	};
};

/* Of drivers/net/tun.c, which may be a module; the heads of the two that are large. */
struct ckpt_tap_filter {
	unsigned int count;
	u32 mask[2];
	unsigned char addr[8][ETH_ALEN];
};

struct ckpt_tun_prog {
	struct rcu_head rcu;
	struct bpf_prog *prog;
};

struct ckpt_tun_struct;

struct ckpt_tun_file {
	struct sock sk;
	struct socket socket;
	struct ckpt_tun_struct __rcu *tun;
	struct fasync_struct *fasync;
	unsigned int flags;
	union {
		u16 queue_index;
		unsigned int ifindex;
	};
	struct napi_struct napi;
	bool napi_enabled;
	bool napi_frags_enabled;
	struct mutex napi_mutex;
	struct list_head next;
	struct ckpt_tun_struct *detached;
	struct ptr_ring tx_ring;
};

struct ckpt_tun_struct {
	struct ckpt_tun_file __rcu *tfiles[256];
	unsigned int numqueues;
	unsigned int flags;
	kuid_t owner;
	kgid_t group;
	struct net_device *dev;
	netdev_features_t set_features;
	int align;
	int vnet_hdr_sz;
	int sndbuf;
	struct ckpt_tap_filter txflt;
	struct sock_fprog fprog;
	bool filter_attached;
	u32 msg_enable;
	spinlock_t lock;
	struct hlist_head flows[1024];
	struct timer_list flow_gc_timer;
	unsigned long ageing_time;
	unsigned int numdisabled;
	struct list_head disabled;
	void *security;
	u32 flow_count;
	u32 rx_batched;
	atomic_long_t rx_frame_errors;
	struct bpf_prog __rcu *xdp_prog;
	struct ckpt_tun_prog __rcu *steering_prog;
	struct ckpt_tun_prog __rcu *filter_prog;
	struct ethtool_link_ksettings link_ksettings;
};

/* Bits of its flags that no call tells of. */
#define CKPT_TUN_VNET_LE	0x80000000
#define CKPT_TUN_VNET_BE	0x40000000

#endif /* _CKPT_PRIVATE_NET_H */
