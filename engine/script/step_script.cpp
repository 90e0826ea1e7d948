#include "script/step_script.hpp"

#include <algorithm>

#include "base/pep_requirement.hpp"
#include "base/text.hpp"
#include "resource/fenced_block.hpp"
#include "resource/python_wish.hpp"
#include "script/shell_text.hpp"

namespace mlenv {
namespace {

std::string line(std::vector<std::string> words) { return shell_words(words) + "\n"; }

std::string octal(std::optional<unsigned> mode) {
  if (!mode) return "-";
  std::string digits;
  for (unsigned rest = *mode; rest > 0; rest /= 8)
    digits.insert(digits.begin(), static_cast<char>('0' + rest % 8));
  return "0" + digits;
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

/// What the plan says that apt will bring, in place of what it is free to choose.
AptTransaction pinned(AptTransaction step) {
  for (auto& item : step.install) {
    for (const auto& effect : step.expected) {
      if (item.version.empty() && effect.name == item.name) item.version = effect.after;
    }
  }
  return step;
}

std::string sum_of(const std::optional<std::string>& content) { return content ? sha256_hex(*content) : "-"; }

std::string version_of(const std::vector<Wheel>& wheels, const std::string& requirement) {
  const auto parsed = PepRequirement::parse(requirement);
  for (const auto& wheel : wheels) {
    if (parsed && wheel.name == parsed->canonical_name()) return wheel.version;
  }
  return {};
}

/// Addresses with credentials go by the environment: arguments are seen by everybody.
std::string pip_variables(const PipSource& source) {
  std::string text = "PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PYTHONNOUSERSITE=1";
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) text += std::string(" ") + name + "=" + shell_word(value);
  };
  add("PIP_INDEX_URL", source.index_url);
  add("PIP_EXTRA_INDEX_URL", join(source.extra_index_urls, " "));
  add("PIP_FIND_LINKS", join(source.find_links, " "));
  return text + " ";
}

}  // namespace

Result<std::string> StepScript::text_of(const Step& step) {
  auto made = std::visit([this](const auto& each) { return text(each); }, step);
  credentials_ = credentials_ || (made && mask_credentials(*made) != *made);
  return made;
}

std::string StepScript::checks() const {
  std::string text;
  for (const auto& [path, sums] : seen_) {
    std::vector<std::string> words = {"seen", path};
    words.insert(words.end(), sums.begin(), sums.end());
    text += line(words);
  }
  return text;
}

Result<std::optional<std::string>> StepScript::content(const std::string& path) {
  const auto known = contents_.find(path);
  if (known != contents_.end()) return known->second;
  auto found = request_.host.read_file(path);
  if (!found) return found;
  seen_.push_back({path, {sum_of(*found)}});
  contents_[path] = *found;
  return found;
}

/// Where the file is as wanted already, that is no harm: the script can be run again.
StepScript::Text StepScript::file(const std::string& path, const std::string& wanted, const std::string& mode,
                                  const std::string& owner) {
  const auto before = content(path);
  if (!before) return before.error();
  note(path, wanted);
  return fed(shell_words({"put", path, mode, owner}), wanted);
}

void StepScript::note(const std::string& path, const std::optional<std::string>& wanted) {
  contents_[path] = wanted;
  for (auto& [seen, sums] : seen_) {
    if (seen == path && std::find(sums.begin(), sums.end(), sum_of(wanted)) == sums.end())
      sums.push_back(sum_of(wanted));
  }
}

StepScript::Text StepScript::text(const WriteFile& step) {
  return file(step.path, step.content, octal(step.mode), or_dash(step.owner));
}

StepScript::Text StepScript::text(const MakeDirectory& step) {
  auto made = line({"mkdir", "-p", "--", step.path});
  if (!step.owner.empty()) made += line({"chown", "--", step.owner + ":", step.path});
  if (step.mode) made += line({"chmod", "--", octal(step.mode), step.path});
  return made;
}

