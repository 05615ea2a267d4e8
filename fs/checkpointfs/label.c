// SPDX-License-Identifier: GPL-2.0-only
/*
 * Labels of security modules: as whom AppArmor, SELinux or Smack knows a task.
 *
 * They are texts of /proc/PID/attr, and are set as a program sets its own by writing there:
 * by the new task, so that the module decides by its policy, from the label that the task
 * has, which to begin with is the writer's. What it does not set fails the restore, and no
 * program goes on with another label than it had. Of one that the task has already nothing
 * is asked.
 *
 * AppArmor keeps the current label with the credentials, and with the task a label for the
 * next execve(2) and the one that it had before it has put on a hat; SELinux and Smack
 * keep all with the credentials. No two of these modules are active at once.
 *
 * The tasks are frozen; what the module keeps for a task only that changes.
 */
#include <linux/bits.h>
#include <linux/cred.h>
#include <linux/lsm_hooks.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <uapi/linux/lsm.h>

#include "checkpointfs.h"
#include "compat/ksyms.h"
#include "compat/private.h"
#include "label.h"
#include "restore.h"

static const struct module_row {
	const char *name;
	u64 id;
	unsigned int kinds;
} modules[] = {
	[CKPT_LABEL_APPARMOR] = { "AppArmor", LSM_ID_APPARMOR, BIT(CKPT_LABEL_CURRENT) },
	[CKPT_LABEL_SELINUX] = { "SELinux", LSM_ID_SELINUX,
				 GENMASK(CKPT_LABEL_SOCKCREATE, CKPT_LABEL_CURRENT) },
	[CKPT_LABEL_SMACK] = { "Smack", LSM_ID_SMACK, BIT(CKPT_LABEL_CURRENT) },
};

static const char *const files[] = {
	[CKPT_LABEL_CURRENT] = "current",
	[CKPT_LABEL_EXEC] = "exec",
	[CKPT_LABEL_FSCREATE] = "fscreate",
	[CKPT_LABEL_KEYCREATE] = "keycreate",
	[CKPT_LABEL_PREV] = "prev",
	[CKPT_LABEL_SOCKCREATE] = "sockcreate",
};

/* ---- the texts ------------------------------------------------------------------ */

/* AppArmor tells "NAME (enforce)", and is told NAME. */
static void trim(char *text, u16 module)
{
	char *mode;

	text[strcspn(text, "\n")] = '\0';
	mode = module == CKPT_LABEL_APPARMOR ? strrchr(text, ' ') : NULL;
	if (mode && mode[1] == '(')
		*mode = '\0';
}

/* Return: the label, to be freed, NULL: it has none, or ERR_PTR. */
static char *read_label(struct task_struct *t, u16 module, u16 kind)
{
	char *text = NULL;
	int len = 0;

#ifdef CONFIG_SECURITY
	len = ksym(security_getprocattr)(t, modules[module].id, files[kind], &text);
#endif
	if (len > 0) {
		trim(text, module);
		return text;
	}
	kfree(text);
	return !len || len == -EINVAL || len == -EOPNOTSUPP || len == -ENOENT ?
		NULL : ERR_PTR(len);
}

static void free_label(const char *text)
{
	if (!IS_ERR(text))
		kfree(text);
}

static bool is_active(struct task_struct *t, u16 module)
{
	char *text = read_label(t, module, CKPT_LABEL_CURRENT);

	free_label(text);
	return text;
}

/* Return: the one that is active, 0: none is. */
static u16 module_of(struct task_struct *t)
{
	u16 module;

	for (module = 1; module < ARRAY_SIZE(modules); module++)
		if (is_active(t, module))
			return module;
	return 0;
}

/* Return: 0 or -errno, and @rec, or NULL if it has none of the kind. */
static int save_label(struct ckpt_writer *w, struct task_struct *t, u16 module, u16 kind,
		      struct ckpt_label **rec)
{
	char *text = read_label(t, module, kind);
	int err = 0;

	*rec = NULL;
	if (IS_ERR_OR_NULL(text))
		return PTR_ERR_OR_ZERO(text);
	*rec = ckpt_add(w, CKPT_REC_LABEL, strlen(text) + 1);
	if (*rec) {
		(*rec)->module = cpu_to_le16(module);
		(*rec)->kind = cpu_to_le16(kind);
		memcpy(ckpt_elems(*rec), text, strlen(text));
	} else {
		err = w->error;
	}
	kfree(text);
	return err;
}

/* ---- what AppArmor keeps with a task ------------------------------------------------ */

#ifdef CONFIG_SECURITY_APPARMOR

