// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resolves the rows of ksyms.h when the module is loaded.
 *
 * A kprobe finds kallsyms_lookup_name(), which finds the others. Runs once,
 * before anything else of the module; no locks.
 */
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <asm/ibt.h>

#include "ksyms.h"

#define CKPT_KSYM_DEFINE(name) void *ckpt_ksym_addr_##name;
CKPT_KSYM_ADDRS(CKPT_KSYM_DEFINE)
#undef CKPT_KSYM_DEFINE

#ifdef MODULE

unsigned long kallsyms_lookup_name(const char *name);
DEFINE_STATIC_CALL_NULL(ckpt_kallsyms_lookup_name, kallsyms_lookup_name);

#define CKPT_KSYM_DEFINE(f) DEFINE_STATIC_CALL_NULL(ckpt_ksym_##f, f);
CKPT_KSYM_FUNCS(CKPT_KSYM_DEFINE)
#undef CKPT_KSYM_DEFINE

#define CKPT_KSYM_DEFINE(type, name) type *ckpt_ksym_##name;
CKPT_KSYM_DATA(CKPT_KSYM_DEFINE)
#undef CKPT_KSYM_DEFINE

static int __init resolve_lookup(void)
{
	struct kprobe kp = { .symbol_name = "kallsyms_lookup_name" };
	int err = register_kprobe(&kp);
	unsigned long addr;

	if (err)
		return err;
	addr = (unsigned long)kp.addr;
	unregister_kprobe(&kp);
#ifdef CONFIG_X86_KERNEL_IBT
	/* The probe sits behind the ENDBR that the function begins with. */
	if (is_endbr(*(u32 *)(addr - 4)))
		addr -= 4;
#endif
	static_call_update(ckpt_kallsyms_lookup_name, (void *)addr);
	return 0;
}

static unsigned long __init lookup(const char *name)
{
	return static_call(ckpt_kallsyms_lookup_name)(name);
}

#else

static int __init resolve_lookup(void)
{
	return 0;
}

static unsigned long __init lookup(const char *name)
{
	return kallsyms_lookup_name(name);
}

#endif

static void *__init resolve(const char *name, int *missing)
{
	void *addr = (void *)lookup(name);

	if (!addr) {
		pr_err("this kernel has no %s\n", name);
		*missing = -ENOENT;
	}
	return addr;
}

int __init ckpt_ksyms_resolve(void)
{
	int missing = 0;
	int err = resolve_lookup();

	if (err)
		return err;

#define CKPT_KSYM_RESOLVE(name) \
	ckpt_ksym_addr_##name = resolve(#name, &missing);
	CKPT_KSYM_ADDRS(CKPT_KSYM_RESOLVE)
#undef CKPT_KSYM_RESOLVE

#ifdef MODULE
#define CKPT_KSYM_RESOLVE(f) \
	do { \
		void *addr = resolve(#f, &missing); \
		if (addr) \
			static_call_update(ckpt_ksym_##f, addr); \
	} while (0);
	CKPT_KSYM_FUNCS(CKPT_KSYM_RESOLVE)
#undef CKPT_KSYM_RESOLVE

#define CKPT_KSYM_RESOLVE(type, name) \
	ckpt_ksym_##name = resolve(#name, &missing);
	CKPT_KSYM_DATA(CKPT_KSYM_RESOLVE)
#undef CKPT_KSYM_RESOLVE
#endif

	return missing;
}
