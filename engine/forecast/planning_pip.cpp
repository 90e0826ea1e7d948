#include "forecast/planning_pip.hpp"

#include "base/pep_version.hpp"
#include "base/text.hpp"
#include "resource/python_site.hpp"
#include "resource/uv.hpp"
#include "resource/venv_files.hpp"

namespace mlenv {
namespace {

/// The version in `pip-23.0.1-py3-none-any.whl`.
std::string wheel_version(const std::string& file) {
  const auto end = file.find('-', 4);
  return file.starts_with("pip-") && end != std::string::npos ? file.substr(4, end - 4) : std::string();
}

/// The wheel of pip in a folder; empty when there is none that can plan, or (with `any`) at all.
std::string pip_wheel_in(const HostReader& host, const std::string& folder, bool any) {
  const auto entries = host.list(folder);
  if (!entries) return {};
  for (const auto& entry : *entries) {
    const auto version = wheel_version(entry.name);
    if (!version.empty() && entry.name.ends_with(".whl") && (any || can_plan(version)))
      return folder + "/" + entry.name;
  }
  return {};
}

bool is_roots(const HostReader& host, const std::string& path) {
  const auto stat = host.stat(path, Links::follow);
  return stat && *stat && (*stat)->uid == 0 && ((*stat)->mode & 0002) == 0;
}

std::string pip_place(const CacheFolder& cache, const std::string& minor) {
  return cache.path + "/pip/pip-for-" + (minor.empty() ? "python" : minor);
}

/// A pip that is borrowed by a link is left as it is.
bool compiles_in(const HostReader& host, const std::string& folder) {
  const auto link = host.read_link(folder + "/pip");
  return link && !*link;
}

}  // namespace

bool is_hosts_own(const HostReader& host, const std::string& home, const std::string& interpreter) {
  const auto real = resolve_links(host, interpreter);
  if (!real) return false;
  for (const char* folder : {"/.local/share/uv/python/", "/.pyenv/versions/"}) {
    if (real->starts_with(home + folder)) return true;
  }
  // Elsewhere, what root has copied from somebody looks like root's own.
  if (!real->starts_with("/usr/") && !real->starts_with("/opt/")) return false;
  const auto folder = parent_path(*real);
  return is_roots(host, *real) && is_roots(host, folder) && is_roots(host, parent_path(folder));
}

bool can_plan(const std::string& text) {
  const auto version = PepVersion::parse(text), first = PepVersion::parse("22.2");
  return version && !(*version < *first);
}

PlanningPips::PlanningPips(const HostReader& host, HostWriter& writer, std::string home,
                           const Environment& environment, CacheFolder cache, bool offline,
                           std::function<std::string(const CacheFolder&)> bundled)
    : host_(host),
      writer_(writer),
      home_(std::move(home)),
      environment_(environment),
      cache_(std::move(cache)),
      offline_(offline),
      bundled_(std::move(bundled)) {}

Result<Output> PlanningPips::run(std::vector<std::string> argv) const {
  auto variables = installer_variables("/", environment_);
  variables["PIP_CACHE_DIR"] = cache_.path + "/pip/http";
  return writer_.run({std::move(argv), std::move(variables), cache_.privilege, std::chrono::seconds(300)},
                     {});
}

/// What a venv of that interpreter sees, without one: no packages of its own.
Result<std::string> PlanningPips::scratch_venv(const PythonWanted& wanted) {
  const auto key = sha256_hex(wanted.interpreter + "\n" + wanted.version).substr(0, 12) +
                   (wanted.system_site_packages ? "-system" : "");
  const auto folder = cache_.path + "/pip/python-" + key;
  const auto python = folder + "/bin/python";
  if (exists(host_, python)) return python;
  const auto made = writer_.make_directory(parent_path(folder), 0755, {}, cache_.privilege);
  if (!made) return made.error();
  std::vector<std::string> argv = {wanted.interpreter, "-m", "venv", "--without-pip"};
  if (wanted.system_site_packages) argv.emplace_back("--system-site-packages");
  argv.push_back(folder);
  const auto output = run(std::move(argv));
  if (!output) return output.error();
  if (output->exit_code == 0 && exists(host_, python)) return python;
  return Error{"forecast.no-pip", "`" + wanted.interpreter + "` cannot make venvs yet", {}};
}

Result<std::string> PlanningPips::unpack(const std::string& wheel, const std::string& python,
                                         const std::string& folder) {
  const auto partial = folder + ".partial";
  static_cast<void>(writer_.remove(partial, Depth::tree, cache_.privilege));
  const auto output = run({python, "-m", "zipfile", "-e", wheel, partial});
  if (!output) return output.error();
  if (output->exit_code != 0) return Error{"forecast.no-pip", "cannot unpack `" + wheel + "`", {}};
  const auto renamed = writer_.rename(partial, folder, cache_.privilege);
  return renamed ? Result<std::string>(folder) : Result<std::string>(renamed.error());
}

/// This pip brings the newest one, from where the user's configuration says.
Result<std::string> PlanningPips::download_by(std::vector<std::string> way, const std::string& to) {
  way.insert(way.end(), {"download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", to, "pip"});
  const auto output = run(std::move(way));
  if (output && output->exit_code == 0) {
    if (auto found = pip_wheel_in(host_, to, false); !found.empty()) return found;
  }
  return Error{"forecast.no-pip", "there is no pip yet that could plan", {}};
}

Result<std::string> PlanningPips::download_pip(const PythonWanted& wanted, const std::string& python,
                                               const std::string& to) {
  if (offline_) return Error{"forecast.no-pip", "there is no pip in the cache that can plan", {}};
  std::vector<std::vector<std::string>> ways;
  const auto wheel = pip_wheel_in(host_, "/usr/share/python-wheels", true);
  if (!wheel.empty()) ways.push_back({python, wheel + "/pip"});
  if (!wanted.interpreter.empty()) ways.push_back({wanted.interpreter, "-m", "pip"});
  for (auto& way : ways) {
    if (auto found = download_by(way, to)) return found;
  }
  if (const auto uv = find_uv(host_, home_)) {
    const auto folder = to + "/by-uv";
    const auto output =
        run({*uv, "pip", "install", "--quiet", "--python", python, "--target", folder, "pip"});
    if (output && output->exit_code == 0) return folder;
  }
  return Error{"forecast.no-pip", "there is no pip yet that could plan for " + python, {}};
}

Result<std::string> PlanningPips::pip_folder(const PythonWanted& wanted, const std::string& python) {
  const auto minor = python_minor(wanted.version);
  const auto folder = pip_place(cache_, minor);
  if (exists(host_, folder + "/pip/__main__.py")) return folder;
  if (const auto borrowed = borrow_pip(host_, writer_, cache_, wanted.interpreter, wanted.version))
    return borrowed->path;
  const auto made = writer_.make_directory(parent_path(folder), 0755, {}, cache_.privilege);
  if (!made) return made.error();
  const auto base = parent_path(parent_path(wanted.interpreter));
  const auto bundled = join({base, "lib", "python" + minor, "ensurepip/_bundled"}, "/");
  for (const auto& place : {std::string("/usr/share/python-wheels"), bundled}) {
    if (const auto wheel = pip_wheel_in(host_, place, false); !wheel.empty())
      return unpack(wheel, python, folder);
  }
  auto wheel = download_pip(wanted, python, cache_.path + "/pip/download-" + minor);
  if (!wheel && bundled_) {
    const auto place = bundled_(cache_);
    const auto old = place.empty() ? std::string() : pip_wheel_in(host_, place, true);
    const auto version = wheel_version(old.substr(old.rfind('/') + 1));
    if (!old.empty() && can_plan(version)) return unpack(old, python, folder);
    if (!old.empty()) wheel = download_by({python, old + "/pip"}, cache_.path + "/pip/download-" + minor);
  }
  if (!wheel || !wheel->ends_with(".whl")) return wheel;
  return unpack(*wheel, python, folder);
}

Result<PlanningPip> PlanningPips::find(const PythonWanted& wanted) {
  auto base = wanted;
  if (wanted.stands && !wanted.prefix.empty())
    base.interpreter = resolve_links(host_, wanted.prefix + "/bin/python").value_or("");
  if (!is_hosts_own(host_, home_, base.interpreter)) {
    return Error{"forecast.no-pip",
                 "`" + base.interpreter + "` is no Python of this host's own, and planning runs no other",
                 {}};
  }
  auto python = base.interpreter;
  if (!wanted.prefix.empty()) {
    auto scratch = scratch_venv(base);
    if (!scratch) return scratch.error();
    python = std::move(*scratch);
  }
  const auto folder = pip_folder(base, python);
  if (!folder) return folder.error();
  return PlanningPip{{std::move(python), "-m", "pip"}, *folder, compiles_in(host_, *folder)};
}

std::optional<PlanningPip> borrow_pip(const HostReader& host, HostWriter& writer, const CacheFolder& cache,
                                      const std::string& interpreter, const std::string& version) {
  if (!interpreter.starts_with("/usr/bin/")) return std::nullopt;
  const auto minor = python_minor(version);
  const std::string site = "/usr/lib/python3/dist-packages";
  const auto compiled = "/pip/__pycache__/__main__.cpython-" + replace_all(minor, ".", "");
  const auto packages = read_distributions(host, site);
  const auto own = packages ? packages->find("pip") : Distributions::const_iterator();
  if (!packages || own == packages->end() || !can_plan(own->second.version) ||
      !exists(host, site + compiled + ".pyc") || !exists(host, site + "/pip/_vendor/requests"))
    return std::nullopt;
  const auto folder = pip_place(cache, minor);
  if (!writer.make_directory(folder, 0755, {}, cache.privilege)) return std::nullopt;
  const auto linked = writer.run(
      {{"ln", "-sfnT", site + "/pip", folder + "/pip"}, {}, cache.privilege, std::chrono::seconds(60)}, {});
  if (!linked || linked->exit_code != 0) return std::nullopt;
  return PlanningPip{{}, folder, false};
}

std::optional<PlanningPip> made_pip(const HostReader& host, const CacheFolder& cache,
                                    const std::string& minor) {
  const auto folder = pip_place(cache, minor);
  if (!exists(host, folder + "/pip/__main__.py")) return std::nullopt;
  return PlanningPip{{}, folder, compiles_in(host, folder)};
}

}  // namespace mlenv
