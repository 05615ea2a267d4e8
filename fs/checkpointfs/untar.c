// SPDX-License-Identifier: GPL-2.0-only
/*
 * A reader of tar archives, fed in pieces of any size.
 *
 * Takes what tar, bsdtar, cpio and Python write: ustar, GNU's long names and
 * large numbers, pax headers. Members go into the image as their bytes arrive;
 * nothing but the current block, name and extended header is kept here. The
 * archive is hostile: a member that an image cannot have ends it, by name. A
 * reader belongs to one writer at a time, so there is no lock.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "checkpointfs.h"
#include "tar.h"

/* How much of a name is said in a message. */
#define SAY_MAX		200

enum untar_state {
	UNTAR_HEADER,		/* a header block, or one of the end */
	UNTAR_CONTENT,		/* of a file */
	UNTAR_EXTENDED,		/* contents of an extended header */
	UNTAR_PADDING,		/* up to the next block */
	UNTAR_END,		/* zeroes only, for ever */
};

/**
 * struct ckpt_untar - a reader
 * @mount:	for messages
 * @img:	gets the members; not touched after the end of the archive
 * @state:	what the next byte belongs to
 * @block:	bytes of a header block that have arrived
 * @fill:	how many
 * @blocks:	header blocks so far
 * @end_blocks:	blocks of zeroes so far, of the two at the end
 * @left:	bytes until @state ends
 * @size:	of the contents of the current member, or extended header
 * @content:	of the current file, owned by @img
 * @extended:	contents of the current extended header
 * @typeflag:	of it
 * @path:	of the current member
 * @next:	what extended headers have said of the next member
 * @prefix:	bytes of @root before the names of an image; below 0: not known
 * @root:	path of the directory that the archive was made of
 */
struct ckpt_untar {
	struct ckpt_mount *mount;
	struct ckpt_image *img;
	enum untar_state state;
	struct tar_header block;
	size_t fill;
	u64 blocks;
	unsigned int end_blocks;
	u64 left;
	u64 size;
	struct ckpt_content *content;
	char *extended;
	char typeflag;
	struct ckpt_extended next;
	int prefix;
	char path[CKPT_PATH_MAX];
	char root[CKPT_PATH_MAX];
};

struct ckpt_untar *ckpt_untar_create(struct ckpt_image *img)
{
	struct ckpt_untar *u = kvzalloc(sizeof(*u), GFP_KERNEL_ACCOUNT);

	if (!u)
		return NULL;
	u->mount = img->mount;
	u->img = img;
	u->prefix = -1;
	return u;
}

void ckpt_untar_destroy(struct ckpt_untar *u)
{
	if (!u)
		return;
	kvfree(u->extended);
	kvfree(u);
}

static int bad_archive(struct ckpt_untar *u, const char *what)
{
	ckpt_err(u->mount, "restore: block %llu of the archive %s",
		 u->blocks, what);
	return -EUCLEAN;
}

static int bad_member(struct ckpt_untar *u, const char *what)
{
	ckpt_err(u->mount, "restore: %.*s in the archive %s", SAY_MAX,
		 u->path, what);
	return -EUCLEAN;
}

/* ---- members ----------------------------------------------------------------- */

static void expect(struct ckpt_untar *u, enum untar_state state, u64 left)
{
	u->state = left ? state : UNTAR_HEADER;
	u->left = left;
	u->fill = 0;
}

/* The bytes of a member, or of an extended header, are all there. */
static void expect_padding(struct ckpt_untar *u)
{
	expect(u, UNTAR_PADDING, -u->size & (TAR_BLOCK - 1));
}

/*
 * Before the first file it is not known how many directories stand before the
 * names of the image. No name of an image is the end of another but for
 * tasks/ID/cpu, so the longest is meant.
 */
