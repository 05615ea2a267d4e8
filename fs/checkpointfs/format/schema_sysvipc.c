// SPDX-License-Identifier: GPL-2.0-only
/* The fields of the records of System V IPC, and of POSIX message queues. */
#include "schema.h"

static const struct ckpt_field ipc_fields[] = {
	FIELD(ckpt_ipc, id, UINT, .limit = S32_MAX),
	FIELD(ckpt_ipc, key, HEX),
	FIELD(ckpt_ipc, mode, FLAGS, .limit = 0777),
	FIELD(ckpt_ipc, uid, UINT), FIELD(ckpt_ipc, gid, UINT),
	FIELD(ckpt_ipc, cuid, UINT), FIELD(ckpt_ipc, cgid, UINT),
	FIELD(ckpt_ipc, reserved, RESERVED),
	{}
};

static const struct ckpt_field segment_fields[] = {
	FIELD(ckpt_segment, size, UINT, .limit = S64_MAX),
	FIELD(ckpt_segment, pages, UINT),
	FIELD(ckpt_segment, atime, UINT, .limit = S64_MAX),
	FIELD(ckpt_segment, dtime, UINT, .limit = S64_MAX),
	FIELD(ckpt_segment, ctime, UINT, .limit = S64_MAX),
	REF(ckpt_segment, maker_ended, ENDEDPID),
	REF(ckpt_segment, last_ended, ENDEDPID),
	REF(ckpt_segment, maker, PROCESS),
	REF(ckpt_segment, last, PROCESS),
	REF(ckpt_segment, task, TASK),
	FLAGS(ckpt_segment, flags, CKPT_SEGMENT_FLAGS,
	      NAMES("removed", "locked", "noreserve")),
	{}
};

static const struct ckpt_field attach_fields[] = {
	REF(ckpt_attach, segment, SEGMENT),
	{}
};

static const struct ckpt_field semaphores_fields[] = {
	FIELD(ckpt_semaphores, otime, UINT, .limit = S64_MAX),
	FIELD(ckpt_semaphores, ctime, UINT, .limit = S64_MAX),
	{}
};

static const struct ckpt_field semaphore_fields[] = {
	REF(ckpt_semaphore, ended, ENDEDPID),
	REF(ckpt_semaphore, pid, PROCESS),
	FIELD(ckpt_semaphore, value, UINT, .limit = 32767),
	{}
};

static const struct ckpt_field semundo_fields[] = {
	REF(ckpt_semundo, semaphores, SEMAPHORES),
	{}
};

static const struct ckpt_field adjustment[] = {
	SCALAR("adjustment", 2, INT),
	{}
};

static const struct ckpt_field queue_fields[] = {
	FIELD(ckpt_queue, stime, UINT, .limit = S64_MAX),
	FIELD(ckpt_queue, rtime, UINT, .limit = S64_MAX),
	FIELD(ckpt_queue, ctime, UINT, .limit = S64_MAX),
	FIELD(ckpt_queue, limit, UINT, .limit = S32_MAX),
	REF(ckpt_queue, sender_ended, ENDEDPID),
	REF(ckpt_queue, receiver_ended, ENDEDPID),
	REF(ckpt_queue, sender, PROCESS),
	REF(ckpt_queue, receiver, TASK),
	{}
};

static const struct ckpt_field message_fields[] = {
	FIELD(ckpt_message, type, UINT, .limit = S64_MAX),
	{}
};

static const struct ckpt_field mqueue_fields[] = {
	FIELD(ckpt_mqueue, value, HEX),
	FIELD(ckpt_mqueue, atime, INT), FIELD(ckpt_mqueue, mtime, INT),
	FIELD(ckpt_mqueue, ctime, INT),
	FIELD(ckpt_mqueue, atime_ns, UINT, .limit = NS_LIMIT),
	FIELD(ckpt_mqueue, mtime_ns, UINT, .limit = NS_LIMIT),
	FIELD(ckpt_mqueue, ctime_ns, UINT, .limit = NS_LIMIT),
	/* What the kernel lets root have. */
	FIELD(ckpt_mqueue, maxmsg, UINT, .limit = 1 << 16),
	FIELD(ckpt_mqueue, msgsize, UINT, .limit = 1 << 24),
	FIELD(ckpt_mqueue, mode, FLAGS, .limit = 0177777),
	FIELD(ckpt_mqueue, uid, UINT), FIELD(ckpt_mqueue, gid, UINT),
	FIELD(ckpt_mqueue, account, UINT),
	REF(ckpt_mqueue, owner, PROCESS),
	FIELD(ckpt_mqueue, notify, ENUM, .limit = CKPT_MQUEUE_THREAD, .zero_ok = true,
	      .values = NAMES("no", "signal", "silent", "thread")),
	FIELD(ckpt_mqueue, signal, UINT, .limit = CKPT_NSIG),
	FLAGS(ckpt_mqueue, flags, CKPT_MQUEUE_FLAGS, NAMES("execed")),
	FIELD(ckpt_mqueue, reserved, RESERVED),
	{}
};

static const struct ckpt_field mqmessage_fields[] = {
	FIELD(ckpt_mqmessage, priority, UINT, .limit = 32767),
	FIELD(ckpt_mqmessage, reserved, RESERVED),
	{}
};

static const struct ckpt_field mqnotify_fields[] = {
	REF(ckpt_mqnotify, socket, NETLINK),
	FIELD(ckpt_mqnotify, cookie, BYTES),
	{}
};

static const struct ckpt_field mqfile_fields[] = {
	REF(ckpt_mqfile, queue, MQUEUE),
	{}
};

const struct ckpt_schema ckpt_schema_ipc = RECORD("ipc", ipc);
const struct ckpt_schema ckpt_schema_segment = RECORD("segment", segment, RUN_ELEMS);
const struct ckpt_schema ckpt_schema_attach = RECORD("attach", attach);
const struct ckpt_schema ckpt_schema_semaphores =
	RECORD("semaphores", semaphores, STRUCTS(semaphore, 1 << 16));
const struct ckpt_schema ckpt_schema_semundo =
	RECORD("semundo", semundo, ELEMS(2, 1 << 16, adjustment));
const struct ckpt_schema ckpt_schema_queue = RECORD("queue", queue);
const struct ckpt_schema ckpt_schema_message =
	RECORD("message", message, .elem = 1, .max = 1 << 24);
const struct ckpt_schema ckpt_schema_mqueue = RECORD("mqueue", mqueue);
const struct ckpt_schema ckpt_schema_mqmessage =
	RECORD("mqmessage", mqmessage, .elem = 1, .max = 1 << 24);
const struct ckpt_schema ckpt_schema_mqnotify = RECORD("mqnotify", mqnotify);
const struct ckpt_schema ckpt_schema_mqfile = RECORD("mqfile", mqfile);
