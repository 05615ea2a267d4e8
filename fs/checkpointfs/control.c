// SPDX-License-Identifier: GPL-2.0-only
/*
 * control: one command per write, one line per container when it is read.
 *
 * Commands and their words are two tables. A command is parsed in whole before
 * anything is done; what is not understood is refused and named in the log. It
 * runs with the writer's credentials and returns when it is done. Nothing here
 * outlives a write; locks are container.c's.
 */
#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/pid.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "checkpointfs.h"

#define COMMAND_MAX	16383		/* bytes; more than a thousand roots */
#define TIMEOUT_DEFAULT	60		/* seconds */
#define TIMEOUT_MAX	(7 * 86400)
#define HOLD_DEFAULT	60		/* seconds */
#define SAY_MAX		100		/* of a wrong word, in messages */

/**
 * struct command - a parsed line
 * @mount:	where it was written
 * @verb:	its first word, for messages
 * @freeze:	name, roots, time-out, hold=, since= and external=
 * @seen:	words that have come, by their place in the table
 */
struct command {
	struct ckpt_mount *mount;
	const char *verb;
	struct ckpt_freeze_args freeze;
	unsigned long seen;
};

/* ---- words ------------------------------------------------------------------ */

/* Digits and nothing else. */
static int parse_number(const char *text, unsigned int *number)
{
	if (!isdigit(*text) || text[strspn(text, "0123456789")])
		return -EINVAL;
	return kstrtouint(text, 10, number);
}

static int parse_pid(struct command *cmd, char *value)
{
	struct ckpt_root *root = &cmd->freeze.roots[cmd->freeze.nr_roots];
	unsigned int nr, i;

	if (parse_number(value, &nr) || !nr || nr > INT_MAX) {
		ckpt_err(cmd->mount, "%s: pid=%.*s is not a process id",
			 cmd->verb, SAY_MAX, value);
		return -EINVAL;
	}
	root->pid = find_get_pid(nr);
	if (!root->pid) {
		ckpt_err(cmd->mount, "%s: there is no process %u", cmd->verb,
			 nr);
		return -ESRCH;
	}
	cmd->freeze.nr_roots++;		/* it owns the reference */
	for (i = 0; i + 1 < cmd->freeze.nr_roots; i++)
		if (cmd->freeze.roots[i].pid == root->pid) {
			ckpt_err(cmd->mount, "%s: pid=%u is there twice",
				 cmd->verb, nr);
			return -EINVAL;
		}
	return 0;
}

static int parse_cgroup(struct command *cmd, char *value)
{
	if (*value != '/' || strlen(value) >= PATH_MAX) {
		ckpt_err(cmd->mount, "%s: cgroup= takes a path that begins with a slash",
			 cmd->verb);
		return -EINVAL;
	}
	cmd->freeze.roots[cmd->freeze.nr_roots++].cgroup = value;
	return 0;
}

static int parse_seconds(struct command *cmd, const char *word, const char *value,
			 unsigned int *seconds)
{
	if (parse_number(value, seconds) || *seconds > TIMEOUT_MAX) {
		ckpt_err(cmd->mount, "%s: %s takes 0 to %u seconds", cmd->verb, word,
			 TIMEOUT_MAX);
		return -EINVAL;
	}
	return 0;
}

static int parse_timeout(struct command *cmd, char *value)
{
	return parse_seconds(cmd, "timeout=", value, &cmd->freeze.timeout);
}

static int parse_hold(struct command *cmd, char *value)
{
	return parse_seconds(cmd, "hold=", value, &cmd->freeze.hold);
}

static int parse_since(struct command *cmd, char *value)
{
	if (!ckpt_name_valid(value)) {
		ckpt_err(cmd->mount, "%s: since=%.*s is not the name of a container",
			 cmd->verb, SAY_MAX, value);
		return -EINVAL;
	}
	strscpy(cmd->freeze.since, value);
	return 0;
}

