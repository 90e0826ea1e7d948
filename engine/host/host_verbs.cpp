#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <iostream>
#include <iterator>

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
  std::vector<char*> variables, argv;
  std::vector<std::string> words = arguments;
  std::size_t at = 1;
  for (; at < words.size() && words[at] != "--"; ++at) variables.push_back(words[at].data());
  if (at + 1 >= words.size()) return 5;
  std::string program = "/usr/bin/env", dashes = "--";
  argv = {program.data(), dashes.data()};
  for (++at; at < words.size(); ++at) argv.push_back(words[at].data());
  argv.push_back(nullptr);
  variables.push_back(nullptr);
  const int reason = words[0] == "/" ? 0 : tree_entry(words[0], {})();
  if (reason == 0) ::execve(program.c_str(), argv.data(), variables.data());
  std::perror("mlenvctl host-run");
  return 126;
}

}  // namespace mlenv
