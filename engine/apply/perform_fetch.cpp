#include <algorithm>
#include <mutex>
#include <thread>

#include "apply/apt_program.hpp"
#include "apply/moved.hpp"
#include "apply/perform.hpp"
#include "base/text.hpp"
#include "forecast/wheel_pool.hpp"

namespace mlenv {
namespace {

/// The addresses that a source file names.
std::vector<std::string> addresses_in(const std::string& source) {
  std::vector<std::string> found;
  for (const auto line : split_lines(source)) {
    for (const auto word : split(line, ' ')) {
      if (word.find(":/") != std::string_view::npos) found.emplace_back(word);
    }
  }
  return found;
}

/// Trouble with the index of one of these repositories; that of others is not theirs.
bool concerns(const std::string& trouble, const FetchPackages& step) {
  return std::any_of(step.repositories.begin(), step.repositories.end(),
                     [&](const AddRepository& repository) {
                       const auto addresses = addresses_in(repository.source_content);
                       return std::any_of(addresses.begin(), addresses.end(), [&](std::string address) {
                         while (address.ends_with("/")) address.pop_back();
                         return trouble.find(address) != std::string::npos;
                       });
                     });
}

Outcome refused(const Output& output, const std::string& trouble) {
  auto outcome = outcome_of(Error{"apt.failed", apt_complaint(output, false), "nothing was changed"});
  if (!trouble.empty()) outcome.error = Error{"apt.update-failed", trouble, "nothing was changed"};
  return outcome;
}

/// Still what was planned.
Outcome compare(const AptTransaction& transaction, const ShadowApt& shadow, const std::string& trouble) {
  const auto simulation = shadow.simulate(transaction);
  if (!simulation) return outcome_of(simulation.error());
  if (simulation->exit_code != 0) return refused(*simulation, trouble);
  const auto moved =
      transaction.expected.empty() ? std::nullopt : moved_since_planned(transaction, *simulation);
  return moved ? outcome_of(*moved) : Outcome();
}

/// All of one transaction here.
Outcome fetch(const AptTransaction& transaction, const ShadowApt& shadow, const std::string& trouble) {
  if (transaction.install.empty()) return {};
  const auto output = shadow.download(transaction);
  if (!output) return outcome_of(output.error());
  return output->exit_code == 0 ? Outcome() : refused(*output, trouble);
}

std::vector<std::string> unheld_of(const FetchPackages& step) {
  std::vector<std::string> all;
  for (const auto& each : step.transactions) all.insert(all.end(), each.unhold.begin(), each.unhold.end());
  return all;
}

}  // namespace

Outcome perform_step(const FetchPackages& step, Stage& stage) {
  if (stage.fetching == nullptr) return {};
  const auto& cache = stage.fetching->packages;
  auto shadow = std::make_unique<ShadowApt>(stage.reader, stage.writer, cache, stage.lines);
  const auto prepared = shadow->prepare(step.repositories, unheld_of(step), stage.fetching->offline);
  if (!prepared) return outcome_of(prepared.error());
  // What was asked moments ago by this very process, of these sources, is not asked again.
  const auto since = stage.fetching->planned_at;
  const bool fresh = since && shadow->is_fresh(*since);
  std::string trouble;
  if (!stage.fetching->offline && !fresh) {
    const auto updated = shadow->update();
    if (!updated) return outcome_of(updated.error());
    trouble = *updated;
    if (concerns(trouble, step)) {
      return outcome_of(Error{"apt.update-failed",
                              "apt cannot read `" + step.repositories.front().name + "`: " + trouble,
                              "nothing was changed"});
    }
  }
  for (const auto& transaction : step.transactions) {
    auto outcome = fresh ? Outcome() : compare(transaction, *shadow, trouble);
    if (outcome.ok()) outcome = fetch(transaction, *shadow, trouble);
    if (!outcome.ok()) return outcome;
  }
  shadow->hear({});
  stage.fetching->shadow = std::move(shadow);
  return {};
}

namespace {

Outcome fetch(const Wheel& wheel, const CacheFolder& cache, Stage& stage) {
  if (is_pooled(stage.reader, cache, wheel)) return {};
  if (stage.fetching->offline) {
    return outcome_of(Error{"fetch.offline", "`" + wheel.file + "` is not in the cache",
                            "`apply --fetch-only` with a network brings it there"});
  }
  if (stage.lines) stage.lines("downloading " + wheel.file);
  const auto folder = wheel_folder(cache, wheel);
  auto done = stage.writer.make_directory(folder, std::nullopt, {}, cache.privilege);
  if (done)
    done = stage.writer.download({wheel.url, folder + "/" + wheel.file, wheel.sha256, cache.privilege});
  return outcome_of(done);
}

}  // namespace

/// Some at a time; after the first failure nothing more is begun.
Outcome perform_step(const FetchWheels& step, Stage& stage) {
  constexpr std::size_t at_once = 6;
  if (stage.fetching == nullptr) return {};
  const auto& pool = stage.fetching->python.of(step.privilege).wheels;
  std::mutex mutex;
  std::size_t next = 0;
  Outcome failure;
  const auto work = [&] {
    for (std::unique_lock lock(mutex); failure.ok() && next < step.wheels.size();) {
      const auto& wheel = step.wheels[next++];
      lock.unlock();
      auto outcome = fetch(wheel, pool, stage);
      lock.lock();
      if (!outcome.ok() && failure.ok()) failure = std::move(outcome);
    }
  };
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < std::min(at_once, step.wheels.size()); ++i) others.emplace_back(work);
  work();
  for (auto& other : others) other.join();
  return failure;
}

}  // namespace mlenv
