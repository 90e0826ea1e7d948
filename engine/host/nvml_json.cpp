#include "host/nvml_json.hpp"

#include <nlohmann/json.hpp>

#include "host/json_text.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
void put(Json& object, const char* key, const std::optional<T>& value) {
  if (value) object[key] = *value;
}

template <class T>
std::optional<T> taken(const Json& object, const char* key) {
  return object.contains(key) ? std::optional(object.at(key).get<T>()) : std::nullopt;
}

Json json_of(const NvmlGpu& gpu) {
  Json object = {{"pci_address", gpu.pci_address}, {"pci_id", gpu.pci_id}};
  put(object, "name", gpu.name);
  put(object, "compute_capability", gpu.compute_capability);
  put(object, "memory_bytes", gpu.memory_bytes);
  put(object, "mig", gpu.mig);
  return object;
}

NvmlGpu gpu_of(const Json& object) {
  return {object.at("pci_address").get<std::string>(),  object.at("pci_id").get<std::string>(),
          taken<std::string>(object, "name"),           taken<std::string>(object, "compute_capability"),
          taken<std::uint64_t>(object, "memory_bytes"), taken<bool>(object, "mig")};
}

}  // namespace

std::string nvml_to_line(const NvmlAnswer& answer) {
  Json object = {{"status", static_cast<int>(answer.status)}, {"why", answer.why}, {"gpus", Json::array()}};
  put(object, "driver", answer.driver);
  put(object, "cuda", answer.cuda);
  for (const auto& gpu : answer.gpus) object["gpus"].push_back(json_of(gpu));
  // Names come from a library, and need not be UTF-8.
  return object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<NvmlAnswer> nvml_from_line(std::string_view line) {
  try {
    const Json object = parse_json(line);
    const int status = object.at("status").get<int>();
    if (status < 0 || status > static_cast<int>(NvmlStatus::timeout)) return std::nullopt;
    NvmlAnswer answer{static_cast<NvmlStatus>(status),
                      object.at("why").get<std::string>(),
                      taken<std::string>(object, "driver"),
                      taken<std::string>(object, "cuda"),
                      {}};
    for (const auto& gpu : object.at("gpus")) answer.gpus.push_back(gpu_of(gpu));
    return answer;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace mlenv
