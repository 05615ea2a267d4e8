// SPDX-License-Identifier: GPL-2.0-only
/*
 * ckpt check: the kernel's own checks of an image, in user space.
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
	*result = image_find(priv, type, id)->crc;
	return 0;
}

static void report(void *priv, const char *where, const char *what)
{
	complain("%s: %s", where, what);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	const char **path = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (*path)
			argp_usage(state);
		*path = arg;
		return 0;
	case ARGP_KEY_END:
		if (!*path)
			argp_usage(state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

enum status cmd_check(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse,
		.args_doc = "FILE|DIR",
		.doc = "Prove an image (an archive, -, or a container's directory) whole and sane.",
	};
	const char *path = NULL;
	struct image img;
	struct ckpt_check chk = {
		.exists = exists,
		.bytes = bytes,
		.next = next,
		.crc = crc,
		.report = report,
		.priv = &img,
	};
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &path);
	ret = image_load(&img, path);
	if (ret)
		return status_of(ret);
	ret = ckpt_check_image(&chk);
	if (ret == -ENOMEM)
		complain("%s", strerror(ENOMEM));
	image_free(&img);
	return status_of(ret);
}
