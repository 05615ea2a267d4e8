#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2034,SC2154
#
# Servers with clients that work without a pause, in one tree, saved, killed and
# restored again and again; some of them also as they were a while ago, by a snapshot after
# which they have run on. Each client looks at every answer; and what the server has is
# looked at in the end.

load ../helpers
load ../continuous

setup_file()
{
	many_pids
	export COUNT=$BATS_TEST_DIRNAME/count.py MAILDIR=$BATS_TEST_DIRNAME/maildir.py
}

# Starts the shell script $1 as the root of a tree, and waits until it says that it is
# ready. It has $D, a directory.
serve()
{
	export D=$BATS_TEST_TMPDIR
	start_command bash -euc "$1"
	until_true ready_or_gone
	ready
}

# The same outside of the tree, and waits until it says so, into $D/$1. It has $GO.
outside()
{
	local name=$1

	GO=$go "$PROGRAMS/launch" -r "$D/$name" bash -euc "$2"
	grep -qx ready "$D/$name"
}

ready_or_gone() { gone "$pid" || ready; }

@test "redis-server counts on, with redis-benchmark" {
	serve '
		redis-server --bind 127.0.0.1 --port 6379 --unixsocket "$D/redis" --save "" \
			--appendonly no --dir "$D" >"$D/log" &
		until redis-cli -s "$D/redis" ping >"$D/pong" 2>&1; do sleep 0.1; done
		"$COUNT" redis "$D/redis" one >"$D/one" & one=$!
		"$COUNT" redis 127.0.0.1:6379 two >"$D/two" & two=$!
		until [ -s "$D/one" ] && [ -s "$D/two" ]; do sleep 0.1; done
		echo ready
		rounds=0
		until [ $rounds -gt 0 ] && [ -e "$GO" ]; do
			redis-benchmark -s "$D/redis" -c 8 -n 1000 -q -t incr,lpush >/dev/null
			rounds=$((rounds + 1))
		done
		wait $one
		wait $two
		for key in one two; do
			grep "counted to $(redis-cli -s "$D/redis" get $key)$" "$D/$key"
		done
		redis-cli -s "$D/redis" get counter:__rand_int__ | grep -x $((rounds * 1000))
		redis-cli -s "$D/redis" llen mylist | grep -x $((rounds * 1000))
		kill %1
		wait %1
		echo passed'
	GOES_BACK=yes
	through 8
}

@test "redis-server counts on for clients outside, and saves what they count" {
	serve '
		redis-server --bind 127.0.0.1 --port 6379 --save 1 1 --rdbcompression no \
			--appendonly yes --appendfsync always --dir "$D" >"$D/log" &
		until redis-cli ping >"$D/pong" 2>&1; do sleep 0.1; done
		echo ready
		for key in one two; do
			until grep -q counted "$D/$key"; do sleep 0.1; done
			grep "counted to $(redis-cli get $key)$" "$D/$key"
		done
		kill %1
		wait %1
		redis-check-aof "$D/appendonlydir/appendonly.aof.manifest"
		redis-check-rdb "$D/dump.rdb"
		echo passed'
	outside one 'exec "$COUNT" redis 127.0.0.1:6379 one'
	outside two 'exec "$COUNT" redis 127.0.0.1:6379 two'
	through 8
}

@test "memcached counts on" {
	serve '
		memcached -u root -l 127.0.0.1 -p 11211 -t 4 & server=$!
		until (: <>/dev/tcp/127.0.0.1/11211) 2>/dev/null; do sleep 0.1; done
		clients=()
		for key in a b c; do
			"$COUNT" memcached 127.0.0.1:11211 $key >"$D/$key" & clients+=($!)
		done
		for key in a b c; do until [ -s "$D/$key" ]; do sleep 0.1; done; done
		echo ready
		for client in "${clients[@]}"; do wait $client; done
		kill $server
		echo passed'
	through 8
}

