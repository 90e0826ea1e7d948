#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/local_host.hpp"
#include "host/recorded_host.hpp"
#include "kinds/kinds.hpp"
#include "support/catch.hpp"

namespace mlenv {

/// Declarations of Python things, understood and joined to one another, on a host that is data (or a real
/// one).
class PythonBench {
 public:
  PythonBench() {
    facts.arch = "x86_64";
    facts.user = {"student", "/home/student", "/bin/bash", 1000, 1000};
    facts.pythons = {{"/usr/bin/python3", "3.8.10"}, {"/usr/bin/python3.9", "3.9.5"}};
    program("/usr/bin/python3.8");
    link("/usr/bin/python3", "python3.8");
    program("/usr/bin/python3.9");
    file("/usr/lib/python3.8/ensurepip/__init__.py", "");
    file("/usr/lib/python3.9/ensurepip/__init__.py", "");
    files["/home/student"] = {FileType::directory, {}, 0755, 1000, 1000};
  }

  void file(const std::string& path, std::string content) {
    files[path] = {FileType::file, std::move(content), 0644, 1000, 1000};
  }
  void program(const std::string& path) {
    files[path] = {FileType::file,
                   "\x7f"
                   "ELF",
                   0755, 0, 0};
  }
  void link(const std::string& path, const std::string& target) {
    files[path] = {FileType::symlink, target, 0777, 1000, 1000};
  }

  /// A venv as `python3 -m venv` leaves it.
  void venv(const std::string& prefix, const std::string& version, bool system_sites,
            const std::string& pip = "20.0.2") {
    const auto minor = version.substr(0, version.rfind('.'));
    file(prefix + "/pyvenv.cfg", std::string("home = /usr/bin\ninclude-system-site-packages = ") +
                                     (system_sites ? "true" : "false") + "\nversion = " + version + "\n");
    link(prefix + "/bin/python", "python3");
    link(prefix + "/bin/python3", "/usr/bin/python" + minor);
    package(prefix + "/lib/python" + minor + "/site-packages", "pip", pip);
  }
  void made_by_us(const std::string& prefix, const std::string& latest = "{}") {
    file(prefix + "/.mlenvctl.json",
         R"({"format": "mlenvctl.venv/1", "made": true, "latest": )" + latest + "}");
  }
  /// A package with one module of five bytes.
  void package(const std::string& site, const std::string& name, const std::string& version,
               const std::string& metadata = {}) {
    const auto folder = site + "/" + name + "-" + version + ".dist-info";
    file(site + "/" + name + "/__init__.py", "pass\n");
    file(folder + "/METADATA",
         "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n" + metadata + "\n");
    file(folder + "/RECORD",
         name + "/__init__.py,sha256=x,5\n" + name + "-" + version + ".dist-info/RECORD,,\n");
  }

  /// Reads resources (the list below `resources:`) and joins what they offer and want.
  void declare(const std::string& yaml) {
    RecipeRequest request;
    request.paths = {"recipe.yaml"};
    for (const auto& kind : kinds()) request.kinds.push_back(std::string(kind.text.name));
    request.has_field = [](const std::string& kind, const std::string& field) {
      const auto all = kinds();
      for (const auto& each : all) {
        if (each.text.name != kind) continue;
        for (const auto& one : each.fields) {
          if (one.name == field) return true;
        }
      }
      return false;
    };
    const auto recipe = read_recipe(
        request,
        [&](const std::string&) {
          return Result<std::string>("recipe: test\nversion: 1\nresources:\n" + yaml);
        },
        diagnostics);
    REQUIRE(recipe);
    DecodeScope scope{facts.user, "", diagnostics, {}, &facts};
    for (const auto& declaration : recipe->declarations) {
      for (const auto& kind : kinds()) {
        if (kind.text.name != declaration.kind) continue;
        for (auto& resource : kind.decode(declaration, scope)) resources.push_back(std::move(resource));
      }
    }
    join();
  }

  /// The messages of all that was reported.
  std::vector<std::string> reported() const {
    std::vector<std::string> messages;
    for (const auto& each : diagnostics.all()) messages.push_back(each.message);
    return messages;
  }

  /// What the resource's kind decides, with the actions given for others.
  Decision decide(const std::string& address, bool upgrade = false) {
    const auto reader = host ? nullptr : recorded_reader(files);
    ProbeCache cache;
    const ProbeScope scope{host ? *host : *reader, facts, cache,
                           [&](const std::string& other) {
                             const auto found = upstream.find(other);
                             return found == upstream.end() ? Action::none : found->second;
                           },
                           upgrade};
    for (const auto& resource : resources) {
      if (resource.address.str() == address) return resource.decide(scope);
    }
    FAIL("not declared: " << address);
    return {};
  }

  Facts facts;
  std::map<std::string, RecordedFile> files;
  std::map<std::string, Action> upstream;
  Diagnostics diagnostics;
  std::vector<Resource> resources;
  const HostReader* host = nullptr;  ///< a real one in place of `files`

 private:
  static std::vector<Kind> kinds() { return {venv_kind(), pip_package_kind(), jupyter_kernel_kind()}; }

  void join() {
    for (const auto& resource : resources) {
      for (const auto& want : resource.wants) {
        for (const auto& name : want.names) hand_over(want, name);
      }
    }
  }
  void hand_over(const Want& want, const std::string& name) {
    for (const auto& resource : resources) {
      for (const auto& offer : resource.offers) {
        if (want.take && offer.capability == want.capability && offer.name == name) want.take(offer);
      }
    }
  }
};

/// The step of that type; fails the test when there is none.
template <class T>
const T& step_of(const Decision& decision) {
  for (const auto& step : decision.steps) {
    if (const auto* found = std::get_if<T>(&step)) return *found;
  }
  FAIL("there is no such step");
  throw 0;
}

/// The value of an attribute after the change; `-` when the attribute does not change.
inline std::string after(const Decision& decision, const std::string& attribute) {
  for (const auto& each : decision.differences) {
    if (each.attribute == attribute) return each.after.value_or("(gone)");
  }
  return "-";
}
inline std::string before(const Decision& decision, const std::string& attribute) {
  for (const auto& each : decision.differences) {
    if (each.attribute == attribute) return each.before.value_or("(none)");
  }
  return "-";
}

}  // namespace mlenv
