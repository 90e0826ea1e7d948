#include <pwd.h>
#include <unistd.h>

#include <charconv>

#include "base/text.hpp"
#include "host/facts.hpp"
#include "host/local_host.hpp"

namespace mlenv {
namespace {

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::string own_name() {
  const auto* account = ::getpwuid(::getuid());
  return account != nullptr ? account->pw_name : std::to_string(::getuid());
}

}  // namespace

std::optional<User> find_user(const HostReader& host, const std::string& name) {
  const auto text = host.read_file("/etc/passwd");
  if (!text || !*text) return std::nullopt;
  for (const auto line : split_lines(**text)) {
    const auto fields = split(line, ':');
    if (fields.size() < 7 || fields[0] != name) continue;
    const auto uid = number_of(fields[2]), gid = number_of(fields[3]);
    if (!uid || !gid) return std::nullopt;
    return User{name, std::string(fields[5]), std::string(fields[6]), *uid, *gid};
  }
  // Accounts of a directory service are not in the file; the caller's own is asked of the C library.
  const auto* account = ::getuid() != 0 && name == own_name() ? ::getpwuid(::getuid()) : nullptr;
  if (account == nullptr) return std::nullopt;
  return User{name, account->pw_dir, account->pw_shell, account->pw_uid, account->pw_gid};
}

std::string invoking_user(const HostReader& host) {
  const auto environment = process_environment();
  const auto sudo = environment.find("SUDO_USER");
  if (::geteuid() == 0 && sudo != environment.end() && find_user(host, sudo->second)) return sudo->second;
  return own_name();
}

}  // namespace mlenv
