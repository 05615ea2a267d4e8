// SPDX-License-Identifier: GPL-2.0-only
/*
 * UNIX sockets with names, of all sorts, and those that listen: connections
 * that wait, have been accepted, or have been closed meanwhile.
 *
 * Usage: unixnames DIR, where the files are made
 */
#define _GNU_SOURCE
#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "message.h"
#include "openfile.h"
#include "tasks.h"

static int listener, waiting, accepted, client, named, quiet, server, talker, self;
static int gone, old, new, relative, autobound, pending_ep;
static struct stat before;
static socklen_t auto_len;
static struct sockaddr_un auto_name;

static socklen_t name(struct sockaddr_un *addr, const char *text)
{
	int abstract = text[0] == '@';

	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	strcpy(addr->sun_path, text);
	if (abstract)
		addr->sun_path[0] = 0;
	return offsetof(struct sockaddr_un, sun_path) + strlen(text) + !abstract;
}

static int make(int type, const char *bound)
{
	int fd = socket(AF_UNIX, type, 0);
	struct sockaddr_un addr;

	check(fd >= 0);
	if (bound) {
		if (bound[0] != '@')
			unlink(bound);
		check(bind(fd, (struct sockaddr *)&addr, name(&addr, bound)) == 0);
	}
	return fd;
}

static int connect_to(int fd, const char *to)
{
	struct sockaddr_un addr;

	return connect(fd, (struct sockaddr *)&addr, name(&addr, to));
}

static int connected(int type, const char *to)
{
	int fd = make(type, NULL);

	check(connect_to(fd, to) == 0);
	return fd;
}

static int is(const struct sockaddr_un *addr, socklen_t len, const char *text)
{
	struct sockaddr_un want;
	socklen_t size = text ? name(&want, text) : sizeof(sa_family_t);

	return len == size && (!text || !memcmp(addr, &want, len));
}

static void is_called(int fd, const char *text, const char *peer)
{
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);

	check(getsockname(fd, (struct sockaddr *)&addr, &len) == 0 && is(&addr, len, text));
	len = sizeof(addr);
	if (!peer)
		return;
	check(getpeername(fd, (struct sockaddr *)&addr, &len) == 0);
	check(is(&addr, len, *peer ? peer : NULL));
}

static void get_from(int fd, const char *text, const char *sender)
{
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);
	char got[100] = "";

	check(recvfrom(fd, got, sizeof(got) - 1, MSG_DONTWAIT, (struct sockaddr *)&addr,
		       &len) == (ssize_t)strlen(text));
	check(!strcmp(got, text));
	check(sender ? is(&addr, len, sender) : !len);
}

static void make_listener(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int late;

	listener = make(SOCK_STREAM, "listener");
	check(chmod("listener", 0640) == 0 && chown("listener", 1234, 5678) == 0);
	check(stat("listener", &before) == 0);
	check(listen(listener, 7) == 0);
	client = make(SOCK_STREAM, "@client of unixnames");
	check(connect_to(client, "listener") == 0);
	accepted = accept(listener, NULL, NULL);
	check(accepted >= 0);
	put(accepted, "to the client");
	waiting = connected(SOCK_STREAM, "listener");
	put(waiting, "too early");
	late = make(SOCK_STREAM, "@closed of unixnames");
	check(connect_to(late, "listener") == 0);
	put(late, "and gone");
	check(close(late) == 0);
	pending_ep = epoll_create1(0);
	check(epoll_ctl(pending_ep, EPOLL_CTL_ADD, listener, &event) == 0);
}

static void check_listener(void)
{
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);
	struct epoll_event event;
	struct ucred cred;
	struct stat st;
	int fd;

	check(stat("listener", &st) == 0 && st.st_mode == (S_IFSOCK | 0640));
	check(st.st_uid == 1234 && st.st_gid == 5678 && st.st_ino == before.st_ino);
	is_called(listener, "listener", NULL);
	is_called(accepted, "listener", "@client of unixnames");
	is_called(client, "@client of unixnames", "listener");
	is_called(waiting, NULL, "listener");
	get(client, "to the client");
	put(client, "from the client");
	get(accepted, "from the client");
	check(epoll_wait(pending_ep, &event, 1, 0) == 1);
	check(epoll_wait(pending_ep, &event, 1, 0) == 0);

	fd = accept(listener, NULL, NULL);
	check(fd >= 0);
	get(fd, "too early");
	put(fd, "not too late");
	get(waiting, "not too late");
	is_called(fd, "listener", "");
	len = sizeof(cred);
	check(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0);
	check(cred.pid == getpid() && cred.uid == getuid());
	len = sizeof(addr);
	fd = accept(listener, (struct sockaddr *)&addr, &len);
	check(fd >= 0 && is(&addr, len, "@closed of unixnames"));
	get(fd, "and gone");
	get(fd, "");

	check(fcntl(listener, F_SETFL, O_NONBLOCK) == 0);
	check(accept(listener, NULL, NULL) == -1 && errno == EAGAIN);
	waiting = connected(SOCK_STREAM, "listener");
	check(epoll_wait(pending_ep, &event, 1, 0) == 1);
	fd = accept(listener, NULL, NULL);
	put(waiting, "a new one");
	get(fd, "a new one");
}

