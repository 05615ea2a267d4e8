// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of a thread: tasks/TID/cpu.
 *
 * Read and written through the kernel's regsets, whose layout is the ABI of
 * ptrace(2) and whose set functions check every value that user mode may
 * have. One record serves 64- and 32-bit tasks; the other registers are the
 * XSAVE area in its standard format, and the TLS slots, breakpoints and ports of I/O of
 * a task that has some.
 *
 * Saved while the task is frozen. Restored from outside while it is parked:
 * the regsets of a running task are not its registers.
 */
#include "../../object.h"

/* CS of 64-bit and 32-bit user code: the ABI of every Linux on x86. */
#define USER_CS_64	0x33
#define USER_CS_32	0x23

static int check_breakpoints(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	const struct ckpt_breakpoints *rec;
	struct ckpt_view view;
	unsigned int i;
	int ret;

	if (!ckpt_find(bytes, size, CKPT_REC_BREAKPOINTS, &view))
		return 0;
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_BREAKPOINTS, &view);
	if (ret)
		return ret;
	rec = view.body;
	for (i = 0; i < 4; i++)
		if (rec->address[i] && !(le32_to_cpu(rec->set) & 1U << i))
			return ckpt_bad(chk, "the address of a breakpoint that is not set");
	return 0;
}

/* As they are told by runs, there is one way to say what may be used. */
static int check_ports(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	const struct ckpt_port_run *run;
	const struct ckpt_ports *rec;
	struct ckpt_view view;
	int ret;
	u32 i;

	if (!ckpt_find(bytes, size, CKPT_REC_PORTS, &view))
		return 0;
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_PORTS, &view);
	if (ret)
		return ret;
	rec = view.body;
	run = view.elems;
	if (!rec->level && !view.count)
		return ckpt_bad(chk, "access to no port");
	for (i = 0; i < view.count; i++) {
		if (le16_to_cpu(run[i].first) > le16_to_cpu(run[i].last))
			return ckpt_bad(chk, "ports that end before they begin");
		if (i && le16_to_cpu(run[i].first) <= le16_to_cpu(run[i - 1].last) + 1)
			return ckpt_bad(chk, "ports that do not ascend, or with none between them");
	}
	return 0;
}

static int regs_check(const struct ckpt_check *chk, u64 id,
		      const void *bytes, size_t size)
{
	struct ckpt_view view;
	const struct ckpt_regs *regs;

	ckpt_find(bytes, size, CKPT_REC_REGS, &view);
	regs = view.body;
	if (le64_to_cpu(regs->cs) != USER_CS_64 && le64_to_cpu(regs->cs) != USER_CS_32)
		return ckpt_bad(chk, "cs is not that of user mode");
	return check_breakpoints(chk, bytes, size) ?: check_ports(chk, bytes, size);
}

#ifdef __KERNEL__

#include <linux/elf.h>
#include <linux/regset.h>
#include <linux/sched/task_stack.h>
#include <asm/desc.h>
#include <asm/elf.h>
#include <asm/fpu/xstate.h>
#include <asm/pkru.h>
#include <asm/user.h>
#include <asm/user32.h>

#include "../../checkpointfs.h"
#include "regs.h"

#define NR_REGS	(offsetof(struct ckpt_regs, fault_address) / sizeof(u64))

/* Registers of both worlds in the order of struct ckpt_regs. */
static_assert(NR_REGS == sizeof(struct user_regs_struct) / sizeof(long));

static const struct user_regset *find_regset(struct task_struct *t, unsigned int note)
{
	const struct user_regset_view *view = task_user_regset_view(t);
	unsigned int i;

	for (i = 0; i < view->n; i++)
		if (view->regsets[i].core_note_type == note)
			return &view->regsets[i];
	return NULL;
}

static bool task_is_32bit(struct task_struct *t)
{
	return !user_64bit_mode(task_pt_regs(t));
}

static bool has_shadow_stack(struct task_struct *t)
{
#ifdef CONFIG_X86_USER_SHADOW_STACK
	return t->thread.features || t->thread.features_locked;
#else
	return false;
#endif
}

/* ARCH_REQ_XCOMP_PERM: the leader has it for all threads. */
static bool has_dynamic_xstate(struct task_struct *t)
{
	return t->group_leader->thread.fpu.perm.__state_perm &
	       XFEATURE_MASK_USER_DYNAMIC;
}

static bool has_faulting_cpuid(struct task_struct *t)
{
	return test_tsk_thread_flag(t, TIF_NOCPUID);
}

