#include "forecast/price.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "forecast/wheel_pool.hpp"
#include "resource/uv.hpp"

namespace mlenv {
namespace {

/// Adds up what each file system has to hold.
class Disk {
 public:
  explicit Disk(const HostReader& host) : host_(host) {}

  void need(const std::string& path, std::uint64_t bytes, const std::string& purpose, bool estimated) {
    if (bytes == 0) return;
    const auto space = host_.space(path);
    const auto mount = space ? space->mount : path;
    auto found =
        std::find_if(needs_.begin(), needs_.end(), [&](const DiskNeed& each) { return each.mount == mount; });
    if (found == needs_.end()) {
      found = needs_.insert(needs_.end(), DiskNeed{mount});
      if (space) found->free_bytes = space->free_bytes;
    }
    found->need_bytes += bytes;
    found->estimated = found->estimated || estimated;
    if (std::find(found->purposes.begin(), found->purposes.end(), purpose) == found->purposes.end())
      found->purposes.push_back(purpose);
  }
  std::vector<DiskNeed> result() && { return std::move(needs_); }

 private:
  const HostReader& host_;
  std::vector<DiskNeed> needs_;
};

/// Packages after whose installation the initial RAM disk is made anew.
bool rebuilds_initramfs(const std::string& name) {
  for (const char* part : {"linux-image-", "nvidia-kernel-", "nvidia-dkms-", "plymouth"}) {
    if (name.starts_with(part)) return true;
  }
  return name.ends_with("-dkms") || name == "initramfs-tools" || name == "dracut";
}

/// Of the largest one that is there; nothing where there is none.
std::uint64_t largest_initramfs(const HostReader& host) {
  std::uint64_t largest = 0;
  const auto entries = host.list("/boot");
  if (!entries) return 0;
  for (const auto& entry : *entries) {
    if (!entry.name.starts_with("initrd.img-") && !entry.name.starts_with("initramfs-")) continue;
    const auto stat = host.stat("/boot/" + entry.name, Links::keep);
    if (stat && *stat) largest = std::max(largest, (*stat)->size);
  }
  return largest;
}

std::uint64_t size_of_kernel(const HostReader& host) {
  std::uint64_t largest = 0;
  const auto entries = host.list("/boot");
  if (!entries) return 0;
  for (const auto& entry : *entries) {
    const auto stat = host.stat("/boot/" + entry.name, Links::keep);
    const bool kernel = entry.name.starts_with("vmlinuz-") || entry.name.starts_with("System.map-");
    if (kernel && stat && *stat) largest += (*stat)->size;
  }
  return largest;
}

class Pricing {
 public:
  Pricing(const Plan& plan, const PriceRequest& request)
      : plan_(plan), request_(request), disk_(request.host) {}

  Price run() {
    add_debs();
    add_wheels();
    add_packages();
    add_venvs();
    add_boot();
    price_.disk = std::move(disk_).result();
    for (auto& [server, download] : downloads_) price_.downloads.push_back(std::move(download));
    if (request_.apt.known && request_.pip.known) {
      price_.download_bytes = 0;
      for (const auto& each : price_.downloads) *price_.download_bytes += each.bytes - each.cached_bytes;
      price_.disk_bytes = grown_;
    }
    add_services();
    price_.login = std::any_of(plan_.changes.begin(), plan_.changes.end(), [](const Change& change) {
      const auto& kind = change.address.kind;
      return (kind == "env_var" || kind == "group_member") && is_pending(change.decision.action);
    });
    return std::move(price_);
  }

 private:
  void count(const std::string& server, std::uint64_t bytes, bool cached) {
    auto& download = downloads_[server];
    download.source = server;
    ++download.files;
    download.bytes += bytes;
    if (cached) download.cached_bytes += bytes;
  }

  void add_debs() {
    const auto archives = request_.packages.path + "/apt/archives/";
    for (const auto& uri : request_.apt.downloads) {
      if (uri.uri.starts_with("file:")) continue;  // apt takes it where it is
      const auto stat = request_.host.stat(archives + uri.file, Links::keep);
      const bool cached = stat && *stat && (*stat)->size == uri.bytes;
      count(server_of(uri.uri), uri.bytes, cached);
      if (!cached) disk_.need(archives, uri.bytes, "downloads", false);
    }
  }

  void add_wheels() {
    std::vector<std::string> seen;
    for (const auto& each : request_.pip.wheels) {
      if (each.weight.unpacked) {
        const auto target = each.prefix.empty() ? request_.facts.user.home : each.prefix;
        disk_.need(target, *each.weight.unpacked, "Python packages", true);
        grown_ += static_cast<std::int64_t>(*each.weight.unpacked);
      }
      if (!is_remote(each.wheel) || !each.weight.bytes) continue;
      const auto& pool = request_.python.of(each.privilege).wheels;
      const auto folder = wheel_folder(pool, each.wheel);
      if (std::find(seen.begin(), seen.end(), folder) != seen.end()) continue;
      seen.push_back(folder);
      const bool cached = is_pooled(request_.host, pool, each.wheel);
      count(server_of(each.wheel.url), *each.weight.bytes, cached);
      if (!cached) disk_.need(folder, *each.weight.bytes, "downloads", false);
    }
    if (!request_.pip.wheels.empty())
      price_.estimates.emplace_back("Python packages on disk: unpacked sizes, and what is compiled at once");
  }

