#pragma once

#include "cli/arguments.hpp"
#include "cli/last_run.hpp"
#include "cli/open_host.hpp"
#include "host/writer.hpp"
#include "ledger/ledger.hpp"

namespace mlenv {

// What is to be done after a run that was cut short, before or in place of another one.

/// Waits until the programs are done that it has left at work: nobody is to change what they are changing.
/// False, and it is said why, when they do not come to their end.
bool outlast_survivors(const StateFolder& state, const Arguments& arguments);

/// Puts its books right and removes what it had not yet put in place. False when something of that stays.
bool tidy_after(const CutShortRun& run, const StateFolder& state, Ledger& ledger, const HostReader& reader,
                HostWriter& writer);

/// The host was found as declared: nothing of the run that was cut short is left to do, and its journal says
/// so. The caller has the locks.
void close_run_cut_short(const OpenHost& host);

}  // namespace mlenv
