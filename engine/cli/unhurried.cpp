#include "cli/unhurried.hpp"

#include <algorithm>
#include <exception>
#include <string>

namespace mlenv {
namespace {

std::size_t output_bytes(const Event& event) {
  const auto* output = std::get_if<StepOutput>(&event);
  return output == nullptr ? 0 : output->line.size() + 1;
}

}  // namespace

Unhurried::Unhurried(std::unique_ptr<Listener> slow) : slow_(std::move(slow)), thread_([this] { tell(); }) {}

Unhurried::~Unhurried() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  news_.notify_one();
  thread_.join();
}

bool Unhurried::has_room(const StepOutput& output) {
  constexpr std::size_t most = std::size_t{8} * 1024 * 1024;
  if (open_bytes_ > most) return ++left_out_, false;
  if (left_out_ > 0)
    open_.push_back(StepOutput{output.step, "… (" + std::to_string(left_out_) + " lines are left out)"});
  left_out_ = 0;
  return true;
}

void Unhurried::on(const Event& event) {
  {
    const std::lock_guard lock(mutex_);
    const auto* output = std::get_if<StepOutput>(&event);
    if (output != nullptr && !has_room(*output)) return;
    open_bytes_ += output_bytes(event);
    open_.push_back(event);
  }
  news_.notify_one();
}

void Unhurried::tell() {
  std::unique_lock lock(mutex_);
  for (;;) {
    news_.wait(lock, [this] { return over_ || !open_.empty(); });
    if (open_.empty()) return;
    const auto event = std::move(open_.front());
    open_.pop_front();
    lock.unlock();
    try {
      slow_->on(event);
    } catch (const std::exception&) {  // not enough memory to say it: the run goes on, its journal has it
    }
    lock.lock();
    open_bytes_ -= std::min(open_bytes_, output_bytes(event));
  }
}

}  // namespace mlenv
