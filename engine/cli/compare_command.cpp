#include <algorithm>
#include <set>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/open_host.hpp"
#include "cli/screen.hpp"
#include "record/survey.hpp"
#include "view/compare_view.hpp"
#include "view/plan_document.hpp"

namespace mlenv {
namespace {

/// A host that is compared, and what to call it.
struct Side {
  std::string source;
  OpenHost host;
};

bool is_live(const std::string& word) { return word == "live" || word == "."; }

std::optional<Side> open_side(const std::string& word, const Arguments& given, Diagnostics& diagnostics) {
  auto arguments = given;
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
  const auto& host = side.host;
  const auto venvs =
      host.recorded ? host.recorded_venvs : find_venvs(*host.reader, host.facts, other.host.recorded_venvs);
  return portrait_of({*host.reader, host.facts, *host.knowledge, venvs, files});
}

/// The files that a record of either side has the content of.
std::vector<std::string> recorded_files(const Side& left, const Side& right) {
  std::set<std::string> files(left.host.recorded_files.begin(), left.host.recorded_files.end());
  files.insert(right.host.recorded_files.begin(), right.host.recorded_files.end());
  return {files.begin(), files.end()};
}

}  // namespace

int compare_command(const Arguments& arguments) {
  if (arguments.sides.size() != 2) {
    print_error({"arguments.sides", "`mlenvctl compare` takes two hosts: `live`, or the file of a record",
                 "`mlenvctl compare live hosts/gpu07.json`"},
                arguments);
    return exit_bad_input;
  }
  Diagnostics diagnostics;
  const auto left = open_side(arguments.sides[0], arguments, diagnostics);
  const auto right = open_side(arguments.sides[1], arguments, diagnostics);
  if (!left || !right) return print_diagnostics(diagnostics, arguments), exit_bad_input;
  const auto files = recorded_files(*left, *right);
  const auto left_portrait = portrait(*left, *right, files);
  const auto right_portrait = portrait(*right, *left, files);
  const auto comparison = compare(left_portrait, right_portrait);
  const auto document =
      compare_document({left->source, left_portrait}, {right->source, right_portrait}, comparison);
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
