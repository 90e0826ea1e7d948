#include "host/dpkg_stanza.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace mlenv {
namespace {

void read_field(std::string_view line, DpkgStanza& stanza) {
  const auto colon = line.find(": ");
  if (colon == std::string_view::npos || line.front() == ' ') return;
  const auto name = line.substr(0, colon);
  const auto value = line.substr(colon + 2);
  if (name == "Package") stanza.name = value;
  if (name == "Architecture") stanza.architecture = value;
  if (name == "Version") stanza.version = value;
  if (name == "Status") stanza.status = value;
  if (name == "Provides") stanza.provides = value;
  if (name == "Depends" || name == "Pre-Depends")
    stanza.depends += (stanza.depends.empty() ? "" : ", ") + std::string(value);
  if (name == "Recommends") stanza.recommends = value;
  if (name == "Priority") stanza.priority = value;
  if (name == "Section") stanza.section = value;
  if (name == "Essential") stanza.essential = value == "yes";
}

}  // namespace

std::vector<DpkgStanza> dpkg_stanzas(std::string_view status) {
  std::vector<DpkgStanza> stanzas;
  DpkgStanza stanza;
  const auto finish = [&] {
    if (!stanza.name.empty() && !stanza.status.ends_with(" not-installed"))
      stanzas.push_back(std::move(stanza));
    stanza = {};
  };
  for (std::size_t at = 0; at < status.size();) {
    const auto end = std::min(status.find('\n', at), status.size());
    const auto line = status.substr(at, end - at);
    at = end + 1;
    if (line.empty()) {
      finish();
    } else {
      read_field(line, stanza);
    }
  }
  finish();
  return stanzas;
}

std::string dpkg_architecture(std::string_view text, std::string_view machine) {
  const auto first = trim(text.substr(0, text.find('\n')));
  if (!first.empty()) return std::string(first);
  return machine == "x86_64" ? "amd64" : machine == "aarch64" ? "arm64" : std::string(machine);
}

}  // namespace mlenv
