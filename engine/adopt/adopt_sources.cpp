#include <algorithm>
#include <array>

#include "adopt/adopt.hpp"
#include "base/base64.hpp"
#include "base/openpgp.hpp"
#include "base/text.hpp"
#include "host/recorded_host.hpp"
#include "kinds/apt_repository.hpp"

namespace mlenv {
namespace {

constexpr const char* cuda_pin_path = "/etc/apt/preferences.d/cuda-repository-pin-600";

/// The header of the archive's Release file that apt keeps, by its own way to name files after URIs.
std::string origin_of_archive(const HostReader& host, const std::string& uri, const std::string& suite) {
  static constexpr char digits[] = "0123456789abcdef";
  auto place = uri.substr(uri.find("://") == std::string::npos ? uri.find(':') + 1 : uri.find("://") + 3);
  place = place.substr(place.find('@') < place.find('/') ? place.find('@') + 1 : 0);
  while (place.ends_with("/")) place.pop_back();
  place += suite == "/" ? "/" : suite.ends_with("/") ? "/" + suite : "/dists/" + suite + "/";
  std::string name;
  for (const char c : place) {
    if (std::string_view("\\|{}[]<>\"^~_=!@#$%&*").find(c) != std::string_view::npos) {
      const auto byte = static_cast<unsigned char>(c);
      name += {'%', digits[byte >> 4U], digits[byte & 0xFU]};
    } else {
      name += c == '/' ? '_' : c;
    }
  }
  for (const char* file : {"InRelease", "Release"}) {
    const auto text = host.read_file("/var/lib/apt/lists/" + name + file);
    if (!text || !*text) continue;
    for (const auto line : split_lines(**text)) {
      if (line.starts_with("Origin: ")) return std::string(line.substr(8));
      if (line.empty() && !(**text).starts_with("-----BEGIN")) break;
    }
  }
  return {};
}

/// The distribution's own, which was there before anything was set up.
bool is_distributions(const HostReader& host, const SourceEntry& entry) {
  constexpr std::array<std::string_view, 5> servers = {".debian.org/", ".ubuntu.com/", "mirrors.ubuntu.com/",
                                                       ".raspberrypi.org/", ".raspbian.org/"};
  if (entry.uris.empty() || entry.suites.empty()) return true;
  const auto origin = origin_of_archive(host, entry.uris.front(), entry.suites.front());
  if (!origin.empty())
    return origin.starts_with("Debian") || origin.starts_with("Ubuntu") || origin.starts_with("Raspbian");
  const auto place = archive_location(entry.uris.front(), "") + "/";
  return std::any_of(servers.begin(), servers.end(),
                     [&](std::string_view each) { return place.find(each) != std::string::npos; });
}

/// `ubuntu2004` and `x86_64` of an address laid out as NVIDIA's, and what is before them.
struct CudaPlace {
  std::string base, directory, arch;
};

std::optional<CudaPlace> cuda_place(const SourceEntry& entry, const Knowledge& knowledge) {
  const bool flat = entry.suites.size() == 1 && (entry.suites[0] == "/" || entry.suites[0] == "./");
  const bool plain = entry.types == std::vector<std::string>{"deb"} && entry.architectures.empty();
  if (!flat || !plain || entry.uris.size() != 1) return std::nullopt;
  auto rest = entry.uris.front();
  while (rest.ends_with("/")) rest.pop_back();
  const auto last = rest.rfind('/');
  const auto before = last == std::string::npos || last == 0 ? std::string::npos : rest.rfind('/', last - 1);
  if (before == std::string::npos) return std::nullopt;
  CudaPlace place{rest.substr(0, before), rest.substr(before + 1, last - before - 1), rest.substr(last + 1)};
  return knowledge.cuda_repository(place.directory) ? std::optional(place) : std::nullopt;
}

/// The priority of a pin file that is NVIDIA's but for that.
std::optional<int> cuda_priority(const HostReader& host) {
  const auto text = host.read_file(cuda_pin_path);
  if (!text || !*text) return std::nullopt;
  const auto at = (*text)->rfind("Pin-Priority: ");
  if (at == std::string::npos || at + 14 >= (*text)->size()) return std::nullopt;
  const auto digits = trim(std::string_view(**text).substr(at + 14));
  if (digits.empty() || digits.size() > 5 || digits.find_first_not_of("0123456789") != digits.npos)
    return std::nullopt;
  const int priority = std::stoi(std::string(digits));
  return same_pins(**text, cuda_pin(priority)) ? std::optional(priority) : std::nullopt;
}

/// The keys that an entry goes by.
struct SourceKeys {
  std::vector<PublicKey> keys;
  std::string trouble;  ///< why they cannot be told
  bool global = false;  ///< trusted for every archive
};

std::vector<PublicKey> keys_in(const HostReader& host, const std::string& path) {
  const auto text = host.read_file(path);
  auto keys = text && *text ? public_keys(**text) : Result<std::vector<PublicKey>>(Error{});
  return keys ? std::move(*keys) : std::vector<PublicKey>();
}

bool is_distributions_keyring(const std::string& path) {
  const auto name = path.substr(path.rfind('/') + 1);
  return name.starts_with("debian-") || name.starts_with("ubuntu-") || name.starts_with("raspbian-");
}

/// Without a keyring of its own any key counts that apt has: the known one, or the only one that is not the
/// distribution's.
SourceKeys global_keys(const HostReader& host, const std::string& expected) {
  SourceKeys found;
  found.global = true;
  std::vector<PublicKey> others;
  for (const auto& file : global_keyrings(host)) {
    for (auto& key : keys_in(host, file)) {
      if (key.fingerprint == expected) return {{std::move(key)}, {}, true};
      if (!is_distributions_keyring(file)) others.push_back(std::move(key));
    }
  }
  if (others.size() == 1) {
    found.keys = std::move(others);
  } else {
    found.trouble = others.empty() ? "apt has no key for it"
                                   : "which of the " + std::to_string(others.size()) +
                                         " keys that apt trusts for every archive signs it cannot be told";
  }
  return found;
}

SourceKeys keys_of(const HostReader& host, const SourceEntry& entry, const std::string& expected) {
  if (entry.signed_by.empty()) return global_keys(host, expected);
  if (const auto key = inline_key(entry.signed_by)) {
    auto keys = public_keys(*key);
    if (keys && !keys->empty()) return {std::move(*keys), {}, false};
    return {{}, "the key in its `Signed-By` is damaged", false};
  }
  if (!entry.signed_by.starts_with("/") || entry.signed_by.find(' ') != std::string::npos)
    return {{}, "its `Signed-By` names no file", false};
  SourceKeys found{keys_in(host, entry.signed_by), {}, false};
  if (found.keys.empty()) found.trouble = "there is no key in `" + entry.signed_by + "`";
  return found;
}

/// The checksum of RFC 4880, section 6.1.
std::uint32_t crc24(std::string_view bytes) {
  std::uint32_t crc = 0xB704CEU;
  for (const char c : bytes) {
    crc ^= static_cast<std::uint32_t>(static_cast<unsigned char>(c)) << 16U;
    for (int bit = 0; bit < 8; ++bit) {
      crc <<= 1U;
      if ((crc & 0x1000000U) != 0) crc ^= 0x1864CFBU;
    }
  }
  return crc & 0xFFFFFFU;
}

/// ASCII armour (RFC 4880, section 6.2): a recipe is text.
std::string armoured(const std::vector<PublicKey>& keys) {
  constexpr std::size_t width = 64;
  std::string bytes;
  for (const auto& key : keys) bytes += key.packets;
  const auto text = to_base64(bytes);
  std::string made = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n";
  for (std::size_t at = 0; at < text.size(); at += width) made += text.substr(at, width) + "\n";
  const auto crc = crc24(bytes);
  const std::string sum = {static_cast<char>(crc >> 16U), static_cast<char>((crc >> 8U) & 0xFFU),
                           static_cast<char>(crc & 0xFFU)};
  return made + "=" + to_base64(sum) + "\n-----END PGP PUBLIC KEY BLOCK-----\n";
}

class SourceSection {
 public:
  explicit SourceSection(const AdoptedHost& adopted) : adopted_(adopted), host_(adopted.host) {
    section_.title = "Where apt takes packages from, besides the distribution's own archive.";
  }

