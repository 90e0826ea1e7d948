#include "cli/look_ahead.hpp"

#include <algorithm>
#include <chrono>

#include "cli/screen.hpp"
#include "cli/state.hpp"
#include "forecast/forecast.hpp"
#include "forecast/repository_keyring.hpp"
#include "forecast/shadow_apt.hpp"
#include "host/command_environment.hpp"
#include "host/local_host.hpp"
#include "host/sudo.hpp"
#include "host/terminal.hpp"
#include "resource/installer_settings.hpp"

namespace mlenv {
namespace {

constexpr const char* system_cache = "/var/cache/mlenvctl";

/// The user's own: by the XDG base directories for the one who calls, below root's where root plans for
/// somebody else, so that looking ahead leaves nothing in a home.
std::string user_cache(const OpenHost& host) {
  const auto& user = host.facts.user;
  if (is_root()) return user.uid == 0 ? system_cache : std::string(system_cache) + "/users/" + user.name;
  const auto named = host.environment.find("XDG_CACHE_HOME");
  if (named != host.environment.end() && named->second.starts_with("/")) return named->second + "/mlenvctl";
  return user.home + "/.cache/mlenvctl";
}

/// What tells pip and uv how to choose, in a tree too: the person's own files are named where they do.
Environment settings_of(const OpenHost& host) {
  auto settings = host.environment;
  if (host.root == "/") return settings;
  const auto here = local_reader("/");
  Environment lent;
  add_own_configuration(lent, host.environment, *here, *host.reader, host.facts.user);
  const auto file = lent.find("PIP_CONFIG_FILE");
  if (file != lent.end() && !pip_file_tells_otherwise(*here, file->second)) lent.erase(file);
  settings.insert(lent.begin(), lent.end());
  return settings;
}

bool acts_for_somebody(const OpenHost& host) { return is_root() && host.facts.user.uid != 0; }

/// Root's own where root acts for somebody: what that user could have put into the user's, root installs
/// nothing of. Who asks sudo for steps of his own could have them do anything.
PythonCaches python_caches(const OpenHost& host, const Arguments& arguments) {
  const CacheFolder users{user_cache(host), Privilege::user}, roots{system_cache, Privilege::root};
  const auto wheels = [&](const CacheFolder& own) {
    if (arguments.cache.empty()) return own;
    return CacheFolder{own_path(arguments.cache), is_root() ? Privilege::root : Privilege::user};
  };
  PythonCaches caches{{wheels(users), users}, {wheels(users), users}};
  if (acts_for_somebody(host)) caches.roots = {wheels(roots), roots};
  return caches;
}

CacheFolder package_cache(const OpenHost& host, const Arguments& arguments, bool for_apply) {
  const auto privilege = is_root() || for_apply ? Privilege::root : Privilege::user;
  if (!arguments.cache.empty()) return {own_path(arguments.cache), privilege};
  return {privilege == Privilege::root ? system_cache : user_cache(host), privilege};
}

}  // namespace

std::unique_ptr<HostWriter> writer_for(const OpenHost& host, const std::string& run_id) {
  return local_writer({host.root, host.facts.user, own_program(), run_id});
}

std::optional<Error> unsafe_cache(const OpenHost& host, const Arguments& arguments) {
  if (arguments.cache.empty() || host.recorded) return std::nullopt;
  const auto path = own_path(arguments.cache);
  const auto stat = host.reader->stat(path, Links::follow);
  if (!stat) return stat.error();
  if (!*stat) return std::nullopt;
  constexpr unsigned others_write = 0022;
  if ((*stat)->type != FileType::directory)
    return Error{"cache.unsafe", "`--cache " + arguments.cache + "` is no folder", {}};
  const bool own = (*stat)->uid == 0 || (!is_root() && (*stat)->uid == own_uid());
  if (own && ((*stat)->mode & others_write) == 0) return std::nullopt;
  return Error{
      "cache.unsafe",
      "`--cache " + arguments.cache + "` can be written by others, who could have anything installed",
      "`chown root` and `chmod go-w` it"};
}

bool look_ahead(Plan& plan, const OpenHost& host, const Arguments& arguments) {
  return look_ahead(plan, host, *host.reader, arguments);
}

bool look_ahead(Plan& plan, const OpenHost& host, const HostReader& seen, const Arguments& arguments) {
  if (plan.steps.empty()) return true;
  // Neither a record nor a tree without programs can be asked.
  if (host.recorded || (host.root != "/" && !exists(*host.reader, "/usr/bin/env"))) return true;
  const auto writer = writer_for(host);
  if (acts_for_somebody(host)) {
    // What is done as the user needs a folder of the user's.
    static_cast<void>(writer->make_directory(user_cache(host), 0755, host.facts.user.name, Privilege::root));
  }
  const auto settings = settings_of(host);
  const WaitingLine wait(arguments);
  const auto before = plan.findings.size();
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  forecast(plan, {seen,
                  *writer,
                  host.facts,
                  settings,
                  package_cache(host, arguments, false),
                  python_caches(host, arguments),
                  arguments.offline,
                  {arguments.allow_removals},
                  now,
                  wait.sink(),
                  arguments.promised});
  return std::none_of(plan.findings.begin() + static_cast<std::ptrdiff_t>(before), plan.findings.end(),
                      [](const PlanFinding& each) { return each.severity == Severity::error; });
}

Result<StandingApt> ask_standing_apt(const std::vector<std::string>& packages, const OpenHost& host,
                                     const Arguments& arguments) {
  const auto writer = writer_for(host);
  ShadowApt shadow(*host.reader, *writer, package_cache(host, arguments, false));
  const WaitingLine wait(arguments);
  if (auto prepared = shadow.prepare({}, {}, arguments.offline); !prepared) return prepared.error();
  if (!arguments.offline) {
    const auto trouble = shadow.update();
    if (!trouble) return trouble.error();
    if (!trouble->empty()) return Error{"forecast.index", "apt's index is not whole: " + *trouble, {}};
  }
  return StandingApt{origins_of(packages, shadow), index_digests(shadow, *host.reader)};
}

Fetching fetching_for(const OpenHost& host, const Arguments& arguments) {
  Fetching fetching;
  fetching.packages = package_cache(host, arguments, true);
  fetching.python = python_caches(host, arguments);
  fetching.offline = arguments.offline;
  return fetching;
}

Result<std::string> keyring_of(const AddRepository& step, const OpenHost& host, const Arguments& arguments) {
  const auto writer = writer_for(host);
  const ShadowApt shadow(*host.reader, *writer, package_cache(host, arguments, false));
  const auto kept = host.reader->read_file(shadow.keyring_path(step));
  return kept && *kept ? trusted_keyring(step, **kept) : fetch_keyring(step, *writer);
}

void tidy_cache(const OpenHost& host, HostWriter& writer, const Arguments& arguments) {
  if (!arguments.cache.empty()) return;
  const auto archives = package_cache(host, arguments, true).path + "/apt/archives";
  const auto entries = host.reader->list(archives);
  if (!entries) return;
  for (const auto& entry : *entries) {
    if (entry.name.ends_with(".deb"))
      static_cast<void>(writer.remove(archives + "/" + entry.name, Depth::only, Privilege::root));
  }
}

}  // namespace mlenv
