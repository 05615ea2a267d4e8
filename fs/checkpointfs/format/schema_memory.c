// SPDX-License-Identifier: GPL-2.0-only
/* The fields of the records of memory. */
#include "schema.h"

static const struct ckpt_field mm_fields[] = {
	FIELD(ckpt_mm, start_code, ADDR), FIELD(ckpt_mm, end_code, ADDR),
	FIELD(ckpt_mm, start_data, ADDR), FIELD(ckpt_mm, end_data, ADDR),
	FIELD(ckpt_mm, start_brk, ADDR), FIELD(ckpt_mm, brk, ADDR),
	FIELD(ckpt_mm, start_stack, ADDR),
	FIELD(ckpt_mm, arg_start, ADDR), FIELD(ckpt_mm, arg_end, ADDR),
	FIELD(ckpt_mm, env_start, ADDR), FIELD(ckpt_mm, env_end, ADDR),
	FIELD(ckpt_mm, mmap_base, ADDR),
	FIELD(ckpt_mm, vdso, ADDR),
	FIELD(ckpt_mm, vdso_size, UINT),
	FIELD(ckpt_mm, vdso_crc, HEX),
	FIELD(ckpt_mm, exe, FILE_REF),
	FIELD(ckpt_mm, dumpable, ENUM, .limit = CKPT_DUMPABLE_ROOT,
	      .zero_ok = true, .values = NAMES("no", "user", "root")),
	FLAGS(ckpt_mm, flags, CKPT_MM_FLAGS,
	      NAMES("32bit", "bottom_up", "lock_future", "lock_onfault", "no_thp",
		    "mdwe", "mdwe_no_inherit", "barrier_global", "barrier_private",
		    "barrier_core", "barrier_rseq", "merge")),
	FIELD(ckpt_mm, coredump_filter, HEX),
	FIELD(ckpt_mm, keys, HEX),
	FIELD(ckpt_mm, exec_key, HEX),
	FIELD(ckpt_mm, peak_rss, UINT),
	FIELD(ckpt_mm, peak_vm, UINT),
	{}
};

static const struct ckpt_field mm_auxv[] = {
	SCALAR("word", 8, HEX),
	{}
};

static const struct ckpt_field vmas_fields[] = {
	REF(ckpt_vmas, source, MM),
	{}
};

static const struct ckpt_field vma_fields[] = {
	FIELD(ckpt_vma, start, ADDR),
	FIELD(ckpt_vma, end, ADDR),
	FIELD(ckpt_vma, file, FILE_REF, .limit = 1),
	FIELD(ckpt_vma, offset, HEX),
	ENUM(ckpt_vma, kind, CKPT_VMA_AIO,
	     NAMES("none", "anon", "file", "shared", "vdso", "vvar", "aio")),
	FLAGS(ckpt_vma, prot, CKPT_PROT_MASK, NAMES("read", "write", "exec")),
	FLAGS(ckpt_vma, flags, CKPT_VMA_FLAGS,
	      NAMES("growsdown", "noreserve", "locked", "locked_onfault",
		    "dontfork", "wipeonfork", "dontdump", "sequential",
		    "random", "hugepage", "nohugepage", "mergeable",
		    "named", "account", "droppable", "sealed", "hugetlb",
		    "unreserved", "uffd_missing", "uffd_wp", "uffd_minor")),
	FIELD(ckpt_vma, key, UINT, .limit = CKPT_KEYS - 1),
	{}
};

static const struct ckpt_field runs_fields[] = {
	FIELD(ckpt_runs, pages, UINT),
	{}
};

const struct ckpt_field ckpt_run_fields[] = {
	FIELD(ckpt_run, start, ADDR),
	FIELD(ckpt_run, pages, UINT),
	ENUM(ckpt_run, kind, CKPT_RUN_PARENT,
	     NAMES("none", "pages", "source", "parent")),
	{}
};

static const struct ckpt_field parent_fields[] = {
	FIELD(ckpt_parent, id, UINT),
	{}
};

static const struct ckpt_field vma_name_fields[] = {
	FIELD(ckpt_vma_name, start, ADDR),
	{}
};

