// SPDX-License-Identifier: GPL-2.0-only
/*
 * What holds between the tasks of an image.
 *
 * Threads and the process they are of, parents and children, who traces whom,
 * process groups and sessions. All tasks are put into one array, ascending by tid, for the
 * time of the check; their records stay where they are.
 */
#include "../object.h"

/**
 * struct node - a task
 * @task:	its record
 * @joint:	what it has in common with no relative, or NULL
 * @walk:	number of the walk to the root that has passed here, 0: none; of
 *		parents, and of those that clone
 * @member:	of a leader: index of a running thread of its process, or -1
 * @awaited:	somebody waits for it in vfork()
 */
struct node {
	const struct ckpt_task *task;
	const struct ckpt_joint *joint;
	u32 walk[2];
	s32 member;
	bool awaited;
};

struct tree {
	struct ckpt_check *chk;
	struct node *nodes;
	u32 nr;
};

static u32 tid_of(const struct node *node)
{
	return le32_to_cpu(node->task->tid);
}

static bool zombie(const struct node *node)
{
	return le32_to_cpu(node->task->state) == CKPT_TASK_ZOMBIE;
}

static bool is_leader(const struct node *node)
{
	return node->task->tid == node->task->tgid;
}

static struct node *find(const struct tree *tree, u32 tid)
{
	u32 low = 0, high = tree->nr;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (tid_of(tree->nodes + mid) == tid)
			return tree->nodes + mid;
		if (tid_of(tree->nodes + mid) < tid)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static struct node *leader_of(const struct tree *tree, const struct node *node)
{
	return find(tree, le32_to_cpu(node->task->tgid));
}

static const struct ckpt_process *process_of(const struct tree *tree, u32 tgid)
{
	return ckpt_check_body(tree->chk, CKPT_TYPE_PROCESS, tgid);
}

static int bad_task(const struct tree *tree, const struct node *node,
		    const char *what)
{
	ckpt_check_where(tree->chk, CKPT_TYPE_TASK, tid_of(node));
	return ckpt_bad(tree->chk, what);
}

/* ---- a task by itself ------------------------------------------------------ */

static bool has_file(const struct tree *tree, u32 type, u64 id)
{
	return tree->chk->exists(tree->chk->priv, type, id);
}

static int check_parts(const struct tree *tree, const struct node *node)
{
	const struct ckpt_task *task = node->task;
	u32 tid = tid_of(node);

	if (le64_to_cpu(task->process) != le32_to_cpu(task->tgid))
		return bad_task(tree, node, "of no process");
	if (zombie(node))
		return 0;
	if (!has_file(tree, CKPT_TYPE_REGS, tid) ||
	    !has_file(tree, CKPT_TYPE_SIGNALS, tid))
		return bad_task(tree, node, "a part is missing");
	return 0;
}

/* ---- threads --------------------------------------------------------------- */

static int check_thread(const struct tree *tree, struct node *node)
{
	struct node *leader = leader_of(tree, node);
	const struct ckpt_task *task = node->task, *other;

	if (!leader || !is_leader(leader))
		return bad_task(tree, node, "has no leader");
	/* The kernel knows a leader by an exit signal that is not -1. */
	if (is_leader(node) == (le32_to_cpu(task->exit_signal) == (u32)-1))
		return bad_task(tree, node, "exit_signal of a thread, or none");
	if (leader->task->ppid != task->ppid)
		return bad_task(tree, node, "has not its process's parent");
	if (leader != node && zombie(node))
		return bad_task(tree, node, "a zombie that is a thread");
	if (zombie(node))
		return 0;
	if (leader->member < 0)
		leader->member = node - tree->nodes;
	other = tree->nodes[leader->member].task;
	if (task->mm != other->mm || task->sighand != other->sighand)
		return bad_task(tree, node, "shares no memory with its process");
	return 0;
}

/* A leader that ended before its threads has what one of them has: it is cloned so. */
static int check_ended(const struct tree *tree, const struct node *node)
{
	const struct ckpt_task *task = node->task, *other;
	const bool threads = node->member >= 0;

	if (!zombie(node))
		return 0;
	if (threads == !task->mm)
		return bad_task(tree, node, "a zombie with memory and no threads, or without");
	if (node->member < 0)
		return 0;
	other = tree->nodes[node->member].task;
	if (task->mm != other->mm || task->sighand != other->sighand)
		return bad_task(tree, node, "shares no memory with its process");
	return 0;
}

/* ---- parents --------------------------------------------------------------- */

/* The leader of the process whose child @node's process is; NULL: outside. */
static struct node *parent_of(const struct tree *tree, const struct node *node)
{
	u32 ppid = le32_to_cpu(node->task->ppid);
	struct node *parent = ppid ? find(tree, ppid) : NULL;

