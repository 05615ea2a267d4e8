// SPDX-License-Identifier: GPL-2.0-only
/*
 * ckpt check: the kernel's own checks of an image, in user space.
 */
#include "ckpt.h"

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

/* Whether that is to be had is not for this image to tell. */
static void say_parent(const struct image *img)
{
	char id[33];

	id_text(image_header(img)->parent, id);
	printf("%s: a difference to the image %s\n", img->path, id);
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
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &path);
	ret = image_load(&img, path);
	if (ret)
		return status_of(ret);
	ret = image_check(&img);
	if (!ret && is_difference(&img))
		say_parent(&img);
	image_free(&img);
	return status_of(ret);
}
