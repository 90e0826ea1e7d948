#include "host/facts_json.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

bool has(const Json& object, const char* key) { return object.contains(key) && !object[key].is_null(); }

template <class T>
std::optional<T> optional_of(const Json& object, const char* key) {
  return has(object, key) ? std::optional(object[key].get<T>()) : std::nullopt;
}

template <class T>
Fact<T> fact_of(const Json& object, const char* key) {
  if (has(object, key)) return object[key].get<T>();
  return Unknown{"not in the record"};
}

Fact<Os> os_of(const Json& document) {
  if (!has(document, "os")) return Unknown{"not in the record"};
  const auto& os = document["os"];
  return Os{os.value("id", ""), optional_of<std::string>(os, "version_id").value_or(""),
            optional_of<std::string>(os, "codename").value_or(""),
            optional_of<std::string>(os, "pretty_name").value_or("")};
}

Fact<std::vector<Gpu>> gpus_of(const Json& document) {
  if (!has(document, "gpus")) return Unknown{"not in the record"};
  std::vector<Gpu> gpus;
  for (const auto& each : document["gpus"]) {
    gpus.push_back({each.value("pci_address", ""), each.value("pci_id", ""),
                    optional_of<std::string>(each, "name"), optional_of<std::string>(each, "architecture"),
                    optional_of<std::string>(each, "compute_capability"),
                    optional_of<std::uint64_t>(each, "memory_bytes"), each.value("source", "recorded")});
  }
  return gpus;
}

Fact<Driver> driver_of(const Json& document) {
  if (!has(document, "driver")) return Unknown{"not in the record"};
  const auto& driver = document["driver"];
  if (driver.value("status", Json()) == "absent") return Absent{};
  Driver known{optional_of<std::string>(driver, "loaded"), optional_of<std::string>(driver, "userspace"),
               optional_of<std::string>(driver, "cuda"), optional_of<std::string>(driver, "flavour"),
               optional_of<std::string>(driver, "status")};
  if (known == Driver{}) return Unknown{"not in the record"};
  return known;
}

Fact<std::vector<CudaToolkit>> toolkits_of(const Json& document) {
  if (!has(document, "cuda_toolkits")) return Unknown{"not in the record"};
  std::vector<CudaToolkit> toolkits;
  for (const auto& each : document["cuda_toolkits"])
    toolkits.push_back({each.value("version", ""), each.value("path", "")});
  return toolkits;
}

User user_of(const Json& document) {
  const auto user = has(document, "user") ? document["user"] : Json::object();
  const auto name = user.value("name", "user");
  return {name, user.value("home", "/home/" + name), user.value("shell", "/bin/bash"),
          user.value("uid", 1000U), user.value("gid", 1000U)};
}

}  // namespace

Facts facts_from_json(const Json& document) {
  Facts facts;
  facts.os = os_of(document);
  facts.arch = optional_of<std::string>(document, "arch").value_or("");
  facts.kernel = has(document, "kernel") ? fact_of<std::string>(document["kernel"], "release")
                                         : Unknown{"not in the record"};
  facts.virt = fact_of<std::string>(document, "virt");
  facts.hostname = optional_of<std::string>(document, "hostname").value_or("");
  facts.host_id = optional_of<std::string>(document, "host_id").value_or("");
  facts.gpus = gpus_of(document);
  facts.driver = driver_of(document);
  facts.cuda_toolkits = toolkits_of(document);
  if (has(document, "pythons")) {
    for (const auto& each : document["pythons"])
      facts.pythons.push_back({each.value("path", ""), each.value("version", "")});
  }
  facts.secure_boot = fact_of<bool>(document, "secure_boot");
  facts.nouveau_loaded = fact_of<bool>(document, "nouveau_loaded");
  facts.user = user_of(document);
  return facts;
}

}  // namespace mlenv
