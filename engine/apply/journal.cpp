#include "apply/journal.hpp"

#include "base/text.hpp"
#include "host/json_text.hpp"
#include "host/local_host.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t sum_length = 16;
constexpr std::string_view sum_key = R"(,"sum":")";

std::string sum_of(const std::string& before, std::string_view line) {
  return sha256_hex(before + std::string(line)).substr(0, sum_length);
}

std::string dumped(const Json& line) { return line.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// A line apart: the object's text without its sum, and the sum; no sum where there is none.
std::pair<std::string, std::string> apart(std::string_view line) {
  const auto tail = sum_key.size() + sum_length + 2;
  const bool has_sum = line.size() > tail && line.ends_with("\"}") &&
                       line.substr(line.size() - tail).substr(0, sum_key.size()) == sum_key;
  if (!has_sum) return {std::string(line), {}};
  return {std::string(line.substr(0, line.size() - tail)) + "}",
          std::string(line.substr(line.size() - sum_length - 2, sum_length))};
}

}  // namespace

JournalText read_journal(std::string_view text) {
  JournalText journal;
  const bool summed = text.find(sum_key) != std::string_view::npos;  // no text within a line can hold it
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    auto [object, sum] = apart(line);
    auto parsed = parse_json(object);
    const bool whole = parsed.is_object() && (!summed || sum == sum_of(journal.last_sum, object));
    if (!whole && !parsed.is_object() && sum.empty()) {
      journal.torn = text.empty();
      continue;
    }
    if (!whole) {
      journal.damaged = number;
      return journal;
    }
    journal.last_sum = std::move(sum);
    journal.lines.push_back(std::move(parsed));
  }
  return journal;
}

std::string journal_line(const Json& line, std::string& sum) {
  auto text = dumped(line);
  sum = sum_of(sum, text);
  text.pop_back();
  return text + std::string(sum_key) + sum + "\"}\n";
}

Result<Journal> Journal::open(const std::string& path) {
  const auto before = local_reader("/")->read_file(path);
  if (!before) return before.error();
  auto file = AppendFile::open(path);
  if (!file) return file.error();
  Journal journal(std::move(*file), *before ? read_journal(**before).last_sum : std::string());
  // What is added stands on a line of its own, also after a torn one.
  if (*before && !(**before).empty() && !(**before).ends_with('\n')) {
    if (auto done = journal.file_.append("\n", false); !done) return done.error();
  }
  return journal;
}

Result<Done> Journal::add(const Json& line, bool durable) {
  auto sum = sum_;
  auto added = file_.append(journal_line(line, sum), durable);
  if (added) sum_ = std::move(sum);
  return added;
}

}  // namespace mlenv
