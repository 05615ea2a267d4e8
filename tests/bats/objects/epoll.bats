#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "an epoll keeps what it watches, what it has told, and what it has to tell" {
	every_way epoll
}
