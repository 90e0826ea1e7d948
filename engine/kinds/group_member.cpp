#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "host/account.hpp"
#include "kinds/kinds.hpp"
#include "kinds/paths.hpp"

namespace mlenv {
namespace {

/// A group whose members are, or can become, root.
struct MightyGroup {
  std::string_view group;
  std::string_view why;
};

constexpr std::array<MightyGroup, 6> mighty_groups = {{
    {"docker", "a container may have the whole disk in it"},  // docs.docker.com, Docker daemon attack surface
    {"lxd", "a container may have the whole disk in it"},     // documentation.ubuntu.com/lxd, security
    {"incus-admin", "a container may have the whole disk in it"},  // linuxcontainers.org/incus, security
    {"sudo", "they may run everything as root"},                   // Debian and Ubuntu: /etc/sudoers
    {"disk", "they may write disks past all permissions"},         // wiki.debian.org/SystemGroups
    {"shadow", "they may read everybody's password hashes"},       // wiki.debian.org/SystemGroups
}};

/// A user's place in a group.
struct GroupMember {
  static constexpr KindText text = {
      "group_member", "A user as a member of a group.",
      "Puts the target user, or the one that `user` names, into a group of /etc/group, and leaves all other "
      "members alone. The group must be there or come with a package of the recipe. A user whose first group "
      "it is "
      "is a member already. `state: absent` takes the user out of the group.\n"
      "\n"
      "Programs that run keep the groups that they have: a new log-in is needed.\n"
      "\n"
      "Who is in `docker`, `lxd`, `incus-admin`, `sudo`, `disk` or `shadow` can become root. For GPUs no "
      "group is "
      "needed: NVIDIA's devices are open to everybody.",
      "- group_member: docker\n- group_member: [video, render]\n  user: alice\n", Naming::many};

  struct Spec {
    std::string group;
    std::string user;
    Presence state = Presence::present;
    std::string target;                         ///< the user that is meant where `user` does not say
    std::vector<std::string> packages;          ///< of apt's that the recipe declares; filled in by link()
    bool operator==(const Spec& other) const {  // what the recipe around it says is not the declaration's
      return group == other.group && user == other.user && state == other.state;
    }
    std::string member() const { return user.empty() ? target : user; }
  };
  struct State {
    bool group = false;
    bool account = false;
    bool listed = false;     ///< in /etc/group
    bool primary = false;    ///< it is the user's first group
    bool elsewhere = false;  ///< groups or users come also from where files do not tell
    bool operator==(const State&) const = default;
    bool member() const { return listed || primary; }
  };

  static std::vector<std::string> states() { return {"present", "absent"}; }
  static void describe(Fields<Spec>& fields) {
    fields.name(&Spec::group, "The group's name.");
    fields.optional("user", &Spec::user, "The user's name.", "the target user");
  }
  static std::string resource_name(const Spec& spec) {
    return spec.group + (spec.user.empty() ? "" : "/" + spec.user);
  }

  static void inspect(Spec& spec, const Node& name, const Declaration& declaration, DecodeScope& scope) {
    spec.target = scope.user.name;
    const auto* place = &name;
    for (const auto& [key, value] : declaration.body) {
      if (key.text == "user") place = &value;
    }
    check_name(spec.group, "group", name, scope);
    if (!spec.user.empty()) check_name(spec.user, "user", *place, scope);
  }

  static void links(Spec& spec, Resource& resource) {
    resource.offers.push_back({Capability::membership, spec.group + "/" + spec.member(), {}});
    Want packages{Capability::apt_package, Want::Match::all};
    packages.take = [&spec](const Offer& offer) { spec.packages.push_back(offer.name); };
    resource.wants.push_back(std::move(packages));
  }

  static Result<State> probe(const Spec& want, const ProbeScope& scope) {
    State state;
    const auto groups = groups_of(scope.host);
    if (!groups) return groups.error();
    const auto user = find_user(scope.host, want.member());
    state.account = user.has_value();
    for (const auto& group : *groups) {
      if (group.name != want.group) continue;
      state.group = true;
      state.primary = user && user->gid == group.number;
      state.listed =
          std::find(group.members.begin(), group.members.end(), want.member()) != group.members.end();
    }
    state.elsewhere = !(state.group && state.account) && asks_others(scope.host);
    return state;
  }

