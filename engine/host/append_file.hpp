#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace mlenv {

/// A file of this program's own that only grows: the journal of a run. Made with mode 0600, never through a
/// link.
class AppendFile {
 public:
  /// Errors: `host.denied`, `host.failed`.
  static Result<AppendFile> open(const std::string& path);
  /// Whether a process has it open for adding to it.
  static bool in_use(const std::string& path);
  AppendFile(AppendFile&& other) noexcept;
  AppendFile& operator=(AppendFile&& other) noexcept;
  ~AppendFile();
  /// Adds bytes, all of them or none; with `durable` they are on the disk when it returns.
  Result<Done> append(std::string_view bytes, bool durable);

 private:
  explicit AppendFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace mlenv
