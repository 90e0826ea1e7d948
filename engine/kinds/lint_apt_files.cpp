#include <algorithm>

#include "base/text.hpp"
#include "kinds/lint.hpp"

namespace mlenv {
namespace {

constexpr const char* remedy = "declare the archive as `apt_repo` with its `key`";

bool is_sources_file(const std::string& path) {
  return path == "/etc/apt/sources.list" || path.starts_with("/etc/apt/sources.list.d/");
}

/// Without comments, spaces and capitals, so that every way of writing reads the same.
std::string bare(std::string_view line) {
  std::string text;
  for (const char c : to_lower(std::string(line.substr(0, line.find('#')))))
    if (c != ' ' && c != '\t' && c != '"') text += c;
  return text;
}

bool takes_unsigned(const std::string& line) {
  for (const std::string_view sign :
       {"trusted=yes", "trusted:yes", "allow-insecure=yes", "allow-insecure:yes", "allowunauthenticatedtrue",
        "allowunauthenticated1", "allowinsecurerepositoriestrue", "allowinsecurerepositories1",
        "allowunauthenticatedyes"})
    if (line.find(sign) != std::string::npos) return true;
  return false;
}

bool is_unkeyed_http(const std::vector<std::string_view>& lines) {
  std::string text;
  for (const auto line : lines) text += bare(line) + "\n";
  return text.find("http://") != std::string::npos && text.find("signed-by") == std::string::npos;
}

void lint_text(const std::string& path, const Node& content, Diagnostics& diagnostics) {
  const auto lines = split_lines(content.text);
  const bool is_unsigned =
      std::any_of(lines.begin(), lines.end(), [](auto line) { return takes_unsigned(bare(line)); });
  if (is_unsigned && path.starts_with("/etc/apt/")) {
    diagnostics.warning("lint.unsigned-source", "this tells apt to take what nobody has signed", content.span,
                        remedy);
  } else if (is_sources_file(path) && is_unkeyed_http(lines)) {
    diagnostics.warning("lint.no-key", "this source comes by http without a key of its own", content.span,
                        remedy);
  }
}

}  // namespace

bool is_global_keyring(const std::string& path) {
  return path == "/etc/apt/trusted.gpg" || path.starts_with("/etc/apt/trusted.gpg.d/");
}

void lint_apt_files(const LintScope& scope) {
  for (const auto* declaration : scope.declared) {
    if (declaration->kind != "file" || !declaration->name.is_scalar()) continue;
    const auto& path = declaration->name.text;
    if (is_global_keyring(path)) {
      scope.decode.diagnostics.warning("lint.global-key",
                                       "a key in `" + path + "` is trusted for every archive",
                                       declaration->name.span, remedy);
    }
    if (const auto* content = field_of(*declaration, "content"))
      lint_text(path, *content, scope.decode.diagnostics);
  }
}

}  // namespace mlenv
