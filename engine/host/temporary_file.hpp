#pragma once

#include <string>

#include "host/descriptor.hpp"

namespace mlenv {

/// A file in the making beside its target, locked for as long as this object lives: what has no lock was left
/// by a run that was killed, and goes when the next one is made for the same target.
class TemporaryFile {
 public:
  /// In the open folder, for the target `name`. Where it cannot be made, number() is negative and errno says
  /// why.
  TemporaryFile(int folder, const std::string& name);
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  int number() const { return file_.number(); }
  /// Gives it the target's name; false and errno where that cannot be. What need not outlast a crash of the
  /// machine (`passing`) changes places with the one that was there, since a file system may write out at
  /// once what takes another's place by a plain rename (ext4(5), auto_da_alloc), which takes longer than all
  /// else.
  bool put_in_place(bool passing);
  void discard();

 private:
  void make();

  int folder_;
  std::string target_;
  std::string own_;
  Descriptor file_;
};

}  // namespace mlenv
