#include "apply/apt_program.hpp"

#include <array>

#include "base/text.hpp"

namespace mlenv {
namespace {

/// Also behind sudo, which drops the environment: these are given to the command itself.
Environment silent() {
  return {{"DEBIAN_FRONTEND", "noninteractive"},
          {"DEBCONF_NONINTERACTIVE_SEEN", "true"},
          {"NEEDRESTART_MODE", "l"},
          {"NEEDRESTART_SUSPEND", "1"},
          {"APT_LISTCHANGES_FRONTEND", "none"},
          {"LC_ALL", "C.UTF-8"}};
}

}  // namespace

Outcome run_apt(std::vector<std::string> argv, Stage& stage, Output* output) {
  return run_program({std::move(argv), silent(), Privilege::root, {}}, stage, output);
}

std::string apt_complaint(const Output& output, bool with_warnings) {
  std::vector<std::string> complaints;
  for (const auto* text : {&output.err, &output.out}) {
    for (const auto line : split_lines(*text)) {
      if (line.starts_with("E: ") || (with_warnings && line.starts_with("W: ")) ||
          line.starts_with("dpkg: error")) {
        complaints.push_back(mask_credentials(line.substr(line.find(": ") + 2)));
      }
    }
  }
  constexpr std::size_t shown = 3;
  if (complaints.size() > shown) complaints.resize(shown);
  return join(complaints, "; ");
}

bool passes_by_itself(const std::string& complaint) {
  static constexpr std::array<std::string_view, 7> signs = {
      "unexpected size", "Hash Sum mismatch", "Mirror sync", "502 ", "503 ", "504 ", "Connection timed out"};
  for (const auto sign : signs) {
    if (complaint.find(sign) != std::string::npos) return true;
  }
  return false;
}

}  // namespace mlenv
