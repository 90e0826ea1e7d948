#include "base/pep_marker.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace mlenv {
namespace {

constexpr int depth_limit = 50;

/// Reads and judges a marker in one walk: `or` of `and`s of comparisons and parentheses.
class Marker {
 public:
  Marker(std::string_view text, const MarkerEnvironment& environment)
      : rest_(trim(text)), environment_(environment) {}

  bool evaluate() {
    const bool truth = alternatives(0);
    if (!error_ && !rest_.empty()) fail("`and` or `or`");
    return truth && !error_;
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  struct Operand {
    std::string text;
    bool is_variable = false;
    std::string variable;
  };

  bool fail(const std::string& expected) {
    if (!error_) {
      error_ = Error{"pep508.syntax",
                     "expected " + expected + " in the marker, found " +
                         (rest_.empty() ? "its end" : "`" + std::string(rest_.substr(0, 30)) + "`"),
                     {}};
    }
    return false;
  }

  bool take_word(std::string_view word) {
    if (rest_.substr(0, word.size()) != word) return false;
    const char next = rest_.size() > word.size() ? rest_[word.size()] : ' ';
    if ((next >= 'a' && next <= 'z') || next == '_') return false;
    rest_ = trim(rest_.substr(word.size()));
    return true;
  }

  bool alternatives(int depth) {
    bool truth = conjunction(depth);
    while (!error_ && take_word("or")) truth = conjunction(depth) || truth;
    return truth;
  }

  bool conjunction(int depth) {
    bool truth = term(depth);
    while (!error_ && take_word("and")) truth = term(depth) && truth;
    return truth;
  }

  bool term(int depth) {
    if (depth > depth_limit) return fail("fewer parentheses");
    if (rest_.empty() || rest_.front() != '(') return comparison();
    rest_ = trim(rest_.substr(1));
    const bool truth = alternatives(depth + 1);
    if (error_) return false;
    if (rest_.empty() || rest_.front() != ')') return fail("`)`");
    rest_ = trim(rest_.substr(1));
    return truth;
  }

  Operand operand() {
    Operand result;
    if (!rest_.empty() && (rest_.front() == '"' || rest_.front() == '\'')) {
      const auto end = rest_.find(rest_.front(), 1);
      if (end == std::string_view::npos) return fail("a closing quote"), result;
      result.text = std::string(rest_.substr(1, end - 1));
      rest_ = trim(rest_.substr(end + 1));
      return result;
    }
    std::size_t length = 0;
    while (length < rest_.size() &&
           ((rest_[length] >= 'a' && rest_[length] <= 'z') || rest_[length] == '_' || rest_[length] == '.')) {
      ++length;
    }
    if (length == 0) return fail("a variable or quoted text"), result;
    result.is_variable = true;
    result.variable = std::string(rest_.substr(0, length));
    rest_ = trim(rest_.substr(length));
    const auto found = environment_.find(result.variable);
    if (found != environment_.end()) result.text = found->second;
    return result;
  }

  std::string comparison_operator() {
    static constexpr std::array<std::string_view, 8> symbols = {
        "===", "~=", "==", "!=", "<=", ">=", "<", ">"};
    for (const auto symbol : symbols) {
      if (rest_.substr(0, symbol.size()) != symbol) continue;
      rest_ = trim(rest_.substr(symbol.size()));
      return std::string(symbol);
    }
    if (take_word("in")) return "in";
    if (take_word("not")) {
      if (take_word("in")) return "not in";
    }
    fail("a comparison such as `==`");
    return {};
  }

  bool comparison() {
    const auto left = operand();
    if (error_) return false;
    const auto symbol = comparison_operator();
    if (error_) return false;
    const auto right = operand();
    return !error_ && compare(left, symbol, right);
  }

  static bool compare(const Operand& left, const std::string& symbol, const Operand& right) {
    if (symbol == "in") return right.text.find(left.text) != std::string::npos;
    if (symbol == "not in") return right.text.find(left.text) == std::string::npos;
    if (left.variable == "extra" || right.variable == "extra") {
      const bool same = canonical_project_name(left.text) == canonical_project_name(right.text);
      return symbol == "!=" ? !same : same;
    }
    const auto version = PepVersion::parse(left.text);
    const auto clause = PepComparison::parse(symbol + right.text);
    if (version && clause) return clause->allows(*version);
    return compare_text(left.text, symbol, right.text);
  }

  static bool compare_text(const std::string& left, const std::string& symbol, const std::string& right) {
    if (symbol == "==" || symbol == "===") return left == right;
    if (symbol == "!=") return left != right;
    if (symbol == "<") return left < right;
    if (symbol == ">") return left > right;
    if (symbol == "<=") return left <= right;
    return symbol == ">=" && left >= right;
  }

  std::string_view rest_;
  const MarkerEnvironment& environment_;
  std::optional<Error> error_;
};

}  // namespace

std::optional<Error> marker_error(std::string_view marker) {
  const MarkerEnvironment nothing;
  Marker reader(marker, nothing);
  reader.evaluate();
  return reader.error();
}

bool marker_holds(std::string_view marker, const MarkerEnvironment& environment) {
  return Marker(marker, environment).evaluate();
}

}  // namespace mlenv
