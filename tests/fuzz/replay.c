// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the fuzzer's target on given files, each in a process of its own.
 *
 *	replay FILE...		ends with a line 'N passed, N failed'
 *	replay --seed		writes the sample image as an input to stdout
 */
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sample.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static int replay(const char *path)
{
	FILE *in = fopen(path, "rb");
	size_t size = 0, room = 1 << 20;
	u8 *data = malloc(room);

	if (!in || !data)
		return 1;
	while ((size += fread(data + size, 1, room - size, in)) == room) {
		room *= 2;
		data = realloc(data, room);
		if (!data)
			return 1;
	}
	fclose(in);
	/* Of exactly that size, so that a read past the end is seen. */
	data = realloc(data, size ?: 1);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

static bool replay_apart(const char *path)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		exit(replay(path));
	if (pid > 0 && waitpid(pid, &status, 0) == pid && !status)
		return true;
	printf("not ok %s\n", path);
	return false;
}

static int write_seed(void)
{
	static struct sample s;
	char name[CKPT_FILE_NAME_MAX];
	unsigned int i;

	if (sample_build(&s))
		return 1;
	for (i = 0; i < s.nr; i++) {
		static const char *const tops[] = { "", "header", "cpu", "tail" };
		const struct sample_file *file = s.files + i;
		u32 size = file->w.len + file->size;
		__le32 raw = cpu_to_le32(size);

		snprintf(name, sizeof(name), "%s", file->type ? "" : tops[file->id]);
		if (file->type)
			ckpt_name_format(name, sizeof(name), ckpt_type(file->type),
					 file->id);
		fwrite(name, strlen(name) + 1, 1, stdout);
		fwrite(&raw, sizeof(raw), 1, stdout);
		fwrite(file->w.buf ?: (u8 *)"", file->w.len, 1, stdout);
	}
	sample_free(&s);
	return ferror(stdout) || fflush(stdout);
}

int main(int argc, char **argv)
{
	unsigned int passed = 0, failed = 0;
	int i;

	if (argc == 2 && !strcmp(argv[1], "--seed"))
		return write_seed();
	for (i = 1; i < argc; i++) {
		/* Not twice what is in the buffer. */
		fflush(stdout);
		if (replay_apart(argv[i]))
			passed++;
		else
			failed++;
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
