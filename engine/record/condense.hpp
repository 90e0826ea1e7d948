#pragma once

#include <set>
#include <string>

#include "host/recorded_host.hpp"
#include "record/recording_reader.hpp"

namespace mlenv {

/// What a record may hold: the files that a recipe declares itself.
struct RecordLimits {
  std::set<std::string> declared = {};  ///< paths of `file` resources, and of the unit files of services
  std::set<std::string> users = {};     ///< who is to be a member of a group
};

/// What was seen as a record from which the same is planned: of each file what plans look at and nothing
/// more, no secrets, no names of files that are nobody's business. `host` is the host itself.
RecordedHost condensed(SeenHost seen, const HostReader& host, const Facts& facts, const RecordLimits& limits);

/// Looks at those entries of the folders seen that a record names, so that it can tell what they are.
void look_at_named(const RecordingReader& reader);

}  // namespace mlenv
