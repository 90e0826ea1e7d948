#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.hpp"

namespace mlenv {

/// The bytes of an SQLite database with what its write-ahead log has added: one state of it, as SQLite itself
/// would see it (sqlite.org/fileformat2.html). Not SQLite's own library: that wants a path of the file
/// system, where a host may be a record, a tree with links that lead elsewhere or a file that only root
/// reads; it makes a `-shm` file beside a database that it only reads; and a machine that plans for another
/// need not have it.
class SqliteImage {
 public:
  /// Errors: `sqlite.unreadable`. Both texts must live as long.
  static Result<SqliteImage> open(std::string_view database, std::string_view log);

  /// Tells the first value of type BLOB of every row of a table; none where there is no such table. Errors:
  /// `sqlite.unreadable`, where the file is cut off or damaged.
  Result<Done> each_blob(std::string_view table, const std::function<void(std::string_view)>& tell) const;

 private:
  friend class SqliteWalk;
  std::optional<std::string_view> page(std::uint32_t number) const;
  void add_log(std::string_view log);

  std::string_view database_;
  std::unordered_map<std::uint32_t, std::string_view> newer_;  ///< pages of the log
  std::size_t page_size_ = 0;
  std::size_t usable_ = 0;   ///< of a page
  std::uint32_t pages_ = 0;  ///< of the database
};

/// What tells one state of a write-ahead log from one after it was begun anew; empty for none.
std::string_view log_generation(std::string_view log);

}  // namespace mlenv
