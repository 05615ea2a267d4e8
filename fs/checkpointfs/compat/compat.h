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

/*
 * Flags of a futex wait as its restart block keeps them: they are in a header
 * of kernel/futex that nobody else includes. The same from 6.7 on.
 */
#define CKPT_FUTEX_FLAGS_SIZE_32	0x0002
#define CKPT_FUTEX_FLAGS_SHARED		0x0010
#define CKPT_FUTEX_FLAGS_CLOCKRT	0x0020
#define CKPT_FUTEX_FLAGS_HAS_TIMEOUT	0x0040

/* Flow labels of a socket of IPv6: where they are was changed within 6.12. */
#ifdef CKPT_FL_LIST_OF_INET
#define ckpt_flow_labels(sk)	rcu_access_pointer(inet_sk(sk)->ipv6_fl_list)
#else
#define ckpt_flow_labels(sk)	rcu_access_pointer(inet6_sk(sk)->ipv6_fl_list)
#endif

#define pr_fmt(fmt) "checkpointfs: " fmt

#endif /* _CKPT_COMPAT_H */
