#include "adopt/adopt.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/screen.hpp"
#include "cli/settle_draft.hpp"

namespace mlenv {

int adopt_command(const Arguments& arguments) {
  Diagnostics diagnostics;
  const auto host = open_host(arguments, diagnostics);
  if (!host) return print_diagnostics(diagnostics, arguments), exit_bad_input;
  auto draft = adopt({*host->reader, host->facts, *host->knowledge});
  const auto written = settle(draft, Settled::unchanging, *host, arguments);
  if (!written) return print_error(written.error(), arguments), exit_failed;
  return deliver(draft, *written, arguments);
}

}  // namespace mlenv
