#include "cli/open_host.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/text.hpp"
#include "cli/open_knowledge.hpp"
#include "cli/run_locks.hpp"
#include "cli/state.hpp"
#include "host/caching_reader.hpp"
#include "host/host_record.hpp"
#include "host/local_host.hpp"
#include "host/nvml.hpp"
#include "host/nvml_facts.hpp"
#include "record/content_rules.hpp"
#include "view/facts_view.hpp"

namespace mlenv {
namespace {

/// The newest CUDA that a driver runs follows from its branch.
void name_driver(Facts& facts, const Knowledge& knowledge) {
  auto* driver = std::get_if<Driver>(&facts.driver);
  if (driver == nullptr || driver->cuda) return;
  const auto& version = driver->userspace ? driver->userspace : driver->loaded;
  if (!version) return;
  const Row* branch = knowledge.find("driver_branches", "branch", version->substr(0, version->find('.')));
  if (branch != nullptr) driver->cuda = branch->text("cuda");
}

/// What only a table knows of a card: a probe before any driver sees its PCI id alone.
void name_gpus(Facts& facts, const Knowledge& knowledge) {
  auto* gpus = std::get_if<std::vector<Gpu>>(&facts.gpus);
  if (gpus == nullptr) return;
  for (auto& gpu : *gpus) {
    const auto model = knowledge.gpu(gpu.pci_id);
    if (!model) continue;
    if (!gpu.name && !model->name.empty()) gpu.name = model->name;
    if (!gpu.architecture && !model->architecture.empty()) gpu.architecture = model->architecture;
    if (!gpu.compute_capability && !model->compute_capability.empty())
      gpu.compute_capability = model->compute_capability;
  }
}

/// A card that the tables do not know: a driver that runs knows it.
bool has_unknown_card(const Facts& facts) {
  const auto* gpus = known(facts.gpus);
  return gpus != nullptr &&
         std::any_of(gpus->begin(), gpus->end(), [](const Gpu& gpu) { return !gpu.compute_capability; });
}

/// What a comparison asks of a record: which of its files are venvs, and which a recipe has declared.
void note_recorded(const RecordedHost& record, OpenHost& host) {
  for (const auto& [path, file] : record.files) {
    if (file.type != FileType::file || file.unread) continue;
    if (path.ends_with("/pyvenv.cfg")) host.recorded_venvs.push_back(parent_path(path));
    if (record.open && content_kind({}, path) == Content::nobodys) host.recorded_files.push_back(path);
  }
}

std::optional<OpenHost> open_record(const Arguments& arguments, std::shared_ptr<const Knowledge> knowledge,
                                    Diagnostics& diagnostics) {
  const auto text = read_own_file(arguments.host_file);
  if (!text) return diagnostics.error("host.record", text.error().message, {}), std::nullopt;
  auto record = read_recorded_host(*text);
  if (!record) {
    diagnostics.error("host.record", arguments.host_file + ": " + record.error().message, {});
    return std::nullopt;
  }
  name_gpus(record->facts, *knowledge);
  name_driver(record->facts, *knowledge);
  OpenHost host;
  host.knowledge = std::move(knowledge);
  host.facts = record->facts;
  host.tree = record->tree;
  note_recorded(*record, host);
  host.reader = caching_reader(host_reader(std::move(*record)));
  host.recorded = true;
  host.environment = process_environment();
  return host;
}

}  // namespace

Result<Facts> facts_now(const HostReader& reader, const std::string& user, const Knowledge& knowledge) {
  auto facts = probe_facts(reader, user);
  if (!facts) return facts;
  name_gpus(*facts, knowledge);
  name_driver(*facts, knowledge);
  return facts;
}

std::optional<OpenHost> open_host(const Arguments& arguments, Diagnostics& diagnostics) {
  auto knowledge = open_knowledge(arguments, diagnostics);
  if (!knowledge) return std::nullopt;
  if (!arguments.host_file.empty()) return open_record(arguments, std::move(knowledge), diagnostics);
  OpenHost host;
  host.knowledge = std::move(knowledge);
  host.environment = process_environment();
  host.root = own_path(arguments.root);
  const auto here = local_reader("/");
  const auto stat = here->stat(host.root, Links::follow);
  if (!stat || !*stat || (*stat)->type != FileType::directory) {
    diagnostics.error("host.no-root", "`--root " + arguments.root + "`: there is no such folder", {});
    return std::nullopt;
  }
  host.tree = host.root != "/";
  const auto first_look = caching_reader(local_reader(host.root));
  auto facts = facts_now(*first_look, arguments.user, *host.knowledge);
  if (!facts) {
    diagnostics.report(
        {Severity::error, facts.error().code, facts.error().message, {}, {}, facts.error().hint});
    return std::nullopt;
  }
  host.facts = std::move(*facts);
  host.reader = caching_reader(local_reader_for(host.root, host.facts.user, *first_look));
  // What everybody may read need not be read again as the user.
  for (const char* place : {"/var/lib/dpkg/", "/etc/passwd", "/etc/group"})
    keep_looks(*first_look, *host.reader, place);
  host.before = last_holders(*host.reader, host.facts.user);
  if (host.root == "/") host.facts.overrides = cuda_overrides(host.environment);
  if (has_unknown_card(host.facts)) ask_driver(host);
  if (arguments.with_sudo) {
    host.direct = std::move(host.reader);
    forget_looks(*host.direct);
    host.reader = caching_reader(reader_behind_sudo(*host.direct, host.root));
  }
  spdlog::debug("probed {} for {}", host.root, host.facts.user.name);
  return host;
}

void ask_driver(OpenHost& host) {
  const auto* driver = known(host.facts.driver);
  if (host.recorded || host.root != "/" || driver == nullptr) return;
  add_nvml(host.facts, ask_nvml());
  name_gpus(host.facts, *host.knowledge);
}

std::optional<std::string> fact_text(const Facts& facts, const std::string& path) {
  const auto document = facts_document(facts);
  const nlohmann::ordered_json* at = &document;
  for (const auto part : split(path, '.')) {
    const std::string name(part);
    if (at == &document && name == "gpu") {  // the first card, as conditions mean it
      at = document["gpus"].is_array() && !document["gpus"].empty() ? &document["gpus"][0] : nullptr;
    } else if (at->is_object() && at->contains(name)) {
      at = &(*at)[name];
    } else if (at->is_array() && name.size() < 4 && !name.empty() &&
               name.find_first_not_of("0123456789") == name.npos && std::stoul(name) < at->size()) {
      at = &(*at)[std::stoul(name)];
    } else {
      at = nullptr;
    }
    if (at == nullptr) return std::nullopt;
  }
  if (at->is_string()) return at->get<std::string>();
  if (at->is_number() || at->is_boolean()) return at->dump();
  return std::nullopt;
}

PlanHost plan_host(const OpenHost& host) {
  PlanHost made;
  made.hostname = host.facts.hostname;
  if (const auto* os = known(host.facts.os))
    made.os = os->id + (os->version_id.empty() ? "" : " " + os->version_id);
  made.arch = host.facts.arch;
  if (const auto* virt = known(host.facts.virt)) made.virt = *virt;
  made.id = host.facts.host_id;
  made.user = host.facts.user.name;
  made.root = host.root;
  made.tree = host.tree;
  return made;
}

}  // namespace mlenv
