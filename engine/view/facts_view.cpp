#include "view/facts_view.hpp"

#include "base/text.hpp"
#include "view/screen_text.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<std::vector<std::string>>;

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

template <class T>
Json known_or_null(const Fact<T>& fact) {
  const auto* value = known(fact);
  return value == nullptr ? Json(nullptr) : Json(*value);
}

Json os_document(const Fact<Os>& fact) {
  const auto* os = known(fact);
  if (os == nullptr) return nullptr;
  return {{"id", text_or_null(os->id)},
          {"version_id", text_or_null(os->version_id)},
          {"codename", text_or_null(os->codename)},
          {"pretty_name", text_or_null(os->pretty_name)}};
}

Json gpu_document(const Gpu& gpu) {
  return {{"pci_address", gpu.pci_address},
          {"pci_id", gpu.pci_id},
          {"name", or_null(gpu.name)},
          {"architecture", or_null(gpu.architecture)},
          {"compute_capability", or_null(gpu.compute_capability)},
          {"memory_bytes", or_null(gpu.memory_bytes)},
          {"source", gpu.source}};
}

Json toolkit_document(const CudaToolkit& toolkit) {
  return {{"version", toolkit.version}, {"path", toolkit.path}};
}

/// A list of what was found: empty when there is none, null when that could not be found out.
template <class T>
Json list_document(const Fact<std::vector<T>>& fact, Json (*one)(const T&)) {
  if (std::holds_alternative<Unknown>(fact)) return nullptr;
  Json list = Json::array();
  if (const auto* all = known(fact)) {
    for (const auto& each : *all) list.push_back(one(each));
  }
  return list;
}

Json driver_document(const Fact<Driver>& fact) {
  Driver driver;
  if (const auto* found = known(fact)) driver = *found;
  if (std::holds_alternative<Absent>(fact)) driver.status = "absent";
  return {{"loaded", or_null(driver.loaded)},
          {"userspace", or_null(driver.userspace)},
          {"cuda", or_null(driver.cuda)},
          {"flavour", or_null(driver.flavour)},
          {"status", or_null(driver.status)}};
}

Json pythons_document(const std::vector<Python>& pythons) {
  Json list = Json::array();
  for (const auto& python : pythons) list.push_back({{"path", python.path}, {"version", python.version}});
  return list;
}

/// A fact in words: what `say` makes of its value, `none`, or that and why it is not known.
template <class T, class Say>
std::string fact_words(const Fact<T>& fact, Say say) {
  if (const auto* value = known(fact)) return say(*value);
  if (std::holds_alternative<Absent>(fact)) return "none";
  const auto& why = std::get<Unknown>(fact).why;
  return why.empty() ? "not known" : "not known (" + why + ")";
}

std::string known_words(const std::string& text) { return text.empty() ? "not known" : text; }

std::string os_words(const Os& os) {
  const auto short_name = os.id + (os.version_id.empty() ? "" : " " + os.version_id);
  return (os.pretty_name.empty() ? "" : os.pretty_name + ", ") + "`" + short_name + "`" +
         (os.codename.empty() ? "" : " (" + os.codename + ")");
}

std::string memory_words(std::uint64_t bytes) {
  constexpr std::uint64_t mebibyte = std::uint64_t{1024} * 1024;
  const auto tenths = (bytes * 10 + 512 * mebibyte) / (1024 * mebibyte);
  if (tenths < 10) return std::to_string(bytes / mebibyte) + " MiB";
  return std::to_string(tenths / 10) + (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10)) + " GiB";
}

std::string gpu_words(const Gpu& gpu) {
  std::vector<std::string> parts = {gpu.pci_address,
                                    gpu.name.value_or("a GPU of no known name") + " (" + gpu.pci_id + ")"};
  if (gpu.architecture) parts.push_back(*gpu.architecture);
  if (gpu.compute_capability) parts.push_back("compute capability " + *gpu.compute_capability);
  if (gpu.memory_bytes) parts.push_back(memory_words(*gpu.memory_bytes));
  return join(parts, ", ");
}

