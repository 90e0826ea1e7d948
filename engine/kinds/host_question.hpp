#pragma once

#include "host/facts.hpp"
#include "knowledge/knowledge.hpp"
#include "knowledge/question.hpp"

namespace mlenv {

/// What a probed host gives to the resolver: cards, driver, Pythons, OS. What the user says in the variables
/// that conda, pixi and uv know stands in place of the probe.
Question host_question(const Facts& facts, const Knowledge& knowledge);

}  // namespace mlenv
