/* SPDX-License-Identifier: GPL-2.0-only */
/* Programs that build one of several states: their first argument says which. */
#ifndef MODES_H
#define MODES_H

#include "program.h"

struct mode {
	const char *name;
	int (*run)(void);
};

/* Runs the one of that name; an empty row ends the table. Return: the exit status. */
static inline int run_mode(const struct mode *mode, const char *name)
{
	for (; mode->name; mode++)
		if (!strcmp(mode->name, name))
			return mode->run();
	printf("no such mode: %s\n", name);
	return 2;
}

#endif