	return parent ? leader_of(tree, parent) : NULL;
}

/* The task that clones it; NULL: the writer. */
static struct node *maker_of(const struct tree *tree, const struct node *node)
{
	const struct ckpt_task *task = node->task;

	if (task->maker)
		return find(tree, le32_to_cpu(task->maker));
	return is_leader(node) ? find(tree, le32_to_cpu(task->ppid)) : leader_of(tree, node);
}

static struct node *(*const ways[2])(const struct tree *tree, const struct node *node) = {
	parent_of, maker_of,
};

/* Each task is passed once: a later walk stops where an earlier one was. */
static int check_ancestors(const struct tree *tree, u32 walk)
{
	struct node *start = tree->nodes + walk - 1, *node;
	unsigned int way;

	for (way = 0; way < 2; way++) {
		for (node = start; node && !node->walk[way]; node = ways[way](tree, node))
			node->walk[way] = walk;
		if (node && node->walk[way] == walk)
			return bad_task(tree, start, way ? "is cloned from itself" :
					"is its own ancestor");
	}
	return 0;
}

/* A thread is cloned from one of its process. */
static int check_maker(const struct tree *tree, const struct node *node)
{
	u32 tid = le32_to_cpu(node->task->maker);
	const struct node *maker = tid ? find(tree, tid) : NULL;
	bool same;

	if (!maker)
		return 0;
	if (zombie(maker) || !node->task->mm)
		return bad_task(tree, node, "cloned from a zombie, or as one that has nothing");
	same = maker->task->tgid == node->task->tgid;
	if (is_leader(node) == same)
		return bad_task(tree, node, "cloned from one of another process, or of its own");
	return 0;
}

/* The children of a dying task are given to another before it is a zombie. */
static int check_parent(const struct tree *tree, const struct node *node)
{
	u32 ppid = le32_to_cpu(node->task->ppid);
	const struct node *parent = ppid ? find(tree, ppid) : NULL;

	if (parent && zombie(parent))
		return bad_task(tree, node, "child of a zombie");
	return 0;
}

static int check_vfork(const struct tree *tree, const struct node *node)
{
	bool waits = le32_to_cpu(node->task->flags) & CKPT_TASK_VFORKING;
	u32 tid = le32_to_cpu(node->task->vfork_child);
	struct node *child = find(tree, tid);

	if (waits == !tid)
		return bad_task(tree, node, "vfork_child without a vfork");
	if (!tid)
		return 0;
	if (!child || zombie(child) || child == node || child->awaited)
		return bad_task(tree, node, "waits for itself, nobody, or what another waits for");
	child->awaited = true;
	return 0;
}

/* ---- what they share -------------------------------------------------------- */

enum what { FILES, FS, MM, SIGHAND, IO, SYSVSEM };

/* What only flags and the record tell of has none. */
static u64 id_of(const struct node *node, enum what what)
{
	switch (what) {
	case FILES:
		return le64_to_cpu(node->task->fdtable);
	case FS:
		return le64_to_cpu(node->task->fs);
	case MM:
		return le64_to_cpu(node->task->mm);
	case SIGHAND:
		return le64_to_cpu(node->task->sighand);
	default:
		return 0;
	}
}

/* The first that has the same, 0: its record says nothing of that. */
static u32 joint_with(const struct node *node, enum what what)
{
	if (!node->joint)
		return 0;
	switch (what) {
	case FILES:
		return le32_to_cpu(node->joint->files);
	case FS:
		return le32_to_cpu(node->joint->fs);
	case IO:
		return le32_to_cpu(node->joint->io);
	case SYSVSEM:
		return le32_to_cpu(node->joint->sysvsem);
	default:
		return 0;
	}
}

/* Has it the same as the one that it is cloned from? */
static bool inherits(const struct tree *tree, const struct node *node, enum what what)
{
	const struct node *maker = maker_of(tree, node);
	u32 flags = le32_to_cpu(node->task->flags);

	if (!maker)
		return false;
	switch (what) {
	case IO:
		return flags & CKPT_TASK_IO;
	case SYSVSEM:
		return flags & CKPT_TASK_SYSVSEM;
	default:
		return id_of(node, what) && id_of(node, what) == id_of(maker, what);
	}
}

/* Who is the first that has it neither inherits it nor has it from another. */
static int check_joint(const struct tree *tree, const struct node *node)
{
	static const enum what joint[] = { FILES, FS, IO, SYSVSEM };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(joint); i++) {
		u32 tid = joint_with(node, joint[i]);
		const struct node *first = find(tree, tid);

		if (!tid)
			continue;
		if (!first || !node->task->mm || !first->task->mm)
			return bad_task(tree, node, "has something in common with a zombie, or as one");
		if (inherits(tree, node, joint[i]) || inherits(tree, first, joint[i]) ||
		    joint_with(first, joint[i]))
			return bad_task(tree, node, "has from two what it has in common");
		if (id_of(node, joint[i]) != id_of(first, joint[i]))
			return bad_task(tree, node, "has not what it has in common");
	}
	return 0;
}

