// SPDX-License-Identifier: GPL-2.0-only
/*
 * Some memory with a pattern in it, and nothing else: for tests that are about
 * images and not about objects.
 */
#include "program.h"

#define WORDS (1 << 16)

static unsigned int word(unsigned int i)
{
	return i * 2654435761u ^ 0x5eed;
}

int main(void)
{
	unsigned int *words = malloc(WORDS * sizeof(*words)), i;

	check(words);
	for (i = 0; i < WORDS; i++)
		words[i] = word(i);
	ready();
	for (i = 0; i < WORDS; i++)
		check(words[i] == word(i));
	return passed();
}
