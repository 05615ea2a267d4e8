#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load ../helpers

# Numbers of the format: the records of a key, and of references to some.
KEY=102
KEYS=103

setup()
{
	common_setup
	maxkeys=$(</proc/sys/kernel/keys/maxkeys)
	# Who has looked for his keyrings has some from then on.
	as_user "$PROGRAMS/keyring" clear
}

# What a failed test has left where others have it.
teardown()
{
	echo "$maxkeys" >/proc/sys/kernel/keys/maxkeys
	"$PROGRAMS/keyring" clear
	as_user "$PROGRAMS/keyring" clear
	[ -z "${dir-}" ] || clean_dir
	common_teardown
}

user=(--reuid=4321 --regid=4321 --groups=77)
caps=-all,+checkpoint_restore
only_restore=("--inh-caps=$caps" "--ambient-caps=$caps")
other=(--reuid=5000 --regid=5000 --clear-groups)
become=$caps,+setuid,+setgid,+kill

as_user() { setpriv "${user[@]}" "$@"; }

# Programs of the user look for the file by which they are told to go on.
open_directory()
{
	local dir=$BATS_TEST_TMPDIR

	until [ "$dir" = / ]; do
		chmod a+x "$dir"
		dir=$(dirname "$dir")
	done
}

start_user()
{
	open_directory
	start_command -r setpriv "${user[@]}" "$PROGRAMS/keyring" user
	# He has to open it, should he restore the program.
	chmod 666 "$out"
	ready
}

# Keys of a user, and what they take of his quotas. The kernel frees them when it comes to it.
counts() { sed -n "s/^ *$1: *[0-9]* *//p" /proc/key-users; }
are_counts() { [ "$(counts "$1")" = "$2" ]; }
no_keys() { ! grep -qE 'ckpt|_pid|_tid' /proc/keys; }

@test "keyrings of sessions, processes and threads keep their keys, and who shares which" {
	every_way keyring
}

@test "no key is left of a program, frozen, saved, restored or not" {
	local before

	until_true no_keys
	before=$(counts 0)
	start keyring
	ctl freeze web "pid=$pid"
	ctl thaw web
	finish
	until_true are_counts 0 "$before"

	start keyring
	save
	restore
	# Its pid is taken: all has been made but the tasks, or nothing.
	refused EEXIST restore
	finish
	until_true are_counts 0 "$before"
	until_true no_keys
}

@test "keys of a user are made again for him by root, and linked as he may" {
	start_user
	save
	restore
	finish
}

@test "a key of others that is gone is missed by name, and nothing is left" {
	local before

	until_true no_keys
	before=$(counts 0)
	start keyring
	save
	"$PROGRAMS/keyring" clear
	# As long as the program's ring, which goes later than the program, links to it,
	# it can still be found.
	until_true no_keys
	refused ENOKEY restore
	grep -E "keys/[0-9]+: key [0-9]+ \((user|logon) ckpt:out\): a key that is not there" \
		"$MNT/log"
	# Another one of that name is not the same.
	"$PROGRAMS/keyring" foreign
	refused ENOKEY restore
	"$PROGRAMS/keyring" clear
	until_true are_counts 0 "$before"
	until_true no_keys
}

@test "a session keyring that the freezer has, too, is that of who restores" {
	image=$BATS_TEST_TMPDIR/web.tar out=$BATS_TEST_TMPDIR/out go=$BATS_TEST_TMPDIR/go
	"$PROGRAMS/keyring" session bash -c 'set -eu
		GO=$1 "$2/launch" -r "$3" "$2/keyring" inherit
		read -r pid <"$3.pid"
		echo "freeze web pid=$pid" >"$4/control"
		cat "$4/web.tar" >"$5"
		echo "commit web kill" >"$4/control"
		"$2/launch" -g "$pid"
		echo "remove web" >"$4/control"
		cat "$5" >"$4/restore/commit"' bash "$go" "$PROGRAMS" "$out" "$MNT" "$image"
	read -r pid <"$out.pid"
	finish
}

@test "a keyring that a task outside has, too, is refused with EBUSY" {
	local child

	start keyring outside
	child=$(pgrep -P "$pid")
	refused EBUSY ctl freeze web "pid=$child"
	grep -E '^key [0-9]+ \(keyring\): a task outside of the container uses it$' "$MNT/log"
	ctl freeze web "pid=$pid"
	ctl thaw web
	finish
}

@test "a keyring to which a keyring outside links is refused with EBUSY" {
	start keyring linked
	refused EBUSY ctl freeze web "pid=$pid"
	grep -E '^key [0-9]+ \(keyring\): a keyring outside of the container links to it$' \
		"$MNT/log"
	finish
}

# refuses OBSTACLE WORDS
refuses()
{
	start keyring "$1"
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	grep -E "^(key|task|file) [0-9]+:? $2 cannot be saved\$" "$MNT/log"
	finish
}

while read -r name text; do
	bats_test_function --description "a keyring with an obstacle is refused by name: $name" \
		-- refuses "$name" "$text"
