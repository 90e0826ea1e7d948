#include "adopt/adopt.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "record/survey.hpp"

namespace mlenv {
namespace {

/// `torch` for ~/ml/torch, `thesis` for ~/thesis/.venv.
std::string venv_name(const std::string& path, const User& user) {
  auto folder = path;
  const auto last = [](const std::string& text) { return text.substr(text.rfind('/') + 1); };
  while (folder != "/" && folder != user.home &&
         (last(folder).starts_with(".") || last(folder) == "venv" || last(folder) == "env") &&
         parent_path(folder) != user.home && parent_path(folder) != "/")
    folder = parent_path(folder);
  auto name = last(folder);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == ' ' || c == '\t' || c == '$'; }, '-');
  while (name.starts_with(".")) name.erase(0, 1);
  return name.empty() || name == "user" ? "venv-" + name : name;
}

bool is_below(const std::string& path, const User& user) { return path.starts_with(user.home + "/"); }

bool is_folder(const HostReader& host, const std::string& path) {
  const auto stat = host.stat(path, Links::follow);
  return stat && *stat && (*stat)->type == FileType::directory;
}

std::vector<DraftField> requirements_of(const Facts& facts) {
  const auto* os = known(facts.os);
  if (os == nullptr || os->id.empty()) return {};
  return {{"os", os->id + (os->version_id.empty() ? "" : " " + os->version_id)}};
}

}  // namespace

std::string recipe_path(const std::string& path, const User& user) {
  const bool inside = user.home != "/" && !user.home.empty() && (path == user.home || is_below(path, user));
  return literal(inside ? "~" + path.substr(user.home.size()) : path);
}

std::string without_password(const std::string& url, const std::string& variable) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return {};
  const auto begin = scheme + 3;
  const auto server = url.substr(begin, std::min(url.find('/', begin), url.size()) - begin);
  const auto sign = server.rfind('@');
  if (sign == std::string::npos) return {};
  return literal(url.substr(0, begin)) + "${env." + variable + "}" + literal(url.substr(begin + sign));
}

VenvNames name_venvs(const std::vector<std::string>& venvs, const User& user) {
  VenvNames names;
  std::map<std::string, int> taken;
  for (const auto& path : venvs) {
    const auto name = venv_name(path, user);
    const int count = ++taken[name];
    names[path] = count == 1 ? name : name + "-" + std::to_string(count);
  }
  return names;
}

DraftSection adopt_folders(const AdoptedHost& adopted, const VenvNames& venvs,
                           const DraftSection& variables) {
  const auto& user = adopted.facts.user;
  std::set<std::string> folders;
  const auto take = [&](const std::string& path) {
    if (is_below(path, user) && venvs.count(path) == 0 && is_folder(adopted.host, path)) folders.insert(path);
  };
  for (const auto& [path, name] : venvs) take(parent_path(path));
  for (const auto& entry : variables.entries) {
    for (const auto& field : entry.fields) {
      // A hidden folder is some program's own, which makes it when it is installed.
      if (field.name == "value" && field.text.starts_with("~/") && !field.text.starts_with("~/.") &&
          entry.doubt.empty())
        take(normal_path(user.home + field.text.substr(1)));
    }
  }
  DraftSection section{"Folders that these are about."};
  for (const auto& each : folders) section.entries.push_back({"directory", {recipe_path(each, user)}});
  return section;
}

Draft adopt(const AdoptedHost& adopted) {
  const auto& facts = adopted.facts;
  Draft draft;
  draft.name = facts.hostname.empty() ? "adopted" : facts.hostname;
  const auto* os = known(facts.os);
  draft.description = "What was set up by hand on " + draft.name +
                      (os == nullptr ? std::string() : ", " + os->id + " " + os->version_id);
  draft.heading = {
      "Written by `mlenvctl adopt`. Applied where it was made it changes nothing. What is in doubt is a "
      "comment, with the reason; passwords and tokens are not in it."};
  draft.requirements = requirements_of(facts);
  constexpr int deep = 4;  // ~/projects/thesis/code/.venv
  const auto venvs = name_venvs(find_venvs(adopted.host, facts, {}, deep), facts.user);
  auto variables = adopt_variables(adopted);
  auto folders = adopt_folders(adopted, venvs, variables);
  draft.sections = {std::move(variables), std::move(folders), adopt_sources(adopted), adopt_packages(adopted),
                    adopt_module_settings(adopted)};
  for (const auto& [path, name] : venvs) draft.sections.push_back(adopt_venv(adopted, path, name));
  draft.sections.push_back(adopt_user_packages(adopted));
  draft.sections.push_back(adopt_kernels(adopted, venvs));
  draft.sections.push_back(adopt_rest(adopted));
  return draft;
}

}  // namespace mlenv
