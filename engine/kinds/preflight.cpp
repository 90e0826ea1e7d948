#include "kinds/preflight.hpp"

#include <algorithm>

#include "base/openpgp.hpp"
#include "base/text.hpp"
#include "kinds/host_question.hpp"
#include "knowledge/fit.hpp"

namespace mlenv {
namespace {

using Findings = std::vector<Finding>;

bool is(const Fact<bool>& fact, bool value) {
  const auto* found = known(fact);
  return found != nullptr && *found == value;
}

/// What the checks look at.
struct Host {
  const Facts& facts;
  const Knowledge& knowledge;
  std::vector<Gpu> cards;
  std::optional<Driver> driver;
  std::vector<DriverPackage> packages;
  std::string virt;

  bool has_driver(const char* status) const { return driver && driver->status == status; }
  bool builds_modules() const {
    return std::any_of(packages.begin(), packages.end(),
                       [](const DriverPackage& each) { return each.name.find("dkms") != std::string::npos; });
  }
};

void add(Findings& all, Severity severity, std::string code, std::string message, std::string hint) {
  all.push_back({std::move(code), std::move(message), std::move(hint), severity});
}

// ── cards ──

void check_cards(const Host& host, Findings& all) {
  for (const auto& card : host.cards) {
    if (card.compute_capability) continue;
    add(all, Severity::warning, "gpu.unknown",
        "the card " + card.pci_id + " at " + card.pci_address +
            " is not in the tables, so what runs on it is not known",
        "a row of your own in a folder given with `--knowledge` makes it known");
  }
  if (const auto* unknown = std::get_if<Unknown>(&host.facts.gpus)) {
    add(all, Severity::note, "gpu.not-seen", "which cards this host has is not known: " + unknown->why, "");
  } else if (host.cards.empty()) {
    add(all, Severity::note, "gpu.none", "there is no NVIDIA card",
        "frameworks are taken in their builds for the CPU");
  }
}

// ── where no driver belongs ──

void check_place(const Host& host, Findings& all) {
  if (host.packages.empty()) return;
  if (host.virt == "wsl2") {
    add(all, Severity::error, "driver.in-wsl2",
        "`" + host.packages.front().name + "` is installed, and in WSL2 the driver is that of Windows",
        "remove the driver's packages; `/usr/lib/wsl/lib` has the libraries");
  } else if (host.virt == "container") {
    add(all, Severity::warning, "driver.in-container",
        "`" + host.packages.front().name + "` is installed, and in a container the driver is the host's",
        "leave it to the NVIDIA Container Toolkit");
  }
}

// ── the driver and its cards ──

void check_branch(const Host& host, Findings& all) {
  if (!host.driver) return;
  const auto version = host.driver->userspace ? host.driver->userspace : host.driver->loaded;
  if (!version) return;
  const auto branch = version->substr(0, version->find('.'));
  for (const auto& card : resolve_gpus(host.knowledge, host_question(host.facts, host.knowledge))) {
    if (!card.last_branch.empty() && !driver_reaches(card.last_branch, branch)) {
      add(all, Severity::error, "driver.too-new",
          "driver " + *version + " does not drive " + gpu_name(card) + ": branch " + card.last_branch +
              " was the last",
          "`nvidia_driver: \"" + card.last_branch + "\"`");
    }
    if (!card.first_driver.empty() && !driver_reaches(*version, card.first_driver)) {
      add(all, Severity::error, "driver.too-old",
          "driver " + *version + " is older than " + gpu_name(card) + ", which needs " + card.first_driver,
          "`nvidia_driver: auto`");
    }
    if (card.open_modules == "impossible" && host.driver->flavour == "open") {
      add(all, Severity::error, "driver.flavour", "the open kernel modules do not drive " + gpu_name(card),
          "`nvidia_driver: auto` with `flavour: proprietary`");
    }
    if (card.open_modules == "required" && host.driver->flavour == "proprietary") {
      add(all, Severity::error, "driver.flavour", "only the open kernel modules drive " + gpu_name(card),
          "`nvidia_driver: auto` with `flavour: open`");
    }
  }
}

/// What apt's history tells of the last change: what, from and to, by whom and when.
std::string cause_of(const Fact<DriverUpgrade>& fact) {
  const auto* upgrade = known(fact);
  if (upgrade == nullptr) return {};
  return "; " + (upgrade->by.empty() ? std::string("apt") : "`" + upgrade->by + "`") + " changed " +
         upgrade->package + " from " + upgrade->from + " to " + upgrade->to + " at " + upgrade->when;
}

void check_status(const Host& host, Findings& all) {
  const auto& ground = host.facts.ground;
  if (host.has_driver("mismatch")) {
    add(all, Severity::error, "driver.mismatch", host.driver->why + cause_of(ground.last_upgrade),
        "reboot; `guard: true` of `nvidia_driver` keeps it from happening again");
  } else if (host.has_driver("not-loaded") && !host.cards.empty() && host.virt != "container") {
    add(all, Severity::error, "driver.not-loaded", "a driver is installed, and its module is not loaded",
        is(ground.reboot_required, true) ? "reboot"
                                         : "reboot; if that does not help, the other findings say why");
  } else if (host.has_driver("no-library")) {
    add(all, Severity::error, "driver.no-library",
        "the driver's module runs, and its libraries are not there",
        "`nvidia_driver: auto` installs both in one version");
  } else if (host.has_driver("no-permission")) {
    add(all, Severity::error, "driver.no-permission",
        "this account may not ask the driver: " + host.driver->why,
        "look at the owner and mode of `/dev/nvidia*`");
  } else if (host.has_driver("no-device")) {
    add(all, Severity::error, "driver.no-device", "the driver runs, and sees no card",
        "look at `dmesg` for NVRM");
  } else if (host.has_driver("failing")) {
    add(all, Severity::error, "driver.failing", "the driver does not answer: " + host.driver->why,
        "look at `dmesg` for NVRM and Xid");
  }
}

// ── what keeps a module from loading ──

void check_nouveau(const Host& host, Findings& all) {
  if (host.cards.empty()) return;
  const bool loaded = host.driver && host.driver->loaded;
  if (is(host.facts.nouveau_loaded, true)) {
    add(all, host.driver ? Severity::error : Severity::warning, "driver.nouveau",
        "nouveau drives the card, and NVIDIA's module cannot load beside it",
        "`nvidia_driver: auto` keeps it from loading; it goes with the next boot");
  } else if (host.driver && !loaded && is(host.facts.ground.nouveau_blocked, false)) {
    add(all, Severity::warning, "driver.nouveau-may-load",
        "nothing keeps nouveau from taking the card at the next boot", "`nvidia_driver: auto` blacklists it");
  }
}

void check_secure_boot(const Host& host, Findings& all) {
  const auto& ground = host.facts.ground;
  if (is(ground.mok_pending, true)) {
    add(all, Severity::warning, "driver.mok-pending", "a key waits to be enrolled",
        "reboot, and on the machine's own screen choose `Enroll MOK`");
  }
  const bool to_come = !host.driver && !host.cards.empty();
  if (!is(host.facts.secure_boot, true) || !(host.builds_modules() || to_come)) return;
  if (is(ground.mok_enrolled, true) || is(ground.mok_pending, true)) return;
  const bool runs = host.has_driver("ok");
  add(all, runs || to_come ? Severity::warning : Severity::error, "driver.secure-boot",
      "Secure Boot is on, and the key that signs the modules which DKMS builds is not enrolled, so they do "
      "not load",
      "`sudo mokutil --import /var/lib/dkms/mok.pub`, then `Enroll MOK` on the machine's own screen at the "
      "next boot; "
      "or take signed modules (`nvidia_driver: auto` does where the distribution has them)");
}

void check_headers(const Host& host, Findings& all) {
  if (!host.builds_modules()) return;
  const auto& ground = host.facts.ground;
  const auto missing = [&](const Fact<std::string>& kernel, const char* which) {
    add(all, Severity::error, "driver.headers",
        "the headers of the " + std::string(which) + " kernel" +
            (known(kernel) ? " (" + *known(kernel) + ")" : "") +
            " are missing, so DKMS cannot build the driver for it",
        known(kernel) ? "install `linux-headers-" + *known(kernel) + "`" : "install the kernel's headers");
  };
  if (is(ground.headers, false)) missing(host.facts.kernel, "running");
  const bool other = known(ground.newest_kernel) && known(host.facts.kernel) &&
                     *known(ground.newest_kernel) != *known(host.facts.kernel);
  if (other && is(ground.newest_headers, false)) missing(ground.newest_kernel, "newest installed");
  const auto* modules = known(ground.dkms);
  if (modules == nullptr || !known(ground.newest_kernel) || modules->empty()) return;
  const auto& kernel = *known(ground.newest_kernel);
  const bool built = std::any_of(modules->begin(), modules->end(), [&](const DkmsModule& each) {
    return each.kernel == kernel && each.status == "installed";
  });
  if (!built && !is(ground.newest_headers, false)) {
    add(all, Severity::error, "driver.dkms",
        "DKMS has not installed the driver's module for the kernel " + kernel,
        "`sudo dkms autoinstall -k " + kernel + "` shows why");
  }
}

// ── where it came from ──

void check_origins(const Host& host, Findings& all) {
  std::vector<std::string> nvidias, distributions;
  for (const auto& each : host.packages)
    (each.origin == "nvidia" ? nvidias : distributions).push_back(each.name);
  constexpr std::size_t shown = 3;
  const auto few = [](std::vector<std::string> names) {
    const bool more = names.size() > shown;
    if (more) names.resize(shown);
    return join(names, ", ") + (more ? ", …" : "");
  };
  if (!nvidias.empty() && !distributions.empty()) {
    add(all, Severity::error, "driver.mixed-origins",
        "the driver comes from two origins: from NVIDIA " + few(nvidias) + "; from the distribution " +
            few(distributions),
        "keep one: `nvidia_driver: auto` with `source: nvidia` or `source: distribution`");
  }
  const auto* run_file = known(host.facts.ground.run_file);
  if (run_file == nullptr) return;
  if (host.packages.empty()) {
    add(all, Severity::warning, "driver.run-file",
        "the driver (" + *run_file +
            ") was installed by NVIDIA's .run file, "
            "past apt: the next kernel or upgrade may break it",
        "`nvidia-uninstall`, then `nvidia_driver: auto`");
  } else {
    add(all, Severity::error, "driver.mixed-origins",
        "the driver comes from two origins: NVIDIA's .run file (" + *run_file + "), and packages such as " +
            host.packages.front().name,
        "`nvidia-uninstall`, then install the packages again");
  }
}

void check_upgrades(const Host& host, Findings& all) {
  if (host.packages.empty() || !is(host.facts.ground.unattended_upgrades, true)) return;
  const bool held =
      std::all_of(host.packages.begin(), host.packages.end(), [](const auto& each) { return each.held; });
  if (held) return;
  add(all, Severity::warning, "driver.unguarded",
      "unattended upgrades may change the driver under running programs, which then fail until a reboot",
      "`nvidia_driver: auto` with `guard: true`");
}

}  // namespace

std::vector<Finding> preflight(const Facts& facts, const Knowledge& knowledge) {
  Host host{facts, knowledge, {}, {}, {}, {}};
  if (const auto* cards = known(facts.gpus)) host.cards = *cards;
  if (const auto* driver = known(facts.driver)) host.driver = *driver;
  if (const auto* packages = known(facts.ground.packages)) host.packages = *packages;
  if (const auto* virt = known(facts.virt)) host.virt = *virt;
  Findings all;
  check_place(host, all);
  if (host.virt != "wsl2") {
    check_branch(host, all);
    check_status(host, all);
    check_nouveau(host, all);
    check_secure_boot(host, all);
    check_headers(host, all);
    check_origins(host, all);
    check_upgrades(host, all);
  }
  if (!host.driver && !host.cards.empty() && std::holds_alternative<Absent>(facts.driver) &&
      host.virt != "container") {
    add(all, Severity::warning, "driver.none",
        "no NVIDIA driver is installed, so nothing can run on the card", "`nvidia_driver: auto`");
  }
  check_cards(host, all);
  std::stable_sort(all.begin(), all.end(),
                   [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
  return all;
}

std::vector<Finding> find_dead_keys(const HostReader& host, const Knowledge& knowledge) {
  Findings all;
  std::vector<std::string> files = {"/etc/apt/trusted.gpg"};
  for (const std::string folder : {"/etc/apt/trusted.gpg.d", "/etc/apt/keyrings", "/usr/share/keyrings"}) {
    const auto entries = host.list(folder);
    if (!entries) continue;
    for (const auto& entry : *entries) files.push_back(join_path(folder, entry.name));
  }
  for (const auto& file : files) {
    const auto text = host.read_file(file);
    const auto keys = text && *text ? public_keys(**text) : Result<std::vector<PublicKey>>(Error{});
    if (!keys) continue;
    for (const auto& each : *keys) {
      const auto key = knowledge.cuda_key(each.fingerprint);
      if (!key || key->replaced.empty()) continue;
      const auto successor = knowledge.cuda_key(key->successor);
      add(all, Severity::warning, "apt.key-replaced",
          "`" + file + "` trusts the key " + key->short_id + ", with which NVIDIA has signed nothing since " +
              key->replaced,
          successor ? "`cuda_repo` brings its successor " + successor->fingerprint + "; remove the old one"
                    : "remove it");
    }
  }
  return all;
}

}  // namespace mlenv
