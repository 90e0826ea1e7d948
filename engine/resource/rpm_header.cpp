#include "resource/rpm_header.hpp"

#include "resource/byte_order.hpp"

namespace mlenv {
namespace {

// rpmtag.h
constexpr std::uint64_t tag_name = 1000;
constexpr std::uint64_t tag_version = 1001;
constexpr std::uint64_t tag_release = 1002;
constexpr std::uint64_t tag_epoch = 1003;
constexpr std::uint64_t tag_architecture = 1022;
constexpr std::uint64_t tag_provide_name = 1047;
constexpr std::uint64_t tag_require_name = 1049;

constexpr std::uint64_t type_int32 = 4;
constexpr std::uint64_t type_string = 6;
constexpr std::uint64_t type_string_array = 8;

constexpr std::size_t entry_size = 16;

/// One line of the index, with the values from its place on.
struct Entry {
  std::uint64_t tag = 0;
  std::uint64_t type = 0;
  std::uint64_t count = 0;
  std::string_view values;
};

std::optional<std::string_view> text_at(std::string_view values) {
  const auto end = values.find('\0');
  return end == std::string_view::npos ? std::nullopt : std::optional(values.substr(0, end));
}

std::string text_of(const Entry& entry) {
  if (entry.type != type_string) return {};
  return std::string(text_at(entry.values).value_or(std::string_view()));
}

std::vector<std::string> texts_of(const Entry& entry) {
  std::vector<std::string> texts;
  if (entry.type != type_string_array) return texts;
  auto rest = entry.values;
  for (std::uint64_t i = 0; i < entry.count; ++i) {
    const auto text = text_at(rest);
    if (!text) break;
    texts.emplace_back(*text);
    rest.remove_prefix(text->size() + 1);
  }
  return texts;
}

std::string number_of(const Entry& entry) {
  const auto number = entry.type == type_int32 ? big_endian(entry.values, 0, 4) : std::nullopt;
  return number ? std::to_string(*number) : std::string();
}

void take(const Entry& entry, RpmRecord& record) {
  if (entry.tag == tag_name) record.name = text_of(entry);
  if (entry.tag == tag_version) record.version = text_of(entry);
  if (entry.tag == tag_release) record.release = text_of(entry);
  if (entry.tag == tag_epoch) record.epoch = number_of(entry);
  if (entry.tag == tag_architecture) record.architecture = text_of(entry);
  if (entry.tag == tag_provide_name) record.provides = texts_of(entry);
  if (entry.tag == tag_require_name) record.requires_names = texts_of(entry);
}

}  // namespace

std::string RpmRecord::full_version() const {
  const auto epoch_part = epoch.empty() || epoch == "0" ? std::string() : epoch + ":";
  return epoch_part + version + (release.empty() ? "" : "-" + release);
}

std::optional<RpmRecord> read_rpm_header(std::string_view blob) {
  const auto count = big_endian(blob, 0, 4);
  const auto size = big_endian(blob, 4, 4);
  if (!count || !size || *count > blob.size() / entry_size) return std::nullopt;
  const auto begin = 8 + static_cast<std::size_t>(*count) * entry_size;
  if (begin > blob.size() || *size > blob.size() - begin) return std::nullopt;
  const auto values = blob.substr(begin, static_cast<std::size_t>(*size));
  RpmRecord record;
  for (std::size_t i = 0; i < *count; ++i) {
    const auto at = 8 + i * entry_size;
    const auto place = *big_endian(blob, at + 8, 4);
    if (place >= values.size()) continue;
    take({*big_endian(blob, at, 4), *big_endian(blob, at + 4, 4), *big_endian(blob, at + 12, 4),
          values.substr(static_cast<std::size_t>(place))},
         record);
  }
  return record.name.empty() || record.version.empty() ? std::nullopt : std::optional(std::move(record));
}

}  // namespace mlenv
