#!/bin/sh
# Builds mlenvctl and passes its unit tests in fresh debootstrapped trees of several Debian releases.
#
#   tests/distros.sh [SUITE…]     default: bullseye bookworm trixie
#
# Needs root, debootstrap and a network. The minimal trees are kept in MLENVCTL_LAB_CACHE (default:
# ~/.cache/mlenvctl-lab); what is installed and built lies in an overlay that is thrown away.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
cache=${MLENVCTL_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mlenvctl-lab}
mirror=${MLENVCTL_MIRROR:-http://deb.debian.org/debian}

if [ "${MLENVCTL_DISTROS_INSIDE:-}" != yes ]; then
  [ "$(id -u)" -eq 0 ] || { echo "distros.sh: run this as root" >&2; exit 4; }
  # What is mounted from here on ends with this process, also when it is killed.
  exec env MLENVCTL_DISTROS_INSIDE=yes unshare --mount --propagation private sh "$0" "$@"
fi

base_of() {
  tree=$cache/$1-minimal
  if [ ! -d "$tree" ]; then
    mkdir -p "$cache"
    rm -rf "$tree.partial"
    debootstrap --variant=minbase --include=ca-certificates "$1" "$tree.partial" "$mirror" >&2
    mv "$tree.partial" "$tree"
  fi
  echo "$tree"
}

build_in() {
  suite=$1
  base=$(base_of "$suite")
  work=$(mktemp -d)
  mount -t tmpfs -o mode=0755 distros "$work"
  mkdir "$work/upper" "$work/work" "$work/tree"
  mount -t overlay -o "lowerdir=$base,upperdir=$work/upper,workdir=$work/work" overlay "$work/tree"
  mount -t proc proc "$work/tree/proc"
  mount --rbind /dev "$work/tree/dev"
  for file in /etc/resolv.conf /etc/ssl/certs/ca-certificates.crt; do cp -L "$file" "$work/tree$file"; done
  mkdir "$work/tree/src"
  # The files that git knows or would take, nothing that was built here.
  (cd "$here" && git ls-files -z --cached --others --exclude-standard | xargs -0 tar -c --ignore-failed-read) |
    tar -x -C "$work/tree/src"
  status=0
  chroot "$work/tree" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
    ${PIP_CERT:+PIP_CERT=$PIP_CERT} sh -eu -c '
      cd /src
      sh cmake/install-deps.sh test >/tmp/install.log 2>&1 || { tail -30 /tmp/install.log; exit 1; }
      cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Debug >/tmp/configure.log || { tail -30 /tmp/configure.log; exit 1; }
      cmake --build build >/tmp/build.log 2>&1 || { grep -E -A12 "error|FAILED" /tmp/build.log | head -60; exit 1; }
      cd build
      ctest --output-on-failure -L unit' || status=1
  umount -R -l "$work"
  rmdir "$work"
  return $status
}

failed=
for suite in ${*:-bullseye bookworm trixie}; do
  echo "== $suite"
  build_in "$suite" || failed="$failed $suite"
done
[ -z "$failed" ] || { echo "failed:$failed" >&2; exit 1; }
echo "all passed"
