/* SPDX-License-Identifier: GPL-2.0-only */
/* Open files that stay outside of an image: objects/external.c. */
#ifndef _CKPT_EXTERNAL_H
#define _CKPT_EXTERNAL_H

#include <linux/types.h>

struct ckpt_collect;
struct ckpt_image;
struct file;

/**
 * struct ckpt_external_word - external=PID:FD, and at a restore =NUMBER
 * @pid:	a task of the program, as the freezer numbers it
 * @fd:		the descriptor of it by which the open file is named
 * @number:	the writer's descriptor that is given for it
 * @used:	the image has it
 * @changed:	its O_NONBLOCK is another than it was before
 */
struct ckpt_external_word {
	u32 pid;
	u32 fd;
	u32 number;
	bool used;
	bool changed;
};

/**
 * struct ckpt_externals - all those words of a command
 * @words:	owned by who has parsed them
 * @nr:		how many
 * @commit:	of a restore: the open file that they were written to
 */
struct ckpt_externals {
	struct ckpt_external_word *words;
	unsigned int nr;
	const struct file *commit;
};

/* What follows "external=". @text is changed. @numbered: with =NUMBER. */
bool ckpt_external_parse(char *text, bool numbered, struct ckpt_external_word *word);
/*
 * The open files that are named are of the row EXTERNAL in this collection, until
 * ckpt_externals_forget(), which is called also if this fails: -EBADF, -EINVAL
 * (reported), -ENOMEM.
 */
int ckpt_externals_declare(struct ckpt_collect *c, const struct ckpt_externals *all);
void ckpt_externals_forget(struct ckpt_collect *c);
/*
 * Take the caller's descriptors for the external files of a checked image,
 * until ckpt_externals_take_back(), which is called also if this fails. Return: 0,
 * or (reported) -EBADF: none is given, or it is not open; -EACCES; -EPERM; -EINVAL:
 * for one that the image does not have; -EUCLEAN.
 */
int ckpt_externals_give(struct ckpt_image *img, const struct ckpt_externals *given);
/* @failed: the files are to be as they were. */
void ckpt_externals_take_back(struct ckpt_image *img, const struct ckpt_externals *given,
			      bool failed);

#endif /* _CKPT_EXTERNAL_H */
