#include "resource/step.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace mlenv {
namespace {

template <class T>
void append_new(std::vector<T>& to, const std::vector<T>& from) {
  for (const auto& each : from) {
    if (std::find(to.begin(), to.end(), each) == to.end()) to.push_back(each);
  }
}

/// `2 apt packages: a, b`; long lists are cut, the plan's changes name every one.
std::string counted(const std::vector<std::string>& names, const std::string& one, const std::string& many) {
  constexpr std::size_t shown = 6;
  std::vector<std::string> first(names.begin(),
                                 names.begin() + static_cast<std::ptrdiff_t>(std::min(shown, names.size())));
  std::string text =
      std::to_string(names.size()) + " " + (names.size() == 1 ? one : many) + ": " + join(first, ", ");
  if (names.size() > shown) text += ", …";
  return text;
}

std::vector<std::string> item_names(const std::vector<AptItem>& items) {
  std::vector<std::string> names;
  for (const auto& item : items)
    names.push_back(item.name + (item.version.empty() ? item.constraint : "=" + item.version));
  return names;
}

std::vector<std::string> without(const std::vector<std::string>& all,
                                 const std::vector<std::string>& left_out) {
  std::vector<std::string> rest;
  for (const auto& each : all) {
    if (std::find(left_out.begin(), left_out.end(), each) == left_out.end()) rest.push_back(each);
  }
  return rest;
}

/// What an earlier run of dpkg's has left to do, and nothing else.
bool only_finishes(const AptTransaction& step) {
  AptTransaction finish;
  finish.configure_first = true;
  return step == finish;
}

std::string apt_title(const AptTransaction& step) {
  std::vector<std::string> parts;
  if (step.configure_first) parts.push_back("finish the interrupted dpkg run");
  if (!step.install.empty())
    parts.push_back("install " + counted(item_names(step.install), "apt package", "apt packages"));
  if (!step.remove.empty()) parts.push_back("remove " + counted(step.remove, "apt package", "apt packages"));
  if (!step.hold.empty()) parts.push_back("hold " + join(step.hold, ", "));
  const auto lifted = without(step.unhold, step.hold);
  if (!lifted.empty()) parts.push_back("no longer hold " + join(lifted, ", "));
  return join(parts, "; ");
}

/// `, 45.1 MB`; nothing where the size is not known.
std::string size_note(std::uint64_t bytes) { return bytes == 0 ? "" : ", " + size_text(bytes); }

std::string fetch_title(const FetchPackages& step) {
  std::size_t packages = 0;
  for (const auto& each : step.transactions) {
    packages += static_cast<std::size_t>(std::count_if(
        each.expected.begin(), each.expected.end(), [](const AptEffect& one) { return !one.after.empty(); }));
  }
  std::vector<std::string> parts;
  if (!step.repositories.empty()) {
    parts.push_back(step.repositories.size() == 1
                        ? "the index of " + step.repositories.front().name
                        : "the indexes of " + std::to_string(step.repositories.size()) + " repositories");
  }
  if (packages > 0) parts.push_back(std::to_string(packages) + (packages == 1 ? " package" : " packages"));
  if (parts.empty()) parts.emplace_back("what apt needs");
  return "download and verify " + join(parts, " and ") + size_note(step.bytes);
}

std::string site_name(const std::string& prefix) { return prefix.empty() ? "the user's own site" : prefix; }

std::vector<std::string> apt_command(const AptTransaction& step) {
  if (step.install.empty() && step.remove.empty()) {
    if (step.hold.empty() && step.unhold.empty()) return {"dpkg", "--configure", "-a"};
    std::vector<std::string> command = {"apt-mark", step.hold.empty() ? "unhold" : "hold"};
    append_new(command, step.hold.empty() ? step.unhold : step.hold);
    return command;
  }
  std::vector<std::string> command = {"apt-get", "-y",
                                      "-o",      "Dpkg::Options::=--force-confdef",
                                      "-o",      "Dpkg::Options::=--force-confold",
                                      "-o",      "DPkg::Lock::Timeout=600"};
  if (step.allow_downgrades) command.emplace_back("--allow-downgrades");
  if (step.purge) command.emplace_back("--purge");
  command.emplace_back(step.install.empty() ? "remove" : "install");
  command.emplace_back("--");
  for (const auto& item : step.install) {
    command.push_back(item.version.empty() ? item.name : item.name + "=" + item.version);
  }
  for (const auto& name : step.remove) command.push_back(step.install.empty() ? name : name + "-");
  return command;
}

/// As dnf(8), SPECIFYING PACKAGES, and zypper(8) want a version with its name.
std::vector<std::string> told_to(const RpmTransaction& step) {
  std::vector<std::string> words;
  const char* between = step.manager == "zypper" ? "=" : "-";
  for (const auto& item : step.packages)
    words.push_back(item.name + (item.version.empty() ? "" : between + item.version));
  return words;
}

std::string rpm_title(const RpmTransaction& step) {
  using Verb = RpmTransaction::Verb;
  const char* verb = step.verb == Verb::install   ? "install "
                     : step.verb == Verb::upgrade ? "upgrade "
                                                  : "remove ";
  return verb + counted(told_to(step), "rpm package", "rpm packages");
}

/// Names are none that could be taken for options: dnf5 knows no `--` that ends them.
std::vector<std::string> rpm_command(const RpmTransaction& step) {
  using Verb = RpmTransaction::Verb;
  const bool zypper = step.manager == "zypper";
  std::vector<std::string> command = {step.manager, zypper ? "--non-interactive" : "-y"};
  const bool with_unneeded = step.verb == Verb::take_back;
  switch (step.verb) {
    case Verb::install:
      command.emplace_back("install");
      if (zypper) command.emplace_back("--oldpackage");
      break;
    case Verb::upgrade:
      command.emplace_back(zypper ? "update" : "upgrade");
      break;
    case Verb::remove:
    case Verb::take_back:
      if (!zypper)
        command.push_back(std::string("--setopt=clean_requirements_on_remove=") +
                          (with_unneeded ? "1" : "0"));
      command.emplace_back("remove");
      if (zypper) command.emplace_back(with_unneeded ? "--clean-deps" : "--no-clean-deps");
      break;
  }
  append_new(command, told_to(step));
  return command;
}

/// Whether the step changes pip itself: then what follows is to be installed by the new one.
bool replaces_pip(const PipInstall& step) {
  return step.requirements.size() == 1 && step.requirements.front().starts_with("pip") &&
         step.requirements.front().find_first_not_of("<>=!~ ", 3) != 3;
}

std::string interpreter_in(const std::string& prefix) {
  return prefix.empty() ? "python3" : prefix + "/bin/python";
}

std::vector<std::string> pip_command(const PipInstall& step) {
  const bool uv = step.installer == "uv";
  std::vector<std::string> command = {interpreter_in(step.prefix), "-m", "pip", "install"};
  if (uv) command = {"uv", "pip", "install", "--python", interpreter_in(step.prefix)};
  if (step.prefix.empty()) command.emplace_back("--user");
  if (!step.upgrade.empty()) command.emplace_back("--upgrade");
  if (step.reinstall) command.insert(command.end(), {uv ? "--reinstall" : "--force-reinstall", "--no-deps"});
  if (step.source.pre) command.emplace_back(uv ? "--prerelease=allow" : "--pre");
  if (step.source.no_index) command.emplace_back("--no-index");
  if (!step.keep.empty()) command.insert(command.end(), {"--constraint", constraints_path(step)});
  if (!step.source.index_url.empty()) command.insert(command.end(), {"--index-url", step.source.index_url});
  for (const auto& url : step.source.extra_index_urls)
    command.insert(command.end(), {"--extra-index-url", url});
  for (const auto& link : step.source.find_links) command.insert(command.end(), {"--find-links", link});
  command.emplace_back("--");
  command.insert(command.end(), step.requirements.begin(), step.requirements.end());
  return command;
}

std::string verb_name(ControlUnit::Verb verb) {
  constexpr std::array<const char*, 7> names = {"enable", "disable", "reenable",     "start",
                                                "stop",   "restart", "daemon-reload"};
  return names.at(static_cast<std::size_t>(verb));
}

std::string unit_title(const ControlUnit& step) {
  const std::string whose = step.scope == UnitScope::user ? "the user's " : "";
  if (step.verb == ControlUnit::Verb::reload_manager) return "let " + whose + "systemd read its units anew";
  return verb_name(step.verb) + " " + whose + step.unit;
}

std::vector<std::string> unit_command(const ControlUnit& step) {
  std::vector<std::string> command = {"systemctl"};
  if (step.scope == UnitScope::user) command.emplace_back("--user");
  command.push_back(verb_name(step.verb));
  if (!step.unit.empty()) command.insert(command.end(), {"--", step.unit});
  return command;
}

std::vector<std::string> venv_command(const MakeVenv& step) {
  const auto interpreter = step.interpreter.empty() ? "python3" + step.specifier : step.interpreter;
  std::vector<std::string> command = {interpreter, "-m", "venv", "--without-pip"};
  if (step.installer == "uv") command = {"uv", "venv", "--python", interpreter};
  if (step.system_site_packages) command.emplace_back("--system-site-packages");
  command.push_back(step.path);
  return command;
}

}  // namespace

