#include "forecast/wheel_pool.hpp"

#include <algorithm>

#include "base/pep_requirement.hpp"
#include "base/text.hpp"

namespace mlenv {

bool is_remote(const Wheel& wheel) { return !wheel.url.starts_with("file:"); }

std::string wheel_folder(const CacheFolder& cache, const Wheel& wheel) {
  if (!is_remote(wheel))
    return parent_path(percent_decoded(wheel.url.substr(std::min(wheel.url.find('/', 7), wheel.url.size()))));
  const auto key = wheel.sha256.empty() ? sha256_hex(wheel.url) : wheel.sha256;
  return cache.path + "/wheels/" + key.substr(0, 2) + "/" + key.substr(2, 30);
}

std::string server_of(const std::string& url) {
  if (url.starts_with("file:")) return "local files";
  const auto begin = url.find("://");
  if (begin == std::string::npos) return url;
  auto server = url.substr(begin + 3, url.find('/', begin + 3) - begin - 3);
  return server.substr(server.rfind('@') + 1);
}

bool is_pooled(const HostReader& host, const CacheFolder& cache, const Wheel& wheel) {
  return !is_remote(wheel) || exists(host, wheel_folder(cache, wheel) + "/" + wheel.file);
}

PipSource pooled_source(const HostReader& host, const CacheFolder& cache) {
  PipSource source;
  source.no_index = true;
  const auto pool = cache.path + "/wheels";
  const auto groups = host.list(pool);
  if (!groups) return source;
  for (const auto& group : *groups) {
    const auto folders = host.list(pool + "/" + group.name);
    if (!folders) continue;
    for (const auto& folder : *folders)
      source.find_links.push_back(pool + "/" + group.name + "/" + folder.name);
  }
  return source;
}

namespace {

/// The user's own site has no folder for constraints: what is asked for is pinned instead, and the pool's
/// folders hold nothing but what was planned.
void pin_requirements(PipInstall& call) {
  call.keep.clear();
  for (auto& text : call.requirements) {
    auto requirement = PepRequirement::parse(text);
    if (!requirement) continue;
    for (const auto& wheel : call.expected) {
      if (wheel.name != requirement->canonical_name()) continue;
      requirement->specifiers =
          PepSpecifierSet::parse("==" + wheel.version).value_or(requirement->specifiers);
      text = requirement->str();
    }
  }
}

}  // namespace

PipInstall pooled_call(const PipInstall& planned, const CacheFolder& cache) {
  auto call = planned;
  call.source = {};
  call.source.no_index = true;
  call.source.pre = planned.source.pre;
  std::vector<std::string> kept;
  for (const auto& wheel : planned.expected) {
    auto& places = call.source.find_links;
    const auto folder = wheel_folder(cache, wheel);
    if (std::find(places.begin(), places.end(), folder) == places.end()) places.push_back(folder);
    kept.push_back(wheel.name + "==" + wheel.version);
  }
  for (const auto& each : planned.keep) {
    const auto requirement = PepRequirement::parse(each);
    const bool planned_too =
        requirement && std::any_of(planned.expected.begin(), planned.expected.end(), [&](const Wheel& wheel) {
          return wheel.name == requirement->canonical_name();
        });
    if (!planned_too) kept.push_back(each);
  }
  call.keep = std::move(kept);
  if (call.prefix.empty()) pin_requirements(call);
  return call;
}

}  // namespace mlenv
