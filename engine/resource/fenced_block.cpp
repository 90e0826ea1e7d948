#include "resource/fenced_block.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace mlenv {
namespace {

constexpr std::string_view notice = "# Made by mlenvctl; what is changed between these lines is overwritten.";
constexpr std::string_view made_file_note = " This file is mlenvctl's own.";
constexpr std::string_view ended_line_note = " The line above had no end.";

std::string first_line(const std::string& name) { return "# >>> mlenvctl " + name + " >>>"; }
std::string last_line(const std::string& name) { return "# <<< mlenvctl " + name + " <<<"; }

/// Offset of a line that is exactly this one; npos when there is none.
std::size_t line_offset(std::string_view text, std::string_view line, std::size_t from) {
  for (auto at = text.find(line, from); at != std::string_view::npos; at = text.find(line, at + 1)) {
    const auto behind = at + line.size();
    const bool begins = at == 0 || text[at - 1] == '\n';
    const bool ends = behind == text.size() || text[behind] == '\n' || text[behind] == '\r';
    if (begins && ends) return at;
  }
  return std::string_view::npos;
}

/// Likewise of the last such line: an earlier one may be the text of an entry.
std::size_t last_offset(std::string_view text, std::string_view line, std::size_t from) {
  auto last = std::string_view::npos;
  for (auto at = line_offset(text, line, from); at != std::string_view::npos;
       at = line_offset(text, line, at + 1))
    last = at;
  return last;
}

std::size_t next_line(std::string_view text, std::size_t at) {
  const auto end = text.find('\n', at);
  return end == std::string_view::npos ? text.size() : end + 1;
}

Error broken(const std::string& name, const std::string& what) {
  return {"block.broken", "the block `mlenvctl " + name + "` " + what,
          "remove its lines by hand, then apply again"};
}

/// The entries of a block and where its last line stands.
struct Body {
  std::vector<BlockEntry> entries;
  std::size_t last = 0;
};

/// Entries are written as `#: KEY LINES` and that many lines, so that any text can be one, the look of a last
/// line included. Nothing where somebody has changed what stands there.
std::optional<Body> parse_body(std::string_view text, std::size_t at, const std::string& last) {
  const auto line_at = [&] {
    const auto next = next_line(text, at);
    auto line = text.substr(at, next - at);
    if (line.ends_with("\n")) line.remove_suffix(1);
    at = next;
    return line;
  };
  Body body;
  while (at < text.size()) {
    body.last = at;
    auto head = line_at();
    if (head.ends_with("\r")) head.remove_suffix(1);
    if (head == last) return body;
    const auto space = head.rfind(' ');
    std::size_t count = 0;
    if (!head.starts_with("#: ") || space < 3) return std::nullopt;
    std::from_chars(head.data() + space + 1, head.data() + head.size(), count);
    if (count == 0) return std::nullopt;
    BlockEntry entry{std::string(head.substr(3, space - 3)), {}};
    for (std::size_t i = 0; i < count && at < text.size(); ++i)
      entry.text += (i > 0 ? "\n" : "") + std::string(line_at());
    body.entries.push_back(std::move(entry));
  }
  return std::nullopt;
}

std::string written(const std::string& name, const FencedBlock& block) {
  std::string text = first_line(name) + "\n" + std::string(notice);
  if (block.made_file) text += made_file_note;
  if (block.ended_line) text += ended_line_note;
  text += "\n";
  for (const auto& entry : block.entries) {
    const auto lines = std::count(entry.text.begin(), entry.text.end(), '\n') + 1;
    text += "#: " + entry.key + " " + std::to_string(lines) + "\n" + entry.text + "\n";
  }
  return text + last_line(name) + "\n";
}

void change_entries(std::vector<BlockEntry>& entries, const EditBlock& edit) {
  const auto find = [&](const std::string& key) {
    return std::find_if(entries.begin(), entries.end(),
                        [&](const BlockEntry& entry) { return entry.key == key; });
  };
  for (const auto& key : edit.remove) {
    if (const auto found = find(key); found != entries.end()) entries.erase(found);
  }
  for (const auto& entry : edit.set) {
    if (const auto found = find(entry.key); found != entries.end()) {
      found->text = entry.text;
    } else {
      entries.push_back(entry);
    }
  }
}

FencedBlock new_block(const std::optional<std::string>& text) {
  FencedBlock block;
  block.made_file = !text;
  block.begin = block.end = text ? text->size() : 0;
  block.ended_line = text && !text->empty() && text->back() != '\n';
  return block;
}

}  // namespace

Result<std::optional<FencedBlock>> find_block(std::string_view text, const std::string& name) {
  const auto first = line_offset(text, first_line(name), 0);
  if (first == std::string_view::npos) {
    if (line_offset(text, last_line(name), 0) != std::string_view::npos)
      return broken(name, "has no first line");
    return std::optional<FencedBlock>();
  }
  const auto inside = next_line(text, first);
  const auto head_end = next_line(text, inside);
  auto body = parse_body(text, head_end, last_line(name));
  // What somebody changed in there is overwritten as the notice says; only the entries are then not known.
  if (!body) body = Body{{}, last_offset(text, last_line(name), inside)};
  if (body->last == std::string_view::npos) return broken(name, "has no last line");
  FencedBlock block;
  block.begin = first;
  block.end = next_line(text, body->last);
  // Between the lines it is the text of an entry, where these can be told.
  const auto from = body->entries.empty() ? inside : body->last;
  if (line_offset(text, first_line(name), from) != std::string_view::npos)
    return broken(name, "stands there twice");
  const auto head = text.substr(inside, head_end - inside);
  block.made_file = head.find(made_file_note) != std::string_view::npos;
  block.ended_line = head.find(ended_line_note) != std::string_view::npos;
  block.entries = std::move(body->entries);
  return std::optional(std::move(block));
}

Result<std::optional<std::string>> edit_block(const std::optional<std::string>& text, const EditBlock& edit) {
  const auto found = find_block(text.value_or(""), edit.block);
  if (!found) return found.error();
  if (!*found && edit.set.empty()) return text;
  FencedBlock block = *found ? **found : new_block(text);
  change_entries(block.entries, edit);
  std::string before = text.value_or("").substr(0, block.begin);
  const std::string behind = text.value_or("").substr(block.end);
  if (!block.entries.empty()) {
    if (!*found && block.ended_line) before += "\n";
    return std::optional(before + written(edit.block, block) + behind);
  }
  if (block.made_file && before.empty() && behind.empty()) return std::optional<std::string>();
  if (block.ended_line && behind.empty() && !before.empty()) before.pop_back();
  return std::optional(before + behind);
}

}  // namespace mlenv
