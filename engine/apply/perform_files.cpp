#include "apply/perform.hpp"
#include "resource/fenced_block.hpp"

namespace mlenv {

Outcome perform_step(const WriteFile& step, Stage& stage) {
  return outcome_of(
      stage.writer.write_file({step.path, step.content, step.mode, step.owner, step.privilege}));
}

Outcome perform_step(const MakeDirectory& step, Stage& stage) {
  return outcome_of(stage.writer.make_directory(step.path, step.mode, step.owner, step.privilege));
}

Outcome perform_step(const RemovePath& step, Stage& stage) {
  return outcome_of(stage.writer.remove(step.path, step.tree ? Depth::tree : Depth::only, step.privilege));
}

Outcome perform_step(const MovePath& step, Stage& stage) {
  return outcome_of(stage.writer.rename(step.from, step.to, step.privilege));
}

/// Reads the file now, not as it was when the plan was made: what others wrote into it meanwhile stays.
Outcome perform_step(const EditBlock& step, Stage& stage) {
  const auto before = stage.reader.read_file(step.path);
  if (!before) return outcome_of(before.error());
  const auto after = edit_block(*before, step);
  if (!after)
    return outcome_of(
        Error{after.error().code, step.path + ": " + after.error().message, after.error().hint});
  if (*after == *before) return {};
  if (!*after) return outcome_of(stage.writer.remove(step.path, Depth::only, step.privilege));
  if (!*before) {
    auto made = stage.writer.make_directory(parent_path(step.path), std::nullopt, {}, step.privilege);
    if (!made) return outcome_of(made);
  }
  return outcome_of(stage.writer.write_file({step.path, **after, std::nullopt, {}, step.privilege}));
}

}  // namespace mlenv