  void add_packages() {
    std::int64_t grown = 0;
    for (const auto& change : plan_.changes) {
      for (const auto& each : change.packages) {
        if (each.manager == "apt") grown += each.disk_bytes.value_or(0);
      }
    }
    if (grown > 0) disk_.need("/usr", static_cast<std::uint64_t>(grown), "apt packages", true);
    if (grown != 0) price_.estimates.emplace_back("packages on disk: as their makers say (Installed-Size)");
    grown_ += grown;
  }

  /// An environment with the pip and setuptools that Python 3.11 brings, measured, compiled or not. Where pip
  /// is a wheel of the plan it is counted there.
  void add_venvs() {
    constexpr std::uint64_t setuptools = 4'900'000, both = 12'700'000;
    constexpr std::uint64_t setuptools_compiled = 7'000'000, both_compiled = 22'000'000;
    for (const auto& step : plan_.steps) {
      const auto* venv = std::get_if<MakeVenv>(&step.step);
      if (venv == nullptr) continue;
      const bool compiled = compiles_at_once(venv->privilege, request_.facts.user.uid);
      const auto size = venv->expected.empty() ? (compiled ? both_compiled : both)
                                               : (compiled ? setuptools_compiled : setuptools);
      disk_.need(venv->path, size, "venvs", true);
      grown_ += static_cast<std::int64_t>(size);
    }
  }

  void add_boot() {
    bool rebuilt = false;
    std::size_t kernels = 0;
    for (const auto& change : plan_.changes) {
      for (const auto& each : change.packages) {
        if (each.manager != "apt" || each.action == PackageChange::Action::remove) continue;
        rebuilt = rebuilt || rebuilds_initramfs(each.name);
        const bool kernel = each.name.starts_with("linux-image-") && each.name.size() > 12 &&
                            each.name[12] >= '0' && each.name[12] <= '9';
        kernels += kernel ? 1 : 0;
      }
    }
    const auto initramfs = largest_initramfs(request_.host);
    if (!rebuilt || initramfs == 0) return;
    // The new one is whole before the old one goes, and modules make it larger.
    disk_.need("/boot", initramfs * 12 / 10 + kernels * (initramfs + size_of_kernel(request_.host)),
               "initramfs", true);
    price_.estimates.emplace_back("/boot: by the initramfs that is there now");
  }

  /// Units of packages that are upgraded: their maintainer scripts restart them.
  void add_services() {
    for (const auto& change : plan_.changes) {
      for (const auto& each : change.packages) {
        if (each.manager != "apt" || each.before.empty() || each.after.empty()) continue;
        const auto list = installed_files(each.name, each.architecture);
        for (const auto line : split_lines(list)) {
          const bool unit =
              line.find("/systemd/system/") != std::string_view::npos && line.ends_with(".service");
          const auto name = std::string(line.substr(line.rfind('/') + 1));
          if (!unit || name.find("@.") != std::string::npos || !is_enabled(name)) continue;
          if (std::find(price_.services.begin(), price_.services.end(), name) == price_.services.end())
            price_.services.push_back(name);
        }
      }
    }
  }

  std::string installed_files(const std::string& name, const std::string& architecture) const {
    for (const auto& file : {name + ".list", join({name, ":", architecture, ".list"}, "")}) {
      const auto text = request_.host.read_file("/var/lib/dpkg/info/" + file);
      if (text && *text) return **text;
    }
    return {};
  }

  /// What no target wants does not run, and is not restarted.
  bool is_enabled(const std::string& unit) const {
    for (const char* target : {"multi-user.target.wants", "graphical.target.wants", "sysinit.target.wants",
                               "basic.target.wants", "sockets.target.wants"}) {
      const auto link = request_.host.read_link(std::string("/etc/systemd/system/") + target + "/" + unit);
      if (link && *link) return true;
    }
    return false;
  }

  const Plan& plan_;
  const PriceRequest& request_;
  Disk disk_;
  std::map<std::string, DownloadPrice> downloads_;
  std::int64_t grown_ = 0;
  Price price_;
};

}  // namespace

Price price_of(const Plan& plan, const PriceRequest& request) { return Pricing(plan, request).run(); }

std::vector<PlanFinding> space_findings(const Price& price) {
  std::vector<PlanFinding> findings;
  for (const auto& need : price.disk) {
    if (!need.free_bytes || need.need_bytes <= *need.free_bytes) continue;
    findings.push_back({"space.low",
                        Severity::error,
                        "`" + need.mount + "` has " + size_text(*need.free_bytes) + " free, and " +
                            (need.estimated ? "about " : "") + size_text(need.need_bytes) +
                            " are needed for " + join(need.purposes, ", "),
                        "make room there, or move what can be elsewhere (`--cache DIR` for downloads)",
                        {}});
  }
  return findings;
}

}  // namespace mlenv
