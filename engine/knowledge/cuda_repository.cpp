#include "knowledge/cuda_repository.hpp"

#include "base/text.hpp"

namespace mlenv {

extern const std::string_view cuda_repo_table;  // cuda_repo.tsv
extern const std::string_view cuda_keys_table;  // cuda_keys.tsv

namespace {

/// The rows of a table: lines that are no comments, in their fields.
std::vector<std::vector<std::string>> rows_of(std::string_view table, std::size_t fields) {
  std::vector<std::vector<std::string>> rows;
  for (const auto line : split_lines(table)) {
    if (line.empty() || line.starts_with("#")) continue;
    std::vector<std::string> row;
    for (const auto field : split(line, '\t')) row.emplace_back(field);
    row.resize(fields);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (const auto word : split(text, ' ')) words.emplace_back(word);
  return words;
}

}  // namespace

const std::vector<CudaRepository>& cuda_repositories() {
  static const std::vector<CudaRepository> all = [] {
    std::vector<CudaRepository> made;
    for (const auto& row : rows_of(cuda_repo_table, 5))
      made.push_back({row[0], row[1], words_of(row[2]), row[3]});
    return made;
  }();
  return all;
}

std::optional<CudaRepository> cuda_repository(std::string_view directory) {
  for (const auto& each : cuda_repositories()) {
    if (each.directory == directory) return each;
  }
  return std::nullopt;
}

std::optional<CudaKey> cuda_key(std::string_view id) {
  const auto wanted = to_lower(id);
  for (const auto& row : rows_of(cuda_keys_table, 5)) {
    if (to_lower(row[0]) == wanted || to_lower(row[1]) == wanted)
      return CudaKey{row[0], row[1], row[2], row[3]};
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
