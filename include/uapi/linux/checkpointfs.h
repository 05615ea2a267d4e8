/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * checkpointfs: the image of a frozen container, record by record.
 *
 * An image is a directory of files, TYPE/ID or TYPE/ID/PART, or a tar archive
 * of it. A file is a sequence of records, or raw bytes (`pages`, `data`).
 * Everything is little-endian and naturally aligned, each record starts with
 * struct ckpt_record and takes a multiple of 8 bytes, and what is called
 * reserved is zero. No number here is a kernel's own: all of them are ours,
 * except where a comment names the system call whose ABI is meant.
 */
#ifndef _UAPI_LINUX_CHECKPOINTFS_H
#define _UAPI_LINUX_CHECKPOINTFS_H

#include <linux/types.h>

#define CHECKPOINTFS_MAGIC	0x434b5054	/* statfs(2) f_type: "CKPT" */

#define CKPT_HEADER_MAGIC	0x3144414548504b43ULL	/* "CKPHEAD1" */
#define CKPT_TAIL_MAGIC		0x314c494154504b43ULL	/* "CKPTAIL1" */
#define CKPT_FORMAT_VERSION	1

#define CKPT_NAME_MAX		63	/* length of a container's name */
#define CKPT_PATH_MAX		4096	/* length of a path with its NUL */
#define CKPT_COMM_LEN		16
#define CKPT_PAGE_SIZE		4096
#define CKPT_NSIG		64
#define CKPT_NRLIMITS		16

enum ckpt_arch {
	CKPT_ARCH_X86_64	= 1,
};

/*
 * Feature words of the header. An image with an incompat bit that the reader
 * does not know is refused; a compat bit may be ignored.
 */
#define CKPT_INCOMPAT_PARENT	(1ULL << 0)	/* a difference to another image */
#define CKPT_INCOMPAT_KNOWN	1ULL

/*
 * Object types: ROW(NAME, number, ops).
 * NAME names the type in the sources, number is its ABI for ever, and
 * ckpt_##ops##_ops is the row its file under objects/ ends in. The order of
 * the rows is the order of the files in NAME.tar: all metadata first, then
 * contents; and that in which they are made: WATCHES and FANMARKS are behind all that
 * makes, opens or closes a file, OPATH behind TTY, which makes names, and MQUEUE, MQFILE,
 * PROCFILE and KERNFILE in front of REGULAR: names, and files that may have a path.
 * UNIXSOCK, whose queues have files in flight, is behind TCP: who has been accepted may not
 * come before the socket that listens.
 * Numbers are never changed and never used again.
 */
#define CKPT_OBJECT_TYPES(ROW)		\
	ROW(TASK,	1,	task)		\
	ROW(REGS,	2,	regs)		\
	ROW(SIGNALS,	3,	signals)	\
	ROW(PROCESS,	4,	process)	\
	ROW(LEADER,	19,	leader)	\
	ROW(SIGHAND,	5,	sighand)	\
	ROW(KEY,	60,	key)		\
	ROW(CREDS,	6,	creds)		\
	ROW(SECCOMP,	11,	seccomp)	\
	ROW(FS,		7,	fs)		\
	ROW(FDTABLE,	8,	fdtable)	\
	ROW(MM,		9,	mm)		\
	ROW(VMAS,	10,	vmas)		\
	ROW(MQUEUE,	17,	mqueue)	\
	ROW(MQFILE,	18,	mqfile)	\
	ROW(PROCFILE,	44,	procfile)	\
	ROW(KERNFILE,	45,	kernfile)	\
	ROW(UNNAMED,	46,	unnamed)	\
	ROW(NAMESPACE,	66,	namespace)	\
	ROW(REGULAR,	20,	regular)	\
	ROW(DELETED,	35,	deleted)	\
	ROW(DELDIR,	47,	deldir)	\
	ROW(DIRECTORY,	21,	directory)	\
	ROW(TTY,	48,	tty)		\
	ROW(PTY,	49,	pty)		\
	ROW(OPATH,	22,	opath)		\
	ROW(DEVICE,	23,	device)		\
	ROW(TUN,	67,	tun)		\
	ROW(PIPE,	24,	pipe)		\
	ROW(FIFO,	25,	fifo)		\
	ROW(SHMEM,	26,	shmem)		\
	ROW(ATTACH,	13,	attach)		\
	ROW(EVENTFD,	27,	eventfd)	\
	ROW(SIGNALFD,	28,	signalfd)	\
	ROW(TIMERFD,	29,	timerfd)	\
	ROW(USERFAULTFD, 63,	userfaultfd)	\
	ROW(LISTENER,	69,	listener)	\
	ROW(BPFMAP,	68,	bpfmap)	\
	ROW(UDP,	52,	udp)		\
	ROW(RAW,	61,	raw)		\
	ROW(PACKET,	62,	packet)	\
	ROW(TCP,	54,	tcp)		\
	ROW(SOCKET,	37,	socket)		\
	ROW(UNIXSOCK,	50,	unixsock)	\
	ROW(TCPCONN,	55,	tcpconn)	\
	ROW(TCPWAITING,	57,	tcpwaiting)	\
	ROW(NETLINK,	58,	netlink)	\
	ROW(EPOLL,	30,	epoll)		\
	ROW(PIDFD,	31,	pidfd)		\
	ROW(MEMFD,	32,	memfd)		\
	ROW(INOTIFY,	36,	inotify)	\
	ROW(FANOTIFY,	64,	fanotify)	\
	ROW(EXTERNAL,	33,	external)	\
	ROW(LOCKS,	38,	locks)		\
	ROW(ENDEDPID,	39,	endedpid)	\
	ROW(SEGMENT,	12,	segment)	\
	ROW(SEMAPHORES,	15,	semaphores)	\
	ROW(QUEUE,	16,	queue)		\
	ROW(PIPEBUF,	40,	pipebuf)	\
	ROW(WATCHES,	34,	watches)	\
	ROW(FANMARKS,	65,	fanmarks)	\
	ROW(PIPEDATA,	41,	pipedata)	\
	ROW(UNIXDATA,	51,	unixdata)	\
	ROW(UDPDATA,	53,	udpdata)	\
	ROW(TCPDATA,	56,	tcpdata)	\
	ROW(PACKETRING,	72,	packetring)	\
	ROW(NETLINKDATA, 59,	netlinkdata)	\
	ROW(BPFDATA,	88,	bpfdata)	\
	ROW(SHMEMDATA,	42,	shmemdata)	\
	ROW(SEGMENTDATA, 14,	segmentdata)	\
	ROW(PAGES,	43,	pages)

enum ckpt_type {
	CKPT_TYPE_NONE = 0,
#define CKPT_TYPE_ENUM(NAME, number, ops) CKPT_TYPE_##NAME = (number),
	CKPT_OBJECT_TYPES(CKPT_TYPE_ENUM)
#undef CKPT_TYPE_ENUM
	CKPT_TYPE_LIMIT = 96,		/* above every number */
};

/**
 * struct ckpt_record - what every record begins with
 * @type:	enum ckpt_record_type
 * @version:	of this record's layout
 * @fixed:	bytes of the part after this header that has a fixed layout
 * @count:	number of elements that follow the fixed part (bytes for text)
 * @size:	of the whole record with this header and padding, in bytes
 */
struct ckpt_record {
	__le16 type;
	__le16 version;
	__le32 fixed;
	__le32 count;
	__le32 size;
};

/* Record types: numbers are ABI like those of the object types. */
enum ckpt_record_type {
	CKPT_REC_HEADER		= 1,
	CKPT_REC_CPU		= 2,	/* elements: __le32 feature words */
	CKPT_REC_TAIL		= 3,	/* elements: struct ckpt_tail_file */
	CKPT_REC_TASK		= 10,
	CKPT_REC_RESTART	= 11,	/* of a task, where it has one */
	CKPT_REC_REGS		= 12,
	CKPT_REC_XSTATE		= 13,	/* elements: bytes */
	CKPT_REC_SIGNALS	= 14,	/* elements: struct ckpt_siginfo */
	CKPT_REC_PROCESS	= 15,	/* elements: struct ckpt_rlimit */
	CKPT_REC_SHARED_SIGNALS	= 16,	/* elements: struct ckpt_siginfo */
	CKPT_REC_SIGHAND	= 17,	/* elements: struct ckpt_sigaction */
	CKPT_REC_CREDS		= 18,	/* elements: __le32 group ids */
	CKPT_REC_FS		= 19,
	CKPT_REC_FDTABLE	= 20,	/* elements: struct ckpt_fd */
	CKPT_REC_PATH		= 21,	/* elements: bytes of text */
	CKPT_REC_TLS		= 22,	/* elements: struct ckpt_tls */
	CKPT_REC_USAGE		= 23,	/* of a task, or two of a process */
	CKPT_REC_TIMERS		= 24,	/* elements: struct ckpt_timer */
	CKPT_REC_SCHED		= 25,	/* elements: __le64 words of a set of CPUs */
	CKPT_REC_MEMPOLICY	= 26,	/* elements: __le64 words of two sets of nodes */
	CKPT_REC_DISPATCH	= 27,
	CKPT_REC_SECCOMP	= 28,	/* elements: struct ckpt_bpf */
	CKPT_REC_LEADER		= 29,
	CKPT_REC_MM		= 30,	/* elements: __le64 auxv words */
	CKPT_REC_VMAS		= 31,	/* elements: struct ckpt_vma */
	CKPT_REC_RUNS		= 32,	/* elements: struct ckpt_run */
	CKPT_REC_VMA_NAME	= 33,	/* elements: bytes of text */
	CKPT_REC_PARENT		= 34,	/* of what has CKPT_RUN_PARENT runs */
	CKPT_REC_IPC		= 35,
	CKPT_REC_SEGMENT	= 36,	/* elements: struct ckpt_run */
	CKPT_REC_ATTACH		= 37,
	CKPT_REC_SEMAPHORES	= 38,	/* elements: struct ckpt_semaphore */
	CKPT_REC_SEMUNDO	= 39,	/* of a task; elements: __le16 */
	CKPT_REC_FILE		= 40,
	CKPT_REC_INODE		= 41,
	CKPT_REC_DEVICE		= 42,
	CKPT_REC_PIPE		= 43,
	CKPT_REC_PIPEBUF	= 44,	/* elements: struct ckpt_pipe_buf */
	CKPT_REC_SHMEM		= 45,	/* elements: struct ckpt_run */
	CKPT_REC_OWNER		= 46,	/* of an open file, where it has one */
	CKPT_REC_EVENTFD	= 47,
	CKPT_REC_SIGNALFD	= 48,
	CKPT_REC_TIMERFD	= 49,
	CKPT_REC_EPOLL		= 50,	/* elements: struct ckpt_epoll_item */
	CKPT_REC_PIDFD		= 51,
	CKPT_REC_ENDEDPID	= 52,
	CKPT_REC_LOCKS		= 53,	/* elements: struct ckpt_lock */
	CKPT_REC_MEMFD		= 54,	/* elements: struct ckpt_run */
	CKPT_REC_NAME		= 55,	/* elements: bytes of text */
	CKPT_REC_QUEUE		= 56,
	CKPT_REC_MESSAGE	= 57,	/* elements: bytes */
	CKPT_REC_PROCFILE	= 58,	/* elements: bytes of text */
	CKPT_REC_SEQFILE	= 59,	/* of what is half read; elements: bytes */
	CKPT_REC_DELETED	= 60,	/* elements: struct ckpt_run */
	CKPT_REC_INOTIFY_EVENT	= 61,	/* elements: bytes of text */
	CKPT_REC_WATCHES	= 62,
	CKPT_REC_WATCH		= 63,	/* elements: bytes of text */
	CKPT_REC_MQUEUE		= 64,
	CKPT_REC_MQMESSAGE	= 65,	/* elements: bytes */
	CKPT_REC_MQFILE		= 66,
	CKPT_REC_LDT		= 67,	/* of mm; elements: struct ckpt_tls */
	CKPT_REC_LEASES		= 68,	/* of locks; elements: struct ckpt_lease */
	CKPT_REC_POLICY		= 69,	/* elements: __le64 words of two sets of nodes */
	CKPT_REC_SOCKET		= 70,
	CKPT_REC_UNIXSOCK	= 71,
	CKPT_REC_UNIX_MESSAGES	= 72,	/* elements: struct ckpt_unix_message */
	CKPT_REC_UNIX_FILES	= 73,	/* elements: __le64 references to files */
	CKPT_REC_SOCKOPTS	= 74,	/* elements: struct ckpt_sockopt */
	CKPT_REC_SOCKFILTER	= 75,	/* elements: struct ckpt_bpf */
	CKPT_REC_UNIX_NAME	= 76,	/* elements: bytes */
	CKPT_REC_UNIX_SENDERS	= 77,	/* elements: struct ckpt_unix_sender */
	CKPT_REC_UNIX_PENDING	= 78,	/* elements: __le64 references to sockets */
	CKPT_REC_UNIX_WAITING	= 79,
	CKPT_REC_INET		= 80,
	CKPT_REC_INET_DEVICES	= 81,	/* elements: struct ckpt_inet_device */
	CKPT_REC_IPOPTS		= 82,	/* elements: struct ckpt_sockopt */
	CKPT_REC_IP6OPTS	= 83,	/* elements: struct ckpt_sockopt */
	CKPT_REC_UDPOPTS	= 84,	/* elements: struct ckpt_sockopt */
	CKPT_REC_DATAGRAMS	= 85,	/* elements: struct ckpt_datagram */
	CKPT_REC_TCP		= 86,
	CKPT_REC_TCPOPTS	= 87,	/* elements: struct ckpt_sockopt */
	CKPT_REC_TCPCONN	= 88,
	CKPT_REC_TCPWAITING	= 89,
	CKPT_REC_TTY		= 90,
	CKPT_REC_PTY		= 91,
	CKPT_REC_TTY_END	= 92,	/* elements: bytes */
	CKPT_REC_TERMINAL	= 93,	/* of a process, where it has one */
	CKPT_REC_EXTERNAL	= 94,	/* elements: bytes of text */
	CKPT_REC_TCPURGENT	= 95,	/* of a connection, where it has some */
	CKPT_REC_NETLINK	= 96,
	CKPT_REC_NETLINK_GROUPS	= 97,	/* elements: __le32 numbers */
	CKPT_REC_NETLINK_MESSAGES = 98,	/* elements: struct ckpt_netlink_message */
	CKPT_REC_KERNFILE	= 99,
	CKPT_REC_UNNAMED	= 100,
	CKPT_REC_NAMELESS	= 101,	/* of what is one of those */
	CKPT_REC_KEY		= 102,	/* elements: bytes of text */
	CKPT_REC_KEYS		= 103,	/* elements: __le64 references to keys */
	CKPT_REC_AIO		= 104,	/* elements: struct ckpt_aio_event */
	CKPT_REC_PAYLOAD	= 105,	/* of a key, where it has one; elements: bytes */
	CKPT_REC_RAW		= 106,
	CKPT_REC_PACKET		= 107,	/* elements: struct ckpt_packet_member */
	CKPT_REC_PACKETOPTS	= 108,	/* elements: struct ckpt_sockopt */
	CKPT_REC_PACKETS	= 109,	/* elements: struct ckpt_packet_message */
	CKPT_REC_HUGETLB	= 110,	/* of memory that has huge pages of a pool */
	CKPT_REC_TRACEE		= 111,	/* of one that is traced; elements: struct ckpt_siginfo */
	CKPT_REC_BREAKPOINTS	= 112,	/* of registers, where there are some */
	CKPT_REC_CORE_GROUP	= 113,	/* of a task, where it is in one */
	CKPT_REC_USERFAULTFD	= 114,
	CKPT_REC_UFFD		= 115,	/* elements: struct ckpt_uffd_run */
	CKPT_REC_FANOTIFY	= 116,
	CKPT_REC_FANEVENT	= 117,	/* elements: bytes */
	CKPT_REC_FANMARKS	= 118,
	CKPT_REC_FANMARK	= 119,	/* elements: bytes of text */
	CKPT_REC_NAMESPACE	= 120,
	CKPT_REC_PACKETRING	= 121,	/* of a packet socket: one or two, where it has some */
	CKPT_REC_PACKETGROUP	= 122,	/* of a packet socket that is in one */
	CKPT_REC_TUN		= 123,	/* elements: struct ckpt_tun_packet */
	CKPT_REC_TUN_DEVICE	= 124,	/* elements: struct ckpt_tun_addr */
	CKPT_REC_BPFMAP		= 125,
	CKPT_REC_PORTS		= 126,	/* of registers; elements: struct ckpt_port_run */
	CKPT_REC_DNOTIFY	= 127,	/* of an fdtable; elements: struct ckpt_dnotify */
	CKPT_REC_LISTENER	= 129,
	CKPT_REC_MQNOTIFY	= 130,	/* of a message queue that tells a socket */
	CKPT_REC_TCPKEY		= 132,	/* elements: struct ckpt_tcpkey */
	CKPT_REC_INET_SOURCES	= 133,	/* elements: struct ckpt_inet_source */
	CKPT_REC_REUSEPORT	= 134,	/* elements: struct ckpt_bpf */
	CKPT_REC_UDPCORK	= 135,	/* of a UDP socket that has begun one */
	CKPT_REC_TCPUNREAD	= 136,	/* of a TCP socket that is closed and has not been read */
	CKPT_REC_INET_HEADERS	= 137,	/* elements: struct ckpt_inet_header */
	CKPT_REC_LABEL		= 138,	/* of credentials, or a task; elements: bytes of text */
	CKPT_REC_JOINT		= 139,	/* of a task that shares with no relative */
	CKPT_REC_LIMIT		= 140,	/* above every number */
};

/* ---- header, cpu, tail: the three files at the top -------------------- */

/**
 * struct ckpt_header - the file `header`
 * @magic:	CKPT_HEADER_MAGIC
 * @format:	CKPT_FORMAT_VERSION of the writer
 * @arch:	enum ckpt_arch
 * @page_size:	bytes in a page of `pages`
 * @nr_tasks:	threads in the image, zombies too
 * @time:	of the freeze, ns since 1970 (CLOCK_REALTIME)
 * @compat:	feature bits an old reader may ignore
 * @incompat:	feature bits an old reader must refuse
 * @id:		of this image, random
 * @parent:	id of the image this one is a difference to; zero: none
 * @name:	of the container, NUL-terminated
 * @release:	kernel's uname release, NUL-terminated
 * @version:	kernel's uname version, NUL-terminated
 * @machine:	kernel's uname machine, NUL-terminated
 */
struct ckpt_header {
	__le64 magic;
	__le32 format;
	__le32 arch;
	__le32 page_size;
	__le32 nr_tasks;
	__le64 time;
	__le64 compat;
	__le64 incompat;
	__u8 id[16];
	__u8 parent[16];
	char name[64];
	char release[72];
	char version[72];
	char machine[72];
};

/**
 * struct ckpt_cpu - the file `cpu`: what the image needs of a processor
 * @xfeatures:	XSAVE components in use by any task of the image (XCR0 bits)
 * @xsave_size:	bytes of the standard-format XSAVE area, 0: no XSAVE
 * @reserved:	zero
 * @vendor:	CPUID vendor text, NUL-terminated
 *
 * Elements: CPUID feature words, in the order of enum ckpt_cpu_word.
 */
struct ckpt_cpu {
	__le64 xfeatures;
	__le32 xsave_size;
	__le32 reserved;
	char vendor[16];
};

