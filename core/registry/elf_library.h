#pragma once
#include <elf.h>

#include <string>
#include <vector>

namespace calotype {

/// An x86-64 shared library as its headers describe it, read from the file; nothing is mapped. Every function throws
/// Refused, which names what the file is instead, or Error (io) if the system fails.
class ElfLibrary {
 public:
  /// Reads the ELF header and the program headers.
  explicit ElfLibrary(const std::string& path);
  ~ElfLibrary();
  ElfLibrary(const ElfLibrary&) = delete;

  /// The contents of the PT_NOTE segments.
  std::vector<std::string> notes() const;
  /// Checks that the file is complete and that the dynamic linker, which does not check what it reads, can process it.
  void check() const;
  /// The libraries that it needs: "libc.so.6". After check().
  std::vector<std::string> needed() const;
  /// The folders in which the dynamic linker searches for them, separated by ':'. After check().
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
  /// The position in the file of the n bytes that are mapped at an address.
  uint64_t offset_of(uint64_t address, uint64_t n, const char* what) const;
  std::vector<Elf64_Dyn> dynamic() const;
  /// The texts of its dynamic section under these tags.
  std::vector<std::string> texts(std::initializer_list<Elf64_Sxword> tags) const;

  const std::string path_;
  int file_ = -1;
  uint64_t size_ = 0, started_ = 0;
  char start_[8192];  ///< linkers write headers and notes at the start, so one read gets both
  Elf64_Ehdr header_{};
  std::vector<Elf64_Phdr> segments_;
};

}  // namespace calotype
