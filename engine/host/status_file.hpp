#pragma once

#include <string_view>
#include <vector>

#include "host/shared_text.hpp"

namespace mlenv {

/// A paragraph of dpkg's status, and the value of its `Package:`.
struct NamedStanza {
  std::string_view name;
  std::string_view text;
};

/// dpkg's status, cut into stanzas and no further.
struct StatusFile {
  SharedText text;                        ///< where the stanzas lie
  std::vector<NamedStanza> stanzas = {};  ///< in the file's order
};

/// No text is a file without stanzas.
StatusFile cut_status_file(SharedText text);

/// The value of a field of a stanza, `name` with the line's end before it and `: ` behind; empty where there
/// is none.
std::string_view stanza_field(std::string_view stanza, std::string_view name);

}  // namespace mlenv
