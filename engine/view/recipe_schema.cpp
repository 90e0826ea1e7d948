#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "recipe/condition.hpp"
#include "view/common_fields.hpp"
#include "view/kind_view.hpp"
#include "view/plan_document.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

Json scalar(const std::string& description) {
  return {{"description", description}, {"type", Json::array({"string", "number", "boolean"})}};
}

Json referring(const std::string& definition) { return {{"$ref", "#/definitions/" + definition}}; }

Json described(const Field& field, Json schema) {
  Json document = {
      {"description", field.summary + (field.fallback.empty() ? "" : " (default: " + field.fallback + ")")}};
  document.update(schema);
  return document;
}

Json field_schema(const Field& field) { return described(field, Json::parse(field.schema)); }

/// The value that names the kind: one name, or for some kinds also a list.
Json name_schema(const Kind& kind) {
  const auto one = Json::parse(kind.name.schema);
  if (kind.text.naming == Naming::one) return described(kind.name, one);
  const Json many = {{"type", "array"}, {"items", one}, {"minItems", 1}};
  return described(kind.name, {{"anyOf", Json::array({one, many})}});
}

Json kind_schema(const Kind& kind) {
  const std::string name(kind.text.name);
  Json properties = {{name, name_schema(kind)}};
  Json required = Json::array({name});
  for (const auto& field : kind.fields) {
    properties[field.name] = field_schema(field);
    if (field.required) required.push_back(field.name);
  }
  for (const auto& field : common_fields(kind)) properties[field.name] = field_schema(field);
  return {{"description", std::string(kind.text.summary)},
          {"type", "object"},
          {"properties", std::move(properties)},
          {"required", std::move(required)},
          {"additionalProperties", false}};
}

bool has_field(const Kind& kind, std::string_view name) {
  return std::any_of(kind.fields.begin(), kind.fields.end(),
                     [&](const Field& field) { return field.name == name; });
}

Json has_key(std::string_view key) { return {{"required", Json::array({std::string(key)})}}; }

/// When an item is of a kind: it has its key, and no kind of which that key is a mere field (`venv` of
/// `pip_package`).
Json is_of_kind(const Kind& kind, const std::vector<Kind>& kinds) {
  Json condition = has_key(kind.text.name), others = Json::array();
  for (const auto& other : kinds) {
    if (other.text.name != kind.text.name && has_field(other, kind.text.name))
      others.push_back(has_key(other.text.name));
  }
  if (!others.empty()) condition["not"] = {{"anyOf", std::move(others)}};
  return condition;
}

/// Each kind's fields are looked at only in items of that kind, so a mistake is told where it is.
Json resource_schema(const std::vector<Kind>& kinds) {
  Json keys = Json::object(), any = Json::array(), branches = Json::array();
  for (const auto& kind : kinds) {
    const std::string name(kind.text.name);
    keys[name] = {{"description", std::string(kind.text.summary)}};
    any.push_back(has_key(name));
    branches.push_back({{"if", is_of_kind(kind, kinds)}, {"then", referring(name)}});
  }
  return {{"description", "A resource: one key names the kind, the others are its fields."},
          {"type", "object"},
          {"properties", std::move(keys)},
          {"anyOf", std::move(any)},
          {"allOf", std::move(branches)}};
}

Json top_level_schema() {
  Json name = scalar("The name of the recipe.");
  name["pattern"] = "^[A-Za-z0-9._-]+$";
  const Json path = {{"type", "string"}, {"minLength", 1}};
  return {
      {"recipe", std::move(name)},
      {"version", {{"description", "The version of the recipe language."}, {"enum", Json::array({1, "1"})}}},
      {"description", scalar("What the recipe is for.")},
      {"include",
       {{"description", "Recipe files to read first, relative to this file."},
        {"anyOf", Json::array({path, Json{{"type", "array"}, {"items", path}}})}}},
      {"requires",
       {{"description", "What must be true of a host; otherwise nothing is done."},
        {"anyOf", Json::array({Json{{"type", "null"}}, referring("condition")})}}},
      {"vars",
       {{"description", "Variables, used as ${name}."},
        {"type", Json::array({"object", "null"})},
        {"additionalProperties", scalar("The value.")}}},
      {"resources",
       {{"description", "What is to be there, in any order that reads well."},
        {"type", Json::array({"array", "null"})},
        {"items", referring("resource")}}}};
}

}  // namespace

std::string recipe_schema(const std::vector<Kind>& kinds) {
  Json definitions = {{"resource", resource_schema(kinds)}};
  for (const auto& kind : kinds) definitions[std::string(kind.text.name)] = kind_schema(kind);
  definitions["condition"] = Json::parse(condition_schema());
  return dump({{"$schema", "http://json-schema.org/draft-07/schema#"},
               {"title", "mlenvctl recipe"},
               {"description", "What a machine-learning workstation is to have."},
               {"type", "object"},
               {"properties", top_level_schema()},
               {"dependencies", Json{{"recipe", Json::array({"version"})}}},
               {"additionalProperties", false},
               {"definitions", std::move(definitions)}});
}

}  // namespace mlenv