  static std::string found(const State& have) {
    return !have.group ? "no such group" : have.member() ? "a member" : "no member";
  }

  static Decision diff(const Spec& want, const State& have, const ProbeScope& scope) {
    if (want.state == Presence::absent) return removal(want, have);
    if (have.member()) return {};
    const auto user = want.member();
    if (have.elsewhere)
      return {Action::unknown,
              "users and groups come also from a directory service, which is not asked",
              {},
              {},
              {}};
    if (!have.account)
      return manual("there is no user `" + user + "`", "group.no-user", "make the account, then apply again");
    if (!have.group && !package_comes(want, scope))
      return manual("there is no group `" + want.group + "`", "group.missing",
                    "declare the apt package that makes it, or `groupadd --system " + want.group + "`");
    Decision decision{
        Action::create,
        have.group ? "`" + user + "` is no member" : "its group comes with the packages of this plan",
        {{"user", std::nullopt, user}},
        {SetMembership{want.group, user, true}},
        {}};
    remark(decision, want.group);
    return decision;
  }

 private:
  /// As useradd(8) takes it by default in Debian, for which no name begins with `-`, and some more.
  static void check_name(const std::string& word, const char* what, const Node& where, DecodeScope& scope) {
    constexpr std::size_t longest = 32;
    const bool symbolic = scope.facts == nullptr && word.find("<facts.") != std::string::npos;
    const auto odd = [](char c) {
      return static_cast<unsigned char>(c) <= ' ' ||
             std::string_view(":,/\\\"'`$;&|<>()[]{}!*?#~%^").find(c) != std::string_view::npos;
    };
    const bool good = !word.empty() && word.size() <= longest && word[0] != '-' && word[0] != '+' &&
                      std::none_of(word.begin(), word.end(), odd);
    if (good || symbolic) return;
    scope.diagnostics.error(
        "recipe.value", std::string("expected the name of a ") + what + ", found `" + word + "`", where.span);
  }

  /// nsswitch.conf(5) names more than the files.
  static bool asks_others(const HostReader& host) {
    const auto file = host.read_file("/etc/nsswitch.conf");
    if (!file || !*file) return false;
    for (const auto line : split_lines(**file)) {
      const auto colon = line.find(':');
      const auto database = trim(line.substr(0, colon));
      if (colon == std::string_view::npos || (database != "group" && database != "passwd")) continue;
      for (const auto word : split(line.substr(colon + 1), ' ')) {
        const auto service = trim(word);
        if (service.empty() || service.starts_with("[") || service.ends_with("]")) continue;
        if (service != "files" && service != "compat" && service != "systemd") return true;
      }
    }
    return false;
  }

  static bool package_comes(const Spec& want, const ProbeScope& scope) {
    return std::any_of(want.packages.begin(), want.packages.end(), [&](const std::string& package) {
      const auto action = scope.upstream("apt_package." + package);
      return is_pending(action) && action != Action::remove;
    });
  }

  static void remark(Decision& decision, const std::string& group) {
    for (const auto& mighty : mighty_groups) {
      if (mighty.group != group) continue;
      decision.findings.push_back(
          {"group.root",
           "who is in the group `" + group + "` can become root: " + std::string(mighty.why),
           {},
           Severity::note});
    }
  }

  static Decision removal(const Spec& want, const State& have) {
    if (!have.listed && have.primary)
      return manual("`" + want.group + "` is the first group of `" + want.member() + "`", "group.first",
                    "give the user another with `usermod --gid`");
    if (!have.listed) return {};
    return {Action::remove,
            "it is declared absent",
            {{"user", want.member(), std::nullopt}},
            {SetMembership{want.group, want.member(), false}},
            {}};
  }
};

}  // namespace

Kind group_member_kind() { return make_kind<GroupMember>(); }

}  // namespace mlenv
