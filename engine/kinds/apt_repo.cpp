#include <algorithm>

#include "base/text.hpp"
#include "kinds/kinds.hpp"
#include "kinds/lint.hpp"
#include "kinds/repository_key.hpp"

namespace mlenv {
namespace {

/// A pin of apt_preferences(5).
struct Pin {
  std::string package;
  std::string pin;
  int priority = 0;
  bool operator==(const Pin&) const = default;

  static void describe(Fields<Pin>& fields) {
    fields.required("package", &Pin::package, "The packages it is about; `*` for all.");
    fields.required("pin", &Pin::pin,
                    "What it is about, such as `release l=NVIDIA CUDA` or `origin example.org`.");
    fields.required("priority", &Pin::priority,
                    "The priority; 500 is a plain source, above 1000 also downgrades.");
  }
};

struct AptRepo {
  static constexpr KindText text = {
      "apt_repo", "An apt repository with its key and pin.",
      "Brings a keyring under `/etc/apt/keyrings`, a source that names it (`Signed-By`), and a pin file. The "
      "key is "
      "fetched and its full fingerprint compared before anything is written, and apt must be able to read "
      "the new source "
      "before it is put in place. A source that names the same archive in another file is switched off, "
      "since apt refuses "
      "two that differ; one that says just the same, by the same key and pin, is left as it is. `state: "
      "absent` "
      "removes what mlenvctl made.",
      "- apt_repo: example\n  uris: https://apt.example.org/debian\n  suites: stable\n  components: main\n"
      "  key:\n    url: https://apt.example.org/key.asc\n    fingerprint: "
      "0123456789ABCDEF0123456789ABCDEF01234567\n",
      Naming::one};

  struct Spec {
    std::string name;
    std::vector<Url> uris;
    std::vector<std::string> suites, components, types = {"deb"}, architectures;
    std::optional<RepositoryKey> key;
    std::optional<HostPath> signed_by;
    std::vector<Pin> pin;
    Presence state = Presence::present;
    bool operator==(const Spec&) const = default;
  };
  using State = RepositoryState;

  static std::vector<std::string> states() { return {"present", "absent"}; }
  static void describe(Fields<Spec>& fields) {
    fields.name(&Spec::name, "A name for its files.");
    fields.optional("uris", &Spec::uris, "Where the archive is.");
    fields.optional("suites", &Spec::suites, "Its suites; `/` for a flat archive.");
    fields.optional("components", &Spec::components, "Its components.", "none");
    fields.optional("types", &Spec::types, "deb, deb-src.", "deb");
    fields.optional("architectures", &Spec::architectures, "The architectures to take from it.",
                    "all of the host's");
    fields.nested("key", &Spec::key, "The key that signs it.");
    fields.optional("signed_by", &Spec::signed_by,
                    "A keyring that is on the host already, in place of `key`.", "apt's own keyrings");
    fields.nested_list("pin", &Spec::pin, "Priorities of its packages.");
  }
  static std::string resource_name(const Spec& spec) { return spec.name; }

  static void inspect(Spec& spec, const Node& name, const Declaration& declaration, DecodeScope& scope) {
    if (spec.name.empty() ||
        spec.name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") !=
            std::string::npos ||
        spec.name[0] == '.') {
      scope.diagnostics.error(
          "apt.name", "expected a name of letters, digits, `_`, `-` and `.`, found " + describe_type(name),
          name.span);
    }
    if (spec.state == Presence::absent) return;
    if (spec.uris.empty() || spec.suites.empty()) {
      scope.diagnostics.error("apt.source", "`apt_repo` needs `uris` and `suites`", name.span);
    } else {
      check_source(spec, name, scope);
    }
    if (spec.key && spec.signed_by)
      scope.diagnostics.error("apt.key", "a source has one keyring: either `key` or `signed_by`", name.span);
    if (!spec.key) {
      lint_trust(spec, declaration, scope);
      return;
    }
    const int ways = (spec.key->url ? 1 : 0) + (spec.key->path ? 1 : 0) + (spec.key->text ? 1 : 0);
    if (ways != 1)
      scope.diagnostics.error("apt.key", "`key` needs exactly one of `url`, `path` and `text`", name.span);
    lint_key(spec.key->fingerprints(), name.span, scope);
  }

  static void links(Spec& spec, Resource& resource) {
    resource.offers.push_back({Capability::package_source, spec.name, {}});
    resource.fingerprints = repository(spec).fingerprints;
  }