/* modify_ldt(2) makes them. */
static bool has_own_code(struct task_struct *t)
{
	unsigned long cs = task_pt_regs(t)->cs;

	return cs != USER_CS_64 && cs != USER_CS_32;
}

static const struct {
	const char *name;
	bool (*has)(struct task_struct *t);
	bool inherited;
} attributes[] = {
	{ "a shadow stack", has_shadow_stack, true },
	{ "permission for dynamic XSAVE components", has_dynamic_xstate, true },
	{ "faulting CPUID", has_faulting_cpuid, true },
	{ "a code segment of its own", has_own_code },
};

bool ckpt_regs_no_tsc(struct task_struct *t)
{
	return test_tsk_thread_flag(t, TIF_NOTSC);
}

const char *ckpt_regs_inherited(struct task_struct *t)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(attributes); i++)
		if (attributes[i].inherited && attributes[i].has(t))
			return attributes[i].name;
	return NULL;
}

static void regs_collect_thread(struct ckpt_collect *c, struct task_struct *t)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(attributes); i++)
		if (attributes[i].has(t))
			ckpt_refuse(c, "task %d: %s cannot be saved",
				    task_pid_vnr(t), attributes[i].name);
}

static int regs_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	regs_collect_thread(c, obj->ptr);
	return 0;
}

static void widen(u64 wide[], const struct user_regs_struct32 *r)
{
	struct user_regs_struct u = {
		.bx = r->ebx, .cx = r->ecx, .dx = r->edx, .si = r->esi,
		.di = r->edi, .bp = r->ebp, .ax = (int)r->eax,
		.ds = r->ds, .es = r->es, .fs = r->fs, .gs = r->gs,
		.orig_ax = (int)r->orig_eax, .ip = r->eip, .cs = r->cs,
		.flags = r->eflags, .sp = r->esp, .ss = r->ss,
	};

	memcpy(wide, &u, sizeof(u));
}

static void narrow(struct user_regs_struct32 *r, const u64 wide[])
{
	struct user_regs_struct u;

	memcpy(&u, wide, sizeof(u));
	*r = (struct user_regs_struct32) {
		.ebx = u.bx, .ecx = u.cx, .edx = u.dx, .esi = u.si,
		.edi = u.di, .ebp = u.bp, .eax = u.ax,
		.ds = u.ds, .es = u.es, .fs = u.fs, .gs = u.gs,
		.orig_eax = u.orig_ax, .eip = u.ip, .cs = u.cs,
		.eflags = u.flags, .esp = u.sp, .ss = u.ss,
	};
}

static int read_regs(struct task_struct *t, u64 wide[])
{
	const struct user_regset *set = find_regset(t, NT_PRSTATUS);
	struct user_regs_struct32 narrow_regs;
	int n;

	if (task_is_32bit(t)) {
		n = regset_get(t, set, sizeof(narrow_regs), &narrow_regs);
		widen(wide, &narrow_regs);
	} else {
		n = regset_get(t, set, NR_REGS * sizeof(u64), wide);
	}
	return n < 0 ? n : 0;
}

static int save_xstate(struct task_struct *t, struct ckpt_writer *w)
{
	const struct user_regset *set = find_regset(t, NT_X86_XSTATE);
	unsigned int size = set->n * set->size;
	void *x = ckpt_add(w, CKPT_REC_XSTATE, size);
	int n;

	if (!x)
		return w->error;
	n = regset_get(t, set, size, ckpt_elems(x));
	return n < 0 ? n : 0;
}

static int save_tls(struct task_struct *t, struct ckpt_writer *w)
{
	const struct desc_struct *slot = t->thread.tls_array;
	unsigned int i, n = 0;
	struct ckpt_tls *tls;
	void *body;

	for (i = 0; i < GDT_ENTRY_TLS_ENTRIES; i++)
		n += !desc_empty(&slot[i]);
	if (!n)
		return 0;
	body = ckpt_add(w, CKPT_REC_TLS, n);
	if (!body)
		return w->error;
	tls = ckpt_elems(body);
	for (i = 0; i < GDT_ENTRY_TLS_ENTRIES; i++)
		if (!desc_empty(&slot[i]))
			ckpt_tls_describe(tls++, GDT_ENTRY_TLS_MIN + i, &slot[i]);
	return 0;
}

static int regs_save(struct ckpt_collect *c, struct ckpt_object *obj,
		     struct ckpt_writer *w)
{
	struct task_struct *t = obj->ptr;
	struct ckpt_regs *regs = ckpt_add(w, CKPT_REC_REGS, 0);
	u64 wide[NR_REGS];
	__le64 *to = (__le64 *)regs;
	unsigned int i;
	int err;

