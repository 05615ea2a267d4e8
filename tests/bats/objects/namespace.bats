#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "descriptors of the container's namespaces are of those where it is restored" {
	every_way namespace
}
