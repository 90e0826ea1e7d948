#include "script/root_script.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "host/command.hpp"
#include "resource/step.hpp"
#include "script/shell_text.hpp"
#include "script/step_script.hpp"

namespace mlenv {
namespace {

/// What the steps are written with.
constexpr std::string_view functions = R"sh(
stop() { printf 'stopped: %s\n' "$*" >&2; exit 4; }

# seen PATH SUM...: the file has one of these SHA-256 sums; `-` stands for no file.
seen() {
  path=$1 now=-
  shift
  [ ! -e "$path" ] || now=$(sha256sum <"$path" | cut -c -64)
  for sum in "$@"; do [ "$now" != "$sum" ] || return 0; done
  stop "$path is not what the plan has seen; plan again"
}

# put PATH MODE OWNER: standard input becomes the file, whole or not at all; `-` keeps what is.
put() {
  path=$1 mode=$2 owner=$3
  [ ! -L "$path" ] || path=$(readlink -f -- "$path")
  mkdir -p -- "$(dirname -- "$path")"
  new=$(mktemp -- "$(dirname -- "$path")/.mlenvctl.XXXXXX")
  cat >"$new"
  chmod 0644 -- "$new"
  if [ -e "$path" ]; then chown --reference="$path" -- "$new"; chmod --reference="$path" -- "$new"; fi
  [ "$owner" = - ] || chown -- "$owner:" "$new"
  [ "$mode" = - ] || chmod -- "$mode" "$new"
  mv -fT -- "$new" "$path"
}

# extend PATH SUM: standard input goes behind the file, unless the file has this sum already.
extend() {
  if [ "$(sha256sum <"$1" | cut -c -64)" = "$2" ]; then cat >/dev/null; else cat -- "$1" - | put "$1" - -; fi
}

# known FILE FINGERPRINT...: the keys in the file have these full fingerprints and no others.
known() {
  file=$1
  shift
  command -v gpg >/dev/null || { echo 'no gpg here: the key was compared when the plan was made'; return 0; }
  found=$(GNUPGHOME=$work gpg --batch --with-colons --show-keys -- "$file" |
    awk -F: '$1 == "pub" { key = 1 } $1 == "fpr" && key { print $10; key = 0 }')
  [ -n "$found" ] || stop "$file holds no key"
  for each in $found; do
    case " $* " in *" $each "*) ;; *) stop "$file has the key $each, which is not trusted" ;; esac
  done
}

# roots PATH...: root runs no program that another user can have put there.
roots() {
  for path in "$@"; do [ "$(stat -L -c %u -- "$path")" = 0 ] || stop "$path is not root's"; done
}

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
)sh";

std::string host_check(const PlanHost& host) {
  const auto other = shell_word("this was made for another host: " + host.hostname);
  if (host.id.empty())
    return "[ \"$(hostname)\" = " + shell_word(host.hostname) + " ] || stop " + other + "\n";
  return "id=$(printf 'mlenvctl %s' \"$(cat /etc/machine-id)\" | sha256sum | cut -c -32)\n[ \"$id\" = " +
         shell_word(host.id) + " ] || stop " + other + "\n";
}

std::string header(const ScriptRequest& request) {
  const auto& plan = request.plan;
  std::string text = "#!/bin/sh\n";
  text += shell_comment(
      "Root's part of a plan, made by mlenvctl for an administrator to read and to run as root.");
  text += "#\n";
  text += shell_comment("  recipe  " + plan.recipe.name + " (" + join(plan.recipe.files, ", ") + ")");
  text += shell_comment("          " + plan.recipe.digest);
  text += shell_comment("  host    " + plan.host.hostname + ", " + plan.host.os + ", " + plan.host.arch);
  text += shell_comment("  for     " + plan.host.user);
  text += shell_comment("  plan    " + request.digest);
  text += "#\n";
  text += shell_comment(
      "It stops at the first step that fails, and at a file that is not what the plan has seen. It");
  text += shell_comment("can be run again. Afterwards " + plan.host.user + " does the rest without sudo:");
  text += "#\n" + shell_comment("  " + request.next);
  return text;
}

std::string preamble(const ScriptRequest& request) {
  std::string text = "set -eu\numask 022\n";
  for (const auto& [name, value] : of_the_system({{"HOME", "/root"}}))
    text += "export " + name + "=" + shell_word(value) + "\n";
  text += "export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l APT_LISTCHANGES_FRONTEND=none\n";
  text += "unset PYTHONPATH PYTHONHOME VIRTUAL_ENV TMPDIR\n";
  text += std::string(functions);
  text += "[ \"$(id -u)\" -eq 0 ] || stop 'this needs root'\n";
  return text + host_check(request.plan.host);
}

/// Root's steps that need none of the user's before them, downloads left out: apt brings what it needs.
struct Parts {
  std::vector<const PlannedStep*> in;
  std::vector<int> out;
};

Parts parts_of(const Plan& plan) {
  Parts parts;
  std::set<int> waiting;  // the user's steps, and what needs one
  for (const auto& step : plan.steps) {
    if (is_download(step.step)) continue;
    const bool roots = step_privilege(step.step) == Privilege::root;
    const bool waits =
        std::any_of(step.needs.begin(), step.needs.end(), [&](int need) { return waiting.count(need) > 0; });
    if (!roots || waits) waiting.insert(step.id);
    if (roots && waits) parts.out.push_back(step.id);
    if (roots && !waits) parts.in.push_back(&step);
  }
  return parts;
}

}  // namespace

Result<RootScript> root_script(const ScriptRequest& request) {
  const auto parts = parts_of(request.plan);
  RootScript script;
  script.left_out = parts.out;
  std::string steps;
  StepScript writer(request);
  for (const auto* step : parts.in) {
    const auto text = writer.text_of(step->step);
    if (!text) return text.error();
    script.steps.push_back(step->id);
    steps += "\n" + shell_comment(std::to_string(step->id) + ". " + step_title(step->step)) + *text;
  }
  for (const auto& step : request.plan.steps) {
    if (std::find(parts.out.begin(), parts.out.end(), step.id) == parts.out.end()) continue;
    steps += "\n" +
             shell_comment("Not in here, for it needs a step of the user's first: " + step_title(step.step));
  }
  script.text = header(request);
  if (writer.holds_credentials())
    script.text += "#\n" + shell_comment("It holds credentials: whoever can read it has them.");
  script.text += preamble(request);
  if (const auto checks = writer.checks(); !checks.empty())
    script.text +=
        "\n" + shell_comment("Nothing is changed where one of these is not what the plan has seen.") + checks;
  script.text += steps + "\necho \"Root's part is done.\"\n";
  return script;
}

}  // namespace mlenv
