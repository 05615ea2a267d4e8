/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The image in plain C: what the kernel, utils/ and the fuzzer share.
 *
 * record.c	the cursor that reads records and the writer that makes them;
 *		all offset arithmetic of the format is there
 * schema*.c	a table of the fields of each record: generic checks, printing
 * check.c	checks of each file of an image, and of the whole: the tail
 * tasktree.c	checks of the tasks together: parents, groups, sessions
 * space.c	checks of the address spaces: mappings, runs, shared pages
 * parent.c	checks of images that are differences to others
 * name.c	TYPE/ID/PART names to (type, id) and back
 * crc.c	CRC32C
 *
 * Nothing here takes a lock, allocates but through ckpt_alloc(), or trusts
 * a byte of the image. Checks and writers may sleep, cursors do not.
 */
#ifndef _CKPT_FORMAT_H
#define _CKPT_FORMAT_H

#include "shim.h"
#include <linux/checkpointfs.h>

struct ckpt_object_ops;

/* ---- record.c ---------------------------------------------------------- */

/**
 * struct ckpt_view - one record, its bounds proved
 * @type:	enum ckpt_record_type
 * @version:	of its layout
 * @body:	the fixed part, as long as its schema says
 * @elems:	the first element
 * @count:	number of elements
 */
struct ckpt_view {
	u16 type;
	u16 version;
	const void *body;
	const void *elems;
	u32 count;
};

/**
 * struct ckpt_cursor - reads the records of one file in order
 * @pos:	next record
 * @end:	end of the file's bytes
 */
struct ckpt_cursor {
	const u8 *pos;
	const u8 *end;
};

void ckpt_cursor_init(struct ckpt_cursor *cur, const void *bytes, size_t size);

/**
 * ckpt_next() - the next record
 * @cur: cursor
 * @view: filled in; points into the file's bytes
 *
 * A record is handed out only if it lies within the file, its type has a
 * schema, its version and fixed size are what the schema has, and its size is
 * that of its parts rounded up to 8, with zeroes as padding.
 *
 * Return: 1, 0 at the end, or -EUCLEAN.
 */
int ckpt_next(struct ckpt_cursor *cur, struct ckpt_view *view);

/**
 * ckpt_find() - the first record of a type in a file that has been checked
 *
 * Return: true if there is one.
 */
bool ckpt_find(const void *bytes, size_t size, u16 type, struct ckpt_view *view);

/**
 * struct ckpt_writer - collects the records of one file
 * @buf:	growing buffer, owned by the writer
 * @len:	bytes used
 * @room:	bytes allocated
 * @error:	first error; all later calls do nothing
 */
struct ckpt_writer {
	u8 *buf;
	size_t len;
	size_t room;
	int error;
};

/**
 * ckpt_add() - begin a record with all its elements
 * @w: writer
 * @type: enum ckpt_record_type, whose schema gives fixed part and element size
 * @count: number of elements
 *
 * Return: the zeroed fixed part, to be filled before the next ckpt_add();
 * elements follow it at ckpt_elems(). NULL after an error (w->error says which).
 */
void *ckpt_add(struct ckpt_writer *w, u16 type, u32 count);
/* The elements of the record that @body, got from ckpt_add(), begins. */
void *ckpt_elems(void *body);
int ckpt_add_path(struct ckpt_writer *w, u32 role, const char *path);
int ckpt_add_bytes(struct ckpt_writer *w, const void *bytes, size_t size);
void ckpt_writer_free(struct ckpt_writer *w);

/* ---- schema.c ---------------------------------------------------------- */

enum ckpt_field_kind {
	CKPT_F_UINT,		/* size 1, 2, 4, 8; at most @limit, 0: any */
	CKPT_F_INT,
	CKPT_F_HEX,
	CKPT_F_ADDR,		/* user address */
	CKPT_F_FLAGS,		/* @limit: mask of the known bits */
	CKPT_F_ENUM,		/* 1 .. @limit; 0 too if @zero_ok */
	CKPT_F_REF,		/* id of an object of type @limit, 0: none */
	CKPT_F_FILE_REF,	/* id in files/, of whatever kind; of CKPT_ROW_MAPPED
				 * only if limit is set
				 */
	CKPT_F_TYPE,		/* enum ckpt_type */
	CKPT_F_TEXT,		/* NUL-terminated, NUL-padded array */
	CKPT_F_BYTES,
	CKPT_F_RESERVED,	/* must be zero */
};

