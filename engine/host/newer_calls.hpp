#pragma once

namespace mlenv::newer_call {

/// System calls that the headers of older releases do not name, and that the kernel may have all the same:
/// what is built on Debian 11 runs on its successors. New calls have one number on every architecture since
/// Linux 5.1 (arch/*/syscall tables).
constexpr long close_range = 436;  ///< Linux 5.9
constexpr long openat2 = 437;      ///< Linux 5.6
constexpr long fchmodat2 = 452;    ///< Linux 6.6

}  // namespace mlenv::newer_call
