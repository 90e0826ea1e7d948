#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <functional>

#include "base/text.hpp"
#include "host/command_environment.hpp"
#include "host/drop.hpp"
#include "host/fetch.hpp"
#include "host/file_verbs.hpp"
#include "host/local_host.hpp"
#include "host/process.hpp"
#include "host/tree_entry.hpp"

namespace mlenv {
namespace {

std::string octal(std::optional<unsigned> mode) {
  if (!mode) return "-";
  char text[8];
  const auto end = std::to_chars(text, text + sizeof text, *mode, 8).ptr;
  return {text, end};
}

/// What came back from `mlenvctl host-file`: its message is on standard error.
Result<Done> result_of(const Result<Output>& output) {
  if (!output) return output.error();
  if (output->exit_code == 0) return Done{};
  auto message = std::string(trim(output->err));
  const auto colon = message.find(": ");
  const bool coded = message.starts_with("host.") && colon != std::string::npos;
  if (coded) return Error{message.substr(0, colon), message.substr(colon + 2), {}};
  return Error{"host.failed", message.empty() ? "sudo failed" : message, {}};
}

class LocalWriter : public HostWriter {
 public:
  explicit LocalWriter(Acting acting)
      : acting_(std::move(acting)),
        own_(process_environment()),
        here_(local_reader("/")),
        tree_(local_reader(acting_.root)) {}

  Result<Done> write_file(const FileContent& file) override {
    const auto owner = owner_of(file.owner);
    if (!owner) return owner.error();
    return act(
        file.privilege,
        [&](const Walk& walk) { return write_file_here(walk, file.path, file.bytes, file.mode, *owner); },
        {"write", acting_.root, file.path, octal(file.mode), file.owner.empty() ? "-" : file.owner},
        file.bytes);
  }

  Result<Done> make_directory(const std::string& path, std::optional<unsigned> mode, const std::string& name,
                              Privilege privilege) override {
    const auto owner = owner_of(name);
    if (!owner) return owner.error();
    return act(privilege, [&](const Walk& walk) { return make_directory_here(walk, path, mode, *owner); },
               {"mkdir", acting_.root, path, octal(mode), name.empty() ? "-" : name}, {});
  }

  Result<Done> rename(const std::string& from, const std::string& to, Privilege privilege) override {
    return act(privilege, [&](const Walk& walk) { return rename_here(walk, from, to); },
               {"rename", acting_.root, from, to}, {});
  }

  Result<Done> remove(const std::string& path, Depth depth, Privilege privilege) override {
    return act(privilege, [&](const Walk& walk) { return remove_here(walk, path, depth); },
               {"remove", acting_.root, path, depth == Depth::tree ? "tree" : "only"}, {});
  }

  Result<std::string> fetch(const std::string& url, const FetchLimit& limit) override {
    if (!url.starts_with("file://")) return fetch_url(url, limit, own_);
    auto text = tree_->read_file(url.substr(7));
    if (!text) return text.error();
    if (!*text) return Error{"fetch.failed", "cannot fetch " + url + ": there is no such file", {}};
    return std::move(**text);
  }

  Result<Done> download(const Download& what) override {
    const auto work = [&](const Walk& walk) -> Result<Done> {
      const auto place = open_place(walk, what.path, Links::keep);
      return place ? download_into(*place, what, own_) : Result<Done>(place.error());
    };
    if (what.privilege == Privilege::root && ::geteuid() != 0)
      return Error{"host.denied", "`" + what.path + "` is root's", "run this through sudo"};
    return act(what.privilege, work, {}, {});
  }

  Result<RemoteTail> fetch_tail(const std::string& url, std::uint64_t bytes) override {
    return fetch_tail_of(url, bytes, own_);
  }

