#pragma once

#include <string>
#include <vector>

#include "view/plan_lines.hpp"

namespace mlenv {

/// One line of the table of hosts.
struct HostRow {
  std::string name;  ///< the host's, or its record's where hosts share one
  std::string os;
  std::string gpu;
  std::vector<std::string> counts;  ///< create, change, replace, delete, unknown; `-` for none
  std::string note;                 ///< why there is no plan, or what counts besides
};

/// Hosts on which the same happens.
struct HostGroup {
  std::vector<std::string> names;
  const Json* plan = nullptr;  ///< of the first of them
};

/// `gpu01`, for each host of a `mlenvctl.plans/1` document.
std::vector<std::string> host_names(const Json& plans);
std::vector<HostRow> host_rows(const Json& plans);
/// Of hosts to which something happens, or which are refused, in their order.
std::vector<HostGroup> host_groups(const Json& plans);

/// `3 to create, 1 to change`, or that there is no plan; empty when nothing is to be done.
std::string short_summary(const Json& plan);
/// `4 of 6 hosts would change, 1 is as declared, 1 is refused.`
std::string hosts_summary(const Json& plans);

}  // namespace mlenv
