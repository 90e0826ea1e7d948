#include "host/nvml_codes.hpp"

#include <string_view>

#include "base/text.hpp"

namespace mlenv {

/// host/nvml_codes.tsv, compiled in.
extern const std::string_view nvml_code_table;

std::string nvml_code_name(int code) {
  const auto number = std::to_string(code);
  for (const auto line : split_lines(nvml_code_table)) {
    const auto fields = split(line, '\t');
    if (fields.size() == 2 && fields[0] == number) return std::string(fields[1]);
  }
  return "NVML error " + number;
}

NvmlStatus nvml_code_status(int code) {
  constexpr int success = 0;
  constexpr int no_permission = 4;
  constexpr int driver_not_loaded = 9;
  constexpr int version_mismatch = 18;
  switch (code) {
    case success:
      return NvmlStatus::ok;
    case no_permission:
      return NvmlStatus::no_permission;
    case driver_not_loaded:
      return NvmlStatus::not_loaded;
    case version_mismatch:
      return NvmlStatus::mismatch;
    default:
      return NvmlStatus::failed;
  }
}

}  // namespace mlenv
