// SPDX-License-Identifier: GPL-2.0-only
/*
 * The check of a UNIX socket: whether what it says of others, these say of it.
 *
 * A socket and its file, the two ends of a connection, a listener and what
 * waits in its queue: each names the other, so that nothing is there twice.
 * Pure functions.
 */
#include "../object.h"

static const struct ckpt_unixsock *sock_record(const struct ckpt_check *chk, __le64 id)
{
	return ckpt_check_body(chk, CKPT_TYPE_UNIXSOCK, le64_to_cpu(id));
}

static bool has_flag(const struct ckpt_unixsock *rec, u32 flag)
{
	return le32_to_cpu(rec->flags) & flag;
}

static int check_peer(const struct ckpt_check *chk, u64 id, const struct ckpt_unixsock *rec)
{
	const struct ckpt_unixsock *peer = sock_record(chk, rec->peer);
	bool closed = has_flag(rec, CKPT_UNIX_PEER_CLOSED);

	if (rec->peer && (closed || !peer || peer->type != rec->type))
		return ckpt_bad(chk, "not a peer");
	if (le32_to_cpu(rec->type) == CKPT_UNIX_DGRAM)
		return 0;
	if (peer && le64_to_cpu(peer->peer) != id)
		return ckpt_bad(chk, "connected to one that is not to it");
	if (has_flag(rec, CKPT_UNIX_ESTABLISHED) != (closed || rec->peer))
		return ckpt_bad(chk, "connected to nothing");
	return 0;
}

/* A path ends where it ends, an abstract name begins with a zero. */
static bool name_sane(const u8 *name, u32 len)
{
	return len && (!name[0] ? len <= 108 : !name[len - 1] && !memchr(name, 0, len - 1));
}

static int check_name(const struct ckpt_check *chk, const void *bytes, size_t size)
{
	const struct ckpt_unix_name *rec;
	struct ckpt_view view, path;
	bool file = false;
	int ret;

	if (ckpt_find(bytes, size, CKPT_REC_UNIX_NAME, &view)) {
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_UNIX_NAME, &view);
		if (ret)
			return ret;
		rec = view.body;
		file = le32_to_cpu(rec->kind) == CKPT_UNIX_NAME_FILE;
		if (!name_sane(view.elems, view.count) ||
		    (le32_to_cpu(rec->kind) != CKPT_UNIX_NAME_ONLY &&
		     file == !*(const u8 *)view.elems))
			return ckpt_bad(chk, "not the name of a socket");
		if (file ? !S_ISSOCK(le32_to_cpu(rec->mode)) : rec->mode || rec->uid || rec->gid)
			return ckpt_bad(chk, "not the mode of a socket");
	}
	if (ckpt_find(bytes, size, CKPT_REC_PATH, &path) != file)
		return ckpt_bad(chk, "a path without a name, or the other way round");
	ret = file ? ckpt_check_once(chk, bytes, size, CKPT_REC_PATH, &path) : 0;
	return !ret && file ? ckpt_check_path(chk, &path, CKPT_PATH_FILE) : ret;
}

static int check_senders(const struct ckpt_check *chk, const void *bytes, size_t size,
			 u32 messages)
{
	const struct ckpt_unix_sender *rec;
	struct ckpt_view view;
	u32 i, len;
	int ret;

	if (!ckpt_find(bytes, size, CKPT_REC_UNIX_SENDERS, &view))
		return 0;
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_UNIX_SENDERS, &view);
	rec = view.elems;
	for (i = 0; !ret && i < view.count; i++, rec++) {
		len = le32_to_cpu(rec->len);
		if (le32_to_cpu(rec->message) > messages ||
		    (i && le32_to_cpu(rec->message) <= le32_to_cpu(rec[-1].message)))
			ret = ckpt_bad(chk, "senders that do not ascend");
		else if (len && !name_sane(rec->name, len))
			ret = ckpt_bad(chk, "not the name of a sender");
		ckpt_relax();
	}
	return ret;
}

