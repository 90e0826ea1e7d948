#include "fuzz/fuzz.hpp"

namespace mlenv::fuzz {

// Each is a file of this folder, of the target's name.
void apt_output(std::string_view input);
void apt_sources(std::string_view input);
void document(std::string_view input);
void dpkg_status(std::string_view input);
void facts(std::string_view input);
void fenced_block(std::string_view input);
void journal(std::string_view input);
void knowledge(std::string_view input);
void nvml_answer(std::string_view input);
void openpgp(std::string_view input);
void pip_output(std::string_view input);
void python_names(std::string_view input);
void python_site(std::string_view input);
void recorded_host(std::string_view input);
void rpm_database(std::string_view input);
void screen_text(std::string_view input);
void shell_syntax(std::string_view input);
void systemd_unit(std::string_view input);
void unified_diff(std::string_view input);
void venv_files(std::string_view input);
void versions(std::string_view input);
void wheel_archive(std::string_view input);

/// Readers that need few rooms, and are built and run quickly.
std::vector<Target> reader_targets();

std::vector<Target> reader_targets() {
  return {
      {"apt_output", apt_output},
      {"apt_sources", apt_sources},
      {"document", document},
      {"dpkg_status", dpkg_status},
      {"facts", facts},
      {"fenced_block", fenced_block},
      {"journal", journal},
      {"knowledge", knowledge},
      {"nvml_answer", nvml_answer},
      {"openpgp", openpgp},
      {"pip_output", pip_output},
      {"python_names", python_names},
      {"python_site", python_site},
      {"recorded_host", recorded_host},
      {"rpm_database", rpm_database},
      {"screen_text", screen_text},
      {"shell_syntax", shell_syntax},
      {"systemd_unit", systemd_unit},
      {"unified_diff", unified_diff},
      {"venv_files", venv_files},
      {"versions", versions},
      {"wheel_archive", wheel_archive},
  };
}

}  // namespace mlenv::fuzz
