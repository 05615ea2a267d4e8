#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only

load ../helpers

@test "brothers, orphans and threads of threads share what they shared" { every_way shares; }
@test "those of a 32-bit program do" { every_way shares32; }
