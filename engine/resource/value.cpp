#include "resource/value.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace mlenv {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool wrong(const Node& node, std::string message, DecodeScope& scope, std::string hint = {}) {
  scope.diagnostics.error("recipe.value", std::move(message), node.span,
                          hint.empty() ? std::nullopt : std::optional(std::move(hint)));
  return false;
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'); }

/// Validate has no host: a fact stands for itself there, and what depends on it cannot be judged.
bool is_symbolic(std::string_view text, const DecodeScope& scope) {
  if (text.find("<unset ") != std::string_view::npos) return true;  // reported where it stands
  return scope.facts == nullptr && text.find("<facts.") != std::string_view::npos;
}

/// The last 8 or 16 digits of a fingerprint, as `apt-key` and key servers take them.
bool is_short_key(std::string text) {
  if (text.starts_with("0x")) text = text.substr(2);
  return (text.size() == 8 || text.size() == 16) && std::all_of(text.begin(), text.end(), is_hex);
}

}  // namespace

void report_type(const Node& node, std::string_view expected, DecodeScope& scope) {
  wrong(node, "expected " + std::string(expected) + ", found " + describe_type(node), scope);
}

bool read_text(const Node& node, std::string& out, DecodeScope& scope) {
  if (!node.is_scalar()) return report_type(node, "text", scope), false;
  if (std::any_of(node.text.begin(), node.text.end(), is_control)) {
    return wrong(node, "expected text of one line without control characters", scope);
  }
  out = node.text;
  return true;
}

bool read_free_text(const Node& node, FreeText& out, DecodeScope& scope) {
  if (!node.is_scalar()) return report_type(node, "text", scope), false;
  if (node.text.find('\0') != std::string::npos)
    return wrong(node, "text cannot hold a NUL character", scope);
  out.text = node.text;
  return true;
}

bool read_bool(const Node& node, bool& out, DecodeScope& scope) {
  if (!node.is_scalar() || (node.text != "true" && node.text != "false")) {
    return report_type(node, "`true` or `false`", scope), false;
  }
  out = node.text == "true";
  return true;
}

bool read_int(const Node& node, int& out, DecodeScope& scope) {
  if (!node.is_scalar()) return report_type(node, "a whole number", scope), false;
  const auto* end = node.text.data() + node.text.size();
  const auto [at, failure] = std::from_chars(node.text.data(), end, out);
  if (failure != std::errc() || at != end) return report_type(node, "a whole number", scope), false;
  return true;
}

bool read_seconds(const Node& node, std::chrono::seconds& out, DecodeScope& scope) {
  const auto fail = [&] {
    return report_type(node, "a time such as `90`, `90s`, `10m` or `1h`", scope), false;
  };
  if (!node.is_scalar() || node.text.empty()) return fail();
  int count = 0;
  const auto* end = node.text.data() + node.text.size();
  const auto [at, failure] = std::from_chars(node.text.data(), end, count);
  const std::string_view unit(at, static_cast<std::size_t>(end - at));
  if (failure != std::errc() || count < 0 || count > 1'000'000) return fail();
  if (unit.empty() || unit == "s") return out = std::chrono::seconds(count), true;
  if (unit == "m") return out = std::chrono::minutes(count), true;
  if (unit == "h") return out = std::chrono::hours(count), true;
  return fail();
}

bool read_path(const Node& node, HostPath& out, DecodeScope& scope) {
  std::string text;
  if (!read_text(node, text, scope)) return false;
  if (is_symbolic(text, scope)) return out.text = "/" + text, true;
  if (text == "~" || text.starts_with("~/")) text = scope.user.home + text.substr(1);
  if (!text.starts_with("/")) {
    const std::string hint = text.starts_with("~") ? "`~NAME` is not supported; write the path, or `~/…`"
                                                   : "write an absolute path, or `~/" + text + "`";
    return wrong(node, "expected a path that begins with `/` or `~/`, found `" + text + "`", scope, hint);
  }
  const auto parts = split(text, '/');
  if (std::find(parts.begin(), parts.end(), "..") != parts.end()) {
    return wrong(node, "a path cannot hold `..`", scope, "write the path that is meant");
  }
  out.text = normal_path(text);
  return true;
}

