#include "cli/recorder.hpp"

#include "host/local_host.hpp"
#include "host/survivors.hpp"
#include "view/events_view.hpp"

namespace mlenv {

void Everybody::on(const Event& event) {
  const std::lock_guard lock(mutex_);
  if (finished_) return;
  finished_ = std::holds_alternative<RunFinished>(event);
  for (auto* listener : listeners_) listener->on(event);
}

void Recorder::begin(const std::string& run_id, const std::string& boot) {
  const std::lock_guard lock(mutex_);
  add({{"format", "mlenvctl.journal/1"},
       {"run_id", run_id},
       {"pid", own_process()},
       {"session", own_session()},
       {"boot_id", boot}},
      false);
}

void Recorder::on(const Event& event) {
  const std::lock_guard lock(mutex_);
  const auto* output = std::get_if<StepOutput>(&event);
  if (output == nullptr) return add(event_document(event), true);
  if (const auto kept = kept_of(*output)) add(event_document(*kept), false);
}

std::optional<Error> Recorder::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

std::optional<StepOutput> Recorder::kept_of(const StepOutput& output) {
  constexpr std::size_t most = std::size_t{1024} * 1024;
  auto& bytes = output_[output.step];
  if (bytes > most) return std::nullopt;
  bytes += output.line.size() + 1;
  return bytes > most ? StepOutput{output.step, "… (it printed more, which is not kept)"} : output;
}

void Recorder::add(nlohmann::ordered_json line, bool durable) {
  const auto kept = journal_.add(std::move(line), durable);
  if (kept || trouble_) return;
  trouble_ = kept.error();
  trouble_->hint = "nothing is begun that could not be recorded";
}

}  // namespace mlenv