enum ckpt_cpu_word {		/* CPUID leaf, register */
	CKPT_CPU_1_EDX		= 0,
	CKPT_CPU_1_ECX		= 1,
	CKPT_CPU_7_EBX		= 2,
	CKPT_CPU_7_ECX		= 3,
	CKPT_CPU_7_EDX		= 4,
	CKPT_CPU_7_1_EAX	= 5,
	CKPT_CPU_80000001_EDX	= 6,
	CKPT_CPU_80000001_ECX	= 7,
	CKPT_CPU_80000008_EBX	= 8,
	CKPT_CPU_D_1_EAX	= 9,
	CKPT_CPU_WORDS		= 10,
};

/**
 * struct ckpt_tail - the file `tail`: proof that the image is whole
 * @magic:	CKPT_TAIL_MAGIC
 * @id:		of the image, as in the header
 */
struct ckpt_tail {
	__le64 magic;
	__u8 id[16];
};

/**
 * struct ckpt_tail_file - one file of the image, the tail itself excepted
 * @type:	enum ckpt_type; 0 with @id 1: header, with @id 2: cpu
 * @crc:	CRC32C of its bytes, where CKPT_TAIL_CRC is set
 * @id:		of the object
 * @size:	in bytes
 * @flags:	CKPT_TAIL_*
 * @reserved:	zero
 */
struct ckpt_tail_file {
	__le32 type;
	__le32 crc;
	__le64 id;
	__le64 size;
	__le32 flags;
	__le32 reserved;
};

#define CKPT_TAIL_CRC		1	/* @crc is meant */
#define CKPT_TAIL_FLAGS		1
#define CKPT_TOP_HEADER		1	/* @id of the header in the tail */
#define CKPT_TOP_CPU		2	/* @id of cpu in the tail */

/* ---- tasks/TID/task ---------------------------------------------------- */

enum ckpt_task_state {
	CKPT_TASK_RUNNING	= 1,	/* in user mode or in a system call */
	CKPT_TASK_ZOMBIE	= 2,
};

#define CKPT_TASK_NO_NEW_PRIVS	(1 << 0)
#define CKPT_TASK_VFORKING	(1 << 1)	/* waits in vfork() for @vfork_child */
#define CKPT_TASK_32BIT		(1 << 2)	/* runs in compatibility mode */
#define CKPT_TASK_FORKNOEXEC	(1 << 3)	/* has not called execve() yet */
#define CKPT_TASK_STRICT	(1 << 4)	/* SECCOMP_MODE_STRICT */
#define CKPT_TASK_SYSVSEM	(1 << 5)	/* shares SEM_UNDO with its maker */
#define CKPT_TASK_IO		(1 << 6)	/* shares its I/O context with its maker */
#define CKPT_TASK_MCE_KILL	(1 << 7)	/* PR_MCE_KILL_SET */
#define CKPT_TASK_MCE_EARLY	(1 << 8)	/* ... PR_MCE_KILL_EARLY */
#define CKPT_TASK_IO_FLUSHER	(1 << 9)	/* PR_SET_IO_FLUSHER */
#define CKPT_TASK_NPROC_EXCEEDED (1 << 10)	/* setuid() went past RLIMIT_NPROC */
#define CKPT_TASK_SUPERPRIV	(1 << 11)	/* has made use of a capability */
#define CKPT_TASK_NO_TSC	(1 << 12)	/* PR_SET_TSC: PR_TSC_SIGSEGV */
/* PR_SET_SPECULATION_CTRL, of each at most one; none: as the kernel has it. */
#define CKPT_TASK_SSB_DISABLE	(1 << 13)	/* PR_SPEC_STORE_BYPASS, DISABLE */
#define CKPT_TASK_SSB_FORCE	(1 << 14)	/* ... FORCE_DISABLE */
#define CKPT_TASK_SSB_NOEXEC	(1 << 15)	/* ... DISABLE_NOEXEC */
#define CKPT_TASK_IB_DISABLE	(1 << 16)	/* PR_SPEC_INDIRECT_BRANCH, DISABLE */
#define CKPT_TASK_IB_FORCE	(1 << 17)	/* ... FORCE_DISABLE */
#define CKPT_TASK_L1D_FLUSH	(1 << 18)	/* PR_SPEC_L1D_FLUSH, ENABLE */
#define CKPT_TASK_STOPPING	(1 << 19)	/* has yet to stop, see CKPT_PROCESS_STOPPING */
#define CKPT_TASK_FLAGS		0xfffff

/**
 * struct ckpt_task - a thread
 * @tid:	its id in the pid namespace of the one who froze it
 * @tgid:	id of its process; equal to @tid in the leader
 * @ppid:	tid of the thread whose child its process is; 0: outside
 * @exit_signal: sent to the parent at exit; -1 for a thread
 * @state:	enum ckpt_task_state
 * @flags:	CKPT_TASK_*
 * @exit_code:	of a zombie, as wait4(2) gives it
 * @personality: personality(2)
 * @nice:	-20 to 19
 * @vfork_child: tid of whom a CKPT_TASK_VFORKING task waits for, for whom no other does
 * @comm:	name, NUL-terminated
 * @process:	reference
 * @mm:		reference; 0 in a zombie without threads, as the three after it
 * @fdtable:	reference
 * @fs:		reference
 * @sighand:	reference
 * @creds:	reference
 * @reserved:	zero
 * @clear_child_tid: user address, set_tid_address(2)
 * @robust_list: user address, set_robust_list(2)
 * @compat_robust_list: the same, of a 32-bit task
 * @rseq:	user address, rseq(2)
 * @rseq_len:	bytes
 * @rseq_sig:	signature
 * @start_time:	when it was started, ns since 1970 (CLOCK_REALTIME)
 * @pdeath_signal: PR_SET_PDEATHSIG, 0: none
 * @maker:	tid of the task that it is cloned from, 0: the leader of a thread, else
 *		the parent
 * @seccomp:	reference to its latest filter of system calls, 0: none
 */
struct ckpt_task {
	__le32 tid;
	__le32 tgid;
	__le32 ppid;
	__le32 exit_signal;
	__le32 state;
	__le32 flags;
	__le32 exit_code;
	__le32 personality;
	__le32 nice;
	__le32 vfork_child;
	char comm[CKPT_COMM_LEN];
	__le64 process;
	__le64 mm;
	__le64 fdtable;
	__le64 fs;
	__le64 sighand;
	__le64 creds;
	__le64 reserved;
	__le64 clear_child_tid;
	__le64 robust_list;
	__le64 compat_robust_list;
	__le64 rseq;
	__le32 rseq_len;
	__le32 rseq_sig;
	__le64 start_time;
	__le32 pdeath_signal;
	__le32 maker;
	__le64 seccomp;
};

/**
 * struct ckpt_dispatch - PR_SET_SYSCALL_USER_DISPATCH
 * @selector:	user address of the byte that allows or blocks, 0: none
 * @start:	of the range of code that may always call
 * @size:	of the range, bytes
 */
struct ckpt_dispatch {
	__le64 selector;
	__le64 start;
	__le64 size;
};

enum ckpt_sched_policy {
	CKPT_SCHED_NORMAL	= 1,
	CKPT_SCHED_FIFO		= 2,
	CKPT_SCHED_RR		= 3,
	CKPT_SCHED_BATCH	= 4,
	CKPT_SCHED_IDLE		= 5,
	CKPT_SCHED_DEADLINE	= 6,
};

#define CKPT_SCHED_RESET_ON_FORK (1 << 0)
#define CKPT_SCHED_RECLAIM	(1 << 1)	/* SCHED_FLAG_RECLAIM */
#define CKPT_SCHED_OVERRUN	(1 << 2)	/* SCHED_FLAG_DL_OVERRUN */
#define CKPT_SCHED_UTIL_MIN	(1 << 3)	/* @util_min is meant */
#define CKPT_SCHED_UTIL_MAX	(1 << 4)	/* @util_max is meant */
#define CKPT_SCHED_FLAGS	0x1f

/**
 * struct ckpt_sched - how a task is scheduled: sched_setattr(2)
 * @policy:	enum ckpt_sched_policy
 * @flags:	CKPT_SCHED_*
 * @priority:	1 to 99 of FIFO and RR, else 0
 * @ioprio:	ioprio_set(2), 0: none
 * @util_min, @util_max: utilization clamps, 0 to 1024
 * @runtime:	ns of DEADLINE; else the length of a time slice, 0: not set
 * @deadline:	ns, of DEADLINE
 * @period:	ns, of DEADLINE
 * @timer_slack: ns
 * @default_timer_slack: ns, what PR_SET_TIMERSLACK of 0 sets
 *
 * Elements: the CPUs that it may run on, bit 0 of the first word is CPU 0; none:
 * all that there are.
 */
struct ckpt_sched {
	__le32 policy;
	__le32 flags;
	__le32 priority;
	__le32 ioprio;
	__le32 util_min, util_max;
	__le64 runtime;
	__le64 deadline;
	__le64 period;
	__le64 timer_slack;
	__le64 default_timer_slack;
};

/**
 * struct ckpt_core_group - who shares the core of a processor with whom: PR_SCHED_CORE
 * @group:	the same number in all tasks of a group, not 0
 * @reserved:	zero
 */
struct ckpt_core_group {
	__le32 group;
	__le32 reserved;
};

enum ckpt_label_module {
	CKPT_LABEL_APPARMOR	= 1,
	CKPT_LABEL_SELINUX	= 2,
	CKPT_LABEL_SMACK	= 3,
};

/* All but the last are files of /proc/PID/attr. */
enum ckpt_label_kind {
	CKPT_LABEL_CURRENT	= 1,
	CKPT_LABEL_EXEC		= 2,	/* from the next execve(2) on */
	CKPT_LABEL_FSCREATE	= 3,	/* of new files */
	CKPT_LABEL_KEYCREATE	= 4,	/* of new keys */
	CKPT_LABEL_PREV		= 5,	/* before the last execve(2) */
	CKPT_LABEL_SOCKCREATE	= 6,	/* of new sockets */
	CKPT_LABEL_HAT		= 7,	/* that a task is in, until it leaves it */
};

#define CKPT_LABEL_STACK	(1 << 0)	/* on top of the one that it has then */
#define CKPT_LABEL_FLAGS	((1 << 1) - 1)

#define CKPT_LABEL_MAX		3072	/* most bytes, with the NUL at the end */

/**
 * struct ckpt_label - a label of a security module
 * @module:	enum ckpt_label_module, the same of all that an image's object has
 * @kind:	enum ckpt_label_kind
 * @flags:	CKPT_LABEL_*, of CKPT_LABEL_EXEC of AppArmor
 * @token:	of CKPT_LABEL_HAT: by which it is left
 *
 * Credentials have what the module keeps with them: AppArmor and Smack the current label,
 * SELinux all kinds but the last. A task has the rest, which is AppArmor's: a label for the
 * next execve(2), and its hat; its credentials have the label that it then goes back to.
 *
 * Elements: the label, as it is set, NUL-terminated.
 */
struct ckpt_label {
	__le16 module;
	__le16 kind;
	__le32 flags;
	__le64 token;
};

/**
 * struct ckpt_joint - what a task has in common with one that it is not cloned from
 * @files:	tid of the first that has the same table of descriptors, 0: it is the first
 *		itself, or has its maker's
 * @fs:		the same of its directories
 * @io:		the same of its I/O context, which no other record has
 * @sysvsem:	the same of its adjustments to semaphores
 */
struct ckpt_joint {
	__le32 files;
	__le32 fs;
	__le32 io;
	__le32 sysvsem;
};

#define CKPT_CPU_SET_WORDS	1024	/* greatest number of words in a set of CPUs */
#define CKPT_NODE_WORDS		16	/* the same of nodes */

/**
 * struct ckpt_mempolicy - set_mempolicy(2)
 * @mode:	MPOL_*
 * @flags:	MPOL_F_*
 *
 * Elements: as those of struct ckpt_policy; in version 1: the nodes that the program has
 * named alone.
 */
struct ckpt_mempolicy {
	__le32 mode;
	__le32 flags;
};

enum ckpt_usage_who {
	CKPT_USAGE_TASK		= 1,	/* a thread, or a zombie */
	CKPT_USAGE_ENDED	= 2,	/* threads of the process that have ended */
	CKPT_USAGE_CHILDREN	= 3,	/* children that it has waited for */
};

/**
 * struct ckpt_usage - what has been used, as getrusage(2) and /proc/PID tell it
 * @who:	enum ckpt_usage_who
 * @reserved:	zero
 * @utime:	ns in user mode, by ticks
 * @stime:	ns in the kernel, by ticks
 * @gtime:	ns of @utime spent by a virtual machine
 * @runtime:	ns on a processor, as CLOCK_THREAD_CPUTIME_ID has them; not of
 *		CKPT_USAGE_CHILDREN
 * @told_utime:	what was told last of @utime scaled to @runtime, which never goes
 *		back; of CKPT_USAGE_ENDED: for all threads of the process
 * @told_stime:	the same of @stime
 * @nvcsw, @nivcsw: voluntary and involuntary context switches
 * @min_flt, @maj_flt: page faults without and with I/O
 * @inblock, @oublock: blocks of 512 bytes read and written; not of CKPT_USAGE_TASK,
 *		as @maxrss
 * @maxrss:	pages
 * @rchar ... @cancelled_write_bytes: /proc/PID/io; not of CKPT_USAGE_CHILDREN
 */
struct ckpt_usage {
	__le32 who;
	__le32 reserved;
	__le64 utime, stime, gtime;
	__le64 runtime;
	__le64 told_utime;
	__le64 told_stime;
	__le64 nvcsw, nivcsw;
	__le64 min_flt, maj_flt;
	__le64 inblock, oublock;
	__le64 maxrss;
	__le64 rchar, wchar, syscr, syscw;
	__le64 read_bytes, write_bytes, cancelled_write_bytes;
};

/* Most ns that a clock of CPU time may show; of a whole process too. */
#define CKPT_USAGE_TIME_MAX	(1ULL << 62)

enum ckpt_restart_kind {
	CKPT_RESTART_NANOSLEEP	= 1,	/* a relative sleep */
	CKPT_RESTART_FUTEX	= 2,	/* futex(FUTEX_WAIT) with a time-out */
	CKPT_RESTART_POLL	= 3,	/* poll() with a time-out */
	CKPT_RESTART_WAIT	= 4,	/* a call that is made again, with what is left */
};

#define CKPT_RESTART_TIMED	(1 << 0)	/* @left is meant */
#define CKPT_RESTART_COMPAT	(1 << 1)	/* called by 32-bit code */
#define CKPT_RESTART_FLAGS	3

/**
 * struct ckpt_restart - how an interrupted system call goes on
 * @kind:	enum ckpt_restart_kind
 * @flags:	CKPT_RESTART_*
 * @clock:	clockid of clock_nanosleep(2)
 * @call:	system call number (CKPT_RESTART_WAIT)
 * @left:	ns left at the freeze; of CLOCK_REALTIME, CLOCK_TAI and clocks of CPU
 *		time: the time of that clock at which it ends
 * @arg:	kind's own: nanosleep: type, rmtp; futex: uaddr, val, flags,
 *		bitset, uaddr2; poll: ufds, nfds; wait: events that io_getevents(2)
 *		has got, and will count with those to come
 */
struct ckpt_restart {
	__le32 kind;
	__le32 flags;
	__le32 clock;
	__le32 call;
	__le64 left;
	__le64 arg[5];
};

/**
 * struct ckpt_regs - tasks/TID/cpu: the registers of a thread
 * @r15 ... @gs: by their names; of a 32-bit task the lower halves
 * @fault_address: of the last fault, for the frame of its signal: CR2
 * @trap:	the same: its vector
 * @error:	the same: its error code
 *
 * One record for 64- and 32-bit tasks. @orig_ax is the number of the system
 * call that the task was in, or -1. @ax is what the call returns as far as it
 * is known: the kernel's restart codes (-512, -513, -514, -516) stand here.
 */
struct ckpt_regs {
	__le64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8;
	__le64 ax, cx, dx, si, di, orig_ax;
	__le64 ip, cs, flags, sp, ss;
	__le64 fs_base, gs_base;
	__le64 ds, es, fs, gs;
	__le64 fault_address;
	__le32 trap;
	__le32 error;
};

#define CKPT_LDT_ENTRIES	8192		/* most in a table of modify_ldt(2) */
#define CKPT_TLS_FLAGS		0x7f

/**
 * struct ckpt_tls - a descriptor; the values of struct user_desc
 * @entry_number: of the segment
 * @base:	address
 * @limit:	bytes, or pages
 * @flags:	bit 0 seg_32bit, 1-2 contents, 3 read_exec_only,
 *		4 limit_in_pages, 5 seg_not_present, 6 useable
 */
struct ckpt_tls {
	__le32 entry_number;
	__le32 base;
	__le32 limit;
	__le32 flags;
};

/**
 * struct ckpt_breakpoints - debug registers, as PTRACE_POKEUSER sets them
 * @address:	DR0 to DR3: user addresses
 * @control:	DR7
 * @set:	which of DR0 to DR3 are; not all that DR7 enables, a fork() has only that
 * @reserved:	zero
 */
struct ckpt_breakpoints {
	__le64 address[4];
	__le64 control;
	__le32 set;
	__le32 reserved;
};

#define CKPT_PORT_RUNS	(1 << 15)	/* most that 65536 ports can have, with one between each */

/**
 * struct ckpt_ports - which ports of I/O a thread may use
 * @level:	0 to 3, of iopl(2); with 3 it may use all of them
 * @reserved:	zero
 *
 * Elements: the ports that ioperm(2) has given it, ascending, with others between them.
 */
struct ckpt_ports {
	__le32 level;
	__le32 reserved;
};

/**
 * struct ckpt_port_run - ports beside each other
 * @first:	number of the first, and
 * @last:	of the last of them
 */
struct ckpt_port_run {
	__le16 first;
	__le16 last;
};

/* ---- tasks/TID/signals, processes/TGID, sighand/ID ---------------------- */

/**
 * struct ckpt_siginfo - a queued signal
 * @signo:	1 to 64
 * @error:	si_errno
 * @code:	si_code
 * @reserved:	zero
 * @fields:	the rest of siginfo_t as the 64-bit ABI lays it out
 */
struct ckpt_siginfo {
	__le32 signo;
	__le32 error;
	__le32 code;
	__le32 reserved;
	__u8 fields[112];
};

enum ckpt_tracee_stop {
	CKPT_TRACEE_RUNS	= 1,	/* it is in none */
	CKPT_TRACEE_SIGNAL	= 2,	/* a signal is about to be delivered */
	CKPT_TRACEE_TRAP	= 3,	/* PTRACE_EVENT_STOP: interrupted, or of a group stop */
	CKPT_TRACEE_GROUP	= 4,	/* of a group stop, without PTRACE_SEIZE */
};

#define CKPT_TRACEE_SEIZED	(1 << 0)	/* by PTRACE_SEIZE */
#define CKPT_TRACEE_BY_ITSELF	(1 << 1)	/* traced with its own rights: PTRACE_TRACEME */
#define CKPT_TRACEE_INTERRUPT	(1 << 2)	/* a PTRACE_EVENT_STOP follows this stop */
#define CKPT_TRACEE_NOTIFY	(1 << 3)	/* the same, of which a signal is the reason */
#define CKPT_TRACEE_DEQUEUED	(1 << 4)	/* no SIGCONT has come since its signal */
#define CKPT_TRACEE_STEP	(1 << 5)	/* was let go for a single step last */
#define CKPT_TRACEE_TF		(1 << 6)	/* the trap flag is its tracer's, not its own */
#define CKPT_TRACEE_FLAGS	0x7f

