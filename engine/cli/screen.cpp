#include "cli/screen.hpp"

#include <ctime>
#include <iostream>
#include <random>

#include "base/text.hpp"
#include "host/local_host.hpp"
#include "view/diagnostic_text.hpp"

namespace mlenv {
namespace {

std::string utc(Moment moment, const char* format) {
  const auto seconds = std::chrono::system_clock::to_time_t(moment);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, format, &parts)};
}

constexpr const char* id_format = "%Y%m%dT%H%M%SZ";

/// The time in a run's name.
std::optional<Moment> moment_in(const std::string& id) {
  std::tm parts{};
  if (::strptime(id.c_str(), id_format, &parts) == nullptr) return std::nullopt;
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

}  // namespace

Style style_of(const Arguments& arguments, Stream stream) {
  const auto environment = process_environment();
  Style style;
  style.verbose = arguments.verbose;
  const auto width = terminal_width(stream);
  style.width = width.value_or(0);
  const auto no_color = environment.find("NO_COLOR");
  const auto terminal = environment.find("TERM");
  const bool dumb = terminal != environment.end() && terminal->second == "dumb";
  if (dumb) style.width = 0;
  const bool wanted = (no_color == environment.end() || no_color->second.empty()) && !dumb && width;
  style.color = arguments.color == "always" || (arguments.color == "auto" && wanted);
  return style;
}

void print_diagnostics(const Diagnostics& diagnostics, const Arguments& arguments) {
  const auto style = style_of(arguments, Stream::err);
  for (const auto& each : diagnostics.all()) {
    if (each.severity == Severity::error || !arguments.quiet)
      std::cerr << mask_credentials(diagnostic_text(each, style));
  }
}

void print_error(const Error& error, const Arguments& arguments) {
  Diagnostics diagnostics;
  diagnostics.error(error.code, error.message, {},
                    error.hint.empty() ? std::nullopt : std::optional(error.hint));
  print_diagnostics(diagnostics, arguments);
}

void print(const std::string& text) { std::cout << text << std::flush; }

WaitingLine::WaitingLine(const Arguments& arguments)
    : shown_(!arguments.quiet && terminal_width(Stream::err).has_value()) {}

WaitingLine::~WaitingLine() {
  if (shown_) std::cerr << "\r\033[K" << std::flush;
}

LineSink WaitingLine::sink() const {
  if (!shown_) return {};
  return [](std::string_view what) { std::cerr << "\r\033[K" << what << " …" << std::flush; };
}

std::string time_text(Moment moment) { return utc(moment, "%Y-%m-%dT%H:%M:%SZ"); }

std::string fresh_id(Moment moment, const std::string& after) {
  static constexpr char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device random;
  auto time = utc(moment, id_format);
  const auto last = moment_in(after);
  if (last && time <= after.substr(0, time.size())) time = utc(*last + std::chrono::seconds(1), id_format);
  std::string id = time + "-";
  for (int i = 0; i < 6; ++i) id += letters[random() % (sizeof letters - 1)];
  return id;
}

}  // namespace mlenv
