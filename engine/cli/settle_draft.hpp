#pragma once

#include "adopt/draft_text.hpp"
#include "base/result.hpp"
#include "cli/arguments.hpp"
#include "cli/open_host.hpp"

namespace mlenv {

/// What a draft has to be.
enum class Settled {
  sound,      ///< a recipe without mistakes that goes together on the host
  unchanging  ///< and a plan of it leaves the host as it is
};

/// Reads the draft back as the recipe that it is, plans it, and puts in doubt what is not as it has to be,
/// until nothing is left to doubt. Changes nothing, starts no process.
Result<DraftText> settle(Draft& draft, Settled wanted, const OpenHost& host, const Arguments& arguments);

/// Prints the recipe, or writes it to the file of `--out`, and says on standard error what has come of it.
int deliver(const Draft& draft, const DraftText& written, const Arguments& arguments);

}  // namespace mlenv
