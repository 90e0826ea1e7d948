#include <algorithm>

#include "kinds/kinds.hpp"
#include "kinds/paths.hpp"
#include "kinds/text_change.hpp"

namespace mlenv {
namespace {

struct File {
  static constexpr KindText text = {
      "file", "A file with the given content.",
      "Puts the whole file in place at once, so that nobody ever sees half of it. Where the path is a link, "
      "the file it "
      "points to is written. Folders above it that are missing are made. `state: absent` removes the file.\n"
      "\n"
      "The plan shows what changes as a unified diff. What others may not read (`mode: 0600`) and what came "
      "from `${env.…}` is not shown.",
      "- file: ~/.config/pip/pip.conf\n  content: |\n    [global]\n    disable-pip-version-check = true\n  "
      "mode: 0644\n",
      Naming::one};

  struct Spec {
    HostPath path;
    std::optional<FreeText> content;
    std::optional<RecipeFile> source;
    std::optional<FileMode> mode;
    std::string owner;
    Presence state = Presence::present;
    bool from_environment = false;  ///< the content holds values of the environment
    bool operator==(const Spec&) const = default;

    const std::string& bytes() const { return content ? content->text : source->content; }
  };
  struct State {
    PathState path;
    std::optional<std::string> bytes;
    bool operator==(const State&) const = default;
  };

  static std::vector<std::string> states() { return {"present", "absent"}; }
  static void describe(Fields<Spec>& fields) {
    fields.name(&Spec::path, "The file's path.");
    fields.optional("content", &Spec::content, "The file's text.");
    fields.optional("source", &Spec::source, "A file beside the recipe whose bytes it gets.");
    fields.optional("mode", &Spec::mode, "Permission bits.", "as it is; 0644 for a new file");
    fields.optional("owner", &Spec::owner, "The user to whom it belongs.",
                    "as it is; for a new file the user or root");
  }
  static std::string resource_name(const Spec& spec) { return spec.path.text; }
  static void inspect(Spec& spec, const Node& name, const Declaration& declaration, DecodeScope& scope) {
    check_owner(spec.owner, name, scope);
    for (const auto& [key, value] : declaration.body)
      spec.from_environment = spec.from_environment || (key.text == "content" && value.from_environment);
    if (spec.state == Presence::absent || spec.content.has_value() != spec.source.has_value()) return;
    scope.diagnostics.error("file.content",
                            spec.content ? "`file` takes `content` or `source`, not both"
                                         : "`file` needs its `content`, or a `source` beside the recipe",
                            name.span);
    if (!spec.content) spec.content = FreeText{};
  }
  static void links(Spec& spec, Resource& resource) { link_path(spec.path.text, resource); }

  static Result<State> probe(const Spec& want, const ProbeScope& scope) {
    auto path = probe_path(want.path.text, scope.host);
    if (!path) return path.error();
    State state{std::move(*path), std::nullopt};
    if (!state.path.stat || state.path.stat->type != FileType::file) return state;
    auto bytes = scope.host.read_file(want.path.text);
    if (!bytes && want.state == Presence::absent) return state;  // it can go unread
    if (!bytes) return bytes.error();
    state.bytes = std::move(*bytes);
    return state;
  }

  static std::string found(const State& have) {
    return have.bytes ? content_digest(*have.bytes) : found_path(have.path);
  }

  static Decision diff(const Spec& want, const State& have, const ProbeScope& scope) {
    const auto privilege = privilege_for(want.path.text, scope.facts.user);
    if (have.path.stat && have.path.stat->type != FileType::file) {
      return manual("`" + want.path.text + "` is there and is no file", "path.in-the-way",
                    "move it away, then apply again");
    }
    if (want.state == Presence::absent) {
      if (!have.path.stat && !have.path.is_link) return {};
      return {Action::remove,
              "it is declared absent",
              {},
              {RemovePath{want.path.text, false, privilege}},
              {},
              shown_change(want, have)};
    }
    const std::optional<unsigned> mode = want.mode ? std::optional(want.mode->bits) : std::nullopt;
    const Step write = WriteFile{want.path.text, want.bytes(), mode, want.owner,
                                 want.owner.empty() ? privilege : Privilege::root};
    if (!have.bytes) {
      Decision made{Action::create,
                    "it is not there",
                    {{"content", std::nullopt, content_digest(want.bytes())}},
                    {write},
                    {},
                    shown_change(want, have)};
      if (!folder_comes(want.path.text, scope))
        made.steps.insert(made.steps.begin(),
                          MakeDirectory{parent_path(want.path.text), std::nullopt, {}, privilege});
      return made;
    }
    auto differences = attribute_differences(mode, want.owner, have.path);
    const bool same = *have.bytes == want.bytes();
    if (!same)
      differences.insert(differences.begin(),
                         {"content", content_digest(*have.bytes), content_digest(want.bytes())});
    if (differences.empty()) return {};
    return {Action::update,
            same ? "mode or owner differ" : "its content differs",
            std::move(differences),
            {write},
            {},
            shown_change(want, have)};
  }

 private:
  /// The folder is there, or a resource makes it before.
  static bool folder_comes(const std::string& path, const ProbeScope& scope) {
    const auto folder = parent_path(path);
    const auto stat = scope.host.stat(folder, Links::follow);
    return !stat || *stat || scope.upstream("directory." + folder) != Action::none;
  }

  static std::string shown_change(const Spec& want, const State& have) {
    TextChange change{want.path.text, have.bytes.value_or(""), {}, want.from_environment, {}};
    if (want.state != Presence::absent) change.after = want.bytes();
    if (want.mode) change.modes.push_back(want.mode->bits);
    if (have.path.stat) change.modes.push_back(have.path.stat->mode);
    return mlenv::shown_change(change);
  }
};

}  // namespace

Kind file_kind() { return make_kind<File>(); }

}  // namespace mlenv
