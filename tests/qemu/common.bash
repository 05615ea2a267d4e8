# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# What the scripts of the harness share: where things are kept, how a thing
# that takes long to make is made once by whoever comes first, and how
# a command runs inside the guest's root without leaving a mount behind.

qemu_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$qemu_dir/../.." && pwd)
suite=${SUITE:-trixie}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/checkpointfs
build=$top/build/guest

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }

# The key of what is made from the arguments: files, or other words.
key_of()
{
	local word

	for word; do
		if [ -f "$word" ]; then cat "$word"; else printf '%s\n' "$word"; fi
	done | sha256sum | cut -c1-16
}

# Whatever else asks for $1 in the meantime waits until this script ends.
lock()
{
	mkdir -p "$cache"
	exec 9>"$cache/$1.lock"
	flock 9
}

# Installs the packages that are missing. Each word is COMMAND=PACKAGE, or
# /FILE=PACKAGE.
need()
{
	local word missing=()

	for word; do
		case $word in
		/*) [ -e "${word%=*}" ] && continue ;;
		*) command -v "${word%=*}" >/dev/null && continue ;;
		esac
		missing+=("${word#*=}")
	done
	[ ${#missing[@]} -eq 0 ] && return
	say "installing ${missing[*]}"
	apt-get -qq update >&2
	DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
		-o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 \
		--no-install-recommends "${missing[@]}" >&2
}

# The machine's own Debian sources, with its suite's name replaced, as lines of
# sources.list: the archive, its updates and its security.
sources()
{
	local codename

	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE)' \
		'Created-By: Packages' |
		awk -v from="$codename" -v to="$suite" -v key="$keyring" '
			$1 != "Debian" || index($3, from) != 1 { next }
			{ rest = substr($3, length(from) + 1) }
			rest == "" || rest == "-updates" || rest == "-security" {
				print "deb [signed-by=" key "] " $2, to rest, "main"
			}' | sort -u
}

# bootstrap DIR NAME VARIANT PACKAGE... [-- OPTION...]: a Debian root of these
# packages as the directory NAME in DIR. More in mmdebstrap(1).
bootstrap()
{
	local dir=$1 name=$2 variant=$3 packages='' keyring
	shift 3

	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		packages+=${packages:+,}$1
		shift
	done
	[ $# -eq 0 ] || shift
	keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	need mmdebstrap=mmdebstrap "$keyring=debian-archive-keyring"
	sources >"$dir/sources.list"
	if [ ! -s "$dir/sources.list" ]; then
		apt-get -qq update >&2
		sources >"$dir/sources.list"
	fi
	[ -s "$dir/sources.list" ] ||
		die "no Debian archive among this machine's apt sources"
	apt-config dump | sed -nE '/^Acquire::(https?|Retries)/p' >"$dir/apt.conf"
	# It has a shell write to a descriptor of its own, and sh knows none above 9: the
	# caller's are not for it.
	mmdebstrap --quiet --mode=root --variant="$variant" --arch=amd64 \
		--aptopt="$dir/apt.conf" --aptopt='Apt::Install-Recommends "false"' \
		--include="$packages" "$@" \
		"$suite" "$dir/$name" "$dir/sources.list" \
		>&2 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
}

# Runs a shell script in $root, the guest's root, which it cannot change, with the
# tree on /src (read only) and the directory $1 on /build. The mounts are
# private to this process and end with it.
in_root()
{
	local outdir=$1 script=$2
	shift 2

	mkdir -p "$outdir"
	# shellcheck disable=SC2016
	unshare --mount --propagation private bash -euc '
		root=$1 top=$2 outdir=$3 script=$4
		shift 4
		mount --bind "$root" "$root"
		mount -o remount,bind,ro "$root"
		mount -t proc proc "$root/proc"
		mount --rbind /dev "$root/dev"
		mount -t tmpfs tmpfs "$root/tmp"
		mount --bind "$outdir" "$root/build"
		mount --bind "$top" "$root/src"
		mount -o remount,bind,ro "$root/src"
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LC_ALL=C.UTF-8 \
			chroot "$root" bash -euc "$script" in_root "$@"
	' in_root "$root" "$top" "$outdir" "$script" "$@"
}
