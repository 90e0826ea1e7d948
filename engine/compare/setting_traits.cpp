#include <map>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "compare/portrait_traits.hpp"
#include "host/json_text.hpp"
#include "kinds/shell_reading.hpp"
#include "record/content_rules.hpp"
#include "record/secrets.hpp"
#include "record/survey.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

/// What a line sets a variable to, alike however it is written.
std::optional<std::pair<std::string, std::string>> setting_of(std::string_view line, ShellWords& words) {
  const auto read = read_shell_line(line, words);
  if (!read) return shell_assignment(line);
  const auto& [name, how, values] = read->assignment;
  if (how == Assignment::How::value) words.variables[name] = values.front();
  const auto folders = join(values, ":");
  return std::pair(name, how == Assignment::How::prepend  ? folders + ":$" + name
                         : how == Assignment::How::append ? "$" + name + ":" + folders
                                                          : folders);
}

/// The variables that a start-up file sets and that programs on a GPU go by. What a record would leave out
/// is left out of a live host's portrait too, so that both can be compared.
void add_variables(const Sitter& sitter, const std::string& file, std::vector<Trait>& traits) {
  const auto text = sitter.host.read_file(file);
  const auto place = short_path(file, sitter.facts.user);
  if (!text || !*text) return;
  std::map<std::string, std::string> values;
  std::vector<std::string> order;
  const auto told = assignments_alone(**text);
  ShellWords words{sitter.facts.user.home};
  for (const auto line : split_lines(told)) {
    const auto setting = setting_of(line, words);
    if (!setting || !steers_computing(setting->first)) continue;
    auto& value = values[setting->first];
    if (value.empty()) order.push_back(setting->first);
    value += (value.empty() ? "" : "; ") + short_paths(setting->second, sitter.facts.user);
  }
  for (const auto& name : order) traits.push_back({"variables", name + " in " + place, values[name], true});
}

/// A venv's Python has several names.
std::string without_version(const std::string& program) {
  const auto at = program.rfind("/bin/python");
  constexpr std::size_t length = 11;
  const bool versioned =
      at != std::string::npos && program.find_first_not_of("0123456789.", at + length) == std::string::npos;
  return versioned ? program.substr(0, at + length) : program;
}

void add_kernel(const Sitter& sitter, const std::string& folder, const std::string& name,
                std::vector<Trait>& traits) {
  const auto text = sitter.host.read_file(folder + "/" + name + "/kernel.json");
  if (!text || !*text) return;
  const auto kernel = parse_json(condensed_kernel(**text));
  if (!kernel.is_object()) {
    traits.push_back({"kernels", name, std::string("cannot be read"), false});
    return;
  }
  const auto& user = sitter.facts.user;
  std::string program = "no program";
  if (kernel.contains("argv") && kernel["argv"].is_array() && !kernel["argv"].empty() &&
      kernel["argv"][0].is_string())
    program = without_version(kernel["argv"][0].get<std::string>());
  traits.push_back({"kernels", name, short_path(program, user), true});
  if (!kernel.contains("env") || !kernel["env"].is_object()) return;
  for (const auto& [variable, value] : kernel["env"].items()) {
    traits.push_back({"kernels", name + " " + variable,
                      short_paths(value.is_string() ? value.get<std::string>() : value.dump(), user),
                      steers_computing(variable)});
  }
}

void add_kernels(const Sitter& sitter, std::vector<Trait>& traits) {
  for (const auto& folder : kernel_folders(sitter.facts.user)) {
    const auto entries = sitter.host.list(folder);
    if (!entries) continue;
    for (const auto& entry : *entries) add_kernel(sitter, folder, entry.name, traits);
  }
}

Fact<std::string> content_of(const HostReader& host, const std::string& file) {
  const auto text = host.read_file(file);
  if (!text) return Unknown{text.error().message};
  if (!*text) return Absent{};
  return "sha256:" + sha256_hex(**text).substr(0, 12) + " (" + std::to_string((*text)->size()) + " bytes)";
}

}  // namespace

std::vector<Trait> setting_traits(const Sitter& sitter) {
  std::vector<Trait> traits;
  for (const auto& file : start_up_files(sitter.facts.user)) add_variables(sitter, file, traits);
  add_kernels(sitter, traits);
  for (const auto& file : sitter.files)
    traits.push_back({"files", short_path(file, sitter.facts.user), content_of(sitter.host, file), false});
  return traits;
}

}  // namespace mlenv
