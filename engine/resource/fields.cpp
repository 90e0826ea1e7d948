#include "resource/fields.hpp"

namespace mlenv {

std::string json_quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c == '\n' ? ' ' : c;
  }
  return quoted + "\"";
}

std::string object_schema(const std::vector<Field>& fields) {
  std::vector<std::string> properties, required;
  for (const auto& field : fields) {
    // The description goes into the property's own object, which every schema of ours is.
    properties.push_back(json_quoted(field.name) + R"(: {"description": )" + json_quoted(field.summary) +
                         ", " + field.schema.substr(1));
    if (field.required) required.push_back(json_quoted(field.name));
  }
  const std::string must = required.empty() ? "" : R"(, "required": [)" + join(required, ", ") + "]";
  return R"({"type": "object", "properties": {)" + join(properties, ", ") +
         R"(}, "additionalProperties": false)" + must + "}";
}

void report_unknown_field(const Node& key, std::string_view what, std::vector<std::string> known,
                          DecodeScope& scope) {
  for (const char* common : {"state", "needs", "when", "id"}) known.emplace_back(common);
  const auto near = nearest_word(key.text, known);
  scope.diagnostics.error("recipe.unknown-field", std::string(what) + " has no field `" + key.text + "`",
                          key.span,
                          near ? "did you mean `" + *near + "`?" : "its fields are: " + join(known, ", "));
}

}  // namespace mlenv
