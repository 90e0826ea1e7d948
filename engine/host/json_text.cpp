#include "host/json_text.hpp"

#include <vector>

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t deepest = 100;
constexpr std::size_t most_members = 50'000;

/// Reads without keeping anything; stops where a bound is passed.
class Bounds : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return open(); }
  bool start_array(std::size_t) override { return open(); }
  bool key(string_t&) override { return ++members_.back() <= most_members; }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  bool open() {
    members_.push_back(0);
    return members_.size() <= deepest;
  }
  bool close() {
    members_.pop_back();
    return true;
  }

  std::vector<std::size_t> members_;  ///< of the objects and lists that are open
};

}  // namespace

Json parse_json(std::string_view text) {
  Bounds bounds;
  if (!Json::sax_parse(text.begin(), text.end(), &bounds)) return Json(Json::value_t::discarded);
  return Json::parse(text, nullptr, false);
}

}  // namespace mlenv
