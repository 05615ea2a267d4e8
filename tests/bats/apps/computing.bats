#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2154
#
# Programs that compute, in the languages and with the libraries that people use,
# saved, killed and restored at random moments: they print what they print
# undisturbed.

load ../helpers
load ../continuous

setup_file()
{
	INTERRUPTIONS=$(repeats 10)
	export INTERRUPTIONS
	many_pids
}

# Saves, kills and restores a program, which undisturbed comes to its end: the last line
# that it prints is of the form $1.
computes()
{
	local last=$1
	shift

	continuous "$@"
	tail -n 1 "$BATS_TEST_TMPDIR/expected" | grep -Ex -e "$last"
}

# Compiles its standard input: compile COMPILER SUFFIX OPTION...
compile()
{
	local compiler=$1 suffix=$2
	shift 2

	cat >"$BATS_TEST_TMPDIR/source.$suffix"
	"$compiler" -O1 -o "$BATS_TEST_TMPDIR/program" "$BATS_TEST_TMPDIR/source.$suffix" "$@"
}

@test "C++ with exceptions, threads and thread-locals" {
	compile g++ cc -pthread <<-'END'
		#include <cstdio>
		#include <map>
		#include <stdexcept>
		#include <string>
		#include <thread>
		#include <vector>

		static thread_local std::map<std::string, long> seen;

		static long dive(int depth, long n)
		{
			std::string guard(depth, 'x');
			if (!depth)
				throw std::runtime_error(std::to_string(n % 1009));
			return dive(depth - 1, n * 31 + guard.size());
		}

		static void work(int id, long *result)
		{
			for (long i = 0; i < 1500; i++) {
				try {
					dive(10 + i % 10, i * 7 + id);
				} catch (const std::exception &e) {
					seen[e.what()] += i;
				}
			}
			for (auto &[key, value] : seen)
				*result = *result * 31 + std::stol(key) * value;
		}

		int main()
		{
			for (int round = 0; round < 6; round++) {
				std::vector<std::thread> threads;
				long results[4] = {};

				for (int i = 0; i < 4; i++)
					threads.emplace_back(work, i + round, &results[i]);
				for (auto &thread : threads)
					thread.join();
				for (long result : results)
					std::printf("%lx\n", result);
				std::fflush(stdout);
			}
		}
	END
	computes '[0-9a-f]+' "$BATS_TEST_TMPDIR/program"
}

@test "OpenMP under load" {
	compile gcc c -fopenmp <<-'END'
		#include <stdio.h>
		#include <stdlib.h>

		#define N 400000

		int main(void)
		{
			unsigned *a = malloc(N * sizeof(*a));

			for (int round = 0; round < 200; round++) {
				unsigned long sum = 0;
		#pragma omp parallel for num_threads(4) schedule(dynamic, 1000)
				for (int i = 0; i < N; i++)
					a[i] = (i + round) * 2654435761u ^ (i >> 3);
		#pragma omp parallel for num_threads(4) reduction(+ : sum)
				for (int i = 0; i < N; i++)
					sum += a[i] % 1009 * (i % 7);
				printf("%d %lu\n", round, sum);
				fflush(stdout);
			}
		}
	END
	computes '199 [0-9]+' "$BATS_TEST_TMPDIR/program"
}

