#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2154
#
# Servers with clients that work without a pause, in one tree, saved, killed and
# restored again and again. Each client looks at every answer; and what the server has is
# looked at in the end.

load ../helpers
load ../continuous

setup_file()
{
	many_pids
	export COUNT=$BATS_TEST_DIRNAME/count.py
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

ready_or_gone() { gone "$pid" || ready; }

@test "redis-server counts on" {
	serve '
		redis-server --bind 127.0.0.1 --port 6379 --unixsocket "$D/redis" --save "" \
			--appendonly no --dir "$D" >"$D/log" &
		until redis-cli -s "$D/redis" ping >"$D/pong" 2>&1; do sleep 0.1; done
		"$COUNT" redis "$D/redis" one >"$D/one" & one=$!
		"$COUNT" redis 127.0.0.1:6379 two >"$D/two" & two=$!
		until [ -s "$D/one" ] && [ -s "$D/two" ]; do sleep 0.1; done
		echo ready
		wait $one
		wait $two
		for key in one two; do
			grep "counted to $(redis-cli -s "$D/redis" get $key)$" "$D/$key"
		done
		kill %1
		wait %1
		echo passed'
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

@test "PostgreSQL loses no transaction that it has acknowledged" {
	PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
	export PATH
	mkdir "$BATS_TEST_TMPDIR/pg"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR"
	chown -R postgres "$BATS_TEST_TMPDIR"
	cd /
	setpriv --reuid=postgres --regid=postgres --clear-groups \
		initdb -D "$BATS_TEST_TMPDIR/pg" -A trust -N >"$BATS_TEST_TMPDIR/initdb"
	serve '
		run() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
		export PGHOST=$D PGUSER=postgres PGDATABASE=postgres
		setpriv --reuid=postgres --regid=postgres --clear-groups \
			postgres -D "$D/pg" -c listen_addresses= -c "unix_socket_directories=$D" \
			2>"$D/log" & server=$!
		until run pg_isready -q; do sleep 0.2; done
		run pgbench -q -i -s 1 2>"$D/init"
		echo ready
		done=0
		while [ ! -e "$GO" ]; do
			run pgbench -n -c 4 -t 50 >"$D/bench" 2>&1
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
			ab -q -k -c 4 -n 200 http://127.0.0.1:8080/numbers >"$D/ab"
			grep -E "^(Complete requests: *200|Failed requests: *0)$" "$D/ab" | wc -l | grep -x 2
			runs=$((runs + 1))
		done
		echo "$runs runs"
		kill $server
		wait $server
		echo passed'
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

@test "sshd and a session of it" {
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
	serve '
		/usr/sbin/sshd -D -e -f "$D/conf" 2>"$D/log" & server=$!
		until (: <>/dev/tcp/127.0.0.1/2222) 2>/dev/null; do sleep 0.1; done
		mkfifo "$D/in"
		ssh -F none -p 2222 -i "$D/user" -o StrictHostKeyChecking=no \
			-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR root@127.0.0.1 \
			"echo hello; while read -r n; do echo \$((n * n)); done" \
			<"$D/in" >"$D/squares" & client=$!
		exec 5>"$D/in"
		until [ -s "$D/squares" ]; do sleep 0.1; done
		echo ready
		n=0
		while [ ! -e "$GO" ]; do
			n=$((n + 1))
			echo $n >&5
			until [ "$(wc -l <"$D/squares")" -gt $n ]; do sleep 0.02; done
		done
		exec 5>&-
		wait $client
		diff <(tail -n +2 "$D/squares") <(seq $n | awk "{ print \$1 * \$1 }")
		kill $server
		echo passed'
	through 6
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