done <<'END'
logon \(logon ckpt:logon\): one that nobody else has and that cannot be read
nested \(keyring ckpt nested\): one that nobody else has and that cannot be read
unreadable \(user ckpt:first\): one that nobody else has and that cannot be read
unseen \(user\): one that no task may look at
revoked \(user\): one that is revoked or has expired
revoked_keyring \(keyring\): one that is revoked or has expired
restricted \(keyring _ses\): one that is restricted
other_owner a thread keyring of another owner
opener a keyring that no task has of who has opened it
END

@test "keys count for the quota of their owner" {
	start_user
	save
	echo 1 >/proc/sys/kernel/keys/maxkeys
	refused EDQUOT restore
	echo "$maxkeys" >/proc/sys/kernel/keys/maxkeys
	grep -E "keys/1: keyring _ses cannot be made: -EDQUOT" "$MNT/log"
	restore
	finish
}

# Puts the image where the user can read it, beside a mount that he can write: bats' own
# directories are closed to him.
open_image()
{
	dir=$(mktemp -d /var/tmp/keyring.XXXXXX)
	chmod 755 "$dir"
	mkdir "$dir/mnt"
	mount -t checkpointfs -o mode=0777 none "$dir/mnt"
	cp "$image" "$dir/image"
	chmod 644 "$dir/image"
}

clean_dir()
{
	umount "$dir/mnt"
	rm -r "$dir"
	dir=
}

# hostile.py restores it with what setpriv leaves to it.
restored_by() { setpriv "$@" "$TREE/tests/bats/hostile.py" "$dir/mnt" "$dir/image"; }

# In the image keys/1 is the session keyring, keys/2 that of the process; keys/3, made
# again, and keys/4, which exists, are what they link to. Offsets: struct ckpt_key.
@test "no image gets at keys of others, or makes some for them" {
	local before foreign ring

	before=$(counts 4321)
	foreign=$("$PROGRAMS/keyring" foreign)
	start_user
	ring=$(sed -n 's/^user keyring //p' "$out")
	save_stream
	open_image
	restored_by "${user[@]}" "${only_restore[@]}" <<-END
		none ''
		EPERM 'keys/1: keyring _ses cannot be made: -EPERM' field keys/1 $KEY 16 4 0 fix
		EPERM 'keys/1: keyring _ses cannot be made: -EPERM' field keys/1 $KEY 20 4 0 fix
		EPERM 'keys/3: user ckpt:first cannot be made: -EPERM' field keys/3 $KEY 16 4 0 fix
		EPERM 'keys/3: user ckpt:first cannot be made: -EPERM' field keys/3 $KEY 20 4 4 fix
		EINVAL 'keys/3: user ckpt:first cannot be made: -EINVAL' field keys/3 $KEY 16 4 -1 fix
		none '' field keys/3 $KEY 20 4 77 fix
		EACCES 'keys/4: key $foreign .user ckpt:out. cannot be linked: -EACCES' field keys/4 $KEY 12 4 $foreign fix
		EACCES 'keys/4: key $foreign .user ckpt:out. cannot be linked: -EACCES' field keys/4 $KEY 12 4 $foreign field keys/4 $KEY 16 4 0 fix
		ENOKEY 'keys/4: key $ring .user ckpt:out.: a key that is not there' field keys/4 $KEY 12 4 $ring fix
		ENOKEY 'keys/4: key 1 .user ckpt:out.: a key that is not there' field keys/4 $KEY 12 4 1 fix
		ENOKEY 'keys/4: .*: a key that is not there' field keys/4 $KEY 64 1 0x43 fix
		ENOKEY 'keys/4: .*: a key that is not there' field keys/4 $KEY 32 1 0x55 fix
		EUCLEAN 'keys/4' field keys/4 $KEY 12 4 0 fix
		EUCLEAN 'keys/4' field keys/4 $KEY 12 4 -3 fix
		EUCLEAN 'keys/4' field keys/4 $KEY 8 4 2 fix
		EKEYEXPIRED 'keys/1: keyring _ses cannot be made: -EKEYEXPIRED' field keys/1 $KEY 0 8 1 fix
		none '' field keys/3 $KEY 0 8 1 fix
		none '' field keys/3 $KEY 0 8 0x7fffffffffffffff fix
		EUCLEAN 'keys/1' field keys/1 $KEY 0 8 -1 fix
	END
	restored_by "${user[@]}" "${only_restore[@]}" <<-END
		EDEADLK 'keys/1: keys/1 cannot be linked: -EDEADLK' field keys/1 $KEYS 0 8 1 fix
		EDEADLK 'keys/2: keys/1 cannot be linked: -EDEADLK' field keys/1 $KEYS 0 8 2 field keys/2 $KEYS 0 8 1 fix
		none '' field keys/1 $KEYS 0 8 2 fix
		EUCLEAN 'keys/1' field keys/1 $KEYS 0 8 0 fix
		EUCLEAN 'keys/1' field keys/1 $KEYS 0 8 99 fix
		EUCLEAN 'keys/1' field keys/1 $KEY 24 4 -1 fix
		EUCLEAN 'keys/1' field keys/1 $KEY 8 4 0 fix
		EUCLEAN 'keys/1' field keys/1 $KEY 8 4 2 fix
		EUCLEAN 'keys/1' field keys/1 $KEY 8 4 3 fix
		EUCLEAN 'keys/1' field keys/1 $KEY 8 4 4 fix
		EUCLEAN 'keys/1' field keys/1 $KEY 28 4 1 fix
		EUCLEAN 'keys/1' field keys/1 $KEY 32 1 0x4b fix
		EUCLEAN 'keys/1' field keys/1 $KEY 64 1 0x2e fix
		EUCLEAN 'keys/1' field keys/1 $KEY 65 1 0 fix
		EUCLEAN 'creds/1: what is no keyring of a task' field creds $KEYS 0 8 3 fix
		EUCLEAN 'creds/1: what is no keyring of a task' field creds $KEYS 8 8 4 fix
		none '' field creds $KEYS 16 8 2 fix
		EUCLEAN 'creds/1: key refers to what is not there' field creds $KEYS 16 8 9 fix
		none '' field creds $KEYS 0 8 0 fix
		none '' field creds $KEYS 8 8 0 field creds $KEYS 16 8 2 fix
		flips 20
	END
	restored_by --reuid=4321 --regid=4321 --clear-groups "${only_restore[@]}" <<-END
		EPERM 'keys/3: user ckpt:first cannot be made: -EPERM' field keys/3 $KEY 20 4 77 fix
	END
	# One who may become the owner; root is not let link his key, but for having it.
	restored_by "${other[@]}" "--inh-caps=$become" "--ambient-caps=$become" <<-END
		none ''
		EACCES 'keys/4: key $foreign .*-EACCES' field keys/4 $KEY 12 4 $foreign field keys/4 $KEY 16 4 0 fix
	END
	restored_by "${other[@]}" "${only_restore[@]}" <<-END
		EPERM 'keys/1: keyring _ses cannot be made: -EPERM'
		EACCES 'keys/4: key [0-9]+ .user ckpt:out. cannot be linked: -EACCES' field keys/1 $KEY 16 4 5000 field keys/1 $KEY 20 4 5000 field keys/2 $KEY 16 4 5000 field keys/2 $KEY 20 4 5000 field keys/3 $KEY 16 4 5000 field keys/3 $KEY 20 4 5000 field keys/4 $KEY 16 4 5000 fix
	END
	clean_dir
	restore
	finish
	until_true are_counts 4321 "$before"
}

