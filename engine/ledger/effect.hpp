#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/command.hpp"

namespace mlenv {

/// What stood where mlenvctl has put a file.
struct FormerFile {
  std::string sha256;  ///< of its bytes, and the name under which they are kept
  unsigned mode = 0644;
  std::string owner = {};  ///< a user name; empty: root, or the user whose part it is
  bool operator==(const FormerFile&) const = default;
};

/// One thing that mlenvctl has brought to a host: enough to recognise it, and to take it away again.
struct Effect {
  enum class Sort {
    file,          ///< `path` with the bytes of `sha256`; `former` stood there
    folder,        ///< `path`, made empty
    venv,          ///< the folder `path` with all that makes it a venv
    entry,         ///< `name` in the fenced block `block` of the file `path`
    moved,         ///< the file `path` set aside as `to`
    package,       ///< the apt package `name`
    hold,          ///< apt's hold of the package `name`
    rpm_package,   ///< the rpm package `name`, taken away by the manager `to`
    distribution,  ///< the Python package `name` in the environment `path` (empty: the user's own site)
    enabled,       ///< the unit `name` of the manager whose own units are in `path` starts by itself
    running,       ///< likewise, it was started
    member,        ///< the user `name` is in the group `block`
  };
  Sort sort = Sort::file;
  std::string path = {};
  std::string name = {};
  std::string to = {};
  std::string block = {};
  std::string version = {};  ///< of packages
  std::string sha256 = {};   ///< of a file's bytes; empty until they are there
  std::optional<FormerFile> former = std::nullopt;
  Privilege privilege = Privilege::root;
  bool operator==(const Effect&) const = default;

  /// Two effects of one key are the same thing, made twice.
  std::string key() const;
};

nlohmann::ordered_json effect_document(const Effect& effect);
/// Nothing when the document is not one.
std::optional<Effect> read_effect(const nlohmann::ordered_json& document);

/// The effects of one resource, as one run has brought them.
struct LedgerEntry {
  std::string address;
  std::string recipe;              ///< its name
  std::vector<std::string> needs;  ///< addresses
  std::vector<Effect> made;        ///< in the order in which they came
  bool operator==(const LedgerEntry&) const = default;
};

}  // namespace mlenv
