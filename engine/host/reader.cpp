#include "host/reader.hpp"

#include <array>

#include "base/text.hpp"

namespace mlenv {
namespace {

constexpr int link_limit = 40;  // as the kernel's own

bool is_program(const HostReader& host, const std::string& path) {
  const auto stat = host.stat(path, Links::follow);
  return stat && *stat && (*stat)->type == FileType::file && ((*stat)->mode & 0111) != 0;
}

/// Whether normal_path has nothing to do.
bool is_normal(const std::string& path) {
  if (!path.starts_with('/') || (path.ends_with('/') && path.size() > 1)) return false;
  for (auto at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
    const auto rest = std::string_view(path).substr(at + 1);
    if (rest.starts_with('/') || rest.starts_with('.')) return false;  // `.name` too, which is rare
  }
  return true;
}

}  // namespace

Result<SharedText> HostReader::share_file(const std::string& path) const {
  auto text = read_file(path);
  if (!text) return text.error();
  return *text ? SharedText(std::move(**text)) : SharedText();
}

Result<std::vector<std::optional<FileStat>>> HostReader::stat_entries(
    const std::string& folder, const std::vector<std::string>& names) const {
  std::vector<std::optional<FileStat>> found;
  for (const auto& name : names) {
    auto seen = stat(join_path(folder, name), Links::follow);
    if (!seen) return seen.error();
    found.push_back(*seen);
  }
  return found;
}

Result<Space> HostReader::space(const std::string& path) const {
  return Error{"host.unreadable", "how much room `" + path + "` has is not known of this host", {}};
}

std::optional<LockHolder> HostReader::lock_holder(const std::string&) const { return std::nullopt; }

bool exists(const HostReader& host, const std::string& path) {
  const auto stat = host.stat(path, Links::follow);
  return stat && stat->has_value();
}

std::optional<std::string> resolve_links(const HostReader& host, const std::string& path) {
  if (!exists(host, path)) return std::nullopt;
  std::vector<std::string> open;
  const auto push = [&](const std::string& text) {
    const auto parts = split(text, '/');
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
      if (!part->empty() && *part != ".") open.emplace_back(*part);
    }
  };
  push(path);
  std::string done = "/";
  for (int links = 0; !open.empty();) {
    const auto part = std::move(open.back());
    open.pop_back();
    if (part == "..") {
      done = parent_path(done);
      continue;
    }
    const auto here = join_path(done, part);
    const auto target = host.read_link(here);
    if (!target) return std::nullopt;
    if (!*target) {
      done = here;
      continue;
    }
    if (++links > link_limit) return std::nullopt;
    if ((*target)->starts_with("/")) done = "/";
    push(**target);
  }
  return done;
}

std::optional<std::string> find_program(const HostReader& host, const std::string& name) {
  constexpr std::array<const char*, 6> folders = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                                  "/usr/bin",        "/sbin",          "/bin"};
  for (const auto* folder : folders) {
    auto path = join_path(folder, name);
    if (is_program(host, path)) return path;
  }
  return std::nullopt;
}

std::string join_path(const std::string& folder, const std::string& name) {
  if (folder.empty()) return name;
  return folder.back() == '/' ? folder + name : folder + "/" + name;
}

std::string parent_path(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

std::string normal_path(const std::string& path) {
  if (is_normal(path)) return path;
  std::vector<std::string> parts;
  for (const auto part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.emplace_back(part);
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  return "/" + join(parts, "/");
}

}  // namespace mlenv
