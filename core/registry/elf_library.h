#pragma once
#include <elf.h>

#include <string>
#include <vector>

namespace calotype {

/// An x86-64 shared library as its headers tell of it, read from the file: nothing is mapped. Every function throws
/// Refused, which says what the file is instead, or Error (io) where the system fails.
class ElfLibrary {
 public:
  /// Reads the ELF header and the program headers.
  explicit ElfLibrary(const std::string& path);
  ~ElfLibrary();
  ElfLibrary(const ElfLibrary&) = delete;

  /// The contents of the PT_NOTE segments.
  std::vector<std::string> notes() const;
  /// That the whole file is there, and that the dynamic linker, which trusts what it reads, can walk through it.
  void check() const;
  /// The libraries that it names as needed: "libc.so.6". After check().
  std::vector<std::string> needed() const;
  /// The folders, one after the other with ':', that it has those looked for in. After check().
  std::vector<std::string> run_paths() const;

 private:
  void open_file();
  void read(uint64_t offset, void* to, uint64_t n) const;
  template <class T>
  std::vector<T> table(uint64_t offset, uint64_t count) const;
  void check_inside(uint64_t offset, uint64_t n) const;
  void read_header();
  void check_segment(const Elf64_Phdr& segment, uint64_t& end) const;
  void check_dynamic() const;
  /// Where in the file stands what is mapped at an address, with n bytes from there on.
  uint64_t offset_of(uint64_t address, uint64_t n, const char* what) const;
  std::vector<Elf64_Dyn> dynamic() const;
  /// The texts that its dynamic section has under these tags.
  std::vector<std::string> texts(std::initializer_list<Elf64_Sxword> tags) const;

  const std::string path_;
  int file_ = -1;
  uint64_t size_ = 0, started_ = 0;
  char start_[8192];  ///< headers and notes stand at the start of what linkers write: one read fetches both
  Elf64_Ehdr header_{};
  std::vector<Elf64_Phdr> segments_;
};

}  // namespace calotype
