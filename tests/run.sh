#!/bin/sh
# Installs what tests need, builds, and runs every test. `--fast` leaves out those that need a system tree.
set -eu
cd "$(dirname "$0")/.."
labels=
[ "${1:-}" = --fast ] && labels="-L unit"
sh cmake/install-deps.sh test
generator=
command -v ninja >/dev/null 2>&1 && generator="-G Ninja"
# shellcheck disable=SC2086 # two words each, or none
cmake -S . -B build $generator -DCMAKE_BUILD_TYPE=Release -DMLENVCTL_TESTS=ON
cmake --build build -j "$(nproc)"
cd build
# shellcheck disable=SC2086
exec ctest --no-tests=error --output-on-failure -j "$(nproc)" $labels
