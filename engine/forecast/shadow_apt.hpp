#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "forecast/apt_output.hpp"
#include "host/reader.hpp"
#include "host/writer.hpp"

namespace mlenv {

/// A folder for downloads, and as whom it is written.
struct CacheFolder {
  std::string path;
  Privilege privilege = Privilege::user;
};

/// An apt that resolves as the host's would after the recipe's repositories were added: the host's sources,
/// preferences and configuration with those of the recipe, the host's dpkg status, and indexes and downloads
/// of its own, all below one folder of a cache. The host's apt is not touched, its locks are not taken.
class ShadowApt {
 public:
  ShadowApt(const HostReader& host, HostWriter& writer, CacheFolder cache, LineSink lines = {});

  /// Lays it out, with the repositories' keys (fetched where the cache has none) and those holds gone that
  /// `unheld` names. Errors: those of the keys, and of writing the cache.
  Result<Done> prepare(const std::vector<AddRepository>& repositories, const std::vector<std::string>& unheld,
                       bool offline);
  /// Brings the indexes up to date; what passes by itself is tried again. What apt complains of comes back,
  /// empty when there is nothing.
  Result<std::string> update();

  /// Gives its lines to somebody else from now on.
  void hear(LineSink lines) { lines_ = std::move(lines); }

  /// Runs `apt-get` or `apt-cache` on it.
  Result<Output> run(const std::string& program, std::vector<std::string> words) const;
  /// `apt-get -s` of the transaction. The words are those of apply.
  Result<Output> simulate(const AptTransaction& transaction) const;
  /// Downloads and verifies what the transaction needs into archives().
  Result<Output> download(const AptTransaction& transaction) const;
  /// Where the transaction's own debs come from.
  std::vector<PrintedUri> uris(const AptTransaction& transaction) const;
  std::vector<DebVersion> versions(const std::string& package) const;

  std::string archives() const { return cache_.path + "/apt/archives"; }
  std::string lists() const { return cache_.path + "/apt/lists"; }
  /// The keyring of a prepared repository; empty where it manages none.
  std::string keyring_path(const AddRepository& step) const;
  /// Names of the files in lists() that belong to the sources as prepared.
  std::vector<std::string> index_files() const;
  /// When the indexes were last found up to date, seconds since the epoch; nothing when they never were.
  std::optional<std::int64_t> index_time() const;
  /// Whether the indexes of just these sources were found up to date since then, and no more than a minute
  /// ago.
  bool is_fresh(std::int64_t since) const;
  /// Files of the host's apt configuration that could not be read, and are left out.
  const std::vector<std::string>& unreadable() const { return unreadable_; }

 private:
  struct File {
    std::string name;  ///< below the set's folder
    std::string text;
  };
  std::vector<File> sources(const std::vector<AddRepository>& repositories);
  std::vector<File> preferences(const std::vector<AddRepository>& repositories);
  void add_folder(const std::string& folder, const std::vector<std::string>& endings,
                  std::vector<File>& files, const std::string& to);
  std::optional<std::string> text_of(const std::string& path);
  std::optional<std::string> status_without_holds(const std::vector<std::string>& unheld) const;
  std::string configuration(bool own_status) const;
  Result<Done> bring_keys(const std::vector<AddRepository>& repositories, bool offline);
  Result<Done> write(const std::string& path, const std::string& text);
  Result<Done> make(const std::string& path, unsigned mode = 0755);
  Result<Done> seed();
  void drop_old_sets() const;
  void note_update() const;

  const HostReader& host_;
  HostWriter& writer_;
  CacheFolder cache_;
  LineSink lines_;
  std::string set_;  ///< the folder of this set of sources
  std::vector<std::string> unreadable_;
};

/// Puts files into a folder of the host's, each at once, so that nobody ever sees half of one: copied beside,
/// then moved. `beside` is on the same file system and goes afterwards.
Result<Done> copy_into_place(const std::vector<std::string>& files, const std::string& beside,
                             const std::string& folder, Privilege privilege, HostWriter& writer);

}  // namespace mlenv
