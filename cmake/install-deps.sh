#!/bin/sh
# Installs the packages that building (`build`) or building and testing (`test`) needs, and only what is missing.
# The names hold on Debian 11 to 13 and Ubuntu 22.04 and later.
set -eu
build="cmake ninja-build g++ pkg-config libyaml-cpp-dev libboost-dev libboost-filesystem-dev libboost-graph-dev
 libspdlog-dev libfmt-dev libcli11-dev nlohmann-json3-dev libcurl4-openssl-dev libssl-dev graphviz gpg ca-certificates
 python3 python3-venv"
tests="catch2 debootstrap apt-utils dpkg-dev python3-jsonschema python3-pip strace"
case "${1:-build}" in
  build) wanted=$build ;;
  test) wanted="$build $tests" ;;
  *) echo "usage: install-deps.sh build|test" >&2; exit 5 ;;
esac
missing=
for package in $wanted; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "These packages are missing and will be installed with apt-get:$missing"
as_root=
if [ "$(id -u)" -ne 0 ]; then
  as_root=sudo
  if [ -t 0 ]; then
    printf 'This asks for root through sudo. Go on? [y/N] '
    read -r answer
    case $answer in y|Y|yes) ;; *) echo "nothing was installed"; exit 4 ;; esac
  fi
fi
$as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
# shellcheck disable=SC2086 # a list of package names
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