@test "MPI on one machine" {
	compile mpicc.mpich c <<-'END'
		#include <mpi.h>
		#include <stdio.h>

		int main(int argc, char **argv)
		{
			int rank, size;
			long value, sum;

			MPI_Init(&argc, &argv);
			MPI_Comm_rank(MPI_COMM_WORLD, &rank);
			MPI_Comm_size(MPI_COMM_WORLD, &size);
			value = rank + 1;
			for (int i = 0; i < 400; i++) {
				MPI_Sendrecv_replace(&value, 1, MPI_LONG, (rank + 1) % size, 0,
						     (rank + size - 1) % size, 0,
						     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
				value = (value * 31 + rank) % 1000003;
				MPI_Allreduce(&value, &sum, 1, MPI_LONG, MPI_SUM, MPI_COMM_WORLD);
				if (!rank && i % 20 == 0) {
					printf("%d %ld %ld\n", i, value, sum);
					fflush(stdout);
				}
			}
			MPI_Finalize();
		}
	END
	computes '380 [0-9]+ [0-9]+' mpiexec.mpich -n 3 "$BATS_TEST_TMPDIR/program"
}

@test "a Java VM computes" {
	cat >"$BATS_TEST_TMPDIR/Sums.java" <<-'END'
		import java.util.HashMap;
		import java.util.stream.LongStream;

		public class Sums {
			public static void main(String[] args) {
				HashMap<String, Long> map = new HashMap<>();
				for (int round = 0; round < 30; round++) {
					for (int i = 0; i < 8000; i++)
						map.merge(Integer.toString(i * 7919 % 10007, 36), (long) i, Long::sum);
					long r = round;
					long sum = LongStream.range(0, 40000).parallel()
						.map(n -> (n * n + r) % 1009).sum();
					long all = map.values().stream().mapToLong(Long::longValue).sum();
					System.out.println(round + " " + sum + " " + all);
				}
			}
		}
	END
	javac -d "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/Sums.java"
	computes '29 [0-9]+ [0-9]+' java -Xmx256m -cp "$BATS_TEST_TMPDIR" Sums
}

@test "node.js computes, with workers" {
	cat >"$BATS_TEST_TMPDIR/sums.js" <<-'END'
		const { Worker, isMainThread, parentPort, workerData } = require("worker_threads");
		const crypto = require("crypto");

		function work(n)
		{
			const map = new Map();

			for (let i = 0; i < 4000; i++)
				map.set("k" + (i * 7919 + n) % 1009, i * n);
			return [...map.values()].reduce((sum, value) => (sum * 31 + value) % 1000003, 7);
		}

		async function main()
		{
			for (let round = 0; round < 12; round++) {
				const sums = await Promise.all([1, 2].map(n => new Promise((resolve, reject) => {
					const worker = new Worker(__filename, { workerData: round + n });
					worker.on("message", resolve);
					worker.on("error", reject);
				})));
				// In libuv's own threads.
				const key = await new Promise((resolve, reject) =>
					crypto.pbkdf2("p", "s" + round, 200, 16, "sha256",
						(error, key) => error ? reject(error) : resolve(key)));
				console.log(round, ...sums, key.toString("hex"));
			}
		}

		if (isMainThread)
			main();
		else
			parentPort.postMessage(work(workerData));
	END
	# Whose rings cannot be saved. libuv does without where the kernel has none.
	sysctl -q kernel.io_uring_disabled=2
	computes '11 [0-9]+ [0-9]+ [0-9a-f]{32}' node "$BATS_TEST_TMPDIR/sums.js"
	sysctl -q kernel.io_uring_disabled=0
}

@test "perl with a pipe to a child that sorts" {
	cat >"$BATS_TEST_TMPDIR/sort.pl" <<-'END'
		use strict;
		use warnings;
		use IPC::Open2;

		$| = 1;
		for my $round (0 .. 15) {
			my $pid = open2(my $from, my $to, "sort", "-n");
			my %seen;
			for my $i (1 .. 3000) {
				my $n = $i * 7919 % 10007 + $round;
				$seen{"$n " . reverse $n} = $i;
			}
			print $to "$_\n" for keys %seen;
			close $to;
			my ($last, $sum) = (-1, 0);
			while (my $line = <$from>) {
				my ($n, $back) = $line =~ /^(\d+) (\d+)$/ or die $line;
				die "$n after $last" if $n < $last || reverse($n) ne $back;
				$sum = ($sum * 31 + $n) % 1000003;
				$last = $n;
			}
			waitpid $pid, 0;
			die "status $?" if $?;
			print "$round $sum\n";
		}
	END
	computes '15 [0-9]+' perl "$BATS_TEST_TMPDIR/sort.pl"
}

@test "CPython with threads and multiprocessing" {
	cat >"$BATS_TEST_TMPDIR/pool.py" <<-'END'
		import hashlib
		import multiprocessing
		import queue
		import threading

		def work(n):
		    digest = hashlib.sha256(b"%d" % n)
		    for i in range(300):
		        digest.update(digest.digest())
		    return digest.hexdigest()

		def consume(todo, results):
		    while (n := todo.get()) is not None:
		        results.append(work(n))

		def main():
		    with multiprocessing.Pool(3) as pool:
		        for i in range(8):
		            todo, results = queue.Queue(), []
		            threads = [threading.Thread(target=consume, args=(todo, results)) for _ in range(3)]
		            for thread in threads:
		                thread.start()
		            for n in range(60):
		                todo.put(n + i)
		            for _ in threads:
		                todo.put(None)
		            for thread in threads:
		                thread.join()
		            there = pool.map(work, range(i, i + 60), chunksize=4)
		            assert sorted(results) == sorted(there)
		            print(i, hashlib.sha256("".join(there).encode()).hexdigest(), flush=True)

		if __name__ == "__main__":
		    main()
	END
	computes '7 [0-9a-f]{64}' python3 "$BATS_TEST_TMPDIR/pool.py"
}

@test "make with several compilers at once" {
	mkdir "$BATS_TEST_TMPDIR/src"
	for i in 1 2 3 4 5 6; do
		awk -v f="$i" 'BEGIN {
			for (i = 0; i < 30; i++)
				printf "int f%d_%d(int x) { int s = 0; for (int i = 0; i < x; i++) s += i * %d ^ x; return s; }\n", f, i, i + f
		}' >"$BATS_TEST_TMPDIR/src/f$i.c"
	done
	printf '%s\n\t@%s\n' 'all: f1.o f2.o f3.o f4.o f5.o f6.o' 'cat $^ | sha256sum' \
		'%.o: %.c' 'gcc -O2 -c -o $@ $<' >"$BATS_TEST_TMPDIR/src/Makefile"
	computes '[0-9a-f]{64}  -' sh -c 'rm -f "$1"/*.o; exec make -s -C "$1" -j3' \
		sh "$BATS_TEST_TMPDIR/src"
}

@test "sqlite3 in a transaction on disk" {
	computes ok sh -c 'rm -f "$1"*; exec sqlite3 "$1" "
		pragma cache_size = 20;
		create table t (a integer primary key, b integer, c text);
		begin;
		with recursive n(i) as (values (1) union all select i + 1 from n where i < 30000)
			insert into t select i, (i * 7919) % 104729, hex(i * i) from n;
		update t set c = c || b where b % 3 = 0;
		create index tb on t (b);
		commit;
		begin;
		delete from t where a % 2;
		rollback;
		select count(*), sum(b), sum(length(c)) from t;
		pragma integrity_check;"' sh "$BATS_TEST_TMPDIR/base"
}
