#pragma once
#include <elf.h>

#include <string>
#include <vector>

namespace calotype::check {

/// A symbol that a library exports.
struct Exported {
  std::string name;
  unsigned char binding;  ///< STB_GLOBAL, STB_WEAK, STB_GNU_UNIQUE
};

/// The headers of a shared library. The host has accepted the file, so it is one for x86-64.
class ElfFile {
 public:
  explicit ElfFile(const std::string& path);
  std::vector<Exported> exported() const;
  /// The values of a text tag of the dynamic section, such as DT_NEEDED or DT_RPATH.
  std::vector<std::string> texts(Elf64_Sxword tag) const;
  bool has(Elf64_Sxword tag) const;
  std::vector<Elf64_Phdr> segments() const;

 private:
  template <class T>
  std::vector<T> many(uint64_t offset, uint64_t count) const;
  std::string text(const Elf64_Shdr& strings, uint64_t at) const;
  const Elf64_Shdr* section(uint32_t type) const;

  std::string bytes_;
  Elf64_Ehdr header_{};
  std::vector<Elf64_Shdr> sections_;
};

}  // namespace calotype::check
