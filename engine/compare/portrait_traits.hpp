#pragma once

#include "compare/portrait.hpp"

namespace mlenv {

// The parts of a portrait, each by itself.

/// Driver, cards, CUDA, and the system under them, from the facts alone.
std::vector<Trait> machine_traits(const Facts& facts);
/// Variables that programs on a GPU go by, kernels, and what the files hold.
std::vector<Trait> setting_traits(const Sitter& sitter);
/// Sources, pins, and packages by name.
std::vector<Trait> apt_traits(const Sitter& sitter);
VenvPortrait venv_portrait(const Sitter& sitter, const std::string& path);

/// The path with `~` for the user's home folder.
std::string short_path(const std::string& path, const User& user);
/// The text with `~` for it wherever it stands.
std::string short_paths(std::string text, const User& user);
/// Whether a package of apt's is of the driver, of CUDA, or built on it.
bool is_gpu_deb(const std::string& name);
/// Whether a package of pip's is a framework, or one of those that it stands on.
bool is_gpu_wheel(std::string_view name);

}  // namespace mlenv
