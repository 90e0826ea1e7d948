#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mlenv {

/// One package of dpkg's status file, in its own words.
struct DpkgStanza {
  std::string name;
  std::string architecture;
  std::string version;
  std::string status;    ///< `install ok installed`
  std::string provides;  ///< as written, as the next ones
  std::string depends;   ///< Pre-Depends too
  std::string recommends;
  std::string priority;
  std::string section;
  bool essential = false;
  bool operator==(const DpkgStanza&) const = default;
};

/// All packages of which the file knows more than the name, in its order.
std::vector<DpkgStanza> dpkg_stanzas(std::string_view status);

/// The first architecture of /var/lib/dpkg/arch (its text); `machine` (x86_64) says it where that is empty.
std::string dpkg_architecture(std::string_view text, std::string_view machine);

}  // namespace mlenv
