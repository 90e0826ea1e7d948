#pragma once

#include <optional>
#include <string>
#include <vector>

namespace mlenv {

/// A card that a question is about. One of the two members may be empty.
struct AskedGpu {
  std::string pci_id;              ///< 10de:2484
  std::string compute_capability;  ///< 8.6; wins over what the table has for the id
  std::string name = {};           ///< empty: the table's
};

/// What is given, and what is to be found. Everything empty is free.
struct Question {
  std::string framework;              ///< torch, tensorflow, jax, …; empty: the toolkit alone
  std::string version;                ///< PEP 440 specifiers: `==1.7.1`, `>=2`
  std::vector<std::string> with;      ///< what must be released along with it: torchvision
  std::optional<std::string> cuda;    ///< 11.0, 12, or a tag such as cu126
  std::optional<std::string> cudnn;   ///< 8.0
  std::vector<std::string> pythons;   ///< any of them: 3.10, 3.8.10
  std::optional<std::string> driver;  ///< a version, a branch, or empty text: none is installed
  bool no_gpu = false;                ///< there is no card: builds for the CPU
  std::vector<AskedGpu> gpus;         ///< all of them are to be served
  std::string os;                     ///< ubuntu 20.04, or wsl2
  std::string arch = "x86_64";
};

enum class Verdict { ok, conflict, unknown };

/// A fact that the answer rests on.
struct Because {
  std::string fact;
  std::string source;
  bool operator==(const Because&) const = default;
};

/// Facts that collide, and the nearest ways out.
struct Conflict {
  std::string code;
  std::string message;
  std::vector<std::string> alternatives;
  bool operator==(const Conflict&) const = default;
};

/// A card as far as it is known.
struct ResolvedGpu {
  std::string pci_id;
  std::string name;
  std::string architecture;
  std::string compute_capability;
  std::string first_driver;
  std::string last_branch;
  std::string open_modules;
  std::string source;
};

/// How pip is told where a build is.
enum class BuildFrom { index, extra_index, find_links };

/// One choice that fits everything. Empty members are not known, or have no meaning for it.
struct Selection {
  std::string framework;
  std::string version;
  std::string accelerator;              ///< cu110, cuda12, cpu
  std::string requirement;              ///< torch==1.7.1+cu110
  std::vector<std::string> companions;  ///< torchvision==0.8.2+cu110, …
  BuildFrom from = BuildFrom::index;
  std::string index;
  std::string cuda;
  std::string cudnn;
  std::string min_driver;       ///< for this CUDA; a card may ask for a newer one, see driver_branch
  std::string python;           ///< range
  bool system_toolkit = false;  ///< toolkit and cuDNN must be installed on the system
  std::string driver_branch;    ///< the newest one that serves all cards
  std::string driver_flavour;   ///< open, proprietary
  std::string repository;       ///< NVIDIA's directory for the OS
};

struct Resolution {
  Verdict verdict = Verdict::unknown;
  std::vector<ResolvedGpu> gpus;
  std::optional<Selection> selection;
  std::vector<Conflict> conflicts;
  std::vector<Because> because;
};

}  // namespace mlenv
