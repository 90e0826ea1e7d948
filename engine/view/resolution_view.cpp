#include "view/resolution_view.hpp"

#include "base/text.hpp"
#include "view/screen_text.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

const char* from_name(BuildFrom from) {
  switch (from) {
    case BuildFrom::extra_index:
      return "extra_index_urls";
    case BuildFrom::find_links:
      return "find_links";
    case BuildFrom::index:
      break;
  }
  return "index_url";
}

Json selection_document(const Selection& chosen) {
  return {{"framework", text_or_null(chosen.framework)},
          {"version", text_or_null(chosen.version)},
          {"accelerator", text_or_null(chosen.accelerator)},
          {"requirement", text_or_null(chosen.requirement)},
          {"companions", chosen.companions},
          {"index", text_or_null(chosen.index)},
          {"index_kind", chosen.index.empty() ? Json(nullptr) : Json(from_name(chosen.from))},
          {"cuda", text_or_null(chosen.cuda)},
          {"cudnn", text_or_null(chosen.cudnn)},
          {"min_driver", text_or_null(chosen.min_driver)},
          {"python", text_or_null(chosen.python)},
          {"system_toolkit", chosen.system_toolkit},
          {"driver_branch", text_or_null(chosen.driver_branch)},
          {"driver_flavour", text_or_null(chosen.driver_flavour)},
          {"repository", text_or_null(chosen.repository)}};
}

std::string verdict_words(const Resolution& resolution, const Style& style) {
  switch (resolution.verdict) {
    case Verdict::ok:
      return green("These go together.", style);
    case Verdict::conflict:
      return red("These do not go together.", style);
    case Verdict::unknown:
      break;
  }
  return yellow("This cannot be told.", style);
}

void add_row(std::string& text, const char* label, const std::string& value, const Style& style) {
  if (!value.empty()) text += "  " + bold(padded(label, 12), style) + visible(value) + "\n";
}

std::string index_words(const Selection& chosen) {
  return chosen.index.empty() ? "" : std::string(from_name(chosen.from)) + ": " + chosen.index;
}

std::string selection_text(const Selection& chosen, const Style& style) {
  std::string text;
  add_row(text, "install", chosen.requirement, style);
  add_row(text, "with", join(chosen.companions, " "), style);
  add_row(text, "from", index_words(chosen), style);
  add_row(text, "cuda",
          chosen.cuda + (chosen.system_toolkit && !chosen.cuda.empty() ? " (of the system)" : ""), style);
  add_row(text, "cudnn", chosen.cudnn, style);
  add_row(text, "python", chosen.python, style);
  add_row(text, "driver",
          (chosen.min_driver.empty() ? "" : chosen.min_driver + " or newer") +
              (chosen.driver_branch.empty()
                   ? ""
                   : "; newest branch that fits: " + chosen.driver_branch + ", " + chosen.driver_flavour),
          style);
  add_row(text, "repository", chosen.repository, style);
  return text;
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return "ok";
    case Verdict::conflict:
      return "conflict";
    case Verdict::unknown:
      break;
  }
  return "unknown";
}

Json resolution_document(const Resolution& resolution) {
  Json gpus = Json::array();
  for (const auto& gpu : resolution.gpus)
    gpus.push_back({{"pci_id", text_or_null(gpu.pci_id)},
                    {"name", text_or_null(gpu.name)},
                    {"architecture", text_or_null(gpu.architecture)},
                    {"compute_capability", text_or_null(gpu.compute_capability)}});
  Json conflicts = Json::array();
  for (const auto& each : resolution.conflicts)
    conflicts.push_back(
        {{"code", each.code}, {"message", each.message}, {"alternatives", each.alternatives}});
  Json because = Json::array();
  for (const auto& each : resolution.because)
    because.push_back({{"fact", each.fact}, {"source", each.source}});
  return {{"format", "mlenvctl.resolve/1"},
          {"verdict", verdict_name(resolution.verdict)},
          {"gpus", gpus},
          {"selection", resolution.selection ? selection_document(*resolution.selection) : Json(nullptr)},
          {"conflicts", conflicts},
          {"because", because}};
}

std::string resolution_text(const Resolution& resolution, const Style& style) {
  std::string text;
  for (const auto& gpu : resolution.gpus) {
    text += bold(padded("gpu", 14), style) +
            visible(join(
                {gpu.name.empty() ? "a card" : gpu.name, gpu.pci_id, gpu.architecture,
                 gpu.compute_capability.empty() ? "compute capability not known" : gpu.compute_capability},
                "  ")) +
            "\n";
  }
  text += verdict_words(resolution, style) + "\n";
  if (resolution.selection) text += selection_text(*resolution.selection, style);
  std::vector<std::string> ways;
  for (const auto& each : resolution.conflicts) {
    text += "  - " + visible(each.message) + "\n";
    ways = each.alternatives;
  }
  if (!ways.empty()) text += resolution.verdict == Verdict::conflict ? "Ways out:\n" : "What helps:\n";
  for (const auto& way : ways) text += "  * " + visible(way) + "\n";
  if (!resolution.because.empty()) text += "Because:\n";
  for (const auto& each : resolution.because) {
    text += "  - " + visible(each.fact) + "\n";
    if (style.verbose) text += dim("    " + visible(each.source), style) + "\n";
  }
  return text;
}

}  // namespace mlenv
