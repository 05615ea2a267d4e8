// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open files of pseudoterminals: of ptmx, of pts, and of /dev/tty that is a pts. And of
 * lines, which are all other terminals: serial ones, virtual consoles, the console.
 *
 * What is in a terminal and how it is set belongs to the pair, or line (pty.c), which opens
 * all of its files when it is made, because the order matters: those that have been
 * hung up come first. The path of a ptmx is that of its pair; that of a pts is gone
 * when its ptmx has been closed.
 */
#include "../object.h"

#define TTY_FLAGS	(CKPT_O_FLAGS & ~(CKPT_O_PATH | CKPT_O_DIRECTORY | CKPT_O_TMPFILE))

static bool has(const void *bytes, size_t size, u16 record)
{
	struct ckpt_view view;

	return ckpt_find(bytes, size, record, &view);
}

/* As st_rdev of stat(2) is made of the two. */
static u32 number_of(const struct ckpt_device *dev)
{
	u32 major = le32_to_cpu(dev->major), minor = le32_to_cpu(dev->minor);

	return (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
}

/* /dev/console and /dev/tty0 lead to one of them. */
static bool line_device(const struct ckpt_device *dev, const struct ckpt_pty *pty)
{
	return number_of(dev) == le32_to_cpu(pty->index) || number_of(dev) == 0x501 ||
	       number_of(dev) == 0x400;
}

static bool pts_device(const struct ckpt_device *dev, const struct ckpt_pty *pty)
{
	return dev->major == cpu_to_le32(136) && dev->minor == pty->index;
}

/* It is /dev/tty, or the pair's own. */
static int check_device(const struct ckpt_check *chk, const void *bytes, size_t size,
			const struct ckpt_pty *pty)
{
	const struct ckpt_device *dev;
	struct ckpt_view view;
	int ret = ckpt_check_once(chk, bytes, size, CKPT_REC_DEVICE, &view);

	if (ret)
		return ret;
	dev = view.body;
	if (number_of(dev) != 0x500 && !(le32_to_cpu(pty->flags) & CKPT_PTY_LINE ?
					 line_device(dev, pty) : pts_device(dev, pty)))
		return ckpt_bad(chk, "another terminal than its pair");
	return 0;
}

/* Without a path it cannot be opened any more, so it has been hung up. */
static int check_pathless(const struct ckpt_check *chk, const void *bytes, size_t size,
			  const struct ckpt_tty *tty)
{
	const struct ckpt_file *file;
	struct ckpt_view view;
	int ret = ckpt_check_once(chk, bytes, size, CKPT_REC_FILE, &view);

	if (ret)
		return ret;
	file = view.body;
	if (le32_to_cpu(file->flags) & ~TTY_FLAGS ||
	    (le32_to_cpu(tty->side) == CKPT_TTY_PTMX &&
	     (le32_to_cpu(file->flags) & CKPT_O_ACCMODE) != CKPT_O_RDWR))
		return ckpt_bad(chk, "not the flags of a terminal");
	if (has(bytes, size, CKPT_REC_INODE) || has(bytes, size, CKPT_REC_DEVICE))
		return ckpt_bad(chk, "a terminal without a path that says where it is");
	if (le32_to_cpu(tty->side) == CKPT_TTY_PTS &&
	    !(le32_to_cpu(tty->flags) & CKPT_TTY_HUNG_UP))
		return ckpt_bad(chk, "a pts without a path");
	return 0;
}

static int tty_check(const struct ckpt_check *chk, u64 id, const void *bytes, size_t size)
{
	const struct ckpt_file *file;
	const struct ckpt_pty *pty;
	const struct ckpt_tty *tty;
	struct ckpt_view view;
	bool hung_up, ptmx, line;
	int ret;

	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_TTY, &view);
	if (ret)
		return ret;
	tty = view.body;
	pty = ckpt_check_body(chk, CKPT_TYPE_PTY, le64_to_cpu(tty->pty));
	if (!pty)
		return ckpt_bad(chk, "a terminal without its pair");
	ptmx = le32_to_cpu(tty->side) == CKPT_TTY_PTMX;
	line = le32_to_cpu(tty->side) == CKPT_TTY_LINE;
	hung_up = le32_to_cpu(tty->flags) & CKPT_TTY_HUNG_UP;
	if (ptmx ? hung_up || le32_to_cpu(pty->flags) & CKPT_PTY_CLOSED :
		   !hung_up && le32_to_cpu(pty->flags) & CKPT_PTY_CLOSED)
		return ckpt_bad(chk, "open, though its ptmx is closed, or hung up itself");
	if (line != !!(le32_to_cpu(pty->flags) & CKPT_PTY_LINE) || (line && hung_up))
		return ckpt_bad(chk, "a line that is a pair, or hung up");
	ckpt_find(bytes, size, CKPT_REC_FILE, &view);
	file = view.body;
	if (file->pos)
		return ckpt_bad(chk, "a terminal with a position");
	if (ptmx || (!line && !has(bytes, size, CKPT_REC_PATH)))
		return has(bytes, size, CKPT_REC_PATH) ?
			ckpt_bad(chk, "a ptmx with a path of its own") :
			check_pathless(chk, bytes, size, tty);
	ret = ckpt_check_named(chk, bytes, size, S_IFCHR, TTY_FLAGS);
	return ret ?: check_device(chk, bytes, size, pty);
}

