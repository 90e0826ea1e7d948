#!/bin/sh
# Builds mlenvctl and passes its unit tests in fresh debootstrapped trees of several Debian releases.
#
#   tests/distros.sh [SUITE…]     default: bullseye bookworm trixie
#
# Needs root, debootstrap and a network; see cmake/debian/in_tree.sh.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)

failed=
[ $# -gt 0 ] || set -- bullseye bookworm trixie
for suite; do
  echo "== $suite"
  sh "$here/cmake/debian/in_tree.sh" "$suite" "" '
    sh cmake/install-deps.sh test >/tmp/install.log 2>&1 || { tail -30 /tmp/install.log; exit 1; }
    cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Debug >/tmp/configure.log || { tail -30 /tmp/configure.log; exit 1; }
    cmake --build build >/tmp/build.log 2>&1 || { grep -E -A12 "error|FAILED" /tmp/build.log | head -60; exit 1; }
    cd build
    ctest --output-on-failure -L unit' || failed="$failed $suite"
done
[ -z "$failed" ] || { echo "failed:$failed" >&2; exit 1; }
echo "all passed"