/* Of struct ckpt_tracee.options: bits 0 to 7 are those of PTRACE_SETOPTIONS. */
#define CKPT_TRACEE_EVENTS	0xff
#define CKPT_TRACEE_EXITKILL	(1 << 8)	/* PTRACE_O_EXITKILL */
#define CKPT_TRACEE_OPTIONS	0x1ff

/**
 * struct ckpt_tracee - a task that is traced by another one, ptrace(2)
 * @tracer:	tid of the thread that traces it
 * @flags:	CKPT_TRACEE_*
 * @options:	what PTRACE_SETOPTIONS has set
 * @stop:	enum ckpt_tracee_stop
 * @code:	what waitpid(2) has yet to say of the stop, 0: it has been said
 * @stop_signal: signal of the latest group stop, 0: there was none
 * @message:	PTRACE_GETEVENTMSG
 * @debug_status: DR6 as its tracer sees it, the reserved bits inverted
 *
 * Elements: the siginfo of a CKPT_TRACEE_SIGNAL or CKPT_TRACEE_TRAP stop.
 */
struct ckpt_tracee {
	__le32 tracer;
	__le32 flags;
	__le32 options;
	__le32 stop;
	__le32 code;
	__le32 stop_signal;
	__le64 message;
	__le64 debug_status;
};

#define CKPT_SIGNALS_RESTORE_MASK	(1 << 0)	/* @saved is to be put back */
#define CKPT_SIGNALS_FLAGS		1

/**
 * struct ckpt_signals - a thread's signal state
 * @blocked:	mask, bit 0 is signal 1
 * @saved:	mask that sigsuspend() and its like put back
 * @pending:	set of pending signals (some have no entry in the queue)
 * @stack:	address of the alternate stack
 * @stack_size:	bytes
 * @stack_flags: ss_flags of sigaltstack(2)
 * @flags:	CKPT_SIGNALS_*
 */
struct ckpt_signals {
	__le64 blocked;
	__le64 saved;
	__le64 pending;
	__le64 stack;
	__le64 stack_size;
	__le32 stack_flags;
	__le32 flags;
};

#define CKPT_PROCESS_STOPPED	(1 << 0)	/* by a job control signal */
#define CKPT_PROCESS_CONTINUED	(1 << 1)	/* wait(WCONTINUED) will tell */
#define CKPT_PROCESS_LEADER	(1 << 2)	/* leads its session */
#define CKPT_PROCESS_ALARM	(1 << 3)	/* ITIMER_REAL runs */
#define CKPT_PROCESS_SUBREAPER	(1 << 4)	/* PR_SET_CHILD_SUBREAPER */
#define CKPT_PROCESS_PTRACER	(1 << 5)	/* @ptracer is meant */
#define CKPT_PROCESS_STOPPING	(1 << 6)	/* when those of its tasks have that have to */
#define CKPT_PROCESS_FLAGS	0x7f

/**
 * struct ckpt_process - what the threads of a process share
 * @tgid:	its id
 * @pgid:	id of the process group, whose leader may have ended; 0: a group led from
 *		outside
 * @sid:	id of the session, the same; 0: a session led from outside
 * @flags:	CKPT_PROCESS_*
 * @stop_code:	of a process that is stopped or stops: what waitpid(WUNTRACED) has still to say
 * @oom_score_adj: -1000 to 1000
 * @next_timer:	id that timer_create(2) tries next
 * @oom_score_adj_min: the least that it may set without CAP_SYS_RESOURCE
 * @real_left:	ITIMER_REAL: ns left at the freeze, negative: since it expired
 * @real_interval: ns, 0: expires once
 * @virtual_end: ITIMER_VIRTUAL: ns on the clock of the process, 0: not set
 * @virtual_interval: ns
 * @prof_end:	ITIMER_PROF, as ITIMER_VIRTUAL
 * @prof_interval: ns
 * @autogroup_nice: /proc/PID/autogroup, of the leader of a session
 * @ptracer:	PR_SET_PTRACER: tid of who may trace it, 0: anyone
 *
 * Elements: CKPT_NRLIMITS limits, in the order of the RLIMIT_ numbers.
 */
struct ckpt_process {
	__le32 tgid;
	__le32 pgid;
	__le32 sid;
	__le32 flags;
	__le32 stop_code;
	__le32 oom_score_adj;
	__le32 next_timer;
	__le32 oom_score_adj_min;
	__le64 real_left;
	__le64 real_interval;
	__le64 virtual_end;
	__le64 virtual_interval;
	__le64 prof_end;
	__le64 prof_interval;
	__le32 autogroup_nice;
	__le32 ptracer;
};

/**
 * struct ckpt_leader - leaders/ID: who led a process group or session, and has ended
 * @pid:	his number, which is that of the group or session
 * @sid:	id of the session that the group is in, @pid if it is his own; 0: a session
 *		led from outside
 */
struct ckpt_leader {
	__le32 pid;
	__le32 sid;
};

/* Greatest distance of a timer from now, and greatest time of a timer, in ns. */
#define CKPT_TIMER_LEFT_MAX	(1LL << 61)
#define CKPT_TIMER_TIME_MAX	((1ULL << 63) - 1)

enum ckpt_notify {			/* sigev_notify of sigevent(3type) */
	CKPT_NOTIFY_SIGNAL	= 1,
	CKPT_NOTIFY_NONE	= 2,
	CKPT_NOTIFY_THREAD	= 3,	/* to the kernel the same as SIGNAL */
	CKPT_NOTIFY_THREAD_ID	= 4,
};

#define CKPT_TIMER_RELATIVE	(1 << 0)	/* CLOCK_REALTIME, set without TIMER_ABSTIME */
#define CKPT_TIMER_ARMED	(1 << 1)	/* will expire */
#define CKPT_TIMER_PENDING	(1 << 2)	/* its signal is queued */
#define CKPT_TIMER_REARM	(1 << 3)	/* goes on when its signal is taken */
#define CKPT_TIMER_FLAGS	0xf

/**
 * struct ckpt_timer - a timer of timer_create(2)
 * @id:		its number
 * @clock:	clockid
 * @clock_tid:	clock of CPU time: the task whose it is, 0: of no task
 * @notify:	enum ckpt_notify
 * @signo:	signal that it sends
 * @tid:	thread that gets it (CKPT_NOTIFY_THREAD_ID), else 0
 * @flags:	CKPT_TIMER_*
 * @pending_overrun: overruns counted in its queued signal
 * @value:	sigev_value
 * @expires:	ns left at the freeze, negative: since it expired; of
 *		CLOCK_REALTIME (but for CKPT_TIMER_RELATIVE), CLOCK_REALTIME_ALARM,
 *		CLOCK_TAI and clocks of CPU time: the time of that clock
 * @interval:	ns, 0: expires once
 * @overrun:	counted since it last expired; -1 to begin with
 * @overrun_last: timer_getoverrun(2)
 */
struct ckpt_timer {
	__le32 id;
	__le32 clock;
	__le32 clock_tid;
	__le32 notify;
	__le32 signo;
	__le32 tid;
	__le32 flags;
	__le32 pending_overrun;
	__le64 value;
	__le64 expires;
	__le64 interval;
	__le64 overrun;
	__le64 overrun_last;
};

/**
 * struct ckpt_timers - the timers of a process
 * @reserved:	zero
 *
 * Elements: the timers, those made last first.
 */
struct ckpt_timers {
	__le64 reserved;
};

/**
 * struct ckpt_rlimit - getrlimit(2); all ones: no limit
 * @cur:	soft limit
 * @max:	hard limit
 */
struct ckpt_rlimit {
	__le64 cur;
	__le64 max;
};

/**
 * struct ckpt_shared_signals - signals pending for the whole process
 * @pending:	set of pending signals
 */
struct ckpt_shared_signals {
	__le64 pending;
};

/**
 * struct ckpt_sighand - table of signal handlers
 * @reserved:	zero
 *
 * Elements: CKPT_NSIG actions, of the signals 1 to 64.
 */
struct ckpt_sighand {
	__le64 reserved;
};

/* Set by a call of the 32-bit ABI: the handler gets a 32-bit frame. */
#define CKPT_SA_32BIT	0x02000000

/**
 * struct ckpt_sigaction - rt_sigaction(2) in the 64-bit ABI
 * @handler:	user address; 0 SIG_DFL, 1 SIG_IGN
 * @flags:	SA_*, CKPT_SA_32BIT
 * @restorer:	user address
 * @mask:	blocked while the handler runs
 */
struct ckpt_sigaction {
	__le64 handler;
	__le64 flags;
	__le64 restorer;
	__le64 mask;
};

/* ---- keys/ID, creds/ID, seccomp/ID, fs/ID, fdtables/ID ------------------- */

enum ckpt_key_kind {
	CKPT_KEY_KEYRING	= 1,	/* of a task; made again */
	CKPT_KEY_USER		= 2,	/* of type user, in those only; made again */
	CKPT_KEY_EXISTING	= 3,	/* of others too; looked up by its number */
};

#define CKPT_KEY_PERM		0x3f3f3f3f	/* all bits that there are */
#define CKPT_KEY_PAYLOAD_MAX	32767		/* bytes, of a key of type user */

/**
 * struct ckpt_key - a keyring of a task, or a key that one links to, keyrings(7)
 * @expiry:	when it is not valid any more, seconds of CLOCK_REALTIME; 0: never
 * @kind:	enum ckpt_key_kind
 * @serial:	its number; what is made again gets another
 * @uid, @gid:	owner and group as the freezer's user namespace sees them, or -1
 * @perm:	who may do what, KEYCTL_SETPERM
 * @reserved:	zero
 * @type:	its type: "keyring", "user" ...
 *
 * Elements: the description with its NUL. A record ``keys`` has the links of a keyring
 * that is made again, in no order.
 */
struct ckpt_key {
	__le64 expiry;
	__le32 kind;
	__le32 serial;
	__le32 uid, gid;
	__le32 perm;
	__le32 reserved;
	char type[32];
};


/**
 * struct ckpt_creds - credentials, ids as the freezer's user namespace sees them
 * @uid ... @fsgid: real, saved, effective and filesystem ids
 * @securebits:	prctl(2) PR_SET_SECUREBITS
 * @reqkey:	KEYCTL_SET_REQKEY_KEYRING: where a key goes that request_key(2) makes
 * @inheritable, @permitted, @effective, @bounding, @ambient: capability sets
 *
 * Elements: supplementary groups, ascending. A record ``keys`` may follow, of three
 * references: session, process and thread keyring. Where there is none, or the first is 0,
 * the session keyring is the writer's; without the others there is no such keyring.
 */
struct ckpt_creds {
	__le32 uid, gid, suid, sgid, euid, egid, fsuid, fsgid;
	__le32 securebits;
	__le32 reqkey;
	__le64 inheritable, permitted, effective, bounding, ambient;
};

#define CKPT_SECCOMP_LOG	(1 << 0)	/* SECCOMP_FILTER_FLAG_LOG */
#define CKPT_SECCOMP_KILLABLE	(1 << 1)	/* SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV */
#define CKPT_SECCOMP_FLAGS	3
#define CKPT_SECCOMP_INSNS	4096	/* most instructions of a filter */

/**
 * struct ckpt_seccomp - a filter of system calls, seccomp(2)
 * @previous:	reference to the filter that it was put upon, whose id is
 *		smaller; 0: the first
 * @flags:	CKPT_SECCOMP_*; killable of one with a listener only
 * @listener:	reference to its listener; 0: it has none
 *
 * Elements: its program.
 */
struct ckpt_seccomp {
	__le64 previous;
	__le32 flags;
	__le32 listener;
};

/**
 * struct ckpt_bpf - an instruction of classic BPF
 * @code:	operation
 * @jt, @jf:	instructions to skip if a comparison holds, and if not
 * @k:		operand
 */
struct ckpt_bpf {
	__le16 code;
	__u8 jt, jf;
	__le32 k;
};

/**
 * struct ckpt_fs - umask; two path records follow: working directory, root
 * @umask:	file creation mask
 * @reserved:	zero
 */
struct ckpt_fs {
	__le32 umask;
	__le32 reserved;
};

enum ckpt_path_role {
	CKPT_PATH_CWD		= 1,
	CKPT_PATH_ROOT		= 2,
	CKPT_PATH_FILE		= 3,
};

/**
 * struct ckpt_path - a path, as seen from the root of the one who froze
 * @role:	enum ckpt_path_role
 * @reserved:	zero
 *
 * Elements: the text with its NUL.
 */
struct ckpt_path {
	__le32 role;
	__le32 reserved;
};

/**
 * struct ckpt_fdtable - a table of descriptors
 * @reserved:	zero
 *
 * Elements: the open descriptors, ascending.
 */
struct ckpt_fdtable {
	__le64 reserved;
};

#define CKPT_FD_CLOEXEC		1
#define CKPT_FD_FLAGS		1

/**
 * struct ckpt_fd - one descriptor
 * @fd:		its number
 * @flags:	CKPT_FD_*
 * @file:	reference
 */
struct ckpt_fd {
	__le32 fd;
	__le32 flags;
	__le64 file;
};

enum ckpt_dnotify_events {		/* fcntl(2) F_NOTIFY */
	CKPT_DN_ACCESS		= 1 << 0,
	CKPT_DN_MODIFY		= 1 << 1,
	CKPT_DN_CREATE		= 1 << 2,
	CKPT_DN_DELETE		= 1 << 3,
	CKPT_DN_RENAME		= 1 << 4,
	CKPT_DN_ATTRIB		= 1 << 5,
	CKPT_DN_MULTISHOT	= 1 << 6,	/* it does not end with the first of them */
	CKPT_DN_FLAGS		= (1 << 7) - 1,
};

/**
 * struct ckpt_dnotify - a directory of which signals tell
 * @fd:		descriptor of the directory, by which it was asked for, and which they tell
 * @events:	enum ckpt_dnotify_events: of what
 */
struct ckpt_dnotify {
	__le32 fd;
	__le32 events;
};

/* ---- mm/ID/layout, mm/ID/vmas, mm/ID/pages ------------------------------- */

enum ckpt_dumpable {			/* prctl(2) PR_GET_DUMPABLE */
	CKPT_DUMPABLE_NO	= 0,
	CKPT_DUMPABLE_USER	= 1,
	CKPT_DUMPABLE_ROOT	= 2,
};

#define CKPT_MM_32BIT		(1 << 0)	/* address space of a 32-bit program */
#define CKPT_MM_BOTTOM_UP	(1 << 1)	/* legacy mmap layout */
#define CKPT_MM_LOCK_FUTURE	(1 << 2)	/* mlockall(MCL_FUTURE) */
#define CKPT_MM_LOCK_ONFAULT	(1 << 3)	/* ... with MCL_ONFAULT */
#define CKPT_MM_NO_THP		(1 << 4)	/* PR_SET_THP_DISABLE */
#define CKPT_MM_MDWE		(1 << 5)	/* PR_SET_MDWE */
#define CKPT_MM_MDWE_NO_INHERIT	(1 << 6)	/* ... PR_MDWE_NO_INHERIT */
#define CKPT_MM_BARRIER_GLOBAL	(1 << 7)	/* membarrier(2): is registered for these */
#define CKPT_MM_BARRIER_PRIVATE	(1 << 8)
#define CKPT_MM_BARRIER_CORE	(1 << 9)
#define CKPT_MM_BARRIER_RSEQ	(1 << 10)
#define CKPT_MM_BARRIERS	(0xf << 7)
#define CKPT_MM_MERGE		(1 << 11)	/* PR_SET_MEMORY_MERGE */
#define CKPT_MM_FLAGS		0xfff

#define CKPT_KEYS		16		/* memory protection keys there are */
#define CKPT_KEYS_NEW		(1 << 0)	/* those that a new program has */

/**
 * struct ckpt_mm - layout of an address space; addresses in bytes
 * @start_code ... @env_end: as prctl(2) PR_SET_MM names them
 * @mmap_base:	where mmap() starts to look for space
 * @vdso:	address of the vdso; 0: none
 * @vdso_size:	bytes of the vdso
 * @vdso_crc:	CRC32C of the vdso's code: it must be the same one
 * @dumpable:	enum ckpt_dumpable
 * @exe:	reference to the file that was executed
 * @flags:	CKPT_MM_*
 * @coredump_filter: bits of /proc/PID/coredump_filter
 * @keys:	protection keys, a bit each, that are not as in a new program, which has
 *		key 0: of key 0 that it is free, of the others that they are allocated
 * @exec_key:	the bit of the allocated one that the kernel has taken for mappings of
 *		PROT_EXEC alone; 0: none
 * @peak_rss:	the most pages that were resident
 * @peak_vm:	the most pages that were mapped
 *
 * Elements: the auxiliary vector.
 */
struct ckpt_mm {
	__le64 start_code, end_code, start_data, end_data;
	__le64 start_brk, brk, start_stack;
	__le64 arg_start, arg_end, env_start, env_end;
	__le64 mmap_base;
	__le64 vdso;
	__le32 vdso_size;
	__le32 vdso_crc;
	__le64 exe;
	__le32 dumpable;
	__le32 flags;
	__le32 coredump_filter;
	__le16 keys;
	__le16 exec_key;
	__le64 peak_rss;
	__le64 peak_vm;
};

enum ckpt_vma_kind {
	CKPT_VMA_ANON		= 1,	/* private, no file */
	CKPT_VMA_FILE		= 2,	/* private, of a file */
	CKPT_VMA_SHARED		= 3,	/* shared, of a file or shared memory */
	CKPT_VMA_VDSO		= 4,
	CKPT_VMA_VVAR		= 5,
	CKPT_VMA_AIO		= 6,	/* the ring of an io_setup(2) */
};

#define CKPT_PROT_READ		(1 << 0)
#define CKPT_PROT_WRITE		(1 << 1)
#define CKPT_PROT_EXEC		(1 << 2)
#define CKPT_PROT_MASK		7

#define CKPT_VMA_GROWSDOWN	(1 << 0)
#define CKPT_VMA_NORESERVE	(1 << 1)
#define CKPT_VMA_LOCKED		(1 << 2)	/* mlock() */
#define CKPT_VMA_LOCKED_ONFAULT	(1 << 3)
#define CKPT_VMA_DONTFORK	(1 << 4)	/* madvise() from here on */
#define CKPT_VMA_WIPEONFORK	(1 << 5)
#define CKPT_VMA_DONTDUMP	(1 << 6)
#define CKPT_VMA_SEQUENTIAL	(1 << 7)
#define CKPT_VMA_RANDOM		(1 << 8)
#define CKPT_VMA_HUGEPAGE	(1 << 9)
#define CKPT_VMA_NOHUGEPAGE	(1 << 10)
#define CKPT_VMA_MERGEABLE	(1 << 11)
#define CKPT_VMA_NAMED		(1 << 12)	/* a name record follows */
#define CKPT_VMA_ACCOUNT	(1 << 13)	/* counted as committed memory */
#define CKPT_VMA_DROPPABLE	(1 << 14)	/* MAP_DROPPABLE: comes back empty */
#define CKPT_VMA_SEALED		(1 << 15)	/* mseal() */
#define CKPT_VMA_HUGETLB	(1 << 16)	/* of huge pages of a pool */
#define CKPT_VMA_UNRESERVED	(1 << 17)	/* they are not reserved, as fork() leaves them */
#define CKPT_VMA_UFFD_MISSING	(1 << 18)	/* userfaultfd(2): a uffd record follows */
#define CKPT_VMA_UFFD_WP	(1 << 19)
#define CKPT_VMA_UFFD_MINOR	(1 << 20)
#define CKPT_VMA_UFFD		(7 << 18)
#define CKPT_VMA_FLAGS		0x1fffff

