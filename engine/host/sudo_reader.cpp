#include <unistd.h>

#include <filesystem>

#include "host/local_host.hpp"
#include "host/process.hpp"
#include "host/sudo.hpp"

namespace mlenv {
namespace {

class SudoReader : public HostReader {
 public:
  SudoReader(const HostReader& direct, std::string root) : direct_(direct), root_(std::move(root)) {}

  Result<std::optional<std::string>> read_file(const std::string& path) const override {
    auto text = direct_.read_file(path);
    if (text || text.error().code != "host.denied") return text;
    Process process;
    process.argv = {sudo_program(), "-n", "--", own_program(), "host-file", "read", root_, path};
    process.environment = process_environment();
    const auto output = run_process(process, {});
    if (!output || output->exit_code != 0) return text;
    return std::optional(output->out);
  }
  Result<std::optional<FileStat>> stat(const std::string& path, Links links) const override {
    return direct_.stat(path, links);
  }
  Result<std::vector<DirectoryEntry>> list(const std::string& path) const override {
    return direct_.list(path);
  }
  Result<std::optional<std::string>> read_link(const std::string& path) const override {
    return direct_.read_link(path);
  }
  Result<Output> query(const Command& command) const override { return direct_.query(command); }
  Result<Space> space(const std::string& path) const override { return direct_.space(path); }
  std::optional<LockHolder> lock_holder(const std::string& path) const override {
    return direct_.lock_holder(path);
  }

 private:
  const HostReader& direct_;
  std::string root_;
};

}  // namespace

int own_process() { return ::getpid(); }

std::string own_program() {
  std::error_code failure;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", failure);
  return failure ? "mlenvctl" : path.string();
}

std::unique_ptr<HostReader> reader_behind_sudo(const HostReader& direct, std::string root) {
  return std::make_unique<SudoReader>(direct, std::move(root));
}

}  // namespace mlenv
