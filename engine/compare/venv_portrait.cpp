#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "compare/portrait_traits.hpp"
#include "resource/python_site.hpp"
#include "resource/venv_files.hpp"

namespace mlenv {
namespace {

/// The Python packages of a venv, also where its pyvenv.cfg does not say its Python.
Result<Distributions> packages_in(const HostReader& host, const std::string& path) {
  const auto entries = host.list(path + "/lib");
  if (!entries) return entries.error();
  std::vector<std::string> sites;
  for (const auto& entry : *entries) {
    if (!entry.name.starts_with("python")) continue;
    for (auto& site : own_site_folders(host, path, entry.name.substr(6))) sites.push_back(std::move(site));
  }
  return read_all_distributions(host, sites);
}

}  // namespace

bool is_gpu_wheel(std::string_view name) {
  constexpr std::array<std::string_view, 26> beginnings = {"torch",        "tensorflow",
                                                           "tf-keras",     "keras",
                                                           "jax",          "cupy",
                                                           "cudf",         "cuml",
                                                           "cugraph",      "rmm",
                                                           "nvidia-",      "triton",
                                                           "xformers",     "flash",
                                                           "bitsandbytes", "onnxruntime",
                                                           "numba",        "vllm",
                                                           "deepspeed",    "apex",
                                                           "mxnet",        "paddlepaddle",
                                                           "pycuda",       "cuda-",
                                                           "pytorch",      "transformer-engine"};
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](std::string_view each) { return name.starts_with(each); });
}

std::string short_path(const std::string& path, const User& user) {
  const bool inside =
      !user.home.empty() && user.home != "/" && (path == user.home || path.starts_with(user.home + "/"));
  return inside ? "~" + path.substr(user.home.size()) : path;
}

std::string short_paths(std::string text, const User& user) {
  if (user.home.empty() || user.home == "/") return text;
  return replace_all(replace_all(std::move(text), user.home + "/", "~/"), "$HOME/", "~/");
}

VenvPortrait venv_portrait(const Sitter& sitter, const std::string& path) {
  VenvPortrait venv{short_path(path, sitter.facts.user), {}};
  const auto section = "venv " + venv.path;
  const auto text = sitter.host.read_file(venv_config_path(path));
  const auto config = parse_venv_config(text && *text ? **text : std::string());
  venv.traits.push_back({section, "python", config.version, true});
  venv.traits.push_back(
      {section, "system site packages", std::string(config.system_site_packages ? "yes" : "no"), true});
  const auto packages = packages_in(sitter.host, path);
  if (!packages) {
    venv.traits.push_back({section, "packages", Unknown{packages.error().message}, true});
    return venv;
  }
  for (const bool gpu : {true, false}) {
    for (const auto& [name, package] : *packages) {
      if (is_gpu_wheel(name) == gpu) venv.traits.push_back({section, name, package.version, gpu});
    }
  }
  return venv;
}

}  // namespace mlenv
