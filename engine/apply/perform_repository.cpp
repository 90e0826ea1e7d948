#include <algorithm>
#include <functional>
#include <thread>

#include "apply/apt_program.hpp"
#include "apply/perform.hpp"
#include "base/text.hpp"
#include "forecast/repository_keyring.hpp"

namespace mlenv {
namespace {

Outcome failed(Error error) {
  Outcome outcome;
  outcome.error = std::move(error);
  return outcome;
}

/// A folder of root's own, in which apt tries the new source alone.
class Rehearsal {
 public:
  Rehearsal(const AddRepository& step, Stage& stage)
      : step_(step), stage_(stage), folder_("/run/mlenvctl-apt-" + step.name) {}
  ~Rehearsal() { (void)stage_.writer.remove(folder_, Depth::tree, Privilege::root); }
  Rehearsal(const Rehearsal&) = delete;
  Rehearsal& operator=(const Rehearsal&) = delete;

  /// `apt-get update` of the new source only must be without complaint. What passes by itself is tried again.
  Outcome run(const std::string& keyring) {
    const auto ring = folder_ + "/keyring.gpg";
    const bool deb822 = step_.source_path.ends_with(".sources");
    const auto source = folder_ + (deb822 ? "/new.sources" : "/new.list");
    auto made = stage_.writer.make_directory(folder_, 0755, {}, Privilege::root);
    if (made && !keyring.empty()) made = stage_.writer.write_file({ring, keyring, 0644, {}, Privilege::root});
    const auto text = step_.keyring_path.empty()
                          ? step_.source_content
                          : replace_all(step_.source_content, step_.keyring_path, ring);
    if (made) made = stage_.writer.write_file({source, text, 0644, {}, Privilege::root});
    if (!made) return outcome_of(made);
    constexpr int attempts = 3;
    for (int count = 1;; ++count) {
      auto outcome = update(source);
      if (outcome.ok() || count == attempts || !passes_by_itself(outcome.error->message)) return outcome;
      if (stage_.lines) stage_.lines("trying again: " + outcome.error->message);
      std::this_thread::sleep_for(std::chrono::seconds(2 * count));
    }
  }

 private:
  Outcome update(const std::string& source) {
    Output output;
    auto outcome = update_index(
        {"-o", "Dir::Etc::sourcelist=" + source, "-o", "Dir::Etc::sourceparts=-", "-o",
         "APT::Get::List-Cleanup=0", "-o", "APT::Update::Error-Mode=any", "-o", "Acquire::Retries=0"},
        stage_, &output);
    // apt warns, and ends well, where it falls back on an index that it has; for a new source that is a
    // failure.
    const auto complaint = apt_complaint(output, true);
    if (outcome.ok() && complaint.empty()) return outcome;
    outcome.error = Error{
        "apt.update-failed",
        "apt cannot read `" + step_.name + "`: " + (complaint.empty() ? outcome.error->message : complaint),
        "nothing of it was put in place"};
    return outcome;
  }

  const AddRepository& step_;
  Stage& stage_;
  std::string folder_;
};

/// Puts files in place and can take them back.
class Placement {
 public:
  explicit Placement(Stage& stage) : stage_(stage) {}

  bool write(const std::string& path, const std::string& bytes, std::optional<unsigned> mode) {
    if (error_ || path.empty()) return !error_;
    const auto before = stage_.reader.read_file(path);
    if (!before) return note(before.error());
    const auto done = stage_.writer.write_file({path, bytes, mode, {}, Privilege::root});
    if (!done) return note(done.error());
    undo_.push_back([this, path, old = *before] {
      (void)(old ? stage_.writer.write_file({path, *old, std::nullopt, {}, Privilege::root})
                 : stage_.writer.remove(path, Depth::only, Privilege::root));
    });
    return true;
  }
  bool move(const MovePath& step) {
    if (error_) return false;
    const auto done = stage_.writer.rename(step.from, step.to, Privilege::root);
    if (!done) return note(done.error());
    undo_.push_back([this, step] { (void)stage_.writer.rename(step.to, step.from, Privilege::root); });
    return true;
  }
  bool folder(const std::string& path) {
    if (error_ || exists(stage_.reader, path)) return !error_;
    const auto done = stage_.writer.make_directory(path, 0755, {}, Privilege::root);
    return done ? true : note(done.error());
  }
  /// Takes everything back unless `sound` says nothing against it.
  template <class Sound>
  Outcome finish(Sound sound) {
    if (!error_) error_ = sound();
    if (!error_) return {};
    for (auto step = undo_.rbegin(); step != undo_.rend(); ++step) (*step)();
    return failed(*error_);
  }