bool read_mode(const Node& node, FileMode& out, DecodeScope& scope) {
  const auto fail = [&] {
    return report_type(node, "permission bits in octal, such as `0755`", scope), false;
  };
  if (!node.is_scalar() || node.text.size() < 3 || node.text.size() > 4) return fail();
  const auto* end = node.text.data() + node.text.size();
  const auto [at, failure] = std::from_chars(node.text.data(), end, out.bits, 8);
  return failure == std::errc() && at == end ? true : fail();
}

bool read_fingerprint(const Node& node, Fingerprint& out, DecodeScope& scope) {
  std::string text;
  if (!read_text(node, text, scope)) return false;
  text = replace_all(text, " ", "");
  if (is_symbolic(text, scope)) return true;
  if (is_short_key(text)) {
    scope.diagnostics.error("lint.short-key",
                            "`" + text +
                                "` is a short key id, which can be forged: a key is named by its whole "
                                "fingerprint of 40 hex digits",
                            node.span, "`gpg --show-keys FILE` prints it");
    return false;
  }
  if (text.size() != 40 || !std::all_of(text.begin(), text.end(), is_hex)) {
    return wrong(
        node,
        "expected a full fingerprint of 40 hex digits, found " + std::to_string(text.size()) + " characters",
        scope, "a short key id can be forged; `gpg --show-keys FILE` prints the whole fingerprint");
  }
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
  out.hex = text;
  return true;
}

bool read_url(const Node& node, Url& out, DecodeScope& scope) {
  if (!read_text(node, out.text, scope)) return false;
  if (is_symbolic(out.text, scope)) return true;
  for (const std::string_view scheme : {"https://", "http://", "file:///"}) {
    if (out.text.starts_with(scheme) && out.text.size() > scheme.size() &&
        out.text.find(' ') == std::string::npos) {
      return true;
    }
  }
  return wrong(node,
               "expected a URL that begins with `https://`, `http://` or `file:///`, found `" +
                   mask_credentials(out.text) + "`",
               scope);
}

bool read_recipe_file(const Node& node, RecipeFile& out, DecodeScope& scope) {
  if (!read_text(node, out.path, scope)) return false;
  if (!scope.load) return true;
  const std::string path = out.path.starts_with("/") ? out.path : join_path(scope.folder, out.path);
  auto content = scope.load(path);
  if (!content) return wrong(node, "cannot read `" + path + "`: " + content.error().message, scope);
  out.content = std::move(*content);
  return true;
}

bool read_deb_constraint(const Node& node, DebConstraint& out, DecodeScope& scope) {
  std::string text;
  if (!read_text(node, text, scope)) return false;
  auto parsed = DebConstraint::parse(text);
  if (!parsed) {
    return wrong(
        node,
        "expected a Debian version such as `8.0.5.39-1+cuda11.0`, or a comparison such as `>=450.80.02`, "
        "found `" +
            text + "`",
        scope);
  }
  out = std::move(*parsed);
  return true;
}

bool read_pep_specifiers(const Node& node, PepSpecifierSet& out, DecodeScope& scope) {
  std::string text;
  if (!read_text(node, text, scope)) return false;
  auto parsed = PepSpecifierSet::parse(text);
  if (!parsed)
    return wrong(node, "expected a version specifier such as `>=3.6,<3.9`, found `" + text + "`", scope);
  out = std::move(*parsed);
  return true;
}

bool read_pep_requirement(const Node& node, PepRequirement& out, DecodeScope& scope) {
  std::string text;
  if (!read_text(node, text, scope)) return false;
  auto parsed = PepRequirement::parse(text);
  if (!parsed) return wrong(node, parsed.error().message, scope, parsed.error().hint);
  out = std::move(*parsed);
  return true;
}

bool read_choice(const Node& node, std::string& out, const std::vector<std::string>& choices,
                 DecodeScope& scope) {
  if (!read_text(node, out, scope)) return false;
  if (std::find(choices.begin(), choices.end(), out) != choices.end()) return true;
  std::vector<std::string> quoted;
  for (const auto& choice : choices) quoted.push_back("`" + choice + "`");
  const auto near = nearest_word(out, choices);
  return wrong(node, "expected one of " + join(quoted, ", ") + ", found `" + out + "`", scope,
               near ? "did you mean `" + *near + "`?" : "");
}

}  // namespace mlenv
