#include "apply/apt_lock.hpp"

#include <algorithm>
#include <thread>

#include "base/text.hpp"

namespace mlenv {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

std::vector<std::string> paths_of(AptLocks locks) {
  if (locks == AptLocks::indexes) return {"/var/lib/apt/lists/lock"};
  return {"/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock", "/var/cache/apt/archives/lock"};
}

std::string holder_text(const LockHolder& holder) {
  if (holder.process <= 0) return "a process that cannot be seen from here";
  return "process " + std::to_string(holder.process) +
         (holder.command.empty() ? "" : ", `" + holder.command + "`");
}

Error locked(const Wait& wait, seconds waited) {
  return {"apt.locked",
          "`" + wait.what + "` is held by " + holder_text(wait.holder) +
              (waited.count() > 0 ? ", and was for " + std::to_string(waited.count()) + " s" : ""),
          "apply again when that is done; `--wait SECONDS` waits longer"};
}

}  // namespace

AptPatience::AptPatience(AptLocks locks, Stage& stage) : paths_(paths_of(locks)), stage_(stage) {}

std::optional<Wait> AptPatience::look() const {
  for (const auto& path : paths_) {
    const auto holder = stage_.reader.lock_holder(path);
    if (!holder) continue;
    const auto waited = duration_cast<seconds>(Clock::now() - began_);
    return Wait{path, *holder, std::max(seconds(0), stage_.patience - waited)};
  }
  return std::nullopt;
}

void AptPatience::tell(const Wait& wait) {
  constexpr seconds often{60};
  const bool news = !told_ || !(told_->holder == wait.holder) || told_->left - wait.left >= often;
  if (!news) return;
  told_ = wait;
  if (stage_.waits) stage_.waits(wait);
}

std::optional<Error> AptPatience::pause(const Wait& wait) {
  constexpr std::chrono::milliseconds short_time{250};
  if (stage_.interrupted && stage_.interrupted()) {
    return Error{"run.interrupted", "it was waiting for " + holder_text(wait.holder) + "; nothing was begun",
                 "the next `mlenvctl apply` does it"};
  }
  if (wait.left.count() <= 0) return locked(wait, duration_cast<seconds>(Clock::now() - began_));
  tell(wait);
  std::this_thread::sleep_for(short_time);
  return std::nullopt;
}

std::optional<Error> AptPatience::wait() {
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

std::optional<Error> AptPatience::wait_after_refusal() {
  const auto left = stage_.patience - duration_cast<seconds>(Clock::now() - began_);
  if (auto error = pause(look().value_or(Wait{paths_.front(), {}, std::max(seconds(0), left)}))) return error;
  return wait();
}

}  // namespace mlenv
