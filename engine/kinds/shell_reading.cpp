#include "kinds/shell_reading.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace mlenv {
namespace {

constexpr char self = '\0';  ///< stands for what the variable held before; no line of a shell has it

bool is_name_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

std::string_view name_at(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && is_name_character(text[end])) ++end;
  return end > 0 && (text[0] < '0' || text[0] > '9') ? text.substr(0, end) : std::string_view();
}

/// One word behind `NAME=`, quotes and all, taken apart.
class WordReader {
 public:
  WordReader(std::string_view text, std::string_view name, const ShellWords& words)
      : text_(text), name_(name), words_(words) {}

  /// The word, with `self` for the variable's old value; nothing where only a shell could tell.
  std::optional<std::string> read() {
    while (good_ && at_ < text_.size() && !is_end(text_[at_])) step();
    return good_ && !quoted_ ? std::optional(value_) : std::nullopt;
  }
  std::string_view rest() const { return text_.substr(at_); }

 private:
  bool is_end(char c) const { return !quoted_ && (c == ' ' || c == '\t' || c == ';' || c == '\r'); }

  void step() {
    const char c = text_[at_];
    if (c == '"') {
      quoted_ = !quoted_;
      ++at_;
    } else if (c == '\'' && !quoted_) {
      take_single();
    } else if (c == '\\') {
      take_escaped();
    } else if (c == '$') {
      take_variable();
    } else if (c == '~' && !quoted_ && begins_folder()) {
      value_ += words_.home;
      ++at_;
    } else if (c == self ||
               (!quoted_ && std::string_view("`&|<>()*?[#!{}").find(c) != std::string_view::npos) ||
               c == '`') {
      good_ = false;
    } else {
      value_ += c;
      ++at_;
    }
  }

  /// A shell expands `~` at the beginning and behind a colon, where nothing but a slash follows.
  bool begins_folder() const {
    const bool begins = at_ == 0 || text_[at_ - 1] == ':';
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : ' ';
    return begins && (next == '/' || next == ':' || is_end(next));
  }

  void take_single() {
    const auto end = text_.find('\'', at_ + 1);
    good_ = end != std::string_view::npos;
    if (!good_) return;
    value_ += text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
  }

  /// In double quotes a backslash is itself but before these.
  void take_escaped() {
    good_ = at_ + 1 < text_.size();
    if (!good_) return;
    const char next = text_[at_ + 1];
    if (quoted_ && std::string_view("$`\"\\").find(next) == std::string_view::npos) value_ += '\\';
    value_ += next;
    at_ += 2;
  }

  void take_variable() {
    const bool braced = at_ + 1 < text_.size() && text_[at_ + 1] == '{';
    const auto end = braced ? closing(at_ + 2) : at_ + 1 + name_at(text_.substr(at_ + 1)).size();
    good_ = end != std::string_view::npos && end > at_ + 1;
    if (!good_) return;
    const auto begin = at_ + (braced ? 2 : 1);
    expand(text_.substr(begin, end - begin));
    at_ = end + (braced ? 1 : 0);
  }

  /// Where the brace that is open at this place closes.
  std::size_t closing(std::size_t from) const {
    int open = 1;
    for (auto at = from; at < text_.size(); ++at) {
      if (text_[at] == '{') ++open;
      if (text_[at] == '}' && --open == 0) return at;
    }
    return std::string_view::npos;
  }

  /// `HOME`, `NAME`, or the old value with a colon where it is not empty: `NAME:+:$NAME`, `NAME:+$NAME:`.
  void expand(std::string_view what) {
    const std::string name(name_);
    const auto forms = [&](const std::string& old, bool front) {
      const auto colon = front ? ":" + old : old + ":";
      return what == name + ":+" + colon || what == name + "+" + colon;
    };
    const auto known = words_.variables.find(std::string(what));
    if (what == name_) {
      value_ += self;
    } else if (forms("$" + name, true) || forms("${" + name + "}", true)) {
      value_ += std::string(":") + self;
    } else if (forms("$" + name, false) || forms("${" + name + "}", false)) {
      value_ += std::string(1, self) + ":";
    } else if (what == "HOME") {
      value_ += words_.home;
    } else if (known != words_.variables.end()) {
      value_ += known->second;
    } else {
      good_ = false;
    }
  }

  std::string_view text_;
  std::string_view name_;
  const ShellWords& words_;
  std::size_t at_ = 0;
  bool quoted_ = false;
  bool good_ = true;
  std::string value_;
};

/// The folders of a list; nothing where one has no name.
std::optional<std::vector<std::string>> folders_of(std::string_view list) {
  std::vector<std::string> folders;
  for (const auto part : split(list, ':')) {
    if (part.empty()) return std::nullopt;
    folders.emplace_back(part);
  }
  return folders.empty() ? std::nullopt : std::optional(folders);
}

std::optional<Assignment> assignment_of(std::string_view name, const std::string& value) {
  Assignment made{std::string(name), Assignment::How::value, {}};
  const auto old = value.find(self);
  if (old == std::string::npos) {
    made.values = {value};
    return made;
  }
  if (value.find(self, old + 1) != std::string::npos || value.size() < 3) return std::nullopt;
  std::optional<std::vector<std::string>> folders;
  if (old == value.size() - 1 && value[old - 1] == ':') {
    made.how = Assignment::How::prepend;
    folders = folders_of(std::string_view(value).substr(0, old - 1));
  } else if (old == 0 && value[1] == ':') {
    made.how = Assignment::How::append;
    folders = folders_of(std::string_view(value).substr(2));
  }
  if (!folders) return std::nullopt;
  made.values = std::move(*folders);
  return made;
}

/// The command within `case ":${NAME-}:" in *:X:*) ;; *) COMMAND ;; esac`, as assignment_text() writes it.
std::string_view within_case(std::string_view line) {
  constexpr std::string_view begin = "case \":${", middle = ";; *) ", end = " ;; esac";
  const auto at = line.find(middle);
  if (!line.starts_with(begin) || !line.ends_with(end) || at == std::string_view::npos) return line;
  const auto from = at + middle.size();
  return from + end.size() > line.size() ? line : line.substr(from, line.size() - end.size() - from);
}

}  // namespace

std::optional<ShellLine> read_shell_line(std::string_view line, const ShellWords& words) {
  constexpr std::string_view exporting = "export ";
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  line = within_case(line);
  ShellLine made;
  made.exported = line.starts_with(exporting);
  if (made.exported) line = trim(line.substr(exporting.size()));
  const auto name = name_at(line);
  if (name.empty() || name.size() == line.size() || line[name.size()] != '=') return std::nullopt;
  WordReader reader(line.substr(name.size() + 1), name, words);
  const auto value = reader.read();
  auto rest = value ? trim(reader.rest()) : std::string_view();
  if (rest.starts_with(";")) rest = trim(rest.substr(1));
  if (!value || (!rest.empty() && !rest.starts_with("#"))) return std::nullopt;
  auto assignment = assignment_of(name, *value);
  if (!assignment) return std::nullopt;
  made.assignment = std::move(*assignment);
  return made;
}

std::vector<PlacedLine> read_shell_lines(std::string_view text, const std::string& home) {
  std::vector<PlacedLine> lines;
  ShellWords words{home};
  std::size_t number = 0;
  for (const auto line : split_lines(text)) {
    ++number;
    auto read = read_shell_line(line, words);
    if (!read) continue;
    const auto& assignment = read->assignment;
    if (assignment.how == Assignment::How::value)
      words.variables[assignment.name] = assignment.values.front();
    lines.push_back({std::move(*read), number});
  }
  return lines;
}

}  // namespace mlenv