/**
 * struct ckpt_vma - a mapping
 * @start, @end: addresses, end excluded
 * @file:	reference; 0: none
 * @offset:	of @start in the file, bytes
 * @kind:	enum ckpt_vma_kind
 * @prot:	CKPT_PROT_*
 * @flags:	CKPT_VMA_*
 * @key:	protection key
 */
struct ckpt_vma {
	__le64 start;
	__le64 end;
	__le64 file;
	__le64 offset;
	__le32 kind;
	__le32 prot;
	__le32 flags;
	__le32 key;
};

/**
 * struct ckpt_vmas - the mappings of an address space, ascending
 * @source:	address space (id) with which pages are shared copy-on-write,
 *		0: none; it stands earlier in the order of ids
 *
 * A runs record follows, one name record per CKPT_VMA_NAMED mapping, an aio record per
 * CKPT_VMA_AIO mapping, a uffd record per mapping with one of CKPT_VMA_UFFD, and a
 * parent record if a run is CKPT_RUN_PARENT.
 */
struct ckpt_vmas {
	__le64 source;
};

/**
 * struct ckpt_runs - where pages are present
 * @pages:	sum of the pages of all CKPT_RUN_PAGES runs
 */
struct ckpt_runs {
	__le64 pages;
};

enum ckpt_run_kind {
	CKPT_RUN_PAGES		= 1,	/* contents follow in `pages` or `data` */
	CKPT_RUN_SOURCE		= 2,	/* same pages, same address in @source */
	CKPT_RUN_PARENT		= 3,	/* as in the parent image, same address */
};

/**
 * struct ckpt_run - neighbouring pages
 * @start:	address (of an mm), or offset in bytes (in shared memory)
 * @pages:	number of pages
 * @kind:	enum ckpt_run_kind
 */
struct ckpt_run {
	__le64 start;
	__le32 pages;
	__le32 kind;
};

/**
 * struct ckpt_parent - where the pages of CKPT_RUN_PARENT runs are
 * @id:		of the object in the parent image: an address space (of an mm),
 *		or a file (of shared memory); it has these pages itself, in runs
 *		that are not CKPT_RUN_SOURCE, and no other object here names it
 */
struct ckpt_parent {
	__le64 id;
};

/**
 * struct ckpt_vma_name - prctl(2) PR_SET_VMA_ANON_NAME
 * @start:	of the mapping
 *
 * Elements: the name with its NUL.
 */
struct ckpt_vma_name {
	__le64 start;
};

/* Most requests that io_setup(2) takes, and slots of the ring that it makes of them. */
#define CKPT_AIO_MAX		(1 << 22)
#define CKPT_AIO_SLOTS_MAX	((1 << 23) + 127)

/**
 * struct ckpt_aio_event - struct io_event: a request that has ended
 * @tag:	what the program has called it
 * @iocb:	address of its struct iocb
 * @res, @res2:	what has come of it
 */
struct ckpt_aio_event {
	__le64 tag;
	__le64 iocb;
	__le64 res;
	__le64 res2;
};

/**
 * struct ckpt_aio - a context of io_setup(2), in which no request is under way
 * @start:	of the mapping of its ring, by which the program calls it; the ring has
 *		a slot for each 32 bytes of the mapping, but for the first
 * @asked:	number of requests that it was made for, counted for fs.aio-max-nr
 * @head:	slot of the first event that nobody has read
 * @tail:	slot of the event that comes next; @head: all have been read
 * @reserved:	zero
 *
 * Elements: the slots, as far as they have ever been used.
 */
struct ckpt_aio {
	__le64 start;
	__le32 asked;
	__le32 head;
	__le32 tail;
	__le32 reserved;
};

#define CKPT_UFFD_RUN_PROTECTED	(1 << 0)	/* against writing: UFFDIO_WRITEPROTECT */
#define CKPT_UFFD_RUN_ZERO	(1 << 1)	/* the kernel's page of zeroes is there */
#define CKPT_UFFD_RUN_MAPPED	(1 << 2)	/* of shared memory, mapped: UFFDIO_CONTINUE */
#define CKPT_UFFD_RUN_POISON	(1 << 3)	/* UFFDIO_POISON; and nothing else */
#define CKPT_UFFD_RUN_FLAGS	0xf

/**
 * struct ckpt_uffd_run - neighbouring pages of which the same holds
 * @start:	address
 * @pages:	number of pages
 * @flags:	CKPT_UFFD_RUN_*, not none
 */
struct ckpt_uffd_run {
	__le64 start;
	__le32 pages;
	__le32 flags;
};

/**
 * struct ckpt_uffd - a mapping whose faults a userfaultfd(2) tells of
 * @start:	of the mapping
 * @file:	reference to that userfaultfd, which is of this address space
 *
 * Elements: what its pages have that neither runs nor contents tell, ascending.
 */
struct ckpt_uffd {
	__le64 start;
	__le64 file;
};

enum ckpt_policy_mode {
	CKPT_POLICY_PREFERRED		= 1,	/* the first of its nodes, then others */
	CKPT_POLICY_BIND		= 2,	/* none but its nodes */
	CKPT_POLICY_INTERLEAVE		= 3,	/* its nodes in turn */
	CKPT_POLICY_LOCAL		= 4,	/* the node of who needs the page */
	CKPT_POLICY_PREFERRED_MANY	= 5,	/* its nodes, then others */
	CKPT_POLICY_WEIGHTED		= 6,	/* its nodes in turn, by weight */
};

enum ckpt_policy_flags {
	CKPT_POLICY_STATIC	= 1 << 0,	/* MPOL_F_STATIC_NODES */
	CKPT_POLICY_RELATIVE	= 1 << 1,	/* MPOL_F_RELATIVE_NODES */
	CKPT_POLICY_BALANCING	= 1 << 2,	/* MPOL_F_NUMA_BALANCING */
	CKPT_POLICY_FLAGS	= (1 << 3) - 1,
};

/**
 * struct ckpt_policy - mbind(2): from which nodes memory comes
 * @start, @end: of a mapping: its addresses; of shared memory: offsets of the first byte
 *		and after the last one, which may be beyond its end
 * @mode:	enum ckpt_policy_mode
 * @flags:	enum ckpt_policy_flags
 * @home:	set_mempolicy_home_node(2): number of the node, plus 1; 0: none
 * @reserved:	zero
 *
 * Elements: pairs of words, of which bit 0 of the first pair is node 0: the nodes that
 * the program has named, and those that it had of them, or by them where they are relative.
 */
struct ckpt_policy {
	__le64 start;
	__le64 end;
	__le32 mode;
	__le32 flags;
	__le32 home;
	__le32 reserved;
};

/* ---- files/ID/file, files/ID/data, pipes/ID, sockets/ID ------------------ */

#define CKPT_O_RDONLY		(0 << 0)	/* access mode: 2 bits */
#define CKPT_O_WRONLY		(1 << 0)
#define CKPT_O_RDWR		(2 << 0)
#define CKPT_O_ACCMODE		(3 << 0)
#define CKPT_O_APPEND		(1 << 2)
#define CKPT_O_NONBLOCK		(1 << 3)
#define CKPT_O_DSYNC		(1 << 4)
#define CKPT_O_SYNC		(1 << 5)
#define CKPT_O_DIRECT		(1 << 6)	/* packet mode, of a pipe */
#define CKPT_O_LARGEFILE	(1 << 7)
#define CKPT_O_DIRECTORY	(1 << 8)
#define CKPT_O_NOFOLLOW		(1 << 9)
#define CKPT_O_NOATIME		(1 << 10)
#define CKPT_O_PATH		(1 << 11)
#define CKPT_O_RANDOM		(1 << 12)	/* posix_fadvise() from here on */
#define CKPT_O_SEQUENTIAL	(1 << 13)
#define CKPT_O_NOREUSE		(1 << 14)
#define CKPT_O_ASYNC		(1 << 15)	/* F_GETFL shows it; see owner */
#define CKPT_O_TMPFILE		(1 << 16)	/* F_GETFL shows it: had no name once */
#define CKPT_O_UNHEARD		(1 << 17)	/* opened by fanotify: nobody hears of it */
#define CKPT_O_ASKED		(1 << 18)	/* fanotify is asked, as when it was opened */
#define CKPT_O_FLAGS		0x7ffff

/**
 * struct ckpt_file - what every open file has
 * @type:	enum ckpt_type: the kind, and so who restores it
 * @flags:	CKPT_O_*
 * @pos:	offset in bytes
 */
struct ckpt_file {
	__le32 type;
	__le32 flags;
	__le64 pos;
};

/**
 * struct ckpt_procfile - a file or directory of procfs
 * @creds:	of the one who has opened it
 * @pid:	task of the image whose it is; 0: of none, and the path leads to it
 * @tid:	where it is reached by task/TID of that task, this one; else 0
 *
 * That of a task is reached from the root of procfs, to which the path leads then, by
 * the task's number there and the text that follows.
 */
struct ckpt_procfile {
	__le64 creds;
	__le32 pid;
	__le32 tid;
};

/**
 * struct ckpt_kernfile - a file of sysfs or of the unified hierarchy of cgroups
 * @creds:	of the one who has opened it
 */
struct ckpt_kernfile {
	__le64 creds;
};

/**
 * struct ckpt_unnamed - a directory or fifo that has been deleted: unnamed/ID
 * @atime, @mtime: seconds since 1970
 * @atime_ns, @mtime_ns: and nanoseconds
 * @mode:	st_mode
 * @uid, @gid:	its owner, as the freezer's user namespace sees him
 * @reserved:	zero
 *
 * A path follows, to a directory in which it can be made again.
 */
struct ckpt_unnamed {
	__le64 atime;
	__le64 mtime;
	__le32 atime_ns;
	__le32 mtime_ns;
	__le32 mode;
	__le32 uid;
	__le32 gid;
	__le32 reserved;
};

/**
 * struct ckpt_nameless - that what it is found with has been deleted
 * @unnamed:	what an open file is of; in fs, the working directory
 */
struct ckpt_nameless {
	__le64 unnamed;
};

/**
 * struct ckpt_seqfile - how far a file that the kernel writes on demand has been read
 * @index:	of the next of the things that it tells of
 * @read_pos:	offset in bytes of the next read that goes on there
 *
 * What follows has been written by the kernel and not been read.
 */
struct ckpt_seqfile {
	__le64 index;
	__le64 read_pos;
};

enum ckpt_owner_type {			/* fcntl(2) F_SETOWN_EX */
	CKPT_OWNER_THREAD	= 1,
	CKPT_OWNER_PROCESS	= 2,
	CKPT_OWNER_GROUP	= 3,
};

#define CKPT_OWNER_ASYNC	1	/* signals are sent: @fd is meant */
#define CKPT_OWNER_FLAGS	1

/**
 * struct ckpt_owner - who gets signals when something happens to an open file
 * @pid:	tid, or id of the process, or of one of its threads, or of the group; 0: nobody,
 *		as the next three
 * @type:	enum ckpt_owner_type
 * @uid, @euid:	of the one who has set it, which decide whom he may signal
 * @signal:	F_SETSIG; 0: SIGIO
 * @flags:	CKPT_OWNER_*
 * @fd:		number of the descriptor that the signals tell
 * @reserved:	zero
 */
struct ckpt_owner {
	__le32 pid;
	__le32 type;
	__le32 uid;
	__le32 euid;
	__le32 signal;
	__le32 flags;
	__le32 fd;
	__le32 reserved;
};

/**
 * struct ckpt_inode - which file a path must lead to
 * @mode:	st_mode
 * @reserved:	zero
 * @size:	st_size of a regular file, bytes; else 0
 * @dev:	st_dev, as major << 32 | minor (for information)
 * @ino:	st_ino (for information)
 */
struct ckpt_inode {
	__le32 mode;
	__le32 reserved;
	__le64 size;
	__le64 dev;
	__le64 ino;
};

/**
 * struct ckpt_device - a character device
 * @major, @minor: its number
 */
struct ckpt_device {
	__le32 major;
	__le32 minor;
};

/* ---- terminals ----------------------------------------------------------- */

/* The ends of a pair of pseudoterminals, see pty(7); and any other terminal. */
enum ckpt_tty_side {
	CKPT_TTY_PTMX		= 1,	/* whoever has it is the terminal */
	CKPT_TTY_PTS		= 2,	/* what programs take for a terminal */
	CKPT_TTY_LINE		= 3,	/* a serial line, a virtual console ... */
};

#define CKPT_TTY_HUNG_UP	(1 << 0)	/* reads find the end, writes fail */
#define CKPT_TTY_FLAGS		1

/**
 * struct ckpt_tty - an open file of a terminal
 * @pty:	reference to the pair, or line
 * @side:	enum ckpt_tty_side
 * @flags:	CKPT_TTY_*
 */
struct ckpt_tty {
	__le64 pty;
	__le32 side;
	__le32 flags;
};

#define CKPT_PTY_LOCKED		(1 << 0)	/* TIOCSPTLCK */
#define CKPT_PTY_PACKET		(1 << 1)	/* TIOCPKT */
#define CKPT_PTY_CLOSED		(1 << 2)	/* ptmx is: all else is hung up */
#define CKPT_PTY_LINE		(1 << 3)	/* no pair, but a terminal of the machine */
#define CKPT_PTY_MODEM		(1 << 4)	/* @status is that of a line */
#define CKPT_PTY_FLAGS		0x1f

/**
 * struct ckpt_pty - a pair of pseudoterminals, or a line, ptys/ID
 * @session:	id of the session whose controlling terminal it is, 0: of none
 * @pgrp:	id of its foreground process group; 0: none, or it has ended
 * @ended:	reference to what is left of one that has
 * @index:	its number: /dev/pts/@index; of a line that of its device, st_rdev
 * @flags:	CKPT_PTY_*
 * @status:	TIOCPKT_* that the next read in packet mode tells; of a line TIOCM_*
 * @mode:	st_mode of /dev/pts/@index; of a line only that it is a device
 * @uid, @gid:	its owner, as the freezer's user namespace sees him
 * @rows, @cols, @xpixel, @ypixel: TIOCGWINSZ
 *
 * A path follows, by which another pair of the same devpts can be had, or the line.
 */
struct ckpt_pty {
	__le32 session;
	__le32 pgrp;
	__le64 ended;
	__le32 index;
	__le32 flags;
	__le32 status;
	__le32 mode;
	__le32 uid;
	__le32 gid;
	__le16 rows;
	__le16 cols;
	__le16 xpixel;
	__le16 ypixel;
};

#define CKPT_TTY_END_SHUT	(1 << 0)	/* hung up, and not opened since */
#define CKPT_TTY_END_STOPPED	(1 << 1)	/* writes nothing */
#define CKPT_TTY_END_HELD	(1 << 2)	/* TCOOFF: so that ^Q does not start it */
#define CKPT_TTY_END_EXCLUSIVE	(1 << 3)	/* TIOCEXCL */
#define CKPT_TTY_END_ERROR	(1 << 4)	/* it is not open, or could not be opened */
#define CKPT_TTY_END_ALONE	(1 << 5)	/* the other side is closed */
#define CKPT_TTY_END_WAKEUP	(1 << 6)	/* SIGIO is due when it can be written to */
#define CKPT_TTY_END_LITERAL	(1 << 7)	/* ^V has been typed */
#define CKPT_TTY_END_ERASING	(1 << 8)	/* with ECHOPRT: between \ and / */
#define CKPT_TTY_END_PUSH	(1 << 9)	/* a line without an end: it was no line */
#define CKPT_TTY_END_STALE	(1 << 10)	/* @lines was meant before ICANON was set off */
#define CKPT_TTY_END_FLAGS	0x7ff

#define CKPT_TTY_BUFFER		4096	/* most bytes that are read, or echoed */
#define CKPT_TTY_QUEUE		32768	/* most bytes on their way */

/**
 * struct ckpt_tty_end - one side of a pair, or a line: its settings and what is in it
 * @side:	enum ckpt_tty_side
 * @flags:	CKPT_TTY_END_*
 * @iflag, @oflag, @cflag, @lflag: TCGETS2, as the next four
 * @line:	c_line
 * @cc:		c_cc
 * @ispeed, @ospeed: bit/s
 * @read:	bytes that can be read, or belong to a line that is not complete
 * @lines:	how many of them are of complete lines
 * @echo:	bytes of echo that have not been written yet
 * @echo_commit: how many of them are to be written at the next occasion
 * @echo_mark:	the same for those to be written by then
 * @queued:	bytes written by the other side that have not been looked at yet
 * @column:	of what has been written, for tabulators
 * @canon_column: where the line that is being typed begins
 * @reserved:	zero
 *
 * Elements: @read bytes; a bit for each of these, lowest first, filled up to a byte:
 * it ends a line; @echo bytes; @queued bytes.
 */
struct ckpt_tty_end {
	__le32 side;
	__le32 flags;
	__le32 iflag;
	__le32 oflag;
	__le32 cflag;
	__le32 lflag;
	__u8 line;
	__u8 cc[19];
	__le32 ispeed;
	__le32 ospeed;
	__le32 read;
	__le32 lines;
	__le32 echo;
	__le32 echo_commit;
	__le32 echo_mark;
	__le32 queued;
	__le32 column;
	__le32 canon_column;
	__le32 reserved;
};

/**
 * struct ckpt_terminal - the controlling terminal of a process
 * @pty:	reference; 0: it has none
 * @old_pgrp:	of one who leads a session and has lost it: process group that is hung
 *		up when he ends, 0: none
 * @reserved:	zero
 */
struct ckpt_terminal {
	__le64 pty;
	__le32 old_pgrp;
	__le32 reserved;
};

#define CKPT_PIPE_UNMET		(1 << 0)	/* a reader to which no writer has
						 * come yet: poll(2) does not tell
						 * that there is none
						 */
#define CKPT_PIPE_NOWAIT	(1 << 1)	/* takes RWF_NOWAIT: by pipe(2) */
#define CKPT_PIPE_FLAGS		3

/**
 * struct ckpt_pipe - an end of a pipe, or of a fifo
 * @pipe:	reference to the buffer that both ends share
 * @flags:	CKPT_PIPE_*
 * @reserved:	zero
 */
struct ckpt_pipe {
	__le64 pipe;
	__le32 flags;
	__le32 reserved;
};

#define CKPT_PIPEBUF_FIFO	(1 << 0)	/* has a path: its files know it */
#define CKPT_PIPEBUF_FLAGS	1

/**
 * struct ckpt_pipebuf - a pipe's buffer, pipes/ID/pipe
 * @slots:	F_GETPIPE_SZ in pages
 * @flags:	CKPT_PIPEBUF_*
 * @bytes:	sum of the lengths of the elements; contents are in pipes/ID/data
 * @mode:	st_mode, of a pipe without a path; else 0, as the next two
 * @uid, @gid:	its owner, as the freezer's user namespace sees him
 * @reserved:	zero
 *
 * Elements: struct ckpt_pipe_buf, oldest first.
 */
