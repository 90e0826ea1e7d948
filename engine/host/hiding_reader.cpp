#include "host/hiding_reader.hpp"

#include <algorithm>

namespace mlenv {
namespace {

class HidingReader : public HostReader {
 public:
  HidingReader(const HostReader& host, std::vector<std::string> hidden)
      : host_(host), hidden_(std::move(hidden)) {}

  Result<std::optional<std::string>> read_file(const std::string& path) const override {
    return hides(path) ? std::optional<std::string>() : host_.read_file(path);
  }
  Result<std::optional<FileStat>> stat(const std::string& path, Links links) const override {
    return hides(path) ? std::optional<FileStat>() : host_.stat(path, links);
  }
  Result<std::vector<DirectoryEntry>> list(const std::string& path) const override {
    if (hides(path)) return std::vector<DirectoryEntry>();
    auto entries = host_.list(path);
    if (entries) {
      std::erase_if(*entries,
                    [&](const DirectoryEntry& entry) { return hides(join_path(path, entry.name)); });
    }
    return entries;
  }
  Result<std::optional<std::string>> read_link(const std::string& path) const override {
    return hides(path) ? std::optional<std::string>() : host_.read_link(path);
  }
  std::shared_ptr<void> stay() const override { return host_.stay(); }
  Result<Output> query(const Command& command) const override { return host_.query(command); }
  Result<Space> space(const std::string& path) const override { return host_.space(path); }
  std::optional<LockHolder> lock_holder(const std::string& path) const override {
    return host_.lock_holder(path);
  }

 private:
  bool hides(const std::string& path) const {
    return std::any_of(hidden_.begin(), hidden_.end(), [&](const std::string& each) {
      return path == each || (path.starts_with(each) && path[each.size()] == '/');
    });
  }

  const HostReader& host_;
  std::vector<std::string> hidden_;
};

}  // namespace

std::unique_ptr<HostReader> hiding_reader(const HostReader& host, std::vector<std::string> hidden) {
  return std::make_unique<HidingReader>(host, std::move(hidden));
}

}  // namespace mlenv
