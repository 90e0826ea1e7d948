#include "forecast/pip_failure.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "base/text.hpp"

namespace mlenv {
namespace {

/// What was printed, asked for by the words that pip and uv are known to use.
class Printed {
 public:
  explicit Printed(const Output& output) : text_(output.out + "\n" + output.err) {}

  bool says(std::initializer_list<std::string_view> any) const {
    return std::any_of(any.begin(), any.end(),
                       [&](auto words) { return text_.find(words) != std::string::npos; });
  }
  /// The rest of the line behind these words; empty when they were not said.
  std::string behind(std::string_view words) const {
    const auto at = text_.find(words);
    if (at == std::string::npos) return {};
    const auto begin = at + words.size();
    return std::string(trim(std::string_view(text_).substr(begin, text_.find('\n', begin) - begin)));
  }
  /// What stands between two markers on one line; nothing when they were not printed.
  std::optional<std::string> between(std::string_view open, std::string_view close) const {
    const auto at = text_.find(open);
    if (at == std::string::npos) return std::nullopt;
    const auto begin = at + open.size();
    const auto end = text_.find(close, begin);
    if (end == std::string::npos) return std::nullopt;
    return text_.substr(begin, end - begin);
  }
  std::string first_error() const {
    for (const char* mark : {"ERROR: ", "error: "}) {
      if (auto line = behind(mark); !line.empty()) return line;
    }
    const auto lines = split_lines(text_);
    const auto last =
        std::find_if(lines.rbegin(), lines.rend(), [](auto line) { return !trim(line).empty(); });
    return last == lines.rend() ? "it printed nothing" : std::string(trim(*last));
  }

 private:
  std::string text_;
};

std::string for_python(const std::string& python) { return python.empty() ? "" : " for Python " + python; }

/// The last of a long list of versions: the newest ones.
std::string shorten(const std::string& versions) {
  constexpr std::size_t longest = 300;
  if (versions.size() <= longest) return versions;
  const auto comma = versions.find(", ", versions.size() - longest);
  return comma == std::string::npos ? versions : "…, " + versions.substr(comma + 2);
}

Error no_match(const Printed& printed, const std::string& python) {
  auto wanted = printed.behind("No matching distribution found for ");
  if (wanted.empty()) wanted = printed.behind("No solution found when resolving dependencies:");
  const auto offered = printed.between("(from versions: ", ")");
  Error error{"pip.no-match", "no version of `" + wanted + "` fits" + for_python(python), {}};
  if (offered && *offered != "none" && !offered->empty()) {
    error.hint = "offered for this Python and machine: " + shorten(*offered);
  } else {
    error.hint =
        "its sources offer nothing for this Python and machine: the name, the index or the venv's `python` "
        "may be "
        "another than meant";
  }
  return error;
}

Error conflict(const Printed& printed) {
  auto caused = printed.between("The conflict is caused by:", "\n\n");
  std::string text = "the packages asked for cannot be installed together";
  if (caused) {
    std::vector<std::string> lines;
    for (const auto line : split_lines(*caused)) {
      if (!trim(line).empty()) lines.emplace_back(trim(line));
    }
    text += ": " + join(lines, "; ");
  } else if (const auto because = printed.behind("Because "); !because.empty()) {
    text += ": because " + because;
  }
  return {"pip.conflict", std::move(text), "loosen one of the versions"};
}

}  // namespace

Error explain_pip_failure(const Output& output, const std::string& python) {
  const Printed printed(output);
  if (printed.says({"externally-managed-environment", "is externally managed"})) {
    return {"pip.externally-managed",
            "the distribution manages this Python's packages itself, and pip keeps out",
            "install into a venv"};
  }
  if (printed.says({"No space left on device", "os error 28"})) {
    return {"pip.disk-full", "no space left on the device", "make room, or set TMPDIR to a roomier folder"};
  }
  if (printed.says({"DO NOT MATCH THE HASHES", "Hash mismatch"})) {
    return {"pip.hash-mismatch",
            "a downloaded file is not the one that was promised: " + printed.first_error(),
            {}};
  }
  if (printed.says({"401 Client Error", "403 Client Error", "401 Unauthorized", "403 Forbidden"})) {
    return {"pip.refused", "the package index refuses access: " + printed.first_error(),
            "credentials come from pip's own configuration, the keyring or netrc"};
  }
  if (const auto host = printed.between("The repository located at ", " is not a trusted or secure host")) {
    return {"pip.untrusted-host",
            "pip leaves out the index at `" + *host + "`: it is neither HTTPS nor trusted",
            "`pip config set global.trusted-host " + *host + "`, or an index by HTTPS"};
  }
  const bool offline =
      printed.says({"connection broken by", "Temporary failure in name resolution", "Max retries exceeded",
                    "ReadTimeoutError", "error sending request", "dns error"});
  const auto offered = printed.between("(from versions: ", ")");
  if (offline && (!offered || *offered == "none")) {
    return {"pip.network", "the package index cannot be reached",
            "check the network, `index_url` and proxies; then run again"};
  }
  if (printed.says({"ResolutionImpossible", "conflicting dependencies", "are incompatible"}))
    return conflict(printed);
  if (printed.says({"No matching distribution found for ", "No solution found when resolving"})) {
    return no_match(printed, python);
  }
  if (printed.says({"is not a supported wheel on this platform"})) {
    return {"pip.wrong-platform", printed.first_error(), "the wheel was built for another Python or machine"};
  }
  if (printed.says({"Failed building wheel", "metadata-generation-failed", "subprocess-exited-with-error",
                    "Failed to build"})) {
    return {"pip.build-failed",
            "a package had to be built from source and that failed: " + printed.first_error(),
            "its sources offer no wheel" + for_python(python) +
                "; building needs `apt_package: [build-essential, python3-dev]` and what the package itself "
                "asks for"};
  }
  return {"pip.failed", "pip failed: " + printed.first_error(), {}};
}

}  // namespace mlenv
