#include "resource/systemd_unit.hpp"

#include "fuzz/fuzz.hpp"
#include "host/account.hpp"
#include "host/recorded_host.hpp"

namespace mlenv::fuzz {

/// A unit file, an alias that leads somewhere, and the file of groups.
void systemd_unit(std::string_view input) {
  const std::string text(input);
  const User user{"student", "/home/student", "/bin/sh", 1000, 1000};
  const auto target = text.substr(0, text.find('\n'));
  const auto host = recorded_reader({{"/lib/systemd/system/lab.service", {FileType::file, text}},
                                     {"/etc/systemd/system/other.service", {FileType::symlink, target}},
                                     {"/etc/group", {FileType::file, text}}});
  for (const auto* name : {"lab.service", "other.service", "lab@x.service"}) {
    const auto unit = read_unit({*host, user, UnitScope::system}, name, nullptr);
    hold(unit && unit->made.size() <= unit->links.size(), "no more links are there than enabling makes");
    if (!unit) continue;
    for (const auto& link : unit->links)
      hold(link.find("..") != 0 && !link.starts_with("/"), "what enables a unit is below a folder of units");
  }
  comes_to_an_end(text);
  hold(groups_of(*host).ok(), "a file of groups is read as far as it is one");
  hold(!is_unit_name("-" + target), "no unit's name is an option");
}

}  // namespace mlenv::fuzz
