#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "knowledge/question.hpp"
#include "view/style.hpp"

namespace mlenv {

/// `mlenvctl.resolve/1`: verdict, gpus, selection, conflicts, because.
nlohmann::ordered_json resolution_document(const Resolution& resolution);
/// The same for people.
std::string resolution_text(const Resolution& resolution, const Style& style);

/// `ok`, `conflict`, `unknown`.
std::string_view verdict_name(Verdict verdict);

}  // namespace mlenv
