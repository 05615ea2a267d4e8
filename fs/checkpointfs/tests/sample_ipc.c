// SPDX-License-Identifier: GPL-2.0-only
/*
 * System V IPC, and a message queue of POSIX.
 */
#include "sample_add.h"

/* What is in front of the record of every System V object. */
static struct ckpt_writer *add_ipc(struct sample *s, u32 type, u32 number)
{
	struct ckpt_writer *w = sample_add(s, type, 1);
	struct ckpt_ipc *ipc = ADD(w, CKPT_REC_IPC, 0);

	ipc->id = cpu_to_le32(number);
	ipc->mode = cpu_to_le32(0640);
	return w;
}

/* One attachment of four pages, of which two have been written to. */
static void add_segment(struct sample *s)
{
	struct ckpt_writer *w = add_ipc(s, CKPT_TYPE_SEGMENT, 7);
	struct ckpt_segment *segment = ADD(w, CKPT_REC_SEGMENT, 1);
	struct ckpt_attach *attach;
	struct ckpt_run *run;

	segment->size = cpu_to_le64(4 * CKPT_PAGE_SIZE);
	segment->pages = cpu_to_le64(2);
	segment->maker = cpu_to_le32(10);
	segment->last_ended = cpu_to_le64(1);
	segment->flags = cpu_to_le32(CKPT_SEGMENT_REMOVED);
	run = sample_elems(s, CKPT_TYPE_SEGMENT, 1, CKPT_REC_SEGMENT) ?: (void *)sample_nowhere;
	sample_set_run(run, CKPT_PAGE_SIZE, 2, CKPT_RUN_PAGES);
	sample_add(s, CKPT_TYPE_SEGMENTDATA, 1);
	sample_file(s, CKPT_TYPE_SEGMENTDATA, 1)->size = 2 * CKPT_PAGE_SIZE;
	attach = sample_unnamed(s, 71, CKPT_TYPE_ATTACH, CKPT_REC_ATTACH);
	attach->segment = cpu_to_le64(1);
}

/* Two semaphores with adjustments of the first task, and a queue of two messages. */
static void add_semaphores(struct sample *s)
{
	struct ckpt_writer *w = add_ipc(s, CKPT_TYPE_SEMAPHORES, 8);
	struct ckpt_semaphore *sem;
	struct ckpt_semundo *undo;
	struct ckpt_message *msg;
	struct ckpt_queue *queue;

	ADD(w, CKPT_REC_SEMAPHORES, 2);
	sem = sample_elems(s, CKPT_TYPE_SEMAPHORES, 1, CKPT_REC_SEMAPHORES) ?:
		(void *)sample_nowhere;
	sem[0].ended = cpu_to_le64(1);
	sem[1].pid = cpu_to_le32(10);
	sem[1].value = cpu_to_le32(32767);
	undo = ADD(&sample_file(s, CKPT_TYPE_TASK, 10)->w, CKPT_REC_SEMUNDO, 2);
	undo->semaphores = cpu_to_le64(1);

	w = add_ipc(s, CKPT_TYPE_QUEUE, 9);
	queue = ADD(w, CKPT_REC_QUEUE, 0);
	queue->limit = cpu_to_le64(16384);
	queue->sender = cpu_to_le32(10);
	queue->receiver_ended = cpu_to_le64(1);
	msg = ADD(w, CKPT_REC_MESSAGE, 3);
	msg->type = cpu_to_le64(1);
	msg = ADD(w, CKPT_REC_MESSAGE, 0);
	msg->type = cpu_to_le64(S64_MAX);
}

/* One that tells a socket. */
static void add_telling_mqueue(struct sample *s)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_MQUEUE, 4);
	struct ckpt_mqueue *queue = ADD(w, CKPT_REC_MQUEUE, 0);
	struct ckpt_mqnotify *notify;

	queue->maxmsg = cpu_to_le32(1);
	queue->msgsize = cpu_to_le32(1);
	queue->mode = cpu_to_le32(0100600);
	queue->owner = cpu_to_le32(10);
	queue->notify = cpu_to_le32(CKPT_MQUEUE_THREAD);
	notify = ADD(w, CKPT_REC_MQNOTIFY, 0);
	notify->socket = cpu_to_le64(90);
	notify->cookie[0] = 1;
}

/* One with two messages and a process that is told, open by mq_open() and by a path. */
static void add_mqueue(struct sample *s)
{
	struct ckpt_writer *w = sample_add(s, CKPT_TYPE_MQUEUE, 1);
	struct ckpt_mqueue *queue = ADD(w, CKPT_REC_MQUEUE, 0);
	struct ckpt_mqmessage *msg;
	struct ckpt_mqfile *file;

	queue->maxmsg = cpu_to_le32(2);
	queue->msgsize = cpu_to_le32(3);
	queue->mode = cpu_to_le32(0100600);
	queue->owner = cpu_to_le32(10);
	queue->notify = cpu_to_le32(CKPT_MQUEUE_SIGNAL);
	queue->signal = cpu_to_le32(10);
	memcpy(ADD(w, CKPT_REC_NAME, 5), "name", 5);
	msg = ADD(w, CKPT_REC_MQMESSAGE, 3);
	msg->priority = cpu_to_le32(32767);
	ADD(w, CKPT_REC_MQMESSAGE, 0);
	file = sample_unnamed(s, 81, CKPT_TYPE_MQFILE, CKPT_REC_MQFILE);
	file->queue = cpu_to_le64(1);
	w = sample_named_file(s, 82, CKPT_TYPE_MQFILE, 0, "/dev/mqueue/name", 0100600);
	file = ADD(w, CKPT_REC_MQFILE, 0);
	file->queue = cpu_to_le64(1);
	add_telling_mqueue(s);
}

void sample_add_ipc(struct sample *s)
{
	add_segment(s);
	add_mqueue(s);
	add_semaphores(s);
}
