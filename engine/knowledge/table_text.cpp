#include "knowledge/table_text.hpp"

#include "base/text.hpp"

namespace mlenv {
namespace {

// ASCII's own separators, which stand in no value.
constexpr char between_columns = '\x1e', between_values = '\x1f';

std::string column_text(const std::string& name, const std::vector<std::string>& values) {
  auto text = name;
  for (const auto& value : values) text += between_values + value;
  return text;
}

}  // namespace

std::string line_begin(std::string_view key, std::string_view value) {
  return std::string(key) + between_values + std::string(value) + between_columns;
}

std::string table_line(const Row& row, const TableShape& shape) {
  const auto& first = shape.key.front();
  std::string line = column_text(first, row.list(first));
  for (const auto& [name, values] : row.columns()) {
    if (name != first) line += between_columns + column_text(name, values);
  }
  return line;
}

Row row_of(std::string_view line) {
  Row::Columns columns;
  for (const auto column : split(line, between_columns)) {
    const auto parts = split(column, between_values);
    columns.emplace(parts.front(), std::vector<std::string>(parts.begin() + 1, parts.end()));
  }
  return Row(std::move(columns));
}

}  // namespace mlenv
