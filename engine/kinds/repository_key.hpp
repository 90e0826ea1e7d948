#pragma once

#include "kinds/apt_repository.hpp"
#include "knowledge/knowledge.hpp"
#include "resource/fields.hpp"

namespace mlenv {

/// The `key:` of a repository: where the key is, and by which full fingerprints it is trusted.
struct RepositoryKey {
  std::optional<Url> url;
  std::optional<RecipeFile> path;
  std::optional<FreeText> text;
  std::optional<Fingerprint> fingerprint;
  std::vector<Fingerprint> successors;
  bool operator==(const RepositoryKey&) const = default;

  static void describe(Fields<RepositoryKey>& fields) {
    fields.optional("url", &RepositoryKey::url, "Where the key is fetched from.");
    fields.optional("path", &RepositoryKey::path, "A key file beside the recipe, in place of a URL.");
    fields.optional("text", &RepositoryKey::text, "The key itself, ASCII-armoured, in place of a URL.");
    fields.required("fingerprint", &RepositoryKey::fingerprint,
                    "The key's full fingerprint; nothing else is trusted.");
    fields.optional("successors", &RepositoryKey::successors,
                    "Fingerprints of keys that may take its place.");
  }

  /// The key where the recipe brings it; empty where it is fetched.
  std::string bytes() const { return path ? path->content : text ? text->text : std::string(); }

  std::vector<std::string> fingerprints() const {
    std::vector<std::string> all;
    if (fingerprint && !fingerprint->hex.empty()) all.push_back(fingerprint->hex);
    for (const auto& each : successors) all.push_back(each.hex);
    return all;
  }
};

/// Warns of a key with which nothing is signed any more.
inline void lint_key(const std::vector<std::string>& fingerprints, const Span& where, DecodeScope& scope) {
  for (const auto& each : fingerprints) {
    const auto key = scope.knowledge->cuda_key(each);
    if (!key || key->replaced.empty()) continue;
    const auto successor = scope.knowledge->cuda_key(key->successor);
    scope.diagnostics.warning(
        "apt.key-replaced", "NVIDIA replaced the key " + key->short_id + " on " + key->replaced, where,
        successor ? std::optional("its successor is " + successor->fingerprint) : std::nullopt);
  }
}

}  // namespace mlenv
