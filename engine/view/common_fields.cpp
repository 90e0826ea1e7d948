#include "view/common_fields.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* scalar = R"({"type": ["string", "number", "boolean"]})";
constexpr const char* condition = R"({"$ref": "#/definitions/condition"})";

Field field(std::string name, std::string type, std::string summary, std::string fallback,
            std::string schema) {
  return {std::move(name),
          std::move(type),
          std::move(summary),
          std::move(fallback),
          false,
          std::move(schema),
          {}};
}

/// Addresses, or variables that stand for them; a lone one counts as a list of one.
std::string addresses_schema() {
  const Json address = {{"type", "string"}, {"pattern", "^[^.]+\\..|\\$\\{"}};
  const Json list = {{"type", "array"}, {"items", address}};
  const Json either = {{"anyOf", Json::array({address, list})}};
  return either.dump();
}

}  // namespace

std::vector<Field> common_fields(const Kind& kind) {
  const Json states = {{"enum", kind.states}};
  return {field("state", join(kind.states, " | "), "whether it is to be there", "present", states.dump()),
          field("needs", "list of addresses",
                "resources that come first, such as `venv.torch`, beside those that are inferred", {},
                addresses_schema()),
          field("when", "mapping of host conditions", "the hosts that it is for; on others it is passed over",
                {}, condition),
          field("id", "text", "the NAME of its address KIND.NAME", "made of its name", scalar)};
}

}  // namespace mlenv
