#include <array>
#include <ctime>

#include "view/events_view.hpp"
#include "view/plan_document.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

/// ISO 8601 in UTC with milliseconds: `2021-03-04T05:06:07.890Z`.
std::string moment_text(Moment at) {
  using std::chrono::milliseconds;
  const auto total = std::chrono::duration_cast<milliseconds>(at.time_since_epoch()).count();
  const auto part = ((total % 1000) + 1000) % 1000;
  const auto seconds = static_cast<std::time_t>((total - part) / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> buffer{};
  const auto length = std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  const auto fraction = std::to_string(part + 1000).substr(1);
  return std::string(buffer.data(), length) + "." + fraction + "Z";
}

double seconds_of(std::chrono::milliseconds duration) { return static_cast<double>(duration.count()) / 1000; }

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json words_or_null(const std::vector<std::string>& words) {
  return words.empty() ? Json(nullptr) : Json(words);
}

Json document(const RunStarted& event) {
  return {{"event", "run_started"},
          {"at", moment_text(event.at)},
          {"run_id", event.run_id},
          {"recipe", event.recipe},
          {"steps", event.steps}};
}

Json document(const StepStarted& event) {
  return {{"event", "step_started"},
          {"at", moment_text(event.at)},
          {"step", event.step},
          {"title", event.title},
          {"command", words_or_null(event.command)}};
}

Json document(const StepOutput& event) {
  return {{"event", "step_output"}, {"step", event.step}, {"line", event.line}};
}

Json document(const StepWaiting& event) {
  return {{"event", "step_waiting"},
          {"at", moment_text(event.at)},
          {"step", event.step},
          {"what", event.what},
          {"holder", event.holder > 0 ? Json(event.holder) : Json(nullptr)},
          {"command", text_or_null(event.command)},
          {"seconds_left", event.left.count()}};
}

Json document(const RunStopping& event) {
  return {{"event", "run_stopping"}, {"at", moment_text(event.at)}, {"now", event.now}};
}

Json document(const StepFinished& event) {
  return {{"event", "step_finished"},
          {"at", moment_text(event.at)},
          {"step", event.step == 0 ? Json(nullptr) : Json(event.step)},
          {"title", event.title},
          {"status", status_name(event.status)},
          {"reason", text_or_null(event.reason)},
          {"hint", text_or_null(event.hint)},
          {"code", text_or_null(event.code)},
          {"command", words_or_null(event.command)},
          {"exit_code", event.command.empty() ? Json(nullptr) : Json(event.exit_code)},
          {"output", event.tail},
          {"changes", event.changes},
          {"seconds", seconds_of(event.took)}};
}

Json document(const RunFinished& event) {
  return {{"event", "run_finished"},
          {"at", moment_text(event.at)},
          {"run_id", event.run_id},
          {"status", event.status},
          {"done", event.done},
          {"failed", event.failed},
          {"skipped", event.skipped},
          {"seconds", seconds_of(event.took)},
          {"reboot", event.reboot ? "required" : "no"}};
}

class JsonListener : public Listener {
 public:
  explicit JsonListener(std::function<void(std::string_view)> write) : write_(std::move(write)) {}

  void on(const Event& event) override {
    if (!begun_) put({{"format", "mlenvctl.events/1"}});
    begun_ = true;
    put(event_document(event));
  }

 private:
  void put(const Json& line) { write_(line.dump(-1, ' ', false, Json::error_handler_t::replace)); }

  std::function<void(std::string_view)> write_;
  bool begun_ = false;
};

}  // namespace

Json event_document(const Event& event) {
  return masked(std::visit([](const auto& each) { return document(each); }, event));
}

std::unique_ptr<Listener> json_listener(std::function<void(std::string_view line)> write) {
  return std::make_unique<JsonListener>(std::move(write));
}

}  // namespace mlenv
