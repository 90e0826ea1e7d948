#include "apply/package_lock.hpp"

#include <algorithm>
#include <charconv>
#include <thread>

#include "base/text.hpp"
#include "host/caching_reader.hpp"

namespace mlenv {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

std::vector<std::string> paths_of(PackageLocks locks) {
  if (locks == PackageLocks::rpm) return {"/var/lib/rpm/.rpm.lock", "/usr/lib/sysimage/rpm/.rpm.lock"};
  if (locks == PackageLocks::indexes) return {"/var/lib/apt/lists/lock"};
  return {"/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock", "/var/cache/apt/archives/lock"};
}

/// Where dnf and libzypp write down who is at work.
constexpr const char* notes[] = {"/run/zypp.pid", "/var/lib/dnf/rpmdb_lock.pid",
                                 "/var/cache/dnf/metadata_lock.pid", "/var/cache/dnf/download_lock.pid",
                                 "/var/run/yum.pid"};

/// Who wrote the note, while that process runs; its number may be another's since.
std::optional<LockHolder> writer_of(const std::string& note, const HostReader& host) {
  const auto text = look_again(host, note);
  if (!text || !*text) return std::nullopt;
  const auto digits = trim(**text);
  LockHolder holder;
  const auto end = digits.data() + digits.size();
  if (std::from_chars(digits.data(), end, holder.process).ptr != end || holder.process <= 0)
    return std::nullopt;
  const auto running = look_again(host, "/proc/" + std::to_string(holder.process) + "/cmdline");
  if (!running || !*running) return std::nullopt;
  holder.command = mask_credentials(trim(replace_all(**running, std::string(1, '\0'), " ")));
  for (const char* name : {"dnf", "yum", "zypp", "packagekit", "yast", "microdnf"}) {
    if (to_lower(holder.command).find(name) != std::string::npos) return holder;
  }
  return std::nullopt;
}

std::string holder_text(const LockHolder& holder) {
  if (holder.process <= 0) return "a process that cannot be seen from here";
  return "process " + std::to_string(holder.process) +
         (holder.command.empty() ? "" : ", `" + holder.command + "`");
}

Error locked(PackageLocks locks, const Wait& wait, seconds waited) {
  return {locks == PackageLocks::rpm ? "rpm.locked" : "apt.locked",
          "`" + wait.what + "` is held by " + holder_text(wait.holder) +
              (waited.count() > 0 ? ", and was for " + std::to_string(waited.count()) + " s" : ""),
          "apply again when that is done; `--wait SECONDS` waits longer"};
}

}  // namespace

PackagePatience::PackagePatience(PackageLocks locks, Stage& stage)
    : locks_(locks), paths_(paths_of(locks)), stage_(stage) {}

Wait PackagePatience::seen(const std::string& what, const LockHolder& holder) const {
  const auto waited = duration_cast<seconds>(Clock::now() - began_);
  return {what, holder, std::max(seconds(0), stage_.patience - waited)};
}

std::optional<Wait> PackagePatience::look() const {
  for (const auto& path : paths_) {
    if (const auto holder = stage_.reader.lock_holder(path)) return seen(path, *holder);
  }
  if (locks_ != PackageLocks::rpm) return std::nullopt;
  for (const auto* note : notes) {
    if (const auto holder = writer_of(note, stage_.reader)) return seen(note, *holder);
  }
  return std::nullopt;
}

void PackagePatience::tell(const Wait& wait) {
  constexpr seconds often{60};
  const bool news = !told_ || !(told_->holder == wait.holder) || told_->left - wait.left >= often;
  if (!news) return;
  told_ = wait;
  if (stage_.waits) stage_.waits(wait);
}

std::optional<Error> PackagePatience::pause(const Wait& wait) {
  constexpr std::chrono::milliseconds short_time{250};
  if (stage_.interrupted && stage_.interrupted()) {
    return Error{"run.interrupted", "it was waiting for " + holder_text(wait.holder) + "; nothing was begun",
                 "the next `mlenvctl apply` does it"};
  }
  if (wait.left.count() <= 0) return locked(locks_, wait, duration_cast<seconds>(Clock::now() - began_));
  tell(wait);
  std::this_thread::sleep_for(short_time);
  return std::nullopt;
}

std::optional<Error> PackagePatience::wait() {
  while (const auto held = look()) {
    if (auto error = pause(*held)) return error;
  }
  if (told_ && stage_.lines) {
    const auto waited = duration_cast<seconds>(Clock::now() - began_);
    stage_.lines("`" + told_->what + "` is free after " + std::to_string(waited.count()) + " s");
    told_.reset();
  }
  return std::nullopt;
}

std::optional<Error> PackagePatience::wait_after_refusal() {
  const auto left = stage_.patience - duration_cast<seconds>(Clock::now() - began_);
  if (auto error = pause(look().value_or(Wait{paths_.front(), {}, std::max(seconds(0), left)}))) return error;
  return wait();
}

}  // namespace mlenv