/* The records of another socket; NULL: it has none of that type. */
static const void *other_record(const struct ckpt_check *chk, __le64 id, u16 type,
				struct ckpt_view *view)
{
	return ckpt_check_record(chk, CKPT_TYPE_UNIXSOCK, le64_to_cpu(id), type, view);
}

/* That it waits in a queue is said by both, so it waits in one, and once. */
static int check_waiting(const struct ckpt_check *chk, u64 id, const struct ckpt_unixsock *rec,
			 const void *bytes, size_t size)
{
	const struct ckpt_unix_waiting *waiting;
	const struct ckpt_unixsock *listener;
	struct ckpt_view view, queue;
	int ret;

	if (!ckpt_find(bytes, size, CKPT_REC_UNIX_WAITING, &view))
		return rec->file ? 0 : ckpt_bad(chk, "a socket without a file");
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_UNIX_WAITING, &view);
	if (ret)
		return ret;
	waiting = view.body;
	listener = sock_record(chk, waiting->listener);
	if (rec->file || !has_flag(rec, CKPT_UNIX_ESTABLISHED) || !listener ||
	    listener->type != rec->type || has_flag(rec, CKPT_UNIX_LISTENING) ||
	    ckpt_find(bytes, size, CKPT_REC_UNIX_NAME, &queue))
		return ckpt_bad(chk, "not a connection that waits");
	if (!other_record(chk, waiting->listener, CKPT_REC_UNIX_PENDING, &queue) ||
	    le32_to_cpu(waiting->place) >= queue.count ||
	    le64_to_cpu(((const __le64 *)queue.elems)[le32_to_cpu(waiting->place)]) != id)
		return ckpt_bad(chk, "waits where it is not");
	return 0;
}

static int check_listener(const struct ckpt_check *chk, u64 id, const struct ckpt_unixsock *rec,
			  const void *bytes, size_t size)
{
	const struct ckpt_unix_waiting *waiting;
	struct ckpt_view view, other;
	u32 i;
	int ret;

	if (!has_flag(rec, CKPT_UNIX_LISTENING))
		return ckpt_find(bytes, size, CKPT_REC_UNIX_PENDING, &view) ?
			ckpt_bad(chk, "connections of one that does not listen") : 0;
	if (le32_to_cpu(rec->type) == CKPT_UNIX_DGRAM || rec->peer || rec->bytes ||
	    has_flag(rec, CKPT_UNIX_ESTABLISHED | CKPT_UNIX_PEER_CLOSED) ||
	    !ckpt_find(bytes, size, CKPT_REC_UNIX_NAME, &view))
		return ckpt_bad(chk, "not one that can listen");
	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_UNIX_PENDING, &view);
	for (i = 0; !ret && i < view.count; i++) {
		waiting = other_record(chk, ((const __le64 *)view.elems)[i],
				       CKPT_REC_UNIX_WAITING, &other);
		if (!waiting || le64_to_cpu(waiting->listener) != id ||
		    le32_to_cpu(waiting->place) != i)
			ret = ckpt_bad(chk, "a connection that does not wait");
		ckpt_relax();
	}
	return ret;
}

/* Who was the peer: all of it or nothing. */
static int check_creds(const struct ckpt_check *chk, const struct ckpt_unixsock *rec)
{
	if (rec->pid && !chk->exists(chk->priv, CKPT_TYPE_TASK, le32_to_cpu(rec->pid)))
		return ckpt_bad(chk, "a peer that is not there");
	if ((rec->pid && rec->ended) || !rec->creds != (!rec->pid && !rec->ended))
		return ckpt_bad(chk, "not one peer");
	return 0;
}

