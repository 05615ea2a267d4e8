/* SPDX-License-Identifier: GPL-2.0-only */
/* Descriptors that are handed over by a UNIX socket, one at a time. */
#ifndef HANDOVER_H
#define HANDOVER_H

#include <sys/socket.h>

#include "program.h"

static inline void send_fd(int to, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {};
	struct iovec iov = { "q", 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control.room),
	};

	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	check(sendmsg(to, &msg, 0) == 1);
}

static inline int receive_fd(int from)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control.room),
	};
	int fd;

	check(recvmsg(from, &msg, 0) == 1);
	check(msg.msg_controllen >= sizeof(struct cmsghdr));
	memcpy(&fd, CMSG_DATA(&control.head), sizeof(fd));
	return fd;
}

#endif