static int parse_external(struct command *cmd, char *value)
{
	struct ckpt_externals *all = &cmd->freeze.externals;

	if (!ckpt_external_parse(value, false, &all->words[all->nr])) {
		ckpt_err(cmd->mount, "%s: external= takes PID:FD", cmd->verb);
		return -EINVAL;
	}
	all->nr++;
	return 0;
}

enum word {
	WORD_PID,
	WORD_CGROUP,
	WORD_TIMEOUT,
	WORD_SINCE,
	WORD_EXTERNAL,
	WORD_KILL,
	WORD_HOLD,
	NR_WORDS,
};

/* A text that ends in '=' has a value behind it, which parse() gets. */
static const struct {
	const char *text;
	bool repeats;
	int (*parse)(struct command *cmd, char *value);
} words[NR_WORDS] = {
	[WORD_PID]	= { "pid=",	true,	parse_pid },
	[WORD_CGROUP]	= { "cgroup=",	true,	parse_cgroup },
	[WORD_TIMEOUT]	= { "timeout=",	false,	parse_timeout },
	[WORD_SINCE]	= { "since=",	false,	parse_since },
	[WORD_EXTERNAL]	= { "external=", true,	parse_external },
	[WORD_KILL]	= { "kill",	false,	NULL },
	[WORD_HOLD]	= { "hold=",	false,	parse_hold },
};

/* ---- commands --------------------------------------------------------------- */

int ckpt_container_permission(const struct ckpt_container *con)
{
	if (uid_eq(con->uid, current_fsuid()) || capable(CAP_SYS_ADMIN))
		return 0;
	ckpt_err(con->mount, "%s: belongs to another user", con->name);
	return -EPERM;
}

/* The container that a command names, if the caller may act on it. */
static struct ckpt_container *find(struct command *cmd)
{
	struct ckpt_container *con;
	int err;

	con = ckpt_container_find(cmd->mount, cmd->freeze.name);
	if (!con) {
		ckpt_err(cmd->mount, "%s: there is no container %s", cmd->verb,
			 cmd->freeze.name);
		return ERR_PTR(-ENOENT);
	}
	err = ckpt_container_permission(con);
	if (err) {
		ckpt_container_put(con);
		return ERR_PTR(err);
	}
	return con;
}

static int run_freeze(struct command *cmd)
{
	struct ckpt_container *con;

	con = ckpt_container_freeze(cmd->mount, &cmd->freeze, CKPT_FREEZE);
	if (IS_ERR(con))
		return PTR_ERR(con);
	ckpt_container_put(con);
	return 0;
}

static int run_commit(struct command *cmd)
{
	struct ckpt_container *con = find(cmd);
	int err;

	if (IS_ERR(con))
		return PTR_ERR(con);
	err = ckpt_container_commit(con, test_bit(WORD_KILL, &cmd->seen), cmd->freeze.hold);
	ckpt_container_put(con);
	return err;
}

static int run_snapshot(struct command *cmd)
{
	bool kill = test_bit(WORD_KILL, &cmd->seen);
	struct ckpt_container *con;

	con = ckpt_container_freeze(cmd->mount, &cmd->freeze,
				    kill ? CKPT_SNAPSHOT_KILL : CKPT_SNAPSHOT);
	if (IS_ERR(con))
		return PTR_ERR(con);
	ckpt_container_put(con);
	return 0;
}

static int run_thaw(struct command *cmd)
{
	struct ckpt_container *con = find(cmd);
	int err;

	if (IS_ERR(con))
		return PTR_ERR(con);
	err = ckpt_container_thaw(con);
	ckpt_container_put(con);
	return err;
}

static int run_remove(struct command *cmd)
{
	struct ckpt_container *con = find(cmd);
	int err;

	if (IS_ERR(con))
		return PTR_ERR(con);
	err = ckpt_container_remove(con);
	ckpt_container_put(con);
	return err;
}

