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
          {"pretty_name", text_or_null(os->pretty_name)},
          {"like", os->like}};
}

Json gpu_document(const Gpu& gpu) {
  return {{"pci_address", gpu.pci_address},
          {"pci_id", gpu.pci_id},
          {"name", or_null(gpu.name)},
          {"architecture", or_null(gpu.architecture)},
          {"compute_capability", or_null(gpu.compute_capability)},
          {"memory_bytes", or_null(gpu.memory_bytes)},
          {"source", gpu.source},
          {"mig", or_null(gpu.mig)}};
}

Json toolkit_document(const CudaToolkit& toolkit) {
  return {{"version", toolkit.version},
          {"path", toolkit.path},
          {"release", text_or_null(toolkit.release)},
          {"current", toolkit.current}};
}

Json cudnn_document(const Cudnn& cudnn) {
  return {{"version", cudnn.version},
          {"package", text_or_null(cudnn.package)},
          {"path", text_or_null(cudnn.path)}};
}

Json dkms_document(const DkmsModule& module) {
  return {{"module", module.module},
          {"version", module.version},
          {"kernel", text_or_null(module.kernel)},
          {"status", module.status}};
}

Json package_document(const DriverPackage& package) {
  return {{"name", package.name},
          {"version", package.version},
          {"origin", package.origin},
          {"held", package.held}};
}

Json upgrade_document(const Fact<DriverUpgrade>& fact) {
  const auto* upgrade = known(fact);
  if (upgrade == nullptr) return nullptr;
  return {{"when", upgrade->when},
          {"by", upgrade->by},
          {"package", upgrade->package},
          {"from", upgrade->from},
          {"to", upgrade->to}};
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
  return {{"loaded", or_null(driver.loaded)}, {"userspace", or_null(driver.userspace)},
          {"cuda", or_null(driver.cuda)},     {"flavour", or_null(driver.flavour)},
          {"status", or_null(driver.status)}, {"why", text_or_null(driver.why)}};
}

Json ground_document(const DriverGround& ground) {
  return {{"newest_kernel", known_or_null(ground.newest_kernel)},
          {"headers", known_or_null(ground.headers)},
          {"newest_headers", known_or_null(ground.newest_headers)},
          {"nouveau_blocked", known_or_null(ground.nouveau_blocked)},
          {"dkms", list_document(ground.dkms, dkms_document)},
          {"packages", list_document(ground.packages, package_document)},
          {"run_file", known_or_null(ground.run_file)},
          {"mok_enrolled", known_or_null(ground.mok_enrolled)},
          {"mok_pending", known_or_null(ground.mok_pending)},
          {"unattended_upgrades", known_or_null(ground.unattended_upgrades)},
          {"reboot_required", known_or_null(ground.reboot_required)},
          {"last_upgrade", upgrade_document(ground.last_upgrade)}};
}

Json overrides_document(const CudaOverrides& overrides) {
  return {{"cuda", or_null(overrides.cuda)},
          {"arch", or_null(overrides.arch)},
          {"driver", or_null(overrides.driver)}};
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
  if (!driver.why.empty()) parts.push_back(driver.why);
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

/// Why those facts are not known that are not.
Json unknown_document(const Facts& facts) {
  Json why = Json::object();
  const auto add = [&](const char* name, const auto& fact) {
    const auto* unknown = std::get_if<Unknown>(&fact);
    if (unknown != nullptr && !unknown->why.empty()) why[name] = unknown->why;
  };
  add("os", facts.os);
  add("kernel", facts.kernel);
  add("virt", facts.virt);
  add("gpus", facts.gpus);
  add("driver", facts.driver);
  add("cuda_toolkits", facts.cuda_toolkits);
  add("cudnn", facts.cudnn);
  add("secure_boot", facts.secure_boot);
  add("nouveau_loaded", facts.nouveau_loaded);
  return why;
}

/// What stands between the cards and a driver, as far as it is known.
void add_ground(Rows& rows, const DriverGround& ground) {
  const auto add = [&](const char* label, const Fact<bool>& fact, const char* yes, const char* no) {
    const auto* value = known(fact);
    const std::string words = value == nullptr ? "" : *value ? yes : no;
    if (!words.empty()) rows.push_back({label, words});
  };
  if (const auto* kernel = known(ground.newest_kernel)) rows.push_back({"newest kernel", *kernel});
  add("headers", ground.headers, "of the running kernel are there", "of the running kernel are missing");
  if (const auto* packages = known(ground.packages); packages != nullptr && !packages->empty()) {
    std::vector<std::string> words;
    for (const auto& each : *packages)
      words.push_back(each.name + " " + each.version + " (" + each.origin + (each.held ? ", held)" : ")"));
    add_rows(rows, "packages", words);
  }
  if (const auto* modules = known(ground.dkms); modules != nullptr && !modules->empty()) {
    std::vector<std::string> words;
    for (const auto& each : *modules) {
      words.push_back(each.module + " " + each.version + " " + each.status +
                      (each.kernel.empty() ? "" : " for " + each.kernel));
    }
    add_rows(rows, "dkms", words);
  }
  add("upgrades", ground.unattended_upgrades, "unattended ones would touch the driver", "");
  add("reboot", ground.reboot_required, "is pending", "");
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
      {"cudnn", list_document(facts.cudnn, cudnn_document)},
      {"ground", ground_document(facts.ground)},
      {"overrides", overrides_document(facts.overrides)},
      {"unknown", unknown_document(facts)},
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
  add_list(rows, "cuda toolkit", facts.cuda_toolkits, [](const CudaToolkit& t) {
    return padded(t.release.empty() ? t.version : t.release, 8) + "  " + t.path +
           (t.current ? "  (current)" : "");
  });
  add_list(rows, "cudnn", facts.cudnn, [](const Cudnn& c) {
    return padded(c.version, 8) + "  " + (c.package.empty() ? c.path : c.package);
  });
  std::vector<std::string> pythons;
  for (const auto& python : facts.pythons) pythons.push_back(padded(python.version, 8) + "  " + python.path);
  add_rows(rows, "python", pythons);
  rows.push_back(
      {"secure boot", fact_words(facts.secure_boot, [](bool on) { return std::string(on ? "on" : "off"); })});
  rows.push_back({"nouveau", fact_words(facts.nouveau_loaded,
                                        [](bool on) { return std::string(on ? "loaded" : "not loaded"); })});
  const auto* gpus = known(facts.gpus);
  // Without a card and a driver there is nothing that these could stand between.
  if ((gpus != nullptr && !gpus->empty()) || known(facts.driver) != nullptr) add_ground(rows, facts.ground);
  rows.push_back({"user", facts.user.name + ", home " + facts.user.home +
                              (facts.user.shell.empty() ? "" : ", shell " + facts.user.shell)});
  std::string text;
  for (const auto& row : rows) text += bold(padded(row[0], 14), style) + visible(row[1]) + "\n";
  return text;
}

}  // namespace mlenv
