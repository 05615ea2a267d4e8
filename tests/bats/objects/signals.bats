#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only

load ../helpers

@test "handlers, masks, stacks and pending signals are kept" { every_way signals; }
@test "those of a 32-bit program are kept" { every_way signals32; }
@test "a process in sigsuspend() gets its mask back" { every_way sigsuspend; }
@test "a 32-bit process in sigsuspend() does" { every_way sigsuspend32; }
