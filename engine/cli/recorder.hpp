#pragma once

#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "apply/event.hpp"
#include "apply/journal.hpp"

namespace mlenv {

/// Tells several, one after the other, whichever thread has something to tell. The end of a run is the last
/// that they hear: a signal that ended its last step may be told of later than that.
class Everybody : public Listener {
 public:
  explicit Everybody(std::vector<Listener*> listeners) : listeners_(std::move(listeners)) {}
  void on(const Event& event) override;

 private:
  std::mutex mutex_;
  std::vector<Listener*> listeners_;
  bool finished_ = false;
};

/// Keeps the books: all that happens goes into the journal. Output may be lost in a crash, what was begun and
/// ended may not. Of a program that does not stop talking the first megabyte is kept.
class Recorder : public Listener {
 public:
  explicit Recorder(Journal journal) : journal_(std::move(journal)) {}

  void begin(const std::string& run_id, const std::string& boot);
  void on(const Event& event) override;
  /// Why the journal could not be written; then nothing more may begin.
  std::optional<Error> trouble() const;

 private:
  std::optional<StepOutput> kept_of(const StepOutput& output);
  void add(nlohmann::ordered_json line, bool durable);

  mutable std::mutex mutex_;
  Journal journal_;
  std::map<int, std::size_t> output_;  ///< bytes, by step
  std::optional<Error> trouble_;
};

}  // namespace mlenv
