#include "fuzz/fuzz.hpp"
#include "host/nvml_json.hpp"

namespace mlenv::fuzz {

/// What the process that asks NVIDIA's library has written into its pipe.
void nvml_answer(std::string_view input) {
  const auto answer = nvml_from_line(input);
  if (!answer) return;
  hold(nvml_from_line(nvml_to_line(*answer)) == answer, "an answer is the same when it is read back");
}

}  // namespace mlenv::fuzz
