#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/open_host.hpp"
#include "cli/screen.hpp"
#include "kinds/preflight.hpp"
#include "view/facts_view.hpp"
#include "view/findings_view.hpp"
#include "view/plan_document.hpp"

namespace mlenv {

int doctor_command(const Arguments& arguments) {
  Diagnostics diagnostics;
  auto host = open_host(arguments, diagnostics);
  if (!host) return print_diagnostics(diagnostics, arguments), exit_bad_input;
  ask_driver(*host);
  auto findings = find_dead_keys(*host->reader, *host->knowledge);
  const auto of_driver = preflight(host->facts, *host->knowledge);
  findings.insert(findings.begin(), of_driver.begin(), of_driver.end());
  print(arguments.json ? dump(findings_document(findings))
                       : findings_text(findings, style_of(arguments, Stream::out)));
  for (const auto& each : findings) {
    if (each.severity != Severity::note) return exit_pending;
  }
  return exit_ok;
}

}  // namespace mlenv
