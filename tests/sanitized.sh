#!/bin/sh
# Builds with clang's sanitizers into a folder of its own and passes tests with that:
#
#   tests/sanitized.sh SANITIZERS FOLDER [LABELS [TARGET…]]     SANITIZERS: address,undefined or thread
#
# LABELS is a regular expression of ctest's; default: `unit`, what needs no system tree. `.` takes all. With TARGETs
# only these are built, and the tests of the same name pass: `host_test` is `unit.host`.
# clang, since it compiles them twice as fast as gcc does, and puts their runtime into the program, which tests
# carry into system trees; the newest there is (Debian 12: clang-19, libclang-rt-19-dev), since old runtimes stand
# still where a program forks beside threads (14 does; it is not taken).
# Left out are counts of instructions, and instants of crashes, which show nothing new here.
set -eu
[ $# -ge 2 ] || { echo "usage: sanitized.sh SANITIZERS FOLDER [LABELS [TARGET…]]" >&2; exit 5; }
here=$(cd "$(dirname "$0")/.." && pwd)
clang=
for each in clang++-21 clang++-20 clang++-19 clang++; do
  command -v "$each" >/dev/null 2>&1 && { clang=$each; break; }
done
[ -n "$clang" ] || { echo "skipped: there is no clang++ here"; exit 77; }
version=$($clang -dumpversion)
[ "${version%%.*}" -ge 19 ] || { echo "skipped: clang $version is too old for this, 19 is not"; exit 77; }
generator=
command -v ninja >/dev/null 2>&1 && generator="-G Ninja"
# shellcheck disable=SC2086 # two words, or none
cmake -S "$here" -B "$2" $generator -DCMAKE_C_COMPILER="$(echo "$clang" | sed 's/++//')" -DCMAKE_CXX_COMPILER="$clang" \
  -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG="-O0 -w" -DMLENVCTL_SANITIZE="$1" -DMLENVCTL_TESTS=ON -DMLENVCTL_WERROR=OFF
# What runs as the user is a child that was forked beside threads, and downloads in threads of its own.
export TSAN_OPTIONS="${TSAN_OPTIONS:+$TSAN_OPTIONS:}die_after_fork=0"
folder=$2 labels=${3:-unit}
shift; shift
[ $# -eq 0 ] || shift
[ $# -eq 0 ] || targets="--target $*"
# shellcheck disable=SC2086 # a list of targets
cmake --build "$folder" -j "$(nproc)" ${targets:-}
cd "$folder"
[ $# -eq 0 ] || exec ctest --no-tests=error --output-on-failure -j "$(nproc)" \
  -R "^unit\.($(echo "$*" | sed 's/_test//g; s/ /|/g'))\$"
exec ctest --no-tests=error --output-on-failure -j "$(nproc)" -L "$labels" -LE 'bench|crash'
