#include "cli/declared_host.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "cli/open_knowledge.hpp"
#include "cli/open_lock.hpp"
#include "host/local_host.hpp"
#include "host/process.hpp"
#include "host/recorded_host.hpp"
#include "knowledge/compute_capability.hpp"
#include "lock/lock.hpp"

namespace mlenv {
namespace {

/// Reads what is declared. Of packages nothing newer is known than what apt will bring.
class DeclaredReader : public HostReader {
 public:
  explicit DeclaredReader(RecordedHost host) : reader_(host_reader(std::move(host))) {}
  Result<std::optional<std::string>> read_file(const std::string& path) const override {
    return reader_->read_file(path);
  }
  Result<std::optional<FileStat>> stat(const std::string& path, Links links) const override {
    return reader_->stat(path, links);
  }
  Result<std::vector<DirectoryEntry>> list(const std::string& path) const override {
    return reader_->list(path);
  }
  Result<std::optional<std::string>> read_link(const std::string& path) const override {
    return reader_->read_link(path);
  }
  Result<Output> query(const Command& command) const override {
    if (!command.argv.empty() && command.argv.front() == "apt-cache") return Output{0, false, {}, {}};
    return reader_->query(command);
  }

 private:
  std::unique_ptr<HostReader> reader_;
};

bool in_container(const Arguments& arguments) {
  return arguments.export_format == "dockerfile" || arguments.export_format == "devcontainer";
}

/// A container's driver is the host's; another machine begins without one.
Facts bare_facts(const Arguments& arguments) {
  Facts facts;
  facts.arch = "x86_64";
  facts.gpus = Absent{};
  facts.virt = std::string(in_container(arguments)                   ? "container"
                           : arguments.export_format == "cloud-init" ? "vm"
                                                                     : "metal");
  if (in_container(arguments)) {
    facts.driver = Unknown{"it is that of the container's host"};
  } else {
    facts.driver = Absent{};
  }
  facts.cuda_toolkits = Absent{};
  facts.cudnn = Absent{};
  facts.nouveau_loaded = Unknown{"the machine is only declared"};
  return facts;
}

Os os_of(const Row& row) {
  const auto& name = row.text("os");
  const auto space = name.find(' ');
  return {name.substr(0, space), name.substr(space + 1), row.text("codename"), name};
}

void set_os(const Row& row, Facts& facts) {
  facts.os = os_of(row);
  facts.pythons = {{"/usr/bin/python3", row.text("python")}};
}

// ── the choice ──

/// `ubuntu-20.04`, `ubuntu 20.04` or `nvidia/cuda:11.0.3-devel-ubuntu20.04` -> `ubuntu 20.04`; empty when the
/// text names no distribution.
std::string named_os(const std::string& text) {
  for (const char* id : {"ubuntu", "debian"}) {
    const auto at = text.rfind(id);
    if (at == std::string::npos) continue;
    auto rest = std::string_view(text).substr(at + std::string_view(id).size());
    if (!rest.empty() && std::string_view("-: ").find(rest.front()) != std::string_view::npos)
      rest.remove_prefix(1);
    const auto version = rest.substr(0, rest.find_first_not_of("0123456789."));
    if (!version.empty()) return std::string(id) + " " + std::string(version);
  }
  return {};
}

/// What of the recipe's requirements the distribution and the processor cannot meet.
bool suits(const Recipe& recipe, const Facts& facts) {
  for (const auto& requirement : recipe.requirements) {
    for (const auto& answer : requirement.condition.failures(facts)) {
      const bool of_system = answer.subject == "os" || answer.subject == "arch" || answer.subject == "python";
      if (of_system && answer.truth != Truth::yes) return false;
    }
  }
  return true;
}

/// The rows of known distributions, in the order in which they are to be tried.
std::vector<const Row*> distributions(const Knowledge& knowledge, const std::optional<Lock>& lock) {
  const auto& rows = knowledge.table("distro_pythons");
  std::vector<const Row*> all;
  const auto add = [&](const std::string& os) {
    for (const auto& row : rows) {
      if (row.text("os") == os && std::find(all.begin(), all.end(), &row) == all.end()) all.push_back(&row);
    }
  };
  if (lock) {
    for (const auto& each : lock->classes) add(each.host.os);
  }
  if (const auto here = probe_facts(*local_reader("/"), "root")) {
    if (const auto* os = known(here->os)) add(os->id + " " + os->version_id);
  }
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    if (knowledge.find("cuda_repositories", "os", row->text("os")) != nullptr) add(row->text("os"));
  }
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) add(row->text("os"));
  return all;
}

