#include "elf_notes.h"

#include <calotype/error.h>
#include <elf.h>
#include <sys/stat.h>

#include <cstring>
#include <fstream>

namespace calotype {
namespace {

[[noreturn]] void refuse(const std::string& text) { throw Error(ErrorCode::refused, text); }

class Reader {
 public:
  explicit Reader(const std::string& path) : in_(path, std::ios::binary | std::ios::ate) {
    struct stat s{};
    if (stat(path.c_str(), &s) != 0 || !S_ISREG(s.st_mode) || !in_) refuse("cannot be read; needed: a shared library");
    size_ = uint64_t(in_.tellg());
  }
  void read(uint64_t offset, void* to, uint64_t n) {
    if (offset > size_ || n > size_ - offset)
      refuse("cut short: found " + std::to_string(size_) + " bytes, needed " + std::to_string(offset + n) + "; build or copy it again");
    in_.seekg(std::streamoff(offset));
    in_.read(static_cast<char*>(to), std::streamsize(n));
  }

 private:
  std::ifstream in_;
  uint64_t size_ = 0;
};

}  // namespace

std::vector<std::string> note_segments(const std::string& path) {
  Reader file(path);
  Elf64_Ehdr header{};
  unsigned char magic[SELFMAG];
  file.read(0, magic, sizeof magic);
  if (std::memcmp(magic, ELFMAG, SELFMAG) != 0) refuse("not an ELF file; needed: a shared library");
  file.read(0, &header, sizeof header);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_machine != EM_X86_64)
    refuse("architecture: found ELF machine " + std::to_string(header.e_machine) + ", needed " + std::to_string(EM_X86_64) +
           " (x86-64); build it on this kind of machine");
  if (header.e_type != ET_DYN) refuse("found ELF type " + std::to_string(header.e_type) + ", needed a shared library; link it with -shared");
  if (header.e_phentsize != sizeof(Elf64_Phdr)) refuse("broken ELF program headers; build it again");

  constexpr uint64_t kMost = 16u << 20;
  std::vector<std::string> segments;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr p{};
    file.read(header.e_phoff + uint64_t(i) * sizeof p, &p, sizeof p);
    if (p.p_type != PT_NOTE) continue;
    if (p.p_filesz > kMost) refuse("its notes take " + std::to_string(p.p_filesz) + " bytes, needed at most " + std::to_string(kMost));
    std::string bytes(p.p_filesz, '\0');
    file.read(p.p_offset, bytes.data(), bytes.size());
    segments.push_back(std::move(bytes));
  }
  return segments;
}

}  // namespace calotype
