#include "apply/apply.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <thread>

#include "apply/progress.hpp"
#include "base/text.hpp"
#include "plan/make_plan.hpp"

namespace mlenv {
namespace {

constexpr std::size_t tail_lines = 20;

/// One run. The thread that calls run() decides, probes and keeps the books; workers only perform.
class Run {
 public:
  Run(const ApplyRequest& request, Listener& listener)
      : request_(request),
        listener_(listener),
        progress_(request.plan),
        settled_(request.plan.steps.size() + 1, false) {
    for (std::size_t i = 0; i < request.graph.resources.size(); ++i) {
      resource_of_.emplace(request.graph.resources[i].address, i);
    }
  }

  ~Run() {
    for (auto& [id, task] : running_) {
      if (task.thread.joinable()) task.thread.join();
    }
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  Report run();

 private:
  using Steady = std::chrono::steady_clock;
  struct Task {
    const PlannedStep* planned = nullptr;
    Step step;
    std::vector<std::size_t> changes;
    Steady::time_point began;
    std::shared_ptr<const Facts> facts;
    std::deque<std::string> tail;
    Outcome outcome;
    bool untouched = false;  ///< kept from beginning
    std::thread thread;
  };

  void announce_settled();
  void begin_what_can();
  bool may_begin(const PlannedStep& step) const;
  void begin(const PlannedStep& planned, Ready ready);
  void work(Task& task);
  void report_done(int id);
  void pass_over(const PlannedStep& planned, const Ready& ready);
  void finish(Task& task);
  std::optional<Error> not_converged(const Task& task);
  void settle(const Task& task, const std::optional<Error>& failure);
  void emit(const Event& event);
  std::vector<std::string> addresses(const std::vector<std::size_t>& changes) const;
  /// Not by the clock of the day, which may be set meanwhile.
  static std::chrono::milliseconds since(Steady::time_point began) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - began);
  }

  const ApplyRequest& request_;
  Listener& listener_;
  Progress progress_;
  std::map<Address, std::size_t> resource_of_;
  std::vector<bool> settled_;  ///< by step id
  std::vector<bool> begun_ = std::vector<bool>(settled_.size(), false);
  std::map<int, Task> running_;
  std::mutex mutex_;  ///< guards listener_, done_ and the tails
  std::condition_variable news_;
  std::deque<int> done_;
  std::shared_ptr<const Facts>
      facts_;           ///< replaced when root's steps may have changed them; tasks keep theirs
  bool ended_ = false;  ///< something was ended by an interruption
  Report report_;
};

/// What a step that did not come to an end of its own ends with.
Error broken_off(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr)
    return {"host.no-memory", "there is not enough memory", "apply again when there is more"};
  return {"apply.failed", error.what(), {}};
}

void Run::emit(const Event& event) {
  const std::lock_guard lock(mutex_);
  listener_.on(event);
}

std::vector<std::string> Run::addresses(const std::vector<std::size_t>& changes) const {
  std::vector<std::string> names;
  for (const auto change : changes) names.push_back(request_.plan.changes[change].address.str());
  return names;
}

/// What nobody can do anything about in this run is said first.
void Run::announce_settled() {
  for (std::size_t i = 0; i < request_.plan.changes.size(); ++i) {
    const auto state = progress_.state(i);
    const auto& change = request_.plan.changes[i];
    if (state == ChangeState::open || change.decision.action == Action::none) continue;
    StepFinished event;
    event.title = change.address.str();
    event.status = state == ChangeState::waiting ? StepStatus::waiting : StepStatus::failed;
    event.reason = change.decision.because;
    if (!change.decision.findings.empty()) {
      event.hint = change.decision.findings.front().hint;
      event.code = change.decision.findings.front().code;
    }
    event.changes = addresses({i});
    event.at = request_.clock();
    (state == ChangeState::waiting ? report_.waiting : report_.failed) += 1;
    emit(event);
  }
}

bool Run::may_begin(const PlannedStep& step) const {
  const auto is_settled = [&](int id) { return settled_[static_cast<std::size_t>(id)]; };
  if (!std::all_of(step.needs.begin(), step.needs.end(), is_settled)) return false;
  const auto use = exclusive_use(step.step);
  return use.empty() || std::none_of(running_.begin(), running_.end(), [&](const auto& entry) {
           return exclusive_use(entry.second.step) == use;
         });
}

void Run::begin_what_can() {
  for (const auto& step : request_.plan.steps) {
    const auto id = static_cast<std::size_t>(step.id);
    if (begun_[id] || !may_begin(step)) continue;
    if (running_.size() >= std::max(1U, request_.parallel) || request_.interrupted()) return;
    begun_[id] = true;
    auto ready = progress_.inspect(step);
    if (!ready.blocked.empty()) pass_over(step, ready);
    if (ready.step) begin(step, std::move(ready));
  }
}

void Run::pass_over(const PlannedStep& planned, const Ready& ready) {
  StepFinished event;
  event.step = planned.id;
  event.title = ready.step ? join(addresses(ready.blocked), ", ") : step_title(planned.step);
  event.status = ready.waits ? StepStatus::waiting : StepStatus::skipped;
  event.reason = ready.reason;
  event.changes = addresses(ready.blocked);
  event.at = request_.clock();
  (ready.waits ? report_.waiting : report_.skipped) += 1;
  for (const auto change : ready.blocked) progress_.finish_step(change);
  if (!ready.step) settled_[static_cast<std::size_t>(planned.id)] = true;
  emit(event);
}

