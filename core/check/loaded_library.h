#pragma once
#include <calotype/abi.h>

#include <string>

#include "check/check.h"

namespace calotype::check {

/// A library, opened as the host opens it, and closed with this object.
class Opened {
 public:
  /// Throws Broken with the loader's own words.
  Opened(const std::string& file, int tier);
  explicit Opened(const Subject& subject) : Opened(subject.file, subject.tier()) {}
  Opened(const Opened&) = delete;
  ~Opened();

  /// Null where it exports none.
  const calotype_library_table* table() const;
  /// Of the entry of that kind and id; throws Broken where the table has none.
  const void* implementation(const EntryInfo& entry) const;

 private:
  void* handle_;
};

}  // namespace calotype::check
