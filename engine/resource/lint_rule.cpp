#include "resource/lint_rule.hpp"

#include <algorithm>

namespace mlenv {

// NOLINTNEXTLINE(readability-function-size): a table
const std::vector<LintRule>& lint_rules() {
  static const std::vector<LintRule> rules = {
      {"lint.moving-target",
       "A metapackage such as `cuda` or `cuda-drivers` without a version installs something else from one "
       "release "
       "to the next.",
       "Name the release (`cuda-toolkit-12-9`, `cuda-drivers-580`), or let `cuda_toolkit` and "
       "`nvidia_driver` "
       "choose."},
      {"lint.unpinned-library",
       "cuDNN, NCCL or TensorRT without a version and without CUDA in the package's name follows NVIDIA's "
       "newest "
       "CUDA.",
       "Give it a `version` such as `8.9.7.29-1+cuda12.2`, or let `cudnn` choose."},
      {"lint.unpinned-framework",
       "TensorFlow, PyTorch or another framework without an upper end is whatever build is the newest on the "
       "day, "
       "for whatever CUDA.",
       "Name one (`torch==2.6.0+cu124`), or let `framework` choose what fits the card."},
      {"lint.mixed-versions",
       "Packages of one library, as `libcudnn8` and `libcudnn8-dev`, are declared in different versions.",
       "Declare them in one entry with one `version`."},
      {"lint.mixed-cuda", "Packages of one recipe are built for different versions of CUDA.",
       "Take all of them for the toolkit's version of CUDA."},
      {"lint.mixed-holds",
       "Of one library some packages are held and others are not, so that the next upgrade parts them.",
       "Declare them in one entry with `hold: true`."},
      {"lint.path-assigned",
       "A variable such as PATH or LD_LIBRARY_PATH is assigned, and every folder that was in it is lost.",
       "Take `append:` or `prepend:` in place of `value:`; in a kernel's `env` write `$${NAME}` among the "
       "folders."},
      {"lint.not-expanded", "A value refers to a shell's variable, but it arrives as it is written.",
       "Take `append:` or `prepend:`, which keep what is there, or a variable of the recipe."},
      {"lint.cuda-path",
       "A variable points into the folder of another version of CUDA than the recipe installs.",
       "Name the folder of the declared toolkit."},
      {"lint.short-key", "A repository's key is named by its last 8 or 16 digits, which can be forged.",
       "Write the full fingerprint; `gpg --show-keys FILE` prints it."},
      {"lint.no-key", "A source comes by http and without a key of its own.",
       "Declare it as `apt_repo` with its `key`."},
      {"lint.global-key",
       "A key in apt's own keyrings, where `apt-key` put it, is trusted for every archive.",
       "Declare the archive as `apt_repo` with its `key`, which is trusted for that archive alone."},
      {"lint.unsigned-source",
       "apt is told to take what nobody has signed (`trusted=yes`, `AllowUnauthenticated`).",
       "Declare the archive as `apt_repo` with its `key`."},
      {"lint.pip-http",
       "pip is sent to a page by http, where anybody on the way can put in a package of their own.",
       "Take https, or a local mirror."},
      {"lint.open-index",
       "A package without an exact version may come from any of several indexes: the highest version wins, "
       "whoever "
       "published it.",
       "Name a version (`NAME==…`), or take it from one place by `index_url` or `no_index: true`."},
      {"lint.system-python",
       "Packages are installed for the system's own Python, which the distribution refuses (PEP 668).",
       "Declare a `venv` and give the packages to it."},
      {"lint.python-mismatch", "No Python can be what a venv and the recipe's `requires` ask for.",
       "Ask for one range in both; a variable of the recipe may hold it."},
      {"lint.path-twice", "Two resources claim one path, as a `directory` and the `venv` in its place.",
       "Leave the `directory` out: a venv makes its own folder."},
      {"lint.declared-twice", "A resource is declared twice in one file.", "Leave one of them out."},
      {"lint.shell-value",
       "A value of the recipe becomes part of a shell's text: a space, quote or `;` in it is the shell's.",
       "Take `run: [PROGRAM, ARGUMENT]`, which passes values as they are."},
      {"lint.check-changes", "A check runs a program that changes the host, at every `verify` too.",
       "Declare what it changes as a resource, and let the check only look."},
      {"lint.check-first",
       "A check that names nothing stands before everything else, so it runs without waiting for any of it.",
       "Put it behind what it checks, or name that under `needs`."},
  };
  return rules;
}

const LintRule* find_lint_rule(std::string_view code) {
  const auto& rules = lint_rules();
  const auto found =
      std::find_if(rules.begin(), rules.end(), [&](const LintRule& rule) { return rule.code == code; });
  return found == rules.end() ? nullptr : &*found;
}

}  // namespace mlenv
