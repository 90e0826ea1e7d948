#pragma once

#include <array>
#include <string>
#include <vector>

#include "knowledge/candidate.hpp"

namespace mlenv {

/// What a candidate is held against.
enum class Aspect { version, cuda, cudnn, python, gpu, driver, os };
inline constexpr std::size_t aspect_count = 7;

enum class Fits { yes, no, unknown };

/// How a candidate fits in one aspect, and why it does not.
struct Fit {
  Fits fits = Fits::yes;
  std::string why = {};
};

/// The cards of a question with what the tables have of them.
std::vector<ResolvedGpu> resolve_gpus(const Knowledge& knowledge, const Question& question);

/// A branch of the driver that may be taken, with the kernel modules for it.
struct DriverChoice {
  std::string branch;
  std::string flavour;  ///< open, proprietary
  bool known = true;    ///< false when a card is not known
};
/// The newest branch that serves all the cards and is not older than `min_driver`; the branch is empty when
/// there is none. Without cards the newest branch.
DriverChoice choose_driver(const Knowledge& knowledge, const std::vector<ResolvedGpu>& gpus,
                           const std::string& min_driver);

/// Whether an installed driver (a version, or a branch alone) is at least as new as another.
bool driver_reaches(const std::string& driver, const std::string& least);

/// A candidate with how it fits. The selection is the candidate's, made exact by what was asked.
struct Judged {
  Candidate candidate;
  std::array<Fit, aspect_count> fits;

  const Fit& fit(Aspect aspect) const { return fits[static_cast<std::size_t>(aspect)]; }
  std::size_t count(Fits fits_how) const;
  /// True when this aspect, and no other, stands in the way.
  bool fails_only(Aspect aspect) const;
};

Judged judge(const Knowledge& knowledge, const Question& question, const std::vector<ResolvedGpu>& gpus,
             Candidate candidate);

/// The candidate for people: `torch 1.7.1 for CUDA 11.0`.
std::string candidate_name(const Candidate& candidate);
/// A card for people: `GeForce RTX 3070 (8.6)`.
std::string gpu_name(const ResolvedGpu& gpu);

}  // namespace mlenv
