#include "forecast/uv_asking.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "resource/python_site.hpp"
#include "resource/uv.hpp"

namespace mlenv {

extern const std::string_view uv_report_program;

namespace {

constexpr std::chrono::seconds patience{900};

/// The files of one question, which go when it is answered.
class QuestionFolder {
 public:
  QuestionFolder(const PipInstall& call, const PipRequest& request)
      : request_(request),
        cache_(request.caches.of(call.privilege).planning),
        path_(cache_.path + "/pip/uv-" +
              sha256_hex(call.prefix + "\n" + join(call.requirements, "\n")).substr(0, 12)) {
    remove();
    made_ = request.writer.make_directory(path_, 0700, {}, cache_.privilege) &&
            write("requirements.in", call.requirements) && write("constraints", call.keep);
  }
  ~QuestionFolder() { remove(); }
  QuestionFolder(const QuestionFolder&) = delete;
  QuestionFolder& operator=(const QuestionFolder&) = delete;

  bool made() const { return made_; }
  std::string file(const char* name) const { return path_ + "/" + name; }

 private:
  bool write(const char* name, const std::vector<std::string>& lines) const {
    return bool(
        request_.writer.write_file({file(name), join(lines, "\n") + "\n", 0600, {}, cache_.privilege}));
  }
  void remove() const {
    if (exists(request_.host, path_))
      static_cast<void>(request_.writer.remove(path_, Depth::tree, cache_.privilege));
  }

  const PipRequest& request_;
  const CacheFolder& cache_;
  std::string path_;
  bool made_ = false;
};

/// The options that say where packages come from, as the call itself has them.
std::vector<std::string> source_options(const PipInstall& call) {
  auto plain = call;
  plain.installer = "uv";
  plain.keep.clear();
  const auto words = step_command(Step(plain));
  const auto begin = words.begin() + 5;  // uv pip install --python PYTHON
  return {begin, std::find(begin, words.end(), "--")};
}

std::optional<std::string> run(std::vector<std::string> argv, const PipRequest& request,
                               const CacheFolder& cache) {
  Command command{std::move(argv), installer_variables("/", request.environment), cache.privilege, patience};
  hide_addresses(command.argv, command.env);
  command.env["UV_CACHE_DIR"] = cache.path + "/pip/uv-cache";
  command.env["UV_PYTHON_DOWNLOADS"] = "never";
  const auto output = request.writer.run(command, {});
  return output && output->exit_code == 0 ? std::optional(output->out) : std::nullopt;
}

/// Nothing is built: only wheels count, so no package's code runs.
bool resolve(const std::string& uv, const PipInstall& call, const PythonWanted& wanted,
             const PipRequest& request, const QuestionFolder& folder, const char* format, const char* to) {
  std::vector<std::string> argv = {uv,
                                   "pip",
                                   "compile",
                                   "--quiet",
                                   "--no-header",
                                   "--python",
                                   wanted.interpreter,
                                   "--only-binary",
                                   ":all:",
                                   "--constraint",
                                   folder.file("constraints"),
                                   "--format",
                                   format,
                                   "--annotation-style",
                                   "line",
                                   "--output-file",
                                   folder.file(to)};
  for (auto& word : source_options(call)) argv.push_back(std::move(word));
  argv.push_back(folder.file("requirements.in"));
  return run(std::move(argv), request, request.caches.of(call.privilege).planning).has_value();
}

}  // namespace

std::optional<std::vector<ReportedWheel>> ask_uv(const PipInstall& call, const PythonWanted& wanted,
                                                 const PipRequest& request) {
  const auto& cache = request.caches.of(call.privilege).planning;
  const auto asker = request.asker(call.privilege);
  if (request.offline || wanted.stands || wanted.system_site_packages ||
      !is_hosts_own(request.host, asker.home, wanted.interpreter))
    return std::nullopt;
  const auto uv = find_uv(request.host, asker.home);
  // Root starts none that somebody else could change.
  if (!uv || (asker.uid == 0 && !is_hosts_own(request.host, asker.home, *uv))) return std::nullopt;
  const QuestionFolder folder(call, request);
  if (!folder.made() || !resolve(*uv, call, wanted, request, folder, "pylock.toml", "pylock.toml") ||
      !resolve(*uv, call, wanted, request, folder, "requirements.txt", "requirements.txt"))
    return std::nullopt;
  const auto pip = made_pip(request.host, cache, python_minor(wanted.version));
  const auto report =
      run({wanted.interpreter, "-I", "-S", "-c", std::string(uv_report_program), folder.file("pylock.toml"),
           folder.file("requirements.txt"), pip ? pip->path : "/nonexistent"},
          request, cache);
  auto reported = parse_pip_report(report.value_or(""));
  return reported ? std::optional(std::move(*reported)) : std::nullopt;
}

}  // namespace mlenv
