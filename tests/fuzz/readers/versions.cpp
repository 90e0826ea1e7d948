#include "base/deb_version.hpp"
#include "base/dotted_version.hpp"
#include "base/pep_version.hpp"
#include "base/text.hpp"
#include "fuzz/fuzz.hpp"

namespace mlenv::fuzz {
namespace {

/// Any three versions stand in one order, whichever way they are compared.
template <class Version>
void order(const std::vector<std::string>& texts) {
  std::vector<Version> all;
  for (const auto& text : texts) {
    auto version = Version::parse(text);
    if (!version) continue;
    const auto again = Version::parse(version->str());
    hold(again && *again == *version && again->str() == version->str(), "a version reads as it is written");
    all.push_back(std::move(*version));
  }
  for (const auto& a : all) {
    hold(a == a, "a version equals itself");
    for (const auto& b : all) {
      hold((a < b) == (b > a) && (a == b) == (b == a), "an order has two sides");
      for (const auto& c : all) hold(!(a < b && b < c) || a < c, "an order goes on");
      for (const auto& c : all)
        hold(!(a == b) || (a <=> c) == (b <=> c), "equal versions stand in one place");
    }
  }
}

/// Ranges and constraints read as they are written, and take or leave a version all the same.
template <class Range, class Version, class Takes>
void range(const std::vector<std::string>& texts, Takes takes) {
  for (const auto& text : texts) {
    const auto read = Range::parse(text);
    if (!read) continue;
    const auto again = Range::parse(read->str());
    hold(again && *again == *read, "a range reads as it is written");
    for (const auto& each : texts) {
      const auto version = Version::parse(each);
      if (version) hold(takes(*again, *version) == takes(*read, *version), "and takes the same versions");
    }
  }
}

}  // namespace

/// Up to six versions and ranges, a line each, by the three orders.
void versions(std::string_view input) {
  std::vector<std::string> texts;
  for (const auto line : split_lines(input)) {
    if (texts.size() < 6) texts.emplace_back(line);
  }
  order<DebVersion>(texts);
  order<PepVersion>(texts);
  order<DottedVersion>(texts);
  range<DebConstraint, DebVersion>(texts, [](const auto& r, const auto& v) { return r.allows(v); });
  range<PepSpecifierSet, PepVersion>(texts, [](const auto& r, const auto& v) { return r.contains(v); });
  range<DottedRange, DottedVersion>(texts, [](const auto& r, const auto& v) { return r.contains(v); });
}

}  // namespace mlenv::fuzz
