#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "resource/resource.hpp"
#include "resource/value.hpp"

namespace mlenv {

/// JSON Schema text of an object with these fields and no others.
std::string object_schema(const std::vector<Field>& fields);
/// `"a"` with JSON's escapes.
std::string json_quoted(std::string_view text);

/// The fields of a spec, each said once: from it come decoding, schema, explain and the manual.
template <class Spec>
class Fields {
 public:
  /// The value of the key that names the kind: the resource's name, or what it is about.
  template <class T>
  void name(T Spec::*member, std::string summary) {
    name_ = make("", member, std::move(summary));
    name_.field.required = true;
  }
  template <class T>
  void required(std::string name, T Spec::*member, std::string summary) {
    all_.push_back(make(std::move(name), member, std::move(summary)));
    all_.back().field.required = true;
  }
  template <class T>
  void optional(std::string name, T Spec::*member, std::string summary, const std::string& fallback = {}) {
    all_.push_back(make(std::move(name), member, std::move(summary)));
    all_.back().field.fallback = fallback;
  }
  /// Text out of a fixed set.
  void choice(std::string name, std::string Spec::*member, std::vector<std::string> choices,
              std::string summary, std::string fallback) {
    FieldOf<Spec> made;
    made.field = {
        std::move(name), join(choices, " | "), std::move(summary), std::move(fallback), false, {}, {}};
    std::vector<std::string> quoted;
    for (const auto& choice : choices) quoted.push_back(json_quoted(choice));
    made.field.schema = R"({"enum": [)" + join(quoted, ", ") + "]}";
    made.decode = [member, choices = std::move(choices)](Spec& spec, const Node& node, DecodeScope& scope) {
      std::string text;
      if (read_choice(node, text, choices, scope)) spec.*member = std::move(text);
    };
    all_.push_back(std::move(made));
  }
  /// A nested mapping; Nested has a static describe of its own.
  template <class Nested>
  void nested(std::string name, std::optional<Nested> Spec::*member, std::string summary);
  /// A list of nested mappings.
  template <class Nested>
  void nested_list(std::string name, std::vector<Nested> Spec::*member, std::string summary);

  const FieldOf<Spec>& name_field() const { return name_; }
  const std::vector<FieldOf<Spec>>& all() const { return all_; }
  std::vector<Field> descriptions() const {
    std::vector<Field> fields;
    for (const auto& each : all_) fields.push_back(each.field);
    return fields;
  }
  /// Reads a mapping's entries into the spec: unknown fields, missing ones and what each value itself
  /// reports.
  void decode(const std::vector<std::pair<Node, Node>>& entries, const Span& where, std::string_view what,
              Spec& spec, DecodeScope& scope) const;

 private:
  template <class T>
  FieldOf<Spec> make(std::string name, T Spec::*member, std::string summary) {
    FieldOf<Spec> made;
    made.field = {std::move(name), Value<T>::type(), std::move(summary), {}, false, Value<T>::schema(), {}};
    made.decode = [member](Spec& spec, const Node& node, DecodeScope& scope) {
      T value{};
      if (Value<T>::read(node, value, scope)) spec.*member = std::move(value);
    };
    return made;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& each : all_) names.push_back(each.field.name);
    return names;
  }

  FieldOf<Spec> name_;
  std::vector<FieldOf<Spec>> all_;
};

/// The table of a spec's fields, made once.
template <class Described, class Spec = typename Described::Spec>
const Fields<Spec>& fields_of() {
  static const Fields<Spec> fields = [] {
    Fields<Spec> made;
    Described::describe(made);
    return made;
  }();
  return fields;
}

/// Reports a field that the kind does not have, with the nearest one that it has.
void report_unknown_field(const Node& key, std::string_view what, std::vector<std::string> known,
                          DecodeScope& scope);

template <class Spec>
void Fields<Spec>::decode(const std::vector<std::pair<Node, Node>>& entries, const Span& where,
                          std::string_view what, Spec& spec, DecodeScope& scope) const {
  for (const auto& entry : entries) {
    const auto found = std::find_if(all_.begin(), all_.end(),
                                    [&](const auto& f) { return f.field.name == entry.first.text; });
    if (found == all_.end()) {
      report_unknown_field(entry.first, what, names(), scope);
    } else {
      found->decode(spec, entry.second, scope);
    }
  }
  for (const auto& each : all_) {
    const auto given = [&](const auto& entry) { return entry.first.text == each.field.name; };
    if (each.field.required && std::none_of(entries.begin(), entries.end(), given)) {
      scope.diagnostics.error("recipe.missing-field",
                              std::string(what) + " needs `" + each.field.name + "`: " + each.field.summary,
                              where);
    }
  }
}

/// Makes a nested mapping's type usable as a field: its describe is its only description.
template <class Nested>
struct NestedOf {
  using Spec = Nested;
  static void describe(Fields<Nested>& fields) { Nested::describe(fields); }
  static bool read(const Node& node, std::string_view what, Nested& out, DecodeScope& scope) {
    if (!node.is_mapping()) return report_type(node, "a mapping", scope), false;
    fields_of<NestedOf>().decode(node.entries, node.span, "`" + std::string(what) + "`", out, scope);
    return true;
  }
};

template <class Spec>
template <class Nested>
void Fields<Spec>::nested(std::string name, std::optional<Nested> Spec::*member, std::string summary) {
  const auto inner = fields_of<NestedOf<Nested>>().descriptions();
  FieldOf<Spec> made;
  made.field = {name, "mapping", std::move(summary), {}, false, object_schema(inner), inner};
  made.decode = [member, name](Spec& spec, const Node& node, DecodeScope& scope) {
    Nested value{};
    if (NestedOf<Nested>::read(node, name, value, scope)) spec.*member = std::move(value);
  };
  all_.push_back(std::move(made));
}

template <class Spec>
template <class Nested>
void Fields<Spec>::nested_list(std::string name, std::vector<Nested> Spec::*member, std::string summary) {
  const auto inner = fields_of<NestedOf<Nested>>().descriptions();
  FieldOf<Spec> made;
  made.field = {name,
                "list of mappings",
                std::move(summary),
                {},
                false,
                R"({"type": "array", "items": )" + object_schema(inner) + "}",
                inner};
  made.decode = [member, name](Spec& spec, const Node& node, DecodeScope& scope) {
    if (!node.is_sequence()) return report_type(node, "a list of mappings", scope);
    for (const auto& item : node.items) {
      Nested value{};
      if (NestedOf<Nested>::read(item, name, value, scope)) (spec.*member).push_back(std::move(value));
    }
  };
  all_.push_back(std::move(made));
}

}  // namespace mlenv