static const struct ckpt_aa_task_ctx *apparmor_of(const struct task_struct *t)
{
	/* Only then is it an offset, and not a size. */
	return ksym_data(apparmor_initialized) ?
		t->security + ksym_data(apparmor_blob_sizes).lbs_task : NULL;
}

static const struct ckpt_aa_label *apparmor_label(const struct cred *cred)
{
	return ksym_data(apparmor_initialized) ?
		*(void **)(cred->security + ksym_data(apparmor_blob_sizes).lbs_cred) : NULL;
}

#else

static const struct ckpt_aa_task_ctx *apparmor_of(const struct task_struct *t)
{
	return NULL;
}

static const struct ckpt_aa_label *apparmor_label(const struct cred *cred)
{
	return NULL;
}

#endif

/* A label that is loaded anew is another one, which has what stands for both of them. */
static bool same_apparmor(const struct ckpt_aa_label *a, const struct ckpt_aa_label *b)
{
	return a && b ? a->proxy == b->proxy : a == b;
}

static bool has_exec(const struct task_struct *t)
{
	return apparmor_of(t) && apparmor_of(t)->onexec;
}

static bool has_hat(const struct task_struct *t)
{
	return apparmor_of(t) && apparmor_of(t)->previous;
}

/*
 * With no_new_privs AppArmor notes the label at the first change of it, and allows none
 * that does not have that in it. A restored task notes the one that it has.
 */
static bool is_held(const struct task_struct *t)
{
	const struct ckpt_aa_task_ctx *ctx = apparmor_of(t);

	if (!ctx || !ctx->nnp)
		return false;
	guard(rcu)();
	return !same_apparmor(ctx->nnp, apparmor_label(__task_cred(t)));
}

/* "web//admin" is the hat "admin" of "web". Return: NULL: it is none. */
static const char *hat_of(const char *label, const char *profile)
{
	size_t len = strlen(profile);

	return !strncmp(label, profile, len) && !strncmp(label + len, "//", 2) &&
	       label[len + 2] && label[len + 2] != '&' && !strstr(label + len + 2, "//") ?
		label + len + 2 : NULL;
}

static bool has_odd_hat(struct task_struct *t)
{
	char *label, *profile;
	bool odd;

	if (!has_hat(t))
		return false;
	label = read_label(t, CKPT_LABEL_APPARMOR, CKPT_LABEL_CURRENT);
	profile = read_label(t, CKPT_LABEL_APPARMOR, CKPT_LABEL_PREV);
	odd = IS_ERR_OR_NULL(label) || IS_ERR_OR_NULL(profile) || !hat_of(label, profile);
	free_label(label);
	free_label(profile);
	return odd;
}

static bool is_unsane(const char *text)
{
	return IS_ERR(text) || (text && !ckpt_label_sane(text, strlen(text)));
}

static bool has_odd_exec(struct task_struct *t)
{
	char *text;
	bool odd;

	if (!has_exec(t))
		return false;
	text = read_label(t, CKPT_LABEL_APPARMOR, CKPT_LABEL_EXEC);
	odd = !text || is_unsane(text);
	free_label(text);
	return odd;
}

void ckpt_label_collect(struct ckpt_collect *c, struct task_struct *t)
{
	if (has_odd_exec(t))
		ckpt_refuse(c, "task %d: a security label that cannot be read cannot be saved",
			    task_pid_vnr(t));
	if (has_odd_hat(t))
		ckpt_refuse(c, "task %d: a hat of another profile cannot be saved",
			    task_pid_vnr(t));
	if (is_held(t))
		ckpt_refuse(c, "task %d: a security label from before no_new_privs cannot be saved",
			    task_pid_vnr(t));
}

/* Whether a label for execve(2) goes on top of another is where the token of a hat is. */
static int save_exec(struct ckpt_writer *w, struct task_struct *t)
{
	struct ckpt_label *rec;
	int err = save_label(w, t, CKPT_LABEL_APPARMOR, CKPT_LABEL_EXEC, &rec);

	if (rec && apparmor_of(t)->token)
		rec->flags = cpu_to_le32(CKPT_LABEL_STACK);
	return err;
}

static int save_hat(struct ckpt_writer *w, struct task_struct *t)
{
	struct ckpt_label *rec;
	int err = save_label(w, t, CKPT_LABEL_APPARMOR, CKPT_LABEL_CURRENT, &rec);

	if (!rec)
		return err;
	rec->kind = cpu_to_le16(CKPT_LABEL_HAT);
	rec->token = cpu_to_le64(apparmor_of(t)->token);
	return 0;
}

