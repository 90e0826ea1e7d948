#include "knowledge/knowledge.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/text.hpp"

namespace mlenv {

extern const std::string_view gpus_table;

namespace {

using Columns = std::map<std::string, std::string>;

/// The line of a device id. The table is sorted, so it is searched where it lies, without being read first.
std::string_view find_line(std::string_view table, const std::string& id) {
  const auto wanted = "\"" + id;
  std::size_t low = 0, high = table.size();
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    const auto before = middle == 0 ? std::string_view::npos : table.rfind('\n', middle - 1);
    const auto begin = before == std::string_view::npos ? 0 : before + 1;
    const auto end = std::min(table.find('\n', begin), table.size());
    const auto line = table.substr(begin, end - begin);
    // Comments come first in the file and sort before every id.
    const auto order = line.starts_with("#") ? -1 : line.substr(0, wanted.size()).compare(wanted);
    if (order == 0) return line;
    if (order < 0) {
      low = end + 1;
    } else {
      high = begin;
    }
  }
  return {};
}

Columns columns_of(const Node& node) {
  Columns columns;
  for (const auto& [key, value] : node.entries) columns[key.text] = value.text;
  return columns;
}

/// One line of the table by itself, which is a mapping with one entry.
std::optional<Columns> read_line(std::string_view line) {
  if (line.empty()) return std::nullopt;
  Diagnostics ignored;
  const auto document =
      parse_document(std::make_shared<const Source>(Source{"gpus.yaml", std::string(line)}), ignored);
  if (!document || document->entries.empty()) return std::nullopt;
  return columns_of(document->entries.front().second);
}

}  // namespace

void Knowledge::add_file(const std::string& name, const SourcePtr& file, Diagnostics& diagnostics) {
  if (name == "gpus") {
    const auto document = parse_document(file, diagnostics);
    if (!document) return;
    for (const auto& [id, row] : document->entries) {
      own_gpus_[to_lower(id.text)] = columns_of(row);
      if (row.find("source") == nullptr)
        diagnostics.error("knowledge.source", "the row has no `source`", id.span);
    }
    return;
  }
  const auto& shapes = table_shapes();
  const auto shape =
      std::find_if(shapes.begin(), shapes.end(), [&](const auto& each) { return each.name == name; });
  if (shape == shapes.end()) {
    std::vector<std::string> names = {"gpus"};
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
    const auto& shape = table_shape(name);
    Diagnostics problems;
    auto made = read_table(std::make_shared<const Source>(Source{name + ".yaml", std::string(shape.text)}),
                           shape, problems);
    if (problems.failed()) std::abort();  // the compiled-in file; a test reads them all
    const auto over = over_.find(name);
    if (over != over_.end()) made = overlay(std::move(made), over->second, shape);
    rows = std::make_unique<const std::vector<Row>>(std::move(made));
  }
  return *rows;
}

const Row* Knowledge::find(const std::string& name, const std::string& column, std::string_view text) const {
  const auto& rows = table(name);
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
    const auto& values = row.list(column);
    return std::find(values.begin(), values.end(), text) != values.end();
  });
  return found == rows.end() ? nullptr : &*found;
}

std::optional<GpuModel> Knowledge::chip(std::string_view name) const {
  const Row* row = find("gpu_chips", "chip", name);
  while (row == nullptr && !name.empty()) {
    // GM107M, GV100GL: letters of the variant. GK110B is a chip of its own and was found above.
    if (name.back() < 'A' || name.back() > 'Z') return std::nullopt;
    name.remove_suffix(1);
    row = find("gpu_chips", "chip", name);
  }
  if (row == nullptr) return std::nullopt;
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
  const auto own = own_gpus_.find(device);
  auto columns =
      own != own_gpus_.end() ? std::optional(own->second) : read_line(find_line(gpus_table, device));
  if (!columns) return std::nullopt;
  auto model = chip((*columns)["chip"]).value_or(GpuModel{});
  model.name = (*columns)["name"];
  if (model.chip.empty()) model.chip = (*columns)["chip"];
  if (!(*columns)["driver"].empty()) model.first_driver = (*columns)["driver"];
  return model;
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
