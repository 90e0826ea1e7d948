#include "record/secrets.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include "base/text.hpp"
#include "host/recorded_host.hpp"

namespace mlenv {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Where in a line the name of a setting stands, and where its value begins.
struct Setting {
  std::string_view name;
  std::size_t value = 0;
};

/// `export NAME=value`, `set -gx NAME value`, `name = value`, `"name": value`.
std::optional<Setting> setting_in(std::string_view line, bool shell) {
  std::size_t at = std::min(line.find_first_not_of(" \t"), line.size());
  const bool fish = line.substr(at).starts_with("set -");
  if (fish) at = std::min(line.find(' ', at + 4), line.size() - 1) + 1;
  if (line.substr(at).starts_with("export ")) at += 7;
  if (!shell && at < line.size() && (line[at] == '"' || line[at] == '\'')) ++at;
  auto end = at;
  while (end < line.size() && (is_name_character(line[end]) || (!shell && line[end] == '-'))) ++end;
  if (end == at) return std::nullopt;
  const auto name = line.substr(at, end - at);
  if (fish) return Setting{name, std::min(end + 1, line.size())};
  if (!shell) end = std::min(line.find_first_not_of("\"' \t", end), line.size());
  const bool sign = end < line.size() && (line[end] == '=' || (!shell && line[end] == ':'));
  return sign ? std::optional(Setting{name, end + 1}) : std::nullopt;
}

std::string masked_urls(std::string_view text) {
  return replace_all(mask_credentials(text), "://***@", std::string("://") + left_out + "@");
}

std::string masked_line(std::string_view line, bool shell) {
  const auto setting = setting_in(line, shell);
  const bool secret = setting && !trim(line.substr(setting->value)).empty() &&
                      (has_secret_name(setting->name) || looks_secret(line.substr(setting->value)));
  if (secret) return std::string(line.substr(0, setting->value)) + left_out;
  return looks_secret(line) ? left_out : masked_urls(line);
}

/// An entry of a block, `#: KEY LINES` and its lines: with a value of several lines, all of them count.
class BlockLines {
 public:
  std::string next(std::string_view line) {
    if (open_ > 0) {
      --open_;
      const bool first = first_;
      first_ = false;
      if (!first) return secret_ ? left_out : masked_line(line, true);
      const auto masked = masked_line(line, true);
      secret_ = secret_ || masked != line;
      const bool done = line.ends_with("=" + std::string(left_out));  // by an earlier look
      return secret_ && masked == line && !done ? std::string(left_out) : masked;
    }
    if (line.starts_with("#: ")) {
      const auto space = line.rfind(' ');
      std::from_chars(line.data() + space + 1, line.data() + line.size(), open_);
      secret_ = has_secret_name(line.substr(3, space < 3 ? 0 : space - 3));
      first_ = true;
    }
    return std::string(line);
  }

 private:
  std::size_t open_ = 0;
  bool secret_ = false;
  bool first_ = false;
};

/// A line outside the blocks: only that a variable is set, its value only where it may matter.
std::string assignment_line(std::string_view line) {
  const auto setting = setting_in(line, true);
  if (!setting) return {};
  if (steers_computing(setting->name)) return masked_line(line, true);
  return std::string(line.substr(0, setting->value)) + left_out;
}

}  // namespace

bool has_secret_name(std::string_view name) {
  constexpr std::array<std::string_view, 9> parts = {"token",      "secret",     "passw",
                                                     "passphrase", "credential", "api_key",
                                                     "apikey",     "access_key", "private_key"};
  const auto lower = replace_all(to_lower(name), "-", "_");
  return lower.ends_with("_key") || lower.ends_with("_pat") || lower.ends_with("_auth") ||
         std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return lower.find(part) != std::string::npos; });
}

bool looks_secret(std::string_view value) {
  constexpr std::array<std::string_view, 12> beginnings = {"ghp_",  "gho_",  "github_pat_", "glpat-",
                                                           "hf_",   "sk-",   "AKIA",        "xoxb-",
                                                           "xoxp-", "pypi-", "eyJ",         "-----BEGIN"};
  constexpr std::size_t shortest = 16;
  return std::any_of(beginnings.begin(), beginnings.end(), [&](std::string_view begin) {
    for (auto at = value.find(begin); at != value.npos; at = value.find(begin, at + 1)) {
      const bool fresh = at == 0 || !(is_name_character(value[at - 1]) || value[at - 1] == '-');
      auto end = at + begin.size();
      while (end < value.size() && (is_name_character(value[end]) || value[end] == '-')) ++end;
      if (fresh && (begin.starts_with("--") || end - at >= shortest)) return true;
    }
    return false;
  });
}

std::string without_secrets(std::string_view text) {
  std::string clean;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    clean += masked_line(text.substr(at, end - at), false);
    if (end < text.size()) clean += '\n';
    at = end + 1;
  }
  return clean;
}

std::optional<std::pair<std::string, std::string>> shell_assignment(std::string_view line) {
  const auto setting = setting_in(line, true);
  if (!setting) return std::nullopt;
  auto value = trim(line.substr(setting->value));
  if (value.size() > 1 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
    value = value.substr(1, value.size() - 2);
  return std::pair(std::string(setting->name), std::string(value));
}

bool steers_computing(std::string_view variable) {
  constexpr std::array<std::string_view, 16> beginnings = {
      "CUDA",    "CUDNN", "NVIDIA", "NCCL", "TF_",      "XLA_", "JAX_",   "TORCH",
      "PYTORCH", "CUPY",  "OMP_",   "MKL_", "OPENBLAS", "KMP_", "PYTHON", "CONDA_OVERRIDE"};
  constexpr std::array<std::string_view, 7> names = {"PATH",  "LD_LIBRARY_PATH", "LD_PRELOAD", "LIBRARY_PATH",
                                                     "CPATH", "ML_PATH",         "VIRTUAL_ENV"};
  if (has_secret_name(variable)) return false;
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](std::string_view begin) { return variable.starts_with(begin); }) ||
         std::find(names.begin(), names.end(), variable) != names.end();
}

std::string assignments_alone(std::string_view text) {
  std::string kept;
  std::size_t blank = 0;
  std::optional<BlockLines> block;
  for (const auto line : split_lines(text)) {
    if (line.starts_with("# >>> mlenvctl ")) block.emplace();
    const auto shown = block ? block->next(line) : assignment_line(line);
    if (line.starts_with("# <<< mlenvctl ")) block.reset();
    if (shown.empty()) {
      ++blank;
      continue;
    }
    kept.append(blank, '\n').append(shown).append("\n");
    blank = 0;
  }
  return kept;
}

}  // namespace mlenv