StepScript::Text StepScript::text(const RemovePath& step) {
  if (step.tree) return line({"rm", "-rf", "--one-file-system", "--", step.path});
  return "if [ -d " + shell_word(step.path) + " ] && [ ! -L " + shell_word(step.path) + " ]; then " +
         shell_words({"rmdir", "--", step.path}) + "; else " + shell_words({"rm", "-f", "--", step.path}) +
         "; fi\n";
}

StepScript::Text StepScript::text(const MovePath& step) {
  return "[ ! -e " + shell_word(step.from) + " ] || " + line({"mv", "-fT", "--", step.from, step.to});
}

StepScript::Text StepScript::text(const EditBlock& step) {
  const auto before = content(step.path);
  if (!before) return before.error();
  const auto after = edit_block(*before, step);
  if (!after) return after.error();
  if (*after && *before && (*after)->starts_with(**before)) {
    note(step.path, *after);
    return fed(shell_words({"extend", step.path, sum_of(*after)}), (*after)->substr((*before)->size()));
  }
  if (*after) return file(step.path, **after, "-", "-");
  note(step.path, std::nullopt);
  return line({"rm", "-f", "--", step.path});
}

/// apt must be able to read the new source, alone, before anything that it does not read yet is put in place.
StepScript::Text StepScript::text(const AddRepository& step) {
  const auto keys = request_.keyring(step);
  if (!keys) return keys.error();
  std::string made;
  if (!keys->empty()) {
    made += fed("cat >\"$work/keys.gpg\"", *keys);
    made += "known \"$work/keys.gpg\" " + shell_words(step.fingerprints) + "\n";
    made += shell_words({"put", step.keyring_path, "0644", "-"}) + " <\"$work/keys.gpg\"\n";
  }
  const std::string trial = step.source_path.ends_with(".sources") ? "new.sources" : "new.list";
  made += fed("cat >\"$work/" + trial + "\"", step.source_content);
  made +=
      "apt-get update -o Dir::Etc::sourcelist=\"$work/" + trial +
      "\" -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0 -o APT::Update::Error-Mode=any ||\n  stop " +
      shell_word("apt cannot read " + step.name + "; its source was not put in place") + "\n";
  if (!step.pin_path.empty()) {
    const auto pin = file(step.pin_path, step.pin_content, "0644", "-");
    if (!pin) return pin;
    made += *pin;
  }
  for (const auto& each : step.disabled) made += *text(each);
  for (const auto& each : step.replaced) {
    const auto replaced = file(each.path, each.content, "-", "-");
    if (!replaced) return replaced;
    made += *replaced;
  }
  const auto source = file(step.source_path, step.source_content, "0644", "-");
  return source ? made + *source : source;
}

StepScript::Text StepScript::text(const UpdateIndex&) { return line({"apt-get", "update"}); }

/// With the versions that the plan has shown, and without removing anything that it has not.
StepScript::Text StepScript::text(const AptTransaction& step) {
  const auto exact = pinned(step);
  for (const auto& item : exact.install) {
    if (item.version.empty() && !item.constraint.empty())
      return Error{"script.version", "which version of `" + item.name + "` comes is not known yet",
                   "plan with a network, so that apt can be asked"};
  }
  std::string made;
  if (step.configure_first) made += line({"dpkg", "--configure", "-a", "--force-confdef", "--force-confold"});
  const auto mark = [&](const char* verb, const std::vector<std::string>& names) {
    std::vector<std::string> words = {"apt-mark", verb, "--"};
    words.insert(words.end(), names.begin(), names.end());
    if (!names.empty()) made += line(words);
  };
  mark("unhold", step.unhold);
  if (!exact.install.empty() || !exact.remove.empty()) {
    auto words = step_command(Step(exact));
    const bool removes =
        !exact.remove.empty() || std::any_of(step.expected.begin(), step.expected.end(),
                                             [](const AptEffect& effect) { return effect.after.empty(); });
    if (!removes) words.insert(words.begin() + 1, "--no-remove");
    made += line(words);
  }
  mark("hold", step.hold);
  return made;
}