void Run::begin(const PlannedStep& planned, Ready ready) {
  auto& task = running_[planned.id];
  task.planned = &planned;
  task.step = std::move(*ready.step);
  task.changes = std::move(ready.changes);
  task.began = Steady::now();
  task.facts = facts_;
  emit(StepStarted{planned.id, step_title(task.step), step_command(task.step), request_.clock()});
  if (auto error = request_.before_step({planned.id, task.step, task.changes})) {
    task.outcome.error = std::move(error);
    task.untouched = true;
    report_done(planned.id);
    return;
  }
  try {
    task.thread = std::thread([this, &task] { work(task); });
  } catch (const std::exception& error) {
    task.outcome.error = broken_off(error);
    report_done(planned.id);
  }
}

void Run::work(Task& task) {
  const auto id = task.planned->id;
  Stage stage{request_.writer,
              request_.reader,
              *task.facts,
              request_.environment,
              [&](std::string_view line) {
                const std::lock_guard lock(mutex_);
                task.tail.push_back(mask_credentials(line));
                if (task.tail.size() > tail_lines) task.tail.pop_front();
                listener_.on(StepOutput{id, task.tail.back()});
              },
              request_.fetching,
              [&](const Wait& wait) {
                emit(StepWaiting{id, wait.what, wait.holder.process, wait.holder.command, wait.left,
                                 request_.clock()});
              },
              request_.interrupted,
              request_.patience};
  try {
    task.outcome = perform(task.step, stage);
  } catch (const std::exception& error) {
    task.outcome.error = broken_off(error);
  }
  report_done(id);
}

void Run::report_done(int id) {
  {
    const std::lock_guard lock(mutex_);
    done_.push_back(id);
  }
  news_.notify_one();
}

/// Probes the resources whose last step this was.
std::optional<Error> Run::not_converged(const Task& task) {
  if (step_privilege(task.step) == Privilege::root) facts_ = std::make_shared<const Facts>(request_.facts());
  ProbeCache cache;
  std::optional<Error> failure;
  for (const auto change : task.changes) {
    if (!progress_.finish_step(change)) continue;
    const auto& planned = request_.plan.changes[change];
    if (planned.decision.action == Action::none) {
      progress_.settle(change, ChangeState::done);
      continue;
    }
    const auto decision =
        decide_again(request_.graph, resource_of_.at(planned.address), *facts_, request_.reader, cache);
    const bool good = decision.action == Action::none || decision.action == Action::not_applicable;
    const bool boots = planned.reboots && !driver_runs(*facts_);
    report_.reboot = report_.reboot || (good && boots);
    progress_.settle(change, !good ? ChangeState::failed : boots ? ChangeState::booting : ChangeState::done);
    if (good || failure) continue;
    failure = Error{"apply.not-converged",
                    "applied, but not converged: `" + planned.address.str() + "`: " + decision.because,
                    {}};
  }
  return failure;
}

void Run::settle(const Task& task, const std::optional<Error>& failure) {
  if (failure && is_download(task.step)) progress_.miss_downloads();
  if (failure && !task.outcome.ok()) {
    for (const auto change : task.changes) {
      progress_.finish_step(change);
      progress_.settle(change, ChangeState::failed);
    }
  }
  (failure ? report_.failed : report_.done) += 1;
  settled_[static_cast<std::size_t>(task.planned->id)] = true;
}

void Run::finish(Task& task) {
  if (task.thread.joinable()) task.thread.join();
  const auto failure = task.outcome.ok() ? not_converged(task) : task.outcome.error;
  ended_ = ended_ || (failure && failure->code == "run.interrupted");
  settle(task, failure);
  if (!task.untouched) request_.after_step({task.planned->id, task.step, task.changes}, !failure);
  StepFinished event;
  event.step = task.planned->id;
  event.title = step_title(task.step);
  event.status = failure ? StepStatus::failed : StepStatus::ok;
  if (failure) {
    event.reason = mask_credentials(failure->message);
    event.hint = mask_credentials(failure->hint);
    if (event.hint.empty() && is_download(task.step)) event.hint = "nothing was changed";
    event.code = failure->code;
    event.command = task.outcome.command;
    event.exit_code = task.outcome.exit_code;
    event.tail.assign(task.tail.begin(), task.tail.end());
  }
  event.changes = addresses(task.changes);
  event.took = since(task.began);
  event.at = request_.clock();
  emit(event);
  running_.erase(task.planned->id);
}

Report Run::run() {
  const auto began = Steady::now();
  facts_ = std::make_shared<const Facts>(request_.facts());
  emit(RunStarted{request_.run_id, request_.plan.recipe.name, request_.plan.steps.size(), request_.clock()});
  announce_settled();
  for (begin_what_can(); !running_.empty(); begin_what_can()) {
    std::unique_lock lock(mutex_);
    news_.wait(lock, [&] { return !done_.empty(); });
    const auto id = done_.front();
    done_.pop_front();
    lock.unlock();
    finish(running_.at(id));
  }
  const bool cut_short = std::find(begun_.begin() + 1, begun_.end(), false) != begun_.end();
  report_.status = cut_short || ended_                     ? "interrupted"
                   : report_.failed > 0                    ? "failed"
                   : report_.waiting > 0 || report_.reboot ? "waiting"
                                                           : "ok";
  emit(RunFinished{request_.run_id, report_.status, report_.done, report_.failed, report_.skipped,
                   since(began), request_.clock(), report_.reboot});
  return report_;
}

}  // namespace

Report apply(const ApplyRequest& request, Listener& listener) { return Run(request, listener).run(); }

}  // namespace mlenv
