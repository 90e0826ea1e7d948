#!/bin/sh
# Runs commands in a fresh debootstrapped tree of a Debian release, as root in a copy of this source.
#
#   in_tree.sh SUITE FOLDER COMMANDS     FOLDER (may be empty) is /out in there
#
# Needs root, debootstrap and a network. The minimal tree is kept in MLENVCTL_LAB_CACHE (default:
# ~/.cache/mlenvctl-lab); what is installed and built lies in an overlay that is thrown away. With CCACHE_DIR set,
# compilers in there share that cache.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
cache=${MLENVCTL_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mlenvctl-lab}
mirror=${MLENVCTL_MIRROR:-http://deb.debian.org/debian}
suite=$1 out=$2 commands=$3

if [ "${MLENVCTL_IN_TREE:-}" != yes ]; then
  [ "$(id -u)" -eq 0 ] || { echo "in_tree.sh: run this as root" >&2; exit 4; }
  # What is mounted from here on ends with this process, also when it is killed.
  exec env MLENVCTL_IN_TREE=yes unshare --mount --propagation private sh "$0" "$@"
fi

base=$cache/$suite-minimal
if [ ! -d "$base" ]; then
  mkdir -p "$cache"
  rm -rf "$base.partial"
  debootstrap --variant=minbase --include=ca-certificates "$suite" "$base.partial" "$mirror" >&2
  mv "$base.partial" "$base"
fi
work=$(mktemp -d)
mount -t tmpfs -o mode=0755 in_tree "$work"
mkdir "$work/upper" "$work/work" "$work/tree"
mount -t overlay -o "lowerdir=$base,upperdir=$work/upper,workdir=$work/work" overlay "$work/tree"
mount -t proc proc "$work/tree/proc"
mount --rbind /dev "$work/tree/dev"
for file in /etc/resolv.conf /etc/ssl/certs/ca-certificates.crt; do cp -L "$file" "$work/tree$file"; done
mkdir "$work/tree/src" "$work/tree/out" "$work/tree/ccache"
[ -z "$out" ] || mount --bind "$out" "$work/tree/out"
[ -z "${CCACHE_DIR:-}" ] || mount --bind "$CCACHE_DIR" "$work/tree/ccache"
# The files that git knows or would take, nothing that was built here.
(cd "$here" && git ls-files -z --cached --others --exclude-standard | xargs -0 tar -c --ignore-failed-read) |
  tar -x -C "$work/tree/src"
status=0
chroot "$work/tree" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 ${PIP_CERT:+PIP_CERT=$PIP_CERT} \
  ${CMAKE_BUILD_PARALLEL_LEVEL:+CMAKE_BUILD_PARALLEL_LEVEL=$CMAKE_BUILD_PARALLEL_LEVEL} \
  ${CCACHE_DIR:+CCACHE_DIR=/ccache CCACHE_BASEDIR=/src CCACHE_NOHASHDIR=1} \
  sh -eu -c "cd /src; $commands" || status=1
umount -R -l "$work"
rmdir "$work"
exit $status
