#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <ostream>
#include <set>
#include <thread>

#include "base/text.hpp"
#include "view/events_view.hpp"
#include "view/live_area.hpp"
#include "view/run_summary.hpp"
#include "view/screen_text.hpp"

namespace mlenv {
namespace {

constexpr std::chrono::milliseconds redraw_every{100};
constexpr std::chrono::seconds remind_every{300};  ///< where nothing can be redrawn
constexpr unsigned narrowest = 20;

/// A step that runs now.
struct Running {
  std::string title;
  Moment began;
  std::string last_output;
  std::optional<StepWaiting> waiting;  ///< for somebody else
  Moment asked;                        ///< when it was told to wait, as this listener's clock says
  std::chrono::seconds reminded{0};    ///< of its time
};

std::string holder_text(const StepWaiting& event) {
  if (event.holder <= 0) return "a process that cannot be seen from here";
  return "process " + std::to_string(event.holder) +
         (event.command.empty() ? "" : " (`" + visible(event.command) + "`)");
}

class TextListener : public Listener {
 public:
  TextListener(std::ostream& out, const Style& style, std::function<Moment()> clock)
      : out_(out), style_(style), clock_(std::move(clock)), live_(out) {
    ticker_ = std::thread([this] { tick(); });
  }
  TextListener(const TextListener&) = delete;
  TextListener& operator=(const TextListener&) = delete;

  ~TextListener() override {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    news_.notify_all();
    if (ticker_.joinable()) ticker_.join();
    if (on_terminal()) live_.show({});
  }

  void on(const Event& event) override {
    const std::lock_guard lock(mutex_);
    std::visit([this](const auto& each) { take(each); }, event);
  }

 private:
  /// Where a line has no room for anything, plain lines serve better.
  bool on_terminal() const { return style_.width >= narrowest; }

  void take(const RunStarted& event) { steps_ = event.steps; }

  void take(const StepStarted& event) {
    auto& running = running_[event.step];
    running.title = visible(event.title);
    running.began = clock_();
    std::string text;
    if (!on_terminal() || style_.verbose)
      text = step_number(event.step, steps_) + visible(event.title) + " …\n";
    if (style_.verbose && !event.command.empty()) {
      text += dim("      $ " + visible(shell_words(event.command)), style_) + "\n";
    }
    print(text);
  }

  void take(const StepOutput& event) {
    const auto line = visible(event.line);
    if (style_.verbose) print(dim(step_number(event.step, steps_) + "| " + line, style_) + "\n");
    const auto running = running_.find(event.step);
    if (running == running_.end()) return;
    if (running->second.waiting.has_value() && !on_terminal() && !style_.verbose)
      print("      " + line + "\n");
    running->second.waiting.reset();
    if (!trim(line).empty()) running->second.last_output = line;
  }

  void take(const StepWaiting& event) {
    const auto running = running_.find(event.step);
    if (running == running_.end()) return;
    running->second.waiting = event;
    running->second.asked = clock_();
    if (on_terminal()) return redraw();
    print("      waiting for " + holder_text(event) + ", which holds " + visible(event.what) + ", at most " +
          duration_text(event.left) + "\n");
  }

  void take(const RunStopping& event) {
    std::vector<std::string> titles;
    for (const auto& [step, running] : running_) titles.push_back("`" + running.title + "`");
    const auto what = titles.empty() ? std::string("what is at hand") : join(titles, ", ");
    print(yellow("Interrupted:", style_) +
          (event.now
               ? " what may be ended is being ended; apt and dpkg finish what they are at.\n"
               : " the run ends after " + what +
                     ". Once more ends downloads, pip and checks at once; apt and dpkg always finish.\n"));
  }

  void take(const StepFinished& event) {
    if (event.step > 0) finished_.insert(event.step);
    if (event.status == StepStatus::ok || event.status == StepStatus::failed) running_.erase(event.step);
    if (event.status != StepStatus::ok) problems_.push_back(event);
    print(finish_line(event));
  }

