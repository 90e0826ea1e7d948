#include <algorithm>

#include "base/dotted_version.hpp"
#include "base/text.hpp"
#include "kinds/composite.hpp"
#include "kinds/kinds.hpp"
#include "kinds/package_manager.hpp"

namespace mlenv {
namespace {

using Names = std::map<std::string, std::vector<std::string>>;

/// `rhel 9` for a host of that system and version, `rhel` for one of that system.
bool is_for(const std::string& key, const std::string& id, const std::string& version) {
  const auto space = key.find(' ');
  if (to_lower(key.substr(0, space)) != id) return false;
  if (space == std::string::npos) return version.empty();
  const auto range = DottedRange::parse(trim(key.substr(space + 1)));
  const auto parsed = DottedVersion::parse(version);
  return range && parsed && range->contains(*parsed);
}

/// What is said for this version, else for this system, else for one that it is made after.
const std::vector<std::string>* names_for(const Names& names, const Os& os) {
  const auto find = [&](const std::string& id, const std::string& version) {
    const auto found = std::find_if(names.begin(), names.end(),
                                    [&](const auto& each) { return is_for(each.first, id, version); });
    return found == names.end() ? nullptr : &found->second;
  };
  if (const auto* exact = os.version_id.empty() ? nullptr : find(os.id, os.version_id)) return exact;
  if (const auto* same = find(os.id, {})) return same;
  for (const auto& like : os.like) {
    if (const auto* family = find(like, {})) return family;
  }
  return nullptr;
}

struct Package {
  static constexpr KindText text = {
      "package", "A package of whatever the host installs packages with: apt, dnf, yum or zypper.",
      "Goes by the host's os-release: on Debian, Ubuntu and their like it stands for `apt_package`, on "
      "Fedora, RHEL, openSUSE and theirs for `rpm_package`. `names` gives the names where they differ: by "
      "the "
      "system's ID, by ID and version, or by what the system is made after (ID_LIKE); what fits best counts. "
      "An empty list means that nothing is needed there. `version` is handed on as it stands, so that it "
      "goes with `when: {os: …}` mostly; rpm's managers take an exact one alone.",
      "- package: [git, cmake]\n"
      "- package: python3-dev\n"
      "  names: {fedora: python3-devel, suse: python3-devel}\n",
      Naming::many};

  struct Spec {
    std::string name;
    Names names;
    std::optional<std::string> version;
    bool operator==(const Spec&) const = default;
  };

  static std::vector<std::string> states() { return {"present", "absent", "latest"}; }
  static void describe(Fields<Spec>& fields) {
    fields.name(&Spec::name, "The package's name.");
    fields.optional("names", &Spec::names,
                    "What it is called where it is not called so: by `fedora`, `rhel 9`, `suse`, ….");
    fields.optional("version", &Spec::version, "A version in the words of the host's packages.", "any");
  }
  static std::string resource_name(const Spec& spec) { return spec.name; }

  static Expansion expand(const Spec& spec, const Declaration& declaration, Composition& composition) {
    const auto* os = known(composition.facts().os);
    const auto manager = package_manager(composition.facts(), composition.knowledge());
    if (!manager) {
      return cannot_choose(
          "what installs packages here is not known: " +
              (os == nullptr ? "there is no os-release file" : "no table knows the system `" + os->id + "`"),
          "`apt_package` and `rpm_package` say which is meant");
    }
    const auto* called = names_for(spec.names, *os);
    if (called != nullptr && called->empty())
      return not_for_this_host("on `" + os->id + "` nothing is needed for it");
    const auto names = called == nullptr ? std::vector<std::string>{spec.name} : *called;
    PlainDeclaration plain(declaration, manager->kind == "apt" ? "apt_package" : "rpm_package", names);
    plain.in_state_of(declaration);
    if (spec.version) plain.with("version", *spec.version);
    Expansion made;
    made.chosen.push_back(plain.made());
    made.because = "it is `" + join(names, "`, `") + "` on " + os->id;
    return made;
  }
};

/// One of its own for each name; what is said by distribution is said of one package.
std::vector<Resource> expand_each(const Declaration& declaration, Composition& composition) {
  const auto& names = declaration.name;
  if (!names.is_sequence() || names.items.size() < 2) return expand_kind<Package>(declaration, composition);
  for (const auto& [key, value] : declaration.body) {
    if (key.text != "names") continue;
    composition.scope.diagnostics.error(
        "package.names",
        "`names` is what one package is called, and here are " + std::to_string(names.items.size()), key.span,
        "give it a `package` of its own");
    return {};
  }
  std::vector<Resource> all;
  for (const auto& name : names.items) {
    auto one = declaration;
    one.name = name;
    for (auto& resource : expand_kind<Package>(one, composition)) all.push_back(std::move(resource));
  }
  return all;
}

}  // namespace

Kind package_kind() {
  auto kind = make_composite<Package>();
  kind.expand = expand_each;
  return kind;
}

}  // namespace mlenv
