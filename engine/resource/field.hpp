#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "host/facts.hpp"
#include "recipe/document.hpp"

namespace mlenv {

class Knowledge;

/// What decoding may use besides the declaration itself.
struct DecodeScope {
  const User& user;    ///< whose home a leading `~` means
  std::string folder;  ///< of the recipe file, for paths relative to it
  Diagnostics& diagnostics;
  std::function<Result<std::string>(const std::string& path)> load = {};  ///< a file beside the recipe
  const Facts* facts = nullptr;          ///< null where there is no host (validate)
  const Knowledge* knowledge = nullptr;  ///< what goes with what; null only where no kind asks for it
  const HostReader* host = nullptr;      ///< null where there is no host (validate)
};

/// One attribute of a kind as everything derived sees it: decoding, schema, explain, manual.
struct Field {
  std::string name;
  std::string type;      ///< in a person's words: `text`, `list of text`, `true or false`
  std::string summary;   ///< one sentence
  std::string fallback;  ///< the default in words; empty when there is none
  bool required = false;
  std::string schema;         ///< JSON Schema of the value, as JSON text
  std::vector<Field> fields;  ///< of a nested mapping
};

/// A field with the function that stores its value in a spec.
template <class Spec>
struct FieldOf {
  Field field;
  std::function<void(Spec&, const Node&, DecodeScope&)> decode;
};

}  // namespace mlenv
