#include "recipe/recipe_files.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "host/reader.hpp"

namespace mlenv {
namespace {

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : slash == 0 ? "/" : path.substr(0, slash);
}

/// `base/../base/x.yaml` and `base/x.yaml` are one file; names stay relative where they were.
std::string tidy(const std::string& path) {
  if (path.starts_with("/")) return normal_path(path);
  std::vector<std::string> parts;
  for (const auto part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else {
      parts.emplace_back(part);
    }
  }
  return join(parts, "/");
}

class FileReader {
 public:
  FileReader(const SourceLoader& load, Diagnostics& diagnostics) : load_(load), diagnostics_(diagnostics) {}

  void read(const std::string& path, const Span& where) {
    const auto name = tidy(path);
    if (refuse_cycle(name, where) || !read_.insert(name).second) return;
    auto text = load_(name);
    if (!text) {
      const bool untrusted = text.error().code == "recipe.untrusted";
      diagnostics_.error(untrusted ? "recipe.untrusted"
                         : where   ? "recipe.missing-include"
                                   : "recipe.unreadable",
                         text.error().message, where,
                         text.error().hint.empty() ? std::nullopt : std::optional(text.error().hint));
      return;
    }
    const auto source = std::make_shared<const Source>(Source{name, std::move(*text)});
    auto root = parse_document(source, diagnostics_);
    if (!root) return;
    if (!root->is_mapping()) {
      diagnostics_.error(
          "recipe.type",
          "a recipe is a mapping with `recipe`, `version` and `resources`, found " + describe_type(*root),
          root->span);
      return;
    }
    open_.emplace_back(name, where);
    read_includes(*root, folder_of(name));
    open_.pop_back();
    files.push_back({source, folder_of(name), std::move(*root), static_cast<bool>(where)});
  }

  std::vector<RecipeSource> files;

 private:
  void read_includes(const Node& root, const std::string& folder) {
    const auto* include = root.find("include");
    if (include == nullptr) return;
    std::vector<const Node*> paths;
    if (include->is_scalar()) paths.push_back(include);
    for (const auto& item : include->items) paths.push_back(&item);
    if (paths.empty() && !include->is_sequence()) {
      diagnostics_.error("recipe.type", "`include` expects a list of files, found " + describe_type(*include),
                         include->span);
    }
    for (const auto* path : paths) {
      if (!path->is_scalar() || path->text.empty()) {
        diagnostics_.error("recipe.type", "expected the path of a recipe file, found " + describe_type(*path),
                           path->span);
      } else {
        const bool absolute = path->text.starts_with("/") || folder.empty();
        read(absolute ? path->text : join_path(folder, path->text), path->span);
      }
    }
  }

  bool refuse_cycle(const std::string& name, const Span& where) {
    const auto first =
        std::find_if(open_.begin(), open_.end(), [&](const auto& each) { return each.first == name; });
    if (first == open_.end()) return false;
    Diagnostic problem{Severity::error, "recipe.include-cycle", {}, where, {}, "remove one of the includes"};
    std::string circle;
    for (auto at = first; at != open_.end(); ++at) {
      circle += at->first + " -> ";
      if (at != first) problem.labels.push_back({at->second, at->first + " is included here"});
    }
    problem.message = "these files include each other in a circle: " + circle + name;
    diagnostics_.report(std::move(problem));
    return true;
  }

  const SourceLoader& load_;
  Diagnostics& diagnostics_;
  std::set<std::string> read_;
  std::vector<std::pair<std::string, Span>> open_;  ///< files on the way from the first to this one
};

}  // namespace

std::vector<RecipeSource> read_recipe_files(const std::vector<std::string>& paths, const SourceLoader& load,
                                            Diagnostics& diagnostics) {
  FileReader reader(load, diagnostics);
  for (const auto& path : paths) reader.read(path, {});
  return std::move(reader.files);
}

}  // namespace mlenv
