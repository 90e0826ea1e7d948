#include "cli/root_steps.hpp"

#include "base/text.hpp"

namespace mlenv {
namespace {

std::string outside(const std::string& path) { return "`" + path + "` is not in the user's home"; }

}  // namespace

std::string root_reason(const Step& step) {
  const char* packages = "packages are the whole system's";
  const char* sources = "what apt trusts is the whole system's";
  return std::visit(Overloaded{
                        [](const WriteFile& s) { return outside(s.path); },
                        [](const MakeDirectory& s) { return outside(s.path); },
                        [](const RemovePath& s) { return outside(s.path); },
                        [](const MovePath& s) { return outside(s.to); },
                        [](const EditBlock& s) { return outside(s.path); },
                        [&](const AddRepository&) { return std::string(sources); },
                        [&](const UpdateIndex&) { return std::string(sources); },
                        [&](const AptTransaction&) { return std::string(packages); },
                        [&](const RpmTransaction&) { return std::string(packages); },
                        [](const MakeVenv& s) { return outside(s.path); },
                        [](const PipInstall& s) { return outside(s.prefix); },
                        [](const PipUninstall& s) { return outside(s.prefix); },
                        [](const RunCheck&) { return std::string("the check is root's"); },
                        [](const ControlUnit&) { return std::string("services are the whole system's"); },
                        [](const SetMembership&) { return std::string("groups are the whole system's"); },
                        [&](const FetchPackages&) { return std::string(packages); },
                        [](const FetchWheels&) { return std::string("the cache is root's"); },
                    },
                    step);
}

std::string root_steps_text(const Plan& plan) {
  std::string text = "These steps need root, and go through sudo:\n";
  for (const auto& each : plan.steps) {
    if (step_privilege(each.step) != Privilege::root) continue;
    text +=
        "  " + std::to_string(each.id) + ". " + step_title(each.step) + " (" + root_reason(each.step) + ")\n";
  }
  return mask_credentials(text) +
         "All others run as you. sudo's permission is given back when the run ends.\n";
}

}  // namespace mlenv