/**
 * struct ckpt_field - one field of a record's fixed part, or of its elements
 * @name:	as in the header, and as `ckpt show` prints it
 * @limit:	see enum ckpt_field_kind
 * @offset:	bytes
 * @size:	bytes
 * @kind:	enum ckpt_field_kind
 * @zero_ok:	an enum or type field may be 0
 * @values:	names of flag bits, by number of the bit, or of enum values, by
 *		value ([0] is there even if 0 is not valid); NULL-terminated
 */
struct ckpt_field {
	const char *name;
	u64 limit;
	u16 offset;
	u16 size;
	u8 kind;
	u8 zero_ok;
	const char *const *values;
};

/**
 * struct ckpt_schema - layout of a record type
 * @name:	"task", "vmas" ...
 * @version:	written
 * @min_version: oldest read
 * @fixed:	bytes of the fixed part
 * @elem:	bytes of an element; 0: the record has none; 1: bytes or text
 * @text:	the elements are one NUL-terminated string
 * @max:	most elements
 * @fields, @elem_fields: NULL-name terminated
 */
struct ckpt_schema {
	const char *name;
	u16 version;
	u16 min_version;
	u16 fixed;
	u16 elem;
	bool text;
	u32 max;
	const struct ckpt_field *fields;
	const struct ckpt_field *elem_fields;
};

/* The value of a field of at most 8 bytes; an int's sign is extended. */
u64 ckpt_field_get(const struct ckpt_field *field, const void *base);

/* Have all bytes of its parts a field, all bits and values a name? For tests. */
bool ckpt_schema_sane(const struct ckpt_schema *s);
/* Return: NULL for a number without a schema. */
const struct ckpt_schema *ckpt_schema(u16 record_type);

/* ---- check.c ----------------------------------------------------------- */

#define CKPT_FILE_NAME_MAX	48	/* "fdtables/18446744073709551615/..." */

/* Id of the tail among the files at the top; it does not list itself. */
#define CKPT_TOP_TAIL	3

/**
 * struct ckpt_check - a check under way
 * @exists:	does the image have object (type, id)? @type may be a kind of
 *		file or, with CKPT_TYPE_NONE, mean "any kind of file": then
 *		returns its type, else 0
 * @bytes:	the bytes of the file of object (type, id); NULL: not there.
 *		Contents (`pages`, `data`) have a size only: NULL with *size
 *		set, which is 0 for what is not there. Type 0 means the files
 *		at the top: id CKPT_TOP_HEADER, CKPT_TOP_CPU, CKPT_TOP_TAIL
 * @next:	the least id above @after of the objects of @type; 0: none
 * @crc:	CRC32C of the contents (type, id); NULL: they are not compared
 * @report:	told of each error once: what, where
 * @priv:	the caller's
 * @type, @id:	the file under check, for messages
 */
struct ckpt_check {
	u32 (*exists)(void *priv, u32 type, u64 id);
	const void *(*bytes)(void *priv, u32 type, u64 id, u64 *size);
	u64 (*next)(void *priv, u32 type, u64 after);
	int (*crc)(void *priv, u32 type, u64 id, u32 *crc);
	void (*report)(void *priv, const char *where, const char *what);
	void *priv;
	u32 type;
	u64 id;
};

/**
 * ckpt_bad() - say that the image is corrupt, and where
 *
 * Return: -EUCLEAN, always, so that it can stand in a return statement.
 */
int ckpt_bad(const struct ckpt_check *chk, const char *what);
/* The same of what this version does not know. Return: -EOPNOTSUPP. */
int ckpt_unsupported(const struct ckpt_check *chk, const char *what);
/* What is mapped, executed or locked is in the image. Return: 0 or -EUCLEAN. */
int ckpt_check_not_external(const struct ckpt_check *chk, u64 file);

/* The file that is checked from now on; @type 0: @id is CKPT_TOP_*. */
void ckpt_check_where(struct ckpt_check *chk, u32 type, u64 id);

/**
 * ckpt_check_file() - all checks of one file of an image
 * @chk: context
 * @ops: the row of its type
 * @id: of its object
 * @bytes: its contents
 * @size: bytes
 *
 * Records in bounds, each of a type that the row allows, fields within what
 * the schema says, references that exist; then the row's own check().
 * Return: 0 or -EUCLEAN (reported).
 */
