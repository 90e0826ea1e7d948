#pragma once

#include <string>
#include <vector>

#include "record/recording_reader.hpp"

namespace mlenv {

/// What a file is to a plan, which says how much of it a record holds.
enum class Content {
  dpkg_status,   ///< whole here; as `packages` in the document
  rpm_packages,  ///< names and versions, as rpm_database reads them back
  accounts,      ///< the lines of the accounts that matter, without names of people
  groups,        ///< the groups, with those of the accounts that matter in them
  unit,          ///< of systemd: what says when it starts
  metadata,      ///< of a Python package: name, version and dependencies
  installed,     ///< RECORD: the modules that are not as installed
  kernel,        ///< kernel.json: without values of its environment that may be secret
  start_up,      ///< of a shell: see assignments_alone
  keyring,       ///< the primary keys alone
  settings,      ///< as it is, but for secrets
  nobodys,       ///< a file that a recipe might declare: as it is if that is no secret
};
Content content_kind(const SeenPath& file, const std::string& path);

/// The folder's name is that of one with Python packages in it.
bool is_site_folder(const std::string& path);
/// `numpy-1.26.4.dist-info`.
bool is_distribution(const std::string& name);

/// Which entries of a folder a record names, and whether those that it does not are counted.
struct NamedEntries {
  std::vector<DirectoryEntry> named;
  std::size_t others = 0;
  bool whole = true;  ///< false: the caller adds what else is recorded of the rest
};
NamedEntries named_entries(const std::string& path, const std::vector<DirectoryEntry>& entries);

std::string condensed_metadata(const std::string& text);
std::string condensed_kernel(const std::string& text);
/// `changed` are the modules that are not as installed.
std::string condensed_installed(const std::vector<std::string>& changed);
/// Which accounts matter: root, those with these ids, and those of these names.
struct KnownAccounts {
  std::set<std::uint32_t> ids = {};
  std::set<std::string> names = {};
};
std::string condensed_accounts(const std::string& text, const KnownAccounts& known);
/// `accounts` is the text of /etc/passwd.
std::string condensed_groups(const std::string& text, const std::string& accounts,
                             const KnownAccounts& known);
std::string condensed_unit(const std::string& text);
/// By its time a plan tells since when a service runs.
bool is_start_of_service(const std::string& path);

}  // namespace mlenv
