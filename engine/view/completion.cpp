#include "view/completion.hpp"

#include <map>

namespace mlenv {

Suggestion suggestion_for(const OptionText& option) {
  if (!option.choices.empty()) return Suggestion::choices;
  static const std::map<std::string, Suggestion> by_value = {
      {"RECIPE", Suggestion::recipes}, {"FILE", Suggestion::files}, {"DIR", Suggestion::folders},
      {"USER", Suggestion::users},     {"HOST", Suggestion::hosts}, {"TOPIC", Suggestion::topics}};
  const auto found = by_value.find(option.value);
  return found == by_value.end() ? Suggestion::nothing : found->second;
}

}  // namespace mlenv
