#include "cli/state.hpp"

#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "cli/trust.hpp"
#include "host/json_text.hpp"
#include "host/local_host.hpp"
#include "host/opened_file.hpp"
#include "host/own_file.hpp"
#include "host/sudo.hpp"
#include "view/plan_document.hpp"
#include "view/plan_lines.hpp"

namespace mlenv {
namespace {

constexpr std::string_view journal_end = ".jsonl";
constexpr std::uint64_t own_file_limit = std::uint64_t{32} * 1024 * 1024;

std::string state_home(const Environment& environment) {
  const auto value = [&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
  };
  if (const auto home = value("XDG_STATE_HOME"); home.starts_with("/")) return home + "/mlenvctl";
  if (is_root()) return "/var/lib/mlenvctl";
  return value("HOME") + "/.local/state/mlenvctl";
}

/// This process as the account that it is: mlenvctl's own files are the caller's, whoever the target user is.
std::unique_ptr<HostWriter> own_writer() {
  Acting acting;
  acting.user.uid = own_uid();
  return local_writer(acting);
}

Privilege own_privilege() { return is_root() ? Privilege::root : Privilege::user; }

/// The last line of a journal says how the run ended; the first when and for what it began.
nlohmann::ordered_json summary_of(const std::string& text) {
  nlohmann::ordered_json summary = {{"started", nullptr}, {"recipe", nullptr}, {"status", "cut short"},
                                    {"done", 0},          {"failed", 0},       {"skipped", 0}};
  const auto journal = read_journal(text);
  if (journal.damaged > 0) summary["status"] = "damaged";
  for (const auto& event : journal.lines) {
    const auto name = text_at(event, "event");
    if (name == "run_started") {
      summary["started"] = text_at(event, "at");
      summary["recipe"] = text_at(event, "recipe");
    } else if (name == "run_finished") {
      for (const char* key : {"status", "done", "failed", "skipped"}) {
        if (event.contains(key)) summary[key] = event[key];
      }
    }
  }
  return summary;
}

}  // namespace

std::string own_path(const std::string& path) {
  std::error_code failure;
  const auto absolute = std::filesystem::absolute(path, failure);
  return failure ? path : normal_path(absolute.string());
}

Result<std::string> read_own_file(const std::string& path) {
  auto file = read_opened(own_path(path), own_file_limit);
  if (file) return std::move(file->bytes);
  auto error = file.error();
  error.message = replace_all(error.message, "`" + own_path(path) + "`", "`" + path + "`");
  return error;
}

Result<Done> write_own_file(const std::string& path, const std::string& text) {
  return own_writer()->write_file({own_path(path), text, 0600, {}, own_privilege()});
}

Result<Done> write_shared_file(const std::string& path, const std::string& text) {
  return own_writer()->write_file({own_path(path), text, 0644, {}, own_privilege()});
}

StateFolder::StateFolder(const std::string& root) : folder_(state_home(process_environment())) {
  if (root != "/") folder_ += "/trees/" + sha256_hex(root).substr(0, 16);
}

Result<Done> StateFolder::make(const std::string& name) const {
  if (const auto error = unsafe_folder(folder_)) return *error;
  // Root's has the system's ledger in it, whose presence is no secret; each file is root's alone.
  const unsigned mode = name.empty() && is_root() ? 0755 : 0700;
  return own_writer()->make_directory(name.empty() ? folder_ : path(name), mode, {}, own_privilege());
}

Result<Done> StateFolder::save_plan(const nlohmann::ordered_json& saved) const {
  if (auto made = make({}); !made) return made;
  // Whole or not there, as every file; when the machine crashes right now it is planned again.
  return write_passing_file(
      own_path(path("plan.json")),
      saved.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n", 0600);
}

Result<nlohmann::ordered_json> StateFolder::saved_plan() const {
  const auto text = read_own_file(path("plan.json"));
  if (!text) return Error{"plan.none-saved", "no plan is saved", "run `mlenvctl plan RECIPE` first"};
  auto saved = parse_json(*text);
  if (!saved.is_object())
    return Error{"plan.unreadable", path("plan.json") + " is not a saved plan", "plan again"};
  return saved;
}

bool StateFolder::is_used(const std::string& nonce) const {
  const auto text = read_own_file(path("used-plans"));
  if (!text) return false;
  const auto lines = split_lines(*text);
  return std::find(lines.begin(), lines.end(), nonce) != lines.end();
}

Result<Done> StateFolder::mark_used(const std::string& nonce) const {
  if (auto made = make({}); !made) return made;
  auto used = AppendFile::open(path("used-plans"));
  if (!used) return used.error();
  return used->append(nonce + "\n", true);
}

Result<Journal> StateFolder::journal(const std::string& run_id) const {
  if (auto made = make("runs"); !made) return made.error();
  return Journal::open(journal_path(run_id));
}

Result<Done> StateFolder::keep_plan(const std::string& run_id, const nlohmann::ordered_json& plan) const {
  if (auto made = make("runs"); !made) return made;
  return write_own_file(path("runs/" + run_id + ".plan.json"), dump(plan));
}

void StateFolder::drop_leftovers(const std::string& run_id) const {
  const auto entries = local_reader("/")->list(path("runs"));
  if (!entries) return;
  for (const auto& entry : *entries) {
    if (entry.name.starts_with("." + run_id + "."))
      static_cast<void>(own_writer()->remove(path("runs/" + entry.name), Depth::only, own_privilege()));
  }
}

nlohmann::ordered_json StateFolder::request_of_run(const std::string& run_id) const {
  const auto text = read_own_file(path("runs/" + run_id + ".plan.json"));
  if (!text) return nullptr;
  auto request = parse_json(*text);
  return request.is_object() ? request : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json StateFolder::plan_of_run(const std::string& run_id) const {
  auto request = request_of_run(run_id);
  // The first ones kept the mere plan.
  return request.is_object() && request.contains("plan") ? request["plan"] : request;
}

std::string StateFolder::newest_run() const {
  std::string newest;
  const auto entries = local_reader("/")->list(path("runs"));
  if (!entries) return newest;
  for (const auto& entry : *entries) {
    if (entry.name.ends_with(journal_end))
      newest = std::max(newest, entry.name.substr(0, entry.name.size() - journal_end.size()));
  }
  return newest;
}

std::vector<PastRun> StateFolder::runs() const {
  std::vector<PastRun> runs;
  const auto entries = local_reader("/")->list(path("runs"));
  if (!entries) return runs;
  for (const auto& entry : *entries) {
    if (!entry.name.ends_with(journal_end)) continue;
    const auto log = path("runs/" + entry.name);
    const auto text = read_own_file(log);
    const auto id = entry.name.substr(0, entry.name.size() - journal_end.size());
    if (text) runs.push_back({id, log, summary_of(*text)});
  }
  std::reverse(runs.begin(), runs.end());
  return runs;
}

}  // namespace mlenv
