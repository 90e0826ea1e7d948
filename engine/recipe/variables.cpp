#include "recipe/variables.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace mlenv {
namespace {

constexpr std::size_t expanded_limit = std::size_t{1024} * 1024;

/// What a recipe takes from the environment is a secret as far as output is concerned, but for what everybody
/// has there and what is plainly a path, a version or an address.
bool may_be_secret(const std::string& name, const std::string& value) {
  constexpr std::array<std::string_view, 14> plain = {"HOME", "USER",     "LOGNAME", "SHELL",    "PATH",
                                                      "PWD",  "HOSTNAME", "LANG",    "LANGUAGE", "TERM",
                                                      "TZ",   "DISPLAY",  "EDITOR",  "SUDO_USER"};
  const bool path = value.starts_with("/") || value.starts_with("~");
  const bool version = value.find_first_not_of("0123456789.") == std::string::npos;
  const bool address = value.starts_with("http") && value.find("://") != std::string::npos &&
                       value.find_first_of("@?") == std::string::npos;
  return std::find(plain.begin(), plain.end(), name) == plain.end() && !path && !version && !address;
}

/// One `${…}` of a text, or plain text between two of them.
struct Piece {
  std::string text;
  bool is_reference = false;
  bool unclosed = false;
};

std::vector<Piece> pieces_of(std::string_view text) {
  std::vector<Piece> pieces(1);
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at, 3) == "$${") {
      pieces.back().text += "${";
      at += 3;
    } else if (text.substr(at, 2) == "${") {
      const auto end = text.find_first_of("}\n", at + 2);
      const bool closed = end != std::string_view::npos && text[end] == '}';
      const auto stop = closed ? end : text.size();
      pieces.push_back({std::string(text.substr(at + 2, stop - at - 2)), true, !closed});
      pieces.emplace_back();
      at = closed ? end + 1 : text.size();
    } else {
      pieces.back().text += text[at++];
    }
  }
  return pieces;
}

/// Where the nth `${…}` of a scalar stands in the source.
Span reference_span(const Node& node, std::size_t nth, std::size_t length) {
  if (!node.span) return node.span;
  const std::string_view text = node.span.source->text;
  // A block scalar's span is its header; its text comes behind.
  const auto end = node.span.end > node.span.begin
                       ? std::max(node.span.end, node.span.begin + node.text.size() * 2)
                       : node.span.end;
  for (auto at = node.span.begin; at < std::min(end + 2, text.size()); ++at) {
    if (text.substr(at, 2) != "${" || (at > 0 && text[at - 1] == '$')) continue;
    if (nth-- == 0) return {node.span.source, at, std::min(at + length + 3, text.size())};
  }
  return node.span;
}

std::optional<std::string> near_name(const std::string& name, const std::map<std::string, std::string>& known,
                                     const std::string& prefix) {
  std::vector<std::string> names;
  for (const auto& [each, value] : known) names.push_back(each);
  const auto near = nearest_word(name, names);
  return near ? std::optional("did you mean `${" + prefix + *near + "}`?") : std::nullopt;
}

class Expansion {
 public:
  Expansion(const Scope& scope, Diagnostics& diagnostics) : scope_(scope), diagnostics_(diagnostics) {}

  void expand(Node& node) {
    for (auto& item : node.items) expand(item);
    for (auto& [key, value] : node.entries) expand(value);
    if (!node.is_scalar() || node.text.find("${") == std::string::npos) return;
    std::string text;
    std::size_t nth = 0;
    for (const auto& piece : pieces_of(node.text)) {
      node.interpolated = node.interpolated || piece.is_reference;
      node.from_environment = node.from_environment || comes_from_environment(piece);
      text +=
          piece.is_reference ? value_of(piece, reference_span(node, nth++, piece.text.size())) : piece.text;
    }
    if (text.size() > expanded_limit) {
      diagnostics_.error("recipe.reference-syntax", "this grows beyond 1 MiB when its variables are expanded",
                         node.span);
      return;
    }
    node.text = std::move(text);
  }

 private:
  /// Stands for a value that is not to be had, so that nothing else is said about it.
  static std::string unset(const std::string& name) { return "<unset " + name + ">"; }

  bool comes_from_environment(const Piece& piece) const {
    return piece.is_reference &&
           (piece.text.compare(0, 4, "env.") == 0 || scope_.from_environment.count(piece.text) != 0);
  }

  std::string value_of(const Piece& piece, const Span& where) {
    const auto& name = piece.text;
    const auto bad = name.find_first_of(" \t${:\"'");
    if (piece.unclosed || name.empty() || bad != std::string::npos) {
      diagnostics_.error(
          "recipe.reference-syntax",
          piece.unclosed ? "this `${` is not closed by a `}`" : "expected a name between `${` and `}`", where,
          "write `$${` for a literal `${`");
      return unset(name);
    }
    if (name.compare(0, 4, "env.") == 0) return environment_value(name.substr(4), where);
    if (name.compare(0, 6, "facts.") == 0) return fact_value(name.substr(6), where);
    const auto found = scope_.variables.find(name);
    if (found != scope_.variables.end()) return found->second;
    diagnostics_.error("recipe.unset-variable", "the variable `" + name + "` is not set", where,
                       near_name(name, scope_.variables, "").value_or("declare it under `vars`"));
    return unset(name);
  }

  std::string environment_value(const std::string& name, const Span& where) {
    const auto found = scope_.environment.find(name);
    if (found != scope_.environment.end()) {
      if (may_be_secret(name, found->second)) keep_secret(found->second);
      return found->second;
    }
    diagnostics_.error("recipe.unset-environment", "the environment has no variable `" + name + "`", where,
                       near_name(name, scope_.environment, "env."));
    return unset(name);
  }

  std::string fact_value(const std::string& path, const Span& where) {
    if (!scope_.fact) return "<facts." + path + ">";
    if (auto value = scope_.fact(path)) return *value;
    diagnostics_.error("recipe.unknown-fact", "the fact `" + path + "` is not known of this host", where,
                       "`mlenvctl facts --json` shows what is known");
    return unset(path);
  }

  const Scope& scope_;
  Diagnostics& diagnostics_;
};

}  // namespace

Node expand(const Node& node, const Scope& scope, Diagnostics& diagnostics) {
  Node expanded = node;
  Expansion(scope, diagnostics).expand(expanded);
  return expanded;
}

}  // namespace mlenv
