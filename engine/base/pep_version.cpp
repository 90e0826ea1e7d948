#include "base/pep_version.hpp"

#include <algorithm>
#include <array>

#include "base/dotted_version.hpp"
#include "base/text.hpp"

namespace mlenv {
namespace {

bool is_separator(char c) { return c == '.' || c == '-' || c == '_'; }
bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_ascii_digit);
}

/// Walks a version text that is in lower case.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}
  bool at_end() const { return at_ == text_.size(); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool take(char c) { return peek() == c && ++at_ != 0; }
  void take_separator() { at_ += is_separator(peek()) ? 1 : 0; }
  std::string number() {
    const auto digits = digits_at(text_, at_);
    at_ += digits.size();
    return std::string(without_leading_zeros(digits));
  }
  bool at_digit(std::size_t ahead = 0) const { return is_ascii_digit(peek(ahead)); }
  std::size_t mark() const { return at_; }
  void back_to(std::size_t mark) { at_ = mark; }
  /// Takes the first of the words that stands here; a longer one comes before what it begins with.
  template <std::size_t N>
  std::optional<std::size_t> word(const std::array<std::string_view, N>& words) {
    for (std::size_t i = 0; i < N; ++i) {
      if (text_.substr(at_, words[i].size()) != words[i]) continue;
      at_ += words[i].size();
      return i;
    }
    return std::nullopt;
  }
  std::string_view rest() const { return text_.substr(at_); }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

constexpr std::array<std::string_view, 8> pre_words = {"alpha",   "a",   "beta", "b",
                                                       "preview", "pre", "c",    "rc"};
constexpr std::array<std::string_view, 8> pre_meaning = {"a", "a", "b", "b", "rc", "rc", "rc", "rc"};
constexpr std::array<std::string_view, 3> post_words = {"post", "rev", "r"};
constexpr std::array<std::string_view, 1> dev_words = {"dev"};

/// A word with its optional separators and number: `.post1`, `-alpha_2`, `dev`.
template <std::size_t N>
std::optional<std::pair<std::size_t, std::string>> labelled(Cursor& cursor,
                                                            const std::array<std::string_view, N>& words) {
  const auto mark = cursor.mark();
  cursor.take_separator();
  const auto word = cursor.word(words);
  if (!word) return cursor.back_to(mark), std::nullopt;
  cursor.take_separator();
  return std::pair(*word, cursor.at_digit() ? cursor.number() : std::string("0"));
}

std::optional<std::vector<std::string>> local_parts(std::string_view text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (is_separator(c)) {
      parts.emplace_back();
    } else if (is_ascii_digit(c) || is_letter(c)) {
      parts.back() += c;
    } else {
      return std::nullopt;
    }
  }
  for (auto& part : parts) {
    if (part.empty()) return std::nullopt;
    if (is_number(part)) part = std::string(without_leading_zeros(part));
  }
  return parts;
}

std::strong_ordering compare_releases(const std::vector<std::string>& left,
                                      const std::vector<std::string>& right) {
  for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    const auto order = compare_digits(i < left.size() ? left[i] : "", i < right.size() ? right[i] : "");
    if (order != 0) return order;
  }
  return std::strong_ordering::equal;
}

std::strong_ordering compare_locals(const std::vector<std::string>& left,
                                    const std::vector<std::string>& right) {
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    const bool left_number = is_number(left[i]), right_number = is_number(right[i]);
    if (left_number != right_number)
      return left_number ? std::strong_ordering::greater : std::strong_ordering::less;
    const auto order = left_number ? compare_digits(left[i], right[i]) : left[i].compare(right[i]) <=> 0;
    if (order != 0) return order;
  }
  return left.size() <=> right.size();
}

}  // namespace

