#include "apply/apt_program.hpp"

#include <algorithm>
#include <array>
#include <thread>

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

/// Warnings about what apt takes all the same: where a key is kept, a signature that will not do some day.
bool is_harmless(std::string_view warning) {
  static constexpr std::array<std::string_view, 4> signs = {
      "legacy trusted.gpg", "Policy will reject signature", "performed unsandboxed", "weak digest"};
  return std::any_of(signs.begin(), signs.end(),
                     [&](auto sign) { return warning.find(sign) != std::string_view::npos; });
}

}  // namespace

Outcome run_apt(std::vector<std::string> argv, Stage& stage, Output* output) {
  return run_program({std::move(argv), silent(), Privilege::root, {}}, stage, output);
}

Outcome update_index(const std::vector<std::string>& options, Stage& stage, Output* output) {
  constexpr auto pause = std::chrono::seconds(3);
  constexpr int patience = 100;
  std::vector<std::string> argv = {"apt-get", "update"};
  argv.insert(argv.end(), options.begin(), options.end());
  for (int count = 1;; ++count) {
    Output own;
    auto outcome = run_apt(argv, stage, &own);
    const bool locked = !outcome.ok() && apt_complaint(own, false).find("get lock") != std::string::npos;
    if (locked && count < patience) {
      if (stage.lines) stage.lines("another program of apt's is at work; waiting for it");
      std::this_thread::sleep_for(pause);
      continue;
    }
    if (output != nullptr) *output = std::move(own);
    return outcome;
  }
}

std::string apt_complaint(const Output& output, bool with_warnings) {
  std::vector<std::string> complaints;
  for (const auto* text : {&output.err, &output.out}) {
    for (const auto line : split_lines(*text)) {
      const bool warning = with_warnings && line.starts_with("W: ") && !is_harmless(line);
      if (warning || line.starts_with("E: ") || line.starts_with("dpkg: error")) {
        complaints.push_back(mask_credentials(line.substr(line.find(": ") + 2)));
      }
    }
  }
  constexpr std::size_t shown = 3;
  if (complaints.size() > shown) complaints.resize(shown);
  return join(complaints, "; ");
}

bool passes_by_itself(const std::string& complaint) {
  static constexpr std::array<std::string_view, 12> signs = {"unexpected size",
                                                             "Hash Sum mismatch",
                                                             "Mirror sync",
                                                             "500  ",
                                                             "502  ",
                                                             "503  ",
                                                             "504  ",
                                                             "429  ",
                                                             "timed out",
                                                             "Connection reset",
                                                             "Connection failed",
                                                             "Temporary failure resolving"};
  return std::any_of(signs.begin(), signs.end(),
                     [&](auto sign) { return complaint.find(sign) != std::string::npos; });
}

}  // namespace mlenv
