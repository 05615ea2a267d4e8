#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only

load ../helpers

@test "handlers, masks, stacks and pending signals are kept" { round_trip signals; }
@test "those of a 32-bit program are kept" { round_trip signals32; }
@test "a process in sigsuspend() gets its mask back" { round_trip sigsuspend; }
@test "a 32-bit process in sigsuspend() does" { round_trip sigsuspend32; }
