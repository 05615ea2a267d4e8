// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own checks, of images in memory: what they ask is answered here.
 */
#include "ckpt.h"

static u32 exists(void *priv, u32 type, u64 id)
{
	const struct file *file = type ? image_find(priv, type, id) :
					 image_open_file(priv, id);

	return file ? file->type : 0;
}

static const void *bytes(void *priv, u32 type, u64 id, u64 *size)
{
	const struct file *file = image_find(priv, type, id);

	*size = file ? file->size : 0;
	return file ? file->bytes : NULL;
}

static u64 next(void *priv, u32 type, u64 after)
{
	const struct file *file = image_next(priv, type, after);

	return file ? file->id : 0;
}

static int crc(void *priv, u32 type, u64 id, u32 *result)
{
	return image_crc(priv, image_find(priv, type, id), result);
}

static void report(void *priv, const char *where, const char *what)
{
	const struct image *img = priv;

	complain("%s: %s: %s", img->path, where, what);
}

static struct ckpt_check check_of(struct image *img)
{
	return (struct ckpt_check) {
		.exists = exists,
		.bytes = bytes,
		.next = next,
		.crc = crc,
		.report = report,
		.priv = img,
	};
}

int image_check(struct image *img)
{
	struct ckpt_check chk = check_of(img);
	int ret = ckpt_check_image(&chk);

	if (ret == -ENOMEM)
		complain("%s", strerror(ENOMEM));
	return ret;
}

int image_check_parent(struct image *img, struct image *parent)
{
	struct ckpt_check chk = check_of(img), other = check_of(parent);

	return ckpt_check_difference(&chk, &other);
}