/// What mlenvctl itself would note beside an environment.
StepScript::Text StepScript::marker(const std::string& prefix, const std::vector<std::string>& latest,
                                    const std::vector<Wheel>& expected) {
  const auto path = marker_path(prefix, {});
  if (markers_.count(prefix) == 0) {
    const auto there = read_marker(request_.host, path);
    if (!there) return there.error();
    markers_[prefix] = there->value_or(EnvironmentMarker());
  }
  auto& marker = markers_[prefix];
  for (const auto& each : latest) {
    if (auto version = version_of(expected, each); !version.empty()) marker.latest[each] = std::move(version);
  }
  return fed(shell_words({"put", path, "-", "-"}), marker_text(marker));
}

StepScript::Text StepScript::text(const RpmTransaction& step) {
  const bool tried = step.verb == RpmTransaction::Verb::take_back;
  return (tried ? line(removal_trial(step)) : std::string()) + line(step_command(Step(step)));
}

StepScript::Text StepScript::text(const MakeVenv& step) {
  const auto wish = PythonWish::parse(step.specifier).value_or(PythonWish());
  const auto chosen = choose_python(request_.facts.pythons, wish);
  const auto python = step.interpreter.starts_with("/") ? step.interpreter
                      : chosen                          ? chosen->path
                                                        : "python3";
  const auto own = step.path + "/bin/python";
  std::vector<std::string> words = {python, "-m", "venv"};
  if (step.system_site_packages) words.emplace_back("--system-site-packages");
  words.push_back(step.path);
  markers_[step.path] = EnvironmentMarker{true, {}};
  std::string made = "if [ ! -e " + shell_word(marker_path(step.path, {})) + " ]; then\n  [ ! -e " +
                     shell_word(step.path) + " ] || stop " + shell_word(step.path + " is there already") +
                     "\n  " + line(words) + "fi\n" + line({"roots", step.path, own});
  if (!step.pip.empty()) {
    const auto version = version_of(step.expected, "pip");
    const auto pip = !version.empty() ? "pip==" + version : step.pip == "latest" ? "pip" : "pip" + step.pip;
    made += pip_variables({}) + line({own, "-m", "pip", "install", "--upgrade", "--", pip});
  }
  const auto noted =
      marker(step.path, step.pip == "latest" ? std::vector<std::string>{"pip"} : std::vector<std::string>(),
             step.expected);
  return noted ? made + *noted : noted;
}

StepScript::Text StepScript::text(const PipInstall& step) {
  const auto python = step.prefix + "/bin/python";
  auto pins = step.keep;
  for (const auto& wheel : step.expected) pins.push_back(wheel.name + "==" + wheel.version);
  auto call = step;
  call.keep.clear();
  call.installer = "pip";
  call.source = {{}, {}, {}, step.source.no_index, step.source.pre};
  auto words = step_command(Step(call));
  const auto end = std::find(words.begin(), words.end(), "--");
  const std::vector<std::string> options(words.begin(), end), wanted(end, words.end());
  std::string made = line({"roots", step.prefix, python});
  made += fed("cat >\"$work/pins.txt\"", join(pins, "\n") + "\n");
  made +=
      pip_variables(step.source) + shell_words(options) + " --constraint \"$work/pins.txt\" " + line(wanted);
  if (step.upgrade.empty()) return made;
  const auto noted = marker(step.prefix, step.upgrade, step.expected);
  return noted ? made + *noted : noted;
}

StepScript::Text StepScript::text(const PipUninstall& step) {
  auto call = step;
  call.installer = "pip";
  return line({"roots", step.prefix, step.prefix + "/bin/python"}) + line(step_command(Step(call)));
}

StepScript::Text StepScript::text(const ControlUnit& step) {
  return (step.offline ? "SYSTEMD_OFFLINE=1 " : "") + line(step_command(Step(step)));
}

StepScript::Text StepScript::text(const SetMembership& step) { return line(step_command(Step(step))); }

// None of these is ever root's part: checks are the user's, and apt brings what it needs.
StepScript::Text StepScript::text(const RunCheck&) { return std::string(); }
StepScript::Text StepScript::text(const FetchPackages&) { return std::string(); }
StepScript::Text StepScript::text(const FetchWheels&) { return std::string(); }

}  // namespace mlenv
