// The least that a converged plan of the work W can cost: a program that makes W's probes and nothing else.
// It knows where everything lies, decides nothing and prints one number.
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// How many of these packages dpkg's status has as installed; one pass over the mapped file.
std::size_t installed(const std::string& path, std::vector<std::string> names) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat found {};
  if (file < 0 || ::fstat(file, &found) != 0) return 0;
  const auto size = static_cast<std::size_t>(found.st_size);
  auto* bytes =
      static_cast<const char*>(::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0));
  ::close(file);
  if (bytes == MAP_FAILED) return 0;
  std::sort(names.begin(), names.end());
  constexpr std::string_view field = "Package: ", good = "\nStatus: install ok installed\n";
  std::size_t count = 0;
  for (std::string_view rest(bytes, size); rest.starts_with(field);) {
    const auto end = rest.find('\n');
    const auto name = rest.substr(field.size(), end - field.size());
    if (std::binary_search(names.begin(), names.end(), name) && rest.substr(end).starts_with(good)) ++count;
    const auto* next = static_cast<const char*>(::memmem(rest.data(), rest.size(), "\n\n", 2));
    if (next == nullptr) break;
    rest.remove_prefix(static_cast<std::size_t>(next - rest.data()) + 2);
  }
  ::munmap(const_cast<char*>(bytes), size);
  return count;
}

/// How many dist-info folders a site folder has.
std::size_t listed(const std::string& folder) {
  std::size_t count = 0;
  DIR* open = ::opendir(folder.c_str());
  if (open == nullptr) return 0;
  while (const dirent* entry = ::readdir(open)) {
    if (std::string_view(entry->d_name).ends_with(".dist-info")) ++count;
  }
  ::closedir(open);
  return count;
}

std::size_t bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  return text.size();
}

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

/// floor ROOT LIST: the list has a line for each probe, `package NAME`, `site FOLDER`, `file PATH` or `stat
/// PATH`.
int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: floor ROOT LIST\n";
    return 5;
  }
  const std::string root = argv[1];
  std::vector<std::string> packages;
  std::size_t sum = 0;
  for (const auto& line : lines_of(argv[2])) {
    const auto space = line.find(' ');
    const auto what = line.substr(0, space), value = line.substr(space + 1);
    struct stat found {};
    if (what == "package") packages.push_back(value);
    if (what == "site") sum += listed(root + value);
    if (what == "file") sum += bytes_of(root + value);
    if (what == "stat" && ::stat((root + value).c_str(), &found) == 0) ++sum;
  }
  std::cout << sum + installed(root + "/var/lib/dpkg/status", packages) << "\n";
  return 0;
}
