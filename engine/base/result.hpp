#pragma once

#include <string>
#include <utility>
#include <variant>

namespace mlenv {

/// Why one effect failed: a stable code for programs, a sentence for people, and what to do about it.
struct Error {
  std::string code;     ///< such as `host.denied`
  std::string message;  ///< lower case, no full stop
  std::string hint;     ///< empty when there is none
  bool operator==(const Error&) const = default;
};

/// T, or the Error that kept it from being. For one effect with one reason; see Diagnostics for many
/// problems.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit by design
  Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by design

  bool ok() const { return content_.index() == 0; }
  explicit operator bool() const { return ok(); }
  const T& value() const { return std::get<0>(content_); }
  T& value() { return std::get<0>(content_); }
  const Error& error() const { return std::get<1>(content_); }
  const T& operator*() const { return value(); }
  T& operator*() { return value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

 private:
  std::variant<T, Error> content_;
};

/// Success without a value.
struct Done {
  bool operator==(const Done&) const = default;
};

}  // namespace mlenv
