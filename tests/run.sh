#!/bin/sh
# Installs what tests need, builds, and runs every test, those without a system tree once more with sanitizers. `--fast`
# leaves out what needs a system tree, and the sanitizers.
set -eu
cd "$(dirname "$0")/.."
labels='' sanitized=ON
[ "${1:-}" = --fast ] && labels="-L unit" sanitized=OFF
sh cmake/install-deps.sh test
generator=
command -v ninja >/dev/null 2>&1 && generator="-G Ninja"
# shellcheck disable=SC2086 # two words each, or none
cmake -S . -B build $generator -DCMAKE_BUILD_TYPE=Release -DMLENVCTL_TESTS=ON \
  -DMLENVCTL_SANITIZED_TESTS=$sanitized
cmake --build build -j "$(nproc)"
cd build
# shellcheck disable=SC2086
exec ctest --no-tests=error --output-on-failure -j "$(nproc)" $labels
