#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/facts.hpp"
#include "host/reader.hpp"
#include "knowledge/knowledge.hpp"

namespace mlenv {

/// One thing that is true of a host: in the section `driver`, `loaded` is `535.54.03`.
struct Trait {
  std::string section;
  std::string name;
  Fact<std::string> value;
  bool gpu = false;  ///< what runs on a GPU hangs on it
};

/// A venv of a host and what is in it.
struct VenvPortrait {
  std::string path;  ///< with `~` for the home folder
  std::vector<Trait> traits;
};

/// What programs on a GPU, and everything else, find on a host: from the driver to the wheel, in that order.
struct Portrait {
  std::string hostname;
  std::string os;
  std::vector<Trait> traits;
  std::vector<VenvPortrait> venvs;
  std::vector<Trait> packages;         ///< of apt, and all that is less telling than a venv
  std::vector<std::string> conflicts;  ///< what does not go together here, in the resolver's words
};

/// What a portrait is made of.
struct Sitter {
  const HostReader& host;
  const Facts& facts;
  const Knowledge& knowledge;
  std::vector<std::string> venvs;  ///< paths
  std::vector<std::string> files;  ///< of which the content counts
};

Portrait portrait_of(const Sitter& sitter);

}  // namespace mlenv
