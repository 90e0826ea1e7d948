#include <malloc.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <iostream>
#include <map>
#include <new>
#include <system_error>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "host/local_host.hpp"

namespace {

using mlenv::Arguments;

void begin_logging(const Arguments& arguments) {
  auto logger = spdlog::stderr_color_st("mlenvctl");
  logger->set_pattern("%l: %v");
  logger->set_level(arguments.verbose ? spdlog::level::debug
                    : arguments.quiet ? spdlog::level::err
                                      : spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
}

/// Memory that was asked for once is kept: a command ends soon, and the kernel clears each page that is given
/// back and asked for again.
void keep_memory() {
#if defined(__GLIBC__)
  constexpr int mib = 1024 * 1024;
  ::mallopt(M_TOP_PAD, 16 * mib);
  ::mallopt(M_TRIM_THRESHOLD, 1024 * mib);
  ::mallopt(M_MMAP_THRESHOLD, 32 * mib);
#endif
}

int run(std::vector<std::string> words) {
  // The part of mlenvctl that runs behind sudo; nobody types these.
  if (!words.empty() && words[0] == "host-file")
    return mlenv::host_file_main({words.begin() + 1, words.end()});
  if (!words.empty() && words[0] == "host-run") return mlenv::host_run_main({words.begin() + 1, words.end()});
  if (!words.empty() && words[0] == "host-lock")
    return mlenv::host_lock_main({words.begin() + 1, words.end()});
  const auto parsed = mlenv::parse_arguments(std::move(words));
  if (!parsed.arguments) {
    (parsed.exit_code == mlenv::exit_ok ? std::cout : std::cerr) << parsed.text;
    return parsed.exit_code;
  }
  begin_logging(*parsed.arguments);
  const std::map<std::string, int (*)(const Arguments&)> commands = {
      {"plan", mlenv::plan_command},         {"apply", mlenv::apply_command},
      {"destroy", mlenv::destroy_command},   {"verify", mlenv::verify_command},
      {"validate", mlenv::validate_command}, {"graph", mlenv::graph_command},
      {"facts", mlenv::facts_command},       {"doctor", mlenv::doctor_command},
      {"resolve", mlenv::resolve_command},   {"explain", mlenv::explain_command},
      {"schema", mlenv::schema_command},     {"show", mlenv::show_command},
      {"history", mlenv::history_command},   {"snapshot", mlenv::snapshot_command},
      {"compare", mlenv::compare_command},   {"export", mlenv::export_command},
      {"adopt", mlenv::adopt_command},       {"init", mlenv::init_command},
      {"lock", mlenv::lock_command},         {"completion", mlenv::completion_command}};
  return commands.at(parsed.arguments->command)(*parsed.arguments);
}

}  // namespace

int main(int argc, char** argv) {
  keep_memory();
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::bad_alloc&) {
    std::cerr << "error: there is not enough memory [host.no-memory]\n";
    return mlenv::exit_failed;
  } catch (const std::system_error& error) {  // no more threads or descriptors, say
    std::cerr << "error: the system does not let it go on: " << error.code().message() << " [host.failed]\n";
    return mlenv::exit_failed;
  } catch (const std::exception& error) {
    std::cerr << "error: this is a bug in mlenvctl: " << error.what() << "\n";
    return mlenv::exit_failed;
  }
}
