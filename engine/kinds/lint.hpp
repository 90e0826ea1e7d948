#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recipe/recipe.hpp"
#include "resource/field.hpp"
#include "resource/resource.hpp"

namespace mlenv {

class Knowledge;
struct PipSpec;

/// Reads the declarations of a recipe together and warns of what no single one of them shows. The codes stand
/// in resource/lint_rule.cpp.
void lint_recipe(const Recipe& recipe, const std::vector<Resource>& resources, DecodeScope& scope);

/// What the rules see: the declarations that bring something to this host, or may.
struct LintScope {
  const Recipe& recipe;
  std::vector<const Declaration*> declared;  ///< neither absent nor for other hosts
  DecodeScope& decode;
};

// Each file of rules is one function.
void lint_libraries(const LintScope& scope);   ///< versions, CUDA and holds of cuDNN, NCCL and TensorRT
void lint_cuda_paths(const LintScope& scope);  ///< variables against the declared toolkit
void lint_python(const LintScope& scope);      ///< venvs and packages against the recipe's requirements
void lint_places(const LintScope& scope);      ///< one path or address for two, checks before everything
void lint_apt_files(const LintScope& scope);   ///< files of apt's own folders

/// What a check's program is given, and what it does to the host.
void lint_check(const Declaration& declaration, DecodeScope& scope);
/// Where a pip package comes from, and how much of it is left to chance.
void lint_pip_package(const PipSpec& spec, const Node& name, const Declaration& declaration,
                      DecodeScope& scope);
/// Folders in a kernel's environment.
void lint_kernel(const Declaration& declaration, DecodeScope& scope);

/// The value of an attribute, or null.
const Node* field_of(const Declaration& declaration, std::string_view name);
/// The scalars of a value: itself, or those of its list.
std::vector<const Node*> scalars_of(const Node& node);
/// Without a host a fact stands for itself; nothing can be said of such a text then.
bool is_open(std::string_view text);
/// Whether a variable holds a list of folders, so that assigning it loses what is in it.
bool is_path_list(std::string_view name);
/// Whether a text refers to a variable as a shell would: `$NAME` or `${NAME}`.
bool refers_to(std::string_view text, const std::string& name);
/// The versions of the CUDA toolkits that the recipe installs, `11.0`.
std::vector<std::string> declared_toolkits(const LintScope& scope);
/// `12-4` behind one of the toolkit's names as `12.4`; empty for other packages.
std::string toolkit_of(std::string_view package);
/// The CUDA that a package is built for, by its version (`8.0.5.39-1+cuda11.0`: `11.0`) or its name
/// (`libcudnn9-cuda-12`: `12`); empty when neither tells.
std::string cuda_of(std::string_view package, std::string_view version);

/// Whether apt trusts the keys of that file for every archive.
bool is_global_keyring(const std::string& path);
/// What people call NVIDIA's library that a package belongs to, `cuDNN 8`; empty for other packages.
std::string library_of(const Knowledge& knowledge, const std::string& package);

}  // namespace mlenv
