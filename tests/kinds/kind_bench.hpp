#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/recorded_host.hpp"
#include "kinds/kinds.hpp"
#include "knowledge/knowledge.hpp"
#include "support/catch.hpp"

namespace mlenv {

/// One declaration, understood and decided on a host that is data.
class KindBench {
 public:
  KindBench() {
    facts.arch = "x86_64";
    facts.os = Os{"debian", "12", "bookworm", "Debian"};
    facts.user = {"student", "/home/student", "/bin/bash", 1000, 1000};
    file("/etc/passwd", "root:x:0:0::/root:/bin/bash\nstudent:x:1000:1000::/home/student:/bin/bash\n");
    file("/var/lib/dpkg/arch", "amd64\n");
    file("/var/lib/apt/lists/x_InRelease", "");
  }

  void file(const std::string& path, std::string content, std::uint32_t uid = 0, unsigned mode = 0644) {
    files[path] = {FileType::file, std::move(content), mode, uid, uid};
  }
  void folder(const std::string& path, std::uint32_t uid = 0, unsigned mode = 0755) {
    files[path] = {FileType::directory, {}, mode, uid, uid};
  }
  void package(const std::string& name, const std::string& version,
               const std::string& status = "install ok installed", const std::string& more = {}) {
    files["/var/lib/dpkg/status"].content += "Package: " + name + "\nStatus: " + status +
                                             "\nArchitecture: amd64\n" + more + "Version: " + version +
                                             "\n\n";
  }

  std::vector<Resource> read(const std::string& resources) {
    RecipeRequest request;
    request.paths = {"recipe.yaml"};
    for (const auto& kind : all_kinds()) request.kinds.emplace_back(kind.text.name);
    request.has_field = has_field;
    request.environment = environment;
    const auto load = [&](const std::string&) {
      return Result<std::string>("recipe: test\nversion: 1\n" + head + "resources:\n" + resources);
    };
    const auto recipe = read_recipe(request, load, diagnostics);
    REQUIRE(recipe);
    const auto reader = recorded_reader(files);
    return decode_all(*recipe, {facts.user, {}, diagnostics, {}, &facts, &knowledge, reader.get()});
  }
  Decision decide(const std::string& resource) {
    const auto resources = read(resource);
    for (const auto& each : diagnostics.all()) INFO(each.message);
    REQUIRE(resources.size() == 1);
    const auto reader = recorded_reader(files);
    ProbeCache cache;
    return resources[0].decide({*reader, facts, cache});
  }

  std::string head;  ///< of the recipe: `vars:`, `requires:`
  std::map<std::string, std::string> environment;
  Facts facts;
  Knowledge knowledge;
  std::map<std::string, RecordedFile> files;
  Diagnostics diagnostics;
};

}  // namespace mlenv
