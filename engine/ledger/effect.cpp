#include "ledger/effect.hpp"

#include <array>

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<const char*, 12> sort_names = {"file",         "folder",  "venv",    "entry",
                                                    "moved",        "package", "hold",    "rpm_package",
                                                    "distribution", "enabled", "running", "member"};

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<FormerFile> read_former(const Json& object) {
  const auto found = object.find("former");
  if (found == object.end() || !found->is_object()) return std::nullopt;
  FormerFile former;
  former.sha256 = text_at(*found, "sha256");
  former.owner = text_at(*found, "owner");
  const auto mode = found->find("mode");
  if (mode != found->end() && mode->is_number_unsigned()) former.mode = mode->get<unsigned>() & 07777U;
  return former;
}

}  // namespace

std::string Effect::key() const {
  const auto end = std::string(1, '\0');
  return sort_names.at(static_cast<std::size_t>(sort)) + end + path + end + block + end + name;
}

Json effect_document(const Effect& effect) {
  Json document = {{"sort", sort_names.at(static_cast<std::size_t>(effect.sort))}};
  const auto put = [&](const char* key, const std::string& value) {
    if (!value.empty()) document[key] = value;
  };
  put("path", effect.path);
  put("name", effect.name);
  put("to", effect.to);
  put("block", effect.block);
  put("version", effect.version);
  put("sha256", effect.sha256);
  if (effect.former) {
    document["former"] = {{"sha256", effect.former->sha256}, {"mode", effect.former->mode}};
    if (!effect.former->owner.empty()) document["former"]["owner"] = effect.former->owner;
  }
  return document;
}

std::optional<Effect> read_effect(const Json& document) {
  if (!document.is_object()) return std::nullopt;
  Effect effect;
  const auto sort = text_at(document, "sort");
  for (std::size_t i = 0; i < sort_names.size(); ++i) {
    if (sort != sort_names[i]) continue;
    effect.sort = static_cast<Effect::Sort>(i);
    effect.path = text_at(document, "path");
    effect.name = text_at(document, "name");
    effect.to = text_at(document, "to");
    effect.block = text_at(document, "block");
    effect.version = text_at(document, "version");
    effect.sha256 = text_at(document, "sha256");
    effect.former = read_former(document);
    return effect;
  }
  return std::nullopt;
}

}  // namespace mlenv
