// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wrong System V IPC and message queues.
 */
#include "damage.h"

DAMAGED(segment_size, BODY(s, SEGMENT, 1, SEGMENT, segment)->size = 0)
DAMAGED(segment_pages, BODY(s, SEGMENT, 1, SEGMENT, segment)->pages = cpu_to_le64(3))
DAMAGED(segment_key, BODY(s, SEGMENT, 1, IPC, ipc)->key = cpu_to_le32(1))
DAMAGED(segment_mode, BODY(s, SEGMENT, 1, IPC, ipc)->mode = cpu_to_le32(01000))
DAMAGED(segment_id, BODY(s, SEGMENT, 1, IPC, ipc)->id = cpu_to_le32(BIT(31)))
DAMAGED(segment_maker, BODY(s, SEGMENT, 1, SEGMENT, segment)->maker_ended = cpu_to_le64(1))
DAMAGED(segment_last, BODY(s, SEGMENT, 1, SEGMENT, segment)->last = cpu_to_le32(99))
DAMAGED(segment_huge,
	BODY(s, SEGMENT, 1, SEGMENT, segment)->size = cpu_to_le64(1);
	*(struct ckpt_hugetlb *)ckpt_add(&sample_file(s, CKPT_TYPE_SEGMENT, 1)->w,
					 CKPT_REC_HUGETLB, 0) =
	(struct ckpt_hugetlb){ .shift = cpu_to_le32(14) })
DAMAGED(segment_huge_beyond,
	BODY(s, SEGMENT, 1, SEGMENT, segment)->size = cpu_to_le64(1);
	*(struct ckpt_hugetlb *)ckpt_add(&sample_file(s, CKPT_TYPE_SEGMENT, 1)->w,
					 CKPT_REC_HUGETLB, 0) =
	(struct ckpt_hugetlb){ .shift = cpu_to_le32(13) })
DAMAGED(segment_contents, sample_remove(s, CKPT_TYPE_SEGMENTDATA, 1))
DAMAGED(segment_parent, ELEMS(s, SEGMENT, 1, SEGMENT, run)->kind =
	cpu_to_le32(CKPT_RUN_PARENT))
DAMAGED(semaphores_twice,
	ckpt_add(&sample_file(s, CKPT_TYPE_SEMAPHORES, 1)->w, CKPT_REC_SEMAPHORES, 0))
DAMAGED(semaphore_value, ELEMS(s, SEMAPHORES, 1, SEMAPHORES, semaphore)->value =
	cpu_to_le32(32768))
DAMAGED(semaphore_pid, ELEMS(s, SEMAPHORES, 1, SEMAPHORES, semaphore)->pid = cpu_to_le32(10))
DAMAGED(semundo_nothing, BODY(s, TASK, 10, SEMUNDO, semundo)->semaphores = 0)
DAMAGED(semundo_others, BODY(s, TASK, 10, SEMUNDO, semundo)->semaphores = cpu_to_le64(2))
DAMAGED(semundo_fewer, struct ckpt_semundo *undo =
	ckpt_add(&sample_file(s, CKPT_TYPE_TASK, 10)->w, CKPT_REC_SEMUNDO, 1);
	if (undo)
		undo->semaphores = cpu_to_le64(1))
DAMAGED(queue_limit, BODY(s, QUEUE, 1, QUEUE, queue)->limit = cpu_to_le64(BIT(31)))
DAMAGED(queue_sender, BODY(s, QUEUE, 1, QUEUE, queue)->sender_ended = cpu_to_le64(1))
DAMAGED(message_type, BODY(s, QUEUE, 1, MESSAGE, message)->type = 0)
DAMAGED(message_negative, BODY(s, QUEUE, 1, MESSAGE, message)->type = cpu_to_le64(U64_MAX))
#define MQUEUE(s)	BODY(s, MQUEUE, 1, MQUEUE, mqueue)
DAMAGED(mqueue_nothing, MQUEUE(s)->maxmsg = 0)
DAMAGED(mqueue_size, MQUEUE(s)->msgsize = cpu_to_le32(2))
DAMAGED(mqueue_huge, MQUEUE(s)->maxmsg = cpu_to_le32(65537))
DAMAGED(mqueue_mode, MQUEUE(s)->mode = cpu_to_le32(0010600))
DAMAGED(mqueue_time, MQUEUE(s)->mtime_ns = cpu_to_le32(1000000000))
DAMAGED(mqueue_owner, MQUEUE(s)->owner = cpu_to_le32(99))
DAMAGED(mqueue_nobody, MQUEUE(s)->owner = 0)
DAMAGED(mqueue_untold, MQUEUE(s)->notify = 0)
DAMAGED(mqueue_silent, MQUEUE(s)->notify = cpu_to_le32(CKPT_MQUEUE_SILENT))
#define TELLING(s)	BODY(s, MQUEUE, 4, MQUEUE, mqueue)
#define TOLD(s)		BODY(s, MQUEUE, 4, MQNOTIFY, mqnotify)
DAMAGED(mqueue_no_socket, TOLD(s)->socket = 0)
DAMAGED(mqueue_unknown_socket, TOLD(s)->socket = cpu_to_le64(99))
DAMAGED(mqueue_other_socket, TOLD(s)->socket = cpu_to_le64(1))
DAMAGED(mqueue_how, TELLING(s)->notify = cpu_to_le32(4))
DAMAGED(mqueue_socket_untold, TELLING(s)->notify = cpu_to_le32(CKPT_MQUEUE_SILENT))
DAMAGED(mqueue_socket_signal, TELLING(s)->signal = cpu_to_le32(10))
DAMAGED(mqueue_not_told, MQUEUE(s)->notify = cpu_to_le32(CKPT_MQUEUE_THREAD);
	MQUEUE(s)->signal = 0)
