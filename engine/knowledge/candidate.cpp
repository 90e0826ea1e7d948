#include "knowledge/candidate.hpp"

#include <algorithm>

#include "base/dotted_version.hpp"
#include "base/text.hpp"

namespace mlenv {
namespace {

std::vector<ComputeCapability> capabilities_of(const std::vector<std::string>& texts) {
  std::vector<ComputeCapability> made;
  for (const auto& text : texts) {
    if (const auto capability = ComputeCapability::parse(text)) made.push_back(*capability);
  }
  return made;
}

/// `cu110` -> `11.0`: the last digit is the minor version.
std::string cuda_of_tag(const std::string& tag) {
  const auto digits = tag.substr(2);
  return digits.substr(0, digits.size() - 1) + "." + digits.back();
}

/// `3.9` -> `<3.10`, the first version that is not in the range.
std::string below_next(const std::string& version) {
  const auto dot = version.find('.');
  return "<" + version.substr(0, dot + 1) + std::to_string(std::stoi(version.substr(dot + 1)) + 1);
}

std::string python_range(const Row& row) {
  const auto& max = row.text("python_max");
  return ">=" + row.text("python_min") + (max.empty() ? "" : "," + below_next(max));
}

void set_drivers(const Knowledge& knowledge, Candidate& made) {
  made.selection.min_driver = lowest_driver(knowledge, made.selection.cuda);
  made.ptx_driver = full_driver(knowledge, made.selection.cuda);
}

// ── PyTorch ──

constexpr const char* wheels = "https://download.pytorch.org/whl";

/// The build of a release for a tag: rows name releases, or their minor line.
const Row* build_row(const Knowledge& knowledge, const std::string& version, const std::string& tag) {
  const auto minor = version.substr(0, version.rfind('.'));
  for (const auto& row : knowledge.table("pytorch_builds")) {
    if (row.text("cuda") != tag) continue;
    for (const auto& each : row.list("versions")) {
      if (each == version || each == minor) return &row;
    }
  }
  return nullptr;
}

Candidate torch_candidate(const Knowledge& knowledge, const Row& release, const std::string& tag) {
  Candidate made;
  auto& chosen = made.selection;
  chosen.framework = "torch";
  chosen.version = release.text("version");
  chosen.accelerator = tag;
  chosen.requirement = "torch==" + chosen.version + "+" + tag;
  chosen.python = python_range(release);
  const auto& from = release.text("from");
  chosen.from = from == "find_links"    ? BuildFrom::find_links
                : from == "extra_index" ? BuildFrom::extra_index
                                        : BuildFrom::index;
  const auto base = release.has("index") ? release.text("index") : std::string(wheels);
  chosen.index = base + (from == "find_links" ? "/torch_stable.html" : "/" + tag);
  if (release.has("torchvision"))
    chosen.companions.push_back("torchvision==" + release.text("torchvision") + "+" + tag);
  if (release.has("torchaudio")) chosen.companions.push_back("torchaudio==" + release.text("torchaudio"));
  made.source = release.source();
  made.cpu = tag == "cpu";
  if (made.cpu) return made;
  chosen.cuda = cuda_of_tag(tag);
  set_drivers(knowledge, made);
  made.x86_only_facts = true;
  const Row* build = build_row(knowledge, chosen.version, tag);
  if (build == nullptr) {
    made.maybe_ptx = true;
    return made;
  }
  chosen.cudnn = build->text("cudnn");
  made.native = capabilities_of(build->list("sm"));
  made.maybe_ptx = build->text("ptx") == "unknown";
  if (!made.maybe_ptx) made.ptx = capabilities_of(build->list("ptx"));
  made.source += "; " + build->source();
  return made;
}

std::vector<Candidate> torch_candidates(const Knowledge& knowledge) {
  std::vector<Candidate> made;
  const auto& releases = knowledge.table("pytorch");
  for (auto release = releases.rbegin(); release != releases.rend(); ++release) {
    const auto& tags = release->list("cuda");
    for (auto tag = tags.rbegin(); tag != tags.rend(); ++tag)
      made.push_back(torch_candidate(knowledge, *release, *tag));
    for (const auto& tag : release->list("cuda_experimental")) {
      made.push_back(torch_candidate(knowledge, *release, tag));
      made.back().experimental = true;
    }
    made.push_back(torch_candidate(knowledge, *release, "cpu"));
  }
  return made;
}

// ── TensorFlow ──

Candidate tensorflow_candidate(const Knowledge& knowledge, const Row& release, bool cpu) {
  Candidate made;
  auto& chosen = made.selection;
  chosen.framework = "tensorflow";
  chosen.version = release.text("version");
  const auto minor = chosen.version.substr(0, chosen.version.rfind('.'));
  made.versions = ">=" + minor + "," + below_next(minor);
  const bool bundled = !cpu && release.has("extra");
  chosen.requirement =
      "tensorflow" + (bundled ? "[" + release.text("extra") + "]" : std::string()) + "==" + chosen.version;
  chosen.index = "https://pypi.org/simple";
  chosen.python = python_range(release);
  chosen.accelerator = "cpu";
  made.source = release.source();
  made.cpu = cpu;
  if (cpu) return made;
  chosen.cuda = release.text("cuda");
  chosen.cudnn = release.text("cudnn");
  chosen.accelerator = "cu" + replace_all(chosen.cuda, ".", "");
  chosen.system_toolkit = !bundled;
  set_drivers(knowledge, made);
  made.ptx = capabilities_of(release.list("ptx"));
  made.unverified = ">=10";
  made.x86_only_facts = true;
  // Native code only for what the toolkit still makes code for: 12.0 has no sm_35.
  const Row* toolkit = knowledge.find("cuda_toolkits", "toolkit", chosen.cuda);
  for (const auto& code : capabilities_of(release.list("sm"))) {
    const auto made_by = toolkit != nullptr ? capabilities_of(toolkit->list("capabilities"))
                                            : std::vector<ComputeCapability>{code};
    if (std::find(made_by.begin(), made_by.end(), code) != made_by.end()) made.native.push_back(code);
  }
  return made;
}

std::vector<Candidate> tensorflow_candidates(const Knowledge& knowledge) {
  std::vector<Candidate> made;
  const auto& releases = knowledge.table("tensorflow");
  for (auto release = releases.rbegin(); release != releases.rend(); ++release) {
    made.push_back(tensorflow_candidate(knowledge, *release, false));
    made.push_back(tensorflow_candidate(knowledge, *release, true));
  }
  return made;
}

// ── plain packages ──

/// What a range of toolkits has in common: `12` for >=12.1,<13; the toolkit itself where it is one.
std::string common_cuda(const std::string& range) {
  if (range.starts_with("==")) return range.substr(2);
  const auto first = range.find_first_of("0123456789");
  return first == std::string::npos ? std::string() : range.substr(first, range.find('.', first) - first);
}

Candidate package_candidate(const Row& row) {
  Candidate made;
  auto& chosen = made.selection;
  chosen.framework = row.text("framework");
  chosen.version = row.text("newest");
  chosen.requirement = row.text("package") + "==" + chosen.version;
  chosen.from = row.has("index") ? BuildFrom::extra_index : BuildFrom::index;
  chosen.index = row.has("index") ? row.text("index") : "https://pypi.org/simple";
  chosen.python = row.text("python");
  made.versions = row.text("versions");
  made.cuda_range = row.text("cuda");
  made.cpu = row.text("cpu") == "yes";
  chosen.accelerator = made.cpu ? "cpu" : row.text("accelerator");
  made.source = row.source();
  if (made.cpu) return made;
  chosen.cuda = common_cuda(row.text("cuda"));
  chosen.min_driver = row.text("driver");
  made.capability = row.text("capability");
  return made;
}

std::vector<Candidate> package_candidates(const Knowledge& knowledge, const std::string& framework) {
  std::vector<Candidate> made;
  const auto& rows = knowledge.table("frameworks");
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    if (row->text("framework") == framework) made.push_back(package_candidate(*row));
  }
  return made;
}

// ── toolkits ──

std::vector<Candidate> toolkit_candidates(const Knowledge& knowledge) {
  std::vector<Candidate> made;
  const auto& rows = knowledge.table("cuda_toolkits");
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    Candidate one;
    one.selection.cuda = row->text("toolkit");
    one.selection.system_toolkit = true;
    one.native = capabilities_of(row->list("capabilities"));
    one.source = row->source();
    set_drivers(knowledge, one);
    made.push_back(std::move(one));
  }
  return made;
}

