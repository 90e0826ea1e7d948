#include "base/pep_marker.hpp"
#include "base/pep_requirement.hpp"
#include "fuzz/fuzz.hpp"

namespace mlenv::fuzz {

/// PEP 508: names, extras, specifiers, URLs and markers.
void python_names(std::string_view input) {
  const auto requirement = PepRequirement::parse(input);
  hold(requirement || !requirement.error().message.empty(), "what is refused says why");
  const auto name = canonical_project_name(input.substr(0, 200));
  hold(canonical_project_name(name) == name, "a canonical name is canonical");
  if (!requirement) return;
  const auto again = PepRequirement::parse(requirement->str());
  hold(again && *again == *requirement, "a requirement reads as it is written");
  const auto markers = linux_markers("3.11.2", "x86_64");
  requirement->applies(markers);
  hold(requirement->marker.empty() || !marker_error(requirement->marker), "its marker is one");
}

}  // namespace mlenv::fuzz
