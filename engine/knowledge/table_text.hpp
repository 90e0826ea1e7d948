#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "knowledge/table.hpp"

namespace mlenv {

// Tables are compiled in as text that takes no parser: a row is a line; the lines of tables of entries are
// sorted by their keys. `cmake/compile_tables.cpp` writes it from the tables' YAML when the program is built.

/// A row as a line, without its end. The values must hold no control characters.
std::string table_line(const Row& row, const TableShape& shape);
/// The row of a line.
Row row_of(std::string_view line);
/// What each line with that value in the table's first key column begins with.
std::string line_begin(std::string_view key, std::string_view value);
/// The compiled-in text of a table, by its name.
std::string_view compiled_table(std::string_view name);

}  // namespace mlenv