	if (!regs)
		return w->error;
	err = read_regs(t, wide);
	if (err)
		return err;
	for (i = 0; i < NR_REGS; i++)
		to[i] = cpu_to_le64(wide[i]);
	regs->fault_address = cpu_to_le64(t->thread.cr2);
	regs->trap = cpu_to_le32(t->thread.trap_nr);
	regs->error = cpu_to_le32(t->thread.error_code);
	err = save_xstate(t, w);
	return err ?: save_tls(t, w) ?: ckpt_breakpoints_save(t, w) ?: ckpt_ports_save(t, w);
}

/*
 * CS decides which view of the registers a task has: it comes first. ID, which
 * any program may toggle, is in no view that can be written.
 */
static int write_regs(struct task_struct *t, const struct ckpt_regs *regs)
{
	const unsigned long id = X86_EFLAGS_ID;
	const struct user_regset *set;
	const __le64 *from = (const __le64 *)regs;
	struct user_regs_struct32 narrow_regs;
	u64 wide[NR_REGS];
	unsigned int i;

	for (i = 0; i < NR_REGS; i++)
		wide[i] = le64_to_cpu(from[i]);
	task_pt_regs(t)->cs = le64_to_cpu(regs->cs);
	task_pt_regs(t)->ss = __USER_DS;
	task_pt_regs(t)->flags = (task_pt_regs(t)->flags & ~id) |
				 (le64_to_cpu(regs->flags) & id);
	/* Nothing but signal frames is made of them: any value will do. */
	t->thread.cr2 = le64_to_cpu(regs->fault_address);
	t->thread.trap_nr = le32_to_cpu(regs->trap);
	t->thread.error_code = le32_to_cpu(regs->error);
	set = find_regset(t, NT_PRSTATUS);
	if (!task_is_32bit(t))
		return set->set(t, set, 0, sizeof(wide), wide, NULL);
	narrow(&narrow_regs, wide);
	return set->set(t, set, 0, sizeof(narrow_regs), &narrow_regs, NULL);
}

static int write_xstate(struct task_struct *t, const struct ckpt_view *x)
{
	const struct user_regset *set = find_regset(t, NT_X86_XSTATE);

	if (x->count != set->n * set->size)
		return -EOPNOTSUPP;
	return set->set(t, set, 0, x->count, x->elems, NULL);
}

int ckpt_regs_write(struct ckpt_restore *r, struct ckpt_item *item,
		    struct task_struct *t)
{
	struct ckpt_view view;
	int err;

	err = ckpt_find(item->bytes, item->size, CKPT_REC_TLS, &view) ?
		ckpt_tls_write(t, view.elems, view.count) : 0;
	if (!err && ckpt_find(item->bytes, item->size, CKPT_REC_REGS, &view))
		err = write_regs(t, view.body);
	if (!err && ckpt_find(item->bytes, item->size, CKPT_REC_XSTATE, &view))
		err = write_xstate(t, &view);
	if (err)
		ckpt_restore_err(r, item, "registers that no task can have: %pe",
				 ERR_PTR(err));
	return err;
}

int ckpt_regs_bind(struct ckpt_restore *r, u64 tid)
{
	struct ckpt_item *item = ckpt_item(ckpt_restore_img(r), CKPT_TYPE_REGS, tid);

	return ckpt_breakpoints_restore(r, item) ?: ckpt_ports_restore(r, item);
}

void ckpt_regs_set_mode(bool is_32bit, bool own_mm)
{
	/* The processor has them until the task is switched out, as it will be. */
	memset(current->thread.tls_array, 0, sizeof(current->thread.tls_array));
	/* What the writer may not do with some key shall not stop us: ours comes at the end. */
	write_pkru(0);
	if (is_32bit) {
		set_personality_ia32(false);
		return;
	}
	clear_thread_flag(TIF_ADDR32);
	if (own_mm)
		current->mm->context.flags = BIT(MM_CONTEXT_HAS_VSYSCALL);
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_regs_ops = {
	.type = CKPT_TYPE_REGS,
	.name = "registers",
	.dir = "tasks",
	.part = "cpu",
	.records = { CKPT_REC_REGS, CKPT_REC_XSTATE, CKPT_REC_TLS, CKPT_REC_BREAKPOINTS,
		     CKPT_REC_PORTS },
	.max_size = 256 * 1024,
	.check = regs_check,
	CKPT_KERNEL(.collect = regs_collect, .save = regs_save)
};
