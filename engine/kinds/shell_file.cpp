#include "kinds/shell_file.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "host/recorded_host.hpp"
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

/// The lines outside the block, and not those of other syntaxes.
std::vector<PlacedLine> own_lines(std::string_view text, const std::optional<FencedBlock>& block,
                                  const std::string& home) {
  std::string outside(text);
  if (block) {
    const auto begin = outside.begin() + static_cast<std::ptrdiff_t>(block->begin);
    const auto end = outside.begin() + static_cast<std::ptrdiff_t>(std::min(block->end, outside.size()));
    std::replace_if(
        begin, end, [](char c) { return c != '\n'; }, ' ');  // the numbers of lines stay
  }
  auto lines = read_shell_lines(outside, home);
  // PATH is exported already, whoever sets it.
  const auto inner = [](const PlacedLine& each) {
    return !each.line.exported && each.line.assignment.name != "PATH";
  };
  lines.erase(std::remove_if(lines.begin(), lines.end(), inner), lines.end());
  return lines;
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
  file.own = own_lines(**text, *block, home);
  return file;
}

}  // namespace

std::optional<std::string> ShellFile::entry(const std::string& key) const {
  const auto found = entries.find(key);
  return found == entries.end() ? std::nullopt : std::optional(found->second);
}

bool ShellFile::assigns(const Assignment& wanted) const {
  const auto same = [&](const PlacedLine& each) { return each.line.assignment == wanted; };
  if (wanted.how != Assignment::How::value) return std::any_of(own.begin(), own.end(), same);
  const auto named = assigned.find(wanted.name);
  const auto equal = static_cast<std::size_t>(std::count_if(own.begin(), own.end(), same));
  return named != assigned.end() && equal == named->second.size();
}

const Result<ShellFile>& shell_file(const std::string& path, const std::string& block,
                                    const ProbeScope& scope) {
  return scope.cache.get<Result<ShellFile>>(
      "shell file " + path, [&] { return read_shell_file(path, block, scope.host, scope.facts.user.home); });
}

}  // namespace mlenv
