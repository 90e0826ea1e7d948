#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "apply/event.hpp"

namespace mlenv {

/// Tells somebody slow (a terminal that was stopped, a pipe that nobody reads) in a thread of its own, so
/// that no step has to wait for that. What is not told yet is told before it goes; of output that piles up
/// the newest lines are left out, and that is said.
class Unhurried : public Listener {
 public:
  explicit Unhurried(std::unique_ptr<Listener> slow);
  ~Unhurried() override;
  Unhurried(const Unhurried&) = delete;
  Unhurried& operator=(const Unhurried&) = delete;
  void on(const Event& event) override;

 private:
  void tell();
  bool has_room(const StepOutput& output);

  const std::unique_ptr<Listener> slow_;
  std::mutex mutex_;  ///< guards all below
  std::condition_variable news_;
  std::deque<Event> open_;
  std::size_t open_bytes_ = 0;  ///< of output
  std::size_t left_out_ = 0;    ///< lines
  bool over_ = false;
  std::thread thread_;
};

}  // namespace mlenv