# A client outside of PostgreSQL that is told of each row, until $GO is there.
inserts()
{
	# shellcheck disable=SC2030
	outside "$1" "who=$1"'
		coproc psql { psql -h 127.0.0.1 -U postgres -d postgres -AtqX -v ON_ERROR_STOP=1 2>&1; }
		n=0
		until [ -e "$GO" ] && [ $n -gt 10 ]; do
			n=$((n + 1))
			echo "insert into told values (\$\$$who\$\$, $n) returning n;" >&${psql[1]}
			read -r told <&${psql[0]}
			[ "$told" = $n ] || { echo "$n: $told"; exit 1; }
			[ $n != 1 ] || echo ready
		done
		echo "told $n"'
}

make_base()
{
	PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
	export PATH
	mkdir "$BATS_TEST_TMPDIR/pg"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR"
	chown -R postgres "$BATS_TEST_TMPDIR"
	cd /
	setpriv --reuid=postgres --regid=postgres --clear-groups \
		initdb -D "$BATS_TEST_TMPDIR/pg" -A trust -N >"$BATS_TEST_TMPDIR/initdb"
}

@test "PostgreSQL loses no transaction that it has acknowledged" {
	make_base
	serve '
		run() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
		export PGHOST=$D PGUSER=postgres PGDATABASE=postgres
		setpriv --reuid=postgres --regid=postgres --clear-groups \
			postgres -D "$D/pg" -c listen_addresses=127.0.0.1 \
			-c "unix_socket_directories=$D" 2>"$D/log" & server=$!
		until run pg_isready -q; do sleep 0.2; done
		run pgbench -q -i -s 1 2>"$D/init"
		run psql -qc "create table told (who text, n integer, primary key (who, n))"
		echo ready
		done=0
		until [ $done != 0 ] && [ -e "$GO" ]; do
			run pgbench -n -c 4 -t 50 >"$D/bench" 2>&1
			done=$((done + 200))
		done
		sums=$(run psql -Atc "select (select count(*) from pgbench_history),
			(select sum(delta) from pgbench_history) = (select sum(abalance) from pgbench_accounts),
			(select sum(bbalance) from pgbench_branches) = (select sum(tbalance) from pgbench_tellers)")
		echo "$sums"
		[ "$sums" = "$done|t|t" ]
		for who in one two; do
			until grep -q "^told" "$D/$who"; do sleep 0.1; done
			grep -x "told $(run psql -Atc "select count(*) from told where who = \$\$$who\$\$")" "$D/$who"
		done
		run psql -qc "create extension amcheck"
		run pg_amcheck
		kill $server
		wait $server
		echo passed'
	inserts one
	inserts two
	through 6
}

@test "PostgreSQL goes back to where it was, with its files" {
	make_base
	# What shares memory by files has them there, too.
	serve '
		run() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
		export PGHOST=$D PGUSER=postgres PGDATABASE=postgres
		setpriv --reuid=postgres --regid=postgres --clear-groups \
			postgres -D "$D/pg" -c listen_addresses= -c dynamic_shared_memory_type=mmap \
			-c "unix_socket_directories=$D" 2>"$D/pg/log" & server=$!
		until run pg_isready -q; do sleep 0.2; done
		run pgbench -q -i -s 1 2>"$D/pg/init"
		echo ready
		done=0
		until [ $done != 0 ] && [ -e "$GO" ]; do
			run pgbench -n -c 4 -t 50 >"$D/pg/bench" 2>&1
			done=$((done + 200))
		done
		sums=$(run psql -Atc "select (select count(*) from pgbench_history),
			(select sum(delta) from pgbench_history) = (select sum(abalance) from pgbench_accounts),
			(select sum(bbalance) from pgbench_branches) = (select sum(tbalance) from pgbench_tellers)")
		echo "$sums"
		[ "$sums" = "$done|t|t" ]
		run psql -qc "create extension amcheck"
		run pg_amcheck
		kill $server
		wait $server
		echo passed'
	GOES_BACK=yes KEPT=$BATS_TEST_TMPDIR/pg
	through 6
}

@test "nginx and its workers answer every request" {
	mkdir "$BATS_TEST_TMPDIR/www" "$BATS_TEST_TMPDIR/tmp"
	seq 5000 >"$BATS_TEST_TMPDIR/www/numbers"
	cat >"$BATS_TEST_TMPDIR/conf" <<-END
		user root;
		worker_processes 2;
		daemon off;
		pid $BATS_TEST_TMPDIR/pid;
		error_log $BATS_TEST_TMPDIR/errors;
		events {}
		http {
			access_log off;
			client_body_temp_path $BATS_TEST_TMPDIR/tmp;
			server {
				listen 127.0.0.1:8080 reuseport;
				root $BATS_TEST_TMPDIR/www;
			}
		}
	END
	serve '
		nginx -c "$D/conf" -e "$D/errors" & server=$!
		until (: <>/dev/tcp/127.0.0.1/8080) 2>/dev/null; do sleep 0.1; done
		echo ready
		runs=0
		while [ ! -e "$GO" ]; do
			ab -q -k -c 4 -n 200 http://127.0.0.1:8080/numbers |
				grep -E "^(Complete requests: *200|Failed requests: *0)$" | wc -l | grep -x 2
			runs=$((runs + 1))
		done
		echo "$runs runs"
		kill $server
		wait $server
		echo passed'
	GOES_BACK=yes
	through 8
}

@test "an asyncio server in Python counts on" {
	serve '
		python3 -c "
import asyncio
counts = {}
async def serve(reader, writer):
    while (request := await reader.readuntil(b\"\r\n\r\n\")):
        key = request.split()[1]
        counts[key] = counts.get(key, 0) + 1
        body = b\"%d\" % counts[key]
        await asyncio.sleep(0.001)
        writer.write(b\"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s\" % (len(body), body))
async def main():
    async with await asyncio.start_server(serve, \"127.0.0.1\", 8081) as server:
        await server.serve_forever()
asyncio.run(main())
" 2>"$D/log" & server=$!
		until (: <>/dev/tcp/127.0.0.1/8081) 2>/dev/null; do sleep 0.1; done
		clients=()
		for key in a b c d; do
			"$COUNT" http 127.0.0.1:8081 $key >"$D/$key" & clients+=($!)
		done
		for key in a b c d; do until [ -s "$D/$key" ]; do sleep 0.1; done; done
		echo ready
		for client in "${clients[@]}"; do wait $client; done
		kill $server
		echo passed'
	GOES_BACK=yes
	through 8
}

@test "an HTTP server in Java counts on" {
	cat >"$BATS_TEST_TMPDIR/Counts.java" <<-'END'
		import com.sun.net.httpserver.HttpServer;
		import java.net.InetSocketAddress;
		import java.util.concurrent.ConcurrentHashMap;
		import java.util.concurrent.Executors;

		public class Counts {
			public static void main(String[] args) throws Exception {
				ConcurrentHashMap<String, Integer> counts = new ConcurrentHashMap<>();
				HttpServer server = HttpServer.create(
					new InetSocketAddress("127.0.0.1", 8083), 0);
				server.createContext("/", exchange -> {
					int count = counts.merge(exchange.getRequestURI().toString(), 1, Integer::sum);
					byte[] body = Integer.toString(count).getBytes();
					exchange.sendResponseHeaders(200, body.length);
					exchange.getResponseBody().write(body);
					exchange.close();
				});
				server.setExecutor(Executors.newFixedThreadPool(4));
				server.start();
			}
		}
	END
	javac -d "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/Counts.java"
	serve '
		java -Xmx256m -cp "$D" Counts >"$D/log" 2>&1 & server=$!
		until (: <>/dev/tcp/127.0.0.1/8083) 2>/dev/null; do sleep 0.2; done
		clients=()
		for key in a b; do
			"$COUNT" http 127.0.0.1:8083 $key >"$D/$key" & clients+=($!)
		done
		for key in a b; do until [ -s "$D/$key" ]; do sleep 0.1; done; done
		echo ready
		for client in "${clients[@]}"; do wait $client; done
		kill $server
		echo passed'
	through 6
}

@test "an HTTP server in node.js counts on" {
	cat >"$BATS_TEST_TMPDIR/counts.js" <<-'END'
		const counts = {};
		require("http").createServer((request, response) => {
			counts[request.url] = (counts[request.url] || 0) + 1;
			const body = String(counts[request.url]);
			setTimeout(() => {
				response.writeHead(200, { "Content-Length": body.length });
				response.end(body);
			}, 1);
		}).listen(8084, "127.0.0.1");
	END
	# Whose rings cannot be saved. libuv does without where the kernel has none.
	sysctl -q kernel.io_uring_disabled=2
	serve '
		node "$D/counts.js" >"$D/log" 2>&1 & server=$!
		until (: <>/dev/tcp/127.0.0.1/8084) 2>/dev/null; do sleep 0.2; done
		clients=()
		for key in a b c; do
			"$COUNT" http 127.0.0.1:8084 $key >"$D/$key" & clients+=($!)
		done
		for key in a b c; do until [ -s "$D/$key" ]; do sleep 0.1; done; done
		echo ready
		for client in "${clients[@]}"; do wait $client; done
		kill $server
		echo passed'
	through 6
	sysctl -q kernel.io_uring_disabled=0
}

@test "dbus-daemon goes on with its clients" {
	cat >"$BATS_TEST_TMPDIR/conf" <<-END
		<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
		 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
		<busconfig>
		<type>session</type>
		<listen>unix:path=$BATS_TEST_TMPDIR/bus</listen>
		<auth>EXTERNAL</auth>
		<policy context="default"><allow send_destination="*" eavesdrop="true"/>
		<allow eavesdrop="true"/><allow own="*"/></policy>
		</busconfig>
	END
	serve '
		dbus-daemon --config-file="$D/conf" --nofork --nopidfile 2>"$D/log" & server=$!
		until [ -S "$D/bus" ]; do sleep 0.1; done
		export DBUS_SESSION_BUS_ADDRESS=unix:path=$D/bus
		dbus-monitor "type=signal,member=Tick" >"$D/ticks" 2>&1 & monitor=$!
		until grep -q NameAcquired "$D/ticks"; do sleep 0.1; done
		echo ready
		n=0
		until [ $n -gt 10 ] && [ -e "$GO" ]; do
			n=$((n + 1))
			dbus-send --session --type=signal / test.Test.Tick int32:$n
		done
		until grep -qx " *int32 $n" "$D/ticks"; do sleep 0.1; done
		# Each of them once, in order.
		diff <(sed -n "s/^ *int32 //p" "$D/ticks") <(seq $n)
		kill $monitor $server
		echo passed'
	through 6
}

# Whoever has the key $D/user may be root, at the port 2222.
configure_sshd()
{
	mkdir -p /run/sshd
	ssh-keygen -q -t ed25519 -N '' -f "$BATS_TEST_TMPDIR/host"
	ssh-keygen -q -t ed25519 -N '' -f "$BATS_TEST_TMPDIR/user"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR"
	cat >"$BATS_TEST_TMPDIR/conf" <<-END
		Port 2222
		ListenAddress 127.0.0.1
		HostKey $BATS_TEST_TMPDIR/host
		AuthorizedKeysFile $BATS_TEST_TMPDIR/user.pub
		StrictModes no
		PermitRootLogin yes
		UsePAM no
		PidFile none
	END
}

@test "sshd and sessions of it" {
	configure_sshd
	serve '
		/usr/sbin/sshd -D -e -f "$D/conf" 2>"$D/log" & server=$!
		until (: <>/dev/tcp/127.0.0.1/2222) 2>/dev/null; do sleep 0.1; done
		# One with a terminal, and one without.
		clients=()
		for option in -T -tt; do
			mkfifo "$D/in$option"
			ssh $option -F none -p 2222 -i "$D/user" -o StrictHostKeyChecking=no \
				-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR root@127.0.0.1 \
				"[ $option = -T ] || stty -echo -onlcr; echo hello;
					while read -r n; do echo \$((n * n)); done" \
				<"$D/in$option" >"$D/squares$option" & clients+=($!)
		done
		exec 5>"$D/in-T" 6>"$D/in-tt"
		until [ -s "$D/squares-T" ] && [ -s "$D/squares-tt" ]; do sleep 0.1; done
		echo ready
		n=0
		while [ ! -e "$GO" ]; do
			n=$((n + 1))
			echo $n >&5
			echo $n >&6
			until [ "$(wc -l <"$D/squares-T")" -gt $n ] &&
				[ "$(wc -l <"$D/squares-tt")" -gt $n ]; do sleep 0.02; done
		done
		# The end of file, of a terminal.
		printf "\4" >&6
		exec 5>&- 6>&-
		for client in "${clients[@]}"; do wait $client; done
		for option in -T -tt; do
			diff <(tail -n +2 "$D/squares$option") <(seq $n | awk "{ print \$1 * \$1 }")
		done
		kill $server
		echo passed'
	through 6
}

@test "an image that goes through zstd and ssh is restored there" {
	export D=$BATS_TEST_TMPDIR
	configure_sshd
	start plain
	outside sshd '
		/usr/sbin/sshd -D -e -f "$D/conf" 2>"$D/log" & server=$!
		until (: <>/dev/tcp/127.0.0.1/2222) 2>/dev/null; do sleep 0.1; done
		echo ready
		until [ -e "$GO" ]; do sleep 0.1; done
		kill $server
		wait $server || :'
	# There is here: the program has to be gone first.
	ckpt save --kill "$pid" | zstd -q >"$D/web.tar.zst"
	until_gone "$pid"
	ssh -T -F none -p 2222 -i "$D/user" -o StrictHostKeyChecking=no \
		-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR root@127.0.0.1 \
		"$(command -v ckpt) restore" <"$D/web.tar.zst" >"$D/restored"
	[ "$(<"$D/restored")" = "$pid" ]
	finish
	until_gone "$(<"$D/sshd.pid")"
}

@test "tini with its children" {
	serve '
		tini -s -- bash -c "
			echo ready
			n=0
			while [ ! -e \"\$GO\" ]; do
				(exit \$((n % 256))) && status=0 || status=\$?
				[ \$status = \$((n % 256)) ] || exit 1
				(sleep 0.01 &)
				n=\$((n + 1))
			done
			echo \$n"
		echo passed'
	through 8
}

@test "watchers of Maildirs, and tail -f, miss nothing" {
	serve '
		: >"$D/log"
		tail -n +1 -f "$D/log" >"$D/copy" & tail=$!
		watchers=()
		for box in "$D/a" "$D/b"; do
			mkdir -p "$box/tmp" "$box/new" "$box/cur"
			for role in sort watch; do
				"$MAILDIR" $role "$box" >"$box/$role" & watchers+=($!)
				until [ -s "$box/$role" ]; do sleep 0.1; done
			done
		done
		for box in "$D/a" "$D/b"; do
			"$MAILDIR" deliver "$box" "$D/log" & watchers+=($!)
		done
		echo ready
		for watcher in "${watchers[@]}"; do wait $watcher; done
		for box in "$D/a" "$D/b"; do
			n=$(($(find "$box/cur" -type f | wc -l) - 1))
			grep -x "sorted $n" "$box/sort"
			grep -x "watched $n" "$box/watch"
			grep -c "^$box " "$D/log" | grep -x $((n + 1))
		done
		until cmp -s "$D/log" "$D/copy"; do sleep 0.1; done
		kill $tail
		echo passed'
	through 8
}