static void make_datagrams(void)
{
	int sender = make(SOCK_DGRAM, "sender");

	server = make(SOCK_DGRAM, "server");
	talker = make(SOCK_DGRAM, "@talker of unixnames");
	check(connect_to(talker, "server") == 0);
	put(talker, "first");
	check(connect_to(sender, "server") == 0);
	put(sender, "second");
	put(sender, "third");
	check(close(sender) == 0 && unlink("sender") == 0);
	sender = connected(SOCK_DGRAM, "server");
	put(sender, "fourth");
	check(close(sender) == 0);
	put(talker, "fifth");
	self = make(SOCK_DGRAM, "@self of unixnames");
	check(connect_to(self, "@self of unixnames") == 0);
	put(self, "to myself");
	autobound = socket(AF_UNIX, SOCK_DGRAM, 0);
	auto_name.sun_family = AF_UNIX;
	check(bind(autobound, (struct sockaddr *)&auto_name, sizeof(sa_family_t)) == 0);
	auto_len = sizeof(auto_name);
	check(getsockname(autobound, (struct sockaddr *)&auto_name, &auto_len) == 0);
}

static void check_datagrams(void)
{
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);
	int sender;

	get_from(server, "first", "@talker of unixnames");
	get_from(server, "second", "sender");
	get_from(server, "third", "sender");
	get_from(server, "fourth", NULL);
	get_from(server, "fifth", "@talker of unixnames");
	is_called(talker, "@talker of unixnames", "server");
	put(talker, "sixth");
	get_from(server, "sixth", "@talker of unixnames");
	get_from(self, "to myself", "@self of unixnames");
	put(self, "again");
	get(self, "again");
	check(getsockname(autobound, (struct sockaddr *)&addr, &len) == 0);
	check(len == auto_len && !memcmp(&addr, &auto_name, len));
	sender = make(SOCK_DGRAM, NULL);
	check(sendto(sender, "auto", 4, 0, (struct sockaddr *)&addr, len) == 4);
	get(autobound, "auto");
}

static void make_names(void)
{
	quiet = make(SOCK_SEQPACKET, "@quiet of unixnames");
	check(listen(quiet, 0) == 0);
	named = make(SOCK_STREAM, "named");
	gone = make(SOCK_STREAM, "gone");
	check(listen(gone, 5) == 0 && unlink("gone") == 0);
	old = make(SOCK_DGRAM, "replaced");
	check(unlink("replaced") == 0);
	new = make(SOCK_DGRAM, "replaced");
	relative = make(SOCK_DGRAM, "./relative");
	check(rename("relative", "renamed") == 0);
}

static void check_names(void)
{
	int fd = connected(SOCK_SEQPACKET, "@quiet of unixnames");

	put(fd, "packet");
	get(accept(quiet, NULL, NULL), "packet");
	is_called(named, "named", NULL);
	check(connect_to(make(SOCK_STREAM, NULL), "named") == -1 && errno == ECONNREFUSED);
	check(listen(named, 1) == 0);
	connected(SOCK_STREAM, "named");
	is_called(gone, "gone", NULL);
	check(connect_to(make(SOCK_STREAM, NULL), "gone") == -1 && errno == ENOENT);
	is_called(old, "replaced", NULL);
	put(connected(SOCK_DGRAM, "replaced"), "to the new one");
	get(new, "to the new one");
	is_called(relative, "./relative", NULL);
	put(connected(SOCK_DGRAM, "renamed"), "renamed");
	get(relative, "renamed");
}

int main(int argc, char **argv)
{
	check(argc == 2 && chdir(argv[1]) == 0);
	make_listener();
	make_datagrams();
	make_names();

	ready();

	check_listener();
	check_datagrams();
	check_names();
	return passed();
}