std::string driver_words(const Driver& driver) {
  std::vector<std::string> parts;
  const auto add = [&](const char* label, const std::optional<std::string>& value) {
    if (value) parts.push_back(std::string(label) + *value);
  };
  add("", driver.status);
  add("loaded ", driver.loaded);
  add("libraries ", driver.userspace);
  add("runs CUDA up to ", driver.cuda);
  add("kernel module: ", driver.flavour);
  return parts.empty() ? "not known" : join(parts, ", ");
}

/// One row for each of a list, the label on the first alone.
void add_rows(Rows& rows, const std::string& label, const std::vector<std::string>& values) {
  if (values.empty()) rows.push_back({label, "none"});
  for (const auto& value : values) rows.push_back({&value == &values.front() ? label : "", value});
}

template <class T, class Say>
void add_list(Rows& rows, const std::string& label, const Fact<std::vector<T>>& fact, Say say) {
  const auto* all = known(fact);
  if (all == nullptr)
    return rows.push_back({label, fact_words(fact, [](const auto&) { return std::string(); })});
  std::vector<std::string> values;
  for (const auto& each : *all) values.push_back(say(each));
  add_rows(rows, label, values);
}

}  // namespace

Json facts_document(const Facts& facts) {
  return {
      {"format", "mlenvctl.facts/1"},
      {"os", os_document(facts.os)},
      {"arch", text_or_null(facts.arch)},
      {"kernel", {{"release", known_or_null(facts.kernel)}}},
      {"virt", known_or_null(facts.virt)},
      {"hostname", text_or_null(facts.hostname)},
      {"gpus", list_document(facts.gpus, gpu_document)},
      {"driver", driver_document(facts.driver)},
      {"cuda_toolkits", list_document(facts.cuda_toolkits, toolkit_document)},
      {"pythons", pythons_document(facts.pythons)},
      {"secure_boot", known_or_null(facts.secure_boot)},
      {"nouveau_loaded", known_or_null(facts.nouveau_loaded)},
      {"user",
       {{"name", facts.user.name}, {"home", facts.user.home}, {"shell", text_or_null(facts.user.shell)}}}};
}

std::string facts_text(const Facts& facts, const Style& style) {
  const auto as_it_is = [](const std::string& text) { return text; };
  Rows rows = {{"os", fact_words(facts.os, os_words)},
               {"arch", known_words(facts.arch)},
               {"kernel", fact_words(facts.kernel, as_it_is)},
               {"virt", fact_words(facts.virt, as_it_is)},
               {"hostname", known_words(facts.hostname)}};
  add_list(rows, "gpu", facts.gpus, gpu_words);
  rows.push_back({"driver", fact_words(facts.driver, driver_words)});
  add_list(rows, "cuda toolkit", facts.cuda_toolkits,
           [](const CudaToolkit& t) { return t.version + "  " + t.path; });
  std::vector<std::string> pythons;
  for (const auto& python : facts.pythons) pythons.push_back(padded(python.version, 8) + "  " + python.path);
  add_rows(rows, "python", pythons);
  rows.push_back(
      {"secure boot", fact_words(facts.secure_boot, [](bool on) { return std::string(on ? "on" : "off"); })});
  rows.push_back({"nouveau", fact_words(facts.nouveau_loaded,
                                        [](bool on) { return std::string(on ? "loaded" : "not loaded"); })});
  rows.push_back({"user", facts.user.name + ", home " + facts.user.home +
                              (facts.user.shell.empty() ? "" : ", shell " + facts.user.shell)});
  std::string text;
  for (const auto& row : rows) text += bold(padded(row[0], 14), style) + visible(row[1]) + "\n";
  return text;
}

}  // namespace mlenv
