#include <algorithm>
#include <cstdio>

#include "base/text.hpp"
#include "view/html_parts.hpp"
#include "view/html_text.hpp"

namespace mlenv {
namespace {

std::string bytes_at(const Json& object, const char* key, const char* otherwise) {
  const auto& value = at(object, key);
  return value.is_number() ? bytes_text(value.get<double>()) : element("span", "dim", otherwise);
}

double number_at(const Json& object, const char* key) {
  const auto& value = at(object, key);
  return value.is_number() ? value.get<double>() : 0;
}

std::string percent(double part) {
  char text[16];
  std::snprintf(text, sizeof text, "%.1f%%", std::clamp(part, 0.0, 1.0) * 100);
  return text;
}

std::string totals_html(const Json& cost) {
  std::string rows;
  const auto row = [&](const char* name, const std::string& value) {
    rows += element("dt", "", name) + element("dd", "", value) + "\n";
  };
  row("to download", bytes_at(cost, "download_bytes", "not known"));
  row("on disk", bytes_at(cost, "disk_bytes", "not known"));
  const bool reboot = text_at(cost, "reboot") == "required";
  row("reboot", reboot ? element("strong", "warning", "! needed before the new driver runs") : "no");
  const auto& login = at(cost, "login");
  if (login.is_boolean())
    row("new log-in", login.get<bool>() ? element("strong", "warning", "! needed") : "no");
  std::vector<std::string> services;
  for (const auto& service : at(cost, "services"))
    services.push_back(element("code", "", html(words_of(service))));
  if (!services.empty()) row("services restarted", join(services, ", "));
  return element("dl", "totals", rows) + "\n";
}

std::string downloads_html(const Json& downloads) {
  if (!downloads.is_array() || downloads.empty()) return {};
  std::string rows;
  for (const auto& each : downloads) {
    const bool cached = number_at(each, "cached_bytes") > 0;
    rows += "<tr>" + element("td", "", element("code", "", html_at(each, "source"))) +
            element("td", "number", html_at(each, "files")) +
            element("td", "number", bytes_at(each, "bytes", "not known")) +
            element("td", "number dim", cached ? bytes_at(each, "cached_bytes", "") : "") + "</tr>\n";
  }
  return "<div class=\"wide\"><table><thead><tr><th>download from</th><th class=\"number\">files</th><th "
         "class=\"number\">size</th>"
         "<th class=\"number\">of it here already</th></tr></thead>\n<tbody>" +
         rows + "</tbody></table></div>\n";
}

/// How much of what is free would be taken.
std::string meter_html(double need, double free) {
  const double part = free > 0 ? need / free : 1;
  return "<svg class=\"meter" +
         std::string(part >= 1     ? " full"
                     : part >= 0.8 ? " high"
                                   : "") +
         "\" role=\"img\" aria-label=\"" + percent(part) +
         " of what is free\"><rect class=\"all\" width=\"100%\" height=\"100%\"/>"
         "<rect class=\"part\" width=\"" +
         percent(part) + "\" height=\"100%\"/></svg>";
}

std::string disk_row_html(const Json& disk) {
  std::vector<std::string> purposes;
  for (const auto& each : at(disk, "for")) purposes.push_back(html(words_of(each)));
  const double need = number_at(disk, "need_bytes"), free = number_at(disk, "free_bytes");
  const bool told = at(disk, "free_bytes").is_number();
  const bool lacking = told && need > free;
  const auto left = !told     ? std::string()
                    : lacking ? element("strong", "error", "! " + bytes_text(need - free) + " too little")
                              : meter_html(need, free);
  return "<tr>" + element("td", "", element("code", "", html_at(disk, "mount"))) +
         element(
             "td", "number",
             (at(disk, "estimated") == true ? "about " : "") + bytes_at(disk, "need_bytes", "not known")) +
         element("td", "number", bytes_at(disk, "free_bytes", "not known")) + element("td", "room", left) +
         element("td", "dim", join(purposes, ", ")) + "</tr>\n";
}

std::string disks_html(const Json& disks) {
  if (!disks.is_array() || disks.empty()) return {};
  std::string rows;
  for (const auto& each : disks) rows += disk_row_html(each);
  return "<div class=\"wide\"><table><thead><tr><th>file system</th><th class=\"number\">needs</th><th "
         "class=\"number\">free</th><th></th>"
         "<th>for</th></tr></thead>\n<tbody>" +
         rows + "</tbody></table></div>\n";
}

}  // namespace

std::string cost_html(const Json& plan) {
  const auto& cost = at(plan, "cost");
  if (!cost.is_object()) return {};
  std::string estimates;
  for (const auto& each : at(cost, "estimates")) estimates += element("li", "", prose(words_of(each))) + "\n";
  if (!estimates.empty())
    estimates = "<p class=\"dim\">Estimates:</p>" + element("ul", "dim", estimates) + "\n";
  return "<div class=\"cost\">" + totals_html(cost) + downloads_html(at(cost, "downloads")) +
         disks_html(at(cost, "disk")) + "</div>\n" + estimates;
}

}  // namespace mlenv
