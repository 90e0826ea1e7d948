#pragma once

#include <functional>
#include <thread>

#include "base/result.hpp"

namespace mlenv {

/// How soon this process is asked to end.
enum class Stop {
  no,
  after_step,  ///< nothing more is begun
  now          ///< what may be ended is ended, too
};
Stop stop_wanted();
/// True once anything but Stop::no is wanted.
bool stop_requested();
/// `run.interrupted`: how what was ended for Stop::now ends.
Error interrupted();

/// Something that is ended when Stop::now is wanted: `end` is called from another thread, or at once where it
/// is wanted already, and never after this object is gone.
class Endable {
 public:
  explicit Endable(std::function<void()> end);
  ~Endable();
  Endable(const Endable&) = delete;
  Endable& operator=(const Endable&) = delete;

 private:
  friend void end_endable();
  std::function<void()> end_;
};

/// For as long as it lives SIGINT and SIGTERM end nothing by themselves: the first one asks for
/// Stop::after_step, the second for Stop::now, which ends what is Endable. `told` hears of each
/// in a thread of its own. SIGHUP and SIGPIPE do nothing from here on: a lost connection
/// does not stop a run half-way. There is one at a time.
class StopSignals {
 public:
  explicit StopSignals(std::function<void(Stop)> told);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

 private:
  void listen(int pipe, const std::function<void(Stop)>& told);

  int write_end_ = -1;
  std::thread thread_;
};

}  // namespace mlenv
