// SPDX-License-Identifier: GPL-2.0-only
/*
 * ckpt show: every record of an image, for people or as JSON.
 */
#include <json-c/json.h>

#include "ckpt.h"

#define JSON_FORM	JSON_C_TO_STRING_NOSLASHESCAPE

struct args {
	const char *path;
	bool json;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (key) {
	case 'j':
		args->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (args->path)
			argp_usage(state);
		args->path = arg;
		return 0;
	case ARGP_KEY_END:
		if (!args->path)
			argp_usage(state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* One file of the image a line, as one array, and never all in memory. */
static void show_json(const struct image *img)
{
	struct json_object *obj;
	size_t i;

	fputs("[", stdout);
	for (i = 0; i < img->nr; i++) {
		obj = json_of_file(img, img->files + i);
		printf("%s\n%s", i ? "," : "",
		       json_object_to_json_string_ext(obj, JSON_FORM));
		json_object_put(obj);
	}
	fputs("\n]\n", stdout);
}

enum status cmd_show(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "json", 'j', NULL, 0, "Print JSON" },
		{}
	};
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "FILE|DIR",
		.doc = "Print every record of an image: an archive, -, or a container's directory.",
	};
	struct args args = {};
	struct image img;
	size_t i;
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	ret = image_load(&img, args.path);
	if (ret)
		return status_of(ret);
	if (args.json)
		show_json(&img);
	for (i = 0; !args.json && i < img.nr; i++)
		print_file(stdout, &img, img.files + i);
	image_free(&img);
	if (fflush(stdout) || ferror(stdout)) {
		complain("standard output: %s", strerror(errno));
		return STATUS_FAILED;
	}
	return STATUS_OK;
}
