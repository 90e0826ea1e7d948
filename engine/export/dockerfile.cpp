#include <algorithm>

#include "base/text.hpp"
#include "export/recipe_export.hpp"

namespace mlenv {
namespace {

// The shell gets one RUN as one argument, which Linux keeps below 128 KiB.
constexpr std::size_t largest_run = 100000;

/// One layer: the statements, each stopping it when it fails. Builders read no line twice: in a continued one
/// neither `#` nor a here-document means anything.
std::string run_text(const std::vector<Statement>& statements) {
  if (statements.size() == 1) return "RUN " + laid_out(statements.front(), "      ") + "\n";
  std::string text = "RUN set -eu; \\\n";
  for (std::size_t i = 0; i < statements.size(); ++i)
    text += "    " + laid_out(statements[i], "      ") + (i + 1 < statements.size() ? "; \\\n" : "\n");
  return text;
}

std::string layers_text(const std::vector<Statement>& statements) {
  std::string text;
  std::vector<Statement> layer;
  std::size_t size = 0;
  for (const auto& each : statements) {
    const auto more = laid_out(each, "      ").size();
    if (size + more > largest_run && !layer.empty()) {
      text += run_text(layer);
      layer.clear();
      size = 0;
    }
    layer.push_back(each);
    size += more;
  }
  return text + run_text(layer);
}

std::string escaped(const std::string& value) {
  std::string made;
  for (const char c : value) {
    if (c == '"' || c == '\\' || c == '$') made += '\\';
    made += c;
  }
  return made;
}

bool fits_line(const Assignment& assignment) {
  return std::none_of(assignment.values.begin(), assignment.values.end(), [](const std::string& value) {
    return std::any_of(value.begin(), value.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  });
}

/// Shells that read no start-up file, and programs that no shell starts, know the variable by this.
std::string variable_text(const Assignment& assignment) {
  if (!fits_line(assignment))
    return commented("ENV cannot hold line breaks: " + assignment.name + " is there in login shells alone.");
  const auto value = escaped(join(assignment.values, ":"));
  const auto& name = assignment.name;
  if (assignment.how == Assignment::How::value) return "ENV " + name + "=\"" + value + "\"\n";
  if (assignment.how == Assignment::How::prepend)
    return "ENV " + name + "=\"" + value + "${" + name + ":+:$" + name + "}\"\n";
  return "ENV " + name + "=\"${" + name + ":+$" + name + ":}" + value + "\"\n";
}

Statement tools_statement(const std::vector<std::string>& tools) {
  std::vector<std::string> words = {"apt-get", "-y", "install", "--no-install-recommends", "--"};
  words.insert(words.end(), tools.begin(), tools.end());
  return command_statement(words, "DEBIAN_FRONTEND=noninteractive");
}

std::string beginning(const ExportRequest& request, const ExportParts& parts) {
  const auto& user = request.facts.user.name;
  std::string text = "FROM " + request.base + "\nUSER root\nSHELL [\"/bin/sh\", \"-c\"]\n";
  if (has_card(request))
    text += "ENV NVIDIA_VISIBLE_DEVICES=\"all\"\nENV NVIDIA_DRIVER_CAPABILITIES=\"compute,utility\"\n";
  if (!parts.tools.empty()) {
    text += "\n# What the steps below are done with\n" +
            run_text({{{"apt-get update"}}, tools_statement(parts.tools), {{"rm -rf /var/lib/apt/lists/*"}}});
  }
  if (user == "root") return text;
  return text + "\n" +
         run_text({{{"id -u " + shell_word(user) + " > /dev/null 2>&1",
                     "|| useradd --create-home --shell /bin/bash -- " + shell_word(user)}}});
}

std::string checks_text(const ExportRequest& request, const std::vector<RunCheck>& checks) {
  if (checks.empty()) return {};
  const auto run = "docker run --rm " + std::string(has_card(request) ? "--gpus all " : "") +
                   image_name(request.plan.recipe.name) + " ";
  std::string text = "\n# The recipe's checks, each in a container of its own:\n";
  for (const auto& check : checks) {
    text += commented(check.name + ":");
    text += as_comment(run + check_command(check));
  }
  return text;
}

std::string variables_text(const ShellPart& part, std::vector<Assignment>& known) {
  std::string text;
  for (const auto& each : part.variables) {
    if (std::find(known.begin(), known.end(), each) != known.end()) continue;
    known.push_back(each);
    text += variable_text(each);
  }
  return text;
}

}  // namespace

std::string dockerfile_text(const ExportRequest& request, const ExportParts& parts) {
  const auto& user = request.facts.user;
  const auto image = image_name(request.plan.recipe.name);
  auto text = export_header(request) + "#\n";
  text += commented("  docker build -t " + image + " .");
  text += commented("  docker run --rm -it " + std::string(has_card(request) ? "--gpus all " : "") + image);
  text += beginning(request, parts);
  std::string at = "root";
  std::vector<Assignment> known;
  for (const auto& part : parts.parts) {
    const auto& wanted = part.privilege == Privilege::root ? "root" : user.name;
    text += "\n" + (part.title.empty() ? std::string() : commented(part.title, "  "));
    if (wanted != at) text += "USER " + wanted + "\n";
    at = wanted;
    text += layers_text(part.statements) + variables_text(part, known);
  }
  text += "\n";
  if (at != user.name) text += "USER " + user.name + "\n";
  text += "WORKDIR " + user.home + "\nCMD [\"/bin/bash\"]\n";
  return text + checks_text(request, parts.checks);
}

}  // namespace mlenv
