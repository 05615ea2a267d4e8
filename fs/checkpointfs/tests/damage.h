/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is done to a sound image, and what the checks say then: a file for each noun.
 */
#ifndef _CKPT_TESTS_DAMAGE_H
#define _CKPT_TESTS_DAMAGE_H

#include "sample.h"

/**
 * struct damage_case - a way in which an image is wrong
 * @name:	for messages
 * @damage:	makes a sound one so
 * @result:	of its checks
 */
struct damage_case {
	const char *name;
	void (*damage)(struct sample *s);
	int result;
};

struct damage_table {
	const struct damage_case *cases;
	unsigned int nr;
};

extern const struct damage_table damage_tasks, damage_memory, damage_files, damage_ipc;
extern const struct damage_table damage_sockets, damage_packets, damage_ttys;

#define BODY(s, TYPE, id, REC, type) \
	((struct ckpt_##type *)sample_body(s, CKPT_TYPE_##TYPE, id, CKPT_REC_##REC))
#define ELEMS(s, TYPE, id, REC, type) \
	((struct ckpt_##type *)sample_elems(s, CKPT_TYPE_##TYPE, id, CKPT_REC_##REC))
#define HEADER(s) BODY(s, NONE, CKPT_TOP_HEADER, HEADER, header)
#define TASK(s, tid) BODY(s, TASK, tid, TASK, task)
#define PROCESS(s, tgid) BODY(s, PROCESS, tgid, PROCESS, process)
#define TIMER(s, tgid) ELEMS(s, PROCESS, tgid, TIMERS, timer)
#define TAIL(s) ELEMS(s, NONE, CKPT_TOP_TAIL, TAIL, tail_file)
#define VMA(s, id) ELEMS(s, VMAS, id, VMAS, vma)
#define RUN(s, id) ELEMS(s, VMAS, id, RUNS, run)

/* What is done to a sound image, one function a row. */
#define DAMAGED(what, ...) \
	static void what(struct sample *s) { __VA_ARGS__; }

struct ckpt_leader *damage_add_leader(struct sample *s, u32 nr);
/* 12 is left in a group, or a session, that 9 had made. */
void damage_leave(struct sample *s, u32 sid);

#endif /* _CKPT_TESTS_DAMAGE_H */
