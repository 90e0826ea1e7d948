#include "cli/trust.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "cli/state.hpp"
#include "host/local_host.hpp"
#include "host/opened_file.hpp"
#include "host/sudo.hpp"
#include "ledger/standing.hpp"

namespace mlenv {
namespace {

constexpr std::uint64_t own_file_limit = std::uint64_t{32} * 1024 * 1024;
constexpr unsigned group_writes = 0020;
constexpr unsigned others_write = 0002;
constexpr unsigned sticky = 01000;

std::string account_text(std::uint32_t uid) {
  const auto name = account_name(*local_reader("/"), uid);
  return name == std::to_string(uid) ? "the user with number " + name : "`" + name + "`";
}

std::set<std::uint32_t> trusted_accounts(const Arguments& arguments) {
  const auto here = local_reader("/");
  std::set<std::uint32_t> trusted = {0, own_uid()};
  if (const auto caller = is_root() ? find_user(*here, invoking_user(*here)) : std::nullopt)
    trusted.insert(caller->uid);
  // Who can change the program that runs need not change what it reads.
  if (const auto program = here->stat(own_program(), Links::follow); program && *program)
    trusted.insert((*program)->uid);
  for (const auto& name : arguments.trusted) {
    if (const auto user = find_user(*here, name)) trusted.insert(user->uid);
  }
  return trusted;
}

std::optional<Error> not_trusted(const std::string& path, const OpenedFile& file,
                                 const Arguments& arguments) {
  const auto trusted = trusted_accounts(arguments);
  const auto owner = account_text(file.stat.uid);
  const auto refused = [&](const std::string& what, const std::string& hint) {
    return Error{"recipe.untrusted", "`" + path + "` " + what + ", who could have anything done by it", hint};
  };
  // An account that this machine does not know can do nothing here.
  const bool known = owner.front() == '`';
  if (known && trusted.count(file.stat.uid) == 0)
    return refused("belongs to " + owner, "read it, and make a copy of your own; or `--trust " +
                                              owner.substr(1, owner.size() - 2) + "`");
  const bool open = (file.stat.mode & others_write) != 0 ||
                    ((file.stat.mode & group_writes) != 0 && !file.group_is_private);
  if (open) return refused("can be written by others", "read it, and `chmod go-w` it");
  return std::nullopt;
}

}  // namespace

bool acts(const Arguments& arguments) {
  return arguments.command == "apply" || arguments.command == "verify";
}

Result<std::string> read_trusted_file(const std::string& path, const Arguments& arguments) {
  auto file = read_opened(own_path(path), own_file_limit);
  if (!file) {
    auto error = file.error();
    error.message = replace_all(error.message, "`" + own_path(path) + "`", "`" + path + "`");
    return error;
  }
  if (acts(arguments)) {
    if (auto error = not_trusted(path, *file, arguments)) return *error;
  }
  return std::move(file->bytes);
}

std::optional<Error> unsafe_folder(const std::string& path) {
  const auto here = local_reader("/");
  for (auto at = path;; at = parent_path(at)) {
    for (const auto links : {Links::keep, Links::follow}) {
      const auto stat = here->stat(at, links);
      if (!stat || !*stat) continue;
      const bool own = (*stat)->uid == 0 || (*stat)->uid == own_uid();
      const bool shared = (*stat)->type == FileType::directory && ((*stat)->mode & others_write) != 0 &&
                          ((*stat)->mode & sticky) == 0;
      if (own && !shared) continue;
      return Error{"state.unsafe",
                   "`" + path + "` cannot be mlenvctl's own: `" + at + "` " +
                       (own ? "can be written by everybody" : "belongs to " + account_text((*stat)->uid)),
                   "unset XDG_STATE_HOME, or let it name a folder of your own"};
    }
    if (at == "/") return std::nullopt;
  }
}

}  // namespace mlenv