DAMAGED(mqueue_signal, MQUEUE(s)->signal = cpu_to_le32(65))
DAMAGED(mqueue_twice, struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_MQUEUE, 1)->w;
	void *name = ckpt_add(w, CKPT_REC_NAME, 2);
	if (name)
		memcpy(ckpt_elems(name), "a", 2))
DAMAGED(mqueue_name,
	((char *)sample_elems(s, CKPT_TYPE_MQUEUE, 1, CKPT_REC_NAME))[1] = '/')
DAMAGED(mqueue_full, ckpt_add(&sample_file(s, CKPT_TYPE_MQUEUE, 1)->w, CKPT_REC_MQMESSAGE, 0))
DAMAGED(mqueue_order, BODY(s, MQUEUE, 1, MQMESSAGE, mqmessage)->priority = 0;
	struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_MQUEUE, 1)->w;
	struct ckpt_mqmessage *msg = ckpt_add(w, CKPT_REC_MQMESSAGE, 0);
	MQUEUE(s)->maxmsg = cpu_to_le32(3);
	if (msg)
		msg->priority = cpu_to_le32(1))
DAMAGED(mqmessage_priority, BODY(s, MQUEUE, 1, MQMESSAGE, mqmessage)->priority =
	cpu_to_le32(32768))
DAMAGED(mqfile_nothing, BODY(s, MQFILE, 81, MQFILE, mqfile)->queue = 0)
DAMAGED(mqfile_other, BODY(s, MQFILE, 81, MQFILE, mqfile)->queue = cpu_to_le64(2))
DAMAGED(mqfile_flags, BODY(s, MQFILE, 81, FILE, file)->flags = cpu_to_le32(CKPT_O_PATH))
DAMAGED(mqfile_inode, BODY(s, MQFILE, 82, INODE, inode)->mode = cpu_to_le32(0010600))
DAMAGED(mqfile_path, ckpt_add_path(&sample_file(s, CKPT_TYPE_MQFILE, 81)->w, CKPT_PATH_FILE,
				   "/dev/mqueue/name"))

DAMAGED(attach_nothing, BODY(s, ATTACH, 71, ATTACH, attach)->segment = 0)
DAMAGED(attach_flags, BODY(s, ATTACH, 71, FILE, file)->flags = cpu_to_le32(CKPT_O_WRONLY))
DAMAGED(attach_fd, ELEMS(s, FDTABLE, 1, FDTABLE, fd)->file = cpu_to_le64(71))
DAMAGED(attach_private, VMA(s, 1)[0].file = cpu_to_le64(71))

static const struct damage_case cases[] = {
#define ROW(damage, result) { #damage, damage, result }
	ROW(segment_size, -EUCLEAN),	ROW(segment_pages, -EUCLEAN),
	ROW(segment_key, -EUCLEAN),	ROW(segment_mode, -EUCLEAN),
	ROW(segment_id, -EUCLEAN),	ROW(segment_maker, -EUCLEAN),
	ROW(segment_last, -EUCLEAN),	ROW(segment_contents, -EUCLEAN),
	ROW(segment_huge, 0),		ROW(segment_huge_beyond, -EUCLEAN),
	ROW(segment_parent, -EUCLEAN),	ROW(attach_nothing, -EUCLEAN),
	ROW(semaphores_twice, -EUCLEAN), ROW(semaphore_value, -EUCLEAN),
	ROW(semaphore_pid, -EUCLEAN),	ROW(semundo_nothing, -EUCLEAN),
	ROW(semundo_others, -EUCLEAN),	ROW(semundo_fewer, -EUCLEAN),
	ROW(queue_limit, -EUCLEAN),	ROW(queue_sender, -EUCLEAN),
	ROW(message_type, -EUCLEAN),	ROW(message_negative, -EUCLEAN),
	ROW(mqueue_nothing, -EUCLEAN),	ROW(mqueue_size, -EUCLEAN),
	ROW(mqueue_huge, -EUCLEAN),	ROW(mqueue_mode, -EUCLEAN),
	ROW(mqueue_time, -EUCLEAN),	ROW(mqueue_owner, -EUCLEAN),
	ROW(mqueue_nobody, -EUCLEAN),	ROW(mqueue_untold, -EUCLEAN),
	ROW(mqueue_silent, -EUCLEAN),	ROW(mqueue_signal, -EUCLEAN),
	ROW(mqueue_twice, -EUCLEAN),	ROW(mqueue_name, -EUCLEAN),
	ROW(mqueue_full, -EUCLEAN),	ROW(mqueue_order, -EUCLEAN),
	ROW(mqmessage_priority, -EUCLEAN), ROW(mqfile_nothing, -EUCLEAN),
	ROW(mqfile_other, -EUCLEAN),	ROW(mqfile_flags, -EUCLEAN),
	ROW(mqfile_inode, -EUCLEAN),	ROW(mqfile_path, -EUCLEAN),
	ROW(attach_flags, -EUCLEAN),	ROW(attach_fd, -EUCLEAN),
	ROW(attach_private, -EUCLEAN),
	ROW(mqueue_no_socket, -EUCLEAN), ROW(mqueue_unknown_socket, -EUCLEAN),
	ROW(mqueue_other_socket, -EUCLEAN), ROW(mqueue_how, -EUCLEAN),
	ROW(mqueue_socket_untold, -EUCLEAN), ROW(mqueue_socket_signal, -EUCLEAN),
	ROW(mqueue_not_told, -EUCLEAN),
#undef ROW
};

const struct damage_table damage_ipc = { cases, ARRAY_SIZE(cases) };