std::string step_title(const Step& step) {
  return std::visit(
      Overloaded{
          [](const WriteFile& s) { return "write " + s.path; },
          [](const MakeDirectory& s) { return "make the folder " + s.path; },
          [](const RemovePath& s) { return "remove " + s.path; },
          [](const MovePath& s) { return "move " + s.from + " to " + s.to; },
          [](const EditBlock& s) { return "edit the block `mlenvctl " + s.block + "` in " + s.path; },
          [](const AddRepository& s) { return "add the apt repository " + s.name + " and fetch its index"; },
          [](const UpdateIndex&) { return std::string("update the package index"); },
          [](const AptTransaction& s) { return apt_title(s); },
          [](const RpmTransaction& s) { return rpm_title(s); },
          [](const MakeVenv& s) { return "make the venv " + s.path; },
          [](const PipInstall& s) {
            return "install " + counted(s.requirements, "Python package", "Python packages") + " into " +
                   site_name(s.prefix);
          },
          [](const PipUninstall& s) {
            return "remove " + counted(s.names, "Python package", "Python packages") + " from " +
                   site_name(s.prefix);
          },
          [](const RunCheck& s) { return "check: " + s.name; },
          [](const ControlUnit& s) { return unit_title(s); },
          [](const SetMembership& s) {
            return (s.member ? "add " : "take ") + s.user + (s.member ? " to" : " out of") + " the group " +
                   s.group;
          },
          [](const FetchPackages& s) { return fetch_title(s); },
          [](const FetchWheels& s) {
            return "download " + std::to_string(s.wheels.size()) +
                   (s.wheels.size() == 1 ? " wheel" : " wheels") + size_note(s.bytes);
          },
      },
      step);
}