static int by_id(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* Who has it from nobody is the only such one: all others have it from somebody. */
static int check_first(const struct tree *tree, enum what what)
{
	u64 *ids = ckpt_alloc((size_t)tree->nr * sizeof(*ids));
	u32 nr = 0, i;
	int ret = 0;

	if (!ids)
		return -ENOMEM;
	for (i = 0; i < tree->nr; i++) {
		const struct node *node = tree->nodes + i;

		if (id_of(node, what) && !inherits(tree, node, what) && !joint_with(node, what))
			ids[nr++] = id_of(node, what);
		ckpt_relax();
	}
	ckpt_sort(ids, nr, sizeof(*ids), by_id);
	for (i = 1; !ret && i < nr; i++)
		if (ids[i - 1] == ids[i])
			ret = ckpt_bad(tree->chk, "several tasks have from nobody what they share");
	ckpt_free(ids);
	return ret;
}

/* ---- tracers ---------------------------------------------------------------- */

/* PTRACE_EVENT_STOP, as ptrace(2) has it. */
#define EVENT_STOP	128

/* A call that is made again would keep it from its stop. */
static bool waits(const void *bytes, size_t size)
{
	const struct ckpt_restart *restart;
	struct ckpt_view view;

	if (!ckpt_find(bytes, size, CKPT_REC_RESTART, &view))
		return false;
	restart = view.body;
	return le32_to_cpu(restart->kind) == CKPT_RESTART_WAIT;
}

/*
 * A task whose tracer dies before it has said with what to go on takes what there is: the
 * kernel looks that up as a signal where it has stopped for one.
 */
bool ckpt_stop_code_fits(u32 stop, u32 code)
{
	u32 signal = code & 0xff, event = code >> 8;

	if (!code)
		return true;
	if (stop == CKPT_TRACEE_RUNS || !signal || signal > CKPT_NSIG)
		return false;
	return event == (stop == CKPT_TRACEE_TRAP ? EVENT_STOP : 0);
}

static int check_stop(const struct ckpt_check *chk, const struct ckpt_view *view)
{
	const struct ckpt_tracee *rec = view->body;
	u32 stop = le32_to_cpu(rec->stop), flags = le32_to_cpu(rec->flags);
	bool seized = flags & CKPT_TRACEE_SEIZED;
	bool has_siginfo = stop == CKPT_TRACEE_SIGNAL || stop == CKPT_TRACEE_TRAP;

	if (has_siginfo == !view->count)
		return ckpt_bad(chk, "a stop without its siginfo, or a siginfo without a stop");
	if ((stop == CKPT_TRACEE_TRAP && !seized) || (stop == CKPT_TRACEE_GROUP && seized))
		return ckpt_bad(chk, "a stop that is not of its way of being traced");
	if (!ckpt_stop_code_fits(stop, le32_to_cpu(rec->code)))
		return ckpt_bad(chk, "a stop with what no stop of its kind tells");
	if (!seized && flags & (CKPT_TRACEE_INTERRUPT | CKPT_TRACEE_NOTIFY))
		return ckpt_bad(chk, "interrupted, but not seized");
	if (stop == CKPT_TRACEE_RUNS &&
	    (rec->message ||
	     flags & ~(CKPT_TRACEE_SEIZED | CKPT_TRACEE_BY_ITSELF)))
		return ckpt_bad(chk, "runs, and has what only a stop has");
	return 0;
}

int ckpt_check_tracee(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	const struct ckpt_task *task;
	const struct ckpt_tracee *rec;
	struct ckpt_view view;
	int ret;

	if (!ckpt_find(bytes, size, CKPT_REC_TRACEE, &view))
		return 0;
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_TRACEE, &view);
	if (!ret)
		ret = check_stop(chk, &view);
	if (ret)
		return ret;
	rec = view.body;
	ckpt_find(bytes, size, CKPT_REC_TASK, &view);
	task = view.body;
	if (le32_to_cpu(rec->stop) != CKPT_TRACEE_RUNS &&
	    (le32_to_cpu(task->flags) & CKPT_TASK_VFORKING || waits(bytes, size)))
		return ckpt_bad(chk, "waits, and is in a stop of its tracer");
	return 0;
}