const struct ckpt_field ckpt_node_fields[] = {
	SCALAR("nodes", 8, HEX),
	{}
};

static const struct ckpt_field policy_fields[] = {
	FIELD(ckpt_policy, start, ADDR),
	FIELD(ckpt_policy, end, ADDR),
	ENUM(ckpt_policy, mode, CKPT_POLICY_WEIGHTED,
	     NAMES("none", "preferred", "bind", "interleave", "local", "preferred_many",
		   "weighted_interleave")),
	FLAGS(ckpt_policy, flags, CKPT_POLICY_FLAGS, NAMES("static", "relative", "balancing")),
	FIELD(ckpt_policy, home, UINT, .limit = CKPT_NODE_WORDS * 64),
	FIELD(ckpt_policy, reserved, RESERVED),
	{}
};

static const struct ckpt_field aio_event_fields[] = {
	FIELD(ckpt_aio_event, tag, HEX),
	FIELD(ckpt_aio_event, iocb, ADDR),
	FIELD(ckpt_aio_event, res, INT),
	FIELD(ckpt_aio_event, res2, INT),
	{}
};

static const struct ckpt_field aio_fields[] = {
	FIELD(ckpt_aio, start, ADDR),
	FIELD(ckpt_aio, asked, UINT, .limit = CKPT_AIO_MAX),
	FIELD(ckpt_aio, head, UINT, .limit = CKPT_AIO_SLOTS_MAX - 1),
	FIELD(ckpt_aio, tail, UINT, .limit = CKPT_AIO_SLOTS_MAX - 1),
	FIELD(ckpt_aio, reserved, RESERVED),
	{}
};

static const struct ckpt_field uffd_run_fields[] = {
	FIELD(ckpt_uffd_run, start, ADDR),
	FIELD(ckpt_uffd_run, pages, UINT),
	FLAGS(ckpt_uffd_run, flags, CKPT_UFFD_RUN_FLAGS,
	      NAMES("protected", "zero", "mapped", "poison")),
	{}
};

static const struct ckpt_field uffd_fields[] = {
	FIELD(ckpt_uffd, start, ADDR),
	REF(ckpt_uffd, file, USERFAULTFD),
	{}
};

static const struct ckpt_field shmem_fields[] = {
	FIELD(ckpt_shmem, size, UINT, .limit = S64_MAX),
	FIELD(ckpt_shmem, pages, UINT),
	FLAGS(ckpt_shmem, flags, CKPT_SHMEM_FLAGS, NAMES("noreserve")),
	FIELD(ckpt_shmem, reserved, RESERVED),
	{}
};

static const struct ckpt_field hugetlb_fields[] = {
	FIELD(ckpt_hugetlb, shift, UINT, .limit = CKPT_HUGE_SHIFT_MAX),
	FIELD(ckpt_hugetlb, reserved, RESERVED),
	{}
};

const struct ckpt_schema ckpt_schema_mm = RECORD("mm", mm, ELEMS(8, 128, mm_auxv));
const struct ckpt_schema ckpt_schema_vmas = RECORD("vmas", vmas, STRUCTS(vma, 1 << 20));
const struct ckpt_schema ckpt_schema_runs = RECORD("runs", runs, RUN_ELEMS);
const struct ckpt_schema ckpt_schema_vma_name = RECORD("vma_name", vma_name, TEXT(256));
const struct ckpt_schema ckpt_schema_policy = RECORD("policy", policy, NODES);
const struct ckpt_schema ckpt_schema_aio =
	RECORD("aio", aio, STRUCTS(aio_event, CKPT_AIO_SLOTS_MAX));
const struct ckpt_schema ckpt_schema_uffd = RECORD("uffd", uffd, STRUCTS(uffd_run, 1 << 24));
const struct ckpt_schema ckpt_schema_parent = RECORD("parent", parent);
const struct ckpt_schema ckpt_schema_shmem = RECORD("shmem", shmem, RUN_ELEMS);
const struct ckpt_schema ckpt_schema_hugetlb = RECORD("hugetlb", hugetlb);