  static Result<State> probe(const Spec& want, const ProbeScope& scope) {
    return probe_repository(repository(want), scope);
  }
  static Decision diff(const Spec& want, const State& have, const ProbeScope&) {
    return diff_repository(repository(want), have);
  }

 private:
  /// A source that nobody signs, or that anybody does whose key apt has.
  static void lint_trust(const Spec& spec, const Declaration& declaration, DecodeScope& scope) {
    if (spec.signed_by && is_global_keyring(spec.signed_by->text)) {
      scope.diagnostics.warning("lint.global-key",
                                "the keys in `" + spec.signed_by->text + "` are trusted for every archive",
                                field_of(declaration, "signed_by")->span,
                                "name its own key with `key:`, or a keyring in `/etc/apt/keyrings`");
    }
    const auto* uris = field_of(declaration, "uris");
    if (spec.signed_by || uris == nullptr || is_trusted_already(spec, scope)) return;
    for (const auto* uri : scalars_of(*uris)) {
      if (!uri->text.starts_with("http://")) continue;
      scope.diagnostics.warning("lint.no-key", "this source comes by http without a key of its own",
                                uri->span, "name its key with `key:`");
    }
  }

  /// Whether the host takes the same archive by a key of apt's own keyrings already.
  static bool is_trusted_already(const Spec& spec, const DecodeScope& scope) {
    const auto sources =
        scope.host == nullptr ? Result<std::vector<SourceEntry>>(Error{}) : host_sources(*scope.host);
    if (!sources || spec.uris.empty() || spec.suites.empty()) return false;
    const auto wanted = archive_location(spec.uris.front().text, spec.suites.front());
    return std::any_of(sources->begin(), sources->end(), [&](const SourceEntry& entry) {
      return entry.signed_by.empty() && !entry.uris.empty() && !entry.suites.empty() &&
             archive_location(entry.uris.front(), entry.suites.front()) == wanted;
    });
  }

  /// What apt would refuse, or read as something else; sources.list(5).
  static void check_source(const Spec& spec, const Node& name, DecodeScope& scope) {
    const auto report = [&](std::string message, std::string hint) {
      scope.diagnostics.error("apt.source", std::move(message), name.span, std::move(hint));
    };
    for (const auto* words : {&spec.types, &spec.suites, &spec.components, &spec.architectures}) {
      for (const auto& word : *words) {
        if (word.empty() || word.find_first_of(" \t\r\n") != std::string::npos)
          report("`" + word + "` is not one word", "write several as a list: `[main, contrib]`");
      }
    }
    for (const auto& type : spec.types) {
      if (type != "deb" && type != "deb-src")
        report("apt knows no sources of the type `" + type + "`", "the types are `deb` and `deb-src`");
    }
    for (const auto& suite : spec.suites) {
      if (suite.ends_with("/") && !spec.components.empty())
        report("the suite `" + suite + "` is a folder, and a folder has no components",
               "leave `components` out");
      if (!suite.ends_with("/") && spec.components.empty())
        report("the suite `" + suite + "` needs `components`",
               "usually `components: main`; the suite of an archive without any is a folder, such as `/`");
    }
    for (const auto& pin : spec.pin) {
      if ((pin.package + pin.pin).find_first_of("\r\n") != std::string::npos)
        report("a pin is written on one line", "write several pins as a list");
    }
  }

  static Repository repository(const Spec& spec) {
    Repository made;
    made.address = "apt_repo." + spec.name;
    made.name = spec.name;
    made.types = spec.types;
    for (const auto& uri : spec.uris) made.uris.push_back(uri.text);
    made.suites = spec.suites;
    made.components = spec.components;
    made.architectures = spec.architectures;
    if (spec.key) {
      if (spec.key->url) made.key_locations.push_back(spec.key->url->text);
      made.key_text = spec.key->bytes();
      made.fingerprints = spec.key->fingerprints();
    }
    if (spec.signed_by) made.signed_by = spec.signed_by->text;
    // apt reads files of other extensions than `pref` not at all.
    const bool dotted = spec.name.find('.') != std::string::npos;
    made.pin_path = "/etc/apt/preferences.d/" + spec.name + (dotted ? ".pref" : "");
    for (const auto& pin : spec.pin) {
      made.pin_content += std::string(made.pin_content.empty() ? "" : "\n") + "Package: " + pin.package +
                          "\nPin: " + pin.pin + "\nPin-Priority: " + std::to_string(pin.priority) + "\n";
    }
    made.state = spec.state;
    return made;
  }
};

}  // namespace

Kind apt_repo_kind() { return make_kind<AptRepo>(); }

}  // namespace mlenv