/* Nobody traces his own process. */
static int check_tracer(const struct tree *tree, const struct node *node)
{
	const struct ckpt_tracee *rec;
	const struct node *tracer;
	struct ckpt_view view;

	rec = ckpt_check_record(tree->chk, CKPT_TYPE_TASK, tid_of(node), CKPT_REC_TRACEE,
				&view);
	if (!rec)
		return 0;
	if (zombie(node))
		return bad_task(tree, node, "a zombie that is traced");
	tracer = find(tree, le32_to_cpu(rec->tracer));
	if (!tracer || zombie(tracer) || tracer->task->tgid == node->task->tgid)
		return bad_task(tree, node, "traced by nobody, or by its own process");
	return 0;
}

/* ---- process groups and sessions ------------------------------------------- */

const __le32 *ckpt_check_session(const struct ckpt_check *chk, u32 nr)
{
	const struct ckpt_process *process = ckpt_check_body(chk, CKPT_TYPE_PROCESS, nr);
	const struct ckpt_leader *gone;

	if (process)
		return &process->sid;
	gone = ckpt_check_body(chk, CKPT_TYPE_LEADER, nr);
	return gone ? &gone->sid : NULL;
}

static int check_process(const struct tree *tree, const struct node *leader)
{
	u32 tgid = tid_of(leader), pgid, sid;
	const struct ckpt_process *process = process_of(tree, tgid);
	const __le32 *session;

	ckpt_check_where(tree->chk, CKPT_TYPE_PROCESS, tgid);
	if (!process || le32_to_cpu(process->tgid) != tgid)
		return ckpt_bad(tree->chk, "of another process");
	pgid = le32_to_cpu(process->pgid);
	sid = le32_to_cpu(process->sid);
	if (le32_to_cpu(process->flags) & CKPT_PROCESS_LEADER &&
	    (sid != tgid || pgid != tgid))
		return ckpt_bad(tree->chk, "leads a session that it is not in");
	session = ckpt_check_session(tree->chk, sid);
	if (sid && (!session || *session != process->sid))
		return ckpt_bad(tree->chk, "the session has no leader");
	if (sid == tgid && pgid != tgid)
		return ckpt_bad(tree->chk, "leads a session from another group");
	/* A group led from outside is of a session led from outside. */
	if (!pgid)
		return sid ? ckpt_bad(tree->chk, "the process group is of another session") : 0;
	session = ckpt_check_session(tree->chk, pgid);
	if (!session)
		return ckpt_bad(tree->chk, "the process group has no leader");
	if (*session != process->sid)
		return ckpt_bad(tree->chk, "the process group is of another session");
	return 0;
}

