#include "base/pep_requirement.hpp"

#include <algorithm>

#include "base/dotted_version.hpp"
#include "base/pep_marker.hpp"
#include "base/text.hpp"

namespace mlenv {
namespace {

bool is_name_character(char c) {
  return is_ascii_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
         c == '_';
}
bool is_alphanumeric(char c) { return is_name_character(c) && c != '.' && c != '-' && c != '_'; }

Error wrong(std::string message, std::string hint = {}) {
  return {"pep508.syntax", std::move(message), std::move(hint)};
}

/// Takes a project name from the front; empty when none stands there.
std::string_view take_name(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && is_name_character(text[length])) ++length;
  while (length > 0 && !is_alphanumeric(text[length - 1])) --length;
  if (length == 0 || !is_alphanumeric(text.front())) return {};
  const auto name = text.substr(0, length);
  text = trim(text.substr(length));
  return name;
}

std::optional<Error> take_extras(std::string_view& text, std::vector<std::string>& extras) {
  if (text.empty() || text.front() != '[') return std::nullopt;
  const auto end = text.find(']');
  if (end == std::string_view::npos) return wrong("expected `]` behind the extras, found the end");
  const auto inside = trim(text.substr(1, end - 1));
  for (const auto part : split(inside, ',')) {
    auto rest = trim(part);
    if (inside.empty()) break;
    const auto name = take_name(rest);
    if (name.empty() || !rest.empty())
      return wrong("expected the name of an extra, found `" + std::string(trim(part)) + "`");
    extras.push_back(canonical_project_name(name));
  }
  std::sort(extras.begin(), extras.end());
  extras.erase(std::unique(extras.begin(), extras.end()), extras.end());
  text = trim(text.substr(end + 1));
  return std::nullopt;
}

std::optional<Error> take_specifiers(std::string_view text, PepSpecifierSet& specifiers) {
  if (text.size() > 1 && text.front() == '(' && text.back() == ')')
    text = trim(text.substr(1, text.size() - 2));
  auto parsed = PepSpecifierSet::parse(text);
  if (parsed) {
    specifiers = std::move(*parsed);
    return std::nullopt;
  }
  if (text.size() > 1 && text.front() == '=' && text[1] != '=') {
    return wrong("expected `==`, found `" + std::string(text) + "`",
                 "a Python package's version is pinned with `==`");
  }
  return wrong("expected version specifiers such as `==1.7.1` or `>=1.0,<2`, found `" + std::string(text) +
               "`");
}

}  // namespace

std::string canonical_project_name(std::string_view name) {
  std::string canonical;
  for (const char c : to_lower(name)) {
    const bool dash = c == '-' || c == '_' || c == '.';
    if (!dash) {
      canonical += c;
    } else if (canonical.empty() || canonical.back() != '-') {
      canonical += '-';
    }
  }
  return canonical;
}

Result<PepRequirement> PepRequirement::parse(std::string_view text) {
  PepRequirement requirement;
  text = trim(text);
  auto rest = text;
  requirement.name = std::string(take_name(rest));
  if (requirement.name.empty())
    return wrong("expected the name of a Python package, found `" + std::string(text) + "`");
  if (const auto error = take_extras(rest, requirement.extras)) return *error;
  const bool is_url = !rest.empty() && rest.front() == '@';
  // A URL may hold semicolons; its marker is set off by white space before the `;`.
  const auto semicolon = is_url ? rest.find(" ;") : rest.find(';');
  if (semicolon != std::string_view::npos) {
    requirement.marker = std::string(trim(rest.substr(semicolon + (is_url ? 2 : 1))));
    rest = trim(rest.substr(0, semicolon));
    if (const auto error = marker_error(requirement.marker)) return *error;
  }
  if (is_url) {
    requirement.url = std::string(trim(rest.substr(1)));
    if (requirement.url.empty() || requirement.url.front() == ';' ||
        requirement.url.find_first_of(" \t") != std::string::npos) {
      return wrong("expected a URL behind `@`");
    }
    return requirement;
  }
  if (const auto error = take_specifiers(rest, requirement.specifiers)) return *error;
  return requirement;
}

std::string PepRequirement::str() const {
  std::string text = name;
  if (!extras.empty()) text += "[" + join(extras, ",") + "]";
  if (!url.empty()) {
    text += " @ " + url;
  } else {
    text += specifiers.str();
  }
  if (!marker.empty()) text += (url.empty() ? "; " : " ; ") + marker;
  return text;
}

bool PepRequirement::applies(const MarkerEnvironment& environment) const {
  return marker.empty() || marker_holds(marker, environment);
}

MarkerEnvironment linux_markers(const std::string& python_version, const std::string& machine) {
  const auto parts = split(python_version, '.');
  const auto minor = parts.size() > 1 ? std::string(parts[0]) + "." + std::string(parts[1]) : python_version;
  return {{"python_version", minor},          {"python_full_version", python_version},
          {"sys_platform", "linux"},          {"os_name", "posix"},
          {"platform_system", "Linux"},       {"platform_machine", machine},
          {"implementation_name", "cpython"}, {"platform_python_implementation", "CPython"}};
}

}  // namespace mlenv
