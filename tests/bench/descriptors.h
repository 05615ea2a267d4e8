/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many descriptors of one kind, for a measured program.
 */
#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

#include <stdint.h>

/**
 * open_many - open files, or connect sockets to each other
 * @kind:	f: files, each an own one; u: pairs of UNIX stream sockets;
 *		c: TCP connections over the loopback device, both ends here
 * @nr:		how many
 * @path:	of the files: a number is put behind it
 */
void open_many(int kind, unsigned int nr, const char *path);

/* How many of them do what they are for: a byte goes through each. */
uint64_t count_working(void);

#endif