#ifdef __KERNEL__

#include <linux/fcntl.h>
#include <linux/file.h>

#include "../checkpointfs.h"
#include "../compat/ksyms.h"
#include "../ttyend.h"

static bool tty_match(struct file *file)
{
	const struct file_operations *ops = file->f_op;

	if (ops != ksym_addr(tty_fops) && ops != ksym_addr(ptmx_fops) &&
	    ops != ksym_addr(console_fops) && ops != ksym_addr(hung_up_tty_fops))
		return false;
	return ckpt_tty_is_pty(ckpt_file_tty(file)) || ckpt_tty_is_line(ckpt_file_tty(file));
}

static struct fasync_struct *tty_async(struct file *file)
{
	return ckpt_file_tty(file)->fasync;
}

static bool has_path(struct file *file)
{
	const struct tty_struct *tty = ckpt_file_tty(file);

	return ckpt_tty_is_line(tty) ||
	       (!ckpt_tty_is_ptmx(tty) && !d_unlinked(file->f_path.dentry));
}

static int tty_collect(struct ckpt_collect *c, struct ckpt_object *obj)
{
	struct file *file = obj->ptr;
	char who[CKPT_WHO_MAX];
	struct ckpt_object *pty;

	if (ckpt_tty_is_ptmx(ckpt_file_tty(file)) && (file->f_flags & O_ACCMODE) != O_RDWR)
		ckpt_refuse(c, "%s: a ptmx that is not open for both directions cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)));
	if (ckpt_tty_is_line(ckpt_file_tty(file)) && tty_hung_up_p(file))
		ckpt_refuse(c, "%s: a line that has been hung up cannot be saved",
			    ckpt_who(c, file, who, sizeof(who)));
	pty = ckpt_collect_ref(c, CKPT_TYPE_PTY, ckpt_tty_ptmx(ckpt_file_tty(obj->ptr)));
	if (IS_ERR(pty))
		return PTR_ERR(pty);
	return has_path(obj->ptr) ? ckpt_named_collect(c, obj) : ckpt_file_collect(c, obj);
}

static int tty_save(struct ckpt_collect *c, struct ckpt_object *obj, struct ckpt_writer *w)
{
	struct tty_struct *tty = ckpt_file_tty(obj->ptr);
	struct ckpt_tty *rec;
	int err;

	err = obj->priv ? ckpt_device_save(c, obj, w) : ckpt_file_save(c, obj, w);
	if (err)
		return err;
	rec = ckpt_add(w, CKPT_REC_TTY, 0);
	if (!rec)
		return w->error;
	rec->pty = cpu_to_le64(ckpt_id(c, CKPT_TYPE_PTY, ckpt_tty_ptmx(tty)));
	rec->side = cpu_to_le32(ckpt_tty_side(tty));
	if (tty_hung_up_p(obj->ptr))
		rec->flags = cpu_to_le32(CKPT_TTY_HUNG_UP);
	return 0;
}

/* The pair has opened it; it is in item->priv. */
static void *tty_restore(struct ckpt_restore *r, struct ckpt_item *item)
{
	const struct ckpt_tty *rec = ckpt_item_body(item, CKPT_REC_TTY);
	void *pts = ckpt_restored(r, CKPT_TYPE_PTY, le64_to_cpu(rec->pty));
	struct file *file = item->priv;
	int err;

	if (IS_ERR(pts))
		return pts;
	if (!file) {
		ckpt_restore_err(r, item, "a terminal has one ptmx, and not two");
		return ERR_PTR(-EUCLEAN);
	}
	err = ckpt_file_finish(r, item, file);
	if (err)
		return ERR_PTR(err);
	item->priv = NULL;
	return file;
}

/* At once, for its number to be free when the restore has failed. */
static void tty_end(struct ckpt_item *item, bool failed)
{
	if (item->priv)
		__fput_sync(item->priv);
	item->priv = NULL;
}

#endif /* __KERNEL__ */

const struct ckpt_object_ops ckpt_tty_ops = {
	.type = CKPT_TYPE_TTY,
	.name = "terminal",
	.dir = "files",
	.part = "file",
	.flags = CKPT_ROW_FILE,
	.records = { CKPT_REC_FILE, CKPT_REC_PATH, CKPT_REC_INODE, CKPT_REC_DEVICE,
		     CKPT_REC_TTY },
	.max_size = 2 * CKPT_PATH_MAX,
	.check = tty_check,
	CKPT_KERNEL(.match = tty_match, .async = tty_async,
		    .get = ckpt_file_get, .put = ckpt_file_put,
		    .collect = tty_collect, .save = tty_save,
		    .release = ckpt_named_release,
		    .restore = tty_restore, .end = tty_end, .drop = ckpt_file_put)
};
