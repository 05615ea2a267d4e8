#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154

load ../helpers

@test "tcp connections that nobody has accepted wait on, each with what it has received" {
	# An end that has been closed is known for that long.
	echo 3600 >/proc/sys/net/ipv4/tcp_fin_timeout
	every_way tcpaccept
	echo 60 >/proc/sys/net/ipv4/tcp_fin_timeout
}