static int find_root(struct ckpt_untar *u, struct ckpt_content *content)
{
	char *name = u->path, *dir;
	int err;

	while ((err = ckpt_image_add(u->img, name, content)) == -ENOENT) {
		name = strchr(name, '/');
		if (!name)
			return -ENOENT;
		name++;
	}
	if (err)
		return err;
	u->prefix = name - u->path;
	memcpy(u->root, u->path, u->prefix);
	if (!u->prefix)
		return 0;
	u->root[u->prefix - 1] = '\0';
	dir = strrchr(u->root, '/');
	dir = dir ? dir + 1 : u->root;
	if (ckpt_name_valid(dir))
		strscpy(u->img->name, dir);
	u->root[u->prefix - 1] = '/';
	return 0;
}

static int add_content(struct ckpt_untar *u, struct ckpt_content *content)
{
	int err;

	if (u->prefix >= 0 && strncmp(u->path, u->root, u->prefix))
		return bad_member(u, "is not in the directory of the others");
	err = u->prefix < 0 ? find_root(u, content) :
			      ckpt_image_add(u->img, u->path + u->prefix, content);
	switch (err) {
	case -EEXIST:
		return bad_member(u, "is there twice");
	case -EISDIR:
		return bad_member(u, "is a file in the place of a directory");
	case -ENOENT:
		bad_member(u, "is no file of an image");
		return -EOPNOTSUPP;
	}
	return err;
}

static int begin_file(struct ckpt_untar *u)
{
	struct ckpt_content *content;
	int err;

	if (u->size > MAX_LFS_FILESIZE - PAGE_SIZE)
		return bad_member(u, "is larger than a file can be");
	content = ckpt_content_create(u->mount);
	if (IS_ERR(content))
		return PTR_ERR(content);
	err = add_content(u, content);
	if (err) {
		ckpt_content_destroy(content);
		return err;
	}
	u->content = content;
	expect(u, UNTAR_CONTENT, u->size);
	return 0;
}

/* Directories carry nothing: any will do. */
static int begin_directory(struct ckpt_untar *u)
{
	if (u->size)
		return bad_member(u, "is a directory with contents");
	expect(u, UNTAR_HEADER, 0);
	return 0;
}

static const char *kind_name(char typeflag)
{
	switch (typeflag) {
	case '1':
		return "is a hard link";
	case '2':
		return "is a symbolic link";
	case '3':
	case '4':
		return "is a device";
	case '6':
		return "is a fifo";
	case 'S':
		return "is a sparse file";
	}
	return "is of an unknown kind";
}

static void take_path(struct ckpt_untar *u)
{
	if (u->next.has_path)
		strscpy(u->path, u->next.path);
	else
		ckpt_tarhead_path(&u->block, u->path);
}

static int begin_member(struct ckpt_untar *u)
{
	char typeflag = u->block.typeflag;
	bool directory;

	take_path(u);
	if (u->next.has_size)
		u->size = u->next.size;
	u->next.has_path = false;
	u->next.has_size = false;
	directory = *u->path && u->path[strlen(u->path) - 1] == '/';
	if (!ckpt_tarhead_normalize(u->path))
		return bad_member(u, "has a path that leads out of it");
	switch (typeflag) {
	case '0':
	case '7':
	case '\0':
		return directory ? begin_directory(u) : begin_file(u);
	case '5':
		return begin_directory(u);
	}
	return bad_member(u, kind_name(typeflag));
}

/* ---- extended headers ---------------------------------------------------------- */

static int begin_extended(struct ckpt_untar *u)
{
	if (u->size > TAR_EXTENDED_MAX)
		return bad_archive(u, "begins an extended header that is too large");
	kvfree(u->extended);
	u->extended = kvzalloc(u->size + 1, GFP_KERNEL_ACCOUNT);
	if (!u->extended)
		return -ENOMEM;
	u->typeflag = u->block.typeflag;
	expect(u, UNTAR_EXTENDED, u->size);
	return 0;
}

