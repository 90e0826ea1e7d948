#include "knowledge/table.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace mlenv {

namespace {

using Columns = Row::Columns;

std::vector<std::string> values_of(const Node& node) {
  if (node.is_scalar()) return {node.text};
  std::vector<std::string> values;
  for (const auto& item : node.items) values.push_back(item.text);
  return values;
}

/// Source names are written out, so that a row can be shown by itself.
void write_out_sources(Columns& columns, const Columns& sources, const Span& where,
                       Diagnostics& diagnostics) {
  for (auto& name : columns["source"]) {
    const auto found = sources.find(name);
    if (found != sources.end()) {
      name = found->second.front();
    } else {
      diagnostics.error("knowledge.source", "there is no source `" + name + "`", where,
                        "name it under `sources:`");
    }
  }
}

Columns read_row(const Node& node, const TableShape& shape, const Columns& sources,
                 Diagnostics& diagnostics) {
  Columns columns;
  for (const auto& [key, value] : node.entries) {
    if (std::find(shape.columns.begin(), shape.columns.end(), key.text) == shape.columns.end()) {
      const auto near = nearest_word(key.text, shape.columns);
      diagnostics.error("knowledge.column", "the table has no column `" + key.text + "`", key.span,
                        near ? "did you mean `" + *near + "`?" : "known are: " + join(shape.columns, ", "));
    }
    columns[key.text] = values_of(value);
  }
  for (const auto& key : shape.key) {
    if (!shape.entries && columns.count(key) == 0)
      diagnostics.error("knowledge.column", "the row has no `" + key + "`", node.span);
  }
  if (columns["source"].empty()) diagnostics.error("knowledge.source", "the row has no `source`", node.span);
  if (!shape.entries) write_out_sources(columns, sources, node.span, diagnostics);
  return columns;
}

std::vector<Row> read_entries(const Node& document, const TableShape& shape, Diagnostics& diagnostics) {
  std::vector<Row> made;
  for (const auto& [key, value] : document.entries) {
    auto columns = read_row(value, shape, {}, diagnostics);
    columns[shape.key.front()] = {to_lower(key.text)};
    made.emplace_back(std::move(columns));
  }
  return made;
}

}  // namespace

const std::string& Row::text(const std::string& column) const {
  static const std::string none;
  const auto& values = list(column);
  return values.empty() ? none : values.front();
}

const std::vector<std::string>& Row::list(const std::string& column) const {
  static const std::vector<std::string> none;
  const auto found = columns_.find(column);
  return found == columns_.end() ? none : found->second;
}

std::string Row::source() const { return join(list("source"), "; "); }

// NOLINTNEXTLINE(readability-function-size): a table
const std::vector<TableShape>& table_shapes() {
  static const std::vector<TableShape> shapes = {
      {"cuda_keys", {"key"}, {"key", "fingerprint", "replaced", "successor", "refused", "source"}},
      {"cuda_libraries", {"package"}, {"package", "library", "source"}},
      {"cuda_releases", {"version"}, {"version", "toolkit", "label", "driver", "source"}},
      {"cuda_repositories",
       {"directory"},
       {"directory", "os", "arches", "key", "toolkits", "driver", "source"}},
      {"cuda_toolkits", {"toolkit"}, {"toolkit", "family_driver", "capabilities", "note", "source"}},
      {"cudnn", {"first", "cuda"}, {"first", "last", "cuda", "capability", "driver", "source"}},
      {"cudnn_packages", {"cudnn", "cuda"}, {"cudnn", "cuda", "package", "dev", "version", "source"}},
      {"distro_drivers",
       {"os", "branch"},
       {"os", "branch", "version", "components", "packages", "open", "prebuilt", "prebuilt_open", "headers",
        "guard", "toolkit", "source"}},
      {"distro_pythons", {"os"}, {"os", "codename", "python", "managed", "source"}},
      {"driver_branches",
       {"branch"},
       {"branch", "cuda", "oldest", "newest", "last_seen", "open_modules", "until", "note", "source"}},
      {"frameworks",
       {"package", "versions"},
       {"framework", "names", "versions", "newest", "package", "accelerator", "python", "cuda", "capability",
        "driver", "index", "cpu", "source"}},
      {"gpu_chips",
       {"chip"},
       {"chip", "architecture", "compute_capability", "first_driver", "last_branch", "open_modules",
        "source"}},
      {"gpus", {"id"}, {"name", "chip", "driver", "source"}, true},
      {"machine_packages", {"package"}, {"package", "why", "source"}},
      {"moving_packages", {"package"}, {"package", "moves", "instead", "driver", "source"}},
      {"nvidia_driver_packages",
       {"branches", "flavour"},
       {"branches", "flavour", "packages", "guard", "source"}},
      {"package_managers", {"os"}, {"os", "manager", "programs", "source"}},
      {"pytorch",
       {"version"},
       {"version", "python_min", "python_max", "python_experimental", "cuda", "cuda_experimental",
        "torchvision", "torchaudio", "from", "index", "source"}},
      {"pytorch_builds", {"versions", "cuda"}, {"versions", "cuda", "sm", "ptx", "cudnn", "source"}},
      {"tensorflow",
       {"version"},
       {"version", "python_min", "python_max", "cuda", "cudnn", "extra", "sm", "ptx", "source"}},
  };
  return shapes;
}

const TableShape& table_shape(std::string_view name) {
  const auto& shapes = table_shapes();
  return *std::find_if(shapes.begin(), shapes.end(), [&](const auto& shape) { return shape.name == name; });
}

std::vector<Row> read_table(const SourcePtr& file, const TableShape& shape, Diagnostics& diagnostics) {
  const auto document = parse_document(file, diagnostics);
  if (!document) return {};
  if (shape.entries) return read_entries(*document, shape, diagnostics);
  const auto* sources = document->find("sources");
  const auto* rows = document->find("rows");
  if (rows == nullptr || !rows->is_sequence()) {
    diagnostics.error("knowledge.shape", "expected `sources:` and a list of `rows:`", document->span);
    return {};
  }
  Columns named;
  if (sources != nullptr) {
    for (const auto& [key, value] : sources->entries) named[key.text] = values_of(value);
  }
  std::vector<Row> made;
  for (const auto& item : rows->items) made.emplace_back(read_row(item, shape, named, diagnostics));
  return made;
}

std::vector<Row> overlay(std::vector<Row> rows, const std::vector<Row>& over, const TableShape& shape) {
  for (const auto& row : over) {
    const auto same = std::find_if(rows.begin(), rows.end(), [&](const Row& old) {
      return std::all_of(shape.key.begin(), shape.key.end(),
                         [&](const auto& key) { return old.list(key) == row.list(key); });
    });
    if (same == rows.end()) {
      rows.push_back(row);
    } else {
      *same = row;
    }
  }
  return rows;
}

}  // namespace mlenv
