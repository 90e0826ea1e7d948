#include "knowledge/knowledge.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "knowledge/table_text.hpp"

namespace mlenv {
namespace {

/// The line of a device id. The table is sorted, so it is searched where it lies, without being read first.
std::string_view find_line(std::string_view table, const std::string& id) {
  const auto wanted = line_begin("id", id);
  std::size_t low = 0, high = table.size();
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    const auto before = middle == 0 ? std::string_view::npos : table.rfind('\n', middle - 1);
    const auto begin = before == std::string_view::npos ? 0 : before + 1;
    const auto end = std::min(table.find('\n', begin), table.size());
    const auto line = table.substr(begin, end - begin);
    const auto order = line.substr(0, wanted.size()).compare(wanted);
    if (order == 0) return line;
    if (order < 0) {
      low = end + 1;
    } else {
      high = begin;
    }
  }
  return {};
}

/// The row of a chip, read by itself: every plan on a host with a card asks.
std::optional<Row> read_chip(std::string_view chip) {
  const auto table = compiled_table("gpu_chips");
  const auto begin = line_begin("chip", chip);
  auto at = table.starts_with(begin) ? 0 : table.find("\n" + begin);
  if (at == std::string_view::npos) return std::nullopt;
  if (at != 0) ++at;
  const auto line = table.substr(at);
  return row_of(line.substr(0, line.find('\n')));
}

}  // namespace

void Knowledge::add_file(const std::string& name, const SourcePtr& file, Diagnostics& diagnostics) {
  const auto& shapes = table_shapes();
  const auto shape =
      std::find_if(shapes.begin(), shapes.end(), [&](const auto& each) { return each.name == name; });
  if (shape == shapes.end()) {
    std::vector<std::string> names;
    for (const auto& each : shapes) names.emplace_back(each.name);
    const auto near = nearest_word(name, names);
    diagnostics.error("knowledge.table", "there is no table `" + name + "`", {file, 0, 0},
                      near ? "did you mean `" + *near + ".yaml`?" : "known are: " + join(names, ", "));
    return;
  }
  over_[name] = read_table(file, *shape, diagnostics);
}

const std::vector<Row>& Knowledge::table(const std::string& name) const {
  const std::lock_guard lock(reading_);
  auto& rows = read_[name];
  if (!rows) {
    std::vector<Row> made;
    for (const auto line : split_lines(compiled_table(name))) made.push_back(row_of(line));
    const auto over = over_.find(name);
    if (over != over_.end()) made = overlay(std::move(made), over->second, table_shape(name));
    rows = std::make_unique<const std::vector<Row>>(std::move(made));
  }
  return *rows;
}

const Row* Knowledge::find(const std::string& name, const std::string& column, std::string_view text) const {
  // What stands nowhere in the text is in none of its rows.
  if (over_.count(name) == 0 && compiled_table(name).find(text) == std::string_view::npos) return nullptr;
  const auto& rows = table(name);
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
    const auto& values = row.list(column);
    return std::find(values.begin(), values.end(), text) != values.end();
  });
  return found == rows.end() ? nullptr : &*found;
}

std::optional<GpuModel> Knowledge::chip(std::string_view name) const {
  const bool own = over_.count("gpu_chips") != 0;
  const auto look_up = [&] {
    if (!own) return read_chip(name);
    const auto* row = find("gpu_chips", "chip", name);
    return row == nullptr ? std::nullopt : std::optional(*row);
  };
  auto row = look_up();
  while (!row && !name.empty()) {
    // GM107M, GV100GL: letters of the variant. GK110B is a chip of its own and was found above.
    if (name.back() < 'A' || name.back() > 'Z') return std::nullopt;
    name.remove_suffix(1);
    row = look_up();
  }
  if (!row) return std::nullopt;
  return GpuModel{{},
                  row->text("chip"),
                  row->text("architecture"),
                  row->text("compute_capability"),
                  row->text("first_driver"),
                  row->text("last_branch"),
                  row->text("open_modules")};
}

std::optional<GpuModel> Knowledge::gpu(std::string_view pci_id) const {
  constexpr std::string_view vendor = "10de:";
  constexpr std::size_t id_length = 4;
  const auto lower = to_lower(pci_id);
  if (!lower.starts_with(vendor) || lower.size() != vendor.size() + id_length) return std::nullopt;
  const auto device = lower.substr(vendor.size());
  const auto row = gpu_row(device);
  if (!row) return std::nullopt;
  const auto& name = row->text("chip");
  auto model = chip(name).value_or(GpuModel{});
  model.name = row->text("name");
  if (model.chip.empty()) model.chip = name;
  if (!row->text("driver").empty()) model.first_driver = row->text("driver");
  return model;
}

std::optional<Row> Knowledge::gpu_row(const std::string& device) const {
  if (const auto over = over_.find("gpus"); over != over_.end()) {
    for (const auto& row : over->second) {
      if (row.text("id") == device) return row;
    }
  }
  const auto line = find_line(compiled_table("gpus"), device);
  return line.empty() ? std::nullopt : std::optional(row_of(line));
}

std::vector<CudaRepository> Knowledge::cuda_repositories() const {
  std::vector<CudaRepository> made;
  for (const auto& row : table("cuda_repositories"))
    made.push_back({row.text("directory"), row.text("os"), row.list("arches"), row.text("key"),
                    row.text("toolkits"), row.source()});
  return made;
}

std::optional<CudaRepository> Knowledge::cuda_repository(std::string_view directory) const {
  for (auto& each : cuda_repositories()) {
    if (each.directory == directory) return std::move(each);
  }
  return std::nullopt;
}

std::optional<CudaKey> Knowledge::cuda_key(std::string_view id) const {
  const auto wanted = to_lower(id);
  for (const auto& row : table("cuda_keys")) {
    if (to_lower(row.text("key")) == wanted || to_lower(row.text("fingerprint")) == wanted)
      return CudaKey{row.text("key"), row.text("fingerprint"), row.text("replaced"), row.text("successor")};
  }
  return std::nullopt;
}

std::string cuda_pin(int priority) {
  return "Package: nsight-compute\nPin: origin *ubuntu.com*\nPin-Priority: -1\n\n"
         "Package: nsight-systems\nPin: origin *ubuntu.com*\nPin-Priority: -1\n\n"
         "Package: *\nPin: release l=NVIDIA CUDA\nPin-Priority: " +
         std::to_string(priority) + "\n";
}

}  // namespace mlenv