int ckpt_check_file(struct ckpt_check *chk, const struct ckpt_object_ops *ops,
		    u64 id, const void *bytes, size_t size);
/* The same of every file of a type. */
int ckpt_check_type(struct ckpt_check *chk, const struct ckpt_object_ops *ops);
int ckpt_check_header(struct ckpt_check *chk, const void *bytes, size_t size);
int ckpt_check_cpu(struct ckpt_check *chk, const void *bytes, size_t size);
/* The tail alone: magic and @id, elements in bounds. */
int ckpt_check_tail(struct ckpt_check *chk, const void *bytes, size_t size,
		    const u8 id[16]);

/**
 * ckpt_check_image() - all checks of a whole image
 * @chk: context, with every callback but @crc set; @where is set by the checks
 *
 * Header and cpu; the tail, which must list exactly the files there are, with
 * their sizes and checksums; then ckpt_check_file() of every file; then what
 * holds between objects: the tree of tasks, the address spaces. Ends at the
 * first error. Takes O(n log n) of the image's metadata.
 * Return: 0; -EUCLEAN corrupt; -EBADMSG a checksum is wrong; -EOPNOTSUPP made
 * for another format, architecture or page size; -ENOMEM. Reported, but for
 * -ENOMEM.
 */
int ckpt_check_image(struct ckpt_check *chk);

/**
 * ckpt_file_row() - whose is files/ID/file?
 * @bytes: its contents, which need not have been checked
 * @size: bytes
 *
 * Return: the row that its first record names, or NULL.
 */
const struct ckpt_object_ops *ckpt_file_row(const void *bytes, size_t size);

/* The fixed part of the first record @rec of object (type, id), in @view; or NULL. */
const void *ckpt_check_record(const struct ckpt_check *chk, u32 type, u64 id, u16 rec,
			      struct ckpt_view *view);
/*
 * Is a record of CKPT_REC_NAMELESS there once, and of an object of @mode (S_IFDIR ...)?
 * Return: 0, or a bad image's errno.
 */
int ckpt_check_nameless(const struct ckpt_check *chk, const void *bytes, size_t size, u32 mode);
/* The fixed part of the first record of object (type, id), or NULL. */
const void *ckpt_check_body(const struct ckpt_check *chk, u32 type, u64 id);

/* ---- tasktree.c, space.c: parts of ckpt_check_image() -------------------- */

int ckpt_check_tasks(struct ckpt_check *chk);
/* How a task of whose file these are the bytes is traced, if it is. */
int ckpt_check_tracee(const struct ckpt_check *chk, const void *bytes, size_t size);
/* Can waitpid(2) have yet to tell @code of a stop (enum ckpt_tracee_stop)? */
bool ckpt_stop_code_fits(u32 stop, u32 code);
/*
 * The session of a process group or session of that number, whose leader may have ended;
 * NULL: there is none.
 */
const __le32 *ckpt_check_session(const struct ckpt_check *chk, u32 nr);
int ckpt_check_spaces(struct ckpt_check *chk);

/**
 * ckpt_check_runs() - are these runs ascending, without overlap?
 * @chk: context
 * @run: first of them
 * @nr: how many
 * @limit: no run ends above it
 * @pages: set to the number of pages whose contents are in the image; runs
 *	of a source are none
 */
int ckpt_check_runs(const struct ckpt_check *chk, const struct ckpt_run *run,
		    u32 nr, u64 limit, u64 *pages);

static inline u64 ckpt_run_start(const struct ckpt_run *run)
{
	return le64_to_cpu(run->start);
}

/* Of a run whose bounds have been checked; else it may wrap. */
static inline u64 ckpt_run_end(const struct ckpt_run *run)
{
	return ckpt_run_start(run) + (u64)le32_to_cpu(run->pages) * CKPT_PAGE_SIZE;
}

/* ---- parent.c: images that are differences -------------------------------- */

/**
 * struct ckpt_paged - a type of objects whose contents are pages, in runs
 * @type:	of the records
 * @runs:	record whose elements are the runs
 * @contents:	type of the pages, which have the same id
 */
struct ckpt_paged {
	u32 type;
	u16 runs;
	u32 contents;
};

#define CKPT_NR_PAGED	2
extern const struct ckpt_paged ckpt_paged[CKPT_NR_PAGED];

