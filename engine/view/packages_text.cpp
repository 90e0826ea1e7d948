#include "view/packages_text.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "view/screen_text.hpp"

namespace mlenv {
namespace {

constexpr std::size_t indent = 6;

std::uint64_t bytes_at(const Json& object, const char* key) {
  const auto& value = at(object, key);
  return value.is_number_unsigned() || (value.is_number_integer() && value.get<std::int64_t>() > 0)
             ? value.get<std::uint64_t>()
             : 0;
}

std::string line(const std::string& text, const Style& style) {
  return std::string(indent, ' ') +
         (style.width > indent + 20 && !style.verbose ? cut(text, style.width - indent) : text) + "\n";
}

/// `~ libc6 2.36-9 -> 2.36-9+deb12u1  [Debian:12.7/stable]`.
std::string package_line(const Json& package, const Style& style) {
  const auto action = text_at(package, "action"), name = text_at(package, "name");
  const auto before = text_at(package, "before"), after = text_at(package, "after");
  const auto origin = text_at(package, "origin");
  const auto from = origin.empty() ? "" : "  [" + origin + "]";
  if (action == "remove") return line(red("- " + name + " " + before, style) + "  removed", style);
  if (action == "install") {
    const auto size = bytes_at(package, "download_bytes");
    const auto file = text_at(package, "manager") == "pip" ? text_at(package, "file") : std::string();
    return line(green("+ " + name + " " + after, style) + from + (size > 0 ? "  " + size_text(size) : "") +
                    (file.empty() ? "" : "  " + file),
                style);
  }
  const auto text = "~ " + name + " " + before + " -> " + after;
  const auto word = action == "downgrade"   ? "  downgrade"
                    : action == "reinstall" ? "  put in place anew"
                                            : "";
  return line(yellow(text, style) + word + from, style);
}

/// Of more of one sort than anybody reads at a glance.
std::string folded(const std::vector<const Json*>& fresh, const Style& style) {
  std::uint64_t download = 0;
  std::int64_t disk = 0;
  std::vector<std::string> names;
  for (const auto* each : fresh) {
    download += bytes_at(*each, "download_bytes");
    const auto& grown = at(*each, "disk_bytes");
    if (grown.is_number_integer()) disk += grown.get<std::int64_t>();
    names.push_back(text_at(*each, "name") + " " + text_at(*each, "after"));
  }
  const auto count = std::to_string(fresh.size());
  std::string text = "brings " + count + (fresh.size() == 1 ? " more: " : " more");
  if (fresh.size() == 1) text += names.front();
  std::vector<std::string> sizes;
  if (download > 0) sizes.push_back(size_text(download) + " to download");
  if (disk > 0) sizes.push_back(size_text(static_cast<std::uint64_t>(disk)) + " on disk");
  if (!sizes.empty()) text += " (" + join(sizes, ", ") + ")";
  if (fresh.size() > 1) text += ": " + join(names, ", ");
  const std::size_t room = style.width > indent + 20 ? style.width - indent : 160;
  return std::string(indent, ' ') + dim(cut(text, room), style) + "\n";
}

std::string label_line(const std::string& label, const std::string& text) {
  return "  " + padded(label, 10) + text + "\n";
}

std::string downloads_text(const Json& cost, const Style& style) {
  std::string text;
  std::uint64_t cached = 0;
  std::vector<std::string> parts;
  for (const auto& each : at(cost, "downloads")) {
    const auto files = bytes_at(each, "files");
    const bool lone = at(cost, "downloads").size() == 1 && !at(cost, "download_bytes").is_null();
    parts.push_back((lone ? "" : size_text(bytes_at(each, "bytes")) + " ") + "from " +
                    text_at(each, "source") + " (" + std::to_string(files) +
                    (files == 1 ? " file)" : " files)"));
    cached += bytes_at(each, "cached_bytes");
  }
  if (parts.empty()) return text;
  const auto& total = at(cost, "download_bytes");
  auto words =
      (total.is_null() ? "not all is known: "
                       : size_text(bytes_at(cost, "download_bytes")) + (parts.size() == 1 ? " " : ": ")) +
      join(parts, ", ");
  if (cached > 0) words += "; " + size_text(cached) + " of it in the cache already";
  bool first = true;
  for (const auto& each : wrapped(words, style.width > 40 ? style.width - 12 : 0)) {
    text += label_line(first ? "download" : "", each);
    first = false;
  }
  return text;
}

std::string disk_text(const Json& cost, const Style& style) {
  std::string text;
  for (const auto& each : at(cost, "disk")) {
    const auto need = bytes_at(each, "need_bytes"), free = bytes_at(each, "free_bytes");
    const bool known = at(each, "free_bytes").is_number(), short_of = known && need > free;
    std::vector<std::string> purposes;
    for (const auto& purpose : at(each, "for")) purposes.push_back(words_of(purpose));
    auto words = text_at(each, "mount") + " " + (at(each, "estimated") == Json(true) ? "about " : "") +
                 size_text(need) + (known ? " of " + size_text(free) + " free" : "") + " (" +
                 join(purposes, ", ") + ")";
    text += label_line(text.empty() ? "disk" : "", short_of ? red(words + ", too little", style) : words);
  }
  return text;
}

}  // namespace

std::string packages_text(const Json& change, const Style& style) {
  std::string text;
  std::vector<const Json*> fresh;
  const auto& packages = at(change, "packages");
  static const Json none = Json::array();
  for (const auto& package : packages.is_array() ? packages : none) {
    const bool declared = at(package, "declared") == Json(true);
    if (text_at(package, "action") != "install") {
      if (!declared || text_at(package, "action") == "downgrade") text += package_line(package, style);
    } else if (style.verbose) {
      text += package_line(package, style);
    } else if (!declared) {
      fresh.push_back(&package);
    }
  }
  if (!fresh.empty()) text += folded(fresh, style);
  const auto& after = at(change, "known_after");
  if (after.is_number()) text += line("versions: known after step " + words_of(after), style);
  return text;
}

std::string cost_text(const Json& cost, const Style& style) {
  auto text = downloads_text(cost, style) + disk_text(cost, style);
  std::vector<std::string> services;
  for (const auto& each : at(cost, "services")) services.push_back(words_of(each));
  if (!services.empty()) text += label_line("restarts", join(services, ", "));
  if (at(cost, "login") == Json(true))
    text += label_line("log-in", "new variables and groups are seen by what starts after a new log-in");
  return text.empty() ? text : "\n" + bold("Cost", style) + "\n" + text;
}

}  // namespace mlenv
