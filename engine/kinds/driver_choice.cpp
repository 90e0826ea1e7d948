#include "kinds/driver_choice.hpp"

#include <algorithm>

#include "base/dotted_version.hpp"
#include "base/text.hpp"
#include "knowledge/candidate.hpp"
#include "knowledge/fit.hpp"

namespace mlenv {
namespace {

/// What stays the same for all drivers of a host.
struct Ground {
  const Knowledge& knowledge;
  const Facts& facts;
  std::vector<ResolvedGpu> cards;
  std::string os;
  bool nvidia_declared = false;
};

bool any_card(const Ground& ground, const char* modules) {
  return std::any_of(ground.cards.begin(), ground.cards.end(),
                     [&](const ResolvedGpu& card) { return card.open_modules == modules; });
}

/// `5.15.0-91-generic` -> `generic`; empty where no kernel is known.
std::string kernel_flavour(const Facts& facts) {
  const auto* newest = known(facts.ground.newest_kernel);
  const auto* running = known(facts.kernel);
  const auto* release = newest != nullptr ? newest : running;
  if (release == nullptr) return {};
  const auto dash = release->rfind('-');
  const auto flavour = dash == std::string::npos ? std::string() : release->substr(dash + 1);
  return flavour.find_first_not_of("0123456789.") == std::string::npos ? std::string() : flavour;
}

/// The names with KERNEL and ARCH filled in; none where the kernel's flavour is asked for and not known.
std::vector<std::string> filled(const std::vector<std::string>& names, const std::string& branch,
                                const Facts& facts) {
  std::vector<std::string> made;
  const auto flavour = kernel_flavour(facts);
  for (const auto& name : names) {
    if (name.find("KERNEL") != std::string::npos && flavour.empty()) continue;
    auto text = replace_all(name, "KERNEL", flavour);
    text = replace_all(text, "ARCH", facts.arch == "aarch64" ? "arm64" : "amd64");
    made.push_back(replace_all(text, "BRANCH", branch));
  }
  return made;
}

/// Headers are for a machine with a kernel of its own: a tree without one builds no modules.
std::vector<std::string> headers_for(const Ground& ground) {
  const Row* row = ground.knowledge.find("distro_drivers", "os", ground.os);
  if (row == nullptr || known(ground.facts.ground.newest_kernel) == nullptr) return {};
  return filled(row->list("headers"), {}, ground.facts);
}

/// The branch and origin that are installed; empty when none is.
std::pair<std::string, std::string> installed(const Facts& facts) {
  const auto* packages = known(facts.ground.packages);
  const auto* driver = known(facts.driver);
  if (packages == nullptr || packages->empty() || driver == nullptr) return {};
  const auto& version = driver->userspace ? *driver->userspace : driver->loaded.value_or("");
  return {version.substr(0, version.find('.')), packages->front().origin};
}

/// Whether the open modules are to be taken; nothing when what is asked for cannot be.
std::optional<bool> takes_open(const DriverWish& wish, const Ground& ground, const std::string& branch) {
  const bool required = any_card(ground, "required"), impossible = any_card(ground, "impossible");
  if (required && impossible) return std::nullopt;
  if (wish.flavour == "open") return impossible ? std::nullopt : std::optional(true);
  if (wish.flavour == "proprietary") return required ? std::nullopt : std::optional(false);
  if (required) return true;
  const auto* driver = known(ground.facts.driver);
  if (driver != nullptr && driver->flavour && !impossible && installed(ground.facts).first == branch)
    return driver->flavour == "open";
  const Row* row = ground.knowledge.find("driver_branches", "branch", branch);
  return !impossible && row != nullptr && row->text("open_modules") == "default";
}

std::vector<DriverPackages> from_distribution(const DriverWish& wish, const Ground& ground) {
  std::vector<DriverPackages> all;
  const bool secure = known(ground.facts.secure_boot) != nullptr && *known(ground.facts.secure_boot);
  for (const auto& row : ground.knowledge.table("distro_drivers")) {
    if (row.text("os") != ground.os) continue;
    auto open = takes_open(wish, ground, row.text("branch"));
    // Without open modules apart, the proprietary ones serve whatever card does not require the others.
    if (open && *open && !row.has("open") && wish.flavour == "auto" && !any_card(ground, "required"))
      open = false;
    if (!open || (*open && !row.has("open"))) continue;
    DriverPackages made;
    made.branch = row.text("branch");
    made.open = *open;
    made.packages = row.list(*open ? "open" : "packages");
    const auto prebuilt = filled(row.list(*open ? "prebuilt_open" : "prebuilt"), made.branch, ground.facts);
    made.signed_modules = secure && !prebuilt.empty();
    if (made.signed_modules) {
      made.packages.insert(made.packages.begin(), prebuilt.begin(), prebuilt.end());
    } else {
      made.headers = headers_for(ground);
    }
    made.guarded = row.list("guard");
    all.push_back(std::move(made));
  }
  return all;
}

std::vector<DriverPackages> from_nvidia(const DriverWish& wish, const Ground& ground) {
  std::vector<DriverPackages> all;
  const auto repositories = ground.knowledge.cuda_repositories();
  const auto there = std::find_if(repositories.begin(), repositories.end(),
                                  [&](const CudaRepository& each) { return each.os == ground.os; });
  if (there == repositories.end() && !ground.nvidia_declared) return all;
  const auto toolkits = there == repositories.end() ? std::string() : there->toolkits;
  for (const auto& row : ground.knowledge.table("driver_branches")) {
    const auto& branch = row.text("branch");
    const auto open = takes_open(wish, ground, branch);
    // A directory holds the branches of the toolkits that it holds: each toolkit came with its driver.
    if (!open || !range_contains(toolkits, row.text("cuda"))) continue;
    for (const auto& names : ground.knowledge.table("nvidia_driver_packages")) {
      if (names.text("flavour") != (*open ? "open" : "proprietary") ||
          !range_contains(names.text("branches"), branch))
        continue;
      DriverPackages made;
      made.branch = branch;
      made.from_nvidia = true;
      made.open = *open;
      made.packages = filled(names.list("packages"), branch, ground.facts);
      made.headers = headers_for(ground);
      all.push_back(std::move(made));
    }
  }
  return all;
}

bool serves(const Ground& ground, const std::string& branch) {
  return std::all_of(ground.cards.begin(), ground.cards.end(), [&](const ResolvedGpu& card) {
    const auto first = card.first_driver.substr(0, card.first_driver.find('.'));
    return (first.empty() || driver_reaches(branch, first)) &&
           (card.last_branch.empty() || driver_reaches(card.last_branch, branch));
  });
}

/// How good a choice is, the greater the better: what is installed stays; under Secure Boot modules that are
/// signed; NVIDIA's where the recipe uses its repository, else the distribution's; the newest.
std::vector<int> rank(const DriverPackages& each, const Ground& ground) {
  const auto [branch, origin] = installed(ground.facts);
  const bool stays = each.branch == branch && each.from_nvidia == (origin == "nvidia");
  return {stays ? 1 : 0, each.signed_modules ? 1 : 0, each.from_nvidia == ground.nvidia_declared ? 1 : 0,
          std::stoi(each.branch)};
}

/// `GeForce GTX 1080 (6.1) and 2 x GeForce RTX 3090 (8.6)`.
std::string cards_of(const Ground& ground) {
  std::vector<std::pair<std::string, int>> counts;
  for (const auto& card : ground.cards) {
    const auto name = gpu_name(card);
    const auto seen =
        std::find_if(counts.begin(), counts.end(), [&](const auto& each) { return each.first == name; });
    if (seen == counts.end()) {
      counts.emplace_back(name, 1);
    } else {
      ++seen->second;
    }
  }
  std::vector<std::string> names;
  for (const auto& [name, count] : counts)
    names.push_back((count > 1 ? std::to_string(count) + " x " : "") + name);
  return join(names, " and ");
}

/// What makes one driver of the packages that are installed.
bool is_main_package(const std::string& name) {
  return name.starts_with("nvidia-driver") || name.starts_with("cuda-drivers") ||
         name.starts_with("nvidia-open") || name.starts_with("nvidia-kernel-open");
}

/// The installed driver as it is, where the tables do not have its branch.
DriverPackages as_installed(const Ground& ground) {
  DriverPackages made;
  const auto [branch, origin] = installed(ground.facts);
  made.branch = branch;
  made.from_nvidia = origin == "nvidia";
  made.open = known(ground.facts.driver)->flavour == "open";
  made.headers = headers_for(ground);
  for (const auto& each : *known(ground.facts.ground.packages))
    (is_main_package(each.name) ? made.packages : made.guarded).push_back(each.name);
  return made;
}

std::string reason(const DriverPackages& choice, const Ground& ground, const DriverWish& wish) {
  const auto [branch, origin] = installed(ground.facts);
  const auto whose = choice.from_nvidia ? std::string("NVIDIA's repository") : ground.os + "'s own archive";
  const auto modules = std::string(choice.open ? "open" : "proprietary") + " kernel modules" +
                       (choice.signed_modules ? ", signed by the distribution" : "");
  const auto why = choice.branch == branch  ? " is installed and drives "
                   : wish.version != "auto" ? " is asked for and drives "
                                            : " is the newest there that drives ";
  return "branch " + choice.branch + " of " + whose + why + cards_of(ground) + ", with " + modules;
}

Error none_fits(const DriverWish& wish, const Ground& ground, const std::vector<DriverPackages>& all) {
  std::vector<std::string> fitting;
  for (const auto& each : all) {
    if (serves(ground, each.branch))
      fitting.push_back(each.branch + (each.from_nvidia ? " (NVIDIA's)" : " (" + ground.os + "'s)"));
  }
  if (wish.flavour == "open" && any_card(ground, "impossible"))
    return {"driver", "the open kernel modules do not drive " + cards_of(ground),
            "write `flavour: proprietary`"};
  if (wish.flavour == "proprietary" && any_card(ground, "required"))
    return {"driver", "only the open kernel modules drive " + cards_of(ground), "write `flavour: open`"};
  if (any_card(ground, "required") && any_card(ground, "impossible"))
    return {"driver", "no kernel module drives " + cards_of(ground) + " together", "take one of them out"};
  const auto asked =
      wish.version == "auto" ? std::string("no driver") : "no driver of branch " + wish.version;
  const auto where = wish.source == "distribution" ? " of " + ground.os
                     : wish.source == "nvidia"     ? " of NVIDIA's repository"
                                                   : std::string();
  auto hint = fitting.empty() ? std::string() : "branches that do: " + join(fitting, ", ");
  if (fitting.empty() && wish.source == "distribution") hint = "NVIDIA's own may: `source: nvidia`";
  return {"driver", asked + where + " drives " + cards_of(ground), hint};
}

}  // namespace

Result<DriverPackages> choose_driver_packages(const DriverWish& wish, const Composition& composition) {
  const auto& facts = composition.facts();
  const auto* os = known(facts.os);
  const Ground ground{
      composition.knowledge(), facts, resolve_gpus(composition.knowledge(), composition.question()),
      os == nullptr ? std::string() : os->id + " " + os->version_id, composition.uses_nvidia_repository()};
  for (const auto& card : ground.cards) {
    if (!card.open_modules.empty()) continue;
    return Error{"driver.unknown-card", "which driver " + gpu_name(card) + " needs is not in the tables",
                 "a lab's own rows, in a folder given with --knowledge, extend the tables"};
  }
  std::vector<DriverPackages> all;
  if (wish.source != "nvidia") all = from_distribution(wish, ground);
  if (wish.source != "distribution") {
    for (auto& each : from_nvidia(wish, ground)) all.push_back(std::move(each));
  }
  const auto [there, origin] = installed(facts);
  const bool nvidias = origin == "nvidia";
  const bool in_tables = std::any_of(all.begin(), all.end(), [&, branch = there](const DriverPackages& each) {
    return each.branch == branch && each.from_nvidia == nvidias;
  });
  if (wish == DriverWish{"auto", "auto", "auto", wish.guard} && !there.empty() && !in_tables &&
      serves(ground, there))
    all.push_back(as_installed(ground));
  const DriverPackages* best = nullptr;
  for (const auto& each : all) {
    if (!serves(ground, each.branch) || (wish.version != "auto" && wish.version != each.branch)) continue;
    if (best == nullptr || rank(each, ground) > rank(*best, ground)) best = &each;
  }
  if (best == nullptr) return none_fits(wish, ground, all);
  auto chosen = *best;
  chosen.because = reason(chosen, ground, wish);
  chosen.installed = chosen.branch == installed(facts).first;
  return chosen;
}

}  // namespace mlenv
