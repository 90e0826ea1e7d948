#!/bin/sh
# Installs the packages that building (`build`) or building and testing (`test`) needs, and only what is missing.
# The names hold on Debian 11 to 13 and Ubuntu 22.04 and later.
set -eu
build="cmake ninja-build g++ pkg-config libyaml-cpp-dev libboost-dev libboost-filesystem-dev libboost-graph-dev
 libspdlog-dev libfmt-dev libcli11-dev nlohmann-json3-dev libcurl4-openssl-dev nettle-dev zlib1g-dev libdtl-dev graphviz ca-certificates
 python3 python3-venv"
tests="catch2 patch debootstrap gpg gpg-agent apt-utils dpkg-dev python3-jsonschema python3-yaml python3-pip strace valgrind clang
 fish zsh man-db mandoc lintian"
# Examples for many machines are tested with the programs that they are for; Debian 11 has too old an Ansible.
grep -q '^PRETTY_NAME="Debian GNU/Linux 11' /etc/os-release 2>/dev/null ||
  tests="$tests ansible-core clustershell iproute2 openssh-client shellcheck yamllint"
# Pages are tested in a real browser where the distribution has one as a package of its own.
grep -q '^ID=debian' /etc/os-release 2>/dev/null && tests="$tests chromium"
case "${1:-build}" in
  build) wanted=$build ;;
  test) wanted="$build $tests" ;;
  *) echo "usage: install-deps.sh build|test" >&2; exit 5 ;;
esac
is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]
}
missing=
for package in $wanted; do
  is_installed "$package" || missing="$missing $package"
done
can_be_had() {
  apt-cache show "$@" >/dev/null 2>&1
}
# Of these some distributions have none; Debian 11 and Ubuntu 22.04 have it in another package, which comes with clang.
optional=
if [ "${1:-build}" = test ] && ! is_installed libclang-rt-dev; then optional=libclang-rt-dev; fi
# Sanitizers want a newer clang than Debian 12 means by `clang`; distributions that have none do without.
newer_clang=
if [ "${1:-build}" = test ]; then
  newer_clang="21 20 19"
  for version in $newer_clang; do
    if is_installed "clang-$version" && is_installed "libclang-rt-$version-dev"; then newer_clang=; break; fi
  done
fi
if [ -z "$missing" ]; then
  for package in $optional ${newer_clang:+clang-19}; do
    ! can_be_had "$package" || missing=" "
  done
  [ -n "$missing" ] || exit 0
fi
echo "These packages are missing and will be installed with apt-get:$missing $optional ${newer_clang:+a newer clang}"
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
for package in $optional; do
  ! can_be_had "$package" || missing="$missing $package"
done
for version in $newer_clang; do
  if can_be_had "clang-$version" "libclang-rt-$version-dev"; then
    missing="$missing clang-$version libclang-rt-$version-dev"
    break
  fi
done

# Debian 11 and Ubuntu 20.04 have no package of CLI11, which is headers alone: the next release's serves there.
borrow_cli11() {
  # shellcheck source=/dev/null
  . /etc/os-release
  case "$ID-${VERSION_ID:-}" in
    debian-11) source="http://deb.debian.org/debian bookworm main" ;;
    ubuntu-20.04) source="http://archive.ubuntu.com/ubuntu jammy universe" ;;
    *) return 0 ;;
  esac
  folder=$(mktemp -d)
  chmod 755 "$folder"
  mkdir -p "$folder/lists/partial"
  echo "deb $source" >"$folder/sources.list"
  # Lists and sources of its own: the machine's apt does not change.
  set -- -q -o "Dir::Etc::sourcelist=$folder/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$folder/lists" \
    -o "Dir::Cache=$folder"
  $as_root apt-get "$@" update
  (cd "$folder" && $as_root apt-get "$@" download libcli11-dev)
  $as_root dpkg -i "$folder"/libcli11-dev_*.deb
  $as_root rm -rf "$folder"
}
case "$missing" in
  *libcli11-dev*)
    if ! apt-cache show libcli11-dev >/dev/null 2>&1; then
      borrow_cli11
      missing=$(echo "$missing" | sed 's/ libcli11-dev//')
    fi ;;
esac
[ -n "$missing" ] || exit 0
# shellcheck disable=SC2086 # a list of package names
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
