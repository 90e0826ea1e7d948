#pragma once

#include <string>
#include <vector>

#include "apply/perform.hpp"

namespace mlenv {

/// A venv: where it is now, and where it will be.
struct VenvPlace {
  std::string now;
  std::string then;
  Privilege privilege = Privilege::user;
  std::string kept = {};    ///< where the user's venvs share what wheels hold; empty: this one shares nothing
  std::string python = {};  ///< the interpreter that makes it; empty: it is there, without pip
  bool inherits = false;    ///< it is made with the packages of that interpreter
};

/// Unpacks wheels of pure Python into a venv as pip would have installed them, and has the venv's files name
/// the folder where it will be. What is kept unpacked is shared by hard links. Starting Python's own
/// bootstrap for that takes two seconds.
/// Where an interpreter is named it makes the venv first. `output` is given what was printed.
Outcome finish_venv(const VenvPlace& venv, const std::vector<std::string>& wheels, Stage& stage,
                    Output* output = nullptr);

}  // namespace mlenv
