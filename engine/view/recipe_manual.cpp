#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "view/common_fields.hpp"
#include "view/kind_view.hpp"
#include "view/kind_words.hpp"
#include "view/manual.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;
using Sort = ManualPart::Sort;

constexpr std::string_view about = R"(
A recipe is a YAML file that declares what a machine must have. `mlenvctl plan` shows what would change on a host,
`mlenvctl apply` carries it out, and `mlenvctl validate` looks at the recipe alone.

Scalars are taken as written: `11.0` and `3.10` keep their zeros. Unknown and duplicate keys are errors, and so are a
second document and bytes that are no UTF-8. A leading `~` in a path is the home of the target user.
)";

constexpr std::string_view example = R"(
# yaml-language-server: $schema=/usr/share/mlenvctl/schemas/recipe.schema.json
recipe: starter
version: 1
vars:
  ml_path: ~/ml
resources:
  - apt_package: python3-venv
  - venv: torch
    path: ${ml_path}/torch
  - pip_package: [torch, ipykernel]
    venv: torch
  - jupyter_kernel: torch
    venv: torch
)";

constexpr std::string_view about_resources = R"(
`resources` is a list. Each item has one key that names a kind; its value is the name of the resource, or for kinds of
packages also a list of names. The other keys are its fields.

The address of a resource is KIND.NAME, such as `venv.torch`; that of a Python package is `pip_package.VENV/NAME`.

Edges are inferred: a package needs the repositories, a venv the packages that bring its Python, a Python package its
venv, a path the declared folder above it. `needs` adds others.
)";

constexpr std::string_view about_variables = R"(
In every value `${name}` is a variable of the recipe (or of `--var NAME=VALUE`), `${env.NAME}` a variable of the
environment, `${facts.gpu.name}` a fact as `mlenvctl facts --json` names it, and `$${` a literal `${`. A name that is not set
is an error where it stands.
)";

constexpr std::string_view about_conditions = R"(
`requires` of a recipe and `when` of a resource are a mapping of host conditions, all of which must hold. Of a list, any may
hold. Where `requires` does not hold nothing is done (exit code 4); a resource whose `when` does not hold is passed over.
)";

void add_paragraphs(ManualParts& parts, std::string_view text) {
  for (auto& each : manual_paragraphs(text)) parts.push_back({Sort::paragraph, {}, {}, std::move(each), 0});
}

void add_section(ManualParts& parts, const std::string& heading, std::string_view text) {
  parts.push_back({Sort::section, {}, {}, heading, 0});
  add_paragraphs(parts, text);
}

/// The properties of an object of the schema, and of those within, by their own descriptions.
void add_properties(ManualParts& parts, const Json& properties, unsigned depth) {
  for (const auto& [key, property] : properties.items()) {
    parts.push_back({Sort::entry, key, {}, property.value("description", ""), depth});
    for (const auto& way : property.value("anyOf", Json::array())) {
      if (way.contains("properties")) add_properties(parts, way["properties"], depth + 1);
    }
  }
}

void append(ManualParts& parts, ManualParts more) {
  parts.insert(parts.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

ManualParts field_parts(const std::vector<Field>& fields, unsigned depth) {
  ManualParts parts;
  for (const auto& field : fields) {
    const std::string end = field.fallback.empty() ? "" : " (default: " + field.fallback + ")";
    parts.push_back({Sort::entry, field.name, field.type + (field.required ? ", required" : ""),
                     field.summary + end, depth});
    append(parts, field_parts(field.fields, depth + 1));
  }
  return parts;
}

ManualParts kind_parts(const Kind& kind) {
  ManualParts parts = {{Sort::subsection, {}, {}, std::string(kind.text.name), 0},
                       {Sort::paragraph, {}, {}, std::string(kind.text.summary), 0}};
  add_paragraphs(parts, kind.text.manual);
  auto fields = kind.fields;
  fields.insert(fields.begin(), name_field(kind));
  fields.push_back(common_fields(kind).front());  // its states are its own
  append(parts, field_parts(fields));
  if (const auto lines = example_lines(kind.text.example); !lines.empty())
    parts.push_back({Sort::example, {}, {}, lines, 0});
  return parts;
}

ManualParts lint_parts(const std::vector<LintRule>& rules) {
  ManualParts parts;
  for (const auto& rule : rules) {
    parts.push_back({Sort::entry,
                     std::string(rule.code),
                     {},
                     std::string(rule.meaning) + " Remedy: " + std::string(rule.remedy),
                     0});
  }
  return parts;
}

ManualPage recipe_manual(const std::vector<Kind>& kinds) {
  const auto schema = Json::parse(recipe_schema(kinds));
  ManualPage page{"mlenvctl-recipe", 5, "the recipes of mlenvctl", {}};
  auto& parts = page.parts;
  add_section(parts, "Description", about);
  parts.push_back({Sort::example, {}, {}, example_lines(example), 0});
  add_section(parts, "Keys of a recipe", {});
  add_properties(parts, schema["properties"], 0);
  add_section(parts, "Variables", about_variables);
  add_section(parts, "Conditions", about_conditions);
  add_properties(parts, schema["definitions"]["condition"]["properties"], 0);
  add_section(parts, "Resources", about_resources);
  add_paragraphs(parts, "Beside `state`, every kind has these fields:");
  auto common = common_fields(kinds.front());
  common.erase(common.begin());
  append(parts, field_parts(common));
  add_section(parts, "Kinds", {});
  for (const auto& kind : kinds) append(parts, kind_parts(kind));
  add_section(parts, "Warnings",
              "What `validate` and `plan` find in recipes; `validate --strict` refuses them:");
  append(parts, lint_parts(lint_rules()));
  add_section(parts, "See also", "`mlenvctl`(1)");
  return page;
}

}  // namespace mlenv
