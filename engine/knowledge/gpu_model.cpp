#include "knowledge/gpu_model.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace mlenv {

extern const std::string_view gpu_pci_table;  // gpu_pci.tsv

namespace {

/// The line of a device id. The table is sorted, so it is searched where it lies, without being read first.
std::string_view find_line(std::string_view table, std::string_view device) {
  std::size_t low = 0, high = table.size();
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    const auto before = middle == 0 ? std::string_view::npos : table.rfind('\n', middle - 1);
    const auto begin = before == std::string_view::npos ? 0 : before + 1;
    const auto end = std::min(table.find('\n', begin), table.size());
    const auto line = table.substr(begin, end - begin);
    // Comments come first in the file and sort before every id.
    const auto order = line.starts_with("#") ? -1 : line.substr(0, device.size()).compare(device);
    if (order == 0) return line;
    if (order < 0) {
      low = end + 1;
    } else {
      high = begin;
    }
  }
  return {};
}

}  // namespace

std::optional<GpuModel> gpu_model(std::string_view pci_id) {
  constexpr std::string_view vendor = "10de:";
  constexpr std::size_t id_length = 4;
  const auto lower = to_lower(pci_id);
  if (!lower.starts_with(vendor) || lower.size() != vendor.size() + id_length) return std::nullopt;
  const auto line = find_line(gpu_pci_table, std::string_view(lower).substr(vendor.size()));
  const auto fields = split(line, '\t');
  if (fields.size() < 5) return std::nullopt;
  return GpuModel{std::string(fields[1]), std::string(fields[2]), std::string(fields[3]),
                  std::string(fields[4])};
}

}  // namespace mlenv
