// compile_tables OUT FILE…: writes the tables of engine/knowledge/*.yaml as C++, so that the program reads no
// YAML to ask them. What is wrong with a table is an error of the build.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "base/text.hpp"
#include "knowledge/table_text.hpp"

namespace {

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string name_of(const std::string& path) {
  const auto name = path.substr(path.rfind('/') + 1);
  return name.substr(0, name.rfind('.'));
}

/// Whether a compiled-in line can hold it.
bool is_plain(const std::string& value) {
  return std::none_of(value.begin(), value.end(),
                      [](char c) { return static_cast<unsigned char>(c) < ' '; }) &&
         value.find(")embedded") == std::string::npos;
}

bool is_plain(const mlenv::Row& row) {
  const auto& columns = row.columns();
  return std::all_of(columns.begin(), columns.end(), [](const auto& column) {
    return std::all_of(column.second.begin(), column.second.end(),
                       [](const auto& value) { return is_plain(value); });
  });
}

/// Writes the table's rows as lines; false, and a message, where something is wrong with it.
bool append_table(const std::string& path, std::ostream& out) {
  const auto name = name_of(path);
  const auto& shapes = mlenv::table_shapes();
  const auto shape =
      std::find_if(shapes.begin(), shapes.end(), [&](const auto& each) { return each.name == name; });
  if (shape == shapes.end())
    return std::cerr << path << ": engine/knowledge/table.cpp has no such table\n", false;
  mlenv::Diagnostics diagnostics;
  const auto rows = read_table(std::make_shared<const mlenv::Source>(mlenv::Source{path, file_text(path)}),
                               *shape, diagnostics);
  for (const auto& each : diagnostics.all())
    std::cerr << path << ":" << each.where.position().line << ": " << each.message << "\n";
  out << "  if (name == \"" << name << "\") return R\"embedded(";
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    if (!is_plain(row)) return std::cerr << path << ": a value has a control character in it\n", false;
    lines.push_back(table_line(row, *shape));
  }
  if (shape->entries) std::sort(lines.begin(), lines.end());  // they are searched where they lie
  for (const auto& line : lines) out << line << "\n";
  out << ")embedded\";\n";
  if (rows.empty()) std::cerr << path << ": there is no row in it\n";
  return !diagnostics.failed() && !rows.empty();
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) return std::cerr << "usage: compile_tables OUT FILE…\n", 1;
  std::ostringstream out;
  out << "#include \"knowledge/table_text.hpp\"\n\nnamespace mlenv {\n\n"
         "std::string_view compiled_table(std::string_view name) {\n";
  for (int i = 2; i < count; ++i) {
    if (!append_table(words[i], out)) return 1;
  }
  out << "  return {};\n}\n\n}  // namespace mlenv\n";
  if (static_cast<std::size_t>(count - 2) != mlenv::table_shapes().size())
    return std::cerr << "engine/knowledge/table.cpp names tables that have no file there\n", 1;
  std::ofstream file(words[1]);
  file << out.str();
  file.close();
  return file ? 0 : (std::cerr << words[1] << ": cannot be written\n", 1);
}