int ckpt_label_save_task(struct ckpt_writer *w, struct task_struct *t)
{
	int err = has_hat(t) ? save_hat(w, t) : 0;

	return err || !has_exec(t) ? err : save_exec(w, t);
}

bool ckpt_label_pending(struct task_struct *t)
{
	static const u16 pending[] = {
		CKPT_LABEL_EXEC, CKPT_LABEL_FSCREATE, CKPT_LABEL_KEYCREATE,
		CKPT_LABEL_SOCKCREATE,
	};
	bool has = has_exec(t) || has_hat(t);
	unsigned int i;

	for (i = 0; !has && i < ARRAY_SIZE(pending); i++) {
		char *text = read_label(t, CKPT_LABEL_SELINUX, pending[i]);

		has = text;
		free_label(text);
	}
	return has;
}

/* ---- credentials ----------------------------------------------------------------- */

static bool same_label(const struct cred *a, const struct cred *b)
{
	u32 number_a = 0, number_b = 0;

	security_cred_getsecid(a, &number_a);
	security_cred_getsecid(b, &number_b);
	return number_a == number_b && same_apparmor(apparmor_label(a), apparmor_label(b));
}

/* No module tells the label of credentials that no task has: one with the same is asked. */
static struct task_struct *somebody(struct ckpt_collect *c, const struct cred *cred)
{
	unsigned int i;

	guard(rcu)();
	for (i = 0; i < c->tasks->nr; i++)
		if (same_label(cred, __task_cred(c->tasks->vec[i])))
			return c->tasks->vec[i];
	return same_label(cred, current_cred()) ? current : NULL;
}

const char *ckpt_label_refused(struct ckpt_collect *c, const struct cred *cred,
			       struct task_struct *t)
{
	const char *refused = NULL;
	unsigned int kind;
	char *text;
	u16 module;

	t = t ?: somebody(c, cred);
	if (!t)
		return "a security label";
	module = module_of(t);
	for (kind = 1; !refused && kind < ARRAY_SIZE(files); kind++) {
		if (!(modules[module].kinds & BIT(kind)))
			continue;
		text = read_label(t, module, kind);
		if (is_unsane(text))
			refused = "a security label that cannot be read";
		free_label(text);
	}
	return refused;
}

/* Of somebody else with the same label only that one is theirs. */
int ckpt_label_save_creds(struct ckpt_collect *c, const struct cred *cred,
			  struct task_struct *t, struct ckpt_writer *w)
{
	struct task_struct *who = t ?: somebody(c, cred);
	u16 module = who ? module_of(who) : 0;
	struct ckpt_label *rec;
	unsigned int kind;
	int err;

	if (!module)
		return 0;
	/* The hat is put on by the task itself. */
	err = save_label(w, who, module, t && has_hat(t) ? CKPT_LABEL_PREV : CKPT_LABEL_CURRENT,
			 &rec);
	if (rec)
		rec->kind = cpu_to_le16(CKPT_LABEL_CURRENT);
	for (kind = CKPT_LABEL_CURRENT + 1; t && !err && kind < ARRAY_SIZE(files); kind++)
		if (modules[module].kinds & BIT(kind))
			err = save_label(w, t, module, kind, &rec);
	return err;
}

/* ---- restoring --------------------------------------------------------------------- */

/* What a program writes to /proc/self/attr/KIND. Return: 0 or -errno. */
static int write_label(u16 module, u16 kind, char *text)
{
	int err = mutex_lock_killable(&current->signal->cred_guard_mutex);

	if (err)
		return err;
	err = -EOPNOTSUPP;
#ifdef CONFIG_SECURITY
	err = ksym(security_setprocattr)(modules[module].id, files[kind], text,
					 strlen(text) + 1);
#endif
	mutex_unlock(&current->signal->cred_guard_mutex);
	return min(err, 0);
}

static bool has_label(u16 module, u16 kind, const char *label)
{
	char *own = read_label(current, module, kind);
	bool has = !IS_ERR_OR_NULL(own) && !strcmp(own, label);

	free_label(own);
	return has;
}

static int __printf(3, 4) write_text(u16 module, u16 kind, const char *form, ...)
{
	va_list args;
	char *text;
	int err;

	va_start(args, form);
	text = kvasprintf(GFP_KERNEL_ACCOUNT, form, args);
	va_end(args);
	if (!text)
		return -ENOMEM;
	err = write_label(module, kind, text);
	kfree(text);
	return err;
}