static int end_extended(struct ckpt_untar *u)
{
	const char *wrong = ckpt_tarhead_extended(&u->next, u->typeflag,
						  u->extended, u->size);

	kvfree(u->extended);
	u->extended = NULL;
	return wrong ? bad_archive(u, wrong) : 0;
}

/* ---- the stream ----------------------------------------------------------------- */

static int take_header(struct ckpt_untar *u)
{
	const struct tar_header *h = &u->block;

	if (!memchr_inv(h, 0, TAR_BLOCK)) {
		expect(u, UNTAR_HEADER, 0);
		if (++u->end_blocks == 2)
			u->state = UNTAR_END;
		return 0;
	}
	if (u->end_blocks)
		return bad_archive(u, "comes after its end");
	if (!ckpt_tarhead_right(h))
		return bad_archive(u, u->blocks == 1 ?
				   "is not tar's (compressed? another format?)" :
				   "has a wrong checksum, or is not a header");
	if (!ckpt_tarhead_size(h, &u->size))
		return bad_archive(u, "has a size that is no number");
	switch (h->typeflag) {
	case 'x':
	case 'g':
	case 'L':
	case 'K':
		return begin_extended(u);
	}
	return begin_member(u);
}

static int feed_header(struct ckpt_untar *u, struct iov_iter *from)
{
	size_t n = min(TAR_BLOCK - u->fill, iov_iter_count(from));

	if (copy_from_iter((char *)&u->block + u->fill, n, from) != n)
		return -EFAULT;
	u->fill += n;
	if (u->fill < TAR_BLOCK)
		return 0;
	u->blocks++;
	return take_header(u);
}

static int feed_content(struct ckpt_untar *u, struct iov_iter *from)
{
	size_t n = min_t(u64, iov_iter_count(from), u->left);
	size_t rest = iov_iter_count(from) - n;
	ssize_t done;

	iov_iter_truncate(from, n);
	done = ckpt_content_write(u->content, u->size - u->left, from);
	iov_iter_reexpand(from, iov_iter_count(from) + rest);
	if (done < 0)
		return done;
	u->left -= done;
	if (!u->left)
		expect_padding(u);
	return 0;
}

static int feed_extended(struct ckpt_untar *u, struct iov_iter *from)
{
	size_t n = min_t(u64, iov_iter_count(from), u->left);

	if (copy_from_iter(u->extended + (u->size - u->left), n, from) != n)
		return -EFAULT;
	u->left -= n;
	if (u->left)
		return 0;
	expect_padding(u);
	return end_extended(u);
}

static int feed_padding(struct ckpt_untar *u, struct iov_iter *from)
{
	size_t n = min_t(u64, iov_iter_count(from), u->left);

	iov_iter_advance(from, n);
	u->left -= n;
	if (!u->left)
		expect(u, UNTAR_HEADER, 0);
	return 0;
}

/* Archivers fill up to the size of a tape's record. */
static int feed_end(struct ckpt_untar *u, struct iov_iter *from)
{
	size_t n = min_t(size_t, iov_iter_count(from), TAR_BLOCK);

	if (copy_from_iter(&u->block, n, from) != n)
		return -EFAULT;
	if (memchr_inv(&u->block, 0, n))
		return bad_archive(u, "is followed by more than the archive");
	return 0;
}

int ckpt_untar_feed(struct ckpt_untar *u, struct iov_iter *from)
{
	static int (*const feed[])(struct ckpt_untar *u, struct iov_iter *from) = {
		[UNTAR_HEADER] = feed_header,
		[UNTAR_CONTENT] = feed_content,
		[UNTAR_EXTENDED] = feed_extended,
		[UNTAR_PADDING] = feed_padding,
		[UNTAR_END] = feed_end,
	};
	int err;

	while (iov_iter_count(from)) {
		err = feed[u->state](u, from);
		if (err)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return u->state == UNTAR_END;
}