#define ROOTS		(BIT(WORD_PID) | BIT(WORD_CGROUP))
#define WHAT		(ROOTS | BIT(WORD_EXTERNAL))
#define FREEZE		(WHAT | BIT(WORD_TIMEOUT))
#define KILL		(BIT(WORD_KILL) | BIT(WORD_HOLD))
#define SNAPSHOT	(WHAT | BIT(WORD_SINCE) | KILL)

static const struct verb {
	const char *text;
	unsigned long words;	/* that it takes */
	unsigned long needs;	/* at least one of these */
	int (*run)(struct command *cmd);
} verbs[] = {
	{ "freeze",	FREEZE,			ROOTS,	run_freeze },
	{ "commit",	KILL,			0,	run_commit },
	{ "snapshot",	SNAPSHOT,		ROOTS,	run_snapshot },
	{ "thaw",	0,			0,	run_thaw },
	{ "remove",	0,			0,	run_remove },
};

/* ---- parsing ------------------------------------------------------------------ */

static char *next_word(char **text)
{
	char *word;

	do {
		word = strsep(text, " \t");
	} while (word && !*word);
	return word;
}

static int parse_word(struct command *cmd, const struct verb *verb, char *text)
{
	size_t len;
	unsigned int i;

	for (i = 0; i < NR_WORDS; i++) {
		len = strlen(words[i].text);
		if (!strncmp(text, words[i].text, len) &&
		    (words[i].parse || !text[len]))
			break;
	}
	if (i == NR_WORDS || !(verb->words & BIT(i))) {
		ckpt_err(cmd->mount, "%s: '%.*s' is not a word of this command",
			 cmd->verb, SAY_MAX, text);
		return -EINVAL;
	}
	if (test_and_set_bit(i, &cmd->seen) && !words[i].repeats) {
		ckpt_err(cmd->mount, "%s: '%s' is there twice", cmd->verb,
			 words[i].text);
		return -EINVAL;
	}
	return words[i].parse ? words[i].parse(cmd, text + len) : 0;
}

static int parse_name(struct command *cmd, const char *name)
{
	if (!name || !ckpt_name_valid(name)) {
		ckpt_err(cmd->mount,
			 "%s: '%.*s' is not the name of a container", cmd->verb,
			 SAY_MAX, name ?: "");
		return -EINVAL;
	}
	strscpy(cmd->freeze.name, name);
	return 0;
}

static int parse_words(struct command *cmd, const struct verb *verb, char *text)
{
	int err = parse_name(cmd, next_word(&text));
	char *word;

	while (!err && (word = next_word(&text)))
		err = parse_word(cmd, verb, word);
	if (err)
		return err;
	if (verb->needs && !(cmd->seen & verb->needs)) {
		ckpt_err(cmd->mount, "%s: needs pid= or cgroup=", cmd->verb);
		return -EINVAL;
	}
	if (test_bit(WORD_HOLD, &cmd->seen) && !test_bit(WORD_KILL, &cmd->seen)) {
		ckpt_err(cmd->mount, "%s: hold= needs kill", cmd->verb);
		return -EINVAL;
	}
	return 0;
}

static const struct verb *find_verb(struct command *cmd)
{
	unsigned int i;

	for (i = 0; cmd->verb && i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(cmd->verb, verbs[i].text))
			return &verbs[i];
	ckpt_err(cmd->mount, "control: '%.*s' is not a command", SAY_MAX, cmd->verb ?: "");
	return NULL;
}

static int alloc_words(struct command *cmd, const char *text)
{
	struct ckpt_freeze_args *args = &cmd->freeze;
	size_t n = 0;

	/* Each root, and each file, has a '=' in it. */
	while ((text = strchr(text, '='))) {
		text++;
		n++;
	}
	args->roots = kvcalloc(n, sizeof(*args->roots), GFP_KERNEL_ACCOUNT);
	args->externals.words = kvcalloc(n, sizeof(*args->externals.words), GFP_KERNEL_ACCOUNT);
	return n && !(args->roots && args->externals.words) ? -ENOMEM : 0;
}