struct ckpt_pipebuf {
	__le32 slots;
	__le32 flags;
	__le64 bytes;
	__le32 mode;
	__le32 uid;
	__le32 gid;
	__le32 reserved;
};

#define CKPT_PIPE_BUF_PACKET	1	/* read(2) does not go past its end */
#define CKPT_PIPE_BUF_FLAGS	1

/**
 * struct ckpt_pipe_buf - one write's worth in a pipe
 * @len:	bytes
 * @flags:	CKPT_PIPE_BUF_*
 */
struct ckpt_pipe_buf {
	__le32 len;
	__le32 flags;
};

#define CKPT_SHMEM_NORESERVE	(1 << 0)	/* not counted as committed memory */
#define CKPT_SHMEM_FLAGS	1

/**
 * struct ckpt_shmem - shared anonymous memory
 * @size:	bytes
 * @pages:	sum of the pages of the runs, contents in files/ID/data
 * @flags:	CKPT_SHMEM_*
 * @reserved:	zero
 */
struct ckpt_shmem {
	__le64 size;
	__le64 pages;
	__le32 flags;
	__le32 reserved;
};

#define CKPT_HUGE_SHIFT_MAX	40

/**
 * struct ckpt_hugetlb - memory that has huge pages of a pool
 * @shift:	log2 of the size of one, in bytes
 * @reserved:	zero
 *
 * Its runs count pages of the usual size all the same.
 */
struct ckpt_hugetlb {
	__le32 shift;
	__le32 reserved;
};

/**
 * struct ckpt_ipc - what System V segments, semaphores and queues have in common
 * @id:		as shmget(2) and its kin return it
 * @key:	0: IPC_PRIVATE
 * @mode:	who may read and write it: 9 bits as in st_mode
 * @uid, @gid:	its owner, as the freezer's user namespace sees him
 * @cuid, @cgid: who has made it, the same
 * @reserved:	zero
 */
struct ckpt_ipc {
	__le32 id;
	__le32 key;
	__le32 mode;
	__le32 uid;
	__le32 gid;
	__le32 cuid;
	__le32 cgid;
	__le32 reserved;
};

#define CKPT_SEGMENT_REMOVED	(1 << 0)	/* IPC_RMID: goes with the last attachment */
#define CKPT_SEGMENT_LOCKED	(1 << 1)	/* SHM_LOCK */
#define CKPT_SEGMENT_NORESERVE	(1 << 2)	/* SHM_NORESERVE */
#define CKPT_SEGMENT_FLAGS	7

/**
 * struct ckpt_segment - System V shared memory, shm/ID/segment
 * @size:	bytes
 * @pages:	sum of the pages of the runs, contents in shm/ID/data
 * @atime, @dtime, @ctime: shmctl(2): seconds since 1970, 0: never
 * @maker_ended: reference to what is left of the process that has made it, if it
 *		is not of the image
 * @last_ended:	the same of the last that has attached or detached it
 * @maker:	id of that process, if it is
 * @last:	the same
 * @task:	tid of the thread that has made it, while it lives: for
 *		kernel.shm_rmid_forced
 * @flags:	CKPT_SEGMENT_*
 */
struct ckpt_segment {
	__le64 size;
	__le64 pages;
	__le64 atime;
	__le64 dtime;
	__le64 ctime;
	__le64 maker_ended;
	__le64 last_ended;
	__le32 maker;
	__le32 last;
	__le32 task;
	__le32 flags;
};

/**
 * struct ckpt_attach - what a shmat(2) has given, as far as it is mapped still
 * @segment:	reference
 */
struct ckpt_attach {
	__le64 segment;
};

/**
 * struct ckpt_semaphores - a set of System V semaphores, sem/ID
 * @otime, @ctime: semctl(2): seconds since 1970, 0: never
 */
struct ckpt_semaphores {
	__le64 otime;
	__le64 ctime;
};

/**
 * struct ckpt_semaphore - one of them
 * @ended:	reference to what is left of the process that has changed it last, if
 *		that is not of the image
 * @pid:	its id, if it is; 0: nobody has
 * @value:	GETVAL
 */
struct ckpt_semaphore {
	__le64 ended;
	__le32 pid;
	__le32 value;
};

/**
 * struct ckpt_semundo - what a task's end does to a set: SEM_UNDO
 * @semaphores:	reference
 *
 * Elements: what is added to each of the semaphores, signed.
 */
struct ckpt_semundo {
	__le64 semaphores;
};

/**
 * struct ckpt_queue - a System V message queue, msg/ID
 * @stime, @rtime, @ctime: msgctl(2): seconds since 1970, 0: never
 * @limit:	most bytes of messages
 * @sender_ended: reference to what is left of the process that has sent the last
 *		message, if that is not of the image
 * @receiver_ended: the same of the task that has received the last: a thread, if it
 *		has waited
 * @sender:	id of that process, if it is
 * @receiver:	tid of that task, if it is
 *
 * The messages follow, the oldest first.
 */
struct ckpt_queue {
	__le64 stime;
	__le64 rtime;
	__le64 ctime;
	__le64 limit;
	__le64 sender_ended;
	__le64 receiver_ended;
	__le32 sender;
	__le32 receiver;
};

/**
 * struct ckpt_message - a message in it
 * @type:	above 0
 *
 * Elements: its text.
 */
struct ckpt_message {
	__le64 type;
};

/* What becomes of who is to be told that there is a message: mq_notify(2). */
enum ckpt_mqueue_notify {
	CKPT_MQUEUE_SIGNAL	= 1,	/* SIGEV_SIGNAL */
	CKPT_MQUEUE_SILENT	= 2,	/* SIGEV_NONE */
	CKPT_MQUEUE_THREAD	= 3,	/* SIGEV_THREAD: see the mqnotify record */
};

#define CKPT_MQUEUE_EXECED	1		/* the owner has run another program since */
#define CKPT_MQUEUE_FLAGS	1

/**
 * struct ckpt_mqueue - a POSIX message queue, mqueue/ID
 * @value:	that comes with the signal, as the program gave it
 * @atime:	seconds since 1970
 * @mtime:	seconds since 1970
 * @ctime:	seconds since 1970
 * @atime_ns:	ns after that
 * @mtime_ns:	ns after that
 * @ctime_ns:	ns after that
 * @maxmsg:	mq_maxmsg: of how many messages
 * @msgsize:	mq_msgsize: how long each may be, bytes
 * @mode:	st_mode
 * @uid, @gid:	its owner, as the freezer's user namespace sees him
 * @account:	user whose RLIMIT_MSGQUEUE it counts for, the same
 * @owner:	id of the process that is to be told of a message; 0: none
 * @notify:	how: enum ckpt_mqueue_notify
 * @signal:	by which signal; 0: by none
 * @flags:	CKPT_MQUEUE_*
 * @reserved:	zero
 *
 * A name record follows, unless it has been unlinked, and then the messages, in the order
 * in which they will be received; and mqnotify where a socket is told.
 */
struct ckpt_mqueue {
	__le64 value;
	__le64 atime;
	__le64 mtime;
	__le64 ctime;
	__le32 atime_ns;
	__le32 mtime_ns;
	__le32 ctime_ns;
	__le32 maxmsg;
	__le32 msgsize;
	__le32 mode;
	__le32 uid;
	__le32 gid;
	__le32 account;
	__le32 owner;
	__le32 notify;
	__le32 signal;
	__le32 flags;
	__le32 reserved;
};

/**
 * struct ckpt_mqnotify - what SIGEV_THREAD asks for
 * @socket:	reference to the netlink socket that is told of a message
 * @cookie:	what it is told, of which the last byte says how
 */
struct ckpt_mqnotify {
	__le64 socket;
	__u8 cookie[32];
};

/**
 * struct ckpt_mqmessage - a message in it
 * @priority:	none is above that of the message before it
 * @reserved:	zero
 *
 * Elements: its text.
 */
struct ckpt_mqmessage {
	__le32 priority;
	__le32 reserved;
};

/**
 * struct ckpt_mqfile - a POSIX message queue, open
 * @queue:	reference
 *
 * A path and an inode record follow if it was opened by a path, not by mq_open(2).
 */
struct ckpt_mqfile {
	__le64 queue;
};

#define CKPT_EVENTFD_SEMAPHORE	1
#define CKPT_EVENTFD_FLAGS	1

/**
 * struct ckpt_eventfd - eventfd(2)
 * @count:	less than 2^64 - 1
 * @flags:	CKPT_EVENTFD_*
 * @reserved:	zero
 */
struct ckpt_eventfd {
	__le64 count;
	__le32 flags;
	__le32 reserved;
};

enum ckpt_bpfmap_kind {
	CKPT_BPFMAP_ARRAY	= 1,
	CKPT_BPFMAP_HASH	= 2,
	CKPT_BPFMAP_PERCPU_ARRAY = 3,
	CKPT_BPFMAP_PERCPU_HASH	= 4,
	CKPT_BPFMAP_LRU_HASH	= 5,
	CKPT_BPFMAP_LRU_PERCPU_HASH = 6,
	CKPT_BPFMAP_LPM_TRIE	= 7,
	CKPT_BPFMAP_QUEUE	= 8,
	CKPT_BPFMAP_STACK	= 9,
	CKPT_BPFMAP_BLOOM_FILTER = 10,
};

#define CKPT_BPFMAP_NO_PREALLOC	(1 << 0)	/* the flags of bpf(2) */
#define CKPT_BPFMAP_NUMA_NODE	(1 << 1)
#define CKPT_BPFMAP_ZERO_SEED	(1 << 2)
#define CKPT_BPFMAP_RDONLY_PROG	(1 << 3)
#define CKPT_BPFMAP_WRONLY_PROG	(1 << 4)
#define CKPT_BPFMAP_MMAPABLE	(1 << 5)
#define CKPT_BPFMAP_INNER_MAP	(1 << 6)
#define CKPT_BPFMAP_FROZEN	(1 << 7)	/* BPF_MAP_FREEZE */
#define CKPT_BPFMAP_FLAGS	0xff

/**
 * struct ckpt_bpfmap - a map of BPF
 * @kind:	enum ckpt_bpfmap_kind
 * @flags:	CKPT_BPFMAP_*
 * @key_size:	bytes; 0 in queues, stacks and bloom filters
 * @value_size:	bytes
 * @max_entries: how many elements it may have
 * @node:	of NUMA, that its memory is of; 0 without numa_node
 * @cpus:	values of an element, one for each processor that there can be; 0: one
 *		for all
 * @nr:		elements that it has; of a bloom filter, words of 64 bits
 * @hashes:	that a bloom filter makes of a value, 0: as many as usual; else 0
 * @seed:	of these
 * @name:	NUL-terminated
 */
struct ckpt_bpfmap {
	__le32 kind;
	__le32 flags;
	__le32 key_size;
	__le32 value_size;
	__le32 max_entries;
	__le32 node;
	__le32 cpus;
	__le32 nr;
	__le32 hashes;
	__le32 seed;
	char name[16];
};

/**
 * struct ckpt_signalfd - signalfd(2)
 * @mask:	signals to be read, bit 0 is signal 1
 */
struct ckpt_signalfd {
	__le64 mask;
};

#define CKPT_TIMERFD_ARMED	(1 << 0)	/* @value is meant */
#define CKPT_TIMERFD_ABSTIME	(1 << 1)	/* @value is of the clock */
#define CKPT_TIMERFD_CANCEL_ON_SET (1 << 2)
#define CKPT_TIMERFD_CANCELED	(1 << 3)	/* the clock was set: read(2) will say so */
#define CKPT_TIMERFD_FLAGS	0xf

/**
 * struct ckpt_timerfd - timerfd_create(2)
 * @clock:	clockid of timerfd_create(2)
 * @flags:	CKPT_TIMERFD_*
 * @value:	ns until it expires next, or when that is
 * @interval:	ns between expirations; 0: it expires once
 * @ticks:	expirations that have not been read
 */
struct ckpt_timerfd {
	__le32 clock;
	__le32 flags;
	__le64 value;
	__le64 interval;
	__le64 ticks;
};

#define CKPT_USERFAULTFD_API	(1 << 0)	/* UFFDIO_API has been called */
#define CKPT_USERFAULTFD_USER	(1 << 1)	/* UFFD_USER_MODE_ONLY */
#define CKPT_USERFAULTFD_NONBLOCK (1 << 2)	/* of those that come when it tells of a fork */
#define CKPT_USERFAULTFD_CLOEXEC (1 << 3)	/* the same */
#define CKPT_USERFAULTFD_FORKED	(1 << 4)	/* has come so itself: no RWF_NOWAIT */
#define CKPT_USERFAULTFD_FLAGS	0x1f
#define CKPT_USERFAULTFD_FEATURES 0x1ffff

/**
 * struct ckpt_userfaultfd - userfaultfd(2), of which no event waits to be read
 * @mm:		the address space whose faults it tells of; 0: one that has gone
 * @features:	UFFD_FEATURE_* of ioctl_userfaultfd(2), as UFFDIO_API takes them
 * @flags:	CKPT_USERFAULTFD_*
 */
struct ckpt_userfaultfd {
	__le64 mm;
	__le32 features;
	__le32 flags;
};

/**
 * struct ckpt_epoll - epoll_create(2)
 * @sighand:	reference: whose signals the signalfds among the items are
 *		watched for; 0: there are none
 * @depth:	above that of all epolls among the items
 * @reserved:	zero
 *
 * Elements: the items; those that have something to report first, in the order
 * in which they would.
 */
struct ckpt_epoll {
	__le64 sighand;
	__le32 depth;
	__le32 reserved;
};

#define CKPT_EPOLL_READY	(1 << 0)	/* may have something to report */
#define CKPT_EPOLL_REPORTED	(1 << 1)	/* EPOLLET: the file is ready, and
						 * that has been reported
						 */
#define CKPT_EPOLL_FLAGS	3

/**
 * struct ckpt_epoll_item - epoll_ctl(2)
 * @file:	reference
 * @data:	as it is returned
 * @fd:		number of the descriptor by which the file was added
 * @events:	EPOLL*; those of a disarmed EPOLLONESHOT have no event
 * @flags:	CKPT_EPOLL_*
 * @reserved:	zero
 */
struct ckpt_epoll_item {
	__le64 file;
	__le64 data;
	__le32 fd;
	__le32 events;
	__le32 flags;
	__le32 reserved;
};

#define CKPT_PIDFD_THREAD	1		/* PIDFD_THREAD */
#define CKPT_PIDFD_FLAGS	1

/**
 * struct ckpt_pidfd - pidfd_open(2)
 * @pid:	of a task of the image, which leads its process unless the flags
 *		say that a thread is meant; 0: it has ended
 * @flags:	CKPT_PIDFD_*
 * @ended:	reference, if it has
 */
struct ckpt_pidfd {
	__le32 pid;
	__le32 flags;
	__le64 ended;
};

#define CKPT_LISTENER_SYNC	(1 << 0)	/* SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP */
#define CKPT_LISTENER_FLAGS	1

/**
 * struct ckpt_listener - who answers for the system calls that a seccomp filter leaves to him
 * @filter:	reference to the filter, whose listener it is
 * @flags:	CKPT_LISTENER_*
 * @reserved:	zero
 */
struct ckpt_listener {
	__le64 filter;
	__le32 flags;
	__le32 reserved;
};

enum ckpt_namespace_kind {
	CKPT_NAMESPACE_NONE	= 0,
	CKPT_NAMESPACE_MOUNT	= 1,
	CKPT_NAMESPACE_CGROUP	= 2,
	CKPT_NAMESPACE_UTS	= 3,
	CKPT_NAMESPACE_IPC	= 4,
	CKPT_NAMESPACE_USER	= 5,
	CKPT_NAMESPACE_PID	= 6,
	CKPT_NAMESPACE_NETWORK	= 7,
	CKPT_NAMESPACE_TIME	= 8,
};

/**
 * struct ckpt_namespace - /proc/PID/ns/NAME, open: the one in which the container lives
 * @kind:	enum ckpt_namespace_kind, not none
 * @reserved:	zero
 */
struct ckpt_namespace {
	__le32 kind;
	__le32 reserved;
};

#define CKPT_ENDEDPID_LEADER	1		/* the same as leaders/@pid */
#define CKPT_ENDEDPID_FLAGS	1

/**
 * struct ckpt_endedpid - pids/ID: what a task has left that has ended
 * @pid:	its number, which SO_PEERCRED and SCM_CREDENTIALS still tell; 0:
 *		not known
 * @flags:	CKPT_ENDEDPID_*
 */
struct ckpt_endedpid {
	__le32 pid;
	__le32 flags;
};

/**
 * struct ckpt_socket - a socket as an open file
 * @socket:	reference to what it is a file of
 * @mode:	st_mode
 * @uid, @gid:	its owner, as the freezer's user namespace sees him
 * @reserved:	zero
 */
struct ckpt_socket {
	__le64 socket;
	__le32 mode;
	__le32 uid;
	__le32 gid;
	__le32 reserved;
};

enum ckpt_unix_type {
	CKPT_UNIX_STREAM	= 1,
	CKPT_UNIX_DGRAM		= 2,
	CKPT_UNIX_SEQPACKET	= 3,
};

#define CKPT_UNIX_ESTABLISHED	(1 << 0)	/* is, or has been, connected */
#define CKPT_UNIX_PEER_CLOSED	(1 << 1)	/* to one that has been closed */
#define CKPT_UNIX_RCV_SHUTDOWN	(1 << 2)	/* nothing can be received any more */
#define CKPT_UNIX_SEND_SHUTDOWN	(1 << 3)	/* nothing can be sent any more */
#define CKPT_UNIX_LISTENING	(1 << 4)
#define CKPT_UNIX_FLAGS		0x1f

/**
 * struct ckpt_unixsock - sockets/ID/socket: a UNIX socket
 * @file:	reference to the open file; 0: it waits to be accepted
 * @peer:	reference to the socket that it is connected to; 0: there is none
 * @creds:	reference: SO_PEERCRED, SO_PEERGROUPS; 0: none, as the next two
 * @ended:	reference to who was the peer then, if he has ended
 * @pid:	his id if he has not: SO_PEERCRED
 * @type:	enum ckpt_unix_type
 * @flags:	CKPT_UNIX_*
 * @error:	errno that the next call returns; 0: none
 * @backlog:	most messages, or connections, that wait in its queue
 * @reserved:	zero
 * @bytes:	sum of the lengths of its messages, contents in sockets/ID/data
 */
struct ckpt_unixsock {
	__le64 file;
	__le64 peer;
	__le64 creds;
	__le64 ended;
	__le32 pid;
	__le32 type;
	__le32 flags;
	__le32 error;
	__le32 backlog;
	__le32 reserved;
	__le64 bytes;
};

#define CKPT_UNIX_MESSAGE_CREDS	1	/* @pid or @ended, @uid and @gid are meant */
#define CKPT_UNIX_MESSAGE_FLAGS	1

/**
 * struct ckpt_unix_message - a message in the queue of a UNIX socket
 * @sender:	reference to the socket that has sent it; 0: closed since
 * @ended:	reference to the process that has sent it, if it has ended
 * @time:	when it came, ns since 1970 (SO_TIMESTAMP); 0: not known
 * @len:	bytes
 * @flags:	CKPT_UNIX_MESSAGE_*
 * @pid:	of the process that has sent it: SCM_CREDENTIALS
 * @uid, @gid:	the same
 * @files:	how many of the open files are sent with it: SCM_RIGHTS
 *
 * Of what has been read in part the rest.
 */
