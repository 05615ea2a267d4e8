/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of ckpt share, one block per .c file.
 *
 * A command is a cmd-*.c file and a row in ckpt.c. Exit statuses are part of
 * the interface and documented in ckpt(1).
 */
#ifndef _CKPT_H
#define _CKPT_H

#include <argp.h>
#include <stdio.h>
#include <json-c/json.h>

#include "object.h"

#define __printf(a, b)	__attribute__((__format__(printf, a, b)))

/* ---- ckpt.c: the table of commands ---------------------------------------- */

enum status {
	STATUS_OK	= 0,
	STATUS_FAILED	= 1,
	STATUS_USAGE	= 2,
	STATUS_REFUSED	= 3,	/* cannot be saved, or is not supported here */
	STATUS_CORRUPT	= 4,	/* the image is damaged */
	STATUS_NONE	= 5,	/* there is no checkpointfs to be had */
};

/**
 * struct command - a command of ckpt
 * @name:	as it is typed
 * @summary:	one line for --help
 * @run:	parses its own arguments; returns the exit status
 */
struct command {
	const char *name;
	const char *summary;
	enum status (*run)(int argc, char **argv);
};

enum status cmd_save(int argc, char **argv);
enum status cmd_restore(int argc, char **argv);
enum status cmd_show(int argc, char **argv);
enum status cmd_check(int argc, char **argv);
enum status cmd_features(int argc, char **argv);

/* Print "ckpt: ..." to stderr. */
__printf(1, 2) void complain(const char *fmt, ...);
/* The exit status that stands for -@error. */
enum status status_of(int error);

/* ---- image.c: an image in memory ------------------------------------------- */

/**
 * struct file - a file of an image
 * @type:	enum ckpt_type; 0: at the top
 * @id:		of the object, or CKPT_TOP_*
 * @ops:	its row; NULL at the top
 * @bytes:	its records; NULL of contents
 * @size:	bytes
 * @crc:	CRC32C of contents
 */
struct file {
	u32 type;
	u64 id;
	const struct ckpt_object_ops *ops;
	u8 *bytes;
	u64 size;
	u32 crc;
};

/**
 * struct image - an image: its records, and of contents size and checksum
 * @files:	in the order of the archive
 * @nr:		how many
 * @room:	of @files
 * @by_name:	the same, ascending by type and id
 * @open_files:	those in files/, ascending by id
 * @nr_open_files: how many
 */
struct image {
	struct file *files;
	size_t nr;
	size_t room;
	struct file **by_name;
	struct file **open_files;
	size_t nr_open_files;
};

/* Read an archive ("-": standard input) or a container's directory. */
int image_load(struct image *img, const char *path);
void image_free(struct image *img);
/* Return: NULL if there is none; @type CKPT_TYPE_NONE means the top. */
const struct file *image_find(const struct image *img, u32 type, u64 id);
/* The file of an open file of whatever kind. */
const struct file *image_open_file(const struct image *img, u64 id);
/* The least of @type whose id is above @after, or NULL. */
const struct file *image_next(const struct image *img, u32 type, u64 after);
/* "mm/3/vmas", in the caller's buffer. */
void file_name(const struct file *file, char name[CKPT_FILE_NAME_MAX]);

/* ---- print.c: records for people and for programs ---------------------------- */

void print_file(FILE *out, const struct image *img, const struct file *file);
/* Return: a new object that the caller owns. */
struct json_object *json_of_file(const struct image *img, const struct file *file);

/* ---- instance.c: a checkpointfs to work with --------------------------------- */

/**
 * struct instance - a mounted checkpointfs
 * @dir:	its root directory
 * @log:	its log, at its end when the command began; -1: none
 * @own:	nobody else uses it, it ends with this process
 */
struct instance {
	int dir;
	int log;
	bool own;
};

/**
 * instance_open() - mount one for this process, or find one
 * @inst: filled in
 * @where: directory of a mount to use; NULL: choose
 *
 * One's own needs no directory, and is gone when the process ends, however
 * it does: what it holds frozen runs on. Without the right to mount, one is
 * taken that is mounted already and that lets the caller write.
 * Return: 0 or -errno, said.
 */
int instance_open(struct instance *inst, const char *where);
void instance_close(struct instance *inst);
/* Write one command to control. Return: 0 or -errno, silent. */
__printf(2, 3) int instance_control(const struct instance *inst, const char *fmt, ...);
/* Print the lines that the log has got since instance_open(). */
void instance_print_log(const struct instance *inst);

/* ---- progress.c: copying, and how far it is ------------------------------------ */

/**
 * copy_stream() - copy all of @in to @out
 * @in: from here to the end
 * @out: at its position
 * @total: bytes expected, 0: not known
 * @send: try sendfile(2)
 *
 * Says on stderr how far it is if that is a terminal and it takes over a
 * second. Return: 0 or -errno, silent.
 */
int copy_stream(int in, int out, u64 total, bool send);

#endif /* _CKPT_H */
