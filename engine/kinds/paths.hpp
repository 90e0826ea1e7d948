#pragma once

#include <optional>
#include <string>
#include <vector>

#include "resource/field.hpp"
#include "resource/resource.hpp"

namespace mlenv {

/// What stands at a path.
struct PathState {
  std::optional<FileStat> stat;  ///< links followed; nothing when nothing is there
  bool is_link = false;
  std::string owner;  ///< a user's name, or the number where it has none
  bool operator==(const PathState&) const = default;
};
/// `absent`, `a folder`, `a file`, …: see Decision::found.
std::string found_path(const PathState& state);
Result<PathState> probe_path(const std::string& path, const HostReader& host);

/// Below the user's home things are made as the user, elsewhere as root.
Privilege privilege_for(const std::string& path, const User& user);

/// `0755`.
std::string octal_text(unsigned mode);

/// The differences in mode and owner between what is wanted (unset: as it is) and what is there.
std::vector<Difference> attribute_differences(const std::optional<unsigned>& mode, const std::string& owner,
                                              const PathState& have);

/// Reports an owner that cannot be the name of a user: it is given to programs and looked up in passwd(5).
void check_owner(const std::string& owner, const Node& where, DecodeScope& scope);

/// Offers a path and wants the nearest declared one above it.
void link_path(const std::string& path, Resource& resource);

/// The first line of a text file that is a resource's own, such as a source of apt's.
std::string mark_of(const std::string& address);
bool is_marked(const std::string& text);

/// A person has to act first.
Decision manual(std::string because, std::string code, std::string hint);

}  // namespace mlenv
