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
#include <signal.h>
#include <stdio.h>

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
enum status cmd_merge(int argc, char **argv);
enum status cmd_features(int argc, char **argv);

/* As it was given. */
extern char **command_line;
/* Add a text to *@to, which is on the heap. Without memory the program ends. */
__printf(2, 3) void append(char **to, const char *fmt, ...);
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
 * @crc:	CRC32C of contents; 0 where they can be read again
 * @fd:		where they can, or -1
 * @at:		offset in it
 */
struct file {
	u32 type;
	u64 id;
	const struct ckpt_object_ops *ops;
	u8 *bytes;
	u64 size;
	u32 crc;
	int fd;
	u64 at;
};

/**
 * struct image - an image: its records, and of contents size and checksum
 * @path:	what it was read from
 * @keep:	contents can be read again
 * @archive:	for that: the archive, if it is a file; or -1
 * @spool:	the same: what could not stay there; or -1
 * @files:	in the order of the archive
 * @nr:		how many
 * @room:	of @files
 * @by_name:	the same, ascending by type and id
 * @open_files:	those in files/, ascending by id
 * @nr_open_files: how many
 */
struct image {
	const char *path;
	bool keep;
	int archive;
	int spool;
	struct file *files;
	size_t nr;
	size_t room;
	struct file **by_name;
	struct file **open_files;
	size_t nr_open_files;
};

/* Read an archive ("-": standard input) or a container's directory. */
int image_load(struct image *img, const char *path);
/* The same, so that contents can be read again, by image_read(). */
int image_load_all(struct image *img, const char *path);
struct archive;
/*
 * Say what libarchive has found, of @path if that is not NULL. Return: -errno, -EUCLEAN if
 * it is the archive that is wrong.
 */
int say_archive(struct archive *a, const char *path);
/* All of @size bytes at @pos of contents. Return: 0 or -errno, silent. */
int image_read(const struct file *file, void *buf, size_t size, u64 pos);
/* CRC32C of contents. Return: 0 or -errno. */
int image_crc(const struct image *img, const struct file *file, u32 *crc);
/* Return: NULL if it has none. */
const struct ckpt_header *image_header(const struct image *img);
void image_free(struct image *img);
/* Return: NULL if there is none; @type CKPT_TYPE_NONE means the top. */
const struct file *image_find(const struct image *img, u32 type, u64 id);
/* The file of an open file of whatever kind. */
const struct file *image_open_file(const struct image *img, u64 id);
/* The least of @type whose id is above @after, or NULL. */
const struct file *image_next(const struct image *img, u32 type, u64 after);
/* "mm/3/vmas", in the caller's buffer. */
void file_name(const struct file *file, char name[CKPT_FILE_NAME_MAX]);

/* ---- check.c: the kernel's checks of an image --------------------------------- */

/* Return: 0, or -errno, said. */
int image_check(struct image *img);
/* Has @parent what @img is a difference to? Both have been checked. The same. */
int image_check_parent(struct image *img, struct image *parent);

/* ---- chain.c: an image with those that it is a difference to ------------------- */

/**
 * struct chain - images, the youngest first
 * @images:	all that were named
 * @nr:		how many
 * @order:	of these, each one's parent behind it; the last has none
 * @length:	of @order
 */
struct chain {
	struct image *images;
	size_t nr;
	struct image **order;
	size_t length;
};

/*
 * Load images and find their order: the last is the youngest, those that it
 * does not need are left out. Checked. Return: 0 or -errno, said.
 */
int chain_load(struct chain *c, char *const *paths, size_t nr);
void chain_free(struct chain *c);
/* Has the image a parent? */
bool is_difference(const struct image *img);
/* The path inside of an image that a member of its archive has. */
const char *inside_archive(const char *path);
/* 32 digits and a NUL. */
void id_text(const u8 id[16], char text[33]);

/* ---- merge.c: a chain as one image ---------------------------------------------- */

/* Write it as an archive. Return: 0 or -errno, said. */
int merge_chain(const struct chain *c, int out);
/* The same to the file @path (NULL: standard output), which is one of them or new. */
int merge_files(char *const *paths, size_t nr, const char *path);

