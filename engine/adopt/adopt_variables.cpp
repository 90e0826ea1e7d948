#include <algorithm>
#include <set>

#include "adopt/adopt.hpp"
#include "base/text.hpp"
#include "host/recorded_host.hpp"
#include "kinds/shell_reading.hpp"
#include "record/secrets.hpp"
#include "record/survey.hpp"
#include "resource/fenced_block.hpp"

namespace mlenv {
namespace {

/// An assignment, and the files in which the user's own lines make it.
struct OwnAssignment {
  Assignment assignment;
  std::vector<std::string> files;
};

bool is_posix(const std::string& path) {
  return !path.ends_with(".fish") && !path.ends_with(".conf") && path != "/etc/environment" &&
         !path.ends_with("/mlenvctl.sh");
}

class VariableSection {
 public:
  explicit VariableSection(const AdoptedHost& adopted) : adopted_(adopted), user_(adopted.facts.user) {
    section_.title = "Environment variables, in the start-up files in which they stand.";
  }

  DraftSection made() {
    for (const auto& file : start_up_files(user_)) {
      if (is_posix(file)) look_at(file);
    }
    for (const auto& each : own_) declare_own(each);
    for (const auto& each : blocks_) declare(each.second.assignment, each.first, {});
    return std::move(section_);
  }

 private:
  void look_at(const std::string& file) {
    const auto text = adopted_.host.read_file(file);
    if (!text || !*text) return;
    std::string outside = **text;
    if (const auto block = find_block(outside, "env"); block && *block) {
      for (const auto& entry : (*block)->entries) note_block(entry);
      outside.erase((*block)->begin, (*block)->end - (*block)->begin);
    }
    look_at_lines(file, outside);
  }

  void note_block(const BlockEntry& entry) {
    for (const auto& placed : read_shell_lines(entry.text, user_.home))
      blocks_.emplace(entry.key, placed.line);
  }

  /// Lines that the system gives to every new account are nobody's own.
  std::set<std::string, std::less<>> given_lines(const std::string& file) const {
    std::set<std::string, std::less<>> given;
    const auto text = adopted_.host.read_file("/etc/skel" + file.substr(file.rfind('/')));
    for (const auto line : split_lines(text && *text ? std::string_view(**text) : std::string_view()))
      given.emplace(line);
    return given;
  }

  void look_at_lines(const std::string& file, const std::string& text) {
    const auto given = given_lines(file);
    const bool own_file = file.starts_with(user_.home + "/");
    const auto read = read_shell_lines(text, user_.home);
    std::size_t number = 0, others = 0;
    auto next = read.begin();
    for (const auto line : split_lines(text)) {
      const bool told = next != read.end() && next->number == number + 1;
      const auto* shell_line = told ? &(next++)->line : nullptr;
      ++number;
      const auto bare = trim(line);
      if (bare.empty() || bare.starts_with("#") || given.find(line) != given.end()) continue;
      if (shell_line != nullptr && (shell_line->exported || shell_line->assignment.name == "PATH")) {
        note(shell_line->assignment, file);
      } else if (bare.starts_with("export ") || !own_file) {
        note_untold(line, file);
      } else {
        ++others;
      }
    }
    if (others > 0 && own_file)
      section_.notes.push_back(
          recipe_path(file, user_) + ": " + std::to_string(others) +
          (others == 1 ? " more line" : " more lines") +
          " of one's own (aliases, functions, what other programs have added), which no kind "
          "describes");
  }

  void note(const Assignment& assignment, const std::string& file) {
    const auto same = std::find_if(own_.begin(), own_.end(),
                                   [&](const OwnAssignment& each) { return each.assignment == assignment; });
    if (same == own_.end()) {
      own_.push_back({assignment, {file}});
    } else if (same->files.back() != file) {
      same->files.push_back(file);
    }
  }

  /// A line that exports something that only a shell can work out.
  void note_untold(std::string_view line, const std::string& file) {
    const auto setting = shell_assignment(line);
    if (!setting || !line.starts_with("export ")) return;
    DraftEntry entry{"env_var", {setting->first}};
    entry.doubt = "what " + recipe_path(file, user_) + " sets it to only a shell can tell";
    section_.entries.push_back(std::move(entry));
  }

  void declare_own(const OwnAssignment& own) {
    DraftField files{"files"};
    for (const auto& each : own.files) files.items.push_back(recipe_path(each, user_));
    declare(own.assignment, {}, {std::move(files)});
    auto& entry = section_.entries.back();
    if (entry.doubt.empty() && is_contradicted(own))
      entry.doubt = "one file sets it to several values, and the last one counts";
  }

  bool is_contradicted(const OwnAssignment& own) const {
    if (own.assignment.how != Assignment::How::value) return false;
    return std::any_of(own_.begin(), own_.end(), [&](const OwnAssignment& other) {
      const bool same_file = std::find_first_of(own.files.begin(), own.files.end(), other.files.begin(),
                                                other.files.end()) != own.files.end();
      return same_file && other.assignment.name == own.assignment.name &&
             other.assignment.how == Assignment::How::value && !(other.assignment == own.assignment);
    });
  }

  /// `id` is the key of a block's entry; others get one where the name alone is taken.
  void declare(const Assignment& assignment, const std::string& id, const std::vector<DraftField>& more) {
    const auto& name = assignment.name;
    DraftEntry entry{"env_var", {name}};
    auto address = id.empty() ? name : id;
    for (int count = 2; !addresses_.insert(address).second; ++count)
      address = name + "-" + std::to_string(count);
    if (address != name) entry.fields.push_back({"id", address});
    const auto value = join(assignment.values, ":");
    if (has_secret_name(name) || looks_secret(value) || holds_credentials(value)) {
      entry.doubt = "its value may be secret, and no recipe should hold it: set " + name +
                    " before, and take the comment signs off";
      entry.fields.push_back({"value", "${env." + name + "}"});
    } else if (value.find(left_out) != std::string::npos) {
      entry.doubt = "the record leaves out its value";
    } else if (first_bad_utf8(value)) {
      entry.doubt = "its value is no UTF-8";
    } else {
      entry.fields.push_back(value_field(assignment));
    }
    entry.fields.insert(entry.fields.end(), more.begin(), more.end());
    section_.entries.push_back(std::move(entry));
  }

  DraftField value_field(const Assignment& assignment) const {
    if (assignment.how == Assignment::How::value)
      return {"value", recipe_path(assignment.values.front(), user_)};
    DraftField field{assignment.how == Assignment::How::prepend ? "prepend" : "append"};
    for (const auto& each : assignment.values) field.items.push_back(recipe_path(each, user_));
    return field;
  }

  const AdoptedHost& adopted_;
  const User& user_;
  DraftSection section_;
  std::vector<OwnAssignment> own_;
  std::map<std::string, ShellLine> blocks_;
  std::set<std::string> addresses_;
};

}  // namespace

DraftSection adopt_variables(const AdoptedHost& adopted) { return VariableSection(adopted).made(); }

}  // namespace mlenv
