#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# What "make install" installs, and the module as such.
# shellcheck disable=SC2154

load helpers
bats_require_minimum_version 1.5.0

@test "what is installed is loaded by its name, mounted, and has its tools and manual" {
	local dir

	umount "$MNT"
	rmmod checkpointfs
	# Some of these are links in the guest.
	for dir in /ckpt/install/*; do
		cp -a "$dir/." "/${dir##*/}/"
	done
	depmod
	modprobe checkpointfs
	modinfo -F filename checkpointfs | grep -q "^/lib/modules/$(uname -r)/"
	mount -t checkpointfs none "$MNT"
	start plain
	save
	/usr/local/bin/ckpt restore "$image"
	finish
	/usr/local/bin/ckpt check "$image"
	man -w ckpt mount.checkpointfs checkpointfs | grep -c '^/usr/local/.*man/' | grep -qx 3
}

@test "the module stays while something is mounted" {
	run -1 rmmod checkpointfs
}
