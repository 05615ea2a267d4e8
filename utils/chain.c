// SPDX-License-Identifier: GPL-2.0-only
/*
 * An image with those that it is a difference to, in their order.
 *
 * They are found by the ids in their headers, so they may be named in any
 * order but for the youngest, and there may be others among them.
 */
#include "ckpt.h"

void id_text(const u8 id[16], char text[33])
{
	size_t i;

	for (i = 0; i < 16; i++)
		sprintf(text + 2 * i, "%02x", id[i]);
}

bool is_difference(const struct image *img)
{
	const struct ckpt_header *header = image_header(img);

	return header && le64_to_cpu(header->incompat) & CKPT_INCOMPAT_PARENT;
}

static struct image *find_parent(const struct chain *c, const struct image *img)
{
	const u8 *id = image_header(img)->parent;
	char text[33];
	size_t i;

	for (i = 0; i < c->nr; i++)
		if (!memcmp(image_header(c->images + i)->id, id, 16))
			return c->images + i;
	id_text(id, text);
	complain("%s: its parent, the image %s, is not there", img->path, text);
	return NULL;
}

static int add_parent(struct chain *c)
{
	struct image *img = c->order[c->length - 1], *parent = find_parent(c, img);

	if (!parent)
		return -ENOENT;
	if (c->length == c->nr) {
		complain("%s: is a difference to itself", img->path);
		return -EUCLEAN;
	}
	c->order[c->length++] = parent;
	return image_check_parent(img, parent);
}

static int find_order(struct chain *c)
{
	int ret = 0;

	c->order = calloc(c->nr, sizeof(*c->order));
	if (!c->order)
		return -ENOMEM;
	c->order[c->length++] = c->images + c->nr - 1;
	while (!ret && is_difference(c->order[c->length - 1]))
		ret = add_parent(c);
	return ret;
}

int chain_load(struct chain *c, char *const *paths, size_t nr)
{
	int ret = 0;

	*c = (struct chain){ .images = calloc(nr, sizeof(*c->images)) };
	if (!c->images)
		return -ENOMEM;
	while (!ret && c->nr < nr) {
		ret = image_load_all(c->images + c->nr, paths[c->nr]);
		if (!ret)
			ret = image_check(c->images + c->nr++);
	}
	if (!ret)
		ret = find_order(c);
	if (ret)
		chain_free(c);
	return ret;
}

void chain_free(struct chain *c)
{
	while (c->nr)
		image_free(c->images + --c->nr);
	free(c->images);
	free(c->order);
	*c = (struct chain){};
}