std::optional<PepVersion> PepVersion::parse(std::string_view text) {
  const auto lower = to_lower(trim(text));
  Cursor cursor(lower);
  PepVersion version;
  cursor.take('v');
  version.epoch_ = "0";
  if (!cursor.at_digit()) return std::nullopt;
  auto first = cursor.number();
  if (cursor.take('!')) {
    version.epoch_ = first;
    if (!cursor.at_digit()) return std::nullopt;
    first = cursor.number();
  }
  version.release_.push_back(first);
  while (cursor.peek() == '.' && cursor.at_digit(1)) {
    cursor.take('.');
    version.release_.push_back(cursor.number());
  }
  if (const auto pre = labelled(cursor, pre_words))
    version.pre_ = {std::string(pre_meaning[pre->first]), pre->second};
  if (cursor.peek() == '-' && cursor.at_digit(1)) {
    cursor.take('-');
    version.post_ = cursor.number();
  } else if (const auto post = labelled(cursor, post_words)) {
    version.post_ = post->second;
  }
  if (const auto dev = labelled(cursor, dev_words)) version.dev_ = dev->second;
  if (cursor.take('+')) {
    auto parts = local_parts(cursor.rest());
    if (!parts) return std::nullopt;
    version.local_ = std::move(*parts);
  } else if (!cursor.at_end()) {
    return std::nullopt;
  }
  version.text_ = version.written();
  return version;
}

std::string PepVersion::written() const {
  std::string text = (epoch_ == "0" ? "" : epoch_ + "!") + join(release_, ".");
  if (pre_) text += pre_->first + pre_->second;
  if (post_) text += ".post" + *post_;
  if (dev_) text += ".dev" + *dev_;
  if (!local_.empty()) text += "+" + join(local_, ".");
  return text;
}

bool PepVersion::is_prerelease() const { return pre_.has_value() || dev_.has_value(); }

PepVersion PepVersion::without_local() const {
  PepVersion version = *this;
  version.local_.clear();
  version.text_ = version.written();
  return version;
}

std::strong_ordering PepVersion::operator<=>(const PepVersion& other) const {
  if (const auto order = compare_digits(epoch_, other.epoch_); order != 0) return order;
  if (const auto order = compare_releases(release_, other.release_); order != 0) return order;
  // A dev release of nothing else comes before the alphas; a final release after all candidates.
  const auto stage = [](const PepVersion& v) { return v.pre_ ? 1 : (!v.post_ && v.dev_) ? 0 : 2; };
  if (const auto order = stage(*this) <=> stage(other); order != 0) return order;
  if (pre_) {
    if (const auto order = pre_->first.compare(other.pre_->first) <=> 0; order != 0) return order;
    if (const auto order = compare_digits(pre_->second, other.pre_->second); order != 0) return order;
  }
  if (const auto order = post_.has_value() <=> other.post_.has_value(); order != 0) return order;
  if (post_) {
    if (const auto order = compare_digits(*post_, *other.post_); order != 0) return order;
  }
  if (const auto order = other.dev_.has_value() <=> dev_.has_value(); order != 0) return order;
  if (dev_) {
    if (const auto order = compare_digits(*dev_, *other.dev_); order != 0) return order;
  }
  if (local_.empty() != other.local_.empty()) {
    return local_.empty() ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  return compare_locals(local_, other.local_);
}

bool PepVersion::same_base(const PepVersion& other) const {
  return epoch_ == other.epoch_ && compare_releases(release_, other.release_) == 0;
}

bool PepVersion::has_prefix(const PepVersion& prefix) const {
  if (epoch_ != prefix.epoch_) return false;
  if (prefix.pre_ || prefix.post_) return without_local() == prefix || starts_with_label(prefix);
  for (std::size_t i = 0; i < prefix.release_.size(); ++i) {
    if (compare_digits(i < release_.size() ? release_[i] : "", prefix.release_[i]) != 0) return false;
  }
  return true;
}

bool PepVersion::starts_with_label(const PepVersion& prefix) const {
  if (compare_releases(release_, prefix.release_) != 0 || pre_ != prefix.pre_) return false;
  return !prefix.post_ || post_ == prefix.post_;
}

PepVersion PepVersion::release_prefix() const {
  PepVersion prefix;
  prefix.epoch_ = epoch_;
  prefix.release_.assign(release_.begin(), release_.end() - (release_.size() > 1 ? 1 : 0));
  prefix.text_ = prefix.written();
  return prefix;
}

}  // namespace mlenv
