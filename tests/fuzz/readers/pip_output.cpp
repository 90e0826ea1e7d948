#include "forecast/missing_wheel.hpp"
#include "forecast/pip_failure.hpp"
#include "forecast/pip_report.hpp"
#include "forecast/wheel_pool.hpp"
#include "fuzz/fuzz.hpp"

namespace mlenv::fuzz {

/// What pip has printed or reported, and pages of an index: a wheel is kept nowhere but in the cache.
void pip_output(std::string_view input) {
  const std::string text(input);
  const CacheFolder cache{"/cache", Privilege::user};
  if (const auto report = parse_pip_report(text)) {
    for (const auto& each : *report) {
      const auto& file = each.wheel.file;
      hold(file.find('/') == std::string::npos && file != ".." && file != ".", "a file's name is no path");
      minimal_metadata(each);
      if (!is_remote(each.wheel)) continue;
      const auto folder = wheel_folder(cache, each.wheel);
      hold(normal_path(folder) == folder && folder.starts_with("/cache/wheels/"), "wheels lie in the cache");
    }
  }
  explain_pip_failure({1, false, {}, text}, "3.11.2");
  const auto files = offered_files(text, "torch");
  explain_missing_wheel(*PepRequirement::parse("torch==1.7.1"), files, "3.11.2", "x86_64");
}

}  // namespace mlenv::fuzz