  DraftSection made() {
    const auto entries = host_sources(host_);
    if (!entries) {
      section_.notes.push_back("apt's sources cannot be told: " + entries.error().message);
      return std::move(section_);
    }
    for (const auto& entry : joined(*entries)) {
      if (!is_distributions(host_, entry)) add_source(entry);
    }
    add_pins();
    return std::move(section_);
  }

 private:
  /// `deb` and `deb-src` lines of one archive are one source.
  static std::vector<SourceEntry> joined(const std::vector<SourceEntry>& entries) {
    std::vector<SourceEntry> made;
    for (const auto& entry : entries) {
      const auto same = std::find_if(made.begin(), made.end(), [&](const SourceEntry& each) {
        return each.file == entry.file && each.uris == entry.uris && each.suites == entry.suites &&
               each.components == entry.components && each.architectures == entry.architectures &&
               each.signed_by == entry.signed_by && each.types != entry.types;
      });
      if (same == made.end()) {
        made.push_back(entry);
      } else {
        same->types.insert(same->types.end(), entry.types.begin(), entry.types.end());
      }
    }
    return made;
  }

  void add_source(const SourceEntry& entry) {
    const auto cuda = cuda_place(entry, adopted_.knowledge);
    std::string expected;
    if (cuda) {
      const auto key = adopted_.knowledge.cuda_key(adopted_.knowledge.cuda_repository(cuda->directory)->key);
      if (key) expected = key->fingerprint;
    }
    const auto keys = keys_of(host_, entry, expected);
    const auto priority = cuda_priority(host_);
    if (cuda && priority && keys.trouble.empty()) return add_cuda(entry, *cuda, expected, keys, *priority);
    add_other(entry, keys);
  }

