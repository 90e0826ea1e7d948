#include "apply/python_tools.hpp"

#include "base/pep_requirement.hpp"
#include "resource/python_site.hpp"
#include "resource/uv.hpp"

namespace mlenv {
namespace {

VenvConfig config_of(const std::string& prefix, const Stage& stage) {
  const auto text = stage.reader.read_file(venv_config_path(prefix));
  return text && *text ? parse_venv_config(**text) : VenvConfig();
}

std::string base_of_user_python(const Stage& stage) {
  const auto real = resolve_links(stage.reader, user_python(stage));
  return real ? parent_path(parent_path(*real)) : std::string();
}

/// All site folders that an environment sees, its own first.
std::vector<std::string> site_folders(const std::string& prefix, const Stage& stage) {
  const auto minor = python_minor(python_version(prefix, stage));
  std::vector<std::string> folders, system;
  if (prefix.empty()) {
    folders = {stage.facts.user.home + "/.local/lib/python" + minor + "/site-packages"};
    system = system_site_folders(base_of_user_python(stage), minor);
  } else {
    folders = own_site_folders(stage.reader, prefix, minor);
    const auto config = config_of(prefix, stage);
    if (config.system_site_packages) system = system_site_folders(parent_path(config.home), minor);
  }
  folders.insert(folders.end(), system.begin(), system.end());
  return folders;
}

}  // namespace

Result<std::vector<std::string>> found_program(std::vector<std::string> command, Privilege privilege,
                                               const Stage& stage) {
  if (command.front() == "python3") command.front() = user_python(stage);
  if (command.front() != "uv") return command;
  const auto uv = find_uv(stage.reader, privilege == Privilege::root ? "/root" : stage.facts.user.home);
  if (!uv) {
    return Error{"uv.not-found", "`installer: uv` is declared, but there is no uv on this host",
                 "install uv, or declare `installer: pip`"};
  }
  command.front() = *uv;
  return command;
}

std::optional<Error> not_roots(const std::string& prefix, Privilege privilege, const Stage& stage) {
  if (privilege != Privilege::root) return std::nullopt;
  constexpr unsigned others_write = 0002;
  auto paths = {prefix + "/bin/python", prefix + "/bin", prefix};
  const auto is_others = [&](const std::string& path) {
    const auto stat = stage.reader.stat(path, Links::follow);
    return stat && *stat && ((*stat)->uid != 0 || ((*stat)->mode & others_write) != 0);
  };
  std::string found;
  for (const auto& path : paths) found = is_others(path) ? path : found;
  for (auto above = parent_path(prefix); found.empty(); above = parent_path(above)) {
    if (is_others(above)) found = above;
    if (above == "/") break;
  }
  if (found.empty()) return std::nullopt;
  return Error{
      "venv.not-roots",
      "`" + found + "` can be changed by others, and root runs nothing that another user can have put there",
      "`chown root` and `chmod o-w` it, or put the venv into a home"};
}

Environment python_variables(const std::string& prefix, const Stage& stage) {
  return installer_variables(prefix, stage.environment);
}

std::string user_python(const Stage& stage) {
  return stage.facts.pythons.empty() ? "python3" : stage.facts.pythons.front().path;
}

std::string python_version(const std::string& prefix, const Stage& stage) {
  if (!prefix.empty()) return config_of(prefix, stage).version;
  return stage.facts.pythons.empty() ? std::string() : stage.facts.pythons.front().version;
}

std::optional<std::string> installed_version(const std::string& prefix, const std::string& name,
                                             const Stage& stage) {
  const auto packages = read_all_distributions(stage.reader, site_folders(prefix, stage));
  if (!packages) return std::nullopt;
  const auto found = packages->find(name);
  return found == packages->end() ? std::nullopt : std::optional(found->second.version);
}

Outcome bring_pip(const std::string& prefix, Privilege privilege, Stage& stage) {
  if (prefix.empty() || installed_version(prefix, "pip", stage)) return {};
  return run_program({{prefix + "/bin/python", "-m", "ensurepip", "--default-pip"},
                      python_variables(prefix, stage),
                      privilege},
                     stage);
}

std::optional<PlanningPip> shared_pip(const PipInstall& step, Stage& stage) {
  if (step.prefix.empty() || step.installer != "pip" || stage.fetching == nullptr) return std::nullopt;
  // What root runs must not be anybody else's to change.
  const auto& cache = stage.fetching->python.users.planning;
  if (step.privilege == Privilege::root || cache.path.empty()) return std::nullopt;
  if (!is_fetched(step.expected, step.privilege, stage)) return std::nullopt;
  for (const auto& wheel : step.expected) {
    if (wheel.name == "pip") return std::nullopt;
  }
  const auto config = config_of(step.prefix, stage);
  const auto minor = python_minor(config.version);
  if (auto made = made_pip(stage.reader, cache, minor)) return made;
  return borrow_pip(stage.reader, stage.writer, cache, join_path(config.home, "python" + minor),
                    config.version);
}

Outcome record_latest(const std::string& prefix, const std::vector<std::string>& requirements,
                      Privilege privilege, Stage& stage) {
  if (requirements.empty()) return {};
  const auto path = marker_path(prefix, stage.facts.user.home);
  const auto before = read_marker(stage.reader, path);
  if (!before) return outcome_of(before.error());
  auto marker = before->value_or(EnvironmentMarker());
  for (const auto& text : requirements) {
    const auto requirement = PepRequirement::parse(text);
    if (!requirement) continue;
    if (auto version = installed_version(prefix, requirement->canonical_name(), stage))
      marker.latest[text] = *version;
  }
  if (prefix.empty()) {
    const auto made = stage.writer.make_directory(parent_path(path), std::nullopt, {}, privilege);
    if (!made) return outcome_of(made);
  }
  return outcome_of(stage.writer.write_file({path, marker_text(marker), std::nullopt, {}, privilege}));
}

}  // namespace mlenv