static void free_words(struct command *cmd)
{
	unsigned int i;

	for (i = 0; i < cmd->freeze.nr_roots; i++)
		put_pid(cmd->freeze.roots[i].pid);
	kvfree(cmd->freeze.roots);
	kvfree(cmd->freeze.externals.words);
}

static int run(struct ckpt_mount *m, char *text)
{
	struct command cmd = {
		.mount = m,
		.freeze.timeout = TIMEOUT_DEFAULT,
		.freeze.hold = HOLD_DEFAULT,
	};
	const struct verb *verb;
	int err = alloc_words(&cmd, text);

	if (err) {
		ckpt_say(m, "control", err);
		goto out;
	}
	cmd.verb = next_word(&text);
	verb = find_verb(&cmd);
	err = verb ? parse_words(&cmd, verb, text) : -EINVAL;
	if (!err)
		err = ckpt_say(m, cmd.verb, verb->run(&cmd));
out:
	free_words(&cmd);
	return err;
}

/* ---- the file ------------------------------------------------------------------- */

/* What is wrong with a command before its words are looked at, or NULL. */
static const char *wrong_text(const char *text, size_t len)
{
	if (strlen(text) != len)
		return "has a NUL in it";
	if (strpbrk(text, "\n\r"))
		return "has more than one line";
	return NULL;
}

static ssize_t control_write(struct file *file, const char __user *from,
			     size_t len, loff_t *pos)
{
	struct ckpt_mount *m = ckpt_mount(file_inode(file)->i_sb);
	const char *wrong;
	size_t end = len;
	char *text;
	int err;

	if (!ckpt_may_write(file)) {
		ckpt_err(m, "control: the writer has more rights than who opened it, or is a thread of the kernel");
		return -EPERM;
	}
	if (len > COMMAND_MAX) {
		ckpt_err(m, "control: a command of more than %u bytes",
			 COMMAND_MAX);
		return -EINVAL;
	}
	text = memdup_user_nul(from, len);
	if (IS_ERR(text))
		return ckpt_say(m, "control", PTR_ERR(text));
	if (end && text[end - 1] == '\n')
		text[--end] = '\0';
	wrong = wrong_text(text, end);
	if (wrong) {
		ckpt_err(m, "control: the command %s", wrong);
		err = -EINVAL;
	} else {
		err = run(m, text);
	}
	kfree(text);
	return err ?: len;
}

static unsigned long seconds_left(const struct ckpt_container *con)
{
	unsigned long deadline = READ_ONCE(con->deadline), now = jiffies;

	if (!deadline || time_after_eq(now, deadline))
		return 0;
	return DIV_ROUND_UP(deadline - now, HZ);
}

static u64 pause_us(const struct ckpt_container *con)
{
	return READ_ONCE(con->pause) ?: ktime_us_delta(ktime_get(), con->stopped);
}

/* All of it at once, so that it is of one moment however it is read. */
static int control_show(struct seq_file *seq, void *unused)
{
	struct ckpt_mount *m = seq->private;
	const struct ckpt_container *con;

	guard(mutex)(&m->lock);
	list_for_each_entry(con, &m->containers, node) {
		seq_printf(seq, "%s %s", con->name,
			   ckpt_state_name(con->state));
		if (con->state != CKPT_NEW)
			seq_printf(seq, " pid=%d tasks=%u objects=%u bytes=%llu timeout=%lu pause=%llu",
				   con->root_tgid, con->nr_tasks,
				   con->nr_objects, con->nr_content,
				   seconds_left(con), pause_us(con));
		seq_putc(seq, '\n');
	}
	return 0;
}

static int control_open(struct inode *inode, struct file *file)
{
	return single_open(file, control_show, ckpt_mount(inode->i_sb));
}

const struct file_operations checkpointfs_control_fops = {
	.owner		= THIS_MODULE,
	.open		= control_open,
	.llseek		= seq_lseek,
	.read_iter	= seq_read_iter,
	.splice_read	= copy_splice_read,
	.write		= control_write,
	.release	= single_release,
};
