#include <algorithm>

#include "base/text.hpp"
#include "kinds/lint.hpp"
#include "knowledge/knowledge.hpp"

namespace mlenv {
namespace {

/// A declared package of one of the libraries.
struct Member {
  std::string library;
  const Node* name = nullptr;
  const Node* version = nullptr;  ///< null: none is declared
  bool held = false;

  std::string version_text() const { return version == nullptr ? std::string() : version->text; }
  std::string cuda() const { return cuda_of(name->text, version_text()); }
  /// Where its version stands, or else its name.
  const Span& place() const { return version == nullptr ? name->span : version->span; }
};

std::vector<Member> members_of(const LintScope& scope) {
  std::vector<Member> members;
  for (const auto* declaration : scope.declared) {
    if (declaration->kind != "apt_package") continue;
    const auto* version = field_of(*declaration, "version");
    const auto* hold = field_of(*declaration, "hold");
    for (const auto* name : scalars_of(declaration->name)) {
      auto library = library_of(*scope.decode.knowledge, name->text);
      if (library.empty() || (version != nullptr && is_open(version->text))) continue;
      members.push_back({std::move(library), name, version, hold != nullptr && hold->text == "true"});
    }
  }
  return members;
}

std::string major_of(const std::string& version) { return version.substr(0, version.find('.')); }

void report(const LintScope& scope, std::string code, std::string message, const Span& where,
            const Member& first, std::string hint) {
  scope.decode.diagnostics.report({Severity::warning,
                                   std::move(code),
                                   std::move(message),
                                   where,
                                   {{first.place(), "`" + first.name->text + "` is declared here"}},
                                   std::move(hint)});
}

std::string words_of_version(const Member& member) {
  return member.version == nullptr ? "has no version" : "is " + member.version->text;
}

/// Two packages of one library.
void compare(const LintScope& scope, const Member& first, const Member& other) {
  const auto pair = "`" + other.name->text + "`";
  const auto first_cuda = first.cuda(), other_cuda = other.cuda();
  if (!first_cuda.empty() && !other_cuda.empty() && first_cuda != other_cuda) {
    report(scope, "lint.mixed-cuda",
           pair + " is for CUDA " + other_cuda + ", and `" + first.name->text + "` for CUDA " + first_cuda,
           other.place(), first, "take both for one CUDA");
  } else if (first.version_text() != other.version_text()) {
    report(
        scope, "lint.mixed-versions",
        pair + " " + words_of_version(other) + ", and `" + first.name->text + "` " + words_of_version(first),
        other.place(), first, "declare both in one entry with one `version`");
  }
  if (first.held == other.held) return;
  const auto &held = first.held ? first : other, &free = first.held ? other : first;
  report(
      scope, "lint.mixed-holds",
      "`" + free.name->text + "` is not held, and `" + held.name->text + "` is: the next upgrade parts them",
      free.name->span, held, "declare both in one entry with `hold: true`");
}

/// A library built for another major version of CUDA than the toolkit, or than the first library that tells.
void compare_with_toolkit(const LintScope& scope, const std::vector<Member>& members) {
  const auto toolkits = declared_toolkits(scope);
  const Member* first = nullptr;
  for (const auto& member : members) {
    const auto cuda = member.cuda();
    if (cuda.empty()) continue;
    const auto fits = [&](const std::string& other) { return major_of(other) == major_of(cuda); };
    if (!toolkits.empty() && std::none_of(toolkits.begin(), toolkits.end(), fits)) {
      scope.decode.diagnostics.warning("lint.mixed-cuda",
                                       "`" + member.name->text + "` is for CUDA " + cuda +
                                           ", and the recipe installs the toolkit " + join(toolkits, ", "),
                                       member.place(), "take it for CUDA " + major_of(toolkits.front()));
    } else if (toolkits.empty() && first != nullptr && first->library != member.library &&
               !fits(first->cuda())) {
      report(scope, "lint.mixed-cuda",
             "`" + member.name->text + "` is for CUDA " + cuda + ", and `" + first->name->text +
                 "` for CUDA " + first->cuda(),
             member.place(), *first, "take both for one CUDA");
    }
    if (first == nullptr) first = &member;
  }
}

}  // namespace

std::string library_of(const Knowledge& knowledge, const std::string& package) {
  for (const auto& row : knowledge.table("cuda_libraries"))
    if (glob_match(row.text("package"), package)) return row.text("library");
  return {};
}

void lint_libraries(const LintScope& scope) {
  if (scope.decode.knowledge == nullptr) return;
  const auto members = members_of(scope);
  for (auto other = members.begin(); other != members.end(); ++other) {
    const auto first = std::find_if(members.begin(), other,
                                    [&](const Member& each) { return each.library == other->library; });
    if (first != other) compare(scope, *first, *other);
  }
  compare_with_toolkit(scope, members);
}

}  // namespace mlenv
