#include "resource/sqlite_table.hpp"

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "resource/byte_order.hpp"

namespace mlenv {
namespace {

constexpr std::size_t file_header = 100;
constexpr std::size_t log_header = 32;
constexpr std::size_t frame_header = 24;

Error damaged(const char* what) {
  return {"sqlite.unreadable", std::string("the database cannot be read: ") + what, {}};
}

/// The running sums of a write-ahead log, over words in the byte order that its first word names.
struct LogSums {
  bool big = false;
  std::uint32_t first = 0;
  std::uint32_t second = 0;

  void add(std::string_view text) {
    for (std::size_t at = 0; at + 8 <= text.size(); at += 8) {
      first += word(text, at) + second;
      second += word(text, at + 4) + first;
    }
  }
  bool stand_at(std::string_view text, std::size_t at) const {
    return big_endian(text, at, 4) == first && big_endian(text, at + 4, 4) == second;
  }

 private:
  std::uint32_t word(std::string_view text, std::size_t at) const {
    return static_cast<std::uint32_t>(*(big ? big_endian(text, at, 4) : little_endian(text, at, 4)));
  }
};

/// SQLite's numbers of one to nine bytes.
std::optional<std::uint64_t> read_varint(std::string_view text, std::size_t& at) {
  std::uint64_t number = 0;
  for (int count = 1; count <= 9; ++count) {
    if (at >= text.size()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(text[at++]);
    if (count == 9) return (number << 8U) | byte;
    number = (number << 7U) | (byte & 0x7fU);
    if ((byte & 0x80U) == 0) return number;
  }
  return std::nullopt;
}

struct Column {
  std::uint64_t type = 0;
  std::string_view bytes;
  bool is_blob() const { return type >= 12 && type % 2 == 0; }
};

std::size_t size_of(std::uint64_t type) {
  constexpr std::size_t numbers[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
  return type < 12 ? numbers[type] : static_cast<std::size_t>((type - 12) / 2);
}

/// The columns of a row; nothing where they do not add up.
std::optional<std::vector<Column>> columns_of(std::string_view row) {
  std::size_t at = 0;
  const auto header = read_varint(row, at);
  if (!header || *header > row.size()) return std::nullopt;
  std::vector<Column> columns;
  auto body = static_cast<std::size_t>(*header);
  while (at < *header) {
    const auto type = read_varint(row.substr(0, static_cast<std::size_t>(*header)), at);
    if (!type) return std::nullopt;
    const auto size = size_of(*type);
    if (size > row.size() - body) return std::nullopt;
    columns.push_back({*type, row.substr(body, size)});
    body += size;
  }
  return columns;
}

}  // namespace

std::string_view log_generation(std::string_view log) {
  return log.size() < log_header ? std::string_view() : log.substr(0, log_header);
}

std::optional<std::string_view> SqliteImage::page(std::uint32_t number) const {
  if (number == 0 || number > pages_) return std::nullopt;
  const auto newer = newer_.find(number);
  if (newer != newer_.end()) return newer->second;
  const auto begin = (static_cast<std::size_t>(number) - 1) * page_size_;
  if (begin >= database_.size() || database_.size() - begin < page_size_) return std::nullopt;
  return database_.substr(begin, page_size_);
}

/// What was committed counts: up to the last frame that ends a transaction and whose sums are right.
void SqliteImage::add_log(std::string_view log) {
  const auto magic = big_endian(log, 0, 4);
  if (log.size() < log_header || (magic != 0x377f0682U && magic != 0x377f0683U)) return;
  if (big_endian(log, 8, 4) != page_size_) return;
  LogSums sums{magic == 0x377f0683U};
  sums.add(log.substr(0, 24));
  if (!sums.stand_at(log, 24)) return;
  std::unordered_map<std::uint32_t, std::string_view> open;
  for (auto at = log_header; log.size() - at >= frame_header + page_size_; at += frame_header + page_size_) {
    if (log.substr(at + 8, 8) != log.substr(16, 8)) return;  // of an earlier round
    const auto content = log.substr(at + frame_header, page_size_);
    sums.add(log.substr(at, 8));
    sums.add(content);
    if (!sums.stand_at(log, at + 16)) return;
    open[static_cast<std::uint32_t>(*big_endian(log, at, 4))] = content;
    const auto size = *big_endian(log, at + 4, 4);
    if (size == 0) continue;
    for (const auto& [number, text] : open) newer_[number] = text;
    open.clear();
    pages_ = static_cast<std::uint32_t>(size);
  }
}

Result<SqliteImage> SqliteImage::open(std::string_view database, std::string_view log) {
  SqliteImage image;
  image.database_ = database;
  // A new database may be in its log alone, but for an empty file.
  const auto head = database.empty() && log.size() > log_header + frame_header
                        ? log.substr(log_header + frame_header)
                        : database;
  if (head.size() < file_header || !head.starts_with(std::string_view("SQLite format 3\0", 16)))
    return damaged("it does not begin as one of SQLite's does");
  const auto size = static_cast<std::size_t>(*big_endian(head, 16, 2));
  image.page_size_ = size == 1 ? 65536 : size;
  if (image.page_size_ < 512 || (image.page_size_ & (image.page_size_ - 1)) != 0)
    return damaged("its page size is none");
  image.pages_ = static_cast<std::uint32_t>(database.size() / image.page_size_);
  image.usable_ = image.page_size_ - static_cast<unsigned char>(head[20]);
  if (image.usable_ < 480) return damaged("its page size is none");
  image.add_log(log);
  return image;
}

/// Goes through a table's tree, from left to right.
class SqliteWalk {
 public:
  explicit SqliteWalk(const SqliteImage& image) : image_(image), left_(image.page_size_ * image.pages_) {}

  /// False where something is damaged.
  template <class Row>
  bool each(std::uint32_t root, Row row) {
    seen_.clear();
    std::vector<std::uint32_t> open = {root};
    while (!open.empty()) {
      const auto number = open.back();
      open.pop_back();
      const auto page = image_.page(number);
      if (!page || !seen_.insert(number).second) return false;  // cut off, or in a circle
      const std::size_t head = number == 1 ? file_header : 0;
      const auto type = *big_endian(*page, head, 1);
      if (type == interior ? !children(*page, head, open) : type != leaf || !rows(*page, head, row))
        return false;
    }
    return true;
  }

 private:
  static constexpr std::uint64_t interior = 5;
  static constexpr std::uint64_t leaf = 13;

  static bool children(std::string_view page, std::size_t head, std::vector<std::uint32_t>& open) {
    const auto count = *big_endian(page, head + 3, 2);
    open.push_back(static_cast<std::uint32_t>(*big_endian(page, head + 8, 4)));
    for (auto cell = count; cell > 0; --cell) {
      const auto place = big_endian(page, head + 12 + 2 * static_cast<std::size_t>(cell - 1), 2);
      const auto child =
          place ? big_endian(page, static_cast<std::size_t>(*place), 4) : std::optional<std::uint64_t>();
      if (!child) return false;
      open.push_back(static_cast<std::uint32_t>(*child));
    }
    return true;
  }

  template <class Row>
  bool rows(std::string_view page, std::size_t head, Row& row) {
    const auto count = *big_endian(page, head + 3, 2);
    for (std::size_t cell = 0; cell < count; ++cell) {
      const auto place = big_endian(page, head + 8 + 2 * cell, 2);
      const auto text = place ? payload(page, static_cast<std::size_t>(*place)) : std::nullopt;
      const auto columns = text ? columns_of(*text) : std::nullopt;
      if (!columns) return false;
      row(*columns);
    }
    return true;
  }

  /// A row's bytes, with what does not fit into its page.
  std::optional<std::string> payload(std::string_view page, std::size_t at) {
    const auto size = read_varint(page, at);
    if (!size || !read_varint(page, at) || *size > left_) return std::nullopt;
    const auto wanted = static_cast<std::size_t>(*size);
    left_ -= wanted;
    const auto usable = image_.usable_;
    std::size_t local = wanted;
    if (wanted > usable - 35) {
      const auto least = (usable - 12) * 32 / 255 - 23;
      const auto some = least + (wanted - least) % (usable - 4);
      local = some <= usable - 35 ? some : least;
    }
    if (at > page.size() || page.size() - at < local) return std::nullopt;
    std::string text(page.substr(at, local));
    if (local == wanted) return text;
    auto next = big_endian(page, at + local, 4);
    while (text.size() < wanted) {
      const auto more = next ? image_.page(static_cast<std::uint32_t>(*next)) : std::nullopt;
      if (!more) return std::nullopt;
      text += more->substr(4, std::min(usable - 4, wanted - text.size()));
      next = big_endian(*more, 0, 4);
    }
    return text;
  }

  const SqliteImage& image_;
  std::size_t left_;  ///< rows together cannot hold more than the file does
  std::unordered_set<std::uint32_t> seen_;
};

Result<Done> SqliteImage::each_blob(std::string_view table,
                                    const std::function<void(std::string_view)>& tell) const {
  std::uint32_t root = 0;
  SqliteWalk walk(*this);
  // The columns of sqlite_schema: type, name, tbl_name, rootpage, sql.
  const bool read = walk.each(1, [&](const std::vector<Column>& row) {
    if (row.size() < 4 || row[0].bytes != "table" || row[1].bytes != table || row[3].bytes.size() > 4) return;
    root = static_cast<std::uint32_t>(big_endian(row[3].bytes, 0, row[3].bytes.size()).value_or(0));
  });
  if (!read) return damaged("its list of tables is cut off or damaged");
  if (root == 0) return Done{};
  const bool whole = walk.each(root, [&](const std::vector<Column>& row) {
    const auto blob = std::find_if(row.begin(), row.end(), [](const Column& each) { return each.is_blob(); });
    if (blob != row.end()) tell(blob->bytes);
  });
  if (!whole) return damaged("a page of it is cut off or damaged");
  return Done{};
}

}  // namespace mlenv
