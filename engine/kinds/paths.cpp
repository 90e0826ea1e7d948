#include "kinds/paths.hpp"

#include <charconv>

#include "base/text.hpp"

namespace mlenv {
namespace {

std::string user_name(const HostReader& host, std::uint32_t uid) {
  const auto number = std::to_string(uid);
  const auto text = host.read_file("/etc/passwd");
  if (!text || !*text) return number;
  for (const auto line : split_lines(**text)) {
    const auto fields = split(line, ':');
    if (fields.size() > 2 && fields[2] == number) return std::string(fields[0]);
  }
  return number;
}

}  // namespace

std::string found_path(const PathState& state) {
  if (!state.stat) return state.is_link ? "a link that leads nowhere" : "absent";
  const auto type = state.stat->type;
  return type == FileType::directory ? "a folder" : type == FileType::file ? "a file" : "something else";
}

Result<PathState> probe_path(const std::string& path, const HostReader& host) {
  const auto own = host.stat(path, Links::keep);
  if (!own) return own.error();
  const auto real = host.stat(path, Links::follow);
  if (!real) return real.error();
  PathState state{*real, *own && (*own)->type == FileType::symlink, {}};
  if (state.stat) state.owner = user_name(host, state.stat->uid);
  return state;
}

Privilege privilege_for(const std::string& path, const User& user) {
  const bool home =
      !user.home.empty() && user.home != "/" && (path == user.home || path.starts_with(user.home + "/"));
  return home ? Privilege::user : Privilege::root;
}

std::string octal_text(unsigned mode) {
  char digits[8];
  const auto end = std::to_chars(digits, digits + sizeof digits, mode, 8).ptr;
  const std::string text(digits, end);
  return std::string(text.size() < 4 ? 4 - text.size() : 0, '0') + text;
}

std::vector<Difference> attribute_differences(const std::optional<unsigned>& mode, const std::string& owner,
                                              const PathState& have) {
  std::vector<Difference> differences;
  if (mode && have.stat->mode != *mode)
    differences.push_back({"mode", octal_text(have.stat->mode), octal_text(*mode)});
  if (!owner.empty() && have.owner != owner) differences.push_back({"owner", have.owner, owner});
  return differences;
}

void check_owner(const std::string& owner, const Node& where, DecodeScope& scope) {
  const bool symbolic = scope.facts == nullptr && owner.find("<facts.") != std::string::npos;
  const bool odd = owner.starts_with("-") || owner.find_first_of(":/ \t,;") != std::string::npos;
  if (!odd || symbolic) return;
  scope.diagnostics.error("recipe.value", "expected the name of a user as `owner`, found `" + owner + "`",
                          where.span);
}

void link_path(const std::string& path, Resource& resource) {
  resource.offers.push_back({Capability::path, path, {}});
  resource.wants.push_back({Capability::path, Want::Match::above, {path}, Strength::soft, false, {}, {}});
}

std::string mark_of(const std::string& address) { return "# made by mlenvctl (" + address + ")\n"; }

bool is_marked(const std::string& text) { return text.starts_with("# made by mlenvctl ("); }

Decision manual(std::string because, std::string code, std::string hint) {
  Decision decision{Action::manual, because, {}, {}, {}};
  decision.findings.push_back({std::move(code), std::move(because), std::move(hint)});
  return decision;
}

}  // namespace mlenv
