#include "resource/kind.hpp"

#include <algorithm>

#include "host/recorded_host.hpp"

namespace mlenv {

std::string with_home(const std::string& address, const User& user) {
  const auto dot = address.find(".~");
  const auto behind = dot == std::string::npos ? dot : dot + 2;
  const bool means_home = behind != std::string::npos && (behind == address.size() || address[behind] == '/');
  return means_home && address.find('.') == dot
             ? address.substr(0, dot + 1) + user.home + address.substr(behind)
             : address;
}

bool hangs_on_left_out(const Decision& decision) {
  return std::any_of(decision.differences.begin(), decision.differences.end(), [](const Difference& each) {
    return each.before && each.before->find(left_out) != std::string::npos;
  });
}

CommonParts decode_common(const Declaration& declaration, const std::vector<std::string>& states,
                          DecodeScope& scope) {
  CommonParts common;
  std::string state = "present";
  if (declaration.state) read_choice(*declaration.state, state, states, scope);
  common.state = state == "absent"   ? Presence::absent
                 : state == "latest" ? Presence::latest
                                     : Presence::present;
  for (const auto& need : declaration.needs) {
    const auto address = Address::parse(with_home(need.text, scope.user));
    if (address) {
      common.needs.push_back({*address, need.span});
    } else {
      scope.diagnostics.error("recipe.address",
                              "expected an address such as `venv.torch`, found " + describe_type(need),
                              need.span);
    }
  }
  return common;
}

std::vector<const Node*> declared_names(const Declaration& declaration, const KindText& text,
                                        DecodeScope& scope) {
  std::vector<const Node*> names;
  const Node& value = declaration.name;
  if (value.is_scalar() && !value.text.empty()) {
    names.push_back(&value);
  } else if (value.is_sequence() && text.naming == Naming::many && !value.items.empty()) {
    for (const auto& item : value.items) {
      if (item.is_scalar() && !item.text.empty()) {
        names.push_back(&item);
      } else {
        report_type(item, "a name", scope);
      }
    }
  } else {
    const char* expected = text.naming == Naming::many ? "a name or a list of names" : "a name";
    Node shown = value;
    if (!shown.span) shown.span = declaration.where;
    report_type(shown, "`" + std::string(text.name) + "` to be given " + expected, scope);
  }
  return names;
}

std::string resource_name(const Declaration& declaration, std::string from_spec, DecodeScope& scope) {
  if (!declaration.id) return from_spec;
  if (declaration.name.is_sequence() && declaration.name.items.size() > 1) {
    scope.diagnostics.error("recipe.id", "`id` names one resource, but this declares a list of them",
                            declaration.id->span);
    return from_spec;
  }
  std::string id;
  if (!read_text(*declaration.id, id, scope) || id.empty()) return from_spec;
  return id;
}

}  // namespace mlenv
