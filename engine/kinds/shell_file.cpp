#include "kinds/shell_file.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "host/recorded_host.hpp"
#include "kinds/shell_reading.hpp"
#include "resource/fenced_block.hpp"

namespace mlenv {
namespace {

/// The variable that a line sets: `NAME=…`, `export NAME=…` or fish's `set -gx NAME …`.
std::string_view assigned_by(std::string_view line) {
  constexpr std::string_view fish = "set -gx ", exported = "export ";
  auto rest = trim(line);
  if (rest.starts_with(exported)) rest = trim(rest.substr(exported.size()));
  if (rest.starts_with(fish)) {
    rest.remove_prefix(fish.size());
    return rest.find(' ') == std::string_view::npos ? std::string_view() : rest.substr(0, rest.find(' '));
  }
  return rest.find('=') == std::string_view::npos ? std::string_view() : rest.substr(0, rest.find('='));
}

void note_assignments(std::string_view text, const std::optional<FencedBlock>& block, ShellFile& file) {
  std::size_t number = 0;
  for (std::size_t offset = 0; offset < text.size();) {
    const auto end = std::min(text.find('\n', offset), text.size());
    const auto line = text.substr(offset, end - offset);
    const bool own = block && offset >= block->begin && offset < block->end;
    ++number;
    offset = end + 1;
    const auto name = own ? std::string_view() : assigned_by(line);
    if (name.empty()) continue;
    file.assigned[std::string(name)].push_back(number);
    if (line.find(left_out) != std::string_view::npos) file.untold.emplace(name);
  }
}

/// The text outside the block; the numbers of lines stay.
std::string without_block(std::string text, const std::optional<FencedBlock>& block) {
  if (!block) return text;
  const auto begin = text.begin() + static_cast<std::ptrdiff_t>(block->begin);
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(block->end, text.size()));
  std::replace_if(
      begin, end, [](char c) { return c != '\n'; }, ' ');
  return text;
}

Result<ShellFile> read_shell_file(const std::string& path, const std::string& name, const HostReader& host,
                                  const std::string& home) {
  const auto text = host.read_file(path);
  if (!text) return text.error();
  ShellFile file;
  if (!*text) return file;
  const auto block = find_block(**text, name);
  if (!block) {
    file.broken = Error{block.error().code, path + ": " + block.error().message, block.error().hint};
    return file;
  }
  if (*block) {
    for (const auto& entry : (*block)->entries) file.entries.emplace(entry.key, entry.text);
  }
  note_assignments(**text, *block, file);
  file.outside = without_block(**text, *block);
  file.home = home;
  return file;
}

}  // namespace

std::optional<std::string> ShellFile::entry(const std::string& key) const {
  const auto found = entries.find(key);
  return found == entries.end() ? std::nullopt : std::optional(found->second);
}

bool ShellFile::assigns(const Assignment& wanted) const {
  const auto named = assigned.find(wanted.name);
  if (named == assigned.end()) return false;
  std::size_t equal = 0;
  for (const auto& [line, number] : read_shell_lines(outside, home)) {
    // PATH is exported already, whoever sets it.
    if (line.assignment == wanted && (line.exported || wanted.name == "PATH")) ++equal;
  }
  return wanted.how == Assignment::How::value ? equal == named->second.size() : equal > 0;
}

const Result<ShellFile>& shell_file(const std::string& path, const std::string& block,
                                    const ProbeScope& scope) {
  return scope.cache.get<Result<ShellFile>>(
      "shell file " + path, [&] { return read_shell_file(path, block, scope.host, scope.facts.user.home); });
}

}  // namespace mlenv
