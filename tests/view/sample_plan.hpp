#pragma once

#include "plan/plan.hpp"

/// A plan with one change of every action, made by hand; of steps whose words do not depend on other rooms'
/// details.
inline mlenv::Plan sample_plan() {
  using namespace mlenv;
  Plan plan;
  plan.recipe = {"lab", {"base/workspace.yaml", "lab.yaml"}, "sha256:00"};
  plan.host = {"ws1", "ubuntu 20.04", "x86_64", "metal", "id", "student", "/"};
  const auto add = [&](Address address, std::size_t line, Decision decision,
                       std::vector<Address> needs = {}) {
    plan.changes.push_back(
        {std::move(address), {"lab.yaml", line, 5}, std::move(decision), std::move(needs)});
  };
  MakeDirectory folder;
  folder.path = "/home/student/ml";
  MovePath move;
  move.from = "/home/student/ml/torch.new";
  move.to = "/home/student/ml/torch";
  RunCheck check;
  check.name = "the wheels of torch can be fetched from where the recipe says that they lie";
  check.argv = {"curl", "--fail", "https://me:secret@wheels.example/stable.html", "a b"};
  RemovePath removal;
  removal.path = "/home/student/old";

  add({"directory", "/home/student"}, 4, {});
  add({"directory", "/home/student/ml"}, 5,
      {Action::create,
       "there is no such folder",
       {{"path", {}, "/home/student/ml"}, {"mode", {}, "0755"}},
       {folder},
       {}},
      {{"directory", "/home/student"}});
  add({"apt_package", "libcudnn8"}, 7,
      {Action::update,
       "another version is installed",
       {{"version", "8.0.4.30-1+cuda11.0", "8.0.5.39-1+cuda11.0"}, {"hold", {}, "true"}},
       {UpdateIndex{}},
       {}});
  add({"venv", "torch"}, 9,
      {Action::replace,
       "its interpreter is gone since the system was upgraded",
       {{"python", "/usr/bin/python3.6 (missing)", "/usr/bin/python3.8"}},
       {move},
       {}},
      {{"directory", "/home/student/ml"}});
  add({"pip_package", "torch/torch"}, 12,
      {Action::create,
       "the venv is made anew",
       {{"version", {}, "1.7.1+cu110"}, {"find_links", {}, "https://me:secret@wheels.example/stable.html"}},
       {check},
       {}},
      {{"venv", "torch"}});
  add({"directory", "/home/student/old"}, 14,
      {Action::remove, "declared absent", {{"path", "/home/student/old", {}}}, {removal}, {}});
  add({"apt_package", "secret"}, 15,
      {Action::unknown, "/var/lib/dpkg/status: permission denied", {}, {}, {}});
  add({"venv", "notes"}, 16,
      {Action::manual,
       "a folder that mlenvctl did not make stands there",
       {{"marker", "(none)", ".mlenvctl.json"}},
       {},
       {}});
  add({"check", "torch sees the GPU"}, 18,
      {Action::not_applicable, "gpu is none, wanted is true", {}, {}, {}}, {{"venv", "torch"}});
  plan.steps = {{1, folder, {1}, {}},
                {2, UpdateIndex{}, {2}, {}},
                {3, move, {3}, {1}},
                {4, check, {4}, {3}},
                {5, removal, {5}, {}}};
  plan.findings = {{"apt.moving-target",
                    Severity::warning,
                    "`cuda-drivers` is a moving target",
                    "name a branch",
                    {"lab.yaml", 7, 20}},
                   {"host.no-sudo", Severity::note, "sudo would ask for a password", {}, {}}};
  return plan;
}
