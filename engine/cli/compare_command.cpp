#include <algorithm>
#include <set>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/open_host.hpp"
#include "cli/screen.hpp"
#include "cli/state.hpp"
#include "compare/locked_portrait.hpp"
#include "record/survey.hpp"
#include "view/compare_view.hpp"
#include "view/plan_document.hpp"

namespace mlenv {
namespace {

/// A host that is compared, and what to call it; or a lock.
struct Side {
  std::string source;
  std::optional<OpenHost> host = {};
  std::optional<Lock> lock = {};
};

bool is_live(const std::string& word) { return word == "live" || word == "."; }

/// The lock in a file; nothing where it is something else.
std::optional<Lock> lock_in(const std::string& word) {
  if (is_live(word)) return std::nullopt;
  const auto text = read_own_file(word);
  auto lock = text ? read_lock(*text) : Result<Lock>(text.error());
  return lock ? std::optional(std::move(*lock)) : std::nullopt;
}

std::optional<Side> open_side(const std::string& word, const Arguments& given, Diagnostics& diagnostics) {
  auto arguments = given;
  if (auto lock = lock_in(word)) return Side{word, {}, std::move(lock)};
  if (is_live(word)) {
    arguments.host_file.clear();
  } else {
    arguments.host_file = word;
  }
  auto host = open_host(arguments, diagnostics);
  if (!host) return std::nullopt;
  ask_driver(*host);
  return Side{is_live(word) ? (host->root == "/" ? "this host" : host->root) : word, std::move(*host)};
}

/// A live host is also asked for the venvs that the other side's record has.
Portrait portrait(const Side& side, const Side& other, const std::vector<std::string>& files) {
  const auto& host = *side.host;
  const auto known = other.host ? other.host->recorded_venvs : std::vector<std::string>();
  const auto venvs = host.recorded ? host.recorded_venvs : find_venvs(*host.reader, host.facts, known);
  return portrait_of({*host.reader, host.facts, *host.knowledge, venvs, files});
}

/// The files that a record of either side has the content of.
std::vector<std::string> recorded_files(const Side& left, const Side& right) {
  std::set<std::string> files;
  for (const auto* side : {&left, &right}) {
    if (side->host) files.insert(side->host->recorded_files.begin(), side->host->recorded_files.end());
  }
  return {files.begin(), files.end()};
}

/// The class of a lock that the other side is of; of two locks the first that both have.
Result<const LockedClass*> class_for(const Side& side, const Side& other) {
  if (other.host) {
    const auto host = class_of(other.host->facts);
    if (!host) return host.error();
    if (const auto* found = side.lock->find(*host)) return found;
    return Error{"lock.class", "`" + side.source + "` has nothing for `" + host->str() + "`", {}};
  }
  for (const auto& each : side.lock->classes) {
    if (other.lock->find(each.host) != nullptr) return &each;
  }
  return Error{"lock.class", "the two locks have no class of host in common", {}};
}

/// The portraits of two sides, of which a lock tells a part: then of the other that part alone.
Result<std::pair<Portrait, Portrait>> portraits(const Side& left, const Side& right) {
  std::pair<Portrait, Portrait> made;
  const auto files = recorded_files(left, right);
  for (const bool first : {true, false}) {
    const auto& side = first ? left : right;
    const auto& other = first ? right : left;
    auto& one = first ? made.first : made.second;
    if (side.host) {
      one = portrait(side, other, files);
      continue;
    }
    const auto locked = class_for(side, other);
    if (!locked) return locked.error();
    one = portrait_of(**locked);
  }
  if (left.lock && right.host) made.second = seen_by(made.first, std::move(made.second));
  if (right.lock && left.host) made.first = seen_by(made.second, std::move(made.first));
  return made;
}

}  // namespace

int compare_command(const Arguments& arguments) {
  if (arguments.sides.size() != 2) {
    print_error(
        {"arguments.sides", "`mlenvctl compare` takes two hosts: `live`, or the file of a record or a lock",
         "`mlenvctl compare live hosts/gpu07.json`"},
        arguments);
    return exit_bad_input;
  }
  Diagnostics diagnostics;
  const auto left = open_side(arguments.sides[0], arguments, diagnostics);
  const auto right = open_side(arguments.sides[1], arguments, diagnostics);
  if (!left || !right) return print_diagnostics(diagnostics, arguments), exit_bad_input;
  const auto both = portraits(*left, *right);
  if (!both) return print_error(both.error(), arguments), exit_bad_input;
  const auto comparison = compare(both->first, both->second);
  const auto document =
      compare_document({left->source, both->first}, {right->source, both->second}, comparison);
  if (arguments.json) {
    print(dump(document));
  } else if (arguments.markdown) {
    print(compare_markdown(document));
  } else {
    print(compare_text(document, style_of(arguments, Stream::out)));
  }
  return comparison.different.empty() && comparison.untold.empty() ? exit_ok : exit_pending;
}

}  // namespace mlenv
