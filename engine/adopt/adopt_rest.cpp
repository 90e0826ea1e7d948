#include <algorithm>

#include "adopt/adopt.hpp"
#include "base/text.hpp"
#include "resource/python_site.hpp"

namespace mlenv {
namespace {

std::string text_of(const HostReader& host, const std::string& path) {
  const auto text = host.read_file(path);
  return text && *text ? **text : std::string();
}

/// conda keeps its own books, and its environments are no venvs.
void note_conda(const AdoptedHost& adopted, std::vector<std::string>& notes) {
  const auto& home = adopted.facts.user.home;
  std::vector<std::string> folders = {"/opt/conda", "/opt/miniconda3"};
  for (const char* name : {"miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba"})
    folders.push_back(join_path(home, name));
  for (const auto& each : folders) {
    if (exists(adopted.host, each + "/conda-meta"))
      notes.push_back(recipe_path(each, adopted.facts.user) +
                      ": conda and its environments, which `conda env export` records");
  }
}

/// Whether apt has brought a toolkit: NVIDIA's packages end with its release, `cuda-nvcc-11-0`.
bool is_by_apt(const std::string& status, const CudaToolkit& toolkit) {
  const auto end = "-" + replace_all(toolkit.version, ".", "-") + "\n";
  for (auto at = status.find(end); at != std::string::npos; at = status.find(end, at + 1)) {
    const auto line = status.rfind('\n', at);
    if (status.compare(line == std::string::npos ? 0 : line + 1, 14, "Package: cuda-") == 0) return true;
  }
  return false;
}

void note_installers(const AdoptedHost& adopted, std::vector<std::string>& notes) {
  if (const auto* run_file = known(adopted.facts.ground.run_file))
    notes.push_back("NVIDIA's driver (" + *run_file + "), installed by its .run file, past apt");
  const auto status = text_of(adopted.host, "/var/lib/dpkg/status");
  const auto* toolkits = known(adopted.facts.cuda_toolkits);
  for (const auto& each : toolkits != nullptr ? *toolkits : std::vector<CudaToolkit>()) {
    if (each.path.starts_with("/usr/local/") && !is_by_apt(status, each))
      notes.push_back("CUDA " + each.version + " in " + each.path +
                      ", which no package of apt's has brought");
  }
  const auto* cudnn = known(adopted.facts.cudnn);
  for (const auto& each : cudnn != nullptr ? *cudnn : std::vector<Cudnn>()) {
    if (each.package.empty())
      notes.push_back("cuDNN " + each.version + " (" + each.path +
                      "), which no package of apt's has brought");
  }
}

/// What root's pip has put beside the distribution's Python.
void note_system_packages(const AdoptedHost& adopted, std::vector<std::string>& notes) {
  if (adopted.facts.pythons.empty()) return;
  const auto site =
      "/usr/local/lib/python" + python_minor(adopted.facts.pythons.front().version) + "/dist-packages";
  const auto packages = read_distributions(adopted.host, site);
  if (!packages || packages->empty()) return;
  std::vector<std::string> names;
  for (const auto& [name, package] : *packages) names.push_back(name + " " + package.version);
  notes.push_back("in " + site + ", by root's pip: " + join(names, ", "));
}

}  // namespace

bool is_of_package(const HostReader& host, const std::string& path) {
  return text_of(host, "/var/lib/dpkg/status").find("\n " + path + " ") != std::string::npos;
}

DraftSection adopt_module_settings(const AdoptedHost& adopted) {
  const std::string folder = "/etc/modprobe.d";
  DraftSection section{"What the kernel's modules of cards are told."};
  const auto entries = adopted.host.list(folder);
  for (const auto& each : entries ? *entries : std::vector<DirectoryEntry>()) {
    const auto path = join_path(folder, each.name);
    if (each.type != FileType::file || !each.name.ends_with(".conf") || is_of_package(adopted.host, path))
      continue;
    const auto text = text_of(adopted.host, path);
    const bool of_cards =
        text.find("nouveau") != std::string::npos || text.find("nvidia") != std::string::npos;
    if (of_cards && !first_bad_utf8(text))
      section.entries.push_back({"file", {literal(path)}, {{"content", literal(text)}}});
  }
  return section;
}

DraftSection adopt_rest(const AdoptedHost& adopted) {
  DraftSection section{"What is there besides, and no kind describes:"};
  note_conda(adopted, section.notes);
  note_installers(adopted, section.notes);
  note_system_packages(adopted, section.notes);
  return section;
}

}  // namespace mlenv