struct ckpt_unix_message {
	__le64 sender;
	__le64 ended;
	__le64 time;
	__le32 len;
	__le32 flags;
	__le32 pid;
	__le32 uid;
	__le32 gid;
	__le32 files;
};

enum ckpt_unix_name_kind {
	CKPT_UNIX_NAME_ONLY	= 1,	/* nobody finds it by that */
	CKPT_UNIX_NAME_ABSTRACT	= 2,	/* bound: the first byte is 0 */
	CKPT_UNIX_NAME_FILE	= 3,	/* bound to a file, of which there is a path */
};

/**
 * struct ckpt_unix_name - what a UNIX socket is called
 * @kind:	enum ckpt_unix_name_kind
 * @mode:	st_mode of the file that it is bound to; else 0, as the next two
 * @uid, @gid:	its owner, as the freezer's user namespace sees him
 *
 * Elements: sun_path as getsockname(2) returns it.
 */
struct ckpt_unix_name {
	__le32 kind;
	__le32 mode;
	__le32 uid;
	__le32 gid;
};

/**
 * struct ckpt_unix_sender - the name of a socket that is closed by now
 * @message:	number of the first message from it; that of the messages: it is
 *		what the socket is connected to
 * @len:	bytes of the name; 0: it had none
 * @name:	as getsockname(2) returned it, then zeroes
 */
struct ckpt_unix_sender {
	__le32 message;
	__le32 len;
	__u8 name[112];
};

/**
 * struct ckpt_unix_waiting - a connection that has not been accepted yet
 * @listener:	reference: in whose queue it is
 * @place:	in that queue, from 0
 * @reserved:	zero
 */
struct ckpt_unix_waiting {
	__le64 listener;
	__le32 place;
	__le32 reserved;
};

/* Options of setsockopt(2), SOL_SOCKET, in the order in which they are set. */
enum ckpt_so {
	CKPT_SO_DEBUG		= 1,
	CKPT_SO_REUSEADDR	= 2,
	CKPT_SO_DONTROUTE	= 3,
	CKPT_SO_BROADCAST	= 4,
	CKPT_SO_KEEPALIVE	= 5,
	CKPT_SO_OOBINLINE	= 6,
	CKPT_SO_NO_CHECK	= 7,
	CKPT_SO_PASSCRED	= 8,
	CKPT_SO_PASSSEC		= 9,
	CKPT_SO_PASSPIDFD	= 10,
	CKPT_SO_RCVMARK		= 11,
	CKPT_SO_RXQ_OVFL	= 12,
	CKPT_SO_WIFI_STATUS	= 13,
	CKPT_SO_NOFCS		= 14,
	CKPT_SO_SELECT_ERR_QUEUE = 15,
	CKPT_SO_TIMESTAMP_OLD	= 16,
	CKPT_SO_TIMESTAMPNS_OLD	= 17,
	CKPT_SO_TIMESTAMP_NEW	= 18,
	CKPT_SO_TIMESTAMPNS_NEW	= 19,
	CKPT_SO_PRIORITY	= 20,
	CKPT_SO_MARK		= 21,
	CKPT_SO_PEEK_OFF	= 22,
	CKPT_SO_RCVLOWAT	= 23,
	CKPT_SO_INCOMING_CPU	= 24,
	CKPT_SO_BUSY_POLL	= 25,
	CKPT_SO_PREFER_BUSY_POLL = 26,
	CKPT_SO_RCVTIMEO	= 27,
	CKPT_SO_SNDTIMEO	= 28,
	CKPT_SO_LINGER		= 29,
	CKPT_SO_SNDBUF		= 30,
	CKPT_SO_RCVBUF		= 31,
	CKPT_SO_BUF_LOCK	= 32,
	CKPT_SO_LOCK_FILTER	= 33,
	CKPT_SO_REUSEPORT	= 34,
	CKPT_SO_ZEROCOPY	= 35,
	CKPT_SO_TXREHASH	= 36,
	CKPT_SO_TIMESTAMPING_OLD = 37,
	CKPT_SO_TIMESTAMPING_NEW = 38,
	CKPT_SO_TIMESTAMP_KEY	= 39,	/* what comes next has it; of TCP: sequence of byte 0 */
	CKPT_SO_TXTIME		= 40,
	CKPT_SO_MAX_PACING_RATE	= 41,
	CKPT_SO_RESERVE_MEM	= 42,
	CKPT_SO_BUSY_POLL_BUDGET = 43,
};

/* Of the value of CKPT_SO_TXTIME, above the number of the clock. */
#define CKPT_TXTIME_DEADLINE	(1ULL << 32)	/* SOF_TXTIME_DEADLINE_MODE */
#define CKPT_TXTIME_ERRORS	(1ULL << 33)	/* SOF_TXTIME_REPORT_ERRORS */
#define CKPT_TXTIME_ON		(1ULL << 34)	/* always */

/**
 * struct ckpt_sockopt - an option that is not what it usually is
 * @option:	enum ckpt_so, ckpt_ip, ckpt_ip6, ckpt_udp, ckpt_tcpopt,
 *		ckpt_packetopt; each once, ascending
 * @reserved:	zero
 * @value:	as getsockopt(2) returns it, its sign extended; of a time-out
 *		microseconds, -1: nothing is waited for; of SO_LINGER the
 *		seconds, and 1 << 32 where it is on; of SO_TXTIME CKPT_TXTIME_*;
 *		of SO_MAX_PACING_RATE bytes a second, -1: as fast as can be
 */
struct ckpt_sockopt {
	__le32 option;
	__le32 reserved;
	__le64 value;
};

/* Options of setsockopt(2), SOL_IP. */
enum ckpt_ip {
	CKPT_IP_TOS		= 1,
	CKPT_IP_TTL		= 2,	/* -1: that of the machine */
	CKPT_IP_PKTINFO		= 3,
	CKPT_IP_RECVTTL		= 4,
	CKPT_IP_RECVTOS		= 5,
	CKPT_IP_RECVOPTS	= 6,
	CKPT_IP_RETOPTS		= 7,
	CKPT_IP_PASSSEC		= 8,
	CKPT_IP_RECVORIGDSTADDR	= 9,
	CKPT_IP_CHECKSUM	= 10,
	CKPT_IP_RECVFRAGSIZE	= 11,
	CKPT_IP_RECVERR		= 12,
	CKPT_IP_RECVERR_RFC4884	= 13,
	CKPT_IP_FREEBIND	= 14,
	CKPT_IP_TRANSPARENT	= 15,
	CKPT_IP_BIND_ADDRESS_NO_PORT = 16,
	CKPT_IP_MTU_DISCOVER	= 17,
	CKPT_IP_MINTTL		= 18,
	CKPT_IP_LOCAL_PORT_RANGE = 19,
	CKPT_IP_MULTICAST_TTL	= 20,
	CKPT_IP_MULTICAST_LOOP	= 21,
	CKPT_IP_MULTICAST_ALL	= 22,
	CKPT_IP_HDRINCL		= 23,	/* of raw sockets, as the next */
	CKPT_IP_NODEFRAG	= 24,
};

/* The same, SOL_IPV6. */
enum ckpt_ip6 {
	CKPT_IP6_V6ONLY		= 1,
	CKPT_IP6_UNICAST_HOPS	= 2,	/* -1: as the route says */
	CKPT_IP6_MULTICAST_HOPS	= 3,
	CKPT_IP6_MULTICAST_LOOP	= 4,
	CKPT_IP6_MULTICAST_ALL	= 5,
	CKPT_IP6_MTU_DISCOVER	= 6,
	CKPT_IP6_TCLASS		= 7,
	CKPT_IP6_DONTFRAG	= 8,
	CKPT_IP6_AUTOFLOWLABEL	= 9,	/* -1: as the machine has it */
	CKPT_IP6_FLOWINFO_SEND	= 10,
	CKPT_IP6_ADDR_PREFERENCES = 11,
	CKPT_IP6_MINHOPCOUNT	= 12,
	CKPT_IP6_RECVERR	= 13,
	CKPT_IP6_RECVERR_RFC4884 = 14,
	CKPT_IP6_RECVPKTINFO	= 15,
	CKPT_IP6_RECVHOPLIMIT	= 16,
	CKPT_IP6_RECVRTHDR	= 17,
	CKPT_IP6_RECVHOPOPTS	= 18,
	CKPT_IP6_RECVDSTOPTS	= 19,
	CKPT_IP6_RECVTCLASS	= 20,
	CKPT_IP6_FLOWINFO	= 21,
	CKPT_IP6_RECVPATHMTU	= 22,
	CKPT_IP6_RECVORIGDSTADDR = 23,
	CKPT_IP6_RECVFRAGSIZE	= 24,
	CKPT_IP6_2292PKTINFO	= 25,
	CKPT_IP6_2292HOPLIMIT	= 26,
	CKPT_IP6_2292RTHDR	= 27,
	CKPT_IP6_2292HOPOPTS	= 28,
	CKPT_IP6_2292DSTOPTS	= 29,
	CKPT_IP6_ROUTER_ALERT_ISOLATE = 30,
	CKPT_IP6_HDRINCL	= 31,	/* of raw sockets, as the next; of others in ckpt_ip */
	CKPT_IP6_FREEBIND	= 32,
	CKPT_IP6_TRANSPARENT	= 33,
	CKPT_IP6_MTU		= 34,	/* it was asked for by IPV6_MTU; 0: it was not */
};

/* The same, SOL_UDP. */
enum ckpt_udp {
	CKPT_UDP_CORK		= 1,
	CKPT_UDP_SEGMENT	= 2,
	CKPT_UDP_GRO		= 3,
	CKPT_UDP_NO_CHECK6_TX	= 4,
	CKPT_UDP_NO_CHECK6_RX	= 5,
	CKPT_UDP_SEND_CSCOV	= 6,	/* of UDP-Lite; -1, as with the next: not asked for */
	CKPT_UDP_RECV_CSCOV	= 7,
};

/* The same, SOL_TCP. */
enum ckpt_tcpopt {
	CKPT_TCP_NODELAY	= 1,
	CKPT_TCP_MAXSEG		= 2,
	CKPT_TCP_CORK		= 3,
	CKPT_TCP_KEEPIDLE	= 4,	/* seconds; 0, as with the next three: the machine's */
	CKPT_TCP_KEEPINTVL	= 5,
	CKPT_TCP_KEEPCNT	= 6,
	CKPT_TCP_SYNCNT		= 7,
	CKPT_TCP_LINGER2	= 8,
	CKPT_TCP_DEFER_ACCEPT	= 9,
	CKPT_TCP_WINDOW_CLAMP	= 10,
	CKPT_TCP_QUICKACK	= 11,
	CKPT_TCP_THIN_LINEAR_TIMEOUTS = 12,
	CKPT_TCP_USER_TIMEOUT	= 13,
	CKPT_TCP_FASTOPEN	= 14,
	CKPT_TCP_FASTOPEN_CONNECT = 15,
	CKPT_TCP_FASTOPEN_NO_COOKIE = 16,
	CKPT_TCP_SAVE_SYN	= 17,
	CKPT_TCP_NOTSENT_LOWAT	= 18,
	CKPT_TCP_INQ		= 19,
	CKPT_TCP_TX_DELAY	= 20,
};

/* The same, SOL_PACKET. */
enum ckpt_packetopt {
	CKPT_PACKET_AUXDATA	= 1,
	CKPT_PACKET_ORIGDEV	= 2,
	CKPT_PACKET_VNET_HDR_SZ	= 3,
	CKPT_PACKET_COPY_THRESH	= 4,
	CKPT_PACKET_VERSION	= 5,
	CKPT_PACKET_RESERVE	= 6,
	CKPT_PACKET_LOSS	= 7,
	CKPT_PACKET_TIMESTAMP	= 8,
	CKPT_PACKET_IGNORE_OUTGOING = 9,
	CKPT_PACKET_TX_HAS_OFF	= 10,
	CKPT_PACKET_QDISC_BYPASS = 11,
};

enum ckpt_inet_family {
	CKPT_INET_IPV4		= 1,
	CKPT_INET_IPV6		= 2,
};

#define CKPT_INET_PORT		(1 << 0)	/* is found by its port */
#define CKPT_INET_PORT_LOCK	(1 << 1)	/* which was asked for by bind(2) */
#define CKPT_INET_ADDR_LOCK	(1 << 2)	/* so was the address */
#define CKPT_INET_CONNECTED	(1 << 3)
#define CKPT_INET_RCV_SHUTDOWN	(1 << 4)	/* nothing can be received any more */
#define CKPT_INET_SEND_SHUTDOWN	(1 << 5)	/* nothing can be sent any more */
#define CKPT_INET_LITE		(1 << 6)	/* of UDP-Lite, not of UDP */
#define CKPT_INET_FLAGS		0x7f

/**
 * struct ckpt_inet - what all sockets of IPv4 and IPv6 have
 * @family:	enum ckpt_inet_family, which says what addresses are
 * @flags:	CKPT_INET_*
 * @mode:	st_mode
 * @uid, @gid:	its owner, as the freezer's user namespace sees him
 * @error:	errno that the next call returns; 0: none
 * @soft_error:	the same, of SO_ERROR only
 * @drops:	how much could not be received (SO_RXQ_OVFL)
 * @local:	address that it is bound to, as it is sent; of IPv4 the first 4
 *		bytes of it, the others are 0
 * @peer:	the same, what it is connected to
 * @local_port: of @local, 0: none; without CKPT_INET_PORT it is only called so
 * @peer_port:	of @peer
 * @reserved:	zero
 */
struct ckpt_inet {
	__le32 family;
	__le32 flags;
	__le32 mode;
	__le32 uid;
	__le32 gid;
	__le32 error;
	__le32 soft_error;
	__le32 drops;
	__u8 local[16];
	__u8 peer[16];
	__le16 local_port;
	__le16 peer_port;
	__le32 reserved;
};

enum ckpt_inet_use {
	CKPT_INET_BOUND		= 1,	/* SO_BINDTODEVICE */
	CKPT_INET_UNICAST	= 2,	/* IP_UNICAST_IF */
	CKPT_INET_UNICAST6	= 3,	/* IPV6_UNICAST_IF */
	CKPT_INET_MULTICAST	= 4,	/* IP_MULTICAST_IF */
	CKPT_INET_MULTICAST6	= 5,	/* IPV6_MULTICAST_IF */
	CKPT_INET_MEMBER	= 6,	/* IP_ADD_MEMBERSHIP */
	CKPT_INET_MEMBER6	= 7,	/* IPV6_ADD_MEMBERSHIP */
	CKPT_INET_PKTINFO6	= 8,	/* IPV6_PKTINFO */
};

/**
 * struct ckpt_inet_device - what a socket uses a network device for
 * @use:	enum ckpt_inet_use
 * @local:	address by which the device was named, of IPv4; 0: it was not
 * @group:	address of the multicast group of which it is a member, of IPV6_PKTINFO the
 *		address that was given with it, or 0
 * @name:	of the device, NUL-terminated; IPV6_PKTINFO may name none
 */
struct ckpt_inet_device {
	__le32 use;
	__u8 local[4];
	__u8 group[16];
	char name[16];
};

/* In the order in which packets have those of IPv6. */
enum ckpt_inet_header_kind {
	CKPT_HEADER_OPTIONS	= 1,	/* of IPv4: IP_OPTIONS */
	CKPT_HEADER_HOP		= 2,	/* IPV6_HOPOPTS */
	CKPT_HEADER_FIRST	= 3,	/* IPV6_RTHDRDSTOPTS */
	CKPT_HEADER_ROUTE	= 4,	/* IPV6_RTHDR */
	CKPT_HEADER_LAST	= 5,	/* IPV6_DSTOPTS */
};

/**
 * struct ckpt_inet_header - what a socket adds to the headers of what it sends
 * @header:	enum ckpt_inet_header_kind, ascending
 * @len:	bytes: of IPv4 a multiple of 4 and 40 at most, of IPv6 of 8
 * @bytes:	as setsockopt(2) takes them, the rest is zero
 */
struct ckpt_inet_header {
	__le32 header;
	__le32 len;
	__u8 bytes[2040];
};

enum ckpt_source_mode {
	CKPT_SOURCE_INCLUDE	= 1,	/* what these send is heard, and nothing else */
	CKPT_SOURCE_EXCLUDE	= 2,	/* what these send is not heard (IP_BLOCK_SOURCE) */
};

/**
 * struct ckpt_inet_source - who sends to a multicast group, and is named there
 * @member:	place, from 0, of the group among the elements of CKPT_REC_INET_DEVICES;
 *		ascending
 * @mode:	enum ckpt_source_mode, the same for all of a group
 * @addr:	of the sender, of IPv4 the first 4 bytes
 */
struct ckpt_inet_source {
	__le32 member;
	__le32 mode;
	__u8 addr[16];
};

/**
 * struct ckpt_reuseport - a socket that shares its port with others (SO_REUSEPORT)
 * @place:	which it has among them, from 0; the first one brings the instructions that
 *		choose by place, if there are any
 * @reserved:	zero
 */
struct ckpt_reuseport {
	__le32 place;
	__le32 reserved;
};

/**
 * struct ckpt_datagram - a datagram in the queue of a UDP, raw or ping socket
 * @family:	enum ckpt_inet_family: IPv4 may come to a socket of IPv6
 * @len:	bytes, of a raw socket of IPv4 with the header of IP
 * @time:	when it came, ns since 1970 (SO_TIMESTAMP); 0: not known
 * @from:	address of its sender
 * @to:		address that it was sent to
 * @from_port:	of @from; 0, as @to_port, of raw and ping sockets
 * @to_port:	of @to
 * @ttl:	of its header, or hop limit
 * @tos:	of its header, or traffic class
 * @fragment:	size of its largest fragment; 0: it came whole
 * @flow:	label of IPv6
 * @mark:	of the packet (SO_RCVMARK)
 * @drops:	as of the socket, when it came
 * @spec_dst:	IP_PKTINFO's ipi_spec_dst
 * @device:	by which it came, NUL-terminated; empty: not known
 */
struct ckpt_datagram {
	__le32 family;
	__le32 len;
	__le64 time;
	__u8 from[16];
	__u8 to[16];
	__le16 from_port;
	__le16 to_port;
	__u8 ttl;
	__u8 tos;
	__le16 fragment;
	__le32 flow;
	__le32 mark;
	__le32 drops;
	__u8 spec_dst[4];
	char device[16];
};

#define CKPT_UDPCORK_BYTES	(65535 - 8)

/**
 * struct ckpt_udpcork - a datagram that is not complete (UDP_CORK, MSG_MORE)
 * @family:	enum ckpt_inet_family: one of IPv4 may be of a socket of IPv6
 * @len:	bytes, of CKPT_TYPE_UDPDATA the last ones
 * @from:	address of its sender
 * @to:		address that it will be sent to
 * @to_port:	of @to
 * @ttl:	how far it goes, of IPv4 0: as the socket says when it is sent
 * @reserved:	zero
 */
struct ckpt_udpcork {
	__le32 family;
	__le32 len;
	__u8 from[16];
	__u8 to[16];
	__le16 to_port;
	__u8 ttl;
	__u8 reserved[5];
};