/**
 * struct ckpt_ancestor - what one of an image's parents has of an object
 * @run:	its first run still to come
 * @end:	behind the last
 * @first:	pages of contents before @run
 * @contents:	the caller's: its pages
 */
struct ckpt_ancestor {
	const struct ckpt_run *run;
	const struct ckpt_run *end;
	u64 first;
	void *contents;
};

/**
 * ckpt_find_inherited() - where pages of a CKPT_RUN_PARENT run are
 * @vec: the object in the parent, in its parent, and so on; all checked
 * @nr: how many
 * @start: address or offset of the first; never below that of an earlier call
 * @pages: how many at most
 * @index: set to the number of pages before it in the contents
 * @contents: set to where it is
 *
 * Return: how many follow one another there, 0: it is nowhere.
 */
u32 ckpt_find_inherited(struct ckpt_ancestor *vec, u32 nr, u64 start, u32 pages,
			void **contents, u64 *index);
/* The object of the parent image that a file's records name; 0: none. */
u64 ckpt_parent_id(const void *bytes, size_t size);
/* Part of ckpt_check_image(): what a difference shows alone. */
int ckpt_check_parents(struct ckpt_check *chk);
/**
 * ckpt_check_difference() - has one image what another is a difference to?
 * @chk: the younger; checked by ckpt_check_image()
 * @parent: the older; the same
 *
 * Return: 0 or -EUCLEAN (reported, to @chk).
 */
int ckpt_check_difference(struct ckpt_check *chk, const struct ckpt_check *parent);

/* ---- uffd.c ------------------------------------------------------------- */

/* Has each mapping of @vmas that is registered its record, and no other? @id: of its mm. */
int ckpt_check_uffds(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size,
		     const struct ckpt_view *vmas);

/* ---- label.c ------------------------------------------------------------ */

/* Records LABEL of credentials, or of a task. */
int ckpt_check_labels(const struct ckpt_check *chk, const void *bytes, size_t size,
		      bool of_task);
/* May a label be so long, and of such bytes? */
bool ckpt_label_sane(const char *text, size_t len);

/* ---- policy.c ----------------------------------------------------------- */

/* CKPT_REC_MEMPOLICY of a task, of which it has one at most. */
int ckpt_check_task_policy(const struct ckpt_check *chk, const void *bytes, size_t size);
/* All CKPT_REC_POLICY of a file: ranges of whole pages, ascending, none in another. */
int ckpt_check_policies(const struct ckpt_check *chk, const void *bytes, size_t size);

/* ---- openfile.c --------------------------------------------------------- */

/* The only record of that type in a file; says which one is not there once. */
int ckpt_check_once(const struct ckpt_check *chk, const void *bytes, size_t size,
		    u16 type, struct ckpt_view *view);
/* A path that begins at the root, in the role it must have. */
int ckpt_check_path(const struct ckpt_check *chk, const struct ckpt_view *view,
		    u32 role);
/* The record of its owner, of which an open file of any kind may have one. */
int ckpt_check_owner(const struct ckpt_check *chk, const void *bytes, size_t size);
/**
 * ckpt_check_named() - check of the kinds of files that have a path
 * @chk: context
 * @bytes: the file's records
 * @size: bytes
 * @type: S_IFREG ...; 0: any
 * @flags: CKPT_O_* that it may have
 * Return: 0 or -EUCLEAN (reported).
 */
int ckpt_check_named(const struct ckpt_check *chk, const void *bytes, size_t size,
		     u32 type, u32 flags);

/**
 * ckpt_check_unnamed() - check of the kinds of files that no path leads to
 * @chk: context
 * @bytes: the file's records
 * @size: bytes
 * @mode: CKPT_O_RDWR ..., as the call that makes it opens it
 * Return: 0 or -EUCLEAN (reported).
 */
int ckpt_check_unnamed(const struct ckpt_check *chk, const void *bytes, size_t size,
		       u32 mode);

/**
 * ckpt_check_pages() - are these the runs of a file with contents in the image?
 * @chk: context
 * @type: of the contents
 * @id: of the file, and so of its contents
 * @runs: elements are struct ckpt_run
 * @size: of the file, bytes
 * @pages: how many the record says there are
 * Return: 0 or -EUCLEAN (reported).
 */