/* ---- the whole --------------------------------------------------------------- */

static int check_node(const struct tree *tree, struct node *node)
{
	int ret = check_parts(tree, node);

	if (!ret)
		ret = check_thread(tree, node);
	if (!ret)
		ret = check_parent(tree, node);
	if (!ret)
		ret = check_maker(tree, node);
	if (!ret)
		ret = check_joint(tree, node);
	if (!ret)
		ret = check_vfork(tree, node);
	if (!ret)
		ret = check_tracer(tree, node);
	if (!ret && is_leader(node))
		ret = check_process(tree, node);
	return ret;
}

static int check_tree(const struct tree *tree)
{
	bool root = false;
	enum what what;
	int ret = 0;
	u32 i;

	for (i = 0; !ret && i < tree->nr; i++) {
		ret = check_node(tree, tree->nodes + i);
		ckpt_relax();
	}
	for (i = 0; !ret && i < tree->nr; i++) {
		ret = check_ended(tree, tree->nodes + i);
		if (!ret)
			ret = check_ancestors(tree, i + 1);
		root |= !tree->nodes[i].task->ppid;
	}
	if (!ret && !root)
		return ckpt_bad(tree->chk, "no task has its parent outside");
	for (what = FILES; !ret && what <= SIGHAND; what++)
		ret = check_first(tree, what);
	return ret;
}

/* Tasks ascend, as ids do: the id of a task is its tid. */
static int fill(struct tree *tree)
{
	struct ckpt_check *chk = tree->chk;
	u64 id = 0;
	u32 i = 0;

	while ((id = chk->next(chk->priv, CKPT_TYPE_TASK, id))) {
		struct node *node = tree->nodes + i++;
		struct ckpt_view view;

		node->joint = ckpt_check_record(chk, CKPT_TYPE_TASK, id, CKPT_REC_JOINT, &view);
		node->task = ckpt_check_body(chk, CKPT_TYPE_TASK, id);
		node->member = -1;
		ckpt_check_where(chk, CKPT_TYPE_TASK, id);
		if (tid_of(node) != id)
			return ckpt_bad(chk, "of another task");
	}
	return 0;
}

int ckpt_check_tasks(struct ckpt_check *chk)
{
	const struct ckpt_header *header;
	struct tree tree = { .chk = chk };
	struct ckpt_view view;
	u64 id = 0, size = 0;
	const void *bytes;
	int ret;

	while ((id = chk->next(chk->priv, CKPT_TYPE_TASK, id)))
		tree.nr++;
	bytes = chk->bytes(chk->priv, 0, CKPT_TOP_HEADER, &size);
	ckpt_find(bytes, size, CKPT_REC_HEADER, &view);
	header = view.body;
	ckpt_check_where(chk, 0, CKPT_TOP_HEADER);
	if (!tree.nr || le32_to_cpu(header->nr_tasks) != tree.nr)
		return ckpt_bad(chk, "nr_tasks");

	tree.nodes = ckpt_alloc((size_t)tree.nr * sizeof(*tree.nodes));
	if (!tree.nodes)
		return -ENOMEM;
	ret = fill(&tree);
	if (!ret)
		ret = check_tree(&tree);
	ckpt_free(tree.nodes);
	return ret;
}