@test "which keyring gets the keys of request_key() is kept, of each thread" { every_way reqkey; }

@test "the writer's own choice of it is not inherited" {
	start plain
	save
	# KEYCTL_SET_REQKEY_KEYRING, to the session keyring, and -1: what is it?
	python3 - "$image" "$MNT/restore/commit" <<-'END'
		import ctypes, os, sys
		keyctl = lambda *args: ctypes.CDLL(None).syscall(250, *args)
		assert keyctl(14, 3) == 0 and keyctl(14, -1) == 3
		os.write(os.open(sys.argv[2], os.O_WRONLY), open(sys.argv[1], "rb").read())
	END
	finish
	start reqkey
	save_stream
	wrong_images "/proc/$pid" <<-'END'
		EUCLEAN 'creds/[0-9]+: keys that go to the keyring of a group' field creds 18 36 4 6
		EUCLEAN 'creds/[0-9]+: .*reqkey' field creds 18 36 4 8
	END
	restore
	finish
}

# The kernel executes this in the place of request-key(8).
@test "who makes a key that is asked for is refused" {
	[ ! -e /sbin/request-key ]
	cat >/sbin/request-key <<-END
		#!/usr/bin/python3
		import ctypes, os, sys, time
		keyctl = lambda *args: ctypes.CDLL(None).syscall(250, *args)
		key = int(sys.argv[2])
		assert keyctl(16, key) > 0
		open("$BATS_TEST_TMPDIR/new", "w").write(str(os.getpid()))
		os.rename("$BATS_TEST_TMPDIR/new", "$BATS_TEST_TMPDIR/maker")
		while not os.path.exists("$BATS_TEST_TMPDIR/go"):
		    time.sleep(0.01)
		assert keyctl(13, key, 1, 0) == 0
	END
	chmod 755 /sbin/request-key
	python3 -c '
import ctypes
assert ctypes.CDLL(None).syscall(249, b"user", b"ckpt:asked", b"", 0) == -1' &
	until_true [ -e "$BATS_TEST_TMPDIR/maker" ]
	rm /sbin/request-key
	pid=$(<"$BATS_TEST_TMPDIR/maker")
	refused EOPNOTSUPP ctl freeze web "pid=$pid"
	: >"$BATS_TEST_TMPDIR/go"
	wait $!
	grep -qx "task $pid: the authority to make a key cannot be saved" "$MNT/log"
}
