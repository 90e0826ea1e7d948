#include "host/own_file.hpp"

#include <unistd.h>

#include "host/file_verbs.hpp"

namespace mlenv {

Result<Done> write_passing_file(const std::string& path, const std::string& bytes, unsigned mode) {
  return write_file_here({"/", ::geteuid(), false, {}}, path, bytes, mode, std::nullopt, false);
}

}  // namespace mlenv
