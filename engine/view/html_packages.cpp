#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"
#include "view/html_parts.hpp"
#include "view/html_text.hpp"

namespace mlenv {
namespace {

/// What happens to a package, as a page says it.
struct PackageLook {
  const char* action;
  const char* like;  ///< the action of a change that it looks like
  const char* words;
};

constexpr std::array<PackageLook, 5> package_looks = {{{"remove", "delete", "to remove"},
                                                       {"downgrade", "replace", "to downgrade"},
                                                       {"upgrade", "update", "to upgrade"},
                                                       {"reinstall", "update", "to install again"},
                                                       {"install", "create", "to install"}}};

std::string bytes_at(const Json& object, const char* key) {
  const auto& value = at(object, key);
  return value.is_number() ? bytes_text(value.get<double>()) : "";
}

std::string versions_html(const Json& package) {
  std::vector<std::string> versions;
  for (const char* key : {"before", "after"}) {
    const auto version = element("code", "", html_at(package, key));
    const bool told = !text_at(package, key).empty();
    if (told && (versions.empty() || versions.back() != version)) versions.push_back(version);
  }
  return join(versions, " <span class=\"arrow\">-&gt;</span> ");
}

/// The architecture of most of them: only others are worth a word.
std::string usual_architecture(const Json& packages) {
  std::map<std::string, std::size_t> counts;
  for (const auto& package : packages) ++counts[text_at(package, "architecture")];
  const auto most = std::max_element(counts.begin(), counts.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? "" : most->first;
}

std::string row_html(const Json& package, const char* like, const std::string& usual) {
  const auto architecture = html_at(package, "architecture");
  const bool plain = architecture.empty() || text_at(package, "architecture") == usual;
  const auto name = html_at(package, "name") + (plain ? "" : element("span", "dim", ":" + architecture)) +
                    (at(package, "declared") == true ? " <span class=\"tag\">declared</span>" : "");
  const auto file = html_at(package, "file");
  return "<tr>" + element("td", "", mark_html(like)) + "<td" +
         (file.empty() ? "" : " title=\"" + file + "\"") + "><code>" + name + "</code></td>" +
         element("td", "", versions_html(package)) +
         element("td", "number", bytes_at(package, "download_bytes")) +
         element("td", "number", bytes_at(package, "disk_bytes")) +
         element("td", "dim", html_at(package, "origin")) + "</tr>\n";
}

}  // namespace

std::string packages_html(const Json& packages) {
  if (!packages.is_array() || packages.empty()) return {};
  const auto usual = usual_architecture(packages);
  std::string rows;
  std::vector<std::string> counts;
  bool loses = false;
  for (const auto& look : package_looks) {
    std::size_t count = 0;
    for (const auto& package : packages) {
      if (text_at(package, "action") != look.action) continue;
      rows += row_html(package, look.like, usual);
      ++count;
    }
    if (count == 0) continue;
    counts.push_back(std::to_string(count) + " " + look.words);
    loses = loses || look.action == std::string("remove") || look.action == std::string("downgrade");
  }
  for (const auto& package : packages) {
    const auto action = text_at(package, "action");
    const bool known = std::any_of(package_looks.begin(), package_looks.end(),
                                   [&](const PackageLook& look) { return look.action == action; });
    if (!known && package.is_object()) rows += row_html(package, "unknown", usual);
  }
  const auto head =
      "<thead><tr><th></th><th>package</th><th>version</th><th class=\"number\">download</th>"
      "<th class=\"number\">on disk</th><th>from</th></tr></thead>\n";
  const auto summary =
      counted(packages.size(), "package", "packages") + (counts.empty() ? "" : ": " + join(counts, ", "));
  return folded(
      "packages", summary,
      "<div class=\"wide\" tabindex=\"0\"><table>" + (head + element("tbody", "", rows)) + "</table></div>",
      loses);
}

}  // namespace mlenv
