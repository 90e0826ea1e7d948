#pragma once

namespace mlenv {

/// Takes from this process, for good, what changes a machine: it can start no program, load no kernel module,
/// and neither make nor remove nor re-own files by name (opening them stays as it was). Such calls fail with
/// EPERM. False when the kernel does not do that.
bool keep_hands_off();

}  // namespace mlenv