  Result<Output> run(const Command& command, const LineSink& lines) override {
    const bool as_root = command.privilege == Privilege::root;
    const bool same = ::geteuid() == acting_.user.uid;
    const auto made =
        command_environment({acting_.root, acting_.user, command.privilege, same}, own_, *here_, *tree_);
    Process process;
    process.argv = command.argv;
    process.environment = made.variables;
    for (const auto& [name, value] : command.env) process.environment[name] = value;
    process.limit = command.limit;
    if (as_root && ::geteuid() != 0) return run_process(behind_sudo(process), lines);
    if (!as_root && !same && ::geteuid() != 0) return not_that_user();
    if (acting_.root != "/") {
      if (::geteuid() != 0) {
        return Error{"host.denied", "commands run inside `" + acting_.root + "` by chroot, which needs root",
                     "run this as root, or through sudo"};
      }
      process.in_child = tree_entry(acting_.root, made.lent);
    }
    if (!as_root && !same) process.in_child = in_turn(process.in_child, become_user(acting_.user, groups()));
    return run_process(process, lines);
  }

 private:
  /// All that the user is in.
  std::vector<std::uint32_t> groups() const {
    std::vector<std::uint32_t> numbers;
    const auto text = text_of("/etc/group");
    for (const auto line : split_lines(text)) {
      const auto fields = split(line, ':');
      if (fields.size() < 4) continue;
      const auto members = split(fields[3], ',');
      std::uint32_t number = 0;
      std::from_chars(fields[2].data(), fields[2].data() + fields[2].size(), number);
      if (std::find(members.begin(), members.end(), acting_.user.name) != members.end())
        numbers.push_back(number);
    }
    numbers.push_back(acting_.user.gid);
    return numbers;
  }

  using Work = std::function<Result<Done>(const Walk&)>;

  std::string text_of(const std::string& path) const {
    const auto text = tree_->read_file(path);
    return text && *text ? **text : std::string();
  }

  /// Does a file verb here, in a child as the user, or behind sudo.
  Result<Done> act(Privilege privilege, const Work& work, const std::vector<std::string>& words,
                   const std::string& input) {
    const uid_t self = ::geteuid();
    if (privilege == Privilege::root) {
      if (self == 0) return work({acting_.root, 0, false, {}});
      Process process;
      process.argv = {"sudo", "-n", "--", acting_.self, "host-file"};
      process.argv.insert(process.argv.end(), words.begin(), words.end());
      process.environment = own_;
      process.input = input;
      return result_of(run_process(process, {}));
    }
    const Walk walk{acting_.root, acting_.user.uid, false, {}};
    if (self == acting_.user.uid) return work(walk);
    if (self != 0) return not_that_user();
    return in_child_process(become_user(acting_.user, groups()), [&] { return work(walk); });
  }

  Error not_that_user() const {
    return {"host.denied", "only root can act for `" + acting_.user.name + "`",
            "run this through sudo, or as that user"};
  }

  Process behind_sudo(const Process& wanted) const {
    Process process;
    process.argv = {"sudo", "-n", "--", acting_.self, "host-run", acting_.root};
    for (const auto& [name, value] : wanted.environment) process.argv.push_back(join({name, value}, "="));
    process.argv.emplace_back("--");
    process.argv.insert(process.argv.end(), wanted.argv.begin(), wanted.argv.end());
    process.environment = own_;
    process.limit = wanted.limit;
    return process;
  }

  Result<std::optional<Owner>> owner_of(const std::string& name) const {
    if (name.empty()) return std::optional<Owner>();
    const auto user = find_user(*tree_, name);
    if (!user) return Error{"host.no-user", "there is no user `" + name + "` on this host", {}};
    return std::optional(Owner{user->uid, user->gid});
  }

  Acting acting_;
  Environment own_;
  std::unique_ptr<HostReader> here_, tree_;
};

}  // namespace

std::unique_ptr<HostWriter> local_writer(Acting acting) {
  return std::make_unique<LocalWriter>(std::move(acting));
}

}  // namespace mlenv
