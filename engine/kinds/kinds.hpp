#pragma once

#include <string_view>
#include <vector>

#include "resource/kind.hpp"

namespace mlenv {

// Each kind is one file of this folder; this is its only mention outside it.
Kind apt_repo_kind();
Kind cuda_repo_kind();
Kind apt_package_kind();
Kind rpm_package_kind();
Kind package_kind();
Kind directory_kind();
Kind file_kind();
Kind env_var_kind();
Kind venv_kind();
Kind pip_package_kind();
Kind jupyter_kernel_kind();
Kind service_kind();
Kind group_member_kind();
Kind check_kind();
Kind nvidia_driver_kind();
Kind cuda_toolkit_kind();
Kind cudnn_kind();
Kind framework_kind();

/// Every kind of the recipe language, in the order in which `explain` lists them.
const std::vector<Kind>& all_kinds();

/// The kind of that name, or null.
const Kind* find_kind(std::string_view name);

/// Whether a kind has an attribute of that name.
bool has_field(const std::string& kind, const std::string& field);

/// Understands all declarations: each by its kind, and composites by what they choose for the host. What is
/// wrong is reported; the rest is returned, in the recipe's order.
std::vector<Resource> decode_all(const Recipe& recipe, DecodeScope scope);

}  // namespace mlenv
