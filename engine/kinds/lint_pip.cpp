#include <algorithm>

#include "base/text.hpp"
#include "kinds/lint.hpp"
#include "kinds/pip_decision.hpp"
#include "knowledge/candidate.hpp"

namespace mlenv {
namespace {

using Op = PepComparison::Op;

template <std::size_t N>
bool has_clause(const PepRequirement& wanted, const Op (&ops)[N]) {
  const auto& clauses = wanted.specifiers.clauses();
  return std::any_of(clauses.begin(), clauses.end(), [&](const PepComparison& clause) {
    return std::find(std::begin(ops), std::end(ops), clause.op) != std::end(ops);
  });
}

bool has_upper_end(const PepRequirement& wanted) {
  static constexpr Op ends[] = {Op::compatible, Op::eq, Op::le, Op::lt, Op::arbitrary};
  return !wanted.url.empty() || has_clause(wanted, ends);
}

bool is_exact(const PepRequirement& wanted) {
  static constexpr Op exact[] = {Op::eq, Op::arbitrary};
  return !wanted.url.empty() || has_clause(wanted, exact);
}

/// By http from another machine.
bool is_open_to_others(const std::string& url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme)) return false;
  auto host = url.substr(scheme.size(), url.find('/', scheme.size()) - scheme.size());
  host = host.substr(host.rfind('@') == std::string::npos ? 0 : host.rfind('@') + 1);
  if (host.starts_with("[")) return !host.starts_with("[::1]");
  host = host.substr(0, host.find(':'));
  const bool loopback =
      host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos;
  return host != "localhost" && !host.ends_with(".localhost") && !loopback;
}

void lint_addresses(const Declaration& declaration, DecodeScope& scope) {
  for (const char* field : {"index_url", "extra_index_urls", "find_links"}) {
    const auto* node = field_of(declaration, field);
    if (node == nullptr) continue;
    for (const auto* url : scalars_of(*node)) {
      if (!is_open_to_others(url->text)) continue;
      scope.diagnostics.warning(
          "lint.pip-http", "what comes from `" + mask_credentials(url->text) + "` can be replaced on the way",
          url->span, "take https, or a local mirror");
    }
  }
}

/// A framework without an upper end is whatever build the index has then, for whatever CUDA.
bool lint_framework(const PepRequirement& wanted, const Node& name, DecodeScope& scope) {
  if (has_upper_end(wanted) || scope.knowledge == nullptr) return false;
  const auto framework = canonical_framework(*scope.knowledge, wanted.canonical_name());
  if (framework.empty()) return false;
  scope.diagnostics.warning(
      "lint.unpinned-framework",
      "`" + wanted.name + wanted.specifiers.str() + "` " +
          (wanted.specifiers.empty() ? "without a version" : "without an upper end") +
          " is whatever build is the newest then",
      name.span,
      "name one (`" + wanted.name + "==…`), or let `framework: " + framework + "` choose what fits the card");
  return true;
}

/// pip takes the highest version of all places together.
void lint_places_of(const PipSpec& spec, const Node& name, DecodeScope& scope) {
  const bool several = !spec.no_index && (!spec.extra_index_urls.empty() || !spec.find_links.empty());
  if (!several || is_exact(spec.requirement)) return;
  const bool indexes = !spec.extra_index_urls.empty();
  scope.diagnostics.warning("lint.open-index",
                            "`" + spec.requirement.name + "` may come from " +
                                (indexes ? "any of the indexes" : "the index as well as from `find_links`") +
                                ": the highest version wins, whoever published it",
                            name.span,
                            std::string("name its version (`==`), or leave it one place: ") +
                                (indexes ? "`index_url` alone" : "`no_index: true`"));
}

}  // namespace

void lint_pip_package(const PipSpec& spec, const Node& name, const Declaration& declaration,
                      DecodeScope& scope) {
  if (spec.state == Presence::absent || is_open(spec.text)) return;
  if (&name == &declaration.name || &name == &declaration.name.items.front())
    lint_addresses(declaration, scope);
  if (is_open_to_others(spec.requirement.url)) {
    scope.diagnostics.warning(
        "lint.pip-http",
        "what comes from `" + mask_credentials(spec.requirement.url) + "` can be replaced on the way",
        name.span, "take https, or a local mirror");
  }
  if (!lint_framework(spec.requirement, name, scope)) lint_places_of(spec, name, scope);
}

void lint_kernel(const Declaration& declaration, DecodeScope& scope) {
  const auto* env = field_of(declaration, "env");
  if (env == nullptr || !env->is_mapping()) return;
  for (const auto& [key, value] : env->entries) {
    if (!value.is_scalar() || !is_path_list(key.text) || refers_to(value.text, key.text)) continue;
    scope.diagnostics.warning(
        "lint.path-assigned",
        "in the kernel `" + key.text + "` is this alone; what Jupyter was started with is lost", value.span,
        "write `$${" + key.text + "}` among its folders: Jupyter puts it in");
  }
}

}  // namespace mlenv
