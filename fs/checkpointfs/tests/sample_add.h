/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How the sample is made: what the files sample_*.c share, one for each noun.
 */
#ifndef _CKPT_TESTS_SAMPLE_ADD_H
#define _CKPT_TESTS_SAMPLE_ADD_H

#include "sample.h"

#define CODE	0x400000ULL
#define STACK	0x7fff00000000ULL
#define FRAME	(16 * CKPT_PAGE_SIZE)

/* A record's fixed part; where there is no memory, one that nobody reads. */
#define ADD(w, type, count) (ckpt_add(w, type, count) ?: sample_nowhere)
extern u64 sample_nowhere[512];

/* What an open file of whatever kind begins with, in an empty file of the image. */
void sample_open_file(struct ckpt_writer *w, u32 type, u32 flags);
/* A new one, of a file with that path. */
struct ckpt_writer *sample_named_file(struct sample *s, u64 id, u32 type,
				      u32 flags, const char *path, u32 mode);
/* A new one that no path leads to. Return: the record of its own type. */
void *sample_unnamed(struct sample *s, u64 id, u32 type, u16 record);
void sample_set_run(struct ckpt_run *run, u64 start, u32 pages, u32 kind);
void sample_add_policy(struct ckpt_writer *w, u64 start, u64 end);

void sample_add_tasks(struct sample *s);
void sample_add_files(struct sample *s);
void sample_add_sockets(struct sample *s);
void sample_add_packets(struct sample *s);
void sample_add_ttys(struct sample *s);
void sample_add_ipc(struct sample *s);
void sample_add_memory(struct sample *s);

#endif /* _CKPT_TESTS_SAMPLE_ADD_H */
