// SPDX-License-Identifier: GPL-2.0-only
/*
 * An image in memory, read from an archive or from a directory.
 *
 * Records are kept; of contents only their size and checksum, so that
 * an image may be larger than memory. Read once, unchanged from then on.
 * Where contents are to be read again they stay in the archive, if it is
 * a plain file; what was compressed, or came by a pipe, is put into a file
 * without a name.
 */
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include "ckpt.h"

#define PIECE	BIT(16)

/* ---- adding files ----------------------------------------------------------- */

static struct file *add_file(struct image *img)
{
	if (img->nr == img->room) {
		size_t room = img->room ? img->room * 2 : 64;
		struct file *files = reallocarray(img->files, room,
						  sizeof(*files));

		if (!files)
			return NULL;
		img->files = files;
		img->room = room;
	}
	img->files[img->nr] = (struct file){ .fd = -1 };
	return img->files + img->nr++;
}

static u64 max_size(const struct ckpt_name *name)
{
	u64 most = 0;
	unsigned int i;

	if (name->kind == CKPT_NAME_OBJECT)
		return name->ops->max_size;
	if (name->kind != CKPT_NAME_FILE)
		return 1U << 30;
	for (i = 0; i < ckpt_nr_types; i++)
		if (ckpt_types[i]->flags & CKPT_ROW_FILE)
			most = max_t(u64, most, ckpt_types[i]->max_size);
	return most;
}

/* Of libarchive's own, what is no archive is EILSEQ, and all else of it below 0. */
int say_archive(struct archive *a, const char *path)
{
	int error = archive_errno(a);

	complain("%s%s%s", path ?: "", path ? ": " : "", archive_error_string(a));
	return error > 0 && error != EILSEQ ? -error : -EUCLEAN;
}

/* Reads all there is of the entry's bytes. Return: how many, or -errno, said. */
static ssize_t read_piece(struct archive *a, void *buf, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = archive_read_data(a, (u8 *)buf + done, size - done);

		if (n == ARCHIVE_RETRY)
			continue;
		if (n < 0)
			return say_archive(a, NULL);
		if (!n)
			break;
		done += n;
	}
	return done;
}

static int read_records(struct archive *a, struct file *file, u64 most)
{
	size_t room = PIECE;
	ssize_t n;

	file->bytes = malloc(room);
	while (file->bytes) {
		n = read_piece(a, file->bytes + file->size, room - file->size);
		if (n < 0)
			return n;
		file->size += n;
		if (file->size > most)
			return -EFBIG;
		if (file->size < room)
			return 0;
		room *= 2;
		file->bytes = reallocarray(file->bytes, room, 1);
	}
	return -ENOMEM;
}

static int read_contents(struct archive *a, struct file *file)
{
	static u8 buf[PIECE];
	ssize_t n;

	while ((n = read_piece(a, buf, sizeof(buf))) > 0) {
		file->crc = ckpt_crc32c(file->crc, buf, n);
		file->size += n;
	}
	return n;
}

/* ---- contents that are read again --------------------------------------------- */

#define TAR_BLOCK	512
#define TAR_TYPE	156	/* offset of the type of a member */

/*
 * In a plain tar file contents follow the header at once, unless that is one
 * of those which come before the member's own.
 */
static bool find_in_archive(const struct image *img, struct archive *a, u64 size,
			    struct file *file)
{
	s64 header = archive_read_header_position(a);
	struct stat st;
	char type;

	if (img->archive < 0 || archive_filter_code(a, 0) != ARCHIVE_FILTER_NONE ||
	    (archive_format(a) & ARCHIVE_FORMAT_BASE_MASK) != ARCHIVE_FORMAT_TAR ||
	    pread(img->archive, &type, 1, header + TAR_TYPE) != 1 || (type && type != '0'))
		return false;
	if (fstat(img->archive, &st) || !S_ISREG(st.st_mode) ||
	    header + TAR_BLOCK + size > (u64)st.st_size)
		return false;
	file->fd = img->archive;
	file->at = header + TAR_BLOCK;
	file->size = size;
	return true;
}

