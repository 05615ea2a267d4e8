// SPDX-License-Identifier: GPL-2.0-only
/*
 * CRC32C, the checksum of the files of an image.
 *
 * The kernel has its own, which uses the processor's instruction; in user
 * space a table of 16 entries does, as files of records are small.
 */
#include "format.h"

#ifdef __KERNEL__

#include <linux/crc32c.h>

/*
 * Of 512 bytes and more the kernel takes vector registers to it, for which it saves the
 * state of the task first. Files of records are small: their sum in pieces costs no more
 * on a processor, and a fifth on an emulated one.
 */
#define PIECE	504

static u32 crc32c_update(u32 crc, const u8 *bytes, size_t size)
{
	for (; size > PIECE; bytes += PIECE, size -= PIECE)
		crc = crc32c(crc, bytes, PIECE);
	return crc32c(crc, bytes, size);
}

#else

static u32 crc32c_update(u32 crc, const u8 *bytes, size_t size)
{
	static const u32 nibble[16] = {
		0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1,
		0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
		0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
		0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
	};

	while (size--) {
		crc ^= *bytes++;
		crc = crc >> 4 ^ nibble[crc & 15];
		crc = crc >> 4 ^ nibble[crc & 15];
	}
	return crc;
}

#endif

u32 ckpt_crc32c(u32 crc, const void *bytes, size_t size)
{
	return ~crc32c_update(~crc, bytes, size);
}