  static std::string trust_note(const SourceEntry& entry, const SourceKeys& keys) {
    return keys.global && keys.trouble.empty()
               ? "as it is in " + entry.file + " its key counts for every archive"
               : std::string();
  }

  void add_cuda(const SourceEntry& source, const CudaPlace& place, const std::string& expected,
                const SourceKeys& keys, int priority) {
    DraftEntry entry{"cuda_repo", {place.directory}};
    entry.comment = trust_note(source, keys);
    const auto usual = adopted_.facts.arch == "aarch64" ? "sbsa" : "x86_64";
    if (place.arch != usual) entry.fields.push_back({"arch", literal(place.arch)});
    if (place.base != nvidia_repositories) entry.fields.push_back({"mirror", hidden(place.base, entry)});
    if (keys.keys.size() != 1 || keys.keys.front().fingerprint != expected)
      entry.fields.push_back(key_field(keys.keys, expected));
    if (priority != 600) entry.fields.push_back({"pin_priority", std::to_string(priority)});
    pins_taken_.push_back(cuda_pin_path);
    section_.entries.push_back(std::move(entry));
  }

  /// NVIDIA's own keys are fetched from beside the repository; others stand in the recipe.
  DraftField key_field(const std::vector<PublicKey>& keys, const std::string& expected) const {
    DraftField field{"key"};
    const bool nvidias =
        !expected.empty() && std::all_of(keys.begin(), keys.end(), [&](const PublicKey& each) {
          return adopted_.knowledge.cuda_key(each.fingerprint).has_value();
        });
    if (!keys.empty()) field.parts.push_back({"fingerprint", keys.front().fingerprint});
    DraftField successors{"successors"};
    for (std::size_t at = 1; at < keys.size(); ++at) successors.items.push_back(keys[at].fingerprint);
    if (!successors.items.empty()) field.parts.push_back(std::move(successors));
    if (!nvidias) field.parts.push_back({"text", armoured(keys)});
    return field;
  }

  static DraftField words(const std::string& name, const std::vector<std::string>& all) {
    DraftField field{name};
    for (const auto& each : all) field.items.push_back(literal(each));
    return field;
  }

  void add_other(const SourceEntry& source, const SourceKeys& keys) {
    DraftEntry entry{"apt_repo", {name_for(source)}};
    entry.comment = trust_note(source, keys);
    DraftField uris{"uris"};
    for (const auto& uri : source.uris) uris.items.push_back(hidden(uri, entry));
    entry.fields = {uris, words("suites", source.suites)};
    if (!source.components.empty()) entry.fields.push_back(words("components", source.components));
    if (source.types != std::vector<std::string>{"deb"}) entry.fields.push_back(words("types", source.types));
    if (!source.architectures.empty()) entry.fields.push_back(words("architectures", source.architectures));
    if (keys.trouble.empty()) entry.fields.push_back(key_field(keys.keys, {}));
    const auto text = host_.read_file(source.file);
    const auto raw = text && *text ? (*text)->substr(source.begin, source.end - source.begin) : std::string();
    const auto lower = to_lower(raw);
    if (lower.find("trusted=") != lower.npos || lower.find("trusted:") != lower.npos)
      entry.doubt = "in " + source.file + " it is declared trusted without a key";
    if (entry.doubt.empty()) entry.doubt = keys.trouble;
    if (entry.doubt.empty()) add_own_pins(entry);
    section_.entries.push_back(std::move(entry));
  }