Privilege step_privilege(const Step& step) {
  return std::visit(Overloaded{
                        [](const WriteFile& s) { return s.privilege; },
                        [](const MakeDirectory& s) { return s.privilege; },
                        [](const RemovePath& s) { return s.privilege; },
                        [](const MovePath& s) { return s.privilege; },
                        [](const EditBlock& s) { return s.privilege; },
                        [](const AddRepository&) { return Privilege::root; },
                        [](const UpdateIndex&) { return Privilege::root; },
                        [](const AptTransaction&) { return Privilege::root; },
                        [](const RpmTransaction&) { return Privilege::root; },
                        [](const MakeVenv& s) { return s.privilege; },
                        [](const PipInstall& s) { return s.privilege; },
                        [](const PipUninstall& s) { return s.privilege; },
                        [](const RunCheck&) { return Privilege::user; },
                        [](const ControlUnit& s) { return s.privilege; },
                        [](const SetMembership&) { return Privilege::root; },
                        [](const FetchPackages&) { return Privilege::root; },
                        [](const FetchWheels& s) { return s.privilege; },
                    },
                    step);
}

std::vector<std::string> step_command(const Step& step) {
  using Words = std::vector<std::string>;
  return std::visit(Overloaded{
                        [](const WriteFile&) { return Words{}; },
                        [](const MakeDirectory&) { return Words{}; },
                        [](const RemovePath&) { return Words{}; },
                        [](const MovePath&) { return Words{}; },
                        [](const EditBlock&) { return Words{}; },
                        [](const AddRepository&) {
                          return Words{"apt-get", "update"};
                        },
                        [](const UpdateIndex&) {
                          return Words{"apt-get", "update"};
                        },
                        [](const AptTransaction& s) { return apt_command(s); },
                        [](const RpmTransaction& s) { return rpm_command(s); },
                        [](const MakeVenv& s) { return venv_command(s); },
                        [](const PipInstall& s) { return pip_command(s); },
                        [](const PipUninstall& s) {
                          Words command = {interpreter_in(s.prefix), "-m", "pip", "uninstall", "-y", "--"};
                          if (s.installer == "uv")
                            command = {"uv", "pip", "uninstall", "--python", interpreter_in(s.prefix), "--"};
                          command.insert(command.end(), s.names.begin(), s.names.end());
                          return command;
                        },
                        [](const RunCheck& s) { return s.argv; },
                        [](const ControlUnit& s) { return unit_command(s); },
                        [](const SetMembership& s) {
                          return Words{"gpasswd", s.member ? "--add" : "--delete", s.user, s.group};
                        },
                        [](const FetchPackages&) {
                          return Words{"apt-get", "install", "--download-only"};
                        },
                        [](const FetchWheels&) { return Words{}; },
                    },
                    step);
}

