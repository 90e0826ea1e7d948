#include "host/caching_reader.hpp"

#include <unordered_map>

namespace mlenv {
namespace {

constexpr const char* status_path = "/var/lib/dpkg/status";

template <class T>
using Kept = std::unordered_map<std::string, Result<T>>;

class CachingReader : public HostReader {
 public:
  explicit CachingReader(std::unique_ptr<HostReader> direct) : direct_(std::move(direct)) {}

  void keep(const CachingReader& seen, const std::string& folder) const {
    const auto copy = [&](const auto& from, auto& to) {
      for (const auto& [path, answer] : from) {
        if (path.starts_with(folder)) to.emplace(path, answer);
      }
    };
    copy(seen.files_, files_);
    copy(seen.shared_, shared_);
    copy(seen.lists_, lists_);
    if (std::string_view(status_path).starts_with(folder)) status_ = seen.status_;
  }

  void forget() const {
    forgetful_ = true;
    files_.clear();
    shared_.clear();
    status_.reset();
    for (auto* stats : {&stats_, &followed_}) stats->clear();
    lists_.clear();
    links_.clear();
  }

  const HostReader& direct() const { return *direct_; }

  Result<std::optional<std::string>> read_file(const std::string& path) const override {
    if (forgetful_) return direct_->read_file(path);
    const auto shared = shared_.find(path);
    if (shared != shared_.end()) return copy_of(shared->second);
    const auto found = files_.find(path);
    if (found != files_.end()) return found->second;
    auto text = direct_->read_file(path);
    // What is larger is read by one that takes it apart, and would only fill the memory here.
    constexpr std::size_t longest = 65536;
    if (!text || !*text || (*text)->size() <= longest) files_.emplace(path, text);
    return text;
  }
  Result<SharedText> share_file(const std::string& path) const override {
    return once(shared_, path, [&] { return direct_->share_file(path); });
  }
  Result<std::shared_ptr<const StatusFile>> share_status() const {
    if (status_ && !forgetful_) return status_;
    const auto text = share_file(status_path);
    if (!text) return text.error();
    if (*text) status_ = std::make_shared<const StatusFile>(cut_status_file(*text));
    return *text ? status_ : nullptr;
  }
  Result<std::optional<FileStat>> stat(const std::string& path, Links links) const override {
    if (links == Links::keep) return once(stats_, path, [&] { return direct_->stat(path, links); });
    const auto own = stats_.find(path);
    const bool known =
        own != stats_.end() && own->second && (!*own->second || (*own->second)->type != FileType::symlink);
    if (known) return own->second;  // there is no link to follow
    return once(followed_, path, [&] { return direct_->stat(path, links); });
  }
  Result<std::vector<DirectoryEntry>> list(const std::string& path) const override {
    return once(lists_, path, [&] { return direct_->list(path); });
  }
  Result<std::optional<std::string>> read_link(const std::string& path) const override {
    return once(links_, path, [&] { return direct_->read_link(path); });
  }
  Result<std::vector<std::optional<FileStat>>> stat_entries(
      const std::string& folder, const std::vector<std::string>& names) const override {
    return direct_->stat_entries(folder, names);
  }
  std::shared_ptr<void> stay() const override { return direct_->stay(); }
  Result<Output> query(const Command& command) const override { return direct_->query(command); }
  Result<Space> space(const std::string& path) const override { return direct_->space(path); }
  std::optional<LockHolder> lock_holder(const std::string& path) const override {
    return direct_->lock_holder(path);
  }

 private:
  /// The kept answer, or what `ask()` says now.
  template <class T, class Ask>
  Result<T> once(Kept<T>& kept, const std::string& key, Ask ask) const {
    if (forgetful_) return ask();
    const auto found = kept.find(key);
    return found != kept.end() ? found->second : kept.emplace(key, ask()).first->second;
  }

  static Result<std::optional<std::string>> copy_of(const Result<SharedText>& shared) {
    if (!shared) return shared.error();
    return *shared ? std::optional(std::string(shared->view())) : std::nullopt;
  }

  std::unique_ptr<HostReader> direct_;
  mutable bool forgetful_ = false;
  mutable Kept<std::optional<std::string>> files_;
  mutable Kept<SharedText> shared_;
  mutable std::shared_ptr<const StatusFile> status_;
  mutable Kept<std::optional<FileStat>> stats_, followed_;
  mutable Kept<std::vector<DirectoryEntry>> lists_;
  mutable Kept<std::optional<std::string>> links_;
};

}  // namespace

std::unique_ptr<HostReader> caching_reader(std::unique_ptr<HostReader> direct) {
  return std::make_unique<CachingReader>(std::move(direct));
}

void keep_looks(const HostReader& from, const HostReader& to, const std::string& folder) {
  const auto* seen = dynamic_cast<const CachingReader*>(&from);
  const auto* caching = dynamic_cast<const CachingReader*>(&to);
  if (seen != nullptr && caching != nullptr) caching->keep(*seen, folder);
}

void forget_looks(const HostReader& host) {
  if (const auto* caching = dynamic_cast<const CachingReader*>(&host)) caching->forget();
}

Result<std::optional<std::string>> look_again(const HostReader& host, const std::string& path) {
  const auto* caching = dynamic_cast<const CachingReader*>(&host);
  return (caching != nullptr ? caching->direct() : host).read_file(path);
}

Result<std::shared_ptr<const StatusFile>> share_status_file(const HostReader& host) {
  if (const auto* caching = dynamic_cast<const CachingReader*>(&host)) return caching->share_status();
  const auto text = host.share_file(status_path);
  if (!text) return text.error();
  return *text ? std::make_shared<const StatusFile>(cut_status_file(*text)) : nullptr;
}

}  // namespace mlenv
