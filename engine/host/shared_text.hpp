#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace mlenv {

/// The bytes of a file that several may hold and nobody changes; false where there is no file.
class SharedText {
 public:
  SharedText() = default;
  explicit SharedText(std::string text) {
    auto own = std::make_shared<const std::string>(std::move(text));
    text_ = *own;
    owner_ = std::move(own);
  }
  /// Of bytes that are there as long as `owner` lives.
  SharedText(std::shared_ptr<const void> owner, std::string_view text)
      : owner_(std::move(owner)), text_(text) {}

  explicit operator bool() const { return owner_ != nullptr; }
  std::string_view view() const { return text_; }

 private:
  std::shared_ptr<const void> owner_;
  std::string_view text_;
};

}  // namespace mlenv
