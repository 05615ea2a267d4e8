#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2154
#
# What people have in their terminals, in tmux, which is saved with them; its client is
# the test, and outside.

load ../helpers
load ../continuous

setup_file() { many_pids; }

tm() { tmux -S "$BATS_TEST_TMPDIR/tmux" "$@"; }

# Starts the server of tmux with such a program in its terminal; it would keep the
# descriptors that it inherits.
terminal()
{
	unset TMUX
	export TERM=screen
	"$PROGRAMS/launch" "$BATS_TEST_TMPDIR/started" tmux -S "$BATS_TEST_TMPDIR/tmux" \
		-f /dev/null new-session -d -x 80 -y 24 "$@"
	until_true tm has-session
	pid=$(tm display-message -p '#{pid}')
}

# Types the words, and Enter.
type_in() { tm send-keys "$@" Enter; }

screen_has() { tm capture-pane -p | grep -qx -e "$1"; }

# Saves, kills and restores the server and all in it.
hop()
{
	image=$BATS_TEST_TMPDIR/web.tar
	ctl freeze web "pid=$pid"
	cat "$MNT/web.tar" >"$image"
	ctl commit web kill
	until_all_gone
	ctl remove web
	restore
}

@test "bash in tmux, with a job in the background and one that is stopped" {
	local i

	terminal bash --norc --noprofile
	type_in "PS1='$ '"
	type_in 'sleep 1000 &'
	type_in 'n=0; cat'
	type_in one
	until_true screen_has one
	tm send-keys C-z
	until_true screen_has '\[2\]+  Stopped *cat'
	for i in 1 2 3; do
		hop
		type_in 'n=$((n + 1)); echo "n is $n"; jobs'
		until_true screen_has "n is $i"
		until_true screen_has '\[1\]-  Running *sleep 1000 &'
	done
	type_in fg
	type_in two
	until_true screen_has two
	hop
	type_in three
	until_true screen_has three
	tm send-keys C-d
	type_in 'kill %1; wait; exit'
	until_gone "$pid"
}

@test "an editor in tmux, with what has not been written" {
	terminal vim.tiny -u NONE "$BATS_TEST_TMPDIR/text"
	until_true screen_has '~'
	tm send-keys i
	type_in 'first line'
	until_true screen_has 'first line'
	hop
	type_in 'second line'
	until_true screen_has 'second line'
	hop
	tm send-keys Escape
	type_in ':wq'
	until_gone "$pid"
	printf '%s\n' 'first line' 'second line' '' | cmp - "$BATS_TEST_TMPDIR/text"
}

@test "gdb in tmux, with a program at a breakpoint and in single steps" {
	local i

	gcc -g -O0 -o "$BATS_TEST_TMPDIR/program" -x c - <<-'END'
		#include <stdio.h>

		static int add(int sum, int n)
		{
			return sum + n;
		}

		int main(void)
		{
			int sum = 0, n;

			for (n = 1; n <= 4; n++)
				sum = add(sum, n);
			printf("the sum is %d\n", sum);
			return 0;
		}
	END
	terminal gdb -q -nx -iex 'set debuginfod enabled off' -iex 'set pagination off' \
		-iex 'set style enabled off' -iex 'set confirm off' "$BATS_TEST_TMPDIR/program"
	until_true screen_has '(gdb)'
	type_in 'break add'
	type_in run
	until_true screen_has 'Breakpoint 1, add (sum=0, n=1) at .*'
	hop
	type_in continue
	until_true screen_has 'Breakpoint 1, add (sum=1, n=2) at .*'
	hop
	for i in 1 2; do
		type_in stepi
		type_in "print $i * 1000 + n"
		until_true screen_has ".*= ${i}002"
		hop
	done
	type_in 'delete 1'
	type_in continue
	until_true screen_has 'the sum is 10'
	type_in quit
	until_gone "$pid"
}
