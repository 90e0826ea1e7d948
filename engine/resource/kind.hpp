#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "recipe/recipe.hpp"
#include "resource/fields.hpp"

namespace mlenv {

/// Whether the value that names the kind is one name or may be a list of them.
enum class Naming { one, many };

struct Composition;  // engine/kinds/composite.hpp

/// What a kind says about itself, once.
struct KindText {
  std::string_view name;
  std::string_view summary;  ///< one sentence
  std::string_view manual;   ///< some paragraphs: what it does, what it leaves alone
  std::string_view example;  ///< YAML of a resource list
  Naming naming = Naming::one;
};

/// The knowledge about one sort of thing, as the other rooms see it.
struct Kind {
  KindText text;
  Field name;                       ///< the value of the key that names the kind
  std::vector<std::string> states;  ///< the values of `state`
  std::vector<Field> fields;
  /// Understands a declaration; one resource for each name. What is wrong is reported, and the rest returned.
  std::function<std::vector<Resource>(const Declaration&, DecodeScope&)> decode;
  /// Of a composite, in place of decode: itself, behind the plain resources that it chose.
  std::function<std::vector<Resource>(const Declaration&, Composition&)> expand = {};
};

/// An address as people write it, `directory.~/ml`, with the user's home in place of `~`.
std::string with_home(const std::string& address, const User& user);

/// The parts shared by all kinds of one declaration: state, id, needs. (Not a template: one copy for all
/// kinds.)
struct CommonParts {
  Presence state = Presence::present;
  std::vector<ExplicitNeed> needs;
};
CommonParts decode_common(const Declaration& declaration, const std::vector<std::string>& states,
                          DecodeScope& scope);
/// The declared names; reports when there is none, or a list where the kind takes one name.
std::vector<const Node*> declared_names(const Declaration& declaration, const KindText& text,
                                        DecodeScope& scope);
/// The name under which a resource is addressed: `id`, or what the kind makes of the spec.
std::string resource_name(const Declaration& declaration, std::string from_spec, DecodeScope& scope);

/// The members of a kind: see design and any file of engine/kinds. Optional: inspect (what no single field
/// can check), links (what it offers and wants) and found (the state in a word or two).
template <class K>
concept DescribedKind = requires(typename K::Spec& spec, const typename K::State& have,
                                 const ProbeScope& scope, Fields<typename K::Spec>& fields) {
  { K::text } -> std::convertible_to<KindText>;
  { K::states() } -> std::convertible_to<std::vector<std::string>>;
  K::describe(fields);
  { K::resource_name(spec) } -> std::convertible_to<std::string>;
  { K::probe(spec, scope) } -> std::same_as<Result<typename K::State>>;
  { K::diff(spec, have, scope) } -> std::same_as<Decision>;
};

/// Whether a decision compares with what a record of a host leaves out because it may be secret.
bool hangs_on_left_out(const Decision& decision);
inline constexpr std::string_view left_out_reason =
    "the record leaves out what is there, which may be secret";

template <class K>
Decision decide(const typename K::Spec& spec, const ProbeScope& scope) {
  const auto have = K::probe(spec, scope);
  if (!have) return {Action::unknown, have.error().message, {}, {}, {}};
  auto decision = K::diff(spec, *have, scope);
  if (hangs_on_left_out(decision)) return {Action::unknown, std::string(left_out_reason), {}, {}, {}};
  if constexpr (requires { K::found(*have); }) decision.found = K::found(*have);
  return decision;
}

template <DescribedKind K>
Resource make_resource(typename K::Spec decoded, const Declaration& declaration, const CommonParts& common,
                       DecodeScope& scope) {
  auto spec = std::make_shared<typename K::Spec>(std::move(decoded));
  Resource resource;
  resource.address = {std::string(K::text.name), resource_name(declaration, K::resource_name(*spec), scope)};
  resource.where = declaration.where;
  resource.state = common.state;
  resource.needs = common.needs;
  resource.when = declaration.when;
  if constexpr (requires { K::links(*spec, resource); }) K::links(*spec, resource);
  resource.decide = [spec](const ProbeScope& probe) { return decide<K>(*spec, probe); };
  resource.same_spec = [](const void* a, const void* b) {
    return *static_cast<const typename K::Spec*>(a) == *static_cast<const typename K::Spec*>(b);
  };
  resource.spec = std::move(spec);
  return resource;
}

template <DescribedKind K>
std::vector<Resource> decode_kind(const Declaration& declaration, DecodeScope& scope) {
  const auto& fields = fields_of<K>();
  typename K::Spec shared;
  const auto common = decode_common(declaration, K::states(), scope);
  if constexpr (requires { shared.state = common.state; }) shared.state = common.state;
  const std::string what = "`" + std::string(K::text.name) + "`";
  fields.decode(declaration.body, declaration.where, what, shared, scope);
  std::vector<Resource> resources;
  for (const Node* name : declared_names(declaration, K::text, scope)) {
    auto spec = shared;
    fields.name_field().decode(spec, *name, scope);
    if constexpr (requires { K::inspect(spec, *name, declaration, scope); }) {
      K::inspect(spec, *name, declaration, scope);
    }
    resources.push_back(make_resource<K>(std::move(spec), declaration, common, scope));
    if (K::text.naming == Naming::many && name->span) resources.back().where = name->span;
  }
  return resources;
}

/// The row of a kind in the table of kinds.
template <DescribedKind K>
Kind make_kind() {
  return {K::text, fields_of<K>().name_field().field, K::states(), fields_of<K>().descriptions(),
          decode_kind<K>};
}

}  // namespace mlenv
