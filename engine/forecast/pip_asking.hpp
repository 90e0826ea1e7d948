#pragma once

#include <future>
#include <map>
#include <mutex>
#include <optional>

#include "forecast/pip_forecast.hpp"
#include "forecast/pip_report.hpp"
#include "resource/python_site.hpp"

namespace mlenv {

/// An environment as it will be when the plan's next call for it runs.
struct Environ {
  PythonWanted wanted;
  Distributions installed;
  std::vector<ReportedWheel> coming = {};  ///< by earlier calls of the plan
};

/// What pip has said to one call.
struct PipAnswer {
  std::vector<ReportedWheel> reported = {};
  std::vector<WheelWeight> weights = {};  ///< of each of them
  std::optional<Output> refusal = {};     ///< pip could not plan, and says why
  std::optional<Error> trouble = {};      ///< it could not be asked
  std::optional<Error> unreadable = {};   ///< what it has answered
  bool ok() const { return !refusal && !trouble && !unreadable; }
};

/// The questions that a plan has for pip. They are asked beside each other, those of one environment one
/// after another; nothing of the plan is read after the constructor, and nothing of it is written.
class PipAsking {
 public:
  PipAsking(const Plan& plan, const PipRequest& request);
  ~PipAsking();
  PipAsking(const PipAsking&) = delete;
  PipAsking& operator=(const PipAsking&) = delete;

  /// Begins to ask, on threads of its own.
  void begin();
  /// Waits for the answer to the step at this place of the plan as it was; nothing where there was nothing to
  /// ask. Of an environment whose Python is not there yet nothing can be asked.
  const PipAnswer* answer(std::size_t place);
  /// The environment of a call, once that is answered.
  const Environ& environment(const std::string& prefix) const { return environments_.at(prefix); }

 private:
  struct Question {
    std::size_t place = 0;
    PipInstall call;
    Compiling compiling = Compiling::none;
    bool by_uv = false;  ///< what asks may be uv
    PipAnswer answer = {};
  };
  using Questions = std::vector<Question>;

  void add(std::size_t place, PipInstall call, const Plan& plan);
  bool are_alike(const std::string& one, const std::string& other) const;
  void ask_all(const std::string& prefix, Questions& questions);
  PipAnswer ask(const PipInstall& call, Environ& environment);
  std::vector<std::string> arguments(const PipInstall& call, const std::string& report);
  void weigh(Question& question) const;
  const CacheFolder& cache_of(const PipInstall& call) const {
    return request_.caches.of(call.privilege).planning;
  }

  const PipRequest& request_;
  std::mutex finding_;  ///< one pip is made at a time
  PlanningPips users_pips_, roots_pips_;
  std::map<std::string, Environ> environments_;
  std::map<std::string, Questions> questions_;  ///< by environment
  std::map<std::string, std::future<void>> asked_;
  std::map<std::string, std::string> answered_by_;  ///< environments that another one's answers are true of
};

/// The environment as it stands on the host.
Environ standing_environment(const std::string& prefix, const PipRequest& request);
/// The environment that a step makes; nothing where its Python is not there yet.
std::optional<Environ> coming_environment(const MakeVenv& venv, const PipRequest& request);
/// The call that brings the pip that a venv is to have; nothing where it is what the Python brings.
std::optional<PipInstall> call_for_pip(const MakeVenv& venv);

}  // namespace mlenv
