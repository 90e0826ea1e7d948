#include "cli/recorder.hpp"

#include "support/catch.hpp"

using namespace mlenv;

namespace {

struct Heard : Listener {
  std::vector<Event> events;
  void on(const Event& event) override { events.push_back(event); }
};

}  // namespace

TEST_CASE("the end of a run is the last that anybody hears of it", "[cli][events]") {
  Heard one, two;
  Everybody everybody({&one, &two});
  everybody.on(RunStopping{});
  everybody.on(RunFinished{});
  everybody.on(RunStopping{true, {}});  // of the signal that ended its last step
  for (const auto* heard : {&one, &two}) {
    REQUIRE(heard->events.size() == 2);
    CHECK(std::holds_alternative<RunFinished>(heard->events.back()));
  }
}
