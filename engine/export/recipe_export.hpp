#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "export/shell_part.hpp"
#include "host/facts.hpp"
#include "host/reader.hpp"
#include "plan/plan.hpp"

namespace mlenv {

enum class ExportFormat { dockerfile, devcontainer, cloud_init, shell };

/// A recipe, planned for a machine (or a container) that has nothing yet.
struct ExportRequest {
  const Plan& plan;
  const HostReader& host;
  const Facts& facts;
  ExportFormat format = ExportFormat::dockerfile;
  std::string base = {};               ///< the image to begin with
  std::string made_by = {};            ///< the command line
  std::string cuda = {};               ///< the newest that the recipe installs; empty: none, or not known
  std::string min_driver = {};         ///< for that CUDA; empty: not known
  std::vector<std::string> open = {};  ///< requirements that only the machine where it runs can meet
};

/// One file of an export; the first is the one that was asked for.
struct ExportedFile {
  std::string name;
  std::string text;
};

/// The plan's steps in a format that needs no mlenvctl. Errors: `export.secret` where a value that is to stay
/// secret would stand in it, `export.step` for what cannot be told beforehand.
Result<std::vector<ExportedFile>> export_plan(const ExportRequest& request);

// ── for the formats ──

/// What every format is made of.
struct ExportParts {
  std::vector<std::string> tools = {};  ///< packages that the statements themselves need
  std::vector<ShellPart> parts = {};
  std::vector<RunCheck> checks = {};
};

std::string dockerfile_text(const ExportRequest& request, const ExportParts& parts);
std::string devcontainer_text(const ExportRequest& request, const ExportParts& parts);
std::string cloud_init_text(const ExportRequest& request, const ExportParts& parts);
std::string shell_script_text(const ExportRequest& request, const ExportParts& parts);

/// Text as comments, wrapped at the width of a page; `indentation` is of lines after the first.
std::string commented(std::string_view text, std::string_view indentation = {});
/// A command as it is, line for line, behind `#   `.
std::string as_comment(const std::string& command);
/// What it is, for whom, from what, and what it leaves out.
std::string export_header(const ExportRequest& request);
/// The name of an image: lower case, and no more than image names may have.
std::string image_name(const std::string& recipe);
bool has_card(const ExportRequest& request);
bool is_container(ExportFormat format);
/// The statements, one after the other, each behind `set -eu`.
std::string script_text(const std::vector<Statement>& statements);
/// The command of a check, with its environment's programs first.
std::string check_command(const RunCheck& check);

}  // namespace mlenv
