#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# Images that are wrong: each is refused with its errno and a line in the log,
# and nothing is left of it.

load helpers

# One image serves all tests: each has something wrong in its own way.
setup_file()
{
	BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
	start plain
	ctl freeze web "pid=$pid"
	cat "$MNT/web.tar" >"$BATS_FILE_TMPDIR/web.tar"
	ctl commit web kill
	until_gone "$pid"
	ctl remove web
	export pid out go
}

setup()
{
	common_setup
	image=$BATS_FILE_TMPDIR/web.tar
	made=$BATS_TEST_TMPDIR/made.tar
	task=tasks/$pid/task
}

edit() { "$TREE/tests/bats/image.py" "$image" "$made" "$@"; }
put() { cat "$1" >"$MNT/restore/commit"; }

# The image is refused, changed in each of the ways that hostile.py is told.
wrong() { "$TREE/tests/bats/hostile.py" "$MNT" "$image"; }

@test "the image itself is accepted, also when it was taken apart and put together" {
	edit fix
	put "$made"
	finish
	rm "$go"
	echo ready >"$out"
}

@test "members that no image has" {
	wrong <<-END
		EOPNOTSUPP 'web/other in the archive' add other text
		EOPNOTSUPP 'web/widgets/1/widget' add widgets/1/widget text
		EOPNOTSUPP 'web/tasks/01/task' add tasks/01/task text
		EOPNOTSUPP 'web/tasks/0/task' add tasks/0/task text
		EOPNOTSUPP 'tasks/99999999999999999999/task' add tasks/99999999999999999999/task text
		EUCLEAN 'web/tasks/12 in the archive .*place of a directory' add tasks/12 text
		EUCLEAN 'web/header .*twice' twice header
		EUCLEAN 'task .*twice' twice "$task"
		EUCLEAN 'web/link .*hard link' member link hard web/header
		EUCLEAN 'web/link .*symbolic link' member link symlink /etc/passwd
		EUCLEAN 'web/fifo .*fifo' member fifo fifo ''
		EUCLEAN 'web/dev .*device' member dev device ''
		EUCLEAN 'web/hole .*sparse' member hole sparse ''
	END
}

@test "names that lead elsewhere" {
	wrong <<-END
		EUCLEAN 'leads out' add ../header text
		EUCLEAN 'leads out' add tasks/../../../etc/passwd text
		EUCLEAN 'leads out' prefix /mnt/web
		EUCLEAN 'leads out' member /etc dir ''
		EUCLEAN 'leads out' member a/.. dir ''
	END
	tar -C "$BATS_TEST_TMPDIR" -xf "$image"
	cp -a "$BATS_TEST_TMPDIR/web" "$BATS_TEST_TMPDIR/net"
	tar -C "$BATS_TEST_TMPDIR" -cf "$made" web net
	refused EUCLEAN put "$made"
	tail -n 1 "$MNT/log" | grep 'not in the directory of the others'
}

@test "headers of the archive that are wrong" {
	wrong <<-END
		EUCLEAN "not tar's" raw 0 0x58
		EUCLEAN 'block 2 .*checksum' raw 600 0x58
	END
	refused EUCLEAN bash -c "head -c 100000 /dev/urandom >'$MNT/restore/commit'"
	refused EUCLEAN bash -c "gzip -c '$image' >'$MNT/restore/commit'"
	refused EUCLEAN bash -c "cd /etc && ls | cpio --quiet -o -H newc >'$MNT/restore/commit'"
	refused EOPNOTSUPP bash -c "tar -C /etc -cf - hostname >'$MNT/restore/commit'"
	tail -n 1 "$MNT/log" | grep hostname
	refused EUCLEAN bash -c "head -c 10240 /dev/zero >'$MNT/restore/commit'"
	tail -n 1 "$MNT/log" | grep header
}

