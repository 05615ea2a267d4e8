#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
load ../helpers

@test "private anonymous memory keeps contents and protection" { round_trip anon; }
@test "private anonymous memory of a 32-bit program does" { round_trip anon32; }
@test "shared anonymous memory stays shared between relatives" { round_trip shared_anon; }
@test "shared anonymous memory of 32-bit programs does" { round_trip shared_anon32; }
@test "pages shared copy-on-write stay shared until somebody writes" { round_trip cow; }
@test "pages of 32-bit programs do" { round_trip cow32; }
@test "mappings of files are where they were, line by line" { round_trip mappings; }
@test "mappings of a 32-bit program are" { round_trip mappings32; }
@test "heap and stack go on growing, exe, arguments and environment are kept" {
	round_trip brk_stack one "two three"
}
@test "heap and stack of a 32-bit program do" { round_trip brk_stack32 one "two three"; }
@test "what mlock, madvise and prctl have set stays set" { round_trip mlock_madvise; }
@test "what they have set in a 32-bit program does" { round_trip mlock_madvise32; }
@test "huge pages keep their contents, whole, split and shared" { round_trip thp; }
