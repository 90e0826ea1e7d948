#pragma once

#include "fuzz/host_files.hpp"
#include "host/writer.hpp"

namespace mlenv::fuzz {

/// Writes into files that are data; brings nothing and runs nothing.
class MemoryWriter : public HostWriter {
 public:
  explicit MemoryWriter(Files& files) : files_(files) {}

  Result<Done> write_file(const FileContent& file) override {
    files_[file.path] = owned_file(file.bytes);
    return Done{};
  }
  Result<Done> make_directory(const std::string&, std::optional<unsigned>, const std::string&,
                              Privilege) override {
    return Done{};
  }
  Result<Done> rename(const std::string&, const std::string&, Privilege) override { return Done{}; }
  Result<Done> remove(const std::string& path, Depth, Privilege) override {
    files_.erase(path);
    return Done{};
  }
  Result<std::string> fetch(const std::string&, const FetchLimit&) override { return nothing(); }
  Result<Done> download(const Download&) override { return nothing(); }
  Result<RemoteTail> fetch_tail(const std::string&, std::uint64_t) override { return nothing(); }
  Result<Output> run(const Command&, const LineSink&) override { return nothing(); }

 private:
  static Error nothing() { return {"host.denied", "nothing is brought or run here", {}}; }

  Files& files_;
};

}  // namespace mlenv::fuzz
