#include "host/facts_json.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

bool has(const Json& object, const char* key) { return object.contains(key) && !object[key].is_null(); }

template <class T>
std::optional<T> optional_of(const Json& object, const char* key) {
  return has(object, key) ? std::optional(object[key].get<T>()) : std::nullopt;
}

/// Empty for null and for what is not there; throws where the object is none.
std::string text_of(const Json& object, const char* key) {
  if (!object.is_object()) static_cast<void>(object.at(key));
  return optional_of<std::string>(object, key).value_or("");
}

template <class T>
Fact<T> fact_of(const Json& object, const char* key) {
  if (has(object, key)) return object[key].get<T>();
  return Unknown{"not in the record"};
}

Fact<Os> os_of(const Json& document) {
  if (!has(document, "os")) return Unknown{"not in the record"};
  const auto& os = document["os"];
  return Os{text_of(os, "id"), optional_of<std::string>(os, "version_id").value_or(""),
            optional_of<std::string>(os, "codename").value_or(""),
            optional_of<std::string>(os, "pretty_name").value_or(""),
            optional_of<std::vector<std::string>>(os, "like").value_or(std::vector<std::string>())};
}

Fact<std::vector<Gpu>> gpus_of(const Json& document) {
  if (!has(document, "gpus")) return Unknown{"not in the record"};
  std::vector<Gpu> gpus;
  for (const auto& each : document["gpus"]) {
    gpus.push_back(
        {text_of(each, "pci_address"), text_of(each, "pci_id"), optional_of<std::string>(each, "name"),
         optional_of<std::string>(each, "architecture"), optional_of<std::string>(each, "compute_capability"),
         optional_of<std::uint64_t>(each, "memory_bytes"),
         optional_of<std::string>(each, "source").value_or("recorded"), optional_of<bool>(each, "mig")});
  }
  return gpus;
}

Fact<Driver> driver_of(const Json& document) {
  if (!has(document, "driver")) return Unknown{"not in the record"};
  const auto& driver = document["driver"];
  if (driver.value("status", Json()) == "absent") return Absent{};
  Driver known{
      optional_of<std::string>(driver, "loaded"), optional_of<std::string>(driver, "userspace"),
      optional_of<std::string>(driver, "cuda"),   optional_of<std::string>(driver, "flavour"),
      optional_of<std::string>(driver, "status"), optional_of<std::string>(driver, "why").value_or("")};
  if (known == Driver{}) return Unknown{"not in the record"};
  return known;
}

Fact<std::vector<CudaToolkit>> toolkits_of(const Json& document) {
  if (!has(document, "cuda_toolkits")) return Unknown{"not in the record"};
  std::vector<CudaToolkit> toolkits;
  for (const auto& each : document["cuda_toolkits"])
    toolkits.push_back({text_of(each, "version"), text_of(each, "path"), each.value("current", false),
                        optional_of<std::string>(each, "release").value_or("")});
  return toolkits;
}

/// A list of a record, each member read by `one`; unknown where the record has none.
template <class T, class One>
Fact<std::vector<T>> list_of(const Json& object, const char* key, One one) {
  if (!has(object, key)) return Unknown{"not in the record"};
  std::vector<T> all;
  for (const auto& each : object[key]) all.push_back(one(each));
  return all;
}

Fact<std::vector<Cudnn>> cudnn_of(const Json& document) {
  return list_of<Cudnn>(document, "cudnn", [](const Json& each) {
    return Cudnn{text_of(each, "version"), text_of(each, "package"), text_of(each, "path")};
  });
}

Fact<DriverUpgrade> upgrade_of(const Json& ground) {
  if (!has(ground, "last_upgrade")) return Unknown{"not in the record"};
  const auto& upgrade = ground["last_upgrade"];
  return DriverUpgrade{text_of(upgrade, "when"), text_of(upgrade, "by"), text_of(upgrade, "package"),
                       text_of(upgrade, "from"), text_of(upgrade, "to")};
}

DriverGround ground_of(const Json& document) {
  const auto json = has(document, "ground") ? document["ground"] : Json::object();
  DriverGround ground;
  ground.newest_kernel = fact_of<std::string>(json, "newest_kernel");
  ground.headers = fact_of<bool>(json, "headers");
  ground.newest_headers = fact_of<bool>(json, "newest_headers");
  ground.nouveau_blocked = fact_of<bool>(json, "nouveau_blocked");
  ground.dkms = list_of<DkmsModule>(json, "dkms", [](const Json& each) {
    return DkmsModule{text_of(each, "module"), text_of(each, "version"), text_of(each, "kernel"),
                      text_of(each, "status")};
  });
  ground.packages = list_of<DriverPackage>(json, "packages", [](const Json& each) {
    return DriverPackage{text_of(each, "name"), text_of(each, "version"), text_of(each, "origin"),
                         each.value("held", false)};
  });
  ground.run_file = fact_of<std::string>(json, "run_file");
  ground.mok_enrolled = fact_of<bool>(json, "mok_enrolled");
  ground.mok_pending = fact_of<bool>(json, "mok_pending");
  ground.unattended_upgrades = fact_of<bool>(json, "unattended_upgrades");
  ground.reboot_required = fact_of<bool>(json, "reboot_required");
  ground.last_upgrade = upgrade_of(json);
  return ground;
}

CudaOverrides overrides_of(const Json& document) {
  const auto json = has(document, "overrides") ? document["overrides"] : Json::object();
  return {optional_of<std::string>(json, "cuda"), optional_of<std::string>(json, "arch"),
          optional_of<std::string>(json, "driver")};
}

User user_of(const Json& document) {
  const auto user = has(document, "user") ? document["user"] : Json::object();
  const auto name = optional_of<std::string>(user, "name").value_or("user");
  return {name, optional_of<std::string>(user, "home").value_or("/home/" + name),
          optional_of<std::string>(user, "shell").value_or("/bin/bash"), user.value("uid", 1000U),
          user.value("gid", 1000U)};
}

/// The reasons that the record has for what is null in it.
void read_reasons(const Json& document, Facts& facts) {
  if (!has(document, "unknown")) return;
  const auto& why = document["unknown"];
  const auto read = [&](const char* name, auto& fact) {
    if (auto* unknown = std::get_if<Unknown>(&fact); unknown != nullptr && has(why, name))
      unknown->why = why[name].template get<std::string>();
  };
  read("os", facts.os);
  read("kernel", facts.kernel);
  read("virt", facts.virt);
  read("gpus", facts.gpus);
  read("driver", facts.driver);
  read("cuda_toolkits", facts.cuda_toolkits);
  read("cudnn", facts.cudnn);
  read("secure_boot", facts.secure_boot);
  read("nouveau_loaded", facts.nouveau_loaded);
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
      facts.pythons.push_back({text_of(each, "path"), text_of(each, "version")});
  }
  facts.secure_boot = fact_of<bool>(document, "secure_boot");
  facts.nouveau_loaded = fact_of<bool>(document, "nouveau_loaded");
  facts.cudnn = cudnn_of(document);
  facts.ground = ground_of(document);
  facts.overrides = overrides_of(document);
  facts.user = user_of(document);
  read_reasons(document, facts);
  return facts;
}

}  // namespace mlenv