enum ckpt_raw_kind {
	CKPT_RAW_RAW		= 1,	/* SOCK_RAW */
	CKPT_RAW_PING		= 2,	/* SOCK_DGRAM of ICMP */
};

#define CKPT_RAW_CHECKSUM	(1 << 0)	/* sums are made and looked at (IPV6_CHECKSUM) */
#define CKPT_RAW_FLAGS		0x1

/**
 * struct ckpt_raw - what a raw or ping socket has besides
 * @kind:	enum ckpt_raw_kind
 * @protocol:	number of it in a header of IP
 * @flags:	CKPT_RAW_*
 * @checksum:	where in a packet its checksum is, bytes
 * @filter:	a bit for each type of ICMP that it does not hear, from the lowest one
 *		of the first byte on: of IPv4 32 (ICMP_FILTER), of IPv6 256
 *		(ICMPV6_FILTER)
 */
struct ckpt_raw {
	__le32 kind;
	__le32 protocol;
	__le32 flags;
	__le32 checksum;
	__u8 filter[32];
};

enum ckpt_packet_type {
	CKPT_PACKET_RAW		= 1,	/* SOCK_RAW: with the headers of the device */
	CKPT_PACKET_DGRAM	= 2,	/* SOCK_DGRAM: without */
};

#define CKPT_PACKET_DOWN	(1 << 0)	/* its device is, and it has been told so */
#define CKPT_PACKET_FLAGS	1

/**
 * struct ckpt_packet - a packet socket
 * @type:	enum ckpt_packet_type
 * @protocol:	of what it hears, as in a header of Ethernet; 0: nothing
 * @mode:	st_mode
 * @uid, @gid:	its owner, as the freezer's user namespace sees him
 * @error:	errno that the next call returns; 0: none
 * @drops:	how much could not be received (SO_RXQ_OVFL)
 * @received:	what PACKET_STATISTICS tells: packets that it has got
 * @dropped:	packets that it could not get
 * @freezes:	how often a ring was full
 * @flags:	CKPT_PACKET_*
 * @reserved:	zero
 * @device:	that it hears, NUL-terminated; empty: all
 */
struct ckpt_packet {
	__le32 type;
	__le32 protocol;
	__le32 mode;
	__le32 uid;
	__le32 gid;
	__le32 error;
	__le32 drops;
	__le32 received;
	__le32 dropped;
	__le32 freezes;
	__le32 flags;
	__le32 reserved;
	char device[16];
};

enum ckpt_packet_membership {
	CKPT_PACKET_MULTICAST	= 1,
	CKPT_PACKET_PROMISC	= 2,
	CKPT_PACKET_ALLMULTI	= 3,
	CKPT_PACKET_UNICAST	= 4,
};

/**
 * struct ckpt_packet_member - what a packet socket has a device receive
 * @kind:	enum ckpt_packet_membership
 * @count:	how often it has asked for that
 * @len:	bytes of @addr
 * @reserved:	zero
 * @addr:	of the device's kind; the rest is zero
 * @device:	its name, NUL-terminated
 */
struct ckpt_packet_member {
	__le32 kind;
	__le32 count;
	__le32 len;
	__le32 reserved;
	__u8 addr[32];
	char device[16];
};

enum ckpt_packet_sum {
	CKPT_PACKET_SUM_UNKNOWN	= 0,
	CKPT_PACKET_SUM_VALID	= 1,	/* TP_STATUS_CSUM_VALID */
	CKPT_PACKET_SUM_MISSING	= 2,	/* TP_STATUS_CSUMNOTREADY */
};

/**
 * struct ckpt_packet_message - a packet in the queue of a packet socket
 * @len:	bytes
 * @whole:	how many there were before a filter has cut it (PACKET_AUXDATA)
 * @time:	when it came, ns since 1970 (SO_TIMESTAMP); 0: not known
 * @mark:	of the packet (SO_RCVMARK)
 * @drops:	as of the socket, when it came
 * @protocol:	as in a header of Ethernet
 * @hatype:	ARPHRD_* of the device
 * @kind:	PACKET_*: to whom it was sent
 * @halen:	bytes of @addr
 * @sum:	enum ckpt_packet_sum
 * @tagged:	1: the device has taken a VLAN tag out of it
 * @tag:	that, or 0
 * @tag_protocol: of which protocol it was, or 0
 * @network:	where the header of its protocol is
 * @sum_start:	from where on a sum that is missing is to be made
 * @sum_place:	and where from there on it belongs
 * @reserved:	zero
 * @addr:	of its sender, of the device's kind; the rest is zero
 * @device:	by which it came, NUL-terminated
 */
struct ckpt_packet_message {
	__le32 len;
	__le32 whole;
	__le64 time;
	__le32 mark;
	__le32 drops;
	__le16 protocol;
	__le16 hatype;
	__u8 kind;
	__u8 halen;
	__u8 sum;
	__u8 tagged;
	__le16 tag;
	__le16 tag_protocol;
	__le16 network;
	__le16 sum_start;
	__le16 sum_place;
	__u8 reserved[6];
	__u8 addr[32];
	char device[16];
};

enum ckpt_packet_ring_kind {
	CKPT_PACKET_RING_RX	= 1,	/* PACKET_RX_RING */
	CKPT_PACKET_RING_TX	= 2,	/* PACKET_TX_RING */
};

#define CKPT_PACKET_RING_HASH	(1 << 0)	/* TP_FT_REQ_FILL_RXHASH */
#define CKPT_PACKET_RING_FLAGS	1

/**
 * struct ckpt_packet_ring - a ring that a packet socket shares with its program
 * @kind:	enum ckpt_packet_ring_kind
 * @block_size:	of a block, bytes
 * @blocks:	how many
 * @frame_size:	of a frame, bytes
 * @head:	frame that is used next; of what receives in blocks (TPACKET_V3)
 *		the block that is
 * @flags:	CKPT_PACKET_RING_*; these and all that follow are of blocks only
 * @room:	for the program behind the header of each block, bytes
 * @timeout:	after which a block that is not full is the program's, ms
 * @next:	where in its block the next packet goes, bytes; 0: the block is the
 *		program's, and what comes is lost until it gives it back
 * @last:	the same of the packet before that
 * @sequence:	number of the next block that is begun
 */
struct ckpt_packet_ring {
	__le32 kind;
	__le32 block_size;
	__le32 blocks;
	__le32 frame_size;
	__le32 head;
	__le32 flags;
	__le32 room;
	__le32 timeout;
	__le32 next;
	__le32 last;
	__le64 sequence;
};

enum ckpt_packet_share {
	CKPT_PACKET_SHARE_HASH	= 1,	/* PACKET_FANOUT_*: by what is in a packet */
	CKPT_PACKET_SHARE_TURN	= 2,	/* each in turn */
	CKPT_PACKET_SHARE_CPU	= 3,
	CKPT_PACKET_SHARE_FULL	= 4,	/* the next one when one is full */
	CKPT_PACKET_SHARE_RANDOM = 5,
	CKPT_PACKET_SHARE_QUEUE	= 6,	/* of the device */
	CKPT_PACKET_SHARE_CBPF	= 7,
	CKPT_PACKET_SHARE_EBPF	= 8,
};

#define CKPT_PACKET_GROUP_ROLLOVER	(1 << 0)	/* the next one when one is full */
#define CKPT_PACKET_GROUP_INCOMING	(1 << 1)	/* nothing that is sent */
#define CKPT_PACKET_GROUP_DEFRAG	(1 << 2)	/* whole packets of IP */
#define CKPT_PACKET_GROUP_FLAGS		7

/**
 * struct ckpt_packet_group - the group whose members share what they hear (PACKET_FANOUT)
 * @group:	its number
 * @share:	enum ckpt_packet_share: how
 * @flags:	CKPT_PACKET_GROUP_*
 * @most:	how many members it may have
 * @place:	of this one among them, from 0 on
 * @turn:	packets that have been given out in turn, as far as 32 bits tell
 * @other:	the member that had room when this one had not; 0: nobody is asked
 * @reserved:	zero
 * @moved:	what PACKET_ROLLOVER_STATS tells: packets that another has got
 * @moved_huge:	for which this one would have had some room
 * @failed:	for which nobody had
 */
struct ckpt_packet_group {
	__le32 group;
	__le32 share;
	__le32 flags;
	__le32 most;
	__le32 place;
	__le32 turn;
	__le32 other;
	__le32 reserved;
	__le64 moved;
	__le64 moved_huge;
	__le64 failed;
};

#define CKPT_TUN_DETACHED	(1 << 0)	/* it takes no part (IFF_DETACH_QUEUE) */
#define CKPT_TUN_QUEUE_FLAGS	1

/**
 * struct ckpt_tun - a descriptor of /dev/net/tun
 * @first:	reference to the one that has the record of the device to which it is
 *		attached as well, and may be itself; 0: it is attached to none
 * @flags:	CKPT_TUN_DETACHED
 * @place:	among those of its device: who takes part comes first, by the numbers of
 *		the queues, then who does not
 * @index:	of one without a device: which index that is to have (TUNSETIFINDEX);
 *		0: any
 * @sndbuf:	bytes that may be on their way into the kernel (TUNSETSNDBUF)
 * @last:	bytes of what was read last, which fdinfo shows as its position
 * @reserved:	zero
 *
 * Elements: packets that nobody has read, oldest first; their bytes are in
 * files/ID/datagrams, back to back.
 */
struct ckpt_tun {
	__le64 first;
	__le32 flags;
	__le32 place;
	__le32 index;
	__le32 sndbuf;
	__le32 last;
	__le32 reserved;
};

enum ckpt_tun_segments {
	CKPT_TUN_WHOLE		= 0,	/* it is to be sent as it is */
	CKPT_TUN_TCP4		= 1,
	CKPT_TUN_TCP6		= 2,
	CKPT_TUN_UDP		= 3,
};

/**
 * struct ckpt_tun_packet - a packet that waits to be read
 * @len:	bytes
 * @protocol:	as in a header of Ethernet (struct tun_pi)
 * @sum:	enum ckpt_packet_sum
 * @tagged:	1: it has a VLAN tag, which is not among its bytes
 * @tag:	that, or 0
 * @tag_protocol: of which protocol it is, or 0
 * @sum_start:	from where on a sum that is missing is to be made
 * @sum_place:	and where from there on it belongs
 * @segments:	enum ckpt_tun_segments: what it is to be cut into
 * @ecn:	1: of TCP segments, of which only the first has CWR
 * @segment:	bytes of payload in each of them, or 0
 * @headers:	bytes that are known to have all headers, or 0
 */
struct ckpt_tun_packet {
	__le32 len;
	__le16 protocol;
	__u8 sum;
	__u8 tagged;
	__le16 tag;
	__le16 tag_protocol;
	__le16 sum_start;
	__le16 sum_place;
	__u8 segments;
	__u8 ecn;
	__le16 segment;
	__le32 headers;
};

enum ckpt_tun_kind {
	CKPT_TUN_IP		= 1,	/* IFF_TUN */
	CKPT_TUN_ETHERNET	= 2,	/* IFF_TAP */
};

#define CKPT_TUN_NO_PI		(1 << 0)
#define CKPT_TUN_ONE_QUEUE	(1 << 1)
#define CKPT_TUN_VNET_HDR	(1 << 2)
#define CKPT_TUN_MULTI_QUEUE	(1 << 3)
#define CKPT_TUN_NAPI		(1 << 4)
#define CKPT_TUN_NAPI_FRAGS	(1 << 5)
#define CKPT_TUN_PERSIST	(1 << 6)
#define CKPT_TUN_LE		(1 << 7)	/* TUNSETVNETLE */
#define CKPT_TUN_BE		(1 << 8)	/* TUNSETVNETBE */
#define CKPT_TUN_OWNER		(1 << 9)	/* it has one */
#define CKPT_TUN_GROUP		(1 << 10)	/* the same */
#define CKPT_TUN_ASKED		(1 << 11)	/* for its offloads (TUNSETOFFLOAD) */
#define CKPT_TUN_NO_CARRIER	(1 << 12)
#define CKPT_TUN_THERE		(1 << 13)	/* it has what is not saved: it has to be there */
#define CKPT_TUN_UNREADY	(1 << 14)	/* it has had no carrier since it is up */
#define CKPT_TUN_FLAGS		0x7fff

#define CKPT_TUN_CSUM		(1 << 0)	/* what TUNSETOFFLOAD is asked for */
#define CKPT_TUN_TSO4		(1 << 1)
#define CKPT_TUN_TSO6		(1 << 2)
#define CKPT_TUN_TSO_ECN	(1 << 3)
#define CKPT_TUN_USO		(1 << 4)
#define CKPT_TUN_OFFLOADS	0x1f

#define CKPT_LINK_UP		(1 << 0)	/* flags of a network device */
#define CKPT_LINK_DEBUG		(1 << 1)
#define CKPT_LINK_NOTRAILERS	(1 << 2)
#define CKPT_LINK_NOARP		(1 << 3)
#define CKPT_LINK_PROMISC	(1 << 4)
#define CKPT_LINK_ALLMULTI	(1 << 5)
#define CKPT_LINK_MULTICAST	(1 << 6)
#define CKPT_LINK_PORTSEL	(1 << 7)
#define CKPT_LINK_AUTOMEDIA	(1 << 8)
#define CKPT_LINK_DYNAMIC	(1 << 9)
#define CKPT_LINK_FLAGS		0x3ff

enum ckpt_link_addresses {
	CKPT_LINK_NO_IPV6	= 0,	/* it has no IPv6 at all */
	CKPT_LINK_EUI64		= 1,	/* link-local ones are made of its hardware address */
	CKPT_LINK_NONE		= 2,	/* none are made */
	CKPT_LINK_RANDOM	= 3,
};

/**
 * struct ckpt_tun_device - a network device of tun
 * @kind:	enum ckpt_tun_kind
 * @flags:	CKPT_TUN_NO_PI ...
 * @owner:	who may attach to it, as the freezer's user namespace sees him, or 0
 * @group:	the same, of a group
 * @header:	bytes of the header of TUNSETVNETHDRSZ
 * @offload:	CKPT_TUN_CSUM ...
 * @debug:	TUNSETDEBUG
 * @queues:	how many are attached to it
 * @index:	its number
 * @type:	ARPHRD_* (TUNSETLINK)
 * @mtu:	bytes
 * @queue_len:	most packets that wait in each of its queues
 * @link:	CKPT_LINK_UP ...
 * @group_nr:	which group of devices it is in
 * @addresses:	enum ckpt_link_addresses
 * @exact:	how many addresses there are in @filter (TUNSETTXFILTER); 0: whatever is
 *		sent can be read
 * @hashed:	hashes of the groups to which it can be as well, a bit each
 * @hwaddr:	its hardware address
 * @filter:	what can be read is sent to one of these; the rest is zero
 * @reserved:	zero
 * @name:	NUL-terminated
 *
 * Elements: its addresses, those of IPv4 first, as the kernel lists them.
 */
struct ckpt_tun_device {
	__le32 kind;
	__le32 flags;
	__le32 owner;
	__le32 group;
	__le32 header;
	__le32 offload;
	__le32 debug;
	__le32 queues;
	__le32 index;
	__le32 type;
	__le32 mtu;
	__le32 queue_len;
	__le32 link;
	__le32 group_nr;
	__le32 addresses;
	__le32 exact;
	__le64 hashed;
	__u8 hwaddr[6];
	__u8 filter[48];
	__u8 reserved[2];
	char name[16];
};

#define CKPT_ADDR_NOPREFIXROUTE	(1 << 0)
#define CKPT_ADDR_NODAD		(1 << 1)
#define CKPT_ADDR_HOMEADDRESS	(1 << 2)
#define CKPT_ADDR_TENTATIVE	(1 << 3)	/* it is not known yet whether others have it */
#define CKPT_ADDR_FLAGS		0xf

/**
 * struct ckpt_tun_addr - an address of a network device
 * @family:	enum ckpt_inet_family
 * @prefix:	bits of its network
 * @flags:	CKPT_ADDR_*
 * @scope:	RT_SCOPE_* of one of IPv4
 * @metric:	of the route to its network, 0: the usual one
 * @protocol:	IFAPROT_*: who has given it
 * @valid:	for how many seconds more there is one; U32_MAX: for ever
 * @preferred:	and for how many it is used by itself
 * @addr:	it; of IPv4 the first 4 bytes, the rest is zero
 * @peer:	at the other end; zero: of one of IPv6 that has none
 * @broadcast:	of one of IPv4
 * @reserved:	zero
 * @label:	of one of IPv4, NUL-terminated
 */
struct ckpt_tun_addr {
	__le32 family;
	__le32 prefix;
	__le32 flags;
	__le32 scope;
	__le32 metric;
	__le32 protocol;
	__le32 valid;
	__le32 preferred;
	__u8 addr[16];
	__u8 peer[16];
	__u8 broadcast[4];
	__u8 reserved[4];
	char label[16];
};

enum ckpt_tcp_state {
	CKPT_TCP_CLOSED		= 1,	/* not connected, or not any more */
	CKPT_TCP_LISTENING	= 2,
	CKPT_TCP_OPEN		= 3,	/* a connection */
	CKPT_TCP_ASKING		= 4,	/* has asked for one, and has not been answered */
};

#define CKPT_TCP_DONE		(1 << 0)	/* its peer has sent all that it had to say */
#define CKPT_TCP_CONGESTION	(1 << 1)	/* it was asked for by TCP_CONGESTION */
#define CKPT_TCP_FLAGS		3

enum ckpt_tcp_call {
	CKPT_TCP_UNCONNECTED	= 1,
	CKPT_TCP_CONNECTING	= 2,	/* the next connect(2) tells how it went */
	CKPT_TCP_CONNECTED	= 3,	/* is, or has been */
	CKPT_TCP_DISCONNECTING	= 4,
};

/**
 * struct ckpt_tcp - a TCP socket
 * @state:	enum ckpt_tcp_state
 * @call:	enum ckpt_tcp_call: as connect(2) finds it
 * @flags:	CKPT_TCP_*
 * @backlog:	most connections that wait in its queue
 * @congestion:	name of its congestion control (TCP_CONGESTION), NUL-terminated
 */
struct ckpt_tcp {
	__le32 state;
	__le32 call;
	__le32 flags;
	__le32 backlog;
	char congestion[16];
};

#define CKPT_TCPCONN_SACK	(1 << 0)	/* selective acknowledgements */
#define CKPT_TCPCONN_TIMESTAMPS	(1 << 1)
#define CKPT_TCPCONN_SCALED	(1 << 2)	/* windows are, by the two shifts */
#define CKPT_TCPCONN_SEND_END	(1 << 3)	/* it has no more to send */
#define CKPT_TCPCONN_RCV_END	(1 << 4)	/* it knows that its peer has no more */
#define CKPT_TCPCONN_OUTSIDE	(1 << 5)	/* the other end is not of the image */
#define CKPT_TCPCONN_FLAGS	0x3f

#define CKPT_TCPCONN_BYTES	(1 << 30)	/* at most, in either queue */

/**
 * struct ckpt_tcpkey - by which the cookies of fast connections are made (TCP_FASTOPEN_KEY)
 * @fastopen:	the first one makes them, the second one is known too
 */
struct ckpt_tcpkey {
	__u8 fastopen[16];
};