bool choose_named_os(const std::string& name, const Knowledge& knowledge, Facts& facts,
                     Diagnostics& diagnostics) {
  if (const Row* row = knowledge.find("distro_pythons", "os", name)) return set_os(*row, facts), true;
  std::vector<std::string> all;
  for (const auto& row : knowledge.table("distro_pythons"))
    all.push_back(replace_all(row.text("os"), " ", "-"));
  diagnostics.error("export.os", "`" + name + "` is not among the distributions that are known", {},
                    "there are: " + join(all, ", "));
  return false;
}

bool choose_system(const Arguments& arguments, const Recipe& recipe, const Knowledge& knowledge,
                   const std::optional<Lock>& lock, Facts& facts, Diagnostics& diagnostics) {
  const auto asked = named_os(arguments.os), of_base = named_os(arguments.base);
  if (!arguments.os.empty() && !of_base.empty() && asked != of_base) {
    diagnostics.error(
        "export.os",
        "`--os " + arguments.os + "` and `--base " + arguments.base + "` are different distributions", {});
    return false;
  }
  if (!arguments.arch.empty()) facts.arch = arguments.arch;
  if (!arguments.os.empty() || !of_base.empty())
    return choose_named_os(!of_base.empty() ? of_base
                           : asked.empty()  ? arguments.os
                                            : asked,
                           knowledge, facts, diagnostics);
  const auto rows = distributions(knowledge, lock);
  for (const std::string arch : {"x86_64", "aarch64"}) {
    if (!arguments.arch.empty() && arch != arguments.arch) continue;
    for (const auto* row : rows) {
      auto tried = facts;
      tried.arch = arch;
      set_os(*row, tried);
      if (suits(recipe, tried)) return facts = std::move(tried), true;
    }
  }
  set_os(*rows.front(), facts);  // what is not met is told of this one
  return true;
}

// ── its cards ──

std::optional<Gpu> card_of(const std::string& text, const Knowledge& knowledge) {
  Gpu gpu;
  gpu.source = "declared";
  if (text.find(':') == std::string::npos) {
    const auto capability = ComputeCapability::parse(text);
    if (!capability) return std::nullopt;
    gpu.compute_capability = capability->str();
    return gpu;
  }
  gpu.pci_id = to_lower(text);
  const auto model = knowledge.gpu(gpu.pci_id);
  if (!model || model->compute_capability.empty()) return std::nullopt;
  if (!model->name.empty()) gpu.name = model->name;
  if (!model->architecture.empty()) gpu.architecture = model->architecture;
  gpu.compute_capability = model->compute_capability;
  return gpu;
}

bool take_cards(const std::vector<std::string>& named, const Knowledge& knowledge, Facts& facts,
                Diagnostics& diagnostics) {
  std::vector<Gpu> cards;
  for (const auto& each : named) {
    if (each == "none") continue;
    auto card = card_of(each, knowledge);
    if (!card) {
      diagnostics.error("export.gpu", "`--gpu " + each + "` is no card that is known", {},
                        "a compute capability such as `8.6`, a PCI id such as `10de:2484`, or `none`");
      return false;
    }
    cards.push_back(std::move(*card));
  }
  if (!cards.empty()) facts.gpus = std::move(cards);
  return true;
}

bool cards_fail(const Recipe& recipe, const Facts& facts) {
  for (const auto& requirement : recipe.requirements) {
    for (const auto& answer : requirement.condition.failures(facts)) {
      if (answer.subject.starts_with("gpu") && answer.truth == Truth::no) return true;
    }
  }
  return false;
}

/// The least card that the requirements let pass.
void take_required_card(const Recipe& recipe, const Knowledge& knowledge, Facts& facts) {
  if (!cards_fail(recipe, facts)) return;
  std::set<ComputeCapability> capabilities;
  for (const auto& row : knowledge.table("gpu_chips")) {
    if (const auto each = ComputeCapability::parse(row.text("compute_capability")))
      capabilities.insert(*each);
  }
  for (const auto& each : capabilities) {
    auto tried = facts;
    Gpu gpu;
    gpu.source = "declared";
    gpu.compute_capability = each.str();
    tried.gpus = std::vector<Gpu>{gpu};
    if (!cards_fail(recipe, tried)) return facts = std::move(tried), void();
  }
}

