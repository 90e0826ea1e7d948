#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace mlenv {

/// SHA-256 of bytes that come piece by piece. For those that are there at once, sha256_hex (text.hpp).
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void add(std::string_view bytes);
  /// Of all that was added, lower-case hexadecimal; it begins anew afterwards.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mlenv
