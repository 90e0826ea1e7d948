#include <algorithm>

#include "base/dotted_version.hpp"
#include "base/text.hpp"
#include "host/fact_probes.hpp"
#include "host/json_text.hpp"

namespace mlenv {
namespace {

std::string file_text(const HostReader& host, const std::string& path) {
  const auto text = host.read_file(path);
  return text && *text ? **text : std::string();
}

constexpr int largest_number = 10'000'000;  // no version of these headers comes near it

/// The number behind `#define NAME`; 0 where none stands there that can be a version.
int defined(const std::string& header, const std::string& name) {
  const auto at = header.find("#define " + name + " ");
  if (at == std::string::npos) return 0;
  int number = 0;
  for (const char c : trim(std::string_view(header).substr(at + name.size() + 9, 24))) {
    if (c < '0' || c > '9') break;
    if (number > largest_number) return 0;
    number = number * 10 + (c - '0');
  }
  return number;
}

/// 11.0.3 out of a toolkit's version.json, as NVIDIA has shipped it since 11.1.
std::string json_version(const std::string& text) {
  const auto document = parse_json(text);
  if (!document.is_object() || !document.contains("cuda") || !document["cuda"].is_object()) return {};
  const auto version = document["cuda"].find("version");
  return version != document["cuda"].end() && version->is_string() ? version->get<std::string>() : "";
}

/// `CUDA Version 10.2.89`.
std::string text_version(const std::string& text) {
  const std::string before = "CUDA Version ";
  const auto at = text.find(before);
  if (at == std::string::npos) return {};
  const auto rest = text.substr(at + before.size());
  return rest.substr(0, rest.find_first_not_of("0123456789."));
}

/// CUDA_VERSION of cuda.h: 11020 for 11.2.
std::string header_version(const std::string& header) {
  constexpr int thousand = 1000, ten = 10;
  const int number = defined(header, "CUDA_VERSION");
  if (number < thousand) return {};
  return std::to_string(number / thousand) + "." + std::to_string(number % thousand / ten);
}

std::string release_in(const HostReader& host, const std::string& folder) {
  auto release = json_version(file_text(host, folder + "/version.json"));
  if (release.empty()) release = text_version(file_text(host, folder + "/version.txt"));
  if (release.empty()) release = header_version(file_text(host, folder + "/include/cuda.h"));
  return DottedVersion::parse(release) ? release : std::string();
}

/// `11.0.3` -> `11.0`.
std::string minor_of(const std::string& release) {
  const auto dot = release.find('.');
  return dot == std::string::npos ? release : release.substr(0, release.find('.', dot + 1));
}

void add_toolkit(std::vector<CudaToolkit>& all, const std::string& release, const std::string& path,
                 bool current) {
  if (release.empty()) return;
  all.push_back({minor_of(release), path, current, release == minor_of(release) ? std::string() : release});
}

/// The distribution's own toolkit, which has its programs in /usr/bin.
void add_packaged(const HostReader& host, std::vector<CudaToolkit>& all) {
  const auto nvcc = resolve_links(host, "/usr/bin/nvcc");
  if (!nvcc || !exists(host, *nvcc) || nvcc->starts_with("/usr/local/")) return;
  auto release = text_version(file_text(host, "/usr/lib/cuda/version.txt"));
  if (release.empty()) release = header_version(file_text(host, "/usr/include/cuda.h"));
  const bool other = std::any_of(all.begin(), all.end(), [](const auto& each) { return each.current; });
  add_toolkit(all, release, exists(host, "/usr/lib/cuda") ? "/usr/lib/cuda" : "/usr", !other);
}

/// `8.0.5` out of cudnn_version.h (or cudnn.h before 8).
std::string cudnn_version(const std::string& header) {
  const int major = defined(header, "CUDNN_MAJOR");
  if (major == 0) return {};
  return std::to_string(major) + "." + std::to_string(defined(header, "CUDNN_MINOR")) + "." +
         std::to_string(defined(header, "CUDNN_PATCHLEVEL"));
}

/// `8.0.5.39-1+cuda11.0` -> `8.0.5`.
std::string three_parts(const std::string& version) {
  std::size_t end = 0;
  for (int dots = 0; end < version.size(); ++end) {
    if (version[end] == '.' && ++dots == 3) break;
    if (version[end] != '.' && (version[end] < '0' || version[end] > '9')) break;
  }
  return version.substr(0, end);
}

bool is_cudnn_runtime(const std::string& name) {
  return name == "libcudnn7" || name == "libcudnn8" || name == "nvidia-cudnn" ||
         name.starts_with("libcudnn9-cuda-");
}

}  // namespace

Fact<std::vector<CudaToolkit>> probe_cuda_toolkits(const HostReader& host) {
  const auto entries = host.list("/usr/local");
  if (!entries) return Unknown{entries.error().message};
  std::vector<CudaToolkit> all;
  const auto current = resolve_links(host, "/usr/local/cuda");
  for (const auto& entry : *entries) {
    const auto path = "/usr/local/" + entry.name;
    const bool own_folder = entry.name == "cuda" && current == path;
    if (!entry.name.starts_with("cuda-") && !own_folder) continue;
    if (resolve_links(host, path) != path) continue;  // cuda-12 -> cuda-12.4
    add_toolkit(all, release_in(host, path), path, current == path);
  }
  std::sort(all.begin(), all.end(), [](const CudaToolkit& a, const CudaToolkit& b) {
    const auto left = DottedVersion::parse(a.version), right = DottedVersion::parse(b.version);
    return left && right && *left < *right;
  });
  add_packaged(host, all);
  return all;
}

Fact<std::vector<Cudnn>> probe_cudnn(const HostReader& host, const Fact<std::vector<FactPackage>>& packages) {
  std::vector<Cudnn> all;
  if (const auto* installed = known(packages)) {
    for (const auto& package : *installed) {
      if (is_cudnn_runtime(package.name)) all.push_back({three_parts(package.version), package.name, {}});
    }
  }
  if (!all.empty()) return all;
  std::vector<std::string> folders = {"/usr/include", "/usr/local/cuda/include", "/usr/local/include"};
  for (const char* arch : {"x86_64-linux-gnu", "aarch64-linux-gnu"})
    folders.push_back(std::string("/usr/include/") + arch);
  std::vector<std::string> seen;  // NVIDIA's folder of headers is often a link to another, or full of links
  for (const auto& folder : folders) {
    for (const char* name : {"/cudnn_version.h", "/cudnn.h"}) {
      const auto real = resolve_links(host, folder + name);
      const auto version = real ? cudnn_version(file_text(host, *real)) : std::string();
      if (version.empty()) continue;
      if (std::find(seen.begin(), seen.end(), *real) == seen.end())
        all.push_back({version, {}, folder + name});
      seen.push_back(*real);
      break;
    }
  }
  return all;
}

}  // namespace mlenv