std::vector<std::string> removal_trial(const RpmTransaction& step) {
  std::vector<std::string> command = {"rpm", "-e", "--test"};
  for (const auto& item : step.packages) command.push_back(item.name);
  return command;
}

bool is_download(const Step& step) {
  return std::holds_alternative<FetchPackages>(step) || std::holds_alternative<FetchWheels>(step);
}

std::string constraints_path(const PipInstall& step) {
  return step.prefix + "/.mlenvctl-tmp/constraints.txt";
}

std::string merge_key(const Step& step) {
  return std::visit(
      Overloaded{
          [](const WriteFile&) { return std::string(); },
          [](const MakeDirectory&) { return std::string(); },
          [](const RemovePath&) { return std::string(); },
          [](const MovePath&) { return std::string(); },
          [](const EditBlock& s) { return "block:" + s.path + "\n" + s.block; },
          [](const AddRepository&) { return std::string(); },
          [](const UpdateIndex&) { return std::string("index"); },
          [](const AptTransaction& s) {
            return std::string(only_finishes(s) ? "dpkg" : s.purge ? "apt-purge" : "apt");
          },
          [](const RpmTransaction& s) {
            return "rpm:" + s.manager + ":" + std::to_string(static_cast<int>(s.verb));
          },
          [](const MakeVenv&) { return std::string(); },
          [](const PipInstall& s) {
            const auto& source = s.source;
            const std::string sort = s.reinstall ? "repip:" : replaces_pip(s) ? "pip-itself:" : "pip:";
            return sort + s.prefix + "\n" + source.index_url + "\n" + join(source.extra_index_urls, " ") +
                   "\n" + join(source.find_links, " ") + (source.no_index ? "\nno-index" : "\n") +
                   (source.pre ? "\npre" : "\n") + (s.upgrade.empty() ? "" : "\nupgrade");
          },
          [](const PipUninstall& s) { return "unpip:" + s.prefix; },
          [](const RunCheck&) { return std::string(); },
          [](const ControlUnit& s) {
            return s.verb == ControlUnit::Verb::reload_manager ? unit_title(s) : std::string();
          },
          [](const SetMembership&) { return std::string(); },
          [](const FetchPackages&) { return std::string(); },
          [](const FetchWheels&) { return std::string(); },
      },
      step);
}

std::string exclusive_use(const Step& step) {
  return std::visit(Overloaded{
                        [](const WriteFile& s) { return "path:" + s.path; },
                        [](const MakeDirectory&) { return std::string(); },
                        [](const RemovePath& s) { return "path:" + s.path; },
                        [](const MovePath& s) { return "path:" + s.to; },
                        [](const EditBlock& s) { return "path:" + s.path; },
                        [](const AddRepository&) { return std::string("apt"); },
                        [](const UpdateIndex&) { return std::string("apt"); },
                        [](const AptTransaction&) { return std::string("apt"); },
                        [](const RpmTransaction&) { return std::string("rpm"); },
                        [](const MakeVenv& s) { return "env:" + s.path; },
                        [](const PipInstall& s) { return "env:" + s.prefix; },
                        [](const PipUninstall& s) { return "env:" + s.prefix; },
                        [](const RunCheck&) { return std::string(); },
                        [](const ControlUnit&) { return std::string("units"); },
                        [](const SetMembership&) { return std::string("accounts"); },
                        [](const FetchPackages&) { return std::string("apt"); },
                        [](const FetchWheels&) { return std::string("wheels"); },
                    },
                    step);
}

}  // namespace mlenv
