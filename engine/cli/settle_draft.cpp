#include "cli/settle_draft.hpp"

#include <algorithm>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/load_recipe.hpp"
#include "cli/screen.hpp"
#include "cli/state.hpp"
#include "host/local_host.hpp"
#include "view/plan_document.hpp"

namespace mlenv {
namespace {

constexpr const char* draft_name = "recipe.yaml";

/// Why the recipe's lines are not as they have to be, by line.
using Reasons = std::map<std::size_t, std::string>;

/// Of an error in no line of a resource nothing can be learned: that is a mistake in the writing.
std::optional<Error> add_mistakes(const Diagnostics& diagnostics, const DraftText& written,
                                  Reasons& reasons) {
  for (const auto& each : diagnostics.all()) {
    if (each.severity != Severity::error) continue;
    const auto line = each.where ? each.where.position().line : 0;
    if (line == 0 || line > written.lines.size() || !written.lines[line - 1])
      return Error{each.code, "the recipe cannot be written: " + each.message, each.hint.value_or("")};
    reasons.emplace(line, each.message + (each.hint ? " (" + *each.hint + ")" : ""));
  }
  return std::nullopt;
}

std::string reason_of(const Decision& decision) {
  const auto because = decision.because.empty() ? std::string() : ": " + decision.because;
  if (decision.action == Action::unknown) return "whether it is as declared cannot be told" + because;
  if (decision.action == Action::not_applicable) return "it does not apply here" + because;
  std::vector<std::string> differences;
  for (const auto& each : decision.differences) differences.push_back(each.attribute);
  return "declared like this, a plan would change it here" + because +
         (differences.empty() ? "" : " (" + join(differences, ", ") + ")");
}

void add_changes(const Plan& plan, Reasons& reasons) {
  for (const auto& change : plan.changes) {
    if (change.decision.action != Action::none)
      reasons.emplace(change.origin.line, mask_credentials(reason_of(change.decision)));
  }
}

/// From the last line to the first, so that places stay what they are.
void put_in_doubt(Draft& draft, const DraftText& written, const Reasons& reasons) {
  for (auto each = reasons.rbegin(); each != reasons.rend(); ++each) {
    const auto& place = written.lines.at(each->first - 1);
    if (place) doubt(draft, *place, each->second);
  }
}

Arguments for_draft(Arguments arguments) {
  arguments.recipes = {draft_name};
  arguments.variables.clear();
  arguments.targets.clear();
  return arguments;
}

nlohmann::ordered_json document_of(const Draft& draft, const DraftText& written) {
  auto doubtful = nlohmann::ordered_json::array();
  for (const auto& section : draft.sections) {
    for (const auto& entry : section.entries) {
      if (entry.doubt.empty()) continue;
      for (const auto& name : entry.names)
        doubtful.push_back({{"kind", entry.kind}, {"name", name}, {"reason", entry.doubt}});
    }
  }
  return {{"format", "mlenvctl.draft/1"},
          {"recipe", written.text},
          {"declared", count_resources(draft).declared},
          {"doubtful", std::move(doubtful)}};
}

std::string counted(const DraftCount& count) {
  const auto declared = std::to_string(count.declared) + (count.declared == 1 ? " resource" : " resources");
  if (count.doubtful == 0) return declared;
  return declared + ", and " + std::to_string(count.doubtful) + " in doubt, as comments with the reason";
}

std::optional<Error> write_recipe(const std::string& text, const Arguments& arguments) {
  const auto there = local_reader("/")->stat(own_path(arguments.out), Links::keep);
  if (!there) return there.error();
  if (*there && !arguments.force)
    return Error{"draft.exists", "`" + arguments.out + "` is there already",
                 "`--force` writes over it; another name with `-o`"};
  const auto written = write_own_file(arguments.out, text);
  return written ? std::nullopt : std::optional(written.error());
}

}  // namespace

Result<DraftText> settle(Draft& draft, Settled wanted, const OpenHost& host, const Arguments& arguments) {
  const auto given = for_draft(arguments);
  for (;;) {
    auto written = draft_text(draft);
    Diagnostics diagnostics;
    const auto read = [&](const std::string& path) -> Result<std::string> {
      if (path == draft_name) return written.text;
      return Error{"recipe.unreadable", "`" + path + "` belongs to no recipe that is being written", {}};
    };
    const auto loaded = load_recipe(given, &host, diagnostics, read);
    Reasons reasons;
    if (const auto mistake = add_mistakes(diagnostics, written, reasons)) return *mistake;
    if (loaded && wanted == Settled::unchanging)
      add_changes(plan_recipe(*loaded, host, diagnostics, false, false), reasons);
    if (reasons.empty()) return written;
    put_in_doubt(draft, written, reasons);
  }
}

int deliver(const Draft& draft, const DraftText& written, const Arguments& arguments) {
  if (!arguments.out.empty()) {
    if (const auto error = write_recipe(written.text, arguments))
      return print_error(*error, arguments), error->code == "draft.exists" ? exit_bad_input : exit_failed;
  }
  if (arguments.json) {
    print(dump(document_of(draft, written)));
  } else if (arguments.out.empty()) {
    print(written.text);
  }
  if (arguments.quiet || arguments.json) return exit_ok;
  const auto place = arguments.out.empty() ? std::string() : arguments.out + ": ";
  std::cerr << place << counted(count_resources(draft)) << "\n";
  if (!arguments.out.empty()) std::cerr << "next: mlenvctl plan " << shell_word(arguments.out) << "\n";
  return exit_ok;
}

}  // namespace mlenv
