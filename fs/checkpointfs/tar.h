/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The header block of a tar archive (POSIX ustar), for tar.c and untar.c.
 */
#ifndef _CKPT_TAR_H
#define _CKPT_TAR_H

#include <linux/build_bug.h>
#include <linux/types.h>

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

#endif /* _CKPT_TAR_H */
