#pragma once

#include <optional>
#include <string>

#include "host/safe_path.hpp"
#include "host/writer.hpp"

namespace mlenv {

// The file verbs of HostWriter as this process itself does them, with its own credentials.

struct Owner {
  uid_t uid = 0;
  gid_t gid = 0;
};

/// `durable`: it must outlast a crash of the machine. It is whole or not there in any case.
Result<Done> write_file_here(const Walk& walk, const std::string& path, const std::string& bytes,
                             std::optional<unsigned> mode, std::optional<Owner> owner, bool durable = true);
Result<Done> make_directory_here(Walk walk, const std::string& path, std::optional<unsigned> mode,
                                 std::optional<Owner> owner);
Result<Done> rename_here(const Walk& walk, const std::string& from, const std::string& to);
Result<Done> remove_here(const Walk& walk, const std::string& path, Depth depth);

}  // namespace mlenv
