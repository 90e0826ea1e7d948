#pragma once

#include <optional>
#include <string>
#include <vector>

namespace mlenv {

/// An attribute in a recipe that is being written: a text, a list of texts, a mapping, or a list of mappings.
struct DraftField {
  std::string name;
  std::string text = {};
  std::vector<std::string> items = {};
  std::vector<DraftField> parts = {};
  std::vector<std::vector<DraftField>> rows = {};
  bool operator==(const DraftField&) const = default;
};

/// A resource in it, or with a `doubt` what would be one: then it is written as a comment, with the reason.
struct DraftEntry {
  std::string kind;
  std::vector<std::string> names;
  std::vector<DraftField> fields = {};
  std::string comment = {};
  std::string doubt = {};
  bool operator==(const DraftEntry&) const = default;
};

/// Resources that belong together, under a line that says what they are.
struct DraftSection {
  std::string title;
  std::vector<DraftEntry> entries = {};
  std::vector<std::string> notes = {};  ///< what is to be known and is no resource
  bool operator==(const DraftSection&) const = default;
};

/// A recipe in the making, as data. Texts are as a recipe has them: see literal().
struct Draft {
  std::string name;
  std::string description;
  std::vector<std::string> heading;  ///< comments above all
  std::vector<DraftField> requirements;
  std::vector<DraftField> variables;
  std::vector<DraftSection> sections;
  std::vector<std::string> ending;  ///< comments below all
  bool operator==(const Draft&) const = default;
};

/// A text of a host as a recipe has to write it, so that nothing in it is taken for a variable.
std::string literal(const std::string& text);

/// Where in a draft something stands: a resource, or one name of its list.
struct DraftPlace {
  std::size_t section = 0;
  std::size_t entry = 0;
  std::optional<std::size_t> name = std::nullopt;
  bool operator==(const DraftPlace&) const = default;
};

/// From now on what stands there is in doubt. One name of several becomes an entry of its own.
void doubt(Draft& draft, const DraftPlace& place, const std::string& reason);

/// How many resources are declared, and how many are in doubt.
struct DraftCount {
  std::size_t declared = 0;
  std::size_t doubtful = 0;
};
DraftCount count_resources(const Draft& draft);

}  // namespace mlenv
