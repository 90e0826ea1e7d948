#!/bin/sh
# Brings machines to a recipe through ClusterShell: the canary first; when it is sound the others, some at a time.
#
#   rollout.sh plan|apply|verify FOLDER/RECIPE.yaml [OPTION...]
#
# The options are those of mlenvctl that all three take: --user, --var, --target.
# The recipe's folder is sent with all that is in it, and mlenvctl where a machine has none or another one. The machines are
# logged into as root. Settings: MLENVCTL (the binary to send), CANARY and MACHINES (node sets), FANOUT (machines at a time).
# The worst exit code of all machines is this one's; 255 when one is not reached, which the others do not wait for.
set -eu
usage="usage: rollout.sh plan|apply|verify FOLDER/RECIPE.yaml [OPTION...]"
[ $# -ge 2 ] || { echo "$usage" >&2; exit 5; }
command=$1 recipe=$2
shift 2
case $command in
  plan) how=--detailed-exitcode ;;
  apply) how=--yes ;;
  verify) how=-q ;;
  *) echo "$usage" >&2; exit 5 ;;
esac
[ -f "$recipe" ] || { echo "there is no recipe \`$recipe\`" >&2; exit 5; }
canary=${CANARY:-@canary} machines=${MACHINES:-@all}
binary=$(command -v "${MLENVCTL:-mlenvctl}") || { echo "there is no mlenvctl to send; \`MLENVCTL\` names one" >&2; exit 5; }
digest=$(sha256sum "$binary" | cut -d ' ' -f 1)
kept=/etc/mlenvctl/recipe there=/usr/local/bin/mlenvctl
worst=0

on() { nodes=$1; shift; clush -n -S -f "${FANOUT:-16}" -l root -w "$nodes" "$@"; }
# The nodes on which a command succeeds, as one node set; what others say is not of interest.
where() { on "$1" -q "{ $2; } >/dev/null 2>&1 && echo yes || true" 2>/dev/null | cut -d : -f 1 | nodeset --fold; }
less() { nodeset --fold "$1" -x "${2:-}"; }
# A shell is on the other side: each word in quotes.
quoted() { for word in "$@"; do printf " '%s'" "$(printf %s "$word" | sed "s/'/'\\\\''/g")"; done; }
# Machines that say the same are one paragraph.
ask() { nodes=$1; shift; on "$nodes" -b "$there$(quoted "$@" "$kept/$(basename "$recipe")")"; }
remember() { [ "$1" -le "$worst" ] || worst=$1; }

send() {
  lacking=$(less "$1" "$(where "$1" "echo '$digest  $there' | sha256sum -c")")
  if [ -n "$lacking" ]; then
    on "$lacking" --copy "$binary" --dest "$there.new"
    on "$lacking" "echo '$digest  $there.new' | sha256sum --quiet -c && chmod 755 $there.new && mv $there.new $there"
  fi
  on "$1" "mkdir -p $(dirname $kept) && rm -rf $kept.new"
  on "$1" --copy "$(dirname "$recipe")" --dest "$kept.new"
  on "$1" "chmod -R go-w $kept.new && rm -rf $kept && mv $kept.new $kept"
}
roll() {
  nodes=$(where "$1" true) lost=
  lost=$(less "$1" "$nodes")
  [ -z "$lost" ] || { echo "not reached: $lost" >&2; remember 255; }
  [ -n "$nodes" ] || return 0
  reached=$nodes
  send "$reached"
  shift
  ask "$reached" "$@" || remember $?
}

roll "$canary" "$command" "$how" "$@"
if [ "$command" = apply ]; then
  [ "$worst" -ne 0 ] || ask "$canary" verify -q "$@" || remember $?
  [ "$worst" -eq 0 ] || { echo "$canary is not sound; the others stay as they are" >&2; exit "$worst"; }
fi
others=$(less "$machines" "$canary")
[ -z "$others" ] || roll "$others" "$command" "$how" "$@"
exit "$worst"
