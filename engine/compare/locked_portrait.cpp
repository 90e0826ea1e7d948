#include "compare/locked_portrait.hpp"

#include <algorithm>

#include "compare/portrait_traits.hpp"
#include "resource/python_site.hpp"

namespace mlenv {
namespace {

constexpr std::string_view held = " (held)";

bool names(const std::vector<Trait>& traits, const std::string& section, const std::string& name) {
  return std::any_of(traits.begin(), traits.end(),
                     [&](const Trait& each) { return each.section == section && each.name == name; });
}

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

const VenvPortrait* venv_of(const Portrait& portrait, const std::string& path) {
  const auto found =
      std::find_if(portrait.venvs.begin(), portrait.venvs.end(),
                   [&](const VenvPortrait& each) { return last_part(each.path) == last_part(path); });
  return found == portrait.venvs.end() ? nullptr : &*found;
}

/// Pythons are locked by their minor version; pip and its kin come with them.
void reduce(VenvPortrait& venv, const VenvPortrait& locked) {
  std::erase_if(venv.traits, [&](const Trait& trait) {
    const bool brought = trait.name == "pip" || trait.name == "setuptools" || trait.name == "wheel" ||
                         trait.name == "pkg-resources" || trait.name == "system site packages";
    return brought && !names(locked.traits, "venv " + locked.path, trait.name);
  });
  for (auto& trait : venv.traits) {
    if (const auto* version = known(trait.value); trait.name == "python" && version != nullptr)
      trait.value = python_minor(*version);
  }
}

}  // namespace

Portrait portrait_of(const LockedClass& locked) {
  Portrait portrait;
  portrait.os = locked.host.os;
  for (const auto& environment : locked.environments) {
    VenvPortrait venv{environment.name, {}};
    const auto section = "venv " + venv.path;
    venv.traits.push_back({section, "python", environment.python, true});
    for (const bool gpu : {true, false}) {
      for (const auto& each : environment.wheels) {
        if (is_gpu_wheel(each.wheel.name) == gpu)
          venv.traits.push_back({section, each.wheel.name, each.wheel.version, gpu});
      }
    }
    portrait.venvs.push_back(std::move(venv));
  }
  for (const auto& deb : locked.debs) {
    if (!deb.version.empty())
      portrait.packages.push_back({"apt packages", deb.name, deb.version, is_gpu_deb(deb.name)});
  }
  return portrait;
}

Portrait seen_by(const Portrait& locked, Portrait host) {
  host.traits.clear();
  std::erase_if(host.packages,
                [&](const Trait& trait) { return !names(locked.packages, trait.section, trait.name); });
  for (auto& trait : host.packages) {
    auto* version = std::get_if<std::string>(&trait.value);
    if (version != nullptr && version->ends_with(held)) version->resize(version->size() - held.size());
  }
  std::erase_if(host.venvs, [&](const VenvPortrait& venv) { return venv_of(locked, venv.path) == nullptr; });
  for (auto& venv : host.venvs) reduce(venv, *venv_of(locked, venv.path));
  return host;
}

}  // namespace mlenv
