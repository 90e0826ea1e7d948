#include "view/plans_document.hpp"

#include <algorithm>

#include "view/plan_document.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

const char* status_name(HostStatus status) {
  switch (status) {
    case HostStatus::planned:
      return "planned";
    case HostStatus::refused:
      return "refused";
    case HostStatus::bad_recipe:
      return "bad-recipe";
    case HostStatus::unreadable:
      return "unreadable";
  }
  return "";
}

Json host_plan_document(const HostPlan& host) {
  Json document = {{"format", nullptr},
                   {"record", host.record},
                   {"status", status_name(host.status)},
                   {"gpus", host.gpus}};
  document.update(plan_document(host.plan));
  return document;
}

}  // namespace

Json plans_document(const std::vector<HostPlan>& plans) {
  const auto count = [&](auto counts) {
    return static_cast<std::size_t>(std::count_if(plans.begin(), plans.end(), counts));
  };
  const auto has = [](HostStatus status) {
    return [=](const HostPlan& each) { return each.status == status; };
  };
  Json hosts = Json::array();
  for (const auto& each : plans) hosts.push_back(host_plan_document(each));
  const auto pending =
      count([](const HostPlan& each) { return each.status == HostStatus::planned && each.plan.pending(); });
  return {{"format", "mlenvctl.plans/1"},
          {"summary",
           {{"hosts", plans.size()},
            {"pending", pending},
            {"as_declared", count(has(HostStatus::planned)) - pending},
            {"refused", count(has(HostStatus::refused))},
            {"failed", count(has(HostStatus::bad_recipe)) + count(has(HostStatus::unreadable))}}},
          {"hosts", std::move(hosts)}};
}

}  // namespace mlenv