 private:
  bool note(Error error) {
    error_ = std::move(error);
    return false;
  }

  Stage& stage_;
  std::optional<Error> error_;
  std::vector<std::function<void()>> undo_;
};

constexpr const char* disorder = "apt.sources";

/// What keeps apt from reading its sources as they are now; nothing when it can. Needs no network.
std::optional<Error> trouble_with_sources(const std::string& name, Stage& stage) {
  const Command command{{"apt-cache", "policy"}, of_the_system(), Privilege::root, {}};
  const auto output = stage.writer.run(command, {});
  if (!output) return output.error();
  if (output->exit_code == 0) return std::nullopt;
  return Error{disorder,
               "with `" + name + "` in place apt cannot read its sources: " + apt_complaint(*output, false),
               "everything is as it was before"};
}

/// The indexes that were fetched and verified before, put in place of the host's own where they are newer.
Outcome place_index(Stage& stage) {
  constexpr const char* lists = "/var/lib/apt/lists";
  const auto& shadow = *stage.fetching->shadow;
  std::vector<std::string> newer;
  for (const auto& name : shadow.index_files()) {
    const auto theirs = stage.reader.stat(std::string(lists) + "/" + name, Links::follow);
    const auto ours = stage.reader.stat(shadow.lists() + "/" + name, Links::follow);
    const bool same = theirs && ours && *theirs && *ours && (*theirs)->size == (*ours)->size &&
                      (*theirs)->modified == (*ours)->modified;
    if (!same) newer.push_back(shadow.lists() + "/" + name);
  }
  return outcome_of(
      copy_into_place(newer, "/var/lib/apt/mlenvctl-index", lists, Privilege::root, stage.writer));
}

/// As it was fetched and compared before, else fetched now.
Result<std::string> keyring_for(const AddRepository& step, Stage& stage) {
  if (stage.fetching == nullptr || !stage.fetching->shadow || step.fingerprints.empty())
    return fetch_keyring(step, stage.writer);
  const auto kept = stage.reader.read_file(stage.fetching->shadow->keyring_path(step));
  if (!kept) return kept.error();
  return *kept ? trusted_keyring(step, **kept) : fetch_keyring(step, stage.writer);
}

/// Everything but the index, or nothing; `sound` says whether it may stay.
template <class Sound>
Outcome place(const AddRepository& step, const std::string& keyring, Stage& stage, Sound sound) {
  Placement placement(stage);
  if (!keyring.empty()) {
    placement.folder(parent_path(step.keyring_path));
    placement.write(step.keyring_path, keyring, 0644);
  }
  placement.write(step.pin_path, step.pin_content, 0644);
  // The others go first: at no moment may apt see two sources of one archive with different keys.
  for (const auto& each : step.disabled) placement.move(each);
  for (const auto& each : step.replaced) placement.write(each.path, each.content, std::nullopt);
  placement.write(step.source_path, step.source_content, 0644);
  return placement.finish(sound);
}

}  // namespace

Outcome perform_step(const AddRepository& step, Stage& stage) {
  const auto keyring = keyring_for(step, stage);
  if (!keyring) return failed(keyring.error());
  const bool fetched = stage.fetching != nullptr && stage.fetching->shadow;
  auto outcome = fetched ? place_index(stage) : Rehearsal(step, stage).run(*keyring);
  if (!outcome.ok()) return outcome;
  const auto trouble = [&] { return trouble_with_sources(step.name, stage); };
  outcome = place(step, *keyring, stage, trouble);
  if (outcome.ok() || outcome.error->code != disorder) return outcome;
  // A host whose sources are in disorder without it is not made worse by it.
  const auto before = trouble();
  return before && before->code == disorder
             ? place(step, *keyring, stage, [] { return std::optional<Error>(); })
             : outcome;
}

Outcome perform_step(const UpdateIndex&, Stage& stage) {
  if (stage.fetching != nullptr && stage.fetching->shadow) return place_index(stage);
  Output output;
  auto outcome = update_index({}, stage, &output);
  const auto complaint = apt_complaint(output, false);
  if (!outcome.ok() && !complaint.empty()) outcome.error = Error{"apt.update-failed", complaint, {}};
  return outcome;
}

}  // namespace mlenv
