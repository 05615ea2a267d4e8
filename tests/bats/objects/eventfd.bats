#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "an eventfd keeps its count, its mode, and who waits for it" { every_way eventfd; }
