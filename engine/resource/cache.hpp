#pragma once

#include <any>
#include <map>
#include <string>
#include <typeindex>
#include <utility>

namespace mlenv {

/// What probes have worked out from the host, kept for the other resources of the same planning (dpkg's
/// status, a venv's packages): parsed once, whoever asks first. Lives as long as one look at the host, never
/// longer.
class ProbeCache {
 public:
  /// The kept T of that key, or what `make()` gives now.
  template <class T, class Make>
  const T& get(const std::string& key, Make make) {
    auto& slot = kept_[{std::type_index(typeid(T)), key}];
    if (!slot.has_value()) slot.emplace<T>(make());
    return *std::any_cast<T>(&slot);
  }

 private:
  std::map<std::pair<std::type_index, std::string>, std::any> kept_;
};

}  // namespace mlenv
