#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <iostream>
#include <iterator>

#include "host/descriptor.hpp"
#include "host/file_verbs.hpp"
#include "host/local_host.hpp"
#include "host/process.hpp"
#include "host/tree_entry.hpp"

// NOLINTNEXTLINE: POSIX leaves this one to the program
extern char** environ;

namespace mlenv {
namespace {

std::optional<unsigned> mode_of(const std::string& text) {
  unsigned mode = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  return failure == std::errc() && end == text.data() + text.size() ? std::optional(mode) : std::nullopt;
}

std::optional<Owner> owner_of(const std::string& root, const std::string& name) {
  const auto user = name == "-" ? std::nullopt : find_user(*local_reader(root), name);
  return user ? std::optional(Owner{user->uid, user->gid}) : std::nullopt;
}

Result<Done> do_verb(const std::vector<std::string>& words) {
  const auto& verb = words.at(0);
  const Walk walk{words.at(1), 0, false, {}};
  if (verb == "write" && words.size() == 5) {
    const std::string bytes{std::istreambuf_iterator<char>(std::cin), {}};
    return write_file_here(walk, words[2], bytes, mode_of(words[3]), owner_of(walk.root, words[4]));
  }
  if (verb == "mkdir" && words.size() == 5) {
    return make_directory_here(walk, words[2], mode_of(words[3]), owner_of(walk.root, words[4]));
  }
  if (verb == "read" && words.size() == 3) {
    const auto text = local_reader(walk.root)->read_file(words[2]);
    if (!text) return text.error();
    std::cout << text->value_or("") << std::flush;
    return Done{};
  }
  if (verb == "rename" && words.size() == 4) return rename_here(walk, words[2], words[3]);
  if (verb == "remove" && words.size() == 4) {
    return remove_here(walk, words[2], words[3] == "tree" ? Depth::tree : Depth::only);
  }
  return Error{"host.failed", "unknown verb `" + verb + "`", {}};
}

}  // namespace

Environment process_environment() {
  Environment all;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string pair = *each;
    const auto at = pair.find('=');
    if (at != std::string::npos) all.emplace(pair.substr(0, at), pair.substr(at + 1));
  }
  return all;
}

int host_file_main(const std::vector<std::string>& arguments) {
  if (arguments.size() < 3) return 5;
  const auto done = do_verb(arguments);
  if (done) return 0;
  std::fprintf(stderr, "%s: %s\n", done.error().code.c_str(), done.error().message.c_str());
  return 1;
}

int host_run_main(const std::vector<std::string>& arguments) {
  auto words = arguments;
  const auto dashes_at = std::find(words.begin(), words.end(), "--");
  if (words.end() - dashes_at < 2) return 5;
  std::string variables{std::istreambuf_iterator<char>(std::cin), {}};  // each ended by NUL
  std::vector<char*> environment, argv;
  for (std::size_t at = 0; at < variables.size(); at = variables.find('\0', at) + 1) {
    if (variables.find('\0', at) == std::string::npos) return 5;
    environment.push_back(&variables[at]);
  }
  const Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!nothing || ::dup2(nothing.number(), 0) < 0) return 5;
  std::string program = "/usr/bin/env", dashes = "--";
  argv = {program.data(), dashes.data()};
  for (auto word = dashes_at + 1; word != words.end(); ++word) argv.push_back(word->data());
  argv.push_back(nullptr);
  environment.push_back(nullptr);
  const int reason = words[0] == "/" ? 0 : tree_entry(words[0], {})();
  if (reason == 0) ::execve(program.c_str(), argv.data(), environment.data());
  std::perror("mlenvctl host-run");
  return 126;
}

}  // namespace mlenv
