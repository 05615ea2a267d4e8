#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only

load ../helpers

@test "a zombie keeps its owner" { round_trip zombie_owner; }
@test "a process goes on whose first thread has ended" { every_way dead_leader; }
@test "a 32-bit one does" { round_trip dead_leader32; }
