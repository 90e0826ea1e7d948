#include "export/step_statements.hpp"

#include <algorithm>

#include "base/pep_requirement.hpp"
#include "base/text.hpp"
#include "resource/fenced_block.hpp"
#include "resource/venv_files.hpp"

namespace mlenv {
namespace {

constexpr const char* pip_variables = "PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1";

void add(std::vector<Statement>& to, const std::vector<Statement>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

std::string octal(unsigned mode) {
  std::string digits;
  for (; mode > 0; mode /= 8) digits.insert(digits.begin(), static_cast<char>('0' + mode % 8));
  return "0" + digits;
}

std::vector<Statement> given_to(const std::string& path, const std::optional<unsigned>& mode,
                                const std::string& owner) {
  std::vector<Statement> made;
  if (!owner.empty()) made.push_back(command_statement({"chown", "--", owner + ":", path}));
  if (mode) made.push_back(command_statement({"chmod", "--", octal(*mode), path}));
  return made;
}

std::string canonical_name(const std::string& requirement) {
  const auto parsed = PepRequirement::parse(requirement);
  return parsed ? parsed->canonical_name() : requirement;
}

std::string python_of(const std::string& prefix) {
  return prefix.empty() ? "python3" : prefix + "/bin/python";
}

/// pip leaves no cache in a layer.
std::vector<std::string> tidy(std::vector<std::string> words, Manner manner) {
  const auto verb = std::find(words.begin(), words.end(), "install");
  if (manner.layers && verb != words.end())
    words.insert(verb + 1, words.front() == "uv" ? "--no-cache" : "--no-cache-dir");
  return words;
}

Statement without_block(const std::string& path, const std::string& block) {
  const auto fence = [&](const char* sign) { return "/^# " + std::string(sign) + " mlenvctl " + block; };
  return {{"test ! -e " + shell_word(path) + " || sed -i --follow-symlinks " +
           quoted_word(fence(">>>") + " >>>/," + fence("<<<") + " <<</d") + " " + shell_word(path)}};
}

}  // namespace

Result<ShellPart> StepStatements::part_of(const Step& step) {
  auto made = std::visit([this](const auto& each) { return of(each); }, step);
  if (!made) return made.error();
  ShellPart part;
  part.title = step_title(step);
  part.privilege = step_privilege(step);
  part.statements = std::move(*made);
  if (const auto* edit = std::get_if<EditBlock>(&step)) {
    for (const auto& entry : edit->set) {
      if (entry.assigns) part.variables.push_back(*entry.assigns);
    }
  }
  return part;
}

/// Made once, where the system has none of its own.
std::vector<Statement> StepStatements::folder_above(const std::string& path) {
  const auto folder = parent_path(path);
  if (exists(host_, folder) || !folders_.insert(folder).second) return {};
  return {command_statement({"mkdir", "-p", "--", folder})};
}

StepStatements::Statements StepStatements::of(const WriteFile& step) {
  auto made = folder_above(step.path);
  add(made, file_statements(step.path, step.content));
  add(made, given_to(step.path, step.mode, step.owner));
  return made;
}

StepStatements::Statements StepStatements::of(const MakeDirectory& step) {
  folders_.insert(step.path);
  std::vector<Statement> made = {command_statement({"mkdir", "-p", "--", step.path})};
  add(made, given_to(step.path, step.mode, step.owner));
  return made;
}

StepStatements::Statements StepStatements::of(const RemovePath& step) {
  return std::vector<Statement>{command_statement({"rm", step.tree ? "-rf" : "-f", "--", step.path})};
}

StepStatements::Statements StepStatements::of(const MovePath& step) {
  return std::vector<Statement>{{{"test ! -e " + shell_word(step.from) + " || mv -fT -- " +
                                  shell_word(step.from) + " " + shell_word(step.to)}}};
}

/// The block goes behind what a file holds by itself, whatever that is; an earlier one goes first.
StepStatements::Statements StepStatements::of(const EditBlock& step) {
  const bool edited = texts_.count(step.path) != 0;
  const auto there = edited ? Result(texts_[step.path]) : host_.read_file(step.path);
  if (!there) return there.error();
  const auto after = edit_block(*there, step);
  if (!after) return after.error();
  texts_[step.path] = *after;
  std::vector<Statement> made;
  if (edited || manner_.again) made.push_back(without_block(step.path, step.block));
  const auto block = find_block((*after).value_or(""), step.block);
  if (!block) return block.error();
  if (!*block) return made;
  add(made, folder_above(step.path));
  add(made, file_statements(
                step.path, std::string_view(**after).substr((*block)->begin, (*block)->end - (*block)->begin),
                Put::behind));
  return made;
}

StepStatements::Statements StepStatements::of(const AddRepository& step) {
  index_fresh_ = false;
  return repository_statements(step);
}

/// apt's calls update the index themselves where it is old.
StepStatements::Statements StepStatements::of(const UpdateIndex&) { return std::vector<Statement>(); }

StepStatements::Statements StepStatements::of(const AptTransaction& step) {
  const bool update = manner_.layers || !index_fresh_;
  index_fresh_ = true;
  return transaction_statements(step, manner_, update);
}

StepStatements::Statements StepStatements::of(const RpmTransaction& step) {
  return std::vector<Statement>{command_statement(step_command(Step(step)))};
}

StepStatements::Statements StepStatements::of(const MakeVenv& step) {
  auto made = folder_above(step.path);
  auto words = step_command(Step(step));
  words.erase(std::remove(words.begin(), words.end(), "--without-pip"), words.end());
  if (step.installer == "uv") words.insert(words.end() - 1, "--seed");
  const auto python = python_of(step.path);
  const auto guard = manner_.again ? "test -e " + shell_word(python) + " ||" : std::string();
  made.push_back(command_statement(words, guard));
  const auto marker = marker_path(step.path, {});
  add(made, file_statements(marker, marker_text({true, {}})));
  if (step.pip.empty()) return made;
  PipInstall pip{step.path};
  pip.requirements = {"pip" + (step.pip == "latest" ? std::string() : step.pip)};
  if (step.pip == "latest") pip.upgrade = pip.requirements;
  pip.installer = step.installer;
  const auto installed = of(pip);
  if (!installed) return installed;
  add(made, *installed);
  return made;
}

/// What stands in the environment by now has to stay as it is declared.
std::vector<std::string> StepStatements::kept(const PipInstall& step) const {
  std::vector<std::string> kept;
  const auto there = installed_.find(step.prefix);
  for (const auto& each : step.keep) {
    if (there != installed_.end() && there->second.count(canonical_name(each)) != 0) kept.push_back(each);
  }
  return kept;
}

/// mlenvctl compares later with what the newest version was: `verify` and `plan` ask nobody.
void StepStatements::note_latest(const PipInstall& step, std::vector<Statement>& made) {
  if (step.upgrade.empty()) return;
  const auto path = marker_path(step.prefix, user_.home);
  if (step.prefix.empty()) {
    add(made, folder_above(path));
    auto empty = file_statements(path, marker_text({}));
    empty.front().lines.front().insert(0, "test -e " + shell_word(path) + " || ");
    add(made, empty);
  }
  Statement note{{shell_word(python_of(step.prefix)) + " -c",
                  quoted_word("import json, sys; path, names = sys.argv[1], sys.argv[2:]; "
                              "marker = json.load(open(path)); "
                              "marker[\"latest\"].update(zip(names[::2], names[1::2])); "
                              "json.dump(marker, open(path, \"w\"), indent=2)"),
                  shell_word(path)}};
  for (const auto& each : step.upgrade) {
    std::vector<std::string> show = {python_of(step.prefix), "-m", "pip", "show"};
    if (step.installer == "uv") show = {"uv", "pip", "show", "--python", python_of(step.prefix)};
    show.push_back(canonical_name(each));
    note.lines.push_back(shell_word(each) + " \"$(" + shell_words(show) + " | sed -n 's/^Version: //p')\"");
  }
  made.push_back(std::move(note));
}

StepStatements::Statements StepStatements::of(const PipInstall& step) {
  auto call = step;
  call.keep = kept(step);
  for (const auto& each : step.requirements) installed_[step.prefix].insert(canonical_name(each));
  auto words = tidy(step_command(Step(call)), manner_);
  std::vector<Statement> made;
  const auto planned = constraints_path(call);
  const auto folder = step.prefix.empty() ? user_.home + "/.cache/mlenvctl-pip" : parent_path(planned);
  if (!call.keep.empty()) {
    const auto file = join_path(folder, "constraints.txt");
    std::replace(words.begin(), words.end(), planned, file);
    made.push_back(command_statement({"mkdir", "-p", "--", folder}));
    add(made, file_statements(file, join(call.keep, "\n") + "\n"));
  }
  made.push_back(command_statement(words, step.installer == "uv" ? "" : pip_variables));
  if (!call.keep.empty()) made.push_back(command_statement({"rm", "-rf", "--", folder}));
  note_latest(step, made);
  return made;
}

StepStatements::Statements StepStatements::of(const PipUninstall& step) {
  return std::vector<Statement>{command_statement(step_command(Step(step)))};
}

StepStatements::Statements StepStatements::of(const ControlUnit& step) {
  return std::vector<Statement>{
      command_statement(step_command(Step(step)), step.offline ? "SYSTEMD_OFFLINE=1" : "")};
}

StepStatements::Statements StepStatements::of(const SetMembership& step) {
  return std::vector<Statement>{command_statement(step_command(Step(step)))};
}

// Checks are no part of the work, and every statement downloads what it needs.
StepStatements::Statements StepStatements::of(const RunCheck&) { return std::vector<Statement>(); }
StepStatements::Statements StepStatements::of(const FetchPackages&) { return std::vector<Statement>(); }
StepStatements::Statements StepStatements::of(const FetchWheels&) { return std::vector<Statement>(); }

}  // namespace mlenv
