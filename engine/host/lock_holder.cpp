#include "host/lock_holder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <vector>

#include "base/text.hpp"
#include "host/local_host.hpp"

namespace mlenv {
namespace {

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (const auto word : split(line, ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

template <class Number>
std::optional<Number> number_in(std::string_view text, int base = 10) {
  Number number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return failure == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// `08:01:12345`: device in hexadecimal, inode in decimal.
bool names_file(std::string_view text, dev_t device, ino_t inode) {
  const auto parts = split(text, ':');
  return parts.size() == 3 && number_in<unsigned>(parts[0], 16) == major(device) &&
         number_in<unsigned>(parts[1], 16) == minor(device) && number_in<ino_t>(parts[2]) == inode;
}

std::string command_of(int process) {
  const auto text = local_reader("/")->read_file("/proc/" + std::to_string(process) + "/cmdline");
  if (!text || !*text) return {};
  auto command = **text;
  std::replace(command.begin(), command.end(), '\0', ' ');
  return mask_credentials(trim(command));
}

}  // namespace

std::optional<int> process_in_locks(std::string_view locks, dev_t device, ino_t inode) {
  for (const auto line : split_lines(locks)) {
    const auto words = words_of(line);
    // `1: POSIX ADVISORY WRITE 812 08:01:12345 0 EOF`; those who wait have an arrow as their second word.
    if (words.size() < 6 || words[1] == "->" || !names_file(words[5], device, inode)) continue;
    return std::max(0, number_in<int>(words[4]).value_or(0));
  }
  return std::nullopt;
}

std::optional<LockHolder> holder_of(int descriptor, dev_t device, ino_t inode) {
  struct flock asked {};
  asked.l_type = F_WRLCK;
  asked.l_whence = SEEK_SET;
  std::optional<int> process;
  if (descriptor >= 0 && ::fcntl(descriptor, F_GETLK, &asked) == 0 && asked.l_type != F_UNLCK)
    process = std::max(0, asked.l_pid);
  if (!process) {
    const auto locks = local_reader("/")->read_file("/proc/locks");
    if (locks && *locks) process = process_in_locks(**locks, device, inode);
  }
  // File systems of layers have other numbers there; whether somebody has it can be told all the same.
  if (!process && descriptor >= 0 && ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    process = 0;
  if (!process) return std::nullopt;
  return LockHolder{*process, *process > 0 ? command_of(*process) : std::string()};
}

}  // namespace mlenv
