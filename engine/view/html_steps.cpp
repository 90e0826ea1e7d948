#include "base/text.hpp"
#include "view/html_parts.hpp"
#include "view/html_text.hpp"

namespace mlenv {
namespace {

std::string command_html(const Json& step) {
  const auto& command = at(step, "command");
  if (!command.is_array() || command.empty()) return {};
  std::vector<std::string> words;
  for (const auto& word : command) words.push_back(word.is_string() ? word.get<std::string>() : word.dump());
  const std::string prompt = text_at(step, "privilege") == "root" ? "# " : "$ ";
  return "<pre class=\"command\" tabindex=\"0\">" + element("span", "prompt", prompt) +
         html_block(shell_words(words)) + "</pre>";
}

std::string after_html(const Json& step) {
  std::vector<std::string> links;
  for (const auto& need : at(step, "needs")) {
    const auto id = html(words_of(need));
    links.push_back("<a href=\"#s" + id + "\">");
    links.back().append(id).append("</a>");
  }
  return links.empty() ? "" : element("span", "dim", " after " + join(links, ", "));
}

std::string step_html(const Json& step) {
  const auto id = html_at(step, "id");
  const bool as_root = text_at(step, "privilege") == "root";
  return "<li id=\"s" + id + "\"><span class=\"number\">" + id + "</span>" +
         element("span", as_root ? "who root" : "who", as_root ? "root" : "user") + "<div class=\"what\">" +
         prose(text_at(step, "title")) + after_html(step) + command_html(step) + "</div></li>\n";
}

std::string place_html(const Json& finding) {
  auto place = html_at(finding, "file");
  if (place.empty()) return {};
  for (const char* key : {"line", "column"}) {
    if (const auto number = html_at(finding, key); !number.empty()) place += ":" + number;
  }
  return element("code", "place", place);
}

std::string finding_html(const Json& finding) {
  const auto severity = html_at(finding, "severity");
  const char* look = severity == "error" ? "error" : severity == "warning" ? "warning" : "note";
  const auto hint = prose(text_at(finding, "hint"));
  return "<li class=\"" + std::string(look) + "\">" + element("strong", "", severity) + " " +
         element("span", "message", prose(text_at(finding, "message"))) + " " +
         element("code", "code dim", "[" + html_at(finding, "code") + "]") +
         (hint.empty() ? "" : element("p", "", "<b>hint:</b> " + hint)) + place_html(finding) + "</li>\n";
}

}  // namespace

std::string steps_html(const Json& plan) {
  std::string list;
  for (const auto& step : at(plan, "steps")) {
    if (step.is_object()) list += step_html(step);
  }
  return list.empty() ? list : element("ol", "steps", list) + "\n";
}

std::string findings_html(const Json& findings) {
  std::string list;
  for (const char* severity : {"error", "warning", "note"}) {
    for (const auto& finding : findings) {
      const auto own = text_at(finding, "severity");
      const bool known = own == "error" || own == "warning";
      if (finding.is_object() && (known ? own : "note") == severity) list += finding_html(finding);
    }
  }
  return list.empty() ? list : element("ul", "findings", list) + "\n";
}

}  // namespace mlenv
