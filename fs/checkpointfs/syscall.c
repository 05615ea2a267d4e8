// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own entry points, called from inside by the new tasks of a
 * restore, so that every check of theirs is made with the writer's rights.
 *
 * All of it acts on current and takes no lock. What these calls do is seen by
 * the security modules, but by no seccomp filter and no audit: the writer has
 * not made them, he has written an image.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <linux/uaccess.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"

/* Shared, so that it is never merged with a mapping of the image beside it. */
unsigned long ckpt_scratch_map(void)
{
	unsigned long addr = vm_mmap(NULL, 0, CKPT_SCRATCH_SIZE, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, 0);

	/* That is what tmpfs has to say if there is no memory for an inode. */
	return addr == -ENOSPC ? -ENOMEM : addr;
}

int ckpt_scratch_put(unsigned long to, const void *from, size_t size)
{
	return copy_to_user((void __user *)to, from, size) ? -ENOMEM : 0;
}

/* That takes memory, too. With it left the program would not be what was saved. */
void ckpt_scratch_unmap(unsigned long scratch)
{
	if (vm_munmap(scratch, CKPT_SCRATCH_SIZE))
		send_sig(SIGKILL, current, 1);
}

long ckpt_syscall(unsigned int nr, unsigned long a, unsigned long b, unsigned long c,
		  unsigned long d, unsigned long e, unsigned long f)
{
	struct pt_regs regs = {
		.di = a, .si = b, .dx = c, .r10 = d, .r8 = e, .r9 = f,
		.orig_ax = nr,
	};

	return ksym(x64_sys_call)(&regs, nr);
}

long ckpt_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return security_file_ioctl(file, cmd, arg) ?: vfs_ioctl(file, cmd, arg);
}
