/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small valid image for tests, made record by record.
 *
 * A process of two threads, 10 and 11, and its child 12, which shares pages
 * with it and has a zombie, 13; open files of all kinds but one. In the kernel
 * for KUnit, in user space for the same tests and as the seed of the fuzzer.
 */
#ifndef _CKPT_TESTS_SAMPLE_H
#define _CKPT_TESTS_SAMPLE_H

#include "../object.h"

#define SAMPLE_FILES	157

/**
 * struct sample_file - a file of the image
 * @type:	enum ckpt_type; 0: at the top
 * @id:		of the object, or CKPT_TOP_*
 * @w:		its records
 * @size:	bytes of contents, which are all zeroes
 */
struct sample_file {
	u32 type;
	u64 id;
	struct ckpt_writer w;
	u64 size;
};

/**
 * struct sample - the image
 * @files:	in no order
 * @nr:		how many
 * @errors:	complaints of the checks so far
 * @error:	the last of them
 */
struct sample {
	struct sample_file files[SAMPLE_FILES];
	unsigned int nr;
	unsigned int errors;
	char error[128];
};

/* Return: 0 or an error of the writers. */
int sample_build(struct sample *s);
void sample_free(struct sample *s);
struct sample_file *sample_file(struct sample *s, u32 type, u64 id);
/* The fixed part of the first record of that type in a file, to be changed. */
void *sample_body(struct sample *s, u32 type, u64 id, u16 record);
/* The elements that follow it. */
void *sample_elems(struct sample *s, u32 type, u64 id, u16 record);
/* An empty file. */
struct ckpt_writer *sample_add(struct sample *s, u32 type, u64 id);
void sample_remove(struct sample *s, u32 type, u64 id);
/* Write the tail anew: sizes and checksums are true again. */
int sample_seal(struct sample *s);
/* Return: what ckpt_check_image() says of it. */
int sample_check(struct sample *s);
/* Make it a difference to an image like it, whose id is all @parent. */
void sample_differ(struct sample *s, u8 parent);
/* Return: what ckpt_check_difference() says of two. */
int sample_check_difference(struct sample *s, struct sample *parent);

#endif /* _CKPT_TESTS_SAMPLE_H */
