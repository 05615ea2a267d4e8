/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Force-included into every file: brings the API of the newest supported
 * kernel to the others. The only place that tests a kernel's version.
 */
#ifndef _CKPT_COMPAT_H
#define _CKPT_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0) || \
	LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#error "checkpointfs supports Linux 6.12"
#endif

#define pr_fmt(fmt) "checkpointfs: " fmt

#endif /* _CKPT_COMPAT_H */
