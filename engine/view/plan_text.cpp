#include "view/plan_text.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "view/packages_text.hpp"
#include "view/plan_lines.hpp"
#include "view/screen_text.hpp"

namespace mlenv {
namespace {

constexpr std::size_t step_indent = 12;  // number, privilege and the spaces between

std::string head_line(const std::string& label, const std::string& text, const Style& style) {
  return bold(padded(label, 8), style) + text + "\n";
}

std::string host_words(const Json& host) {
  std::vector<std::string> parts;
  for (const char* key : {"os", "arch", "virt"}) {
    if (auto text = text_at(host, key); !text.empty()) parts.push_back(std::move(text));
  }
  const auto name = text_at(host, "hostname");
  return (name.empty() ? "" : name + (parts.empty() ? "" : ": ")) + join(parts, ", ");
}

std::string header_text(const Json& plan, const Style& style) {
  const auto& recipe = at(plan, "recipe");
  std::string text = head_line("Recipe", text_at(recipe, "name"), style);
  if (style.verbose) {
    for (const auto& file : at(recipe, "files")) text += head_line("", words_of(file), style);
  }
  return text + head_line("Host", host_words(at(plan, "host")), style);
}

std::string unchanged_text(const Json& plan, const Style& style) {
  std::string names;
  std::size_t count = 0;
  for (const auto& change : at(plan, "changes")) {
    if (text_at(change, "action") != "none") continue;
    ++count;
    names += dim("    " + text_at(change, "address"), style) + "\n";
  }
  if (count == 0) return {};
  if (style.verbose) return "\nAlready as declared:\n" + names;
  return "\n" + dim(std::to_string(count) + " already as declared (-v lists them)", style) + "\n";
}

std::string not_applicable_text(const Json& plan, const Style& style) {
  std::string text;
  for (const auto& change : at(plan, "changes")) {
    if (text_at(change, "action") != "not_applicable") continue;
    const auto address = text_at(change, "address");
    text += with_reason("    " + address, columns(address) + 4, text_at(change, "reason"), style);
  }
  return text.empty() ? text : "\nNot for this host:\n" + text;
}

std::string step_text(const Json& step, const Style& style) {
  const bool as_root = text_at(step, "privilege") == "root";
  const auto id = text_at(step, "id");
  const std::string number = std::string(id.size() < 4 ? 4 - id.size() : 0, ' ') + id;
  std::string text = number + "  " + (as_root ? yellow("root", style) : "user") + "  ";
  const auto lines = wrapped(text_at(step, "title"), style.width > 40 ? style.width - step_indent : 0);
  for (const auto& line : lines)
    text += (&line == &lines.front() ? "" : std::string(step_indent, ' ')) + line + "\n";
  const auto& command = at(step, "command");
  if (!style.verbose || !command.is_array() || command.empty()) return text;
  std::vector<std::string> words;
  for (const auto& word : command) words.push_back(word.is_string() ? word.get<std::string>() : word.dump());
  return text +
         dim(std::string(step_indent, ' ') + (as_root ? "# " : "$ ") + visible(shell_words(words)), style) +
         "\n";
}

std::string steps_text(const Json& plan, const Style& style) {
  std::string text;
  for (const auto& step : at(plan, "steps")) text += step_text(step, style);
  return text.empty() ? text : "\n" + bold("Steps", style) + "\n" + text;
}

std::string finding_text(const Json& finding, const Style& style) {
  std::string place;
  if (const auto file = text_at(finding, "file"); !file.empty()) {
    place = file + ":";
    for (const char* key : {"line", "column"}) {
      if (const auto number = text_at(finding, key); !number.empty()) place += number + ":";
    }
    place += " ";
  }
  const auto severity = text_at(finding, "severity") + ":";
  std::string text = bold(place, style) +
                     (severity == "error:"     ? red(severity, style)
                      : severity == "warning:" ? yellow(severity, style)
                                               : severity) +
                     " " + text_at(finding, "message") + dim(" [" + text_at(finding, "code") + "]", style) +
                     "\n";
  if (const auto hint = text_at(finding, "hint"); !hint.empty()) text += "  hint: " + hint + "\n";
  return text;
}

std::string findings_text(const Json& plan, const Style& style) {
  std::string text;
  for (const auto& finding : at(plan, "findings")) text += finding_text(finding, style);
  return text.empty() ? text : "\n" + text;
}

/// `1 cannot be told, 2 wait for a person`; empty when there are none.
std::string open_questions(std::size_t unknown, std::size_t manual) {
  std::vector<std::string> parts;
  if (unknown > 0) parts.push_back(std::to_string(unknown) + " cannot be told (marked `?`)");
  if (manual > 0)
    parts.push_back(std::to_string(manual) + (manual == 1 ? " waits" : " wait") +
                    " for a person (marked `!`)");
  return join(parts, ", ");
}

std::string last_lines(const Json& plan, const Style& style) {
  const auto count = [&](const char* action) {
    const auto& changes = at(plan, "changes");
    return static_cast<std::size_t>(std::count_if(changes.begin(), changes.end(), [&](const Json& change) {
      return text_at(change, "action") == action;
    }));
  };
  const auto number = [&](const char* action) { return std::to_string(count(action)); };
  const auto open = open_questions(count("unknown"), count("manual"));
  const bool changes = count("create") + count("update") + count("replace") + count("delete") > 0;
  if (!changes && open.empty()) return "\n" + green("No changes. The host is as declared.", style) + "\n";
  const std::string reboot = text_at(at(plan, "cost"), "reboot") == "required"
                                 ? yellow("A reboot is needed before the new driver runs.", style) + "\n"
                                 : std::string();
  return "\n" + (open.empty() ? "" : yellow(open, style) + "\n") + reboot + bold("Plan:", style) + " " +
         number("create") + " to create, " + number("update") + " to change, " + number("replace") +
         " to replace, " + number("delete") + " to delete.\n";
}

}  // namespace

std::string plan_text(const Json& plan, const Style& style) {
  std::string changes;
  for (const auto& change : at(plan, "changes")) {
    if (auto lines = change_lines(change, style); !lines.empty())
      changes += lines + packages_text(change, style);
  }
  return header_text(plan, style) + (changes.empty() ? "" : "\n" + changes) + unchanged_text(plan, style) +
         not_applicable_text(plan, style) + steps_text(plan, style) + cost_text(at(plan, "cost"), style) +
         findings_text(plan, style) + last_lines(plan, style);
}

}  // namespace mlenv
