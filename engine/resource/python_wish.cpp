#include "resource/python_wish.hpp"

#include <algorithm>

#include "base/dotted_version.hpp"
#include "base/text.hpp"
#include "host/reader.hpp"
#include "resource/python_site.hpp"

namespace mlenv {
namespace {

/// `3.8` of `3.8` and of `python3.8`; nothing for other text.
std::optional<std::string> version_prefix(std::string_view text) {
  constexpr std::string_view program = "python";
  if (text.starts_with(program)) text.remove_prefix(program.size());
  const auto plain = DottedVersion::parse(text);
  return plain && plain->is_plain() ? std::optional(std::string(text)) : std::nullopt;
}

}  // namespace

std::optional<PythonWish> PythonWish::parse(std::string_view text) {
  PythonWish wish;
  wish.text_ = std::string(trim(text));
  if (wish.text_.empty() || wish.text_ == "python" || wish.text_.starts_with("/")) return wish;
  const auto prefix = version_prefix(wish.text_);
  auto specifiers = PepSpecifierSet::parse(prefix ? "==" + *prefix + ".*" : wish.text_);
  if (!specifiers || specifiers->empty()) return std::nullopt;
  wish.specifiers_ = std::move(*specifiers);
  return wish;
}

bool PythonWish::allows(std::string_view version) const {
  const auto parsed = PepVersion::parse(version);
  if (!parsed) return specifiers_.empty();
  if (specifiers_.contains(*parsed)) return true;
  // `3.8` says that the last number is not known: then only what it does say can speak against it.
  const auto prefix = version_prefix(text_);
  return parsed->release_size() < 3 && prefix && python_minor(*prefix) == version;
}

std::string PythonWish::program() const {
  const auto prefix = version_prefix(text_);
  return "python" + (prefix ? python_minor(*prefix) : "3");
}

std::optional<Python> choose_python(const std::vector<Python>& pythons, const PythonWish& wish) {
  const auto found = std::find_if(pythons.begin(), pythons.end(), [&](const Python& python) {
    return wish.path().empty() ? wish.allows(python.version) : python.path == wish.path();
  });
  return found == pythons.end() ? std::nullopt : std::optional(*found);
}

std::string python_list(const std::vector<Python>& pythons) {
  std::vector<std::string> each;
  for (const auto& python : pythons) each.push_back(python.version + " (" + python.path + ")");
  return each.empty() ? "none" : join(each, ", ");
}

}  // namespace mlenv
