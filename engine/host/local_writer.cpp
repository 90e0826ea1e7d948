#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <functional>

#include "base/text.hpp"
#include "host/account.hpp"
#include "host/command_environment.hpp"
#include "host/drop.hpp"
#include "host/fetch.hpp"
#include "host/file_lock.hpp"
#include "host/file_verbs.hpp"
#include "host/local_host.hpp"
#include "host/process.hpp"
#include "host/stop.hpp"
#include "host/sudo.hpp"
#include "host/survivors.hpp"
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
        tree_(local_reader_for(acting_.root, acting_.user)) {}

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
    return act(what.privilege, work, {}, {}, Ending::may);
  }

  Result<RemoteTail> fetch_tail(const std::string& url, std::uint64_t bytes) override {
    return fetch_tail_of(url, bytes, own_);
  }

  Result<std::unique_ptr<HeldLock>> lock(const LockPlace& place) override {
    const bool as_root = place.privilege == Privilege::root;
    if (as_root && ::geteuid() != 0) return take_lock_behind_sudo(acting_.self, acting_.root, place);
    const auto make = [&](const Walk& walk) { return make_lock_here(walk, place); };
    if (auto made = act(place.privilege, make, {}, {}); !made) return made.error();
    auto lock = take_lock_here({acting_.root, as_root ? 0 : acting_.user.uid, false, {}}, place);
    if (!lock) return lock;
    const auto write = [&](const Walk& walk) { return write_holder_here(walk, place); };
    if (auto written = act(place.privilege, write, {}, {}); !written) return written.error();
    return lock;
  }

  Result<Output> run(const Command& command, const LineSink& lines) override {
    auto output = start(command, lines);
    return output && output->ended ? Result<Output>(interrupted()) : std::move(output);
  }

 private:
  using Work = std::function<Result<Done>(const Walk&)>;

  Result<Output> start(const Command& command, const LineSink& lines) {
    const bool as_root = command.privilege == Privilege::root;
    const bool same = ::geteuid() == acting_.user.uid;
    const bool by_root = ::geteuid() == 0;
    const auto made = command_environment({acting_.root, acting_.user, command.privilege, same, by_root},
                                          own_, *here_, *tree_);
    Process process;
    process.argv = command.argv;
    process.environment = made.variables;
    for (const auto& [name, value] : command.env) process.environment[name] = value;
    if (!acting_.run_id.empty()) process.environment[run_variable] = acting_.run_id;
    process.limit = command.limit;
    process.endable = !command.vital;
    if (as_root && ::geteuid() != 0) return run_process(behind_sudo(process), lines);
    if (!as_root && !same && ::geteuid() != 0) return not_that_user();
    if (acting_.root != "/") {
      if (::geteuid() != 0) {
        return Error{"host.denied", "commands run inside `" + acting_.root + "` by chroot, which needs root",
                     "run this as root, or through sudo"};
      }
      process.in_child = tree_entry(acting_.root, made.lent);
    }
    if (!as_root && !same)
      process.in_child =
          in_turn(process.in_child, become_user(acting_.user, account_of(*tree_, acting_.user)));
    return run_process(process, lines);
  }

  /// Does a file verb here, in a child as the user, or behind sudo.
  Result<Done> act(Privilege privilege, const Work& work, const std::vector<std::string>& words,
                   const std::string& input, Ending ending = Ending::never) {
    const uid_t self = ::geteuid();
    if (privilege == Privilege::root) {
      if (self == 0) return work({acting_.root, 0, false, {}});
      Process process;
      process.argv = {sudo_program(), "-n", "--", acting_.self, "host-file"};
      process.argv.insert(process.argv.end(), words.begin(), words.end());
      process.environment = own_;
      process.input = input;
      return result_of(run_process(process, {}));
    }
    Walk walk{acting_.root, acting_.user.uid, false, {}};
    if (self == acting_.user.uid) return work(walk);
    if (self != 0) return not_that_user();
    // A tree may lie where the user cannot go.
    const Descriptor root(::open(acting_.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    walk.root_folder = root.number();
    return in_child_process(
        become_user(acting_.user, account_of(*tree_, acting_.user)), [&] { return work(walk); }, ending);
  }

  Error not_that_user() const {
    return {"host.denied", "only root can act for `" + acting_.user.name + "`",
            "run this through sudo, or as that user"};
  }

  /// Variables go by standard input: arguments are seen by everybody, and sudo writes them into its log. Only
  /// the run's name is to be seen, so that what it has left at work is known.
  Process behind_sudo(const Process& wanted) const {
    Process process;
    process.argv = {sudo_program(), "-n", "--", acting_.self, "host-run", acting_.root};
    for (const auto& [name, value] : wanted.environment) {
      if (name == run_variable) process.argv.push_back(join({name, value}, "="));
      process.input += join({name, value}, "=");
      process.input += '\0';
    }
    process.argv.emplace_back("--");
    process.argv.insert(process.argv.end(), wanted.argv.begin(), wanted.argv.end());
    process.environment = own_;
    process.limit = wanted.limit;
    process.endable = wanted.endable;
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
