#include "apply/apt_program.hpp"

#include "apply/package_lock.hpp"

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

bool got_no_lock(const Output& output) {
  const auto complaint = apt_complaint(output, false);
  return complaint.find("get lock") != std::string::npos ||
         output.err.find("is locked by another process") != std::string::npos ||
         output.err.find("lock was locked by another process") != std::string::npos;
}

/// Somebody may be faster between the look and the start: then it is waited for again.
Outcome run_when_free(PackageLocks locks, const Command& command, Stage& stage, Output* output) {
  PackagePatience patience(locks, stage);
  for (auto trouble = patience.wait();; trouble = patience.wait_after_refusal()) {
    if (trouble) return outcome_of(*trouble);
    Output own;
    auto outcome = run_program(command, stage, &own);
    const bool again = !outcome.ok() && got_no_lock(own);
    if (output != nullptr) *output = std::move(own);
    if (!again) return outcome;
  }
}

}  // namespace

Outcome run_apt(std::vector<std::string> argv, Stage& stage, Output* output) {
  return run_when_free(PackageLocks::packages, {std::move(argv), silent(), Privilege::root, {}, true}, stage,
                       output);
}

Outcome update_index(const std::vector<std::string>& options, Stage& stage, Output* output) {
  std::vector<std::string> argv = {"apt-get", "update"};
  argv.insert(argv.end(), options.begin(), options.end());
  return run_when_free(PackageLocks::indexes, {std::move(argv), silent(), Privilege::root, {}}, stage,
                       output);
}

}  // namespace mlenv
