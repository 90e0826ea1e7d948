#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.hpp"

namespace mlenv {

/// A value of a YAML document with its place. Scalars keep the text as written (`3.10` stays `3.10`, `no` is
/// the text "no"); nothing is converted here.
struct Node {
  enum class Type { null, scalar, sequence, mapping };
  // Defined where Node is whole: it holds pairs of itself.
  Node();
  Node(const Node&);
  Node(Node&&) noexcept;
  Node& operator=(const Node&);
  Node& operator=(Node&&) noexcept;
  ~Node();

  Type type = Type::null;
  Span span;            ///< the whole value, for scalars exactly their text
  std::string text;     ///< of a scalar
  bool quoted = false;  ///< written with quotes or as a block; then `null`, `true` and `~` are mere text
  bool interpolated = false;      ///< `${…}` stood in the scalar
  bool from_environment = false;  ///< and what it meant came from the environment: not to be printed
  std::vector<Node> items;        ///< of a sequence
  std::vector<std::pair<Node, Node>> entries;  ///< of a mapping, in the order written; keys are scalars

  bool is_scalar() const { return type == Type::scalar; }
  bool is_sequence() const { return type == Type::sequence; }
  bool is_mapping() const { return type == Type::mapping; }
  /// The value under a key, or null.
  const Node* find(std::string_view key) const;
  /// The scalar of a key under which this mapping has a value, or null.
  const Node* find_key(std::string_view key) const;
};

/// What a node is, in a person's words: `a list`, `a mapping`, `nothing`, `the text "x"`.
std::string describe_type(const Node& node);

/// Bounds on what a document may be (beyond them it is refused with a place, never crashed on), and on how it
/// is read.
struct DocumentLimits {
  std::size_t bytes = std::size_t{32} * 1024 * 1024;
  std::size_t depth = 64;
  std::size_t nodes = 4'000'000;  ///< after aliases have been expanded
  unsigned readers = 0;           ///< parts of a long list read at the same time; 0: as there are cores
  std::size_t piece = 65536;      ///< bytes worth a thread: yaml-cpp takes 10 ms for them, a thread 0.1 ms
};

/// Reads one YAML document. Codes: `recipe.too-large encoding syntax tab duplicate-key second-document
/// too-deep alias-bomb key-type merge-key tag`. All that can be found is reported.
std::optional<Node> parse_document(const SourcePtr& source, Diagnostics& diagnostics,
                                   const DocumentLimits& limits = {});

}  // namespace mlenv
