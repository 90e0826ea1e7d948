#include "kinds/pinned.hpp"

#include <algorithm>
#include <set>

#include "base/deb_version.hpp"
#include "base/pep_requirement.hpp"
#include "base/text.hpp"
#include "kinds/kinds.hpp"

namespace mlenv {
namespace {

void report_stale(const std::string& message, const Span& where, const Pins& pins, Diagnostics& diagnostics) {
  if (pins.misfit == Pins::Misfit::expect) return;
  const auto severity = pins.misfit == Pins::Misfit::refuse ? Severity::error : Severity::warning;
  diagnostics.report(
      {severity, "lock.stale", message, where, {}, "`mlenvctl lock` brings `" + pins.file + "` up to date"});
}

Node* entry(Declaration& declaration, std::string_view field) {
  for (auto& [key, value] : declaration.body) {
    if (key.text == field) return &value;
  }
  return nullptr;
}

std::string text_of(const Declaration& declaration, std::string_view field) {
  for (const auto& [key, value] : declaration.body) {
    if (key.text == field) return value.text;
  }
  return {};
}

Node scalar(const std::string& text, const Span& where) {
  Node node;
  node.type = Node::Type::scalar;
  node.span = where;
  node.text = text;
  return node;
}

void set_field(Declaration& declaration, const std::string& field, const std::string& value) {
  if (auto* there = entry(declaration, field)) {
    *there = scalar(value, there->span);
  } else {
    declaration.body.emplace_back(scalar(field, declaration.where), scalar(value, declaration.where));
  }
}

std::vector<Node> names_of(const Declaration& declaration) {
  return declaration.name.is_sequence() ? declaration.name.items : std::vector<Node>{declaration.name};
}

/// `pip_package.torch/`, with which the addresses of an environment's packages begin.
std::string pip_prefix(const Declaration& declaration) {
  const auto venv = text_of(declaration, "venv");
  return "pip_package." + (venv.empty() ? "user" : venv) + "/";
}

/// Makes of one declaration those that a lock means.
class Pinning {
 public:
  Pinning(const Declaration& declaration, const Pins& pins, const DecodeScope& scope)
      : declaration_(declaration), pins_(pins), scope_(scope) {}

  std::vector<Declaration> run() {
    if (declaration_.state && declaration_.state->text == "absent") return {declaration_};
    if (scope_.facts != nullptr && declaration_.when && declaration_.when->holds(*scope_.facts) == Truth::no)
      return {declaration_};
    if (declaration_.kind == "apt_package") return debs();
    if (declaration_.kind == "pip_package") return wheels();
    return {with_fields()};
  }

 private:
  void stale(const std::string& message, const Span& where) const {
    report_stale(message, where, pins_, scope_.diagnostics);
  }

  /// The locked version of an address; reports where there is none.
  const std::string* version(const std::string& address, const Node& name) const {
    const auto found = pins_.versions.find(address);
    if (found != pins_.versions.end()) return &found->second;
    stale("`" + name.text + "` is declared and not locked", name.span);
    return nullptr;
  }

  Declaration one(Node name) const {
    auto made = declaration_;
    made.name = std::move(name);
    return made;
  }

  /// Asks for the newest version where that is wanted.
  void move_on(Declaration& made, const std::string& name) const {
    if (pins_.latest.count(name) != 0 || pins_.latest.count("*") != 0)
      made.state = scalar("latest", made.where);
  }

  std::vector<Declaration> debs() const {
    std::vector<Declaration> all;
    for (const auto& name : names_of(declaration_)) {
      all.push_back(one(name));
      auto& made = all.back();
      const auto* asked = entry(made, "version");
      if (asked == nullptr) move_on(made, name.text);
      const auto* locked = version("apt_package." + (made.id ? made.id->text : name.text), name);
      if (locked == nullptr || locked->empty()) continue;
      const auto constraint = asked == nullptr ? std::nullopt : DebConstraint::parse(asked->text);
      const auto parsed = DebVersion::parse(*locked);
      if (constraint && parsed && !constraint->allows(*parsed)) {
        stale(
            "`" + name.text + "` is locked at " + *locked + ", which `version: " + asked->text + "` excludes",
            asked->span);
        continue;
      }
      set_field(made, "version", *locked);
      made.state.reset();
    }
    return all;
  }

  std::vector<Declaration> wheels() const {
    std::vector<Declaration> all;
    for (const auto& name : names_of(declaration_)) {
      all.push_back(one(name));
      auto requirement = PepRequirement::parse(name.text);
      if (!requirement || !requirement->url.empty()) continue;  // a URL is as exact as a version
      const auto address = pip_prefix(declaration_) + requirement->canonical_name();
      if (!applies(*requirement)) continue;
      move_on(all.back(), requirement->canonical_name());
      const auto* locked = version(address, name);
      if (locked == nullptr || locked->empty()) continue;
      const auto parsed = PepVersion::parse(*locked);
      if (!parsed || !requirement->specifiers.contains(*parsed)) {
        stale("`" + name.text + "` does not allow the version that is locked, " + *locked, name.span);
        continue;
      }
      all.back().name.text = exact(*requirement, *locked);
      all.back().state.reset();
      add_along(address, all);
    }
    return all;
  }

  /// A marker is answered where the venv's Python is known; here a lock that has the package knows.
  bool applies(const PepRequirement& requirement) const {
    return requirement.marker.empty() ||
           pins_.versions.count(pip_prefix(declaration_) + requirement.canonical_name()) != 0;
  }

