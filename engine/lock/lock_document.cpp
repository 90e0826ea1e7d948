#include "host/json_text.hpp"
#include "lock/lock.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view format_name = "mlenvctl.lock/";
constexpr int format_version = 1;

Json list_of(const auto& all, const auto& document) {
  Json made = Json::array();
  for (const auto& each : all) made.push_back(document(each));
  return made;
}

Json deb_document(const LockedDeb& deb) {
  Json made = {{"name", deb.name}, {"version", deb.version}};
  if (!deb.origin.empty()) made["origin"] = deb.origin;
  if (deb.declared) made["declared"] = true;
  return made;
}

Json wheel_document(const LockedWheel& locked) {
  const auto& wheel = locked.wheel;
  return {{"name", wheel.name},
          {"version", wheel.version},
          {"file", wheel.file},
          {"sha256", wheel.sha256},
          {"by", locked.by}};
}

Json choice_document(const LockedChoice& choice) {
  Json settled = Json::object();
  for (const auto& [field, value] : choice.settled) settled[field.empty() ? "name" : field] = value;
  return {{"address", choice.address}, {"settled", settled}};
}

Json class_document(const LockedClass& locked) {
  Json made = {{"os", locked.host.os}, {"arch", locked.host.arch}, {"gpu", locked.host.gpu}};
  if (!locked.driver.empty()) made["driver"] = locked.driver;
  made["choices"] = list_of(locked.choices, choice_document);
  made["repositories"] = list_of(locked.keys, [](const LockedKey& key) {
    return Json{{"address", key.address}, {"fingerprints", key.fingerprints}};
  });
  made["indexes"] = list_of(locked.indexes, [](const LockedIndex& index) {
    return Json{{"file", index.file}, {"sha256", index.sha256}};
  });
  made["apt"] = list_of(locked.debs, deb_document);
  made["venvs"] = list_of(locked.environments, [](const LockedEnvironment& environment) {
    return Json{{"name", environment.name},
                {"python", environment.python},
                {"packages", list_of(environment.wheels, wheel_document)}};
  });
  return made;
}

/// Reads a document that somebody may have merged by hand: what is missing or of another type is told.
class LockReader {
 public:
  std::optional<Error> wrong;

  std::string text(const Json& object, const char* key, bool needed = true) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    if (found != object.end() && found->is_string()) return found->get<std::string>();
    if (needed) fail(key, "text");
    return {};
  }

  bool truth(const Json& object, const char* key, bool otherwise) const {
    const auto found = object.find(key);
    return found != object.end() && found->is_boolean() ? found->get<bool>() : otherwise;
  }

  const Json& list(const Json& object, const char* key) {
    static const Json none = Json::array();
    const auto found = object.is_object() ? object.find(key) : object.end();
    if (found != object.end() && found->is_array()) return *found;
    fail(key, "a list");
    return none;
  }

  LockedClass locked_class(const Json& object) {
    LockedClass made;
    made.host = {text(object, "os"), text(object, "arch"), text(object, "gpu")};
    made.driver = text(object, "driver", false);
    for (const auto& each : list(object, "choices")) made.choices.push_back(choice(each));
    for (const auto& each : list(object, "repositories")) {
      made.keys.push_back({text(each, "address"), {}});
      for (const auto& print : list(each, "fingerprints"))
        made.keys.back().fingerprints.push_back(print.is_string() ? print.get<std::string>() : "");
    }
    for (const auto& each : list(object, "indexes"))
      made.indexes.push_back({text(each, "file"), text(each, "sha256")});
    for (const auto& each : list(object, "apt")) {
      made.debs.push_back({text(each, "name"), text(each, "version"), text(each, "origin", false),
                           truth(each, "declared", false)});
    }
    for (const auto& each : list(object, "venvs")) made.environments.push_back(environment(each));
    return made;
  }

 private:
  void fail(const char* key, const char* expected) {
    if (!wrong)
      wrong = Error{"lock.format", std::string("`") + key + "` is missing, or not " + expected,
                    "`mlenvctl lock RECIPE` writes it anew"};
  }

  LockedChoice choice(const Json& object) {
    LockedChoice made{text(object, "address"), {}};
    const auto found = object.is_object() ? object.find("settled") : object.end();
    if (found == object.end() || !found->is_object()) return fail("settled", "a mapping"), made;
    for (const auto& [field, value] : found->items()) {
      if (!value.is_string()) return fail("settled", "a mapping of texts"), made;
      made.settled.emplace_back(field == "name" ? "" : field, value.get<std::string>());
    }
    return made;
  }

  LockedEnvironment environment(const Json& object) {
    LockedEnvironment made{text(object, "name"), text(object, "python"), {}};
    for (const auto& each : list(object, "packages")) {
      LockedWheel locked;
      locked.wheel.name = text(each, "name");
      locked.wheel.version = text(each, "version");
      locked.wheel.file = text(each, "file");
      locked.wheel.sha256 = text(each, "sha256");
      locked.by = text(each, "by");
      made.wheels.push_back(std::move(locked));
    }
    return made;
  }
};

bool is_leaf(const Json& value) {
  if (value.is_structured()) {
    for (const auto& each : value) {
      if (each.is_structured() && !(each.is_array() && is_leaf(each))) return false;
    }
  }
  return true;
}

/// As JSON in lines, what holds no further mappings on one.
void write_lines(const Json& value, const std::string& indent, std::string& text) {
  constexpr auto replace = Json::error_handler_t::replace;
  if (value.empty() || (is_leaf(value) && value.is_object()) || !value.is_structured()) {
    text += value.dump(-1, ' ', false, replace);
    return;
  }
  const auto inner = indent + "  ";
  text += value.is_array() ? "[\n" : "{\n";
  bool first = true;
  for (const auto& [key, each] : value.items()) {
    text += (first ? "" : ",\n") + inner;
    if (value.is_object()) text += Json(key).dump(-1, ' ', false, replace) + ": ";
    write_lines(each, inner, text);
    first = false;
  }
  text += "\n" + indent + (value.is_array() ? "]" : "}");
}

Error no_lock(const std::string& why) {
  return {"lock.format", "this is no lock: " + why, "`mlenvctl lock RECIPE` writes one"};
}

}  // namespace

Json lock_document(const Lock& lock) {
  return {{"format", std::string(format_name) + std::to_string(format_version)},
          {"recipe", lock.recipe},
          {"classes", list_of(lock.classes, class_document)}};
}

std::string lock_text(const Lock& lock) {
  std::string text;
  write_lines(lock_document(lock), "", text);
  return text + "\n";
}

Result<Lock> read_lock(std::string_view text) {
  const auto document = parse_json(text);
  if (document.is_discarded() || !document.is_object()) return no_lock("it is not JSON");
  LockReader reader;
  const auto format = reader.text(document, "format");
  if (!format.starts_with(format_name)) return no_lock("`format` says `" + format + "`");
  if (format != std::string(format_name) + std::to_string(format_version)) {
    return Error{"lock.format",
                 "the lock is of the format `" + format + "`, which this mlenvctl does not know",
                 "take a later mlenvctl"};
  }
  Lock lock;
  lock.recipe = reader.text(document, "recipe");
  for (const auto& each : reader.list(document, "classes")) lock.put(reader.locked_class(each));
  if (reader.wrong) return *reader.wrong;
  return lock;
}

}  // namespace mlenv
