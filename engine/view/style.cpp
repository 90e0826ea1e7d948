#include "view/style.hpp"

namespace mlenv {
namespace {

std::string painted(const char* code, std::string_view text, const Style& style) {
  if (!style.color || text.empty()) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

}  // namespace

std::string green(std::string_view text, const Style& style) { return painted("32", text, style); }
std::string red(std::string_view text, const Style& style) { return painted("31", text, style); }
std::string yellow(std::string_view text, const Style& style) { return painted("33", text, style); }
std::string bold(std::string_view text, const Style& style) { return painted("1", text, style); }
std::string dim(std::string_view text, const Style& style) { return painted("2", text, style); }

}  // namespace mlenv
