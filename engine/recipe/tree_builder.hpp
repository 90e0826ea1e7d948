#pragma once

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recipe/document.hpp"

namespace mlenv {

/// Ends the reading from inside yaml-cpp's callbacks: it has no other way out. Caught where the parser is
/// run.
struct Abandoned {};

/// What is read of a source: from `begin` on, without the bytes [gap_begin, gap_end).
struct Stretch {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t gap_begin = 0;
  std::size_t gap_end = 0;

  /// Where a byte of what is read stands in the source.
  std::size_t place(std::size_t read) const {
    const auto at = begin + read;
    return gap_end > gap_begin && at >= gap_begin ? at + (gap_end - gap_begin) : at;
  }
  std::string read(std::string_view text) const {
    if (gap_end <= gap_begin) return std::string(text.substr(begin, end - begin));
    return std::string(text.substr(begin, gap_begin - begin)).append(text.substr(gap_end, end - gap_end));
  }
};

/// Builds our tree from yaml-cpp's events, which say where things begin and never where they end.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const SourcePtr& source, const Stretch& stretch, const DocumentLimits& limits,
              Diagnostics& diagnostics)
      : source_(source), stretch_(stretch), limits_(limits), diagnostics_(diagnostics) {}

  std::optional<Node> root;

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ < 2) return;
    diagnostics_.error("recipe.second-document",
                       "a recipe is one YAML document, and a second one begins here", span_at(place(mark)),
                       "put it into a file of its own");
    throw Abandoned{};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Type::sequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Type::mapping, mark, tag, anchor);
  }
  void OnMapEnd() override {
    check_keys(open_.back().node);
    close();
  }
  Span span_at(std::size_t begin, std::size_t length = 1) const {
    return {source_, begin, std::min(begin + length, source_->text.size())};
  }
  std::size_t nodes() const { return nodes_; }
  std::size_t place(const YAML::Mark& mark) const {
    return std::min(stretch_.place(static_cast<std::size_t>(std::max(mark.pos, 0))), source_->text.size());
  }

 private:
  struct Frame {
    Node node;
    YAML::anchor_t anchor = 0;
    std::size_t nodes_before = 0;
    std::optional<Node> key;  ///< of a mapping, waiting for its value
  };
  struct Anchored {
    Node node;
    std::size_t nodes = 0;
  };

  void open(Node::Type type, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor);
  void close();
  void add(Node node, YAML::anchor_t anchor, std::size_t nodes);
  void count(std::size_t nodes, std::size_t at);
  void check_tag(const std::string& tag, std::size_t at);
  void check_keys(Node& mapping);
  void check_closed(const Span& scalar);
  std::size_t behind_properties(std::size_t at) const;
  std::size_t scalar_end(std::size_t begin, const std::string& value) const;

  SourcePtr source_;
  Stretch stretch_;
  const DocumentLimits& limits_;
  Diagnostics& diagnostics_;
  std::vector<Frame> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

}  // namespace mlenv
