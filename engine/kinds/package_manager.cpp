#include "kinds/package_manager.hpp"

#include <algorithm>

#include "knowledge/knowledge.hpp"

namespace mlenv {

std::optional<PackageManager> package_manager(const Facts& facts, const Knowledge& knowledge) {
  const auto* os = known(facts.os);
  if (os == nullptr) return std::nullopt;
  auto ids = os->like;
  ids.insert(ids.begin(), os->id);
  for (const auto& id : ids) {
    const Row* row = knowledge.find("package_managers", "os", id);
    if (row != nullptr) return PackageManager{row->text("manager"), row->list("programs")};
  }
  return std::nullopt;
}

void refuse_foreign_manager(const std::string& kind, const Node& name, const Declaration& declaration,
                            DecodeScope& scope) {
  if (scope.facts == nullptr || scope.knowledge == nullptr) return;
  if (declaration.when && declaration.when->holds(*scope.facts) != Truth::yes) return;
  const auto manager = package_manager(*scope.facts, *scope.knowledge);
  if (!manager || manager->kind == kind) return;
  const auto* os = known(scope.facts->os);
  const auto called = os->pretty_name.empty() ? os->id : os->pretty_name;
  scope.diagnostics.error("package.other-manager",
                          "`" + declaration.kind + "` is for hosts of " + (kind == "apt" ? "dpkg" : "rpm") +
                              ", and this one is " + called,
                          name.span,
                          "`package` means what the host has; `when: {os: …}` keeps this line to its hosts");
}

bool is_rpm_name(std::string_view text) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  if (text.empty() || !(letter(text[0]) || text[0] == '_')) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return letter(c) || c == '+' || c == '-' || c == '.' || c == '_'; });
}

}  // namespace mlenv