/// The lowest of the drivers of a toolkit's releases; empty when none is known.
std::string lowest_release_driver(const Knowledge& knowledge, const std::string& cuda) {
  std::optional<DottedVersion> lowest;
  for (const auto& row : knowledge.table("cuda_releases")) {
    const auto driver = DottedVersion::parse(row.text("driver"));
    if (row.text("toolkit") == cuda && driver && (!lowest || *driver < *lowest)) lowest = driver;
  }
  return lowest ? lowest->str() : "";
}

}  // namespace

bool range_contains(const std::string& range, const std::string& version) {
  if (range.empty()) return true;
  const auto bounds = DottedRange::parse(range);
  const auto candidate = DottedVersion::parse(version);
  return bounds && candidate && bounds->contains(*candidate);
}

std::string lowest_driver(const Knowledge& knowledge, const std::string& cuda) {
  const Row* toolkit = knowledge.find("cuda_toolkits", "toolkit", cuda);
  const auto family = toolkit == nullptr ? std::string() : toolkit->text("family_driver");
  const auto own = lowest_release_driver(knowledge, cuda);
  if (family.empty() || own.empty()) return family.empty() ? own : family;
  return std::min(*DottedVersion::parse(family), *DottedVersion::parse(own)).str();
}

std::string full_driver(const Knowledge& knowledge, const std::string& cuda) {
  return lowest_release_driver(knowledge, cuda);
}

const Row* newest_cudnn(const Knowledge& knowledge, const std::string& cuda,
                        const std::vector<ComputeCapability>& cards) {
  const auto& rows = knowledge.table("cudnn");
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    if (!range_contains(row->text("cuda"), cuda)) continue;
    const bool serves = std::all_of(cards.begin(), cards.end(), [&](const ComputeCapability& card) {
      return range_contains(row->text("capability"), card.str());
    });
    if (serves) return &*row;
  }
  return nullptr;
}

std::vector<Candidate> candidates_of(const Knowledge& knowledge, const std::string& framework) {
  if (framework.empty()) return toolkit_candidates(knowledge);
  if (framework == "torch") return torch_candidates(knowledge);
  if (framework == "tensorflow") return tensorflow_candidates(knowledge);
  return package_candidates(knowledge, framework);
}

std::vector<std::string> framework_names(const Knowledge& knowledge) {
  std::vector<std::string> names = {"torch", "pytorch", "tensorflow"};
  for (const auto& row : knowledge.table("frameworks")) {
    for (const auto& name : row.list("names")) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

std::string canonical_framework(const Knowledge& knowledge, const std::string& name) {
  const auto asked = to_lower(name);
  if (asked == "torch" || asked == "pytorch") return "torch";
  if (asked == "tensorflow") return "tensorflow";
  const Row* row = knowledge.find("frameworks", "names", asked);
  return row == nullptr ? "" : row->text("framework");
}

}  // namespace mlenv