bool choose_cards(const Arguments& arguments, const Recipe& recipe, const Knowledge& knowledge,
                  const std::optional<Lock>& lock, Facts& facts, Diagnostics& diagnostics) {
  if (!arguments.gpus.empty()) return take_cards(arguments.gpus, knowledge, facts, diagnostics);
  const auto& os = *known(facts.os);
  if (lock) {
    for (const auto& each : lock->classes) {
      if (each.host.os != os.id + " " + os.version_id || each.host.arch != facts.arch) continue;
      std::vector<std::string> named;
      for (const auto part : split(each.host.gpu, ' ')) named.emplace_back(part);
      return take_cards(named, knowledge, facts, diagnostics);
    }
  }
  take_required_card(recipe, knowledge, facts);
  return true;
}

// ── what is on it ──

User user_of(const Arguments& arguments, const Facts& facts) {
  if (arguments.export_format == "shell") {
    const auto here = local_reader("/");
    const auto name = arguments.user.empty() ? invoking_user(*here) : arguments.user;
    if (const auto account = find_user(*here, name)) return {name, account->home, "/bin/bash", 1000, 1000};
  }
  const auto usual = in_container(arguments) ? "ml" : known(facts.os)->id;
  const auto name = arguments.user.empty() ? usual : arguments.user;
  if (name == "root") return {name, "/root", "/bin/bash", 0, 0};
  return {name, "/home/" + name, "/bin/bash", 1000, 1000};
}

std::string sources_text(const Os& os) {
  if (os.id == "debian") return "deb http://deb.debian.org/debian " + os.codename + " main\n";
  return "deb http://archive.ubuntu.com/ubuntu " + os.codename + " main restricted universe multiverse\n";
}

RecordedFile owned(FileType type, std::string content, const User& user) {
  return {type, std::move(content), type == FileType::directory ? 0755U : 0644U, user.uid, user.gid};
}

RecordedHost bare_host(const Facts& facts, const Row& row) {
  const auto& os = *known(facts.os);
  const auto& user = facts.user;
  const auto minor = "python" + row.text("python");
  RecordedHost host;
  host.facts = facts;
  auto& files = host.files;
  files[user.home] = owned(FileType::directory, {}, user);
  // What useradd copies from /etc/skel: text that is the user's.
  files[user.home + "/.bashrc"] = owned(FileType::file, "# from /etc/skel\n", user);
  files[user.home + "/.profile"] = owned(FileType::file, "# from /etc/skel\n", user);
  files["/etc/bash.bashrc"].content = "# the distribution's\n";
  files["/etc/passwd"].content = user.name + ":x:" + std::to_string(user.uid) + ":" +
                                 std::to_string(user.gid) + "::" + user.home + ":" + user.shell + "\n";
  files["/etc/apt/sources.list"].content = sources_text(os);
  files["/var/lib/apt/lists/distribution_InRelease"].content = "";
  files["/var/lib/dpkg/status"].content = "";
  files["/var/lib/dpkg/arch"].content = facts.arch == "aarch64" ? "arm64\n" : "amd64\n";
  files["/usr/bin/python3"] = {FileType::symlink, minor, 0777, 0, 0};
  files["/usr/bin/" + minor] = {FileType::file, {}, 0755, 0, 0};
  files["/usr/lib/python3/dist-packages"] = {FileType::directory, {}, 0755, 0, 0};
  if (row.text("managed") == "true") files["/usr/lib/" + minor + "/EXTERNALLY-MANAGED"].content = "";
  return host;
}

}  // namespace

std::optional<OpenHost> declared_host(const Arguments& arguments, const Recipe& recipe,
                                      Diagnostics& diagnostics) {
  OpenHost host;
  host.knowledge = open_knowledge(arguments, diagnostics);
  if (!host.knowledge) return std::nullopt;
  std::optional<Lock> lock;
  if (!arguments.ignore_lock && arguments.recipes.size() == 1) {
    // What is wrong with it is told when the recipe is loaded.
    if (auto beside = lock_beside(arguments.recipes.front(), arguments)) lock = std::move(*beside);
  }
  host.facts = bare_facts(arguments);
  const auto& knowledge = *host.knowledge;
  if (!choose_system(arguments, recipe, knowledge, lock, host.facts, diagnostics) ||
      !choose_cards(arguments, recipe, knowledge, lock, host.facts, diagnostics))
    return std::nullopt;
  host.facts.user = user_of(arguments, host.facts);
  const auto& os = *known(host.facts.os);
  const Row* row = knowledge.find("distro_pythons", "os", os.id + " " + os.version_id);
  host.reader = std::make_unique<DeclaredReader>(bare_host(host.facts, *row));
  host.recorded = true;
  host.environment = process_environment();
  return host;
}

}  // namespace mlenv
