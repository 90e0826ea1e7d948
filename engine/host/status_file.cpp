#include "host/status_file.hpp"

#include <algorithm>

namespace mlenv {
namespace {

std::string_view name_of(std::string_view stanza) {
  constexpr std::string_view field = "Package: ";
  if (!stanza.starts_with(field)) return stanza_field(stanza, "\nPackage: ");
  return stanza.substr(field.size(), std::min(stanza.find('\n'), stanza.size()) - field.size());
}

}  // namespace

std::string_view stanza_field(std::string_view stanza, std::string_view name) {
  const auto at = stanza.find(name);
  if (at == std::string_view::npos) return {};
  const auto begin = at + name.size();
  return stanza.substr(begin, std::min(stanza.find('\n', begin), stanza.size()) - begin);
}

StatusFile cut_status_file(SharedText text) {
  StatusFile file{std::move(text)};
  auto rest = file.text.view();
  while (!rest.empty()) {
    const auto end = rest.find("\n\n");
    const auto stanza = rest.substr(0, end);
    if (const auto name = name_of(stanza); !name.empty()) file.stanzas.push_back({name, stanza});
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
  }
  return file;
}

}  // namespace mlenv
