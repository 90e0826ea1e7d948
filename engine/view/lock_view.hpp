#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lock/difference.hpp"
#include "view/style.hpp"

namespace mlenv {

/// What `mlenvctl lock` has done: the document `mlenvctl.lock-moves/1`.
nlohmann::ordered_json lock_moves_document(const std::string& file, const std::vector<LockMove>& moves);
/// That as a table: class by class, what decides first before what hangs on it. Long new lists are counted,
/// and opened by -v.
std::string lock_moves_text(const std::string& file, const std::vector<LockMove>& moves, const Style& style);
/// The same for a pull request.
std::string lock_moves_markdown(const std::string& file, const std::vector<LockMove>& moves);

}  // namespace mlenv
