#include <algorithm>

#include "base/deb_version.hpp"
#include "base/text.hpp"
#include "export/step_statements.hpp"

namespace mlenv {
namespace {

constexpr const char* quietly = "DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l";

void add(std::vector<Statement>& to, const std::vector<Statement>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

/// The first location that answers; the others are guesses at how a server spells the name.
std::vector<Statement> fetched_key(const AddRepository& step) {
  if (!step.key_text.empty()) {
    auto made = file_statements("KEY", step.key_text);
    for (auto& each : made)
      each.lines.back() = replace_all(each.lines.back(), "> KEY", "> \"$GNUPGHOME/key\"");
    return made;
  }
  Statement statement;
  for (const auto& location : step.key_locations) {
    const auto fetch = location.starts_with("/") ? "cp " + shell_word(location) + " \"$GNUPGHOME/key\""
                                                 : "curl -fsSL -o \"$GNUPGHOME/key\" " + shell_word(location);
    statement.lines.push_back((statement.lines.empty() ? "" : "|| ") + fetch);
  }
  return {statement};
}

/// Every key of the file has to be a trusted one, by the full fingerprint of its primary key. No agent is
/// needed for that, which a bare image has not.
std::vector<Statement> compared_key(const AddRepository& step) {
  const auto ring = shell_word(step.keyring_path);
  const auto refusal = "{ echo " +
                       quoted_word("the key of " + step.name + " is not " + join(step.fingerprints, " or ")) +
                       " >&2; exit 1; }";
  return {
      {{"keys=$(gpg --batch --quiet --with-colons --import-options show-only --import \"$GNUPGHOME/key\"",
        "| awk -F: '$1 == \"pub\" { primary = 1 } $1 == \"fpr\" && primary { print $10; primary = 0 }')"}},
      {{"test -n \"$keys\" || " + refusal}},
      {{"for key in $keys; do case " + quoted_word(" " + join(step.fingerprints, " ") + " ") +
            " in *\" $key \"*) ;; *)",
        refusal + " ;; esac; done"}},
      {{"mkdir -p " + shell_word(parent_path(step.keyring_path))}},
      {{"if grep -q -e '-----BEGIN PGP' \"$GNUPGHOME/key\"; then gpg --batch --dearmor < \"$GNUPGHOME/key\" "
        "> " +
            ring + ";",
        "else cp \"$GNUPGHOME/key\" " + ring + "; fi"}},
      {{"chmod 0644 " + ring}},
  };
}

std::vector<std::string> addresses_in(const std::string& source) {
  std::vector<std::string> all;
  for (const auto line : split_lines(source)) {
    for (const auto word : split(line, ' ')) {
      if (word.find("://") == std::string_view::npos) continue;
      const std::string text(word.substr(0, word.find_last_not_of('/') + 1));
      if (std::find(all.begin(), all.end(), text) == all.end()) all.push_back(text);
    }
  }
  return all;
}

/// A repository without suites: its address alone says which archive it is.
bool is_flat(const std::string& source) {
  const auto lines = split_lines(source);
  return std::any_of(lines.begin(), lines.end(), [](std::string_view line) {
    return line == "Suites: /" || (line.starts_with("deb ") && line.ends_with(" /"));
  });
}

/// apt refuses one archive with two keys: a source that an image brought along is set aside. Other archives
/// share an address with what the distribution itself comes from.
std::vector<Statement> set_aside(const AddRepository& step) {
  std::vector<Statement> all;
  if (step.fingerprints.empty() || !is_flat(step.source_content)) return all;
  for (const auto& address : addresses_in(step.source_content)) {
    all.push_back({{"for other in $(grep -lsF " + shell_word(address) + " /etc/apt/sources.list.d/*.list",
                    "/etc/apt/sources.list.d/*.sources || true); do",
                    "test \"$other\" = " + shell_word(step.source_path) +
                        " || mv \"$other\" \"$other.disabled\"; done"}});
  }
  return all;
}

std::vector<std::string> without_settings(std::vector<std::string> words) {
  for (auto at = words.begin(); at != words.end() && *at != "--";)
    at = *at == "-o" ? words.erase(at, at + 2) : at + 1;
  return words;
}

/// `name=version` of the newest version that apt has and that satisfies the comparison.
Statement newest(const AptItem& item, const DebConstraint& wanted, const std::string& variable) {
  const char* op = wanted.op == DebConstraint::Op::ge   ? "ge"
                   : wanted.op == DebConstraint::Op::gt ? "gt"
                   : wanted.op == DebConstraint::Op::le ? "le"
                   : wanted.op == DebConstraint::Op::lt ? "lt"
                                                        : "eq";
  return {{variable + "=$(apt-cache madison -- " + shell_word(item.name) + " | cut -d '|' -f 2 | tr -d ' '",
           "| while read -r version; do if dpkg --compare-versions \"$version\" " + std::string(op) + " " +
               shell_word(wanted.version.str()) + "; then",
           "echo " + shell_word(item.name) + "=\"$version\"; break; fi; done)",
           "&& test -n \"$" + variable + "\" || { echo " +
               quoted_word("no version of " + item.name + " satisfies " + item.constraint) +
               " >&2; exit 1; }"}};
}

void mark(const char* verb, const std::vector<std::string>& names, std::vector<Statement>& made) {
  if (names.empty()) return;
  std::vector<std::string> words = {"apt-mark", verb, "--"};
  words.insert(words.end(), names.begin(), names.end());
  made.push_back(command_statement(words));
}

}  // namespace

std::vector<Statement> repository_statements(const AddRepository& step) {
  std::vector<Statement> made;
  if (!step.fingerprints.empty()) {
    made.push_back({{"GNUPGHOME=$(mktemp -d)"}});
    made.push_back({{"export GNUPGHOME"}});
    add(made, fetched_key(step));
    add(made, compared_key(step));
    made.push_back({{"rm -rf \"$GNUPGHOME\""}});
    made.push_back({{"unset GNUPGHOME"}});
  }
  add(made, set_aside(step));
  if (!step.pin_path.empty()) add(made, file_statements(step.pin_path, step.pin_content));
  add(made, file_statements(step.source_path, step.source_content));
  return made;
}

std::vector<Statement> transaction_statements(const AptTransaction& step, Manner manner, bool update) {
  std::vector<Statement> made;
  if (update) made.push_back({{"apt-get update"}});
  mark("unhold", step.unhold, made);
  auto exact = step;
  std::string chosen;
  for (const auto& item : step.install) {
    const auto wanted = item.version.empty() ? DebConstraint::parse(item.constraint) : std::nullopt;
    if (!wanted) continue;
    const auto variable = "wanted" + std::to_string(made.size());
    made.push_back(newest(item, *wanted, variable));
    chosen += " \"$" + variable + "\"";
    exact.install.erase(std::find(exact.install.begin(), exact.install.end(), item));
  }
  if (!step.install.empty() || !step.remove.empty()) {
    const bool only_chosen = exact.install.empty() && exact.remove.empty();
    if (only_chosen) exact.install = step.install;  // the call is apt's for an installation
    auto words = step_command(Step(exact));
    if (only_chosen) words.erase(std::find(words.begin(), words.end(), "--") + 1, words.end());
    if (manner.layers) words = without_settings(std::move(words));
    auto call = command_statement(words, quietly);
    call.lines.back() += chosen;
    call.lines.back() += " < /dev/null";
    made.push_back(std::move(call));
  }
  mark("hold", step.hold, made);
  if (manner.layers) made.push_back({{"rm -rf /var/lib/apt/lists/*"}});
  return made;
}

}  // namespace mlenv