static int fail(struct ckpt_restore *r, struct ckpt_item *item, const struct ckpt_view *view,
		int err)
{
	const struct ckpt_label *rec = view->body;
	u16 kind = le16_to_cpu(rec->kind);

	/* The module has said yes, and has done something else, or there is none. */
	err = err ?: -EPERM;
	ckpt_restore_err(r, item, "the %s label \"%s\" (%s) may not be set: %pe",
			 modules[le16_to_cpu(rec->module)].name, (char *)view->elems,
			 kind == CKPT_LABEL_HAT ? "hat" : files[kind], ERR_PTR(err));
	return err;
}

static int restore_kind(struct ckpt_restore *r, struct ckpt_item *item,
			const struct ckpt_view *view)
{
	const struct ckpt_label *rec = view->body;
	u16 module = le16_to_cpu(rec->module), kind = le16_to_cpu(rec->kind);
	const char *label = view->elems;
	int err;

	if (has_label(module, kind, label))
		return 0;
	err = write_text(module, kind, module == CKPT_LABEL_APPARMOR ? "changeprofile %s" : "%s",
			 label);
	return !err && has_label(module, kind, label) ? 0 : fail(r, item, view, err);
}

/* Where there is no AppArmor nobody is confined by it. */
static bool is_default(const struct ckpt_view *view)
{
	const struct ckpt_label *rec = view->body;

	return le16_to_cpu(rec->module) == CKPT_LABEL_APPARMOR &&
	       !strcmp(view->elems, "unconfined");
}

static int for_labels(struct ckpt_restore *r, struct ckpt_item *item, unsigned int kinds,
		      int (*restore)(struct ckpt_restore *r, struct ckpt_item *item,
				     const struct ckpt_view *view))
{
	struct ckpt_cursor cur;
	struct ckpt_view view;
	int err = 0;

	ckpt_cursor_init(&cur, item->bytes, item->size);
	while (!err && ckpt_next(&cur, &view) > 0) {
		const struct ckpt_label *rec = view.body;

		if (view.type != CKPT_REC_LABEL ||
		    !(kinds & BIT(le16_to_cpu(rec->kind))))
			continue;
		if (is_active(current, le16_to_cpu(rec->module)))
			err = restore(r, item, &view);
		else if (!is_default(&view))
			err = fail(r, item, &view, -EOPNOTSUPP);
	}
	return err;
}

/* The current one first: it decides which others may be set, as it did in the program. */
int ckpt_label_restore_creds(struct ckpt_restore *r, struct ckpt_item *item)
{
	return for_labels(r, item, BIT(CKPT_LABEL_CURRENT), restore_kind) ?:
	       for_labels(r, item, (u32)~BIT(CKPT_LABEL_CURRENT), restore_kind);
}

static int put_on_hat(struct ckpt_restore *r, struct ckpt_item *item,
		      const struct ckpt_view *view)
{
	const struct ckpt_label *rec = view->body;
	const char *label = view->elems, *hat = NULL;
	char *profile;
	int err = -EINVAL;

	profile = read_label(current, CKPT_LABEL_APPARMOR, CKPT_LABEL_CURRENT);
	if (!IS_ERR_OR_NULL(profile))
		hat = hat_of(label, profile);
	free_label(profile);
	if (hat)
		err = write_text(CKPT_LABEL_APPARMOR, CKPT_LABEL_CURRENT,
				 "changehat %016llx^%s", le64_to_cpu(rec->token), hat);
	return !err && has_label(CKPT_LABEL_APPARMOR, CKPT_LABEL_CURRENT, label) ?
		0 : fail(r, item, view, err);
}

static int set_exec(struct ckpt_restore *r, struct ckpt_item *item,
		    const struct ckpt_view *view)
{
	const struct ckpt_label *rec = view->body;
	bool stack = le32_to_cpu(rec->flags) & CKPT_LABEL_STACK;
	int err = write_text(CKPT_LABEL_APPARMOR, CKPT_LABEL_EXEC, "%s %s",
			     stack ? "stack" : "exec", (const char *)view->elems);

	return !err && has_label(CKPT_LABEL_APPARMOR, CKPT_LABEL_EXEC, view->elems) ?
		0 : fail(r, item, view, err);
}

/* The hat first, which would forget the other. */
int ckpt_label_restore_task(struct ckpt_newtask *t)
{
	int err = for_labels(t->r, t->item, BIT(CKPT_LABEL_HAT), put_on_hat);

	if (!err)
		err = for_labels(t->r, t->item, BIT(CKPT_LABEL_EXEC), set_exec);
	if (err || !is_held(current))
		return err;
	ckpt_restore_err(t->r, t->item, "would be held by the label that the writer has had before no_new_privs");
	return -EOPNOTSUPP;
}

