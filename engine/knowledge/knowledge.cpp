#include "knowledge/knowledge.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/text.hpp"

namespace mlenv {

extern const std::string_view gpus_table;
extern const std::string_view gpu_chips_table;

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

std::optional<Columns> columns_of(const Row* row) {
  if (row == nullptr) return std::nullopt;
  Columns columns;
  for (const auto* column :
       {"chip", "architecture", "compute_capability", "first_driver", "last_branch", "open_modules"})
    columns[column] = row->text(column);
  return columns;
}

/// The row of a chip, read by itself: each is a line of its own, and every plan on a host with a card asks.
std::optional<Columns> read_chip(std::string_view chip) {
  const auto begin = "\n  - {chip: " + std::string(chip) + ",";
  const auto at = gpu_chips_table.find(begin);
  if (at == std::string_view::npos) return std::nullopt;
  const auto line = gpu_chips_table.substr(at + 5);
  Diagnostics ignored;
  const auto document = parse_document(
      std::make_shared<const Source>(Source{"gpu_chips.yaml", std::string(line.substr(0, line.find('\n')))}),
      ignored);
  return document ? std::optional(columns_of(*document)) : std::nullopt;
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

bool Knowledge::may_match(const std::string& name, std::string_view column, std::string_view text) const {
  if (over_.count(name) != 0) return true;
  const auto file = table_shape(name).text;
  const auto field = std::string(column) + ": \"";
  for (auto at = file.find(field); at != std::string_view::npos; at = file.find(field, at + 1)) {
    const auto pattern = file.substr(at + field.size());
    if (glob_match(pattern.substr(0, pattern.find('"')), text)) return true;
  }
  return false;
}

const Row* Knowledge::find(const std::string& name, const std::string& column, std::string_view text) const {
  // What stands nowhere in the file is in none of its rows.
  if (over_.count(name) == 0 && table_shape(name).text.find(text) == std::string_view::npos) return nullptr;
  const auto& rows = table(name);
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
    const auto& values = row.list(column);
    return std::find(values.begin(), values.end(), text) != values.end();
  });
  return found == rows.end() ? nullptr : &*found;
}

std::optional<GpuModel> Knowledge::chip(std::string_view name) const {
  const bool own = over_.count("gpu_chips") != 0;
  const auto look_up = [&] { return own ? columns_of(find("gpu_chips", "chip", name)) : read_chip(name); };
  auto row = look_up();
  while (!row && !name.empty()) {
    // GM107M, GV100GL: letters of the variant. GK110B is a chip of its own and was found above.
    if (name.back() < 'A' || name.back() > 'Z') return std::nullopt;
    name.remove_suffix(1);
    row = look_up();
  }
  if (!row) return std::nullopt;
  auto& columns = *row;
  return GpuModel{{},
                  columns["chip"],
                  columns["architecture"],
                  columns["compute_capability"],
                  columns["first_driver"],
                  columns["last_branch"],
                  columns["open_modules"]};
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
