#include <algorithm>

#include "kinds/kinds.hpp"
#include "kinds/paths.hpp"

namespace mlenv {
namespace {

struct Directory {
  static constexpr KindText text = {"directory", "A folder.",
                                    "Makes the folder and its missing parents (these with mode 0755). Below "
                                    "the user's home it belongs to the user, "
                                    "elsewhere to root. A folder that is there keeps its mode and owner "
                                    "unless others are declared. `state: absent` "
                                    "removes an empty folder; one that holds something is never removed.",
                                    "- directory: ~/ml\n  mode: 0755\n", Naming::one};

  struct Spec {
    HostPath path;
    std::optional<FileMode> mode;
    std::string owner;
    Presence state = Presence::present;
    std::vector<std::string> going;  ///< paths in it that are declared absent; filled in by link()
    bool operator==(const Spec&) const = default;
  };
  struct State {
    PathState path;
    std::size_t entries = 0;  ///< that stay
    bool operator==(const State&) const = default;
  };

  static std::vector<std::string> states() { return {"present", "absent"}; }
  static void describe(Fields<Spec>& fields) {
    fields.name(&Spec::path, "The folder's path.");
    fields.optional("mode", &Spec::mode, "Permission bits.", "as it is; 0755 for a new folder");
    fields.optional("owner", &Spec::owner, "The user to whom it belongs.",
                    "as it is; for a new folder the user or root");
  }
  static std::string resource_name(const Spec& spec) { return spec.path.text; }
  static void inspect(Spec& spec, const Node& name, const Declaration&, DecodeScope& scope) {
    check_owner(spec.owner, name, scope);
  }
  static void links(Spec& spec, Resource& resource) {
    link_path(spec.path.text, resource);
    if (spec.state != Presence::absent) return;
    Want going{Capability::path, Want::Match::below, {spec.path.text}};
    going.take = [&spec](const Offer& offer) { spec.going.push_back(offer.name); };
    resource.wants.push_back(std::move(going));
  }

  static Result<State> probe(const Spec& want, const ProbeScope& scope) {
    auto path = probe_path(want.path.text, scope.host);
    if (!path) return path.error();
    State state{std::move(*path), 0};
    if (want.state == Presence::absent && state.path.stat) {
      const auto entries = scope.host.list(want.path.text);
      if (!entries) return entries.error();
      for (const auto& entry : *entries) {
        const auto inside = join_path(want.path.text, entry.name);
        if (std::find(want.going.begin(), want.going.end(), inside) == want.going.end()) ++state.entries;
      }
    }
    return state;
  }

  static std::string found(const State& have) { return found_path(have.path); }

  static Decision diff(const Spec& want, const State& have, const ProbeScope& scope) {
    const auto privilege = privilege_for(want.path.text, scope.facts.user);
    const bool is_folder = have.path.stat && have.path.stat->type == FileType::directory;
    if (have.path.stat && !is_folder) {
      return manual("`" + want.path.text + "` is there and is no folder", "path.in-the-way",
                    "move it away, then apply again");
    }
    if (want.state == Presence::absent) return removal(want, have, privilege);
    if (have.path.is_link && !is_folder) {
      return manual("`" + want.path.text + "` is a link that leads nowhere", "path.in-the-way",
                    "remove the link, then apply again");
    }
    const std::optional<unsigned> mode = want.mode ? std::optional(want.mode->bits) : std::nullopt;
    const Step make =
        MakeDirectory{want.path.text, mode, want.owner, want.owner.empty() ? privilege : Privilege::root};
    if (!is_folder) {
      Decision decision{Action::create, "it is not there", {}, {make}, {}};
      if (mode) decision.differences.push_back({"mode", std::nullopt, octal_text(*mode)});
      if (!want.owner.empty()) decision.differences.push_back({"owner", std::nullopt, want.owner});
      return decision;
    }
    auto differences = attribute_differences(mode, want.owner, have.path);
    if (differences.empty()) return {};
    return {Action::update, "mode or owner differ", std::move(differences), {make}, {}};
  }

 private:
  static Decision removal(const Spec& want, const State& have, Privilege privilege) {
    if (!have.path.stat) return {};
    if (have.entries > 0) {
      return manual("it holds " + std::to_string(have.entries) + (have.entries == 1 ? " entry" : " entries") +
                        ", and a folder that is not empty is never removed",
                    "path.not-empty", "empty `" + want.path.text + "` yourself, then apply again");
    }
    return {Action::remove, "it is declared absent", {}, {RemovePath{want.path.text, false, privilege}}, {}};
  }
};

}  // namespace

Kind directory_kind() { return make_kind<Directory>(); }

}  // namespace mlenv