#define CKPT_TCPUNREAD_END	(1 << 0)	/* then the end, which has not been read either */
#define CKPT_TCPUNREAD_FLAGS	0x1

/**
 * struct ckpt_tcpunread - what a connection has received that is none any more
 * @len:	bytes of CKPT_TYPE_TCPDATA that have not been read
 * @flags:	CKPT_TCPUNREAD_*
 */
struct ckpt_tcpunread {
	__le32 len;
	__le32 flags;
};

/**
 * struct ckpt_tcpconn - a TCP connection
 * @peer:	number of the other end, which may wait to be accepted; 0: it has been
 *		closed, or is outside
 * @flags:	CKPT_TCPCONN_*
 * @timestamp:	as TCP_TIMESTAMP tells it
 * @snd_seq:	number of the first byte that has not been acknowledged
 * @queued:	how many bytes there are from then on
 * @sent:	how many of these have been sent
 * @snd_wl1:	number of the segment that told of the window to send into
 * @snd_wnd:	that window, bytes
 * @max_window:	the largest that it has been
 * @rcv_seq:	number of the first byte that has not been read
 * @unread:	how many bytes have been received from then on
 * @rcv_wup:	number up to which it had received when it told of its window
 * @rcv_wnd:	that window, bytes
 * @mss:	what the peer takes in a segment, bytes
 * @snd_wscale:	shift of the windows that it gets
 * @rcv_wscale:	shift of those that it sends
 * @reserved:	zero
 *
 * Its bytes are in files/ID/stream: those that have not been read come first.
 */
struct ckpt_tcpconn {
	__le64 peer;
	__le32 flags;
	__le32 timestamp;
	__le32 snd_seq;
	__le32 queued;
	__le32 sent;
	__le32 snd_wl1;
	__le32 snd_wnd;
	__le32 max_window;
	__le32 rcv_seq;
	__le32 unread;
	__le32 rcv_wup;
	__le32 rcv_wnd;
	__le16 mss;
	__u8 snd_wscale;
	__u8 rcv_wscale;
	__le32 reserved;
};

enum ckpt_urgent {
	CKPT_URGENT_NONE	= 0,
	CKPT_URGENT_EXPECTED	= 1,	/* its peer has said where it will be */
	CKPT_URGENT_UNREAD	= 2,
	CKPT_URGENT_READ	= 3,	/* by itself; what was sent before it has not been */
};

/**
 * struct ckpt_tcpurgent - urgent data of a TCP connection (MSG_OOB)
 * @queued:	of the bytes that have not been acknowledged, as many end with an urgent
 *		one; 0: none is urgent
 * @state:	enum ckpt_urgent: of what has been received
 * @place:	as many bytes that have not been read are before it
 * @byte:	it, if it has not been read
 */
struct ckpt_tcpurgent {
	__le32 queued;
	__le32 state;
	__le32 place;
	__le32 byte;
};

/**
 * struct ckpt_tcpwaiting - files/ID/waiting: a TCP connection that nobody has accepted yet
 * @listener:	reference to whom it has connected to; who has waited longer has a lower ID
 *
 * What a connection has follows, which has sent nothing.
 */
struct ckpt_tcpwaiting {
	__le64 listener;
};

/**
 * struct ckpt_locks - locks/ID: locks of a file on disk, or of another
 * @reserved:	zero
 *
 * Elements: those whose owner is in the image.
 */
struct ckpt_locks {
	__le64 reserved;
};

enum ckpt_lock_kind {
	CKPT_LOCK_FLOCK		= 1,	/* flock(2): of the open file */
	CKPT_LOCK_POSIX		= 2,	/* F_SETLK: of the table of descriptors */
	CKPT_LOCK_OFD		= 3,	/* F_OFD_SETLK: of the open file */
};

enum ckpt_lock_type {
	CKPT_LOCK_READ		= 1,	/* shared */
	CKPT_LOCK_WRITE		= 2,	/* exclusive */
};

/**
 * struct ckpt_lock - a lock
 * @start, @end: the first and the last byte; 2^63 - 1: to the end
 * @file:	reference: by which it was taken
 * @fdtable:	reference: its owner, if that is not the open file
 * @kind:	enum ckpt_lock_kind
 * @type:	enum ckpt_lock_type
 * @pid:	of the process that has taken it, for who asks; 0: it has ended,
 *		or of CKPT_LOCK_OFD
 * @reserved:	zero
 */
struct ckpt_lock {
	__le64 start;
	__le64 end;
	__le64 file;
	__le64 fdtable;
	__le32 kind;
	__le32 type;
	__le32 pid;
	__le32 reserved;
};

enum ckpt_lease_flags {
	CKPT_LEASE_UNLOCK	= 1 << 0,	/* to be given up: its file is to be written */
	CKPT_LEASE_DOWNGRADE	= 1 << 1,	/* to be made a shared one: to be read */
	CKPT_LEASE_FLAGS	= (1 << 2) - 1,
};

/**
 * struct ckpt_lease - a lease: fcntl(2) F_SETLEASE
 * @file:	reference: the open file that has it
 * @unlock_left: ns until it is taken away; 0: never. Of one that is not to be given
 *		up: of what was asked for before
 * @downgrade_left: the same until it is made a shared one
 * @type:	enum ckpt_lock_type
 * @flags:	enum ckpt_lease_flags: what has been asked for, and its owner told
 * @pid:	of the process that has taken it, for who asks; 0: it has ended
 * @fd:		number of the descriptor that its signals tell
 */
struct ckpt_lease {
	__le64 file;
	__le64 unlock_left;
	__le64 downgrade_left;
	__le32 type;
	__le32 flags;
	__le32 pid;
	__le32 fd;
};

/**
 * struct ckpt_external - an open file that is not in the image
 * @pid:	of the task by whose descriptor it was declared (external=PID:FD)
 * @fd:		that descriptor
 *
 * Elements: what it was, for people: a path, or what stands for one in
 * /proc/PID/fd; cut off where it is longer, NUL-terminated. Of the flags of its
 * file record those that say how it may be used are there.
 */
struct ckpt_external {
	__le32 pid;
	__le32 fd;
};

/* F_SEAL_FUTURE_WRITE, and with it F_SEAL_SEAL, has come after all mappings. */
#define CKPT_MEMFD_SEALED_LATE	(1U << 31)

/**
 * struct ckpt_memfd - memfd_create(2)
 * @holder:	reference: of the same memfd, and all that follows is there; 0: it
 *		is here
 * @size:	bytes
 * @pages:	sum of the pages of the runs, contents in files/ID/data
 * @seals:	F_SEAL_* of fcntl(2), CKPT_MEMFD_SEALED_LATE
 * @mode:	st_mode
 * @uid, @gid:	its owner, as the freezer's user namespace sees him
 *
 * A name record follows where it is held.
 */
struct ckpt_memfd {
	__le64 holder;
	__le64 size;
	__le64 pages;
	__le32 seals;
	__le32 mode;
	__le32 uid;
	__le32 gid;
};

#define CKPT_DELETED_LINKABLE	1		/* linkat(2) may give it a name */
#define CKPT_DELETED_FLAGS	1

/**
 * struct ckpt_deleted - a regular file that has no name
 * @holder:	reference: of the same file, and all that follows is there; 0: it
 *		is here
 * @size:	bytes
 * @pages:	sum of the pages of the runs, contents in files/ID/data
 * @atime:	seconds since 1970
 * @mtime:	seconds since 1970
 * @atime_ns:	ns after that
 * @mtime_ns:	ns after that
 * @mode:	st_mode
 * @uid, @gid:	its owner, as the freezer's user namespace sees him
 * @flags:	CKPT_DELETED_*
 *
 * A path record follows where it is held: the directory to make it in.
 */
struct ckpt_deleted {
	__le64 holder;
	__le64 size;
	__le64 pages;
	__le64 atime;
	__le64 mtime;
	__le32 atime_ns;
	__le32 mtime_ns;
	__le32 mode;
	__le32 uid;
	__le32 gid;
	__le32 flags;
};

#define CKPT_INOTIFY_ON_CHILD	(1 << 0)	/* happened to a file in a directory */
#define CKPT_INOTIFY_OPEN_EXEC	(1 << 1)	/* opened to be executed */
#define CKPT_INOTIFY_FLAGS	3

/**
 * struct ckpt_inotify_event - inotify(7): what has not been read yet
 * @wd:		number of the watch, which may be gone; -1: events were lost
 * @mask:	what has happened, IN_*
 * @cookie:	the same in both events of a rename
 * @flags:	CKPT_INOTIFY_*: what is not reported, but differs in a new event that
 *		is not the same
 *
 * Elements: the name with its NUL, or a NUL alone.
 */
struct ckpt_inotify_event {
	__le32 wd;
	__le32 mask;
	__le32 cookie;
	__le32 flags;
};

/**
 * struct ckpt_watches - files/ID/watches: what the inotify files/ID/file watches
 * @next:	number that a new watch gets, if it is free; 0: there has been none
 * @reserved:	zero
 *
 * The watches follow, the oldest first.
 */
struct ckpt_watches {
	__le32 next;
	__le32 reserved;
};

/**
 * struct ckpt_watch - inotify_add_watch(2)
 * @wd:		its number
 * @mask:	IN_*: what is watched for, IN_EXCL_UNLINK, IN_ONESHOT
 * @mode:	type of what is watched, as in st_mode
 * @reserved:	zero
 *
 * Elements: a path that leads to it, with its NUL; a symbolic link at its end is
 * what is watched.
 */
struct ckpt_watch {
	__le32 wd;
	__le32 mask;
	__le32 mode;
	__le32 reserved;
};

enum ckpt_fanotify_kind {
	CKPT_FANOTIFY_NOTIF	= 1,	/* FAN_CLASS_NOTIF */
	CKPT_FANOTIFY_CONTENT	= 2,	/* FAN_CLASS_CONTENT */
	CKPT_FANOTIFY_PRE_CONTENT = 3,	/* FAN_CLASS_PRE_CONTENT */
};

#define CKPT_FANOTIFY_CLOEXEC		(1 << 0)	/* as it was made; see the descriptor */
#define CKPT_FANOTIFY_NONBLOCK		(1 << 1)	/* as it was made; see the file */
#define CKPT_FANOTIFY_UNLIMITED_QUEUE	(1 << 2)
#define CKPT_FANOTIFY_UNLIMITED_MARKS	(1 << 3)
#define CKPT_FANOTIFY_ENABLE_AUDIT	(1 << 4)
#define CKPT_FANOTIFY_REPORT_PIDFD	(1 << 5)
#define CKPT_FANOTIFY_REPORT_TID	(1 << 6)
#define CKPT_FANOTIFY_REPORT_FID	(1 << 7)
#define CKPT_FANOTIFY_REPORT_DIR_FID	(1 << 8)
#define CKPT_FANOTIFY_REPORT_NAME	(1 << 9)
#define CKPT_FANOTIFY_REPORT_TARGET_FID	(1 << 10)
#define CKPT_FANOTIFY_REPORT_FD_ERROR	(1 << 11)
#define CKPT_FANOTIFY_UNPRIVILEGED	(1 << 12)	/* made without CAP_SYS_ADMIN */
#define CKPT_FANOTIFY_EVENT_CLOEXEC	(1 << 13)	/* descriptors of events, too */
#define CKPT_FANOTIFY_FLAGS		0x3fff

/**
 * struct ckpt_fanotify - fanotify_init(2)
 * @kind:	enum ckpt_fanotify_kind
 * @flags:	CKPT_FANOTIFY_*
 * @event_flags: CKPT_O_* with which the files of events are opened
 * @reserved:	zero
 */
struct ckpt_fanotify {
	__le32 kind;
	__le32 flags;
	__le32 event_flags;
	__le32 reserved;
};

enum ckpt_fanevent_kind {
	CKPT_FANEVENT_LOST	= 1,	/* events were lost */
	CKPT_FANEVENT_PATH	= 2,	/* the file is opened when it is read */
	CKPT_FANEVENT_OBJECT	= 3,	/* a file handle */
	CKPT_FANEVENT_NAME	= 4,	/* file handles, of directories too, and names */
};

/**
 * struct ckpt_fanevent - fanotify(7): what has not been read yet
 * @fsid:	of the filesystem, as statfs(2) has it, its first half in the lower bits
 * @ended:	who did it, if he has ended or is a task outside: the object ENDEDPID
 * @pid:	else his number, 0: unknown
 * @kind:	enum ckpt_fanevent_kind
 * @mask:	what has happened, FAN_*
 * @mode:	type of the file behind a path, as in st_mode
 * @dir_len:	bytes of the handle of the directory; 0: there is none
 * @new_dir_len: of a rename, the same of the one that it is in now
 * @object_len:	the same of the file itself
 * @name_len:	bytes of the name in the directory
 * @new_name_len: in the new one
 * @dir_type:	of the handle, as name_to_handle_at(2) has it
 * @new_dir_type: the same
 * @object_type: the same; 255: no handle could be had
 *
 * Elements: a path with its NUL; or all that has a length, in this order.
 */
struct ckpt_fanevent {
	__le64 fsid;
	__le64 ended;
	__le32 pid;
	__le32 kind;
	__le32 mask;
	__le32 mode;
	__le16 dir_len;
	__le16 new_dir_len;
	__le16 object_len;
	__le16 name_len;
	__le16 new_name_len;
	__le16 dir_type;
	__le16 new_dir_type;
	__le16 object_type;
};

/**
 * struct ckpt_fanmarks - files/ID/marks: what the fanotify files/ID/file watches
 * @marks:	how many there are
 * @reserved:	zero
 *
 * They follow, the oldest first.
 */
struct ckpt_fanmarks {
	__le32 marks;
	__le32 reserved;
};

enum ckpt_fanmark_kind {
	CKPT_FANMARK_INODE	= 1,	/* FAN_MARK_INODE */
	CKPT_FANMARK_MOUNT	= 2,	/* FAN_MARK_MOUNT */
	CKPT_FANMARK_FILESYSTEM	= 3,	/* FAN_MARK_FILESYSTEM */
};

#define CKPT_FANMARK_SURV_MODIFY	(1 << 0)	/* FAN_MARK_IGNORED_SURV_MODIFY */
#define CKPT_FANMARK_EVICTABLE		(1 << 1)	/* FAN_MARK_EVICTABLE */
#define CKPT_FANMARK_IGNORE		(1 << 2)	/* FAN_MARK_IGNORE, not IGNORED_MASK */
#define CKPT_FANMARK_FLAGS		7

#define CKPT_HANDLE_MAX		128	/* MAX_HANDLE_SZ */

/**
 * struct ckpt_fanmark - fanotify_mark(2)
 * @fsid:	of its filesystem, as in the events; 0 if they tell of files by paths
 * @kind:	enum ckpt_fanmark_kind
 * @flags:	CKPT_FANMARK_*
 * @mask:	FAN_*: what is watched for
 * @ignored:	FAN_*: and what not
 * @mode:	type of what is at the path, as in st_mode; 0: of a filesystem it says nothing
 * @handle_type: of an inode that events tell by a handle, that
 * @handle_len:	bytes of @handle; 0: there is none
 * @reserved:	zero
 * @handle:	the handle
 *
 * Elements: a path that leads to it, with its NUL; a symbolic link at its end is
 * what is watched.
 */
struct ckpt_fanmark {
	__le64 fsid;
	__le32 kind;
	__le32 flags;
	__le32 mask;
	__le32 ignored;
	__le32 mode;
	__le32 handle_type;
	__le32 handle_len;
	__le32 reserved;
	__u8 handle[CKPT_HANDLE_MAX];
};

enum ckpt_netlink_protocol {
	CKPT_NETLINK_ROUTE	= 1,
	CKPT_NETLINK_USERSOCK	= 2,
	CKPT_NETLINK_SOCK_DIAG	= 3,
	CKPT_NETLINK_XFRM	= 4,
	CKPT_NETLINK_AUDIT	= 5,
	CKPT_NETLINK_FIB_LOOKUP	= 6,
	CKPT_NETLINK_UEVENT	= 7,	/* NETLINK_KOBJECT_UEVENT */
	CKPT_NETLINK_GENERIC	= 8,
	CKPT_NETLINK_CRYPTO	= 9,
	CKPT_NETLINK_RDMA	= 10,
};

enum ckpt_netlink_type {
	CKPT_NETLINK_RAW	= 1,	/* SOCK_RAW */
	CKPT_NETLINK_DGRAM	= 2,	/* SOCK_DGRAM */
};

#define CKPT_NETLINK_CONNECTED		(1 << 0)
#define CKPT_NETLINK_DISCONNECTED	(1 << 1)	/* was connected, and is not any more */
#define CKPT_NETLINK_CONGESTED		(1 << 2)	/* gets nothing until its queue is empty */
#define CKPT_NETLINK_PKTINFO		(1 << 3)	/* the options of setsockopt(2) */
#define CKPT_NETLINK_BROADCAST_ERROR	(1 << 4)
#define CKPT_NETLINK_NO_ENOBUFS		(1 << 5)
#define CKPT_NETLINK_LISTEN_ALL_NSID	(1 << 6)
#define CKPT_NETLINK_CAP_ACK		(1 << 7)
#define CKPT_NETLINK_EXT_ACK		(1 << 8)
#define CKPT_NETLINK_STRICT_CHK		(1 << 9)
#define CKPT_NETLINK_FLAGS		0x3ff

/**
 * struct ckpt_netlink - a netlink socket
 * @creds:	reference: who has opened it, whose rights count when it asks the
 *		kernel for something
 * @protocol:	enum ckpt_netlink_protocol
 * @type:	enum ckpt_netlink_type
 * @flags:	CKPT_NETLINK_*
 * @mode:	st_mode
 * @uid, @gid:	its owner, as the freezer's user namespace sees him
 * @portid:	that it is bound to; 0: none
 * @dst_portid:	that it is connected to; 0: the kernel
 * @dst_group:	the same, a group; 0: none
 * @error:	errno that the next call returns; 0: none
 * @drops:	how much could not be received
 * @longest:	length of the longest buffer that it was read with, bytes, as far as
 *		that matters
 */
struct ckpt_netlink {
	__le64 creds;
	__le32 protocol;
	__le32 type;
	__le32 flags;
	__le32 mode;
	__le32 uid;
	__le32 gid;
	__le32 portid;
	__le32 dst_portid;
	__le32 dst_group;
	__le32 error;
	__le32 drops;
	__le32 longest;
};

#define CKPT_NETLINK_MESSAGE_CREDS	(1 << 0)	/* of a program, or of who it said it was */
#define CKPT_NETLINK_MESSAGE_NSID	(1 << 1)	/* from another network namespace */
#define CKPT_NETLINK_MESSAGE_FLAGS	3

/**
 * struct ckpt_netlink_message - a message in the queue of a netlink socket
 * @len:	bytes
 * @flags:	CKPT_NETLINK_MESSAGE_*; without _CREDS it is signed by the kernel
 * @portid:	of its sender; 0: the kernel
 * @group:	that it was sent to; 0: none
 * @pid:	of its sender, as he was called in his pid namespace
 * @uid, @gid:	of the same, as the freezer's user namespace sees him
 * @nsid:	number of the other network namespace
 */
struct ckpt_netlink_message {
	__le32 len;
	__le32 flags;
	__le32 portid;
	__le32 group;
	__le32 pid;
	__le32 uid;
	__le32 gid;
	__le32 nsid;
};

#endif /* _UAPI_LINUX_CHECKPOINTFS_H */
