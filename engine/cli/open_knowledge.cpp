#include "cli/open_knowledge.hpp"

#include "cli/state.hpp"
#include "cli/trust.hpp"
#include "host/local_host.hpp"

namespace mlenv {

std::shared_ptr<const Knowledge> open_knowledge(const Arguments& arguments, Diagnostics& diagnostics) {
  auto knowledge = std::make_shared<Knowledge>();
  if (arguments.knowledge.empty()) return knowledge;
  const auto folder = own_path(arguments.knowledge);
  const auto entries = local_reader("/")->list(folder);
  bool any = false;
  for (const auto& entry : entries ? *entries : std::vector<DirectoryEntry>()) {
    if (!entry.name.ends_with(".yaml")) continue;
    any = true;
    const auto path = join_path(folder, entry.name);
    const auto text = read_trusted_file(path, arguments);
    if (!text) {
      diagnostics.error("knowledge.unreadable", text.error().message, {});
      continue;
    }
    const auto source =
        std::make_shared<const Source>(Source{join_path(arguments.knowledge, entry.name), *text});
    knowledge->add_file(entry.name.substr(0, entry.name.size() - 5), source, diagnostics);
  }
  if (!any)
    diagnostics.error(
        "knowledge.unreadable",
        "`--knowledge " + arguments.knowledge + "`: there is no table (NAME.yaml) in this folder", {});
  return diagnostics.failed() ? nullptr : knowledge;
}

}  // namespace mlenv
