#include "resource/rpm_database.hpp"

#include "fuzz/fuzz.hpp"

namespace mlenv::fuzz {

/// A database and, behind a line `%%`, its log.
void rpm_database(std::string_view input) {
  const auto given = parts(input);
  const std::string log = given.size() > 1 ? given[1] : std::string();
  const auto packages = parse_rpm_database(given.empty() ? std::string() : given[0], log);
  static_cast<void>(read_rpm_header(input));
  if (!packages) return;
  static_cast<void>(packages->needed_by("greeting", {"greeting"}));
  const auto again = parse_rpm_database(packages->condensed(), {});
  hold(again.ok(), "what a record keeps reads back");
}

}  // namespace mlenv::fuzz
