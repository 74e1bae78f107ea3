#pragma once
#include <calotype/abi.h>

#include <string>

#include "check/check.h"

namespace calotype::check {

/// A library, opened as the host opens it. Its destructor closes it.
class Opened {
 public:
  /// Throws Broken with the dynamic linker's text.
  Opened(const std::string& file, int tier);
  explicit Opened(const Subject& subject) : Opened(subject.file, subject.tier()) {}
  Opened(const Opened&) = delete;
  ~Opened();

  /// Null if it exports none.
  const calotype_library_table* table() const;
  /// The implementation of an entry, by kind and id. Throws Broken if the table has none.
  const void* implementation(const EntryInfo& entry) const;

 private:
  void* handle_;
};

}  // namespace calotype::check
