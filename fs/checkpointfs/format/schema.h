/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How the fields of a record are told: for the files schema_*.c, which have them by area.
 */
#ifndef CKPT_SCHEMA_H
#define CKPT_SCHEMA_H

#include "format.h"

#define FIELD(type, member, KIND, ...) {			\
	.name = #member,					\
	.offset = offsetof(struct type, member),		\
	.size = sizeof_field(struct type, member),		\
	.kind = CKPT_F_##KIND,					\
	__VA_ARGS__						\
}

/* For elements that are a bare number. */
#define SCALAR(label, bytes, KIND) \
	{ .name = (label), .size = (bytes), .kind = CKPT_F_##KIND }
#define REF(type, member, TYPE) \
	FIELD(type, member, REF, .limit = CKPT_TYPE_##TYPE)
#define FLAGS(type, member, mask, names) \
	FIELD(type, member, FLAGS, .limit = (mask), .values = (names))
#define ENUM(type, member, last, names) \
	FIELD(type, member, ENUM, .limit = (last), .values = (names))
#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

#define PID_LIMIT	((1 << 22) - 1)		/* greatest pid there can be */
#define NS_LIMIT	999999999		/* ns in a second, less one */

/* A record of struct @type alone; ELEMS and TEXT add what may follow it. */
#define RECORD(label, type, ...) {				\
	.name = (label),					\
	.version = 1,						\
	.min_version = 1,					\
	.fixed = sizeof(struct ckpt_##type),			\
	.fields = type##_fields,				\
	__VA_ARGS__						\
}

#define ELEMS(bytes, most, table) \
	.elem = (bytes), .max = (most), .elem_fields = (table)
#define STRUCTS(type, most) \
	ELEMS(sizeof(struct ckpt_##type), most, type##_fields)
#define TEXT(most)	.elem = 1, .text = true, .max = (most)

/* tls, xstate, name and leases have no fixed part. */
#define BARE(label, ...) \
	{ .name = (label), .version = 1, .min_version = 1, __VA_ARGS__ }

/* Elements of kinds that several areas have. */
#define RUN_ELEMS	ELEMS(sizeof(struct ckpt_run), 1 << 24, ckpt_run_fields)
/* Of two sets. */
#define NODES		ELEMS(8, 2 * CKPT_NODE_WORDS, ckpt_node_fields)
#define FILTER(most)	ELEMS(sizeof(struct ckpt_bpf), most, ckpt_bpf_fields)

extern const struct ckpt_field ckpt_run_fields[];
extern const struct ckpt_field ckpt_bpf_fields[];
extern const struct ckpt_field ckpt_node_fields[];

/* Every record there is. */
#define CKPT_SCHEMAS(ROW)					\
	ROW(HEADER, header)					\
	ROW(CPU, cpu)						\
	ROW(TAIL, tail)						\
	ROW(TASK, task)						\
	ROW(RESTART, restart)					\
	ROW(REGS, regs)						\
	ROW(XSTATE, xstate)					\
	ROW(SIGNALS, signals)					\
	ROW(PROCESS, process)					\
	ROW(LEADER, leader)					\
	ROW(SHARED_SIGNALS, shared_signals)			\
	ROW(SIGHAND, sighand)					\
	ROW(SECCOMP, seccomp)					\
	ROW(KEY, key)					\
	ROW(KEYS, keys)					\
	ROW(PAYLOAD, payload)				\
	ROW(CREDS, creds)					\
	ROW(LABEL, label)					\
	ROW(FS, fs)						\
	ROW(FDTABLE, fdtable)					\
	ROW(DNOTIFY, dnotify)					\
	ROW(PATH, path)						\
	ROW(USAGE, usage)					\
	ROW(SCHED, sched)					\
	ROW(CORE_GROUP, core_group)				\
	ROW(JOINT, joint)					\
	ROW(MEMPOLICY, mempolicy)				\
	ROW(DISPATCH, dispatch)					\
	ROW(TRACEE, tracee)					\
	ROW(TIMERS, timers)					\
	ROW(TLS, tls)						\
	ROW(BREAKPOINTS, breakpoints)				\
	ROW(PORTS, ports)					\
	ROW(MM, mm)						\
	ROW(LDT, ldt)						\
	ROW(VMAS, vmas)						\
	ROW(RUNS, runs)						\
	ROW(VMA_NAME, vma_name)					\
	ROW(POLICY, policy)					\
	ROW(AIO, aio)						\
	ROW(UFFD, uffd)						\
	ROW(PARENT, parent)					\
	ROW(FILE, file)						\
	ROW(OWNER, owner)					\
	ROW(PROCFILE, procfile)					\
	ROW(KERNFILE, kernfile)					\
	ROW(SEQFILE, seqfile)					\
	ROW(UNNAMED, unnamed)					\
	ROW(NAMELESS, nameless)					\
	ROW(INODE, inode)					\
	ROW(DEVICE, device)					\
	ROW(TUN, tun)						\
	ROW(TUN_DEVICE, tun_device)				\
	ROW(PIPE, pipe)						\
	ROW(PIPEBUF, pipebuf)					\
	ROW(SHMEM, shmem)					\
	ROW(HUGETLB, hugetlb)					\
	ROW(IPC, ipc)						\
	ROW(SEGMENT, segment)					\
	ROW(ATTACH, attach)					\
	ROW(SEMAPHORES, semaphores)				\
	ROW(SEMUNDO, semundo)					\
	ROW(QUEUE, queue)					\
	ROW(MESSAGE, message)					\
	ROW(MQUEUE, mqueue)					\
	ROW(MQMESSAGE, mqmessage)				\
	ROW(MQNOTIFY, mqnotify)					\
	ROW(MQFILE, mqfile)					\
	ROW(EVENTFD, eventfd)					\
	ROW(SIGNALFD, signalfd)					\
	ROW(TIMERFD, timerfd)					\
	ROW(USERFAULTFD, userfaultfd)				\
	ROW(LISTENER, listener)					\
	ROW(BPFMAP, bpfmap)					\
	ROW(PIDFD, pidfd)					\
	ROW(NAMESPACE, namespace)				\
	ROW(ENDEDPID, endedpid)					\
	ROW(SOCKET, socket)					\
	ROW(UNIXSOCK, unixsock)					\
	ROW(UNIX_MESSAGES, unix_messages)			\
	ROW(UNIX_FILES, unix_files)				\
	ROW(UNIX_NAME, unix_name)				\
	ROW(UNIX_SENDERS, unix_senders)				\
	ROW(UNIX_PENDING, unix_pending)				\
	ROW(UNIX_WAITING, unix_waiting)				\
	ROW(SOCKOPTS, sockopts)					\
	ROW(SOCKFILTER, sockfilter)				\
	ROW(INET, inet)						\
	ROW(INET_DEVICES, inet_devices)				\
	ROW(INET_SOURCES, inet_sources)				\
	ROW(INET_HEADERS, inet_headers)				\
	ROW(REUSEPORT, reuseport)				\
	ROW(IPOPTS, ipopts)					\
	ROW(IP6OPTS, ip6opts)					\
	ROW(UDPOPTS, udpopts)					\
	ROW(RAW, raw)						\
	ROW(PACKET, packet)					\
	ROW(PACKETOPTS, packetopts)				\
	ROW(PACKETS, packets)					\
	ROW(PACKETRING, packet_ring)				\
	ROW(PACKETGROUP, packet_group)				\
	ROW(TCP, tcp)						\
	ROW(TCPCONN, tcpconn)					\
	ROW(TCPWAITING, tcpwaiting)				\
	ROW(TCPURGENT, tcpurgent)				\
	ROW(TCPOPTS, tcpopts)					\
	ROW(TCPKEY, tcpkey)					\
	ROW(TCPUNREAD, tcpunread)				\
	ROW(DATAGRAMS, datagrams)				\
	ROW(UDPCORK, udpcork)					\
	ROW(NETLINK, netlink)					\
	ROW(NETLINK_GROUPS, netlink_groups)			\
	ROW(NETLINK_MESSAGES, netlink_messages)			\
	ROW(LOCKS, locks)					\
	ROW(LEASES, leases)					\
	ROW(EXTERNAL, external)					\
	ROW(MEMFD, memfd)					\
	ROW(NAME, name)						\
	ROW(DELETED, deleted)					\
	ROW(INOTIFY_EVENT, inotify_event)			\
	ROW(WATCHES, watches)					\
	ROW(WATCH, watch)					\
	ROW(FANOTIFY, fanotify)					\
	ROW(FANEVENT, fanevent)					\
	ROW(FANMARKS, fanmarks)					\
	ROW(FANMARK, fanmark)					\
	ROW(TTY, tty)						\
	ROW(PTY, pty)						\
	ROW(TTY_END, tty_end)					\
	ROW(TERMINAL, terminal)					\
	ROW(EPOLL, epoll)

#define CKPT_SCHEMA_DECLARE(number, label) \
	extern const struct ckpt_schema ckpt_schema_##label;
CKPT_SCHEMAS(CKPT_SCHEMA_DECLARE)

#endif
