#include "apply/apt_program.hpp"

#include <thread>

#include "base/text.hpp"

namespace mlenv {
namespace {

/// Also behind sudo, which drops the environment: these are given to the command itself.
Environment silent() {
  return of_the_system({{"DEBIAN_FRONTEND", "noninteractive"},
                        {"DEBCONF_NONINTERACTIVE_SEEN", "true"},
                        {"NEEDRESTART_MODE", "l"},
                        {"NEEDRESTART_SUSPEND", "1"},
                        {"APT_LISTCHANGES_FRONTEND", "none"}});
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

}  // namespace mlenv
