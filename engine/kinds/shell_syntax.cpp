#include "kinds/shell_syntax.hpp"

#include "base/text.hpp"

namespace mlenv {
namespace {

std::string posix_quoted(const std::string& value) { return "'" + replace_all(value, "'", R"('\'')") + "'"; }

std::string fish_quoted(const std::string& value) {
  return "'" + replace_all(replace_all(value, "\\", "\\\\"), "'", "\\'") + "'";
}

/// environment.d expands `$NAME` after unquoting; `$$` is a `$`. Source: environment.d(5), systemd's
/// replace_env().
std::string environment_quoted(const std::string& value) {
  std::string quoted;
  for (const char c : value) {
    if (c == '"' || c == '\\' || c == '`') quoted += '\\';
    if (c == '$') quoted += '$';
    quoted += c;
  }
  return quoted;
}

std::string posix_text(const Assignment& assignment) {
  const auto& name = assignment.name;
  if (assignment.how == Assignment::How::value)
    return "export " + name + "=" + posix_quoted(assignment.values.front());
  std::string text;
  // Those to be prepended are put in place from the last to the first, so that they end in the order written.
  const bool front = assignment.how == Assignment::How::prepend;
  auto values = assignment.values;
  if (front) values.assign(assignment.values.rbegin(), assignment.values.rend());
  for (const auto& value : values) {
    const auto quoted = posix_quoted(value);
    const auto joined = front ? quoted + "\"${" + name + ":+:$" + name + "}\""
                              : "\"${" + name + ":+$" + name + ":}\"" + quoted;
    text += std::string(text.empty() ? "" : "\n") + "case \":${" + name + "-}:\" in *:" + quoted +
            ":*) ;; *) export " + name + "=" + joined + " ;; esac";
  }
  return text;
}

std::string fish_text(const Assignment& assignment) {
  const auto& name = assignment.name;
  if (assignment.how == Assignment::How::value)
    return "set -gx " + name + " " + fish_quoted(assignment.values.front());
  const bool front = assignment.how == Assignment::How::prepend;
  auto values = assignment.values;
  if (front) values.assign(assignment.values.rbegin(), assignment.values.rend());
  // A list, split at colons. The empty text is no folder, though fish would take it for one without a name.
  std::string text =
      "set -gx --path " + name + " $" + name + "\ntest -n \"$" + name + "\"; or set -gx --path " + name;
  for (const auto& value : values) {
    const auto quoted = fish_quoted(value);
    text += "\ncontains -- " + quoted + " $" + name + "; or set -gx --path " + name + " " +
            (front ? quoted + " $" + name : "$" + name + " " + quoted);
  }
  return text;
}

std::string environment_text(const Assignment& assignment) {
  for (const auto& value : assignment.values) {
    if (value.find('\n') != std::string::npos) return {};
  }
  std::vector<std::string> quoted;
  for (const auto& value : assignment.values) quoted.push_back(environment_quoted(value));
  const auto& name = assignment.name;
  const auto joined = join(quoted, ":");
  if (assignment.how == Assignment::How::value) return name + "=\"" + joined + "\"";
  if (assignment.how == Assignment::How::prepend)
    return name + "=\"" + joined + "${" + name + ":+:$" + name + "}\"";
  return name + "=\"${" + name + ":+$" + name + ":}" + joined + "\"";
}

}  // namespace

std::string assignment_text(const Assignment& assignment, ShellSyntax syntax) {
  switch (syntax) {
    case ShellSyntax::posix:
      return posix_text(assignment);
    case ShellSyntax::fish:
      return fish_text(assignment);
    case ShellSyntax::environment_d:
      return environment_text(assignment);
  }
  return {};
}

}  // namespace mlenv
