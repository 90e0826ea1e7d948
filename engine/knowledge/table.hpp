#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "recipe/document.hpp"

namespace mlenv {

/// One row of a knowledge table: what it says, by column, as written. A column that is not there is not
/// known.
class Row {
 public:
  using Columns = std::map<std::string, std::vector<std::string>>;
  explicit Row(Columns columns) : columns_(std::move(columns)) {}
  /// The value of a column; empty when it is not given.
  const std::string& text(const std::string& column) const;
  /// The values of a column that holds a list (a single value counts as one).
  const std::vector<std::string>& list(const std::string& column) const;
  bool has(const std::string& column) const { return columns_.count(column) != 0; }
  const Columns& columns() const { return columns_; }
  /// Where the row comes from, written out.
  std::string source() const;

 private:
  Columns columns_;
};

/// What a table's file may hold. `key` are the columns that tell rows apart; `columns` all of them.
struct TableShape {
  std::string_view name;  ///< of the file, without `.yaml`
  std::vector<std::string> key;
  std::vector<std::string> columns;
  bool entries = false;  ///< not `sources:` and `rows:`, but `KEY: {…}` line by line; sources as written
};

/// The shapes of all tables.
const std::vector<TableShape>& table_shapes();
/// By name; the name must be one of table_shapes.
const TableShape& table_shape(std::string_view name);

/// Reads a table file. Codes: `knowledge.column source shape` and those of parse_document.
std::vector<Row> read_table(const SourcePtr& file, const TableShape& shape, Diagnostics& diagnostics);

/// The rows with those of another file over them: one with the same key takes its place, others come behind.
std::vector<Row> overlay(std::vector<Row> rows, const std::vector<Row>& over, const TableShape& shape);

}  // namespace mlenv
