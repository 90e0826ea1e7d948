#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "forecast/shadow_apt.hpp"
#include "forecast/wheel_pool.hpp"
#include "host/facts.hpp"
#include "host/reader.hpp"
#include "host/writer.hpp"
#include "resource/step.hpp"

namespace mlenv {

/// The caches that a run downloads into, and what it has brought there so far.
struct Fetching {
  CacheFolder packages;
  PythonCaches python;
  bool offline = false;                         ///< only what is there already may be used
  std::unique_ptr<ShadowApt> shadow = {};       ///< once everything that apt needs is there
  std::optional<std::int64_t> planned_at = {};  ///< when this process has asked apt what it will do
};

/// Who keeps a step from going on, and for how long it will wait yet.
struct Wait {
  std::string what;  ///< such as the path of a lock
  LockHolder holder;
  std::chrono::seconds left{};
};

/// What carrying out a step may use. `lines` is given every line of output.
struct Stage {
  HostWriter& writer;
  const HostReader& reader;
  const Facts& facts;
  const Environment& environment;  ///< of this process, for decisions such as "is uv there"
  LineSink lines;
  Fetching* fetching = nullptr;                 ///< none: steps fetch for themselves
  std::function<void(const Wait&)> waits = {};  ///< is told of it, now and then
  std::function<bool()> interrupted = {};       ///< true: what only waits gives up
  std::chrono::seconds patience{600};           ///< with other programs of apt's
};

/// How a step ended.
struct Outcome {
  std::optional<Error> error;        ///< nothing: it worked
  std::vector<std::string> command;  ///< the program that failed, when one did
  int exit_code = 0;
  bool ok() const { return !error; }
};

/// Carries out one step. Never throws; what was begun and could not be finished is undone where that is
/// possible.
Outcome perform(const Step& step, Stage& stage);

Outcome perform_step(const WriteFile& step, Stage& stage);
Outcome perform_step(const MakeDirectory& step, Stage& stage);
Outcome perform_step(const RemovePath& step, Stage& stage);
Outcome perform_step(const MovePath& step, Stage& stage);
Outcome perform_step(const EditBlock& step, Stage& stage);
Outcome perform_step(const AddRepository& step, Stage& stage);
Outcome perform_step(const UpdateIndex& step, Stage& stage);
Outcome perform_step(const AptTransaction& step, Stage& stage);
Outcome perform_step(const RpmTransaction& step, Stage& stage);
Outcome perform_step(const MakeVenv& step, Stage& stage);
Outcome perform_step(const PipInstall& step, Stage& stage);
Outcome perform_step(const PipUninstall& step, Stage& stage);
Outcome perform_step(const RunCheck& step, Stage& stage);
Outcome perform_step(const ControlUnit& step, Stage& stage);
Outcome perform_step(const SetMembership& step, Stage& stage);
Outcome perform_step(const FetchPackages& step, Stage& stage);
Outcome perform_step(const FetchWheels& step, Stage& stage);

/// Success, or the error as an outcome.
Outcome outcome_of(const Result<Done>& result);
/// Runs a program; anything but exit code 0 is a failed outcome that names it.
Outcome run_program(const Command& command, Stage& stage, Output* output = nullptr);

}  // namespace mlenv
