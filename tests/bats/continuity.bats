#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016
#
# Deterministic programs are saved, killed and restored at 20 random moments, or saved
# and left to run on, or brought back to where they have been, and print what they print
# undisturbed, byte for byte. On the debug kernel, as run-bats
# sets REPEAT, at 2 moments, and some have less to do.

load helpers
load continuous

setup_file()
{
	INTERRUPTIONS=$(repeats 20) GOES_BACK=yes
	export INTERRUPTIONS GOES_BACK
	many_pids
	seq 20000 | awk '{
		printf "%d some text that repeats, and a number %06d %d %d\n",
		       $1, $1, ($1 * 7919) % 104729, ($1 * $1) % 65521
	}' >"$BATS_FILE_TMPDIR/text"
	[ "$(wc -l <"$BATS_FILE_TMPDIR/text")" = 20000 ]
	text=$BATS_FILE_TMPDIR/text
	cat "$text" "$text" "$text" "$text" >"$BATS_FILE_TMPDIR/text4"
}

@test "a C program goes on where it was" {
	continuous "$PROGRAMS/compute" 1 200
}

@test "a C program with 8 threads goes on where it was" {
	continuous "$PROGRAMS/compute" 8 25
}

@test "Python goes on where it was" {
	continuous python3 -c '
import hashlib, random, sys
random.seed(1)
numbers, words, digest = [], {}, hashlib.sha256()
for i in range(int(sys.argv[1])):
    numbers += [random.random() for _ in range(500)]
    numbers.sort()
    for n in numbers[:500]:
        key = "%.3f" % n
        words.setdefault(key, []).append(i)
    digest.update(repr(sorted(words.items())).encode())
    print(i, sum(numbers), 3 ** (1000 + i) % 1000003, digest.hexdigest(), flush=True)
' "$(repeats 60)"
}

@test "Python that talks to a child through pipes goes on where it was" {
	continuous python3 -c '
import subprocess, sys
child = subprocess.Popen(["awk", "{ s += $1 * $1; print s % 1000003; fflush() }"],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
for i in range(int(sys.argv[1])):
    child.stdin.write("%d\n" % i)
    child.stdin.flush()
    answer = child.stdout.readline()
    if i % 50 == 0:
        print(i, answer, end="", flush=True)
child.stdin.close()
print(child.wait())
' "$(repeats 4000)"
}

@test "a pipeline goes on where it was" {
	continuous sh -c 'awk "{ print \$9, \$10, \$1 }" "$1" | sort -n | tr 0-4 5-9 |
		sort -r | uniq -c | sed "s/7/seven/g" | tail -n 6000 |
		paste - - - | md5sum; echo $?' sh "$BATS_FILE_TMPDIR/text"
}

@test "a shell that starts many processes goes on where it was" {
	continuous bash -c '
		for ((i = 0; i < $1; i++)); do
			x=$(expr $i \* 3)
			y=$(echo "$x" | tr 0-9 a-j)
			(exit $((i % 7)))
			echo "$i $x $y $?"
		done
		wait' bash "$(repeats 40)"
}

@test "awk goes on where it was" {
	continuous mawk 'BEGIN {
		for (i = 1; i <= 400000; i++) {
			x = (x * 1103515245 + 12345) % 2147483648
			count[x % 5003]++
			if (i % 20000 == 0)
				print i, x, length(x ""), sin(x)
		}
		for (i = 0; i < 5003; i++)
			sum += count[i] * i
		print sum
	}'
}

@test "Perl goes on where it was" {
	continuous perl -e '
		$| = 1;
		my (%seen, $x);
		$x = 42;
		for my $i (1 .. 150000) {
			$x = ($x * 69069 + 1) % 4294967296;
			$seen{sprintf("%x", $x % 9973)} .= chr(65 + $i % 26);
			print "$i ", scalar(keys %seen), " $x\n" if $i % 10000 == 0;
		}
		print join(",", map { "$_=$seen{$_}" } (sort keys %seen)[0 .. 200]), "\n";'
}

@test "gzip goes on where it was" {
	continuous gzip -9nc "$BATS_FILE_TMPDIR/text4"
}

@test "liblzma goes on where it was" {
	# xz(1) confines itself by Landlock, which is refused.
	continuous python3 -c '
import lzma, sys
data = open(sys.argv[1], "rb").read() * 2
packer = lzma.LZMACompressor(preset=5)
for at in range(0, len(data), 50000):
    sys.stdout.write(packer.compress(data[at:at + 50000]).hex())
    sys.stdout.flush()
sys.stdout.write(packer.flush().hex())
' "$BATS_FILE_TMPDIR/text"
}

@test "bzip2 goes on where it was" {
	continuous bzip2 -c "$BATS_FILE_TMPDIR/text"
}

@test "bc goes on where it was" {
	echo 'scale = 700; 4 * a(1); e(1); for (i = 0; i < 200; i++) 2 ^ i % 97; l(2)' \
		>"$BATS_TEST_TMPDIR/input"
	continuous bc -lq "$BATS_TEST_TMPDIR/input"
}

@test "SQLite goes on where it was" {
	continuous sqlite3 :memory: '
		create table t (a integer primary key, b integer, c text);
		with recursive n(i) as (values (1) union all select i + 1 from n where i < 30000)
			insert into t select i, (i * 7919) % 104729, hex(i * i) from n;
		create index tb on t (b);
		select count(*), sum(b), max(c) from t;
		update t set c = c || b where b % 3 = 0;
		select b % 100, count(*), group_concat(substr(c, 1, 3)) from t
			where a % 17 = 0 group by 1 order by 1;
		delete from t where a % 2;
		select sum(length(c)), total(b) from t;'
}

@test "sha256sum goes on where it was" {
	local i

	for ((i = 0; i < 16; i++)); do cat "$BATS_FILE_TMPDIR/text4"; done >"$BATS_TEST_TMPDIR/large"
	continuous sha256sum "$BATS_TEST_TMPDIR/large"
}

@test "a compiler goes on where it was" {
	local cc1

	cc1=$(gcc -print-prog-name=cc1)
	gcc -E -I"$TREE/tests/programs" "$TREE/tests/programs/signals.c" \
		>"$BATS_TEST_TMPDIR/source.i"
	continuous "$cc1" -quiet -O2 "$BATS_TEST_TMPDIR/source.i" -o -
}

@test "Flex goes on where it was" {
	local i

	{
		echo '%%'
		for ((i = 0; i < 2000; i++)); do echo "\"word$i\"[a-z]*$((i % 10))+ return $i;"; done
		echo '%%'
	} >"$BATS_TEST_TMPDIR/words.l"
	continuous flex -t "$BATS_TEST_TMPDIR/words.l"
}
