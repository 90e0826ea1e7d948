#include "view/run_record.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <map>

#include "base/text.hpp"
#include "host/json_text.hpp"
#include "view/plan_lines.hpp"

namespace mlenv {
namespace {

constexpr const char* no_end = "cut short";

std::string raw_at(const Json& object, const char* key) {
  const auto& value = at(object, key);
  return value.is_string() ? value.get<std::string>() : text_at(object, key);
}

std::vector<std::string> texts_at(const Json& object, const char* key) {
  std::vector<std::string> texts;
  const auto& list = at(object, key);
  if (!list.is_array()) return texts;
  for (const auto& each : list) texts.push_back(each.is_string() ? each.get<std::string>() : each.dump());
  return texts;
}

std::int64_t milliseconds_at(const Json& object, const char* key) {
  constexpr double longest = 1e9;
  const auto& value = at(object, key);
  if (!value.is_number()) return 0;
  return std::llround(std::clamp(value.get<double>(), 0.0, longest) * 1000);
}

/// Puts events together.
class Reader {
 public:
  void take(const Json& event) {
    const auto name = text_at(event, "event");
    const auto now = moment_of(raw_at(event, "at"));
    if (now) last_ = *now;
    if (name == "run_started") start(event, now);
    if (name == "step_started") start_step(event, now);
    if (name == "step_output") step_of(event).output.push_back(raw_at(event, "line"));
    if (name == "step_finished") finish_step(event, now);
    if (name == "run_finished") finish(event);
  }

  RunRecord end() {
    for (auto& step : run_.steps) {
      if (step.status == no_end && step.began)
        step.took = std::max<std::int64_t>(0, since(last_) - *step.began);
    }
    if (run_.status == no_end) run_.took = since(last_);
    return std::move(run_);
  }

 private:
  std::int64_t since(std::int64_t moment) const {
    constexpr std::int64_t longest = 1'000'000'000'000;
    return std::clamp<std::int64_t>(moment - began_.value_or(moment), 0, longest);
  }

  void start(const Json& event, std::optional<std::int64_t> now) {
    began_ = now;
    run_.id = raw_at(event, "run_id");
    run_.recipe = raw_at(event, "recipe");
    run_.started = raw_at(event, "at");
    run_.status = no_end;
  }

  StepRecord& step_of(const Json& event) {
    const auto id = text_at(event, "step");
    const auto [place, fresh] = places_.emplace(id, run_.steps.size());
    if (!fresh && !id.empty()) return run_.steps[place->second];
    run_.steps.emplace_back();
    run_.steps.back().id = id;
    run_.steps.back().status = no_end;
    return run_.steps.back();
  }

  void start_step(const Json& event, std::optional<std::int64_t> now) {
    auto& step = step_of(event);
    step.title = raw_at(event, "title");
    step.command = texts_at(event, "command");
    if (now) step.began = since(*now);
  }

  void finish_step(const Json& event, std::optional<std::int64_t> now) {
    auto& step = step_of(event);
    step.title = raw_at(event, "title");
    step.status = text_at(event, "status");
    step.took = milliseconds_at(event, "seconds");
    step.reason = raw_at(event, "reason");
    step.hint = raw_at(event, "hint");
    step.code = raw_at(event, "code");
    step.exit_code = text_at(event, "exit_code");
    step.changes = texts_at(event, "changes");
    if (auto command = texts_at(event, "command"); !command.empty()) step.command = std::move(command);
    if (step.output.empty()) step.output = texts_at(event, "output");
    const bool ran = step.status == "ok" || step.status == "failed";
    if (!step.began && now && ran) step.began = std::max<std::int64_t>(0, since(*now) - step.took);
  }

  void finish(const Json& event) {
    run_.status = text_at(event, "status");
    run_.took = milliseconds_at(event, "seconds");
    run_.done = text_at(event, "done");
    run_.failed = text_at(event, "failed");
    run_.skipped = text_at(event, "skipped");
  }

  RunRecord run_;
  std::map<std::string, std::size_t> places_;  ///< of steps, by id
  std::optional<std::int64_t> began_;
  std::int64_t last_ = 0;
};

}  // namespace

std::optional<std::int64_t> moment_of(const std::string& text) {
  std::tm parts{};
  int milliseconds = 0;
  const int read = std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ", &parts.tm_year, &parts.tm_mon,
                               &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &milliseconds);
  if (read < 6) return std::nullopt;
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return static_cast<std::int64_t>(timegm(&parts)) * 1000 + milliseconds;
}

RunRecord read_run(std::string_view journal) {
  Reader reader;
  for (const auto line : split_lines(journal)) {
    const auto event = parse_json(line);
    if (event.is_object()) reader.take(event);
  }
  return reader.end();
}

}  // namespace mlenv