  /// The URL as it may stand in a recipe; with a password the entry is in doubt.
  static std::string hidden(const std::string& url, DraftEntry& entry) {
    if (url.find(left_out) != std::string::npos)
      entry.doubt = "the record leaves out the password in its address";
    const auto open = without_password(url, "APT_LOGIN");
    if (open.empty()) return literal(url);
    entry.doubt =
        "its address holds a password, which no recipe should: set APT_LOGIN=USER:PASSWORD, and take "
        "the comment signs off";
    return open;
  }

  std::string name_for(const SourceEntry& source) {
    auto name = source.file.substr(source.file.rfind('/') + 1);
    if (source.file == "/etc/apt/sources.list") {
      name = archive_location(source.uris.front(), "").substr(2);
      name = name.substr(0, name.find('/'));
    } else {
      name = name.substr(0, name.rfind('.'));
    }
    const auto strange = [](char c) {
      return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' &&
             c != '.';
    };
    std::replace_if(name.begin(), name.end(), strange, '-');
    if (name.empty() || name.front() == '.') name = "source" + name;
    const auto count = ++names_[name];
    return count == 1 ? name : name + "-" + std::to_string(count);
  }

  /// The pins in the file that is named after the source.
  void add_own_pins(DraftEntry& entry) {
    const auto& name = entry.names.front();
    const auto path = "/etc/apt/preferences.d/" + name + (name.find('.') != name.npos ? ".pref" : "");
    const auto text = host_.read_file(path);
    if (!text || !*text) return;
    DraftField pins{"pin"};
    std::vector<DraftField> row;
    const auto lines = split_lines(**text);
    for (const auto line : lines) {
      const auto colon = line.find(':');
      if (line.starts_with("#") || colon == line.npos) continue;
      const auto field = to_lower(line.substr(0, colon));
      if (field == "package" && !row.empty()) pins.rows.push_back(std::move(row)), row.clear();
      row.push_back(
          {field == "pin-priority" ? "priority" : field, literal(std::string(trim(line.substr(colon + 1))))});
    }
    if (!row.empty()) pins.rows.push_back(std::move(row));
    const bool whole = std::all_of(pins.rows.begin(), pins.rows.end(), [](const auto& each) {
      return each.size() == 3 && each[0].name == "package" && each[1].name == "pin" &&
             each[2].name == "priority";
    });
    if (pins.rows.empty() || !whole) return;
    pins_taken_.push_back(path);
    entry.fields.push_back(std::move(pins));
  }

  /// Pins that belong to no source, as files.
  void add_pins() {
    const std::string folder = "/etc/apt/preferences.d";
    const auto entries = host_.list(folder);
    for (const auto& each : entries ? *entries : std::vector<DirectoryEntry>()) {
      const auto path = join_path(folder, each.name);
      const bool taken = std::find(pins_taken_.begin(), pins_taken_.end(), path) != pins_taken_.end() ||
                         is_of_package(host_, path);
      const auto text = host_.read_file(path);
      if (taken || each.type != FileType::file || !text || !*text ||
          (*text)->find("Pin") == std::string::npos)
        continue;
      DraftEntry entry{"file", {path}};
      entry.comment = "Pins.";
      if (first_bad_utf8(**text)) entry.doubt = "it is no UTF-8";
      entry.fields.push_back({"content", entry.doubt.empty() ? literal(**text) : std::string()});
      section_.entries.push_back(std::move(entry));
    }
  }

  const AdoptedHost& adopted_;
  const HostReader& host_;
  DraftSection section_;
  std::map<std::string, int> names_;
  std::vector<std::string> pins_taken_;
};

}  // namespace

DraftSection adopt_sources(const AdoptedHost& adopted) { return SourceSection(adopted).made(); }

}  // namespace mlenv
