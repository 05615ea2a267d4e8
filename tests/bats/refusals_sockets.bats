#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154
#
# Kinds of sockets that are not saved, and what sockets of others may have that is not, are
# refused by name; and the program goes on. More of that is beside what is saved of each kind:
# tcp.bats, udp.bats, netlink.bats ... in objects.

load helpers

# refuses KIND 'words': what the log says after the descriptor.
refuses()
{
	start_if_possible unsupported_sockets "$1"
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -E "task $pid \\([^)]*\\) fd [0-9]+: $2 cannot be saved" "$MNT/log"
	[ ! -e "$MNT/web" ]
	finish
}

@test "a vsock socket is refused by name" { refuses vsock 'a vsock socket'; }
@test "a socket of the kernel's cryptography is refused by name" { refuses alg 'an af_alg socket'; }
@test "a socket that manages keys of IPsec is refused by name" { refuses key 'an af_key socket'; }
@test "an XDP socket is refused by name" { refuses xdp 'an af_xdp socket'; }
@test "an SCTP socket is refused by name" { refuses sctp 'an sctp socket'; }
@test "an MPTCP socket is refused by name" { refuses mptcp 'an mptcp socket'; }
@test "a connection with TLS of the kernel is refused by name" {
	refuses tls 'a protocol upon TCP \(TCP_ULP\)'
}
@test "a connection whose SYN has been kept is refused by name" {
	refuses saved_syn 'a saved SYN \(TCP_SAVED_SYN\)'
}
@test "a socket with a signature of TCP is refused by name" {
	refuses md5 'a signature \(TCP_MD5SIG\)'
}
@test "an eBPF filter of a socket is refused by name" { refuses ebpf 'an eBPF filter of a socket'; }
@test "a socket that decapsulates is refused by name" { refuses encap 'encapsulation \(UDP_ENCAP\)'; }
@test "a socket that has sent with MSG_ZEROCOPY is refused by name" {
	refuses zerocopy 'a socket that has sent with MSG_ZEROCOPY'
}
@test "a flow label of a socket is refused by name" { refuses flow_label 'a flow label'; }
@test "an anycast address of a socket is refused by name" {
	local forwarding=/proc/sys/net/ipv6/conf/lo/forwarding

	[ ! -e "$forwarding" ] || echo 1 >"$forwarding"
	refuses anycast 'an anycast address'
	echo 0 >"$forwarding"
}
