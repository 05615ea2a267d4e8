#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154

load ../helpers

@test "a pidfd keeps its task, living or not" { every_way pidfd; }
