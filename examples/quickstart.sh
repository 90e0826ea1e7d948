#!/bin/sh
# From a fresh Debian or Ubuntu with nothing but a network to a first workspace: installs what building needs, builds
# mlenvctl, shows the plan of the guide for a recorded RTX 3070 machine, then plans and applies recipes/starter.yaml
# on this one and runs its checks. It may be run again.
set -eu
cd "$(dirname "$0")/.."

echo "== 1. packages that building needs"
sh cmake/install-deps.sh build

echo "== 2. build"
generator=
command -v ninja >/dev/null 2>&1 && generator="-G Ninja"
# shellcheck disable=SC2086 # two words, or none
cmake -S . -B build $generator -DCMAKE_BUILD_TYPE=Release -DMLENVCTL_TESTS=OFF >/dev/null
cmake --build build -j "$(nproc)" --target mlenvctl

echo "== 3. the guide's plan, for a recorded Ubuntu 20.04 with a GeForce RTX 3070 (nothing here is changed)"
build/mlenvctl plan recipes/rtx3070-torch.yaml --host examples/hosts/ubuntu2004-rtx3070.json

echo "== 4. the starter recipe, on this machine"
build/mlenvctl plan recipes/starter.yaml
# With a terminal apply asks; without one there is nobody to ask, and who runs this script has said yes.
yes=--yes
[ -t 0 ] && [ -t 2 ] && yes=
# shellcheck disable=SC2086 # one word, or none
build/mlenvctl apply recipes/starter.yaml $yes

echo "== 5. is it as declared?"
build/mlenvctl verify recipes/starter.yaml
