#include "resource/python_site.hpp"

#include "base/text.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/host_files.hpp"
#include "kinds/distribution_check.hpp"

namespace mlenv::fuzz {
namespace {

constexpr const char* site = "/v/lib/python3.11/site-packages";

void look_at(const HostReader& host, const Distribution& package, const EnvironmentState& environment) {
  static_cast<void>(check_files(host, package));
  const auto unmet =
      unmet_dependencies(host, environment, package, {"opt", "all"}, linux_markers("3.11.2", "x86_64"));
  for (const auto& missing : unmet.missing)
    hold(environment.find(missing) == nullptr, "what is missing is not installed");
  came_from("https://x.example/torch-1.7.1%2Bcu110-cp311-linux_x86_64.whl", installed_url(host, package),
            package.version);
}

}  // namespace

/// A site folder: names of its entries in the first part, then METADATA, RECORD and direct_url.json that each
/// of them has.
void python_site(std::string_view input) {
  const auto all = parts(input);
  Files files;
  int entries = 0;
  for (const auto name : split_lines(all[0])) {
    if (name.empty() || name.size() > 200 || name.find('/') != std::string_view::npos || ++entries > 8)
      continue;
    const auto folder = std::string(site) + "/" + std::string(name);
    const char* const names[] = {"/METADATA", "/RECORD", "/direct_url.json"};
    for (std::size_t i = 0; i < 3 && i + 1 < all.size(); ++i)
      files[folder + names[i]] = owned_file(all[i + 1]);
  }
  const auto host = recorded_reader(std::move(files));
  const auto found = read_all_distributions(*host, own_site_folders(*host, "/v", "3.11"));
  hold(found.ok(), "a folder that is there can be read");
  EnvironmentState environment;
  environment.own = *found;
  for (const auto& [name, package] : *found) {
    hold(name == package.name && canonical_project_name(name) == name,
         "packages stand under canonical names");
    look_at(*host, package, environment);
  }
}

}  // namespace mlenv::fuzz