  void take(const RunFinished& event) {
    running_.clear();
    const auto left = steps_ > finished_.size() ? steps_ - finished_.size() : 0;
    print(summary_text({event, problems_, steps_, event.status == "interrupted" ? left : 0}, style_));
  }

  /// How a step ended. What was not reached or waits is told at the end, all together.
  std::string finish_line(const StepFinished& event) const {
    if (event.status == StepStatus::skipped || event.status == StepStatus::waiting) return {};
    // The line in which the step began stands on the screen already, unless it was a live one.
    const bool names_step = on_terminal() || event.step == 0;
    const auto begin = step_number(event.step, steps_) + (names_step ? visible(event.title) + ": " : "");
    const auto took = duration_text(event.took);
    if (event.status == StepStatus::ok) return begin + green("done", style_) + " in " + took + "\n";
    return begin + red("failed", style_) + (event.step == 0 ? "" : " after " + took) + ": " +
           visible(event.reason) + "\n";
  }

  void print(const std::string& text) {
    if (!on_terminal()) {
      out_ << text << std::flush;
      return;
    }
    if (!text.empty()) live_.print(text);
    redraw();
  }

  std::chrono::seconds since(Moment moment) const {
    return std::chrono::duration_cast<std::chrono::seconds>(clock_() - moment);
  }

  static std::string seconds_text(std::chrono::seconds time) {
    return time.count() < 1 ? "0 s" : duration_text(time);
  }

  /// What there is to say of a step beside its name and its time.
  std::string note_of(const Running& running) const {
    if (!running.waiting) return running.last_output;
    return "gives up in " + seconds_text(running.waiting->left - since(running.asked)) + ", waits for " +
           holder_text(*running.waiting);
  }

  std::string live_line(int step, const Running& running) const {
    const auto note = note_of(running);
    const auto time = "  " + seconds_text(since(running.began));
    const std::size_t room = style_.width - 1;  // a full line would wrap
    const std::size_t part = running.waiting ? room * 2 / 5 : room * 3 / 5;
    const std::size_t for_title = note.empty() ? room : part;
    const auto title = cut(step_number(step, steps_) + running.title,
                           for_title > columns(time) ? for_title - columns(time) : 1);
    const auto used = columns(title) + columns(time) + 2;
    if (note.empty() || used + 8 > room) return cut(title + time, room);
    return title + time + "  " + dim(cut(note, room - used), style_);
  }

  void redraw() {
    std::vector<std::string> lines;
    for (const auto& [step, running] : running_) lines.push_back(live_line(step, running));
    live_.show(lines);
  }

  /// A log shows that something goes on, too.
  void remind() {
    for (auto& [step, running] : running_) {
      const auto time = since(running.began);
      if (time - running.reminded < remind_every) continue;
      running.reminded = time;
      const auto note = note_of(running);
      print(step_number(step, steps_) + "still running after " + duration_text(time) +
            (note.empty() ? "" : ": " + note) + "\n");
    }
  }

  void tick() {
    std::unique_lock lock(mutex_);
    while (!news_.wait_for(lock, redraw_every, [this] { return closed_; })) {
      try {
        on_terminal() ? redraw() : remind();
      } catch (const std::exception&) {  // too little memory to draw: the next time, perhaps
      }
    }
  }

  std::ostream& out_;
  const Style style_;
  const std::function<Moment()> clock_;
  std::mutex mutex_;  ///< guards all below
  std::condition_variable news_;
  bool closed_ = false;
  LiveArea live_;
  std::size_t steps_ = 0;
  std::map<int, Running> running_;
  std::set<int> finished_;
  std::vector<StepFinished> problems_;
  std::thread ticker_;
};

}  // namespace

Moment steady_moment() {
  return Moment(
      std::chrono::duration_cast<Moment::duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

std::unique_ptr<Listener> text_listener(std::ostream& out, const Style& style,
                                        std::function<Moment()> clock) {
  return std::make_unique<TextListener>(out, style, std::move(clock));
}

}  // namespace mlenv
