#pragma once

#include <sys/types.h>

#include <vector>

#include "host/facts.hpp"
#include "host/reader.hpp"

namespace mlenv {

/// A line of group(5).
struct Group {
  std::string name;
  gid_t number = 0;
  std::vector<std::string> members = {};  ///< those of whom it is the first group are not among them
};

/// The host's groups, lines that are none left out.
Result<std::vector<Group>> groups_of(const HostReader& host);

/// What the kernel judges an account's file accesses by.
struct Account {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups = {};  ///< all of them, the first one too
  bool operator==(const Account&) const = default;
};

/// The account of a user of that host.
Account account_of(const HostReader& host, const User& user);

/// For as long as it lives, the kernel judges what this thread does to files as if that account did it; the
/// other threads keep their own. Only for root. Within the life of another one, which must be for the same
/// account, it costs nothing.
class FileAccessAs {
 public:
  explicit FileAccessAs(const Account& account);
  ~FileAccessAs();
  FileAccessAs(const FileAccessAs&) = delete;
  FileAccessAs& operator=(const FileAccessAs&) = delete;

  /// False: the kernel did not let it; then nothing may be done.
  bool stands() const { return stands_; }

 private:
  friend class OwnFileAccess;
  void take();
  void give_back();

  Account account_;
  FileAccessAs* outer_;  ///< in whose life this one is; that one does the work
  std::vector<gid_t> former_groups_;
  gid_t former_group_ = 0;
  bool stands_ = false;
};

/// For as long as it lives, this thread is itself again in the midst of a FileAccessAs.
class OwnFileAccess {
 public:
  OwnFileAccess();
  ~OwnFileAccess();
  OwnFileAccess(const OwnFileAccess&) = delete;
  OwnFileAccess& operator=(const OwnFileAccess&) = delete;

 private:
  FileAccessAs* suspended_;
};

}  // namespace mlenv
