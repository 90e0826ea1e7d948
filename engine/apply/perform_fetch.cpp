#include <algorithm>

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

/// One transaction: still what was planned, and all of it here.
Outcome fetch(const AptTransaction& transaction, const ShadowApt& shadow, const std::string& trouble) {
  const auto simulation = shadow.simulate(transaction);
  if (!simulation) return outcome_of(simulation.error());
  if (simulation->exit_code != 0) return refused(*simulation, trouble);
  if (!transaction.expected.empty()) {
    if (const auto moved = moved_since_planned(transaction, *simulation)) return outcome_of(*moved);
  }
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
  std::string trouble;
  if (!stage.fetching->offline) {
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
    if (auto outcome = fetch(transaction, *shadow, trouble); !outcome.ok()) return outcome;
  }
  shadow->hear({});
  stage.fetching->shadow = std::move(shadow);
  return {};
}

Outcome perform_step(const FetchWheels& step, Stage& stage) {
  if (stage.fetching == nullptr) return {};
  const auto& cache = stage.fetching->wheels;
  for (const auto& wheel : step.wheels) {
    if (is_pooled(stage.reader, cache, wheel)) continue;
    if (stage.fetching->offline) {
      return outcome_of(Error{"fetch.offline", "`" + wheel.file + "` is not in the cache",
                              "`apply --fetch-only` with a network brings it there"});
    }
    if (stage.lines) stage.lines("downloading " + wheel.file);
    const auto folder = wheel_folder(cache, wheel);
    auto done = stage.writer.make_directory(folder, std::nullopt, {}, cache.privilege);
    if (done)
      done = stage.writer.download({wheel.url, folder + "/" + wheel.file, wheel.sha256, cache.privilege});
    if (!done) return outcome_of(done);
  }
  return {};
}

}  // namespace mlenv
