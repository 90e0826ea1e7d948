#!/bin/sh
# Builds the .deb that runs on Debian 11 to 13 and Ubuntu 20.04 to 24.04: against the libraries of Debian 11, in a fresh
# tree of it, and with nothing but the C library left to be found at run time.
#
#   cmake/package.sh [FOLDER]     where the .deb goes; default: the folder that one is in
#
# MLENVCTL_PACKAGE_OPTIONS has more options for cmake, such as "'-DMLENVCTL_MAINTAINER=Lab <lab@example.org>'".
#
# Needs root, debootstrap and a network; see cmake/debian/in_tree.sh. `python3 tests/packaging/install_test.py` then
# installs it in trees of each release.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-.}
mkdir -p "$out"
out=$(cd "$out" && pwd)
sh "$here/debian/in_tree.sh" "${MLENVCTL_PACKAGE_SUITE:-bullseye}" "$out" '
  { sh cmake/install-deps.sh build
    apt-get install -q -y --no-install-recommends dpkg-dev binutils file ${CCACHE_DIR:+ccache}; } >/tmp/install.log 2>&1 ||
    { tail -30 /tmp/install.log; exit 1; }
  cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DMLENVCTL_TESTS=OFF \
    ${CCACHE_DIR:+-DCMAKE_CXX_COMPILER_LAUNCHER=ccache} '"${MLENVCTL_PACKAGE_OPTIONS:-}"' >/tmp/configure.log 2>&1 ||
    { tail -30 /tmp/configure.log; exit 1; }
  cmake --build build >/tmp/build.log 2>&1 || { grep -E -A12 "error|FAILED" /tmp/build.log | head -60; exit 1; }
  others=$(objdump -p build/mlenvctl | awk "\$1 == \"NEEDED\" { print \$2 }" |
    grep -v -E "^(libc|libm|libdl|librt|libpthread|ld-linux-[a-z0-9-]+)\.so" || true)
  [ -z "$others" ] || { echo "linked with libraries that are not the same everywhere:" $others; exit 1; }
  cd build
  cpack >/tmp/cpack.log 2>&1 || { tail -30 /tmp/cpack.log; exit 1; }
  cp ./*.deb /out/'
ls "$out"/mlenvctl_*.deb