@test "blocks made to overwhelm a reader" {
	python3 - "$MNT/restore/commit" "$(repeats 20000)" <<-'END'
		import errno, sys, tarfile

		def put(name, data, wanted):
		    try:
		        with open(sys.argv[1], "wb", buffering=0) as commit:
		            commit.write(data)
		    except OSError as e:
		        assert e.errno == wanted, (name, errno.errorcode[e.errno])
		    else:
		        assert wanted is None, name

		def block(name, kind, size, magic=b"ustar\0" b"00"):
		    b = bytearray(512)
		    b[0:len(name)] = name
		    b[100:108] = b"0000400\0"
		    b[124:136] = size
		    b[156:157] = kind
		    b[257:265] = magic
		    b[148:156] = b" " * 8
		    b[148:156] = b"%06o\0 " % sum(b)
		    return bytes(b)

		def pad(data):
		    return data + bytes(-len(data) % 512)

		def extended(kind, data):
		    return block(b"x", kind, b"%011o\0" % len(data)) + pad(data)

		CLEAN = errno.EUCLEAN
		big = lambda n: b"\x80" + n.to_bytes(11, "big")
		put("too large", block(b"web/header", b"0", big(1 << 62)) + bytes(1 << 16), None)
		put("2^63", block(b"web/header", b"0", big(1 << 63)), CLEAN)
		put("2^64", block(b"web/header", b"0", big(1 << 64)), CLEAN)
		put("2^80", block(b"web/header", b"0", big(1 << 80)), CLEAN)
		put("negative", block(b"web/header", b"0", b"\xff" * 12), CLEAN)
		put("no digits", block(b"web/header", b"0", b"9" * 12), CLEAN)
		put("directory", block(b"web", b"5", b"00000000777\0"), CLEAN)
		for kind in b"x", b"g", b"L", b"K":
		    put("large extended", block(b"x", kind, big(1 << 20)), CLEAN)
		    put("huge extended", block(b"x", kind, big(1 << 62)), CLEAN)
		for data in (b"\0", b"0 \n", b"1\n", b"3 =", b"4 =\n\n", b"7 path\n",
		             b"8 path=\n", b"99999 path=x\n", b"18446744073709551620 a=b\n",
		             b" path=x\n", b"-9 path=x\n", b"9 path=x ", b"9 path=\0\n",
		             b"10 size=x\n", b"11 size=-1\n", b"29 size=18446744073709551616\n",
		             b"29 size=09223372036854775807\n" + b"19 path=web/header\n",
		             b"22 GNU.sparse.major=1\n"):
		    put(data, extended(b"x", data) + block(b"web/header", b"0", b"0" * 11 + b"\0"), CLEAN)
		put("global path", extended(b"g", b"9 path=x\n"), CLEAN)
		put("long name", extended(b"L", b"a" * 5000), CLEAN)
		put("empty name", extended(b"L", b"\0\0\0"), CLEAN)
		put("one zero block", bytes(512) + block(b"web/header", b"0", b"0" * 12), CLEAN)
		put("only headers", extended(b"x", b"11 a=bcdef\n") * 2000, None)
		put("slashes", extended(b"L", b"a/" * 2047 + b"b") + block(b"x", b"0", b"0" * 12), errno.EOPNOTSUPP)
		for magic in b"ustar  \0", bytes(8), b"\xff" * 8:
		    put(magic, block(b"web/other", b"0", b"0" * 12, magic), errno.EOPNOTSUPP)
		many = b"".join(block(b"web/creds/%d" % (i * 0x9e3779b97f4a7c15 % 2 ** 64 or 1),
		                      b"0", b"0" * 11 + b"\0") for i in range(1, int(sys.argv[2])))
		put("many members", many + bytes(1024), CLEAN)
	END
}

@test "more members than stage_max has room for" {
	local small=$BATS_TEST_TMPDIR/small

	mkdir "$small"
	mount -t checkpointfs -o stage_max=1M none "$small"
	# shellcheck disable=SC2016
	refused ENOSPC python3 -c '
import sys, tarfile
with open(sys.argv[1], "wb", buffering=0) as commit:
    with tarfile.open(fileobj=commit, mode="w|", format=tarfile.USTAR_FORMAT) as tar:
        for i in range(1, 5000):
            tar.addfile(tarfile.TarInfo("web/creds/%d" % i))
' "$small/restore/commit"
	umount "$small"
}