/* ---- output.c: where an archive goes -------------------------------------------- */

/**
 * struct output - where the archive goes
 * @fd:		open for writing
 * @path:	wanted name; NULL: standard output, or what is no regular file
 * @temp:	name until it is whole
 * @nameless:	not even that
 */
struct output {
	int fd;
	const char *path;
	char *temp;
	bool nameless;
};

/* @path: NULL: standard output. Return: 0 or -errno, silent, as all of them. */
int output_open(struct output *out, const char *path);
/* On the disk, and under its name. */
int output_finish(struct output *out);
/* What has not been finished goes. */
void output_close(struct output *out);
/* What has been renamed or unlinked beside @path is on the disk. */
int sync_dir_of(const char *path);

/* ---- print.c: records for people and for programs ---------------------------- */

void print_file(FILE *out, const struct image *img, const struct file *file);
struct json_object;
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

/* ---- stage.c: parents of what is restored ---------------------------------------- */

/*
 * Unpack the archive @path as restore/@name. Return: 0 or -errno, said; what
 * there is of it then is for the caller to remove.
 */
int stage_archive(const struct instance *inst, const char *path, const char *name);
/* To be called before what could not be done twice, if there are parents. */
void prepare_stage(void);

/* ---- compressed.c, plain.c: what was compressed on its way ------------------------- */

/*
 * Nothing is taken out of the descriptor. Waits until something is in it.
 * Return: 1, 0, or -ENODATA if nothing comes.
 */
int is_compressed(int fd);
/* Return: a pipe with what has been compressed into @image, or -errno, silent. */
int open_plain(int image);

/* ---- cmd-save.c, series.c: a program to archives ---------------------------------- */

/**
 * struct save_args - what is to be saved
 * @output:	file or, with @every, directory; NULL: standard output
 * @mount:	instance to use, or NULL
 * @name:	of the container
 * @external:	words of the command for what stays outside, each with a space before
 *		it; never NULL
 * @kill:	kill the program then
 * @hold:	word for how long its peers see a delay, with a space before it, or ""
 * @pid:	its first process
 * @every:	seconds from one image to the next; 0: just one
 * @keep:	how many are kept at least
 */
struct save_args {
	const char *output;
	const char *mount;
	const char *name;
	char *external;
	bool kill;
	char *hold;
	int pid;
	unsigned int every;
	unsigned int keep;
};

/* Copy NAME.tar to an output, and finish that. Return: 0 or -errno, silent. */
int save_container(const struct instance *inst, const char *name, struct output *out);
/* One image after the other until the program or a signal ends it. */
enum status save_series(const struct instance *inst, const struct save_args *args);

/* ---- lean.c: what ckpt itself cannot do ------------------------------------------- */

/*
 * It defines what others of these files define for ckpt-images: cmd_show(),
 * cmd_check(), cmd_merge(), stage_archive(), prepare_stage(), open_plain(),
 * save_series(). They do not return.
 */

/* ---- foreground.c: who has the terminal ------------------------------------------ */

/*
 * Wait until the child @pid ends. If our controlling terminal is among the descriptors
 * @fds, be the shell's job for it: it has the foreground whenever we get it, and stops and
 * goes on as we do. Return: as waitpid(2) tells it, or -errno.
 */
int wait_in_foreground(pid_t pid, const int *fds, size_t nr);

/* ---- progress.c: copying, and how far it is ------------------------------------ */

/**
 * copy_stream() - copy all of @in to @out
 * @in: from here to the end
 * @out: at its position
 * @total: bytes expected, 0: not known
 *
 * Says on stderr how far it is if that is a terminal. Return: 0, -EINTR when
 * @stop_copying was set, or -errno; silent.
 */
int copy_stream(int in, int out, u64 total);
/* Set by a handler of signals. */
extern volatile sig_atomic_t stop_copying;
/* read(2), which waits even where that would not. */
ssize_t read_some(int in, u8 *buf, size_t size);
/* All of it; waits as well. Return: 0 or -errno. */
int write_all(int out, const u8 *buf, size_t size);

#endif /* _CKPT_H */
