/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The header block of a tar archive (POSIX ustar), for tar.c and untar.c, and
 * tarhead.c, which reads those of others.
 */
#ifndef _CKPT_TAR_H
#define _CKPT_TAR_H

#include <linux/build_bug.h>
#include <linux/types.h>
#include <linux/checkpointfs.h>

#define TAR_BLOCK	512

/**
 * struct tar_header - a block before each member
 * @name:	path, or its part after @prefix
 * @mode, @uid, @gid, @size, @mtime: octal text; with the top bit of the first
 *		byte set, a big-endian number instead
 * @chksum:	sum of the block's bytes, these eight taken as spaces
 * @typeflag:	what the member is
 * @linkname:	where a link leads
 * @magic:	"ustar" with NUL; "ustar " is GNU's, who has no @prefix
 * @version:	"00"
 * @uname, @gname: names of the owner
 * @devmajor, @devminor: of a device
 * @prefix:	path before @name, a slash between them
 * @pad:	zero
 */
struct tar_header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char chksum[8];
	char typeflag;
	char linkname[100];
	char magic[6];
	char version[2];
	char uname[32];
	char gname[32];
	char devmajor[8];
	char devminor[8];
	char prefix[155];
	char pad[12];
};

static_assert(sizeof(struct tar_header) == TAR_BLOCK);

/* Extended headers of archivers have some hundred bytes. */
#define TAR_EXTENDED_MAX	(64 << 10)

/**
 * struct ckpt_extended - what extended headers say of the member after them
 * @has_path:	@path is meant, and not the path of the header block
 * @has_size:	@size is meant, and not that of the header block
 * @size:	bytes
 * @path:	NUL-terminated
 */
struct ckpt_extended {
	bool has_path;
	bool has_size;
	u64 size;
	char path[CKPT_PATH_MAX];
};

/* Of all bytes, those of the checksum as they are. */
u64 ckpt_tarhead_sum(const struct tar_header *h);
/* Is the checksum right? */
bool ckpt_tarhead_right(const struct tar_header *h);
/* Return: false if the field is no number below 2^64. */
bool ckpt_tarhead_size(const struct tar_header *h, u64 *size);
/* @path has room for all that a block can hold, TAR_BLOCK bytes. */
void ckpt_tarhead_path(const struct tar_header *h, char *path);
/*
 * One spelling for a path: no empty component and no dot, no slash at the end.
 * Return: false if it leaves the archive.
 */
bool ckpt_tarhead_normalize(char *path);
/**
 * ckpt_tarhead_extended() - read the contents of an extended header
 * @ext: filled in with what is said
 * @typeflag: x and g are pax headers, L and K the long names of GNU
 * @text: contents, with a NUL behind them; changed
 * @size: bytes, without that NUL; at most TAR_EXTENDED_MAX
 *
 * Return: NULL, or what is wrong with it.
 */
const char *ckpt_tarhead_extended(struct ckpt_extended *ext, char typeflag,
				  char *text, size_t size);

#endif /* _CKPT_TAR_H */