int ckpt_check_pages(const struct ckpt_check *chk, u32 type, u64 id,
		     const struct ckpt_view *runs, u64 size, u64 pages);

/**
 * ckpt_check_huge() - has memory huge pages, and of a size there may be?
 * @chk: context
 * @bytes: the object's file, with a record CKPT_REC_HUGETLB if it has
 * @size: of that
 * @len: of the memory, bytes; made a whole number of its pages if they are huge
 * Return: 0 or -EUCLEAN (reported).
 */
int ckpt_check_huge(const struct ckpt_check *chk, const void *bytes, size_t size, u64 *len);

/* ---- objects/bpfmap.c ----------------------------------------------------- */

/* The longest key; processors, and the longest value that each has of its own. */
#define CKPT_BPFMAP_KEY		(1 << 22)
#define CKPT_BPFMAP_CPUS	(1 << 13)
#define CKPT_BPFMAP_CPU_VALUE	(1 << 16)
/* Hashes, and words, of a bloom filter. */
#define CKPT_BPFMAP_HASHES	15
#define CKPT_BPFMAP_WORDS	(1 << 26)

/* Bytes of a key in front of each element: 0 in arrays, whose keys are numbers, and queues. */
u64 ckpt_bpfmap_key(const struct ckpt_bpfmap *rec);
/* Bytes of an element, key and values. Of checked sizes, that times @nr does not wrap. */
u64 ckpt_bpfmap_elem(const struct ckpt_bpfmap *rec);

/* ---- sockopt.c, unixsock.c, inet.c, netlink.c, packet.c, packetring.c, tun.c --- */

/* Protocols of IP: those that have types, and the last number there may be. */
#define CKPT_RAW_ICMP		1
#define CKPT_RAW_ICMP6		58
#define CKPT_RAW_PROTOCOL	262
/* Bytes of a header of IPv4 without options. */
#define CKPT_RAW_HEADER		20

/* More than any program asks for the same of a device; the longest packet of any. */
#define CKPT_PACKET_COUNT	1024
#define CKPT_PACKET_BYTES	(1 << 17)
/* That there may be in a group. */
#define CKPT_PACKET_MEMBERS	(1 << 16)
/* Protocols of VLAN tags, which are in no packet. */
#define CKPT_PACKET_8021Q	0x8100
#define CKPT_PACKET_8021AD	0x88a8

/* Queues of a device, addresses of one and of its filter, packets that wait. */
#define CKPT_TUN_QUEUES		256
#define CKPT_TUN_ADDRS		(1 << 12)
#define CKPT_TUN_EXACT		8
#define CKPT_TUN_PACKETS	(1 << 16)
/* More bytes than there are headers in a packet. */
#define CKPT_TUN_HEADERS	2048
/* What /dev/net/tun is. */
#define CKPT_TUN_MAJOR		10
#define CKPT_TUN_MINOR		200

/* A record of options, which is there once. */
int ckpt_check_options(const struct ckpt_check *chk, const void *bytes, size_t size,
		       u16 record);
/* The options of a socket of any family, and its filter. */
int ckpt_check_sockopts(const struct ckpt_check *chk, const void *bytes, size_t size);
/* As ckpt_object_ops.check. */
int ckpt_check_unixsock(const struct ckpt_check *chk, u64 id,
			const void *bytes, size_t size);
int ckpt_check_netlink(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size);
int ckpt_check_udp(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size);
int ckpt_check_raw(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size);
int ckpt_check_packet(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size);
/* Its rings, when its options have been checked. */
int ckpt_check_packet_rings(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size);
int ckpt_check_tun(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size);
int ckpt_check_tcp(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size);
int ckpt_check_tcpconn(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size);
int ckpt_check_tcpwaiting(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size);
/* Has one end what the other has had to send, and no more? Numbers wrap. */
bool ckpt_tcpconn_fits(const struct ckpt_tcpconn *from, const struct ckpt_tcpconn *to);

/* ---- fanotify.c --------------------------------------------------------- */

/* fanotify(7): what is told by a path, what by handles too, and what says more of it. */
#define CKPT_FAN_PATH_EVENTS	0x0000103bU
#define CKPT_FAN_HANDLE_EVENTS	0x10001fffU
#define CKPT_FAN_RENAME		0x10000000U
#define CKPT_FAN_OVERFLOW	0x00004000U
#define CKPT_FAN_FS_ERROR	0x00008000U
#define CKPT_FAN_PERMISSIONS	0x00070000U
#define CKPT_FAN_ON_CHILD	0x08000000U
#define CKPT_FAN_ON_FLAGS	0x48000000U

