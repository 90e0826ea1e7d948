#!/bin/sh
# Builds everything with clang's sanitizers into a folder of its own and passes the tests with that:
#
#   tests/sanitized.sh SANITIZERS FOLDER     SANITIZERS: address,undefined or thread
#
# clang, since it compiles them twice as fast as gcc does, and puts their runtime into the program, which tests
# carry into system trees. Left out are counts of instructions, and what takes long and shows nothing new here.
set -eu
[ $# -eq 2 ] || { echo "usage: sanitized.sh SANITIZERS FOLDER" >&2; exit 5; }
here=$(cd "$(dirname "$0")/.." && pwd)
command -v clang++ >/dev/null 2>&1 || { echo "skipped: there is no clang++ here"; exit 77; }
generator=
command -v ninja >/dev/null 2>&1 && generator="-G Ninja"
# shellcheck disable=SC2086 # two words, or none
cmake -S "$here" -B "$2" $generator -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Debug \
  -DCMAKE_CXX_FLAGS_DEBUG="-O0 -D_GLIBCXX_ASSERTIONS" -DMLENVCTL_SANITIZE="$1" -DMLENVCTL_TESTS=ON
cmake --build "$2" -j "$(nproc)"
cd "$2"
exec ctest --no-tests=error --output-on-failure -j "$(nproc)" -LE 'bench|crash|large'
