#include "ledger/ledger.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "host/json_text.hpp"
#include "host/temporary_name.hpp"
#include "ledger/standing.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* system_folder = "/var/lib/mlenvctl/ledger";
constexpr std::string_view file_end = ".json";

std::string document_text(const std::vector<LedgerEntry>& entries, std::uint64_t turn) {
  Json list = Json::array();
  for (const auto& entry : entries) {
    Json made = Json::array();
    for (const auto& effect : entry.made) made.push_back(effect_document(effect));
    list.push_back(
        {{"address", entry.address}, {"recipe", entry.recipe}, {"needs", entry.needs}, {"made", made}});
  }
  const Json document = {{"format", "mlenvctl.ledger/1"}, {"turn", turn}, {"entries", list}};
  // An account's name need not be UTF-8.
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// Nobody but root brings packages, members of groups and services of the system; a user's own ledger cannot
/// make root do anything.
bool is_for(const Effect& effect, Privilege privilege) {
  const bool unit = effect.sort == Effect::Sort::enabled || effect.sort == Effect::Sort::running;
  const bool only_root = effect.sort == Effect::Sort::package || effect.sort == Effect::Sort::hold ||
                         effect.sort == Effect::Sort::rpm_package || effect.sort == Effect::Sort::member ||
                         (unit && is_of_system(effect));
  const bool placed = only_root || effect.path.starts_with("/") ||
                      (effect.sort == Effect::Sort::distribution && effect.path.empty());
  return placed && (privilege == Privilege::root || !only_root);
}

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const Json& list_at(const Json& object, const char* key) {
  static const Json none = Json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : none;
}

std::uint64_t read_turn(const Json& document) {
  const auto found = document.find("turn");
  return found != document.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

std::vector<LedgerEntry> read_entries(const Json& document, Privilege privilege) {
  std::vector<LedgerEntry> entries;
  for (const auto& each : list_at(document, "entries")) {
    if (!each.is_object()) continue;
    LedgerEntry entry{text_at(each, "address"), text_at(each, "recipe"), {}, {}};
    for (const auto& need : list_at(each, "needs")) {
      if (need.is_string()) entry.needs.push_back(need.get<std::string>());
    }
    for (const auto& made : list_at(each, "made")) {
      auto effect = read_effect(made);
      if (!effect || !is_for(*effect, privilege)) continue;
      effect->privilege = privilege;
      entry.made.push_back(std::move(*effect));
    }
    if (!entry.address.empty()) entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

Ledger::Ledger(const HostReader& reader, HostWriter& writer, const User& user)
    : reader_(reader), writer_(writer), user_(user) {}

std::string Ledger::folder(Privilege privilege) const {
  const bool of_system = privilege == Privilege::root || user_.uid == 0;
  return of_system ? system_folder : user_.home + "/.local/state/mlenvctl/ledger";
}

Result<Done> Ledger::load_part(Privilege privilege) {
  const auto listed = reader_.list(folder(privilege));
  if (!listed) return listed.error();
  for (const auto& each : *listed) {
    if (each.type != FileType::file || !each.name.ends_with(file_end)) continue;
    const auto text = reader_.read_file(join_path(folder(privilege), each.name));
    if (!text) return text.error();
    if (!*text) continue;
    const auto document = parse_json(**text);
    if (!document.is_object()) continue;
    files_.push_back({each.name.substr(0, each.name.size() - file_end.size()), privilege, read_turn(document),
                      read_entries(document, privilege)});
  }
  return Done{};
}

Result<Done> Ledger::load() {
  files_.clear();
  auto loaded = load_part(Privilege::root);
  if (user_.uid != 0) {
    auto of_user = load_part(Privilege::user);
    if (loaded) loaded = std::move(of_user);
  }
  std::stable_sort(files_.begin(), files_.end(),
                   [](const StepFile& a, const StepFile& b) { return a.turn < b.turn; });
  return loaded;
}

std::vector<LedgerEntry> Ledger::entries() const {
  std::vector<LedgerEntry> all;
  for (const auto& file : files_) all.insert(all.end(), file.entries.begin(), file.entries.end());
  return all;
}

Result<Done> Ledger::save(const StepFile& file) {
  const auto path = join_path(folder(file.privilege), file.name + std::string(file_end));
  const bool empty = std::all_of(file.entries.begin(), file.entries.end(),
                                 [](const LedgerEntry& entry) { return entry.made.empty(); });
  if (empty) return writer_.remove(path, Depth::only, file.privilege);
  auto made = writer_.make_directory(parent_path(path), std::nullopt, {}, file.privilege);
  if (!made) return made;
  return writer_.write_file({path, document_text(file.entries, file.turn), 0600, {}, file.privilege});
}

std::string Ledger::former_path(const Effect& effect) const {
  return join_path(folder(effect.privilege), "former/" + (effect.former ? effect.former->sha256 : ""));
}

std::optional<std::string> Ledger::former_bytes(const Effect& effect) const {
  if (!effect.former) return std::nullopt;
  const auto text = reader_.read_file(former_path(effect));
  const bool sound = text && *text && sha256_hex(**text) == effect.former->sha256;
  return sound ? *text : std::nullopt;
}

/// The bytes that are about to be replaced; those that an earlier run has replaced count more.
Result<Done> Ledger::keep_former(Effect& effect) {
  if (effect.sort != Effect::Sort::file) return Done{};
  if (const auto known = find(effect)) {
    effect.former = known->former;
    return Done{};
  }
  const auto bytes = reader_.read_file(effect.path);
  if (!bytes) return bytes.error();
  const auto stat = reader_.stat(effect.path, Links::follow);
  if (!*bytes || !stat || !*stat) return Done{};
  effect.former = FormerFile{sha256_hex(**bytes), (*stat)->mode, account_name(reader_, (*stat)->uid)};
  auto made = writer_.make_directory(parent_path(former_path(effect)), 0700, {}, effect.privilege);
  if (!made) return made;
  return writer_.write_file({former_path(effect), **bytes, 0600, {}, effect.privilege});
}

Result<Done> Ledger::claim(const std::string& name, std::vector<LedgerEntry> entries) {
  for (auto& entry : entries) {
    for (auto& effect : entry.made) {
      if (user_.uid == 0) effect.privilege = Privilege::root;
    }
  }
  const auto turn = files_.empty() ? 1 : files_.back().turn + 1;
  for (const auto privilege : {Privilege::root, Privilege::user}) {
    StepFile file{name, privilege, turn, {}};
    for (const auto& entry : entries) {
      LedgerEntry part{entry.address, entry.recipe, entry.needs, {}};
      for (auto effect : entry.made) {
        if (effect.privilege != privilege) continue;
        if (auto kept = keep_former(effect); !kept) return kept;
        part.made.push_back(std::move(effect));
      }
      if (!part.made.empty()) file.entries.push_back(std::move(part));
    }
    if (file.entries.empty()) continue;
    if (auto saved = save(file); !saved) return saved;
    files_.push_back(std::move(file));
  }
  return Done{};
}

/// What a step was to bring, and whether it did.
bool Ledger::has_come(Effect& effect, const ProbeScope& scope) const {
  if (effect.sort == Effect::Sort::file && effect.sha256.empty()) {
    const auto bytes = reader_.read_file(effect.path);
    if (bytes && *bytes) effect.sha256 = sha256_hex(**bytes);
  }
  return standing_of(effect, scope) == Standing::as_made;
}

void Ledger::settle(StepFile& file) {
  const auto before = file.entries;
  Facts facts;
  facts.user = user_;
  ProbeCache cache;
  const ProbeScope scope{reader_, facts, cache};
  for (auto& entry : file.entries) {
    const auto lost = [&](Effect& effect) { return !has_come(effect, scope); };
    entry.made.erase(std::remove_if(entry.made.begin(), entry.made.end(), lost), entry.made.end());
  }
  if (file.entries != before) static_cast<void>(save(file));
}

void Ledger::settle(const std::string& name) {
  for (auto& file : files_) {
    if (file.name == name) settle(file);
  }
}

bool Ledger::settle_run(const std::string& run_id) {
  bool gone = drop_own_leftovers(run_id);
  for (auto& file : files_) {
    if (!file.name.starts_with(run_id + "-")) continue;
    for (const auto& entry : file.entries) {
      for (const auto& effect : entry.made) gone = drop_leftovers(effect) && gone;
    }
    settle(file);
  }
  return gone;
}

/// A file in the making has a name beside its target, which may be where a link leads.
bool Ledger::drop_leftovers(const Effect& effect) {
  if (effect.sort != Effect::Sort::file && effect.sort != Effect::Sort::entry) return true;
  const auto target = resolve_links(reader_, effect.path).value_or(effect.path);
  const auto name = target.substr(target.rfind('/') + 1);
  const auto entries = reader_.list(parent_path(target));
  if (!entries) return true;
  bool gone = true;
  for (const auto& entry : *entries) {
    if (entry.type != FileType::file || !is_temporary_of(entry.name, name)) continue;
    const auto path = join_path(parent_path(target), entry.name);
    if (!writer_.remove(path, Depth::only, effect.privilege)) gone = false;
  }
  return gone;
}

bool Ledger::drop_own_leftovers(const std::string& run_id) {
  bool gone = true;
  for (const auto privilege : {Privilege::root, Privilege::user}) {
    const auto entries = reader_.list(folder(privilege));
    if (!entries) continue;
    for (const auto& entry : *entries) {
      if (!entry.name.starts_with("." + run_id + "-")) continue;
      if (!writer_.remove(join_path(folder(privilege), entry.name), Depth::only, privilege)) gone = false;
    }
  }
  return gone;
}

Result<Done> Ledger::forget(const std::string& address) {
  const auto gone = merged_effects(entries(), address);
  for (auto& file : files_) {
    const auto count = file.entries.size();
    file.entries.erase(std::remove_if(file.entries.begin(), file.entries.end(),
                                      [&](const LedgerEntry& entry) { return entry.address == address; }),
                       file.entries.end());
    if (file.entries.size() == count) continue;
    if (auto saved = save(file); !saved) return saved;
  }
  for (const auto& effect : gone) drop_former(effect);
  return Done{};
}

/// Bytes that are back in their place, or of which there is nothing left to restore, need not be kept.
void Ledger::drop_former(const Effect& effect) {
  if (!effect.former) return;
  for (const auto& entry : entries()) {
    for (const auto& other : entry.made) {
      if (other.former && other.former->sha256 == effect.former->sha256) return;
    }
  }
  const auto bytes = reader_.read_file(effect.path);
  const bool back = bytes && *bytes && sha256_hex(**bytes) == effect.former->sha256;
  if (back) static_cast<void>(writer_.remove(former_path(effect), Depth::only, effect.privilege));
}

std::optional<Effect> Ledger::find(const Effect& like) const {
  std::optional<Effect> found;
  for (const auto& file : files_) {
    for (const auto& entry : file.entries) {
      for (const auto& effect : entry.made) {
        if (effect.key() != like.key() || effect.privilege != like.privilege) continue;
        const auto former = found ? found->former : effect.former;
        found = effect;
        found->former = former;
      }
    }
  }
  return found;
}

std::vector<Effect> merged_effects(const std::vector<LedgerEntry>& entries, const std::string& address) {
  std::vector<Effect> merged;
  for (const auto& entry : entries) {
    if (entry.address != address) continue;
    for (const auto& effect : entry.made) {
      const auto same = std::find_if(merged.begin(), merged.end(), [&](const Effect& each) {
        return each.key() == effect.key() && each.privilege == effect.privilege;
      });
      if (same == merged.end()) {
        merged.push_back(effect);
      } else {
        const auto former = same->former;
        *same = effect;
        same->former = former;
      }
    }
  }
  return merged;
}

}  // namespace mlenv