@test "an image that is not whole" {
	local name

	{
		for name in header cpu tail; do
			echo "EUCLEAN 'web/$name: is missing' drop $name"
		done
		for name in "$task" "tasks/$pid/cpu" creds fs fdtables mm/1/layout mm/1/vmas \
			mm/1/pages files; do
			echo "EUCLEAN web/ drop $name"
			echo "EUCLEAN web/ grow $name 8"
			echo "EUCLEAN web/ grow $name -8"
		done
		echo "EUCLEAN web/ grow tail 8"
		echo "EUCLEAN web/ grow tail -8"
		echo "EUCLEAN web/ rename creds/1 creds/77"
	} | wrong
}

@test "a flipped bit anywhere in the metadata" { wrong <<<"flips 200"; }

@test "an image of another kind of machine" {
	wrong <<-END
		EUCLEAN 'header: not an image' set header 16 8 1 fix
		EOPNOTSUPP 'header: of another format' set header 24 4 2 fix
		EOPNOTSUPP 'header: of another arch' set header 28 4 2 fix
		EOPNOTSUPP 'header: of another page size' set header 32 4 65536 fix
		EOPNOTSUPP 'header: needs an unknown feature' set header 56 8 0x8000000000000000 fix
		EUCLEAN 'header: a parent without its feature bit' set header 80 8 1 fix
		EUCLEAN 'header: a parent without its feature bit' set header 56 8 1 fix
		ENOENT 'is not staged' set header 56 8 1 set header 80 8 1 fix
		EOPNOTSUPP 'cpu: this machine lacks XSAVE' set cpu 16 8 0x4000000000000007 fix
		EOPNOTSUPP 'cpu: this processor lays out' set cpu 24 4 4096 fix
		EOPNOTSUPP 'cpu: this processor lacks CPUID 7.EBX' set cpu 56 4 0xffffffff fix
		EUCLEAN 'cpu: ' set cpu 28 4 1 fix
		EUCLEAN 'tail: of another image' set header 64 8 1 fix
	END
}

@test "numbers in records that make no sense, with right checksums" {
	local name at

	{
		# The header of a record: type, version, fixed size, elements, size.
		for name in "$task" "tasks/$pid/cpu" creds mm/1/layout mm/1/vmas fdtables \
			processes; do
			for at in "0 2 0xffff" "2 2 99" "4 4 0xffffffff" "8 4 0xfffffff0" \
				"12 4 0" "12 4 0xfffffff8"; do
				echo "EUCLEAN web/ set $name $at fix"
			done
		done
		# References of the task.
		for at in 72 80 88 96 104 112; do
			echo "EUCLEAN web/ set $task $at 8 4242 fix"
		done
		for at in 16 20 24; do echo "EUCLEAN web/ set $task $at 4 77 fix"; done
		echo "EUCLEAN web/ set header 36 4 5 fix"
		for at in "24 8 0xfffffffffffff000" "32 8 0xfffffffffffff000" "32 8 0" "40 8 4242"; do
			echo "EUCLEAN web/ set mm/1/vmas $at fix"
		done
	} | wrong
}

# What comes of any byte of the metadata being another, checksums right: either
# a restore that is refused, or a program that is someone's own fault.
@test "any other number anywhere leaves the kernel well" {
	local name size sizes=() n

	for name in "$task" creds mm/1/layout mm/1/vmas processes; do
		sizes+=("$name $(tar -xOf "$image" --wildcards "web/$name*" | wc -c)")
	done
	{
		RANDOM=${SEED:-1}
		for ((n = 0; n < 12; n++)); do
			for name in "${sizes[@]}"; do
				size=${name#* }
				echo "perhaps '' set ${name% *} $((16 + RANDOM % (size - 16))) 1 $RANDOM fix"
			done
		done
	} | wrong
	put "$image"
	finish
	rm "$go"
	echo ready >"$out"
}
