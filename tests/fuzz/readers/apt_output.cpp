#include "forecast/apt_output.hpp"

#include "base/text.hpp"
#include "fuzz/fuzz.hpp"

namespace mlenv::fuzz {

void apt_output(std::string_view input) {
  for (const auto& change : parse_simulation(input))
    hold(input.find(change.effect.name) != std::string_view::npos, "a package's name stands in apt's words");
  for (const auto& stanza : parse_stanzas(input)) hold(!stanza.name.empty(), "a stanza has a name");
  parse_uris(input);
  for (const auto& unmet : parse_unmet(input)) hold(!unmet.relation.empty(), "a dependency has a relation");
  const auto versions = parse_madison(input);
  for (std::size_t i = 1; i < versions.size(); ++i)
    hold(versions[i] < versions[i - 1], "versions are listed newest first, each once");
  nearest_versions(versions, DebVersion::parse(trim(input.substr(0, input.find('\n')))));
  const Output output{100, false, std::string(input), std::string(input)};
  passes_by_itself(apt_complaint(output, true));
}

}  // namespace mlenv::fuzz
