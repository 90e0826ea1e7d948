#include <algorithm>

#include "fuzz/fuzz.hpp"
#include "fuzz/host_files.hpp"
#include "fuzz/planning/loading.hpp"
#include "view/plan_document.hpp"

namespace mlenv::fuzz {
namespace {

constexpr const char* recipe_text = R"(recipe: all
version: 1
resources:
  - directory: ~/ml
  - file: ~/ml/notes
    content: "one\ntwo\n"
  - env_var: ML_PATH
    value: ~/ml
  - env_var: PATH
    prepend: [~/ml/bin]
  - env_var: CUDA
    value: /usr/local/cuda
    scope: system
  - cuda_repo: debian12
  - apt_repo: lab
    uris: http://lab.example/debian
    suites: stable
    components: main
  - apt_package: [python3-venv, libcudnn8]
  - apt_package: htop
    version: ">=3.0"
    hold: true
  - venv: torch
    path: ~/ml/torch
    system_site_packages: true
  - pip_package: [numpy, "torch[opt]==1.7.1+cu110", ipykernel]
    venv: torch
  - jupyter_kernel: torch
    venv: torch
  - service: docker
    restart_on: [file.~/ml/notes]
  - service: lab
    scope: user
    content: |
      [Service]
      ExecStart=%h/ml/torch/bin/lab
      [Install]
      WantedBy=default.target
  - group_member: [video, docker]
)";

/// Whether a decision can be carried out on files that are data.
bool perform_all(const std::vector<Step>& steps, Files& files) {
  for (const auto& step : steps) {
    if (!perform(step, files)) return false;
  }
  return !steps.empty();
}

/// The steps name paths; where a link leads elsewhere they cannot be carried out on mere names.
bool has_links(const Files& files) {
  return std::any_of(files.begin(), files.end(), [](const auto& each) {
    return each.second.type == FileType::symlink && !each.first.starts_with("/usr/");
  });
}

/// What only concerns files is as declared once its steps were carried out.
void converge(const LoadedTexts& loaded, const Plan& plan, Files files) {
  if (has_links(files)) return;
  std::vector<std::size_t> done;
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    auto tried = files;
    if (!perform_all(plan.changes[i].decision.steps, tried)) continue;
    files = std::move(tried);
    done.push_back(i);
  }
  if (done.empty()) return;
  const auto host = recorded_reader(files);
  const auto again = plan_of(loaded, some_facts(), *host);
  for (const auto i : done) {
    const auto& change = again.changes[i];
    const bool kept = change.decision.action == Action::none || change.decision.action == Action::manual;
    hold(kept, "after its steps a resource is as declared: " + change.address.str());
  }
}

}  // namespace

/// A host's files, whatever they hold: a recipe with every plain kind is planned for it.
void host_tree(std::string_view input) {
  static const RecipeTexts texts = {{"a.yaml", recipe_text}};
  auto files = files_in(input);
  files.emplace("/etc/passwd", owned_file("student:x:1000:1000::/home/student:/bin/bash\n"));
  files.emplace("/home/student", RecordedFile{FileType::directory, {}, 0755, 1000, 1000});
  const auto host = recorded_reader(files);
  Diagnostics diagnostics;
  const auto loaded = load(texts, &some_facts(), host.get(), diagnostics);
  if (!loaded) return;
  const auto plan = plan_of(*loaded, some_facts(), *host);
  const auto document = plan_document(plan);
  hold(plan_document(plan_of(*loaded, some_facts(), *host)) == document,
       "planning again gives the same plan");
  converge(*loaded, plan, std::move(files));
}

}  // namespace mlenv::fuzz
