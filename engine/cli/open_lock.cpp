#include "cli/open_lock.hpp"

#include <filesystem>

#include "base/text.hpp"
#include "cli/state.hpp"
#include "cli/trust.hpp"

namespace mlenv {
namespace {

/// A lock is one line of JSON after another; the place is the file.
Span place_of(const std::string& path) { return {std::make_shared<const Source>(Source{path, {}}), 0, 0}; }

std::string classes_of(const Lock& lock) {
  std::vector<std::string> all;
  for (const auto& each : lock.classes) all.push_back("`" + each.host.str() + "`");
  return join(all, ", ");
}

}  // namespace

Result<std::optional<Lock>> lock_beside(const std::string& recipe, const Arguments& arguments) {
  const auto path = lock_path(recipe);
  std::error_code ignored;
  if (!std::filesystem::exists(own_path(path), ignored)) return std::optional<Lock>();
  const auto text = read_trusted_file(path, arguments);
  if (!text) return text.error();
  auto lock = read_lock(*text);
  if (!lock) return Error{lock.error().code, "`" + path + "`: " + lock.error().message, lock.error().hint};
  return std::optional<Lock>(std::move(*lock));
}

std::optional<LockedClass> locked_for(const Arguments& arguments, const Facts& facts,
                                      Diagnostics& diagnostics) {
  if (arguments.ignore_lock || arguments.recipes.size() != 1) {
    if (arguments.locked)
      diagnostics.error("lock.missing", "`--locked` is for one recipe with its lock", {}, std::nullopt);
    return std::nullopt;
  }
  const auto& recipe = arguments.recipes.front();
  const auto path = lock_path(recipe);
  const auto lock = lock_beside(recipe, arguments);
  if (!lock) {
    diagnostics.error(lock.error().code, lock.error().message, place_of(path), lock.error().hint);
    return std::nullopt;
  }
  if (!*lock) {
    if (arguments.locked)
      diagnostics.error("lock.missing", "`--locked` demands `" + path + "`, which is not there", {},
                        "`mlenvctl lock " + recipe + "` writes it");
    return std::nullopt;
  }
  const auto host = class_of(facts);
  const auto* found = host ? (*lock)->find(*host) : nullptr;
  if (found != nullptr) return *found;
  const auto why = host ? "`" + path + "` has nothing for `" + host->str() + "`; it has " + classes_of(**lock)
                        : host.error().message + ", so which part of `" + path + "` counts is not either";
  diagnostics.report({arguments.locked ? Severity::error : Severity::warning,
                      "lock.class",
                      why,
                      {},
                      {},
                      "`mlenvctl lock " + recipe + "` on such a host adds it"});
  return std::nullopt;
}

}  // namespace mlenv