static int check_message(const struct ckpt_check *chk, const struct ckpt_unixsock *rec,
			 const struct ckpt_unix_message *message)
{
	const struct ckpt_unixsock *sender = sock_record(chk, message->sender);
	bool dgram = le32_to_cpu(rec->type) == CKPT_UNIX_DGRAM;

	if (message->sender && (!sender || sender->type != rec->type))
		return ckpt_bad(chk, "a message from what cannot send it");
	if (!dgram && (message->sender != rec->peer || !has_flag(rec, CKPT_UNIX_ESTABLISHED)))
		return ckpt_bad(chk, "a message from another than the peer");
	if (le32_to_cpu(rec->type) == CKPT_UNIX_STREAM && !message->len)
		return ckpt_bad(chk, "an empty message in a stream");
	if (!message->flags && (message->pid || message->ended || message->uid || message->gid))
		return ckpt_bad(chk, "a message from somebody without credentials");
	if (message->pid && (message->ended ||
			     !chk->exists(chk->priv, CKPT_TYPE_TASK, le32_to_cpu(message->pid))))
		return ckpt_bad(chk, "a message from a process that is not there");
	return 0;
}

static int check_queue(const struct ckpt_check *chk, u64 id, const struct ckpt_unixsock *rec,
		       const void *bytes, size_t size)
{
	u64 sum = 0, stored = 0, nr_files = 0;
	const struct ckpt_unix_message *message;
	struct ckpt_view messages, files;
	int ret;
	u32 i;

	ret = ckpt_check_once(chk, bytes, size, CKPT_REC_UNIX_MESSAGES, &messages);
	if (!ret)
		ret = ckpt_check_once(chk, bytes, size, CKPT_REC_UNIX_FILES, &files);
	message = messages.elems;
	for (i = 0; !ret && i < messages.count; i++) {
		ret = check_message(chk, rec, message + i);
		sum += le32_to_cpu(message[i].len);
		nr_files += le32_to_cpu(message[i].files);
		ckpt_relax();
	}
	if (ret)
		return ret;
	chk->bytes(chk->priv, CKPT_TYPE_UNIXDATA, id, &stored);
	if (sum != le64_to_cpu(rec->bytes) || sum != stored)
		return ckpt_bad(chk, "not as many bytes as its messages say");
	ret = check_senders(chk, bytes, size, messages.count);
	if (ret)
		return ret;
	if (nr_files != files.count)
		return ckpt_bad(chk, "not as many files as its messages say");
	for (i = 0; i < files.count; i++)
		if (!((const __le64 *)files.elems)[i])
			return ckpt_bad(chk, "a message with no file");
	return 0;
}

static bool is_file_of(const struct ckpt_check *chk, u64 file, u64 id)
{
	const struct ckpt_socket *socket;
	struct ckpt_view view;

	socket = ckpt_check_record(chk, CKPT_TYPE_SOCKET, file, CKPT_REC_SOCKET, &view);
	return socket && le64_to_cpu(socket->socket) == id;
}

int ckpt_check_unixsock(const struct ckpt_check *chk, u64 id,
			const void *bytes, size_t size)
{
	const struct ckpt_unixsock *rec;
	struct ckpt_view view;
	int ret;

	/* There, once and in front: ckpt_check_file() has seen to that. */
	if (!ckpt_find(bytes, size, CKPT_REC_UNIXSOCK, &view))
		return ckpt_bad(chk, "unixsock");
	rec = view.body;
	if (rec->file && !is_file_of(chk, le64_to_cpu(rec->file), id))
		return ckpt_bad(chk, "a socket without a file");
	ret = check_waiting(chk, id, rec, bytes, size);
	if (!ret)
		ret = check_listener(chk, id, rec, bytes, size);
	if (!ret)
		ret = check_name(chk, bytes, size);
	if (!ret)
		ret = check_peer(chk, id, rec);
	if (!ret)
		ret = check_creds(chk, rec);
	if (!ret)
		ret = check_queue(chk, id, rec, bytes, size);
	return ret ?: ckpt_check_sockopts(chk, bytes, size);
}
