#include "view/lock_view.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "view/markdown.hpp"
#include "view/screen_text.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t most_new = 12;  // of one part that was not there before

std::string shown(const std::string& value) { return value.empty() ? "-" : mask_credentials(value); }

/// The moves of one class.
struct Host {
  std::string name;
  std::vector<const LockMove*> moves;
};

std::vector<Host> by_host(const std::vector<LockMove>& moves) {
  std::vector<Host> hosts;
  for (const auto& move : moves) {
    if (hosts.empty() || hosts.back().name != move.host) hosts.push_back({move.host, {}});
    hosts.back().moves.push_back(&move);
  }
  return hosts;
}

/// Rows with the part on its first line alone.
Rows rows_of(const Host& host, bool all) {
  Rows rows;
  std::string part;
  std::size_t in_part = 0, left_over = 0;
  const auto finish = [&] {
    if (left_over > 0)
      rows.push_back({"", "… and " + std::to_string(left_over) + " more (-v lists them)", "", ""});
    left_over = 0;
  };
  for (const auto* move : host.moves) {
    const bool fresh = rows.empty() || move->part != part;
    if (fresh) finish();
    in_part = fresh ? 1 : in_part + 1;
    part = move->part;
    if (!all && in_part > most_new && move->before.empty()) {
      ++left_over;
      continue;
    }
    rows.push_back({fresh ? part : "", move->name, shown(move->before), shown(move->after)});
  }
  finish();
  return rows;
}

std::string count_line(const std::string& file, const std::vector<LockMove>& moves) {
  if (moves.empty()) return file + ": nothing moves.";
  const auto fresh =
      std::count_if(moves.begin(), moves.end(), [](const auto& move) { return move.before.empty(); });
  const auto gone =
      std::count_if(moves.begin(), moves.end(), [](const auto& move) { return move.after.empty(); });
  const auto moved = static_cast<std::ptrdiff_t>(moves.size()) - fresh - gone;
  return file + ": " + std::to_string(moved) + " moved, " + std::to_string(fresh) + " new, " +
         std::to_string(gone) + " gone.";
}

}  // namespace

Json lock_moves_document(const std::string& file, const std::vector<LockMove>& moves) {
  Json list = Json::array();
  const auto value = [](const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(mask_credentials(text));
  };
  for (const auto& move : moves) {
    list.push_back({{"class", move.host},
                    {"part", move.part},
                    {"name", move.name},
                    {"before", value(move.before)},
                    {"after", value(move.after)}});
  }
  return {{"format", "mlenvctl.lock-moves/1"}, {"file", file}, {"moves", list}};
}

std::string lock_moves_text(const std::string& file, const std::vector<LockMove>& moves, const Style& style) {
  std::string text;
  for (const auto& host : by_host(moves)) {
    auto rows = rows_of(host, style.verbose);
    rows.insert(rows.begin(), {"", "", "before", "now"});
    text += bold(host.name, style) + "\n" + aligned(rows, 2) + "\n";
  }
  return text + count_line(file, moves) + "\n";
}

std::string lock_moves_markdown(const std::string& file, const std::vector<LockMove>& moves) {
  std::string text = "### " + markdown_text(count_line(file, moves)) + "\n";
  for (const auto& host : by_host(moves)) {
    Rows rows;
    for (const auto& row : rows_of(host, true))
      rows.push_back(
          {markdown_text(row[0]), markdown_text(row[1]), markdown_code(row[2]), markdown_code(row[3])});
    const auto table = markdown_table({"", "", "before", "now"}, {false, false, false, false}, rows);
    constexpr std::size_t readable = 30;
    text += "\n" + (rows.size() <= readable
                        ? "**" + markdown_text(host.name) + "**\n\n" + table
                        : markdown_details(
                              markdown_text(host.name) + " (" + std::to_string(rows.size()) + ")", table));
  }
  return text;
}

}  // namespace mlenv
