#pragma once

#include <string>
#include <vector>

#include "knowledge/knowledge.hpp"
#include "knowledge/question.hpp"

namespace mlenv {

/// One build that could be chosen, with what it asks for.
struct Candidate {
  Selection selection;
  std::vector<ComputeCapability> native;  ///< code for these; empty: `capability` tells
  std::vector<ComputeCapability> ptx;
  bool maybe_ptx = false;  ///< there may be more PTX than is known
  std::string capability;  ///< range of cards that it serves
  std::string
      versions;  ///< range of releases that this stands for, selection.version the newest; empty: that one
  std::string cuda_range;  ///< toolkits whose libraries it works with; empty: selection.cuda
  std::string unverified;  ///< range of cards of which nobody has said that it serves them
  std::string ptx_driver;  ///< the lowest driver that compiles its PTX
  bool cpu = false;
  bool x86_only_facts = false;  ///< what is known of its code holds for x86_64 alone
  bool experimental = false;    ///< built, and not offered: only taken when asked for
  std::string source;
};

/// All builds of a framework, the best first: the newest version, and of one version the newest CUDA. The
/// empty name means CUDA toolkits.
std::vector<Candidate> candidates_of(const Knowledge& knowledge, const std::string& framework);

/// The names under which frameworks can be asked for, and the canonical name of one (empty: not known).
std::vector<std::string> framework_names(const Knowledge& knowledge);
std::string canonical_framework(const Knowledge& knowledge, const std::string& name);

/// The lowest driver that runs programs of a toolkit at all, and the lowest that does so in full (which PTX
/// needs); empty: not known. `cuda` is major.minor. Source: cuda_releases.yaml, cuda_toolkits.yaml.
std::string lowest_driver(const Knowledge& knowledge, const std::string& cuda);
std::string full_driver(const Knowledge& knowledge, const std::string& cuda);

/// The newest cuDNN for a toolkit that serves all of the cards; null when there is none, or none is known.
const Row* newest_cudnn(const Knowledge& knowledge, const std::string& cuda,
                        const std::vector<ComputeCapability>& cards);

/// True when the range, as the tables write it, contains the version; an empty range contains everything.
bool range_contains(const std::string& range, const std::string& version);

}  // namespace mlenv
