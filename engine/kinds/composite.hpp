#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kinds/host_question.hpp"
#include "knowledge/knowledge.hpp"
#include "resource/kind.hpp"

namespace mlenv {

/// What composites see of each other and of the rest of the recipe.
struct Composition {
  DecodeScope& scope;
  const Recipe& recipe;
  const std::vector<Resource>& plain;  ///< the plain resources of the recipe
  std::string driver = {};             ///< branch that nvidia_driver chose; empty: none did
  std::string cuda = {};               ///< toolkit that cuda_toolkit chose

  const Facts& facts() const { return *scope.facts; }
  const Knowledge& knowledge() const { return *scope.knowledge; }
  /// The host as a question, with the driver that will be there.
  Question question() const;
  /// Whether the recipe itself declares something of this kind.
  bool declares(const std::string& kind) const;
  /// Whether packages of NVIDIA's own repository are part of the recipe, declared or chosen.
  bool uses_nvidia_repository() const;
  /// The declared venv of that name; null when there is none.
  PythonEnvPtr environment(const std::string& venv) const;
};

/// A declaration of a plain kind in a composite's place. `reboots`: see Resource.
struct Chosen {
  Declaration declaration;
  bool reboots = false;
};

/// What a composite chose for this host, and why.
struct Expansion {
  std::vector<Chosen> chosen = {};
  Action action = Action::none;  ///< of the composite itself: none, unknown, manual or not_applicable
  std::string because = {};      ///< one sentence, of the choice or of why there is none
  std::vector<Finding> findings = {};
  /// The fields by which the composite would choose the same again, and what they then say; the one without a
  /// name is the value of the key that names the kind.
  std::vector<std::pair<std::string, std::string>> settled = {};
};

Expansion not_for_this_host(std::string because);
Expansion cannot_choose(std::string because, std::string hint);

/// The declaration of a plain kind where the composite stands, with its `needs` and `when`.
class PlainDeclaration {
 public:
  PlainDeclaration(const Declaration& composite, std::string kind, const std::string& name);
  PlainDeclaration(const Declaration& composite, std::string kind, const std::vector<std::string>& names);
  PlainDeclaration& with(const std::string& field, const std::string& value);
  PlainDeclaration& with(const std::string& field, const std::vector<std::string>& values);
  /// Names it otherwise than its kind would: several composites may bring what the recipe has too.
  PlainDeclaration& called(const std::string& id);
  /// With the `state` that the composite is declared in, where its kind has the same ones.
  PlainDeclaration& in_state_of(const Declaration& composite);
  Chosen made(bool reboots = false) const { return {declaration_, reboots}; }

 private:
  Node text(const std::string& value) const;
  Node list(const std::vector<std::string>& values) const;

  Declaration declaration_;
};

/// NVIDIA's repository for this host, unless the recipe declares one itself.
void add_cuda_repository(const Declaration& composite, const Composition& composition, Expansion& made);
/// The components of the distribution's archive that hold its driver and toolkit, where no source of the host
/// brings them: from where the host takes `main`, by the key that it trusts for that.
void add_components(const Declaration& composite, const Composition& composition, Expansion& made);

/// Asks the resolver. A conflict, or an answer that cannot be told, is reported at the composite as an error,
/// with the ways out as its hint; then nothing comes back.
std::optional<Resolution> resolved(const Question& question, const Declaration& composite,
                                   Composition& composition);
/// The facts that a choice rests on, in one sentence each.
Finding note_of(const Resolution& resolution, const std::string& address);

/// What expand_with needs of a composite: its spec is decoded, and it says what is in its place.
template <class K>
concept DescribedComposite = requires(typename K::Spec& spec, Fields<typename K::Spec>& fields,
                                      const Declaration& declaration, Composition& composition) {
  { K::text } -> std::convertible_to<KindText>;
  K::describe(fields);
  { K::resource_name(spec) } -> std::convertible_to<std::string>;
  { K::expand(spec, declaration, composition) } -> std::same_as<Expansion>;
};

/// The plain resources that were chosen, understood by their kinds, and behind them the composite, which
/// needs them.
std::vector<Resource> compose(const Declaration& declaration, Resource composite, const Expansion& expansion,
                              Composition& composition);
/// True where the composite's `when` says that it is not for this host, or there is no host.
bool stays_closed(const Declaration& declaration, const Composition& composition);

/// The states that a composite may be declared in.
template <DescribedComposite K>
std::vector<std::string> states_of() {
  if constexpr (requires { K::states(); }) return K::states();
  return {"present"};
}

template <DescribedComposite K>
std::vector<Resource> expand_kind(const Declaration& declaration, Composition& composition) {
  auto& scope = composition.scope;
  const auto common = decode_common(declaration, states_of<K>(), scope);
  auto spec = std::make_shared<typename K::Spec>();
  fields_of<K>().decode(declaration.body, declaration.where, "`" + std::string(K::text.name) + "`", *spec,
                        scope);
  const auto names = declared_names(declaration, K::text, scope);
  if (names.empty()) return {};
  fields_of<K>().name_field().decode(*spec, *names.front(), scope);
  Resource composite;
  composite.address = {std::string(K::text.name), resource_name(declaration, K::resource_name(*spec), scope)};
  composite.where = declaration.where;
  composite.state = common.state;
  composite.needs = common.needs;
  composite.when = declaration.when;
  composite.same_spec = [](const void* a, const void* b) {
    return *static_cast<const typename K::Spec*>(a) == *static_cast<const typename K::Spec*>(b);
  };
  const auto expansion =
      stays_closed(declaration, composition) ? Expansion{} : K::expand(*spec, declaration, composition);
  composite.spec = std::move(spec);
  return compose(declaration, std::move(composite), expansion, composition);
}

/// The row of a composite in the table of kinds.
template <DescribedComposite K>
Kind make_composite() {
  Kind kind;
  kind.text = K::text;
  kind.name = fields_of<K>().name_field().field;
  kind.states = states_of<K>();
  kind.fields = fields_of<K>().descriptions();
  kind.expand = expand_kind<K>;
  return kind;
}

}  // namespace mlenv
