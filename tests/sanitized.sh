#!/bin/sh
# Builds everything with clang's sanitizers into a folder of its own and passes tests with that:
#
#   tests/sanitized.sh SANITIZERS FOLDER [LABELS]     SANITIZERS: address,undefined or thread
#
# LABELS is a regular expression of ctest's; default: `unit`, what needs no system tree. `.` takes all.
# clang, since it compiles them twice as fast as gcc does, and puts their runtime into the program, which tests
# carry into system trees. Left out are counts of instructions, and instants of crashes, which show nothing new here.
set -eu
[ $# -ge 2 ] || { echo "usage: sanitized.sh SANITIZERS FOLDER [LABELS]" >&2; exit 5; }
here=$(cd "$(dirname "$0")/.." && pwd)
command -v clang++ >/dev/null 2>&1 || { echo "skipped: there is no clang++ here"; exit 77; }
generator=
command -v ninja >/dev/null 2>&1 && generator="-G Ninja"
# shellcheck disable=SC2086 # two words, or none
cmake -S "$here" -B "$2" $generator -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Debug \
  -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DMLENVCTL_SANITIZE="$1" -DMLENVCTL_TESTS=ON
cmake --build "$2" -j "$(nproc)"
cd "$2"
exec ctest --no-tests=error --output-on-failure -j "$(nproc)" -L "${3:-unit}" -LE 'bench|crash'