  static std::string exact(PepRequirement requirement, const std::string& version) {
    auto specifiers = PepSpecifierSet::parse("==" + version);
    if (specifiers) requirement.specifiers = std::move(*specifiers);
    return requirement.str();
  }

  void add_along(const std::string& address, std::vector<Declaration>& all) const {
    const auto found = pins_.along.find(address);
    if (found == pins_.along.end()) return;
    auto made = declaration_;
    made.id.reset();
    made.state.reset();
    made.name = Node();
    made.name.type = Node::Type::sequence;
    made.name.span = declaration_.where;
    for (const auto& each : found->second) made.name.items.push_back(scalar(each, declaration_.where));
    made.locked_with = address;
    all.push_back(std::move(made));
  }

  Declaration with_fields() const {
    auto made = declaration_;
    const auto name = made.name.text;
    const auto found = pins_.fields.find(made.kind + "." + (made.id ? made.id->text : name));
    if (found == pins_.fields.end()) return made;
    for (const auto& [field, value] : found->second) {
      const auto asked = field.empty() ? name : text_of(made, field);
      if (!leaves_open(asked, value)) {
        if (asked != value && !asked.starts_with(value + "."))
          stale("`" + asked + "` does not allow what is locked, `" + value + "`",
                field.empty() ? made.name.span : declaration_.where);
        continue;
      }
      if (!field.empty()) {
        set_field(made, field, value);
        continue;
      }
      if (!made.id) made.id = scalar(name, made.name.span);
      made.name.text = value;
    }
    return made;
  }

  /// Whether what is asked for allows the locked value, and others, too.
  static bool leaves_open(const std::string& asked, const std::string& value) {
    if (asked.empty() || asked == "auto" || asked == "latest") return true;
    const bool range = asked.find_first_of("=<>!~") != std::string::npos;
    if (!range)
      return value != asked && (value.starts_with(asked + ".") || value.starts_with("==" + asked + "."));
    const auto specifiers = PepSpecifierSet::parse(asked);
    auto bare = value;
    for (const std::string_view part : {"==", ".*"}) bare = replace_all(bare, part, "");
    const auto version = PepVersion::parse(bare);
    // A whole line (`==3.8.*`) may reach over the end of a range: the range itself still counts.
    return specifiers && version && (value.ends_with(".*") || specifiers->contains(*version));
  }

  const Declaration& declaration_;
  const Pins& pins_;
  const DecodeScope& scope_;
};

void bring_along(Resource& resource, const std::string& with) {
  resource.locked_with = with;
  resource.chosen = "locked with `" + with + "`";
}

}  // namespace

std::vector<Declaration> pinned(const Declaration& declaration, const Pins& pins, const DecodeScope& scope) {
  return Pinning(declaration, pins, scope).run();
}

std::vector<Resource> decode_pinned(const Declaration& declaration, const Recipe& recipe,
                                    DecodeScope& scope) {
  const Kind* kind = find_kind(declaration.kind);
  if (!recipe.pins) return kind->decode(declaration, scope);
  std::vector<Resource> all;
  for (const auto& each : pinned(declaration, *recipe.pins, scope)) {
    for (auto& resource : kind->decode(each, scope)) {
      if (!each.locked_with.empty()) bring_along(resource, each.locked_with);
      all.push_back(std::move(resource));
    }
  }
  return all;
}

std::vector<Resource> expand_pinned(const Declaration& declaration, Composition& composition) {
  const Kind* kind = find_kind(declaration.kind);
  const auto& pins = composition.recipe.pins;
  return kind->expand(pins ? pinned(declaration, *pins, composition.scope).front() : declaration,
                      composition);
}

void add_locked_debs(const Recipe& recipe, std::vector<Resource>& resources, DecodeScope& scope) {
  if (recipe.declarations.empty()) return;
  for (const auto& [name, version] : recipe.pins->debs) {
    Declaration made;
    made.kind = "apt_package";
    made.where = recipe.declarations.front().where;
    made.name = scalar(name, made.where);
    set_field(made, "version", version);
    for (auto& resource : find_kind(made.kind)->decode(made, scope)) {
      bring_along(resource, recipe.name);
      resources.push_back(std::move(resource));
    }
  }
}

void drop_declared_twice(std::vector<Resource>& resources) {
  std::set<Address> declared;
  for (const auto& resource : resources) {
    if (resource.locked_with.empty()) declared.insert(resource.address);
  }
  std::erase_if(resources, [&](const Resource& resource) {
    return !resource.locked_with.empty() && !declared.insert(resource.address).second;
  });
}

void report_stale_pins(const Recipe& recipe, const std::vector<Resource>& resources, DecodeScope& scope) {
  if (recipe.declarations.empty()) return;
  const auto& pins = *recipe.pins;
  std::set<std::string> present;
  for (const auto& resource : resources) {
    const auto address = resource.address.str();
    present.insert(address);
    const auto keys = pins.keys.find(address);
    if (keys != pins.keys.end() && keys->second != resource.fingerprints)
      report_stale("`" + address + "` is trusted by other keys than those locked", resource.where, pins,
                   scope.diagnostics);
  }
  std::vector<std::string> gone;
  for (const auto& [address, version] : pins.versions) {
    if (present.count(address) == 0) gone.push_back("`" + address + "`");
  }
  if (gone.empty()) return;
  constexpr std::size_t shown = 6;
  const auto more = gone.size() > shown ? " and " + std::to_string(gone.size() - shown) + " more" : "";
  if (gone.size() > shown) gone.resize(shown);
  report_stale("locked and no longer declared: " + join(gone, ", ") + more, recipe.declarations.front().where,
               pins, scope.diagnostics);
}

}  // namespace mlenv
