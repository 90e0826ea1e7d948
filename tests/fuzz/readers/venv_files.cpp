#include "resource/venv_files.hpp"

#include "fuzz/fuzz.hpp"
#include "resource/python_site.hpp"

namespace mlenv::fuzz {

/// pyvenv.cfg, and what mlenvctl keeps beside it.
void venv_files(std::string_view input) {
  const auto config = parse_venv_config(input);
  python_minor(config.version);
  for (const bool wanted : {true, false}) {
    auto expected = config;
    expected.system_site_packages = wanted;
    const auto changed = with_system_site_packages(input, wanted);
    hold(parse_venv_config(changed) == expected, "only the setting that is changed changes");
    hold(with_system_site_packages(changed, wanted) == changed, "changing it again changes nothing");
  }
  const auto marker = parse_marker(std::string(input));
  if (marker) hold(parse_marker(marker_text(*marker)) == marker, "a marker reads as it was written");
}

}  // namespace mlenv::fuzz
