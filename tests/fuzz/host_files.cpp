#include "fuzz/host_files.hpp"

#include "fuzz/fuzz.hpp"
#include "resource/fenced_block.hpp"

namespace mlenv::fuzz {
namespace {

constexpr std::uint32_t student = 1000;

struct Performer {
  Files& files;

  bool operator()(const WriteFile& step) const {
    auto& file = files[step.path];
    file.content = step.content;
    file.type = FileType::file;
    if (step.mode) file.mode = *step.mode;
    file.uid = file.gid = step.privilege == Privilege::root ? 0 : student;
    return true;
  }
  bool operator()(const MakeDirectory& step) const {
    const auto id = step.privilege == Privilege::root ? 0 : student;
    files[step.path] = {FileType::directory, {}, step.mode.value_or(0755), id, id};
    return true;
  }
  bool operator()(const EditBlock& step) const {
    const auto before = files.find(step.path);
    const auto text = before == files.end() ? std::nullopt : std::optional(before->second.content);
    const auto edited = edit_block(text, step);
    if (!edited) return false;
    if (!*edited) return files.erase(step.path) > 0;
    if (before == files.end()) files[step.path] = owned_file({});
    files[step.path].content = **edited;
    return true;
  }
  template <class Other>
  bool operator()(const Other&) const {
    return false;
  }
};

}  // namespace

RecordedFile owned_file(std::string text) {
  return {FileType::file, std::move(text), 0644, student, student};
}

Files files_in(std::string_view input) {
  Files files;
  for (const auto& part : parts(input)) {
    const auto end = std::min(part.find('\n'), part.size());
    const auto head = part.substr(0, end);
    const auto arrow = head.find(" -> ");
    const auto path = normal_path(head.substr(0, arrow));
    if (path.size() > 300) continue;
    auto file = owned_file(end < part.size() ? part.substr(end + 1) : std::string());
    if (arrow != std::string::npos)
      file = {FileType::symlink, head.substr(arrow + 4), 0777, student, student};
    files[path] = std::move(file);
  }
  return files;
}

bool perform(const Step& step, Files& files) { return std::visit(Performer{files}, step); }

}  // namespace mlenv::fuzz
