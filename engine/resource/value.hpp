#pragma once

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/deb_version.hpp"
#include "base/pep_requirement.hpp"
#include "base/pep_version.hpp"
#include "resource/capability.hpp"
#include "resource/field.hpp"

namespace mlenv {

// Each type that a spec's member may have says here, once, how it is read from YAML, how it is called and
// what its JSON Schema is. `read` reports what is wrong with the node itself and returns false.

/// An absolute path of the host; a leading `~` is the target user's home.
struct HostPath {
  std::string text;
  bool operator==(const HostPath&) const = default;
};
/// Permission bits in octal, `0755` or `755`.
struct FileMode {
  unsigned bits = 0;
  bool operator==(const FileMode&) const = default;
};
/// A full OpenPGP fingerprint, 40 upper-case hexadecimal digits.
struct Fingerprint {
  std::string hex;
  bool operator==(const Fingerprint&) const = default;
};
/// Text as it stands, line breaks included.
struct FreeText {
  std::string text;
  bool operator==(const FreeText&) const = default;
};
/// An http, https or file URL.
struct Url {
  std::string text;
  bool operator==(const Url&) const = default;
};
/// The text of a file that lies beside the recipe.
struct RecipeFile {
  std::string path;
  std::string content;
  bool operator==(const RecipeFile&) const = default;
};

bool read_bool(const Node& node, bool& out, DecodeScope& scope);
bool read_int(const Node& node, int& out, DecodeScope& scope);
bool read_seconds(const Node& node, std::chrono::seconds& out, DecodeScope& scope);
bool read_path(const Node& node, HostPath& out, DecodeScope& scope);
bool read_mode(const Node& node, FileMode& out, DecodeScope& scope);
bool read_fingerprint(const Node& node, Fingerprint& out, DecodeScope& scope);
bool read_free_text(const Node& node, FreeText& out, DecodeScope& scope);
bool read_url(const Node& node, Url& out, DecodeScope& scope);
bool read_recipe_file(const Node& node, RecipeFile& out, DecodeScope& scope);
bool read_deb_constraint(const Node& node, DebConstraint& out, DecodeScope& scope);
bool read_pep_specifiers(const Node& node, PepSpecifierSet& out, DecodeScope& scope);
bool read_pep_requirement(const Node& node, PepRequirement& out, DecodeScope& scope);
bool read_choice(const Node& node, std::string& out, const std::vector<std::string>& choices,
                 DecodeScope& scope);

/// The scalar's text; reports and returns false when the node is none or holds control characters.
bool read_text(const Node& node, std::string& out, DecodeScope& scope);

template <class T>
struct Value;  // a member of another type does not compile: give it a row here

// NOLINTBEGIN(bugprone-macro-parentheses): a type in parentheses is none
#define MLENV_VALUE(TYPE, READ, NAME, SCHEMA)                                                            \
  template <>                                                                                            \
  struct Value<TYPE> {                                                                                   \
    static std::string type() { return NAME; }                                                           \
    static std::string schema() { return SCHEMA; }                                                       \
    static bool read(const Node& node, TYPE& out, DecodeScope& scope) { return READ(node, out, scope); } \
  }
// NOLINTEND(bugprone-macro-parentheses)

inline constexpr const char* scalar_schema = R"({"type": ["string", "number", "boolean"]})";
MLENV_VALUE(std::string, read_text, "text", scalar_schema);
MLENV_VALUE(bool, read_bool, "true or false", R"({"enum": [true, false, "true", "false"]})");
MLENV_VALUE(int, read_int, "a whole number",
            R"json({"type": ["integer", "string"], "pattern": "^-?[0-9]+$"})json");
MLENV_VALUE(std::chrono::seconds, read_seconds, "a time such as 90, 90s, 10m or 1h",
            R"json({"type": ["integer", "string"], "pattern": "^[0-9]+[smh]?$"})json");
MLENV_VALUE(HostPath, read_path, "an absolute path, or one that begins with ~",
            R"json({"type": "string", "pattern": "^(/|~|\\$\\{)"})json");
MLENV_VALUE(FileMode, read_mode, "permission bits in octal, such as 0755",
            R"json({"type": ["string", "integer"], "pattern": "^[0-7]{3,4}$"})json");
MLENV_VALUE(Fingerprint, read_fingerprint, "a full OpenPGP fingerprint, 40 hex digits",
            R"json({"type": "string", "pattern": "^(\\$\\{.*|([0-9A-Fa-f] ?){40})$"})json");
MLENV_VALUE(FreeText, read_free_text, "text, also of several lines", scalar_schema);
MLENV_VALUE(Url, read_url, "an http, https or file URL",
            R"json({"type": "string", "pattern": "^(\\$\\{|https?://|file:///)"})json");
MLENV_VALUE(RecipeFile, read_recipe_file, "a file, relative to the recipe", R"({"type": "string"})");
MLENV_VALUE(DebConstraint, read_deb_constraint, "a Debian version, exact or a comparison such as >=450.80.02",
            scalar_schema);
MLENV_VALUE(PepSpecifierSet, read_pep_specifiers, "a PEP 440 specifier such as >=3.6,<3.9", scalar_schema);
MLENV_VALUE(PepRequirement, read_pep_requirement, "a Python requirement such as torch==1.7.1+cu110",
            scalar_schema);
#undef MLENV_VALUE

/// A list; a lone value counts as a list of one.
template <class T>
struct Value<std::vector<T>> {
  static std::string type() { return "list of " + Value<T>::type(); }
  static std::string schema() {
    const std::string one = Value<T>::schema();
    return R"({"anyOf": [)" + one + R"(, {"type": "array", "items": )" + one + "}]}";
  }
  static bool read(const Node& node, std::vector<T>& out, DecodeScope& scope) {
    if (!node.is_sequence()) {
      T single{};
      if (!Value<T>::read(node, single, scope)) return false;
      out.push_back(std::move(single));
      return true;
    }
    bool good = true;
    for (const auto& item : node.items) {
      T element{};
      if (Value<T>::read(item, element, scope)) {
        out.push_back(std::move(element));
      } else {
        good = false;
      }
    }
    return good;
  }
};

template <class T>
struct Value<std::optional<T>> {
  static std::string type() { return Value<T>::type(); }
  static std::string schema() { return Value<T>::schema(); }
  static bool read(const Node& node, std::optional<T>& out, DecodeScope& scope) {
    T value{};
    if (!Value<T>::read(node, value, scope)) return false;
    out = std::move(value);
    return true;
  }
};

/// Reports what should have stood there.
void report_type(const Node& node, std::string_view expected, DecodeScope& scope);

template <>
struct Value<std::map<std::string, std::string>> {
  static std::string type() { return "mapping of names to text"; }
  static std::string schema() {
    return std::string(R"({"type": "object", "additionalProperties": )") + scalar_schema + "}";
  }
  static bool read(const Node& node, std::map<std::string, std::string>& out, DecodeScope& scope) {
    if (!node.is_mapping()) return report_type(node, "a mapping of names to text", scope), false;
    bool good = true;
    for (const auto& [key, value] : node.entries) good = read_text(value, out[key.text], scope) && good;
    return good;
  }
};

/// A lone value counts as a list of one here, too.
template <>
struct Value<std::map<std::string, std::vector<std::string>>> {
  static std::string type() { return "mapping of names to lists of text"; }
  static std::string schema() {
    return R"({"type": "object", "additionalProperties": )" + Value<std::vector<std::string>>::schema() + "}";
  }
  static bool read(const Node& node, std::map<std::string, std::vector<std::string>>& out,
                   DecodeScope& scope) {
    if (!node.is_mapping()) return report_type(node, "a mapping of names to lists of text", scope), false;
    bool good = true;
    for (const auto& [key, value] : node.entries)
      good = Value<std::vector<std::string>>::read(value, out[key.text], scope) && good;
    return good;
  }
};

template <class T>
struct Value<Ref<T>> {
  static std::string type() { return "the name of a declared venv"; }
  static std::string schema() { return scalar_schema; }
  static bool read(const Node& node, Ref<T>& out, DecodeScope& scope) {
    out.where = node.span;
    return read_text(node, out.name, scope);
  }
};

}  // namespace mlenv
