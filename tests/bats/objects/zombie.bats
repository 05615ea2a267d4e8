#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only

load ../helpers

@test "a zombie keeps its owner" { round_trip zombie_owner; }
