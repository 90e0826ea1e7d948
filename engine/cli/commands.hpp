#pragma once

#include "cli/arguments.hpp"

namespace mlenv {

// One function for each command; the exit code comes back.
int plan_command(const Arguments& arguments);
int apply_command(const Arguments& arguments);
int destroy_command(const Arguments& arguments);
int verify_command(const Arguments& arguments);
int validate_command(const Arguments& arguments);
int graph_command(const Arguments& arguments);
int facts_command(const Arguments& arguments);
int doctor_command(const Arguments& arguments);
int resolve_command(const Arguments& arguments);
int explain_command(const Arguments& arguments);
int schema_command(const Arguments& arguments);
int completion_command(const Arguments& arguments);
int show_command(const Arguments& arguments);
int history_command(const Arguments& arguments);
int lock_command(const Arguments& arguments);
int snapshot_command(const Arguments& arguments);
int compare_command(const Arguments& arguments);
int export_command(const Arguments& arguments);
int adopt_command(const Arguments& arguments);
int init_command(const Arguments& arguments);

}  // namespace mlenv
