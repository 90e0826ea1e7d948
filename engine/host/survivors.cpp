#include "host/survivors.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "host/local_host.hpp"

namespace mlenv {
namespace {

std::string text_of(const HostReader& host, const std::string& path) {
  const auto text = host.read_file(path);  // a process that is another user's, or gone, tells nothing
  return text && *text ? **text : std::string();
}

bool has_word(const std::string& words, const std::string& wanted) {
  const auto all = split(words, '\0');
  return std::find(all.begin(), all.end(), wanted) != all.end();
}

/// The sixth field of proc(5)'s stat; the second, a name in brackets, may hold anything.
int session_in(const std::string& stat) {
  constexpr std::size_t place = 4;  // counted from behind the name
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos) return 0;
  const auto fields = split(std::string_view(stat).substr(name_end + 1), ' ');
  int session = 0;
  if (fields.size() > place)
    std::from_chars(fields[place].data(), fields[place].data() + fields[place].size(), session);
  return session;
}

std::string shown(std::string words) {
  constexpr std::size_t longest = 100;
  std::replace(words.begin(), words.end(), '\0', ' ');
  words = std::string(trim(words));
  return words.size() > longest ? words.substr(0, longest) + "…" : words;
}

}  // namespace

std::vector<Survivor> survivors_of(const std::string& run_id, int session) {
  std::vector<Survivor> found;
  const auto host = local_reader("/");
  const auto entries = host->list("/proc");
  if (!entries) return found;
  const auto mark = std::string(run_variable) + "=" + run_id;
  for (const auto& entry : *entries) {
    int process = 0;
    const auto end = entry.name.data() + entry.name.size();
    if (std::from_chars(entry.name.data(), end, process).ptr != end || process == ::getpid()) continue;
    const auto folder = "/proc/" + entry.name;
    const auto words = text_of(*host, folder + "/cmdline");
    if (!has_word(text_of(*host, folder + "/environ"), mark) && !has_word(words, mark)) continue;
    const bool stays = session != 0 && session_in(text_of(*host, folder + "/stat")) != session;
    if (!stays) found.push_back({process, shown(words)});
  }
  return found;
}

int own_session() { return ::getsid(0); }

}  // namespace mlenv