/* As ckpt_object_ops.check. */
int ckpt_check_fanotify(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size);
int ckpt_check_fanmarks(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size);

/* ---- tty.c -------------------------------------------------------------- */

/**
 * struct ckpt_tty_parts - the elements of CKPT_REC_TTY_END
 * @read:	bytes that can be read
 * @marks:	a bit for each of them
 * @echo:	bytes
 * @queued:	bytes
 */
struct ckpt_tty_parts {
	const u8 *read;
	const u8 *marks;
	const u8 *echo;
	const u8 *queued;
};

/* Of lflag. */
#define CKPT_TTY_ICANON		0x2
#define CKPT_TTY_EXTPROC	0x10000
/* Of the status of a line, what programs set: DTR, RTS, OUT1, OUT2, LOOP. */
#define CKPT_TTY_MODEM		0xe006u

/* Return: are there as many bytes as the record says? */
bool ckpt_tty_split(const struct ckpt_tty_end *end, const void *bytes, u32 size,
		    struct ckpt_tty_parts *parts);
/* Return: why no kernel can have left an end so, or NULL. */
const char *ckpt_tty_end_flaw(const struct ckpt_tty_end *end, const void *bytes, u32 size);
/* Both records of a pair. */
int ckpt_check_tty_ends(const struct ckpt_check *chk, const void *bytes, size_t size);
/* A line and its record, if it has one. */
int ckpt_check_line(const struct ckpt_check *chk, const void *bytes, size_t size,
		    const struct ckpt_pty *pty);
/* Is the pair @id the controlling terminal of the session that it names? */
int ckpt_check_pty_session(const struct ckpt_check *chk, u64 id, const struct ckpt_pty *pty);
/* The controlling terminal of a process. */
int ckpt_check_terminal(const struct ckpt_check *chk, const void *bytes, size_t size,
			const struct ckpt_process *process);

/* ---- name.c ------------------------------------------------------------ */

enum ckpt_name_kind {
	CKPT_NAME_HEADER = 1,
	CKPT_NAME_CPU,
	CKPT_NAME_TAIL,
	CKPT_NAME_OBJECT,		/* @ops and @id are set */
	CKPT_NAME_FILE,			/* files/ID/file: its record tells the row */
};

/**
 * struct ckpt_name - what a path inside an image means
 * @kind:	enum ckpt_name_kind
 * @ops:	the row (CKPT_NAME_OBJECT)
 * @id:		of the object
 */
struct ckpt_name {
	enum ckpt_name_kind kind;
	const struct ckpt_object_ops *ops;
	u64 id;
};

/**
 * ckpt_name_parse() - which object a path inside an image means
 * @path: "tasks/12/cpu", without the container's name before it
 * @name: filled in
 *
 * Ids are decimal, not 0 and without leading zeroes. Directories ("tasks",
 * "tasks/12", "", each with or without a slash at the end) give -EISDIR if
 * they are ones that an image can have.
 * Return: 0, -EISDIR or -ENOENT.
 */
int ckpt_name_parse(const char *path, struct ckpt_name *name);
/* Return: length, as snprintf() does. */
int ckpt_name_format(char *buf, size_t size, const struct ckpt_object_ops *ops, u64 id);

/* ---- crc.c -------------------------------------------------------------- */

/* CRC32C of @size bytes after @crc (0 to begin with), inverted as usual. */
u32 ckpt_crc32c(u32 crc, const void *bytes, size_t size);

/* ---- types.c ------------------------------------------------------------- */

/* Return: the row of a type number, NULL if there is none. */
const struct ckpt_object_ops *ckpt_type(u32 number);
/**
 * ckpt_types_check() - are the rows and the list of types consistent?
 *
 * Numbers, names and file names are distinct, records have schemas. Called
 * once at start, before any other use of the table.
 * Return: 0 or -EINVAL, which is a defect of the sources.
 */
int ckpt_types_check(void);
/* All rows, in the order of CKPT_OBJECT_TYPES(). */
extern const struct ckpt_object_ops *const ckpt_types[];
extern const unsigned int ckpt_nr_types;

#endif /* _CKPT_FORMAT_H */
