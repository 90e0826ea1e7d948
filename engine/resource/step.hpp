#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "host/command.hpp"
#include "resource/assignment.hpp"

namespace mlenv {

/// Puts a whole file in place, atomically.
struct WriteFile {
  std::string path;
  std::string content;
  std::optional<unsigned> mode = std::nullopt;
  std::string owner = {};
  Privilege privilege = Privilege::user;
  bool operator==(const WriteFile&) const = default;
};

struct MakeDirectory {
  std::string path;
  std::optional<unsigned> mode = std::nullopt;
  std::string owner = {};
  Privilege privilege = Privilege::user;
  bool operator==(const MakeDirectory&) const = default;
};

/// Removes a file, a link or an empty folder; a whole tree only where `tree` says so.
struct RemovePath {
  std::string path;
  bool tree = false;
  Privilege privilege = Privilege::user;
  bool operator==(const RemovePath&) const = default;
};

struct MovePath {
  std::string from;
  std::string to;
  Privilege privilege = Privilege::user;
  bool operator==(const MovePath&) const = default;
};

/// One line (or few) of a fenced block, by key.
struct BlockEntry {
  std::string key;
  std::string text;                                  ///< lines without the final newline
  std::optional<Assignment> assigns = std::nullopt;  ///< where they say no more than this
  bool operator==(const BlockEntry&) const = default;
};

/// Changes entries of the fenced block `# >>> mlenvctl NAME >>>` in a text file; every byte outside stays as
/// it is. The block goes when its last entry goes; a file that held nothing else and that mlenvctl made goes
/// too.
struct EditBlock {
  std::string path;
  std::string block;
  std::vector<BlockEntry> set = {};
  std::vector<std::string> remove = {};  ///< keys
  Privilege privilege = Privilege::user;
  bool operator==(const EditBlock&) const = default;
};

/// An apt repository as one effect: the key is fetched and its full fingerprint compared, the index is
/// fetched once with the new source, and only then the source and pin are put in place. On failure nothing of
/// it stays.
struct AddRepository {
  std::string name;
  std::vector<std::string> key_locations =
      {};                     ///< URLs or absolute paths, tried in order; empty: no key is managed
  std::string key_text = {};  ///< the key itself where the recipe brings it; then no location counts
  std::vector<std::string> fingerprints =
      {};  ///< 40 hex digits each; the first is the wanted one, then successors
  std::string keyring_path = {};
  std::string source_path = {};
  std::string source_content = {};
  std::string pin_path = {};  ///< empty: no pin
  std::string pin_content = {};
  std::vector<WriteFile> replaced = {};  ///< files of the same archive with their entries disabled
  std::vector<MovePath> disabled = {};   ///< whole files set aside
  bool operator==(const AddRepository&) const = default;
};

/// `apt-get update` of everything the host has.
struct UpdateIndex {
  bool operator==(const UpdateIndex&) const = default;
};

struct AptItem {
  std::string name;          ///< may carry an architecture, `libc6:i386`
  std::string version = {};  ///< exact, or empty for the candidate
  std::string constraint =
      {};  ///< a comparison such as `>=450.80.02`: apply takes the newest version that satisfies it
  bool operator==(const AptItem&) const = default;
};

/// What a transaction does to one package, as apt has worked it out.
struct AptEffect {
  std::string name;         ///< with its architecture where that is a foreign one
  std::string before = {};  ///< the installed version; empty: none
  std::string after = {};   ///< empty: the package goes
  bool operator==(const AptEffect&) const = default;
};

/// One apt transaction, and the holds that belong to it.
struct AptTransaction {
  std::vector<AptItem> install = {};
  std::vector<std::string> remove = {};
  std::vector<std::string> hold = {};    ///< afterwards
  std::vector<std::string> unhold = {};  ///< before; one that is in `hold` too is lifted for the change alone
  bool allow_downgrades = false;
  bool configure_first = false;          ///< `dpkg --configure -a` before: an earlier run was interrupted
  std::vector<AptEffect> expected = {};  ///< all that the plan has shown; apply does that and nothing else
  bool purge = false;                    ///< what is removed goes with its configuration files
  bool operator==(const AptTransaction&) const = default;
};

struct RpmItem {
  std::string name;
  std::string version = {};  ///< exact, perhaps with epoch and release; empty for the newest
  bool operator==(const RpmItem&) const = default;
};

/// One call of dnf's, yum's or zypper's.
struct RpmTransaction {
  enum class Verb {
    install,
    upgrade,
    remove,     ///< with what needs it
    take_back,  ///< unless something else needs it; with what came along with it and nothing needs any more
  };
  std::string manager;  ///< dnf5, dnf, yum, zypper
  Verb verb = Verb::install;
  std::vector<RpmItem> packages = {};
  bool operator==(const RpmTransaction&) const = default;
};

/// One distribution that pip has chosen, and where it comes from.
struct Wheel {
  std::string name;  ///< canonical
  std::string version;
  std::string file;    ///< the wheel's file name
  std::string url;     ///< http, https or file
  std::string sha256;  ///< lower-case hexadecimal; empty where the index gives none
  bool operator==(const Wheel&) const = default;
};

/// A venv, built beside its place and swapped in.
struct MakeVenv {
  std::string path;
  std::string interpreter;     ///< absolute path, or a name such as python3 that apply looks up
  std::string specifier = {};  ///< of the interpreter to look for when none is known yet, `>=3.6,<3.9`
  bool system_site_packages = false;
  std::string pip = {};           ///< a specifier, `latest`, or empty for what the interpreter brings
  std::string installer = "pip";  ///< pip (the interpreter's own venv) or uv
  Privilege privilege = Privilege::user;
  std::vector<Wheel> expected = {};  ///< what `pip` has been found to mean
  bool operator==(const MakeVenv&) const = default;
};

/// Where pip looks for packages, in pip's own terms.
struct PipSource {
  std::string index_url = {};
  std::vector<std::string> extra_index_urls = {};
  std::vector<std::string> find_links = {};
  bool no_index = false;
  bool pre = false;
  bool operator==(const PipSource&) const = default;
};

/// One pip (or uv) call that installs into one environment from one source.
struct PipInstall {
  std::string prefix;  ///< of the venv; empty: the user's own site (`pip install --user`)
  std::vector<std::string> requirements = {};
  std::vector<std::string> upgrade = {};  ///< requirements among them that mean the newest there is
  std::vector<std::string> keep = {};     ///< requirements that, where they are met already, must stay so
  PipSource source = {};
  std::string installer = "pip";  ///< pip or uv
  bool reinstall = false;         ///< put the files in place anew, of these packages alone
  Privilege privilege = Privilege::user;
  std::vector<Wheel> expected = {};  ///< all that the plan has shown; apply installs that and nothing else
  bool operator==(const PipInstall&) const = default;
};

struct PipUninstall {
  std::string prefix;
  std::vector<std::string> names = {};
  std::string installer = "pip";  ///< pip or uv
  Privilege privilege = Privilege::user;
  bool operator==(const PipUninstall&) const = default;
};

/// Runs a check's program and compares how it ends.
struct RunCheck {
  std::string name;
  std::vector<std::string> argv = {};
  std::string prefix = {};  ///< of the venv whose interpreter and programs are meant; empty for none
  int expect_exit = 0;
  std::optional<std::string> expect_stdout = std::nullopt;  ///< must be contained in the output
  std::chrono::seconds limit{0};
  bool operator==(const RunCheck&) const = default;
};

/// Which of systemd's managers has a unit: the system's own, or that of the target user.
enum class UnitScope { system, user };

/// One call of systemctl.
struct ControlUnit {
  enum class Verb { enable, disable, reenable, start, stop, restart, reload_manager };
  Verb verb = Verb::enable;
  std::string unit = {};  ///< with its ending, docker.service; empty for reload_manager
  UnitScope scope = UnitScope::system;
  bool offline = false;  ///< by links alone: no manager runs that could be told
  Privilege privilege = Privilege::root;
  bool operator==(const ControlUnit&) const = default;
};

/// Makes a user a member of a group, or ends that.
struct SetMembership {
  std::string group;
  std::string user;
  bool member = true;
  bool operator==(const SetMembership&) const = default;
};

/// Brings all that the transactions need, keys and indexes of new repositories included, into root's cache,
/// and makes sure that apt still means what the plan has shown. The host stays as it is.
struct FetchPackages {
  std::vector<AddRepository> repositories = {};
  std::vector<AptTransaction> transactions = {};
  std::uint64_t bytes = 0;  ///< to download, as far as known
  bool operator==(const FetchPackages&) const = default;
};

/// Brings the wheels of later pip calls into the user's cache and compares their digests.
struct FetchWheels {
  std::vector<Wheel> wheels = {};
  std::uint64_t bytes = 0;  ///< to download, as far as known
  Privilege privilege = Privilege::user;
  bool operator==(const FetchWheels&) const = default;
};

/// One effect, as data. A new member must be known to every std::visit over steps before it compiles.
using Step = std::variant<WriteFile, MakeDirectory, RemovePath, MovePath, EditBlock, AddRepository,
                          UpdateIndex, AptTransaction, RpmTransaction, MakeVenv, PipInstall, PipUninstall,
                          RunCheck, ControlUnit, SetMembership, FetchPackages, FetchWheels>;

/// What the step does, for people: `install 2 apt packages: libcudnn8, libcudnn8-dev`.
std::string step_title(const Step& step);
Privilege step_privilege(const Step& step);
/// The main argument vector; empty for work that mlenvctl does itself.
std::vector<std::string> step_command(const Step& step);
/// True for steps that only bring things into mlenvctl's caches.
bool is_download(const Step& step);
/// The file in which a pip call is told what it must keep; it is there only while the call runs.
std::string constraints_path(const PipInstall& step);

/// Asks rpm whether packages can go without others that need them; for a step that takes back.
std::vector<std::string> removal_trial(const RpmTransaction& step);

/// Steps with the same key may become one step: one apt transaction, one pip call per venv and source, one
/// edit per file. Empty: never merged.
std::string merge_key(const Step& step);
/// Two steps of one merge key as one, in this order.
Step merge_steps(const Step& first, const Step& second);
/// What a step must have to itself while it runs: `apt`, `path:…`, `env:…`; empty for nothing.
std::string exclusive_use(const Step& step);

/// Overloads as one visitor.
template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace mlenv
