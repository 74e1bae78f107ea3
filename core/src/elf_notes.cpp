#include "elf_notes.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "refusal.h"

namespace calotype {
namespace {

constexpr const char* kCopyAgain = "build or copy it again";

std::string bytes_text(uint64_t n) { return std::to_string(n) + " bytes"; }

class Reader {
 public:
  explicit Reader(const std::string& path) : file_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (file_ < 0) unreadable(std::strerror(errno));
    struct stat s {};
    const bool is_file = fstat(file_, &s) == 0 && S_ISREG(s.st_mode);
    size_ = uint64_t(s.st_size);
    const ssize_t n = is_file ? pread(file_, start_, sizeof start_, 0) : 0;
    const int failed = n < 0 ? errno : 0;
    started_ = uint64_t(std::max<ssize_t>(n, 0));
    if (is_file && !failed) return;
    close(file_);
    unreadable(is_file ? std::strerror(failed) : "something that is not a file");
  }
  ~Reader() { close(file_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  void read(uint64_t offset, void* to, uint64_t n) const {
    if (offset > size_ || n > size_ - offset) cut_short(size_, offset + n);
    if (offset + n <= started_) return void(std::memcpy(to, start_ + offset, n));
    const ssize_t found = pread(file_, to, n, off_t(offset));
    if (found < 0) unreadable(std::strerror(errno));
    if (uint64_t(found) != n) cut_short(offset + uint64_t(found), offset + n);  // since it was opened
  }

 private:
  [[noreturn]] static void cut_short(uint64_t found, uint64_t needed) {
    refuse("truncated", "cut short", bytes_text(found), bytes_text(needed), kCopyAgain);
  }
  [[noreturn]] static void unreadable(const std::string& found) {
    refuse("not_readable", "cannot be read", found, "a file that this user may read", "look at it with ls -lL");
  }
  int file_;
  uint64_t size_ = 0, started_ = 0;
  char start_[8192];  ///< headers and notes stand at the start of what linkers write: one read fetches both
};

std::string machine_text(unsigned machine, bool is_64_bit, bool is_little_endian) {
  return "machine " + std::to_string(machine) + ", " + (is_64_bit ? "64" : "32") + " bits, " + (is_little_endian ? "little" : "big") + "-endian";
}

}  // namespace

std::vector<std::string> note_segments(const std::string& path) {
  const Reader file(path);
  Elf64_Ehdr header{};
  unsigned char magic[SELFMAG];
  file.read(0, magic, sizeof magic);
  if (std::memcmp(magic, ELFMAG, SELFMAG) != 0)
    refuse("not_elf", "no shared library", "a file that does not begin with \"\\x7fELF\"", "an ELF file", "give the .so that the build makes");
  file.read(0, &header, sizeof header);
  const bool is_64_bit = header.e_ident[EI_CLASS] == ELFCLASS64, is_little_endian = header.e_ident[EI_DATA] == ELFDATA2LSB;
  if (!is_64_bit || !is_little_endian || header.e_machine != EM_X86_64)
    refuse("architecture", "built for another processor", machine_text(header.e_machine, is_64_bit, is_little_endian),
           machine_text(EM_X86_64, true, true) + " (x86-64)", "build it on this kind of machine");
  if (header.e_type != ET_DYN)
    refuse("not_shared", "no shared library", "ELF type " + std::to_string(header.e_type), "ELF type " + std::to_string(ET_DYN), "link it with -shared");
  if (header.e_phentsize != sizeof(Elf64_Phdr))
    refuse("damaged_elf", "broken program headers", bytes_text(header.e_phentsize) + " each", bytes_text(sizeof(Elf64_Phdr)), kCopyAgain);

  constexpr uint64_t kMost = 16u << 20;
  uint64_t all = 0;
  std::vector<std::string> segments;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr p{};
    file.read(header.e_phoff + uint64_t(i) * sizeof p, &p, sizeof p);
    if (p.p_type != PT_NOTE) continue;
    if (p.p_filesz > kMost || (all += p.p_filesz) > kMost)
      refuse("wrong_size", "its notes are too large", bytes_text(std::max(all, p.p_filesz)), "at most " + bytes_text(kMost), kCopyAgain);
    std::string bytes(p.p_filesz, '\0');
    file.read(p.p_offset, bytes.data(), bytes.size());
    segments.push_back(std::move(bytes));
  }
  return segments;
}

}  // namespace calotype