static int open_spool(struct image *img)
{
	if (img->spool < 0)
		img->spool = open(getenv("TMPDIR") ?: "/var/tmp",
				  O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	return img->spool < 0 ? -errno : 0;
}

static int spool_contents(struct image *img, struct archive *a, struct file *file)
{
	static u8 buf[PIECE];
	int ret = open_spool(img);
	ssize_t n = 0;

	if (ret)
		return ret;
	file->fd = img->spool;
	file->at = lseek(img->spool, 0, SEEK_CUR);
	while (!ret && (n = read_piece(a, buf, sizeof(buf))) > 0) {
		ret = write_all(img->spool, buf, n);
		file->size += n;
	}
	return n < 0 ? n : ret;
}

static int keep_contents(struct image *img, struct archive *a, u64 size,
			 struct file *file)
{
	return find_in_archive(img, a, size, file) ? 0 : spool_contents(img, a, file);
}

int image_read(const struct file *file, void *buf, size_t size, u64 pos)
{
	while (size) {
		ssize_t n = pread(file->fd, buf, size, file->at + pos);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		buf = (u8 *)buf + n;
		pos += n;
		size -= n;
	}
	return 0;
}

int image_crc(const struct image *img, const struct file *file, u32 *crc)
{
	static u8 buf[PIECE];
	u64 pos;

	*crc = file->crc;
	if (file->fd < 0)
		return 0;
	for (pos = 0; pos < file->size; pos += PIECE) {
		size_t n = min_t(u64, PIECE, file->size - pos);
		int ret = image_read(file, buf, n, pos);

		if (ret)
			return ret;
		*crc = ckpt_crc32c(*crc, buf, n);
	}
	return 0;
}

/* ---- what a file is -------------------------------------------------------------- */

static int identify(struct file *file, const struct ckpt_name *name)
{
	static const u8 top[] = {
		[CKPT_NAME_HEADER] = CKPT_TOP_HEADER,
		[CKPT_NAME_CPU] = CKPT_TOP_CPU,
		[CKPT_NAME_TAIL] = CKPT_TOP_TAIL,
	};

	file->id = name->id;
	file->ops = name->ops;
	if (name->kind < ARRAY_SIZE(top))
		file->id = top[name->kind];
	if (name->kind == CKPT_NAME_FILE) {
		file->ops = ckpt_file_row(file->bytes, file->size);
		if (!file->ops)
			return -EUCLEAN;
	}
	file->type = file->ops ? file->ops->type : CKPT_TYPE_NONE;
	return 0;
}

static int add_file_named(struct image *img, struct archive *a, const struct ckpt_name *name,
			  u64 size)
{
	struct file *file = add_file(img);
	int ret;

	if (!file)
		return -ENOMEM;
	if (name->ops && name->ops->flags & CKPT_ROW_RAW)
		ret = img->keep ? keep_contents(img, a, size, file) : read_contents(a, file);
	else
		ret = read_records(a, file, max_size(name));
	return ret ?: identify(file, name);
}

static int add_entry(struct image *img, struct archive *a, const char *path, u64 size)
{
	struct ckpt_name name = {};
	int ret = *path ? ckpt_name_parse(path, &name) : -ENOENT;

	if (ret == -EISDIR)
		return 0;
	if (ret) {
		complain("%s: not a name that images have", path);
		return -EUCLEAN;
	}
	ret = add_file_named(img, a, &name, size);
	if (ret)
		complain("%s: %s", path, strerror(-ret));
	return ret == -EFBIG ? -EUCLEAN : ret;
}

/* ---- the two ways to come by them -------------------------------------------- */

static const char *skip_slashes(const char *path)
{
	while (*path == '/' || (path[0] == '.' && path[1] == '/'))
		path++;
	return path;
}

/* An archive may have the container's name in front. */
const char *inside_archive(const char *path)
{
	struct ckpt_name name;
	const char *slash;

	path = skip_slashes(path);
	slash = strchr(path, '/');
	return slash && ckpt_name_parse(path, &name) ? slash + 1 : path;
}

static int add_all(struct image *img, struct archive *a, const char *dir)
{
	struct archive_entry *entry;
	const char *path;
	int ret;

	while ((ret = archive_read_next_header(a, &entry)) != ARCHIVE_EOF) {
		if (ret == ARCHIVE_RETRY)
			continue;
		if (ret < ARCHIVE_WARN)
			return say_archive(a, NULL);
		if (dir)
			archive_read_disk_descend(a);
		if (archive_entry_filetype(entry) == AE_IFDIR)
			continue;
		path = archive_entry_pathname(entry) ?: "";
		path = dir ? skip_slashes(path + strlen(dir)) : inside_archive(path);
		ret = add_entry(img, a, path, archive_entry_size(entry));
		if (ret)
			return ret;
	}
	return 0;
}

static int load_archive(struct image *img, const char *path)
{
	struct archive *a = archive_read_new();
	const char *name = strcmp(path, "-") ? path : NULL;
	int ret = -ENOMEM;

	if (!a)
		return ret;
	archive_read_support_filter_all(a);
	archive_read_support_format_tar(a);
	archive_read_support_format_cpio(a);
	if (img->keep && name)
		img->archive = open(name, O_RDONLY | O_CLOEXEC);
	if (archive_read_open_filename(a, name, PIECE) == ARCHIVE_OK)
		ret = add_all(img, a, NULL);
	else
		ret = say_archive(a, path);
	archive_read_free(a);
	return ret;
}

static int load_dir(struct image *img, const char *path)
{
	struct archive *a = archive_read_disk_new();
	char *dir = strdup(path);
	int ret = -ENOMEM;

	if (!a || !dir)
		goto out_free;
	while (strlen(dir) > 1 && dir[strlen(dir) - 1] == '/')
		dir[strlen(dir) - 1] = 0;
	if (archive_read_disk_open(a, dir) == ARCHIVE_OK)
		ret = add_all(img, a, dir);
	else
		ret = say_archive(a, path);
out_free:
	free(dir);
	if (a)
		archive_read_free(a);
	return ret;
}

/* ---- finding them again ------------------------------------------------------- */

static int compare(u32 type, u64 id, const struct file *file)
{
	if (type != file->type)
		return type < file->type ? -1 : 1;
	return id < file->id ? -1 : id > file->id;
}

static int compare_names(const void *a, const void *b)
{
	const struct file *x = *(struct file **)a;

	return compare(x->type, x->id, *(struct file **)b);
}

static int compare_ids(const void *a, const void *b)
{
	const struct file *x = *(struct file **)a, *y = *(struct file **)b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static int check_unique(struct file *const *vec, size_t nr,
			int (*cmp)(const void *a, const void *b))
{
	char name[CKPT_FILE_NAME_MAX];
	size_t i;

	for (i = 1; i < nr; i++) {
		if (cmp(&vec[i - 1], &vec[i]))
			continue;
		file_name(vec[i], name);
		complain("%s: is there twice", name);
		return -EUCLEAN;
	}
	return 0;
}

static int index_files(struct image *img)
{
	size_t i;

	img->by_name = calloc(img->nr + 1, sizeof(*img->by_name));
	img->open_files = calloc(img->nr + 1, sizeof(*img->open_files));
	if (!img->by_name || !img->open_files)
		return -ENOMEM;
	for (i = 0; i < img->nr; i++) {
		struct file *file = img->files + i;

		img->by_name[i] = file;
		if (file->ops && file->ops->flags & CKPT_ROW_FILE)
			img->open_files[img->nr_open_files++] = file;
	}
	ckpt_sort(img->by_name, img->nr, sizeof(*img->by_name), compare_names);
	ckpt_sort(img->open_files, img->nr_open_files, sizeof(*img->open_files),
		  compare_ids);
	return check_unique(img->by_name, img->nr, compare_names) ?:
	       check_unique(img->open_files, img->nr_open_files, compare_ids);
}

/* Index of the first file in @by_name that is not before (type, id). */
static size_t lower_bound(const struct image *img, u32 type, u64 id)
{
	size_t low = 0, high = img->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare(type, id, img->by_name[mid]) > 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct file *image_find(const struct image *img, u32 type, u64 id)
{
	size_t i = lower_bound(img, type, id);

	return i < img->nr && !compare(type, id, img->by_name[i]) ?
	       img->by_name[i] : NULL;
}

const struct file *image_next(const struct image *img, u32 type, u64 after)
{
	size_t i;

	if (after == U64_MAX)
		return NULL;
	i = lower_bound(img, type, after + 1);
	return i < img->nr && img->by_name[i]->type == type ?
	       img->by_name[i] : NULL;
}

const struct file *image_open_file(const struct image *img, u64 id)
{
	struct file wanted = { .id = id }, *key = &wanted, **found;

	found = bsearch(&key, img->open_files, img->nr_open_files,
			sizeof(*img->open_files), compare_ids);
	return found ? *found : NULL;
}

void file_name(const struct file *file, char name[CKPT_FILE_NAME_MAX])
{
	static const char *const tops[] = { "", "header", "cpu", "tail" };

	if (file->ops)
		ckpt_name_format(name, CKPT_FILE_NAME_MAX, file->ops, file->id);
	else
		snprintf(name, CKPT_FILE_NAME_MAX, "%s", tops[file->id]);
}

static int load(struct image *img, const char *path, bool keep)
{
	struct stat st;
	int ret;

	*img = (struct image){ .path = path, .keep = keep, .archive = -1, .spool = -1 };
	if (ckpt_types_check()) {
		complain("the table of object types is inconsistent");
		return -EINVAL;
	}
	if (strcmp(path, "-") && stat(path, &st)) {
		ret = -errno;
		complain("%s: %s", path, strerror(errno));
		return ret;
	}
	ret = strcmp(path, "-") && S_ISDIR(st.st_mode) ?
	      load_dir(img, path) : load_archive(img, path);
	if (!ret)
		ret = index_files(img);
	if (ret)
		image_free(img);
	return ret;
}

int image_load(struct image *img, const char *path)
{
	return load(img, path, false);
}

int image_load_all(struct image *img, const char *path)
{
	return load(img, path, true);
}

const struct ckpt_header *image_header(const struct image *img)
{
	const struct file *file = image_find(img, CKPT_TYPE_NONE, CKPT_TOP_HEADER);
	struct ckpt_view view;

	if (!file || !ckpt_find(file->bytes, file->size, CKPT_REC_HEADER, &view))
		return NULL;
	return view.body;
}

void image_free(struct image *img)
{
	size_t i;

	if (img->archive >= 0)
		close(img->archive);
	if (img->spool >= 0)
		close(img->spool);
	for (i = 0; i < img->nr; i++)
		free(img->files[i].bytes);
	free(img->files);
	free(img->by_name);
	free(img->open_files);
	*img = (struct image){ .archive = -1, .spool = -1 };
}
