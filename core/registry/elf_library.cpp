#include "registry/elf_library.h"

#include <calotype/error.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "registry/refusal.h"

namespace calotype {
namespace {

/// pread(2) of the whole range; repeats after a signal or a partial read.
ssize_t read_at(int file, void* to, size_t n, off_t offset) {
  size_t done = 0;
  while (done < n) {
    const ssize_t got = pread(file, static_cast<char*>(to) + done, n - done, offset + off_t(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    done += size_t(got);
  }
  return ssize_t(done);
}

constexpr const char* kCopyAgain = "build or copy it again";
constexpr uint64_t kMostOfNotes = 16u << 20, kMostOfTables = 64u << 20, kHighestAddress = uint64_t(1) << 46;

std::string bytes_text(uint64_t n) {
  return std::to_string(n) + " bytes";
}

[[noreturn]] void cut_short(uint64_t found, uint64_t needed) {
  refuse("truncated", "cut short", bytes_text(found), bytes_text(needed), kCopyAgain);
}
[[noreturn]] void unreadable(const std::string& found) {
  refuse("not_readable", "cannot be read", found, "a file that this user may read", "look at it with ls -lL");
}
/// A failure of the system; the plugin may be good.
[[noreturn]] void fail_to_read(const std::string& path) {
  throw Error(ErrorCode::io, path + ": cannot be read: " + std::strerror(errno));
}
/// Refuses a file that this user may not open, or that is not a file.
[[noreturn]] void fail_to_open(const std::string& path) {
  for (const int known : {EACCES, EPERM, ENOENT, ENOTDIR, ELOOP, ENXIO, ENODEV, ENAMETOOLONG})
    if (errno == known) unreadable(std::strerror(errno));
  fail_to_read(path);
}
[[noreturn]] void damaged(const std::string& what, const std::string& found, const std::string& needed) {
  refuse("damaged_elf", what, found, needed, kCopyAgain);
}

std::string machine_text(unsigned machine, bool is_64_bit, bool is_little_endian) {
  return "machine " + std::to_string(machine) + ", " + (is_64_bit ? "64" : "32") + " bits, " +
         (is_little_endian ? "little" : "big") + "-endian";
}

/// The tags whose value is an address that the dynamic linker reads.
bool is_address(Elf64_Sxword tag) {
  for (const Elf64_Sxword known : {DT_HASH, DT_STRTAB, DT_SYMTAB, DT_RELA, DT_JMPREL, DT_INIT_ARRAY, DT_FINI_ARRAY,
                                   DT_INIT, DT_FINI, DT_PLTGOT, DT_GNU_HASH, DT_VERSYM, DT_VERDEF, DT_VERNEED})
    if (tag == known) return true;
  return false;
}

}  // namespace

ElfLibrary::ElfLibrary(const std::string& path) : path_(path) {
  try {
    open_file();
    read_header();
    segments_ = table<Elf64_Phdr>(header_.e_phoff, header_.e_phnum);
  } catch (...) {
    if (file_ >= 0) close(file_);
    throw;
  }
}

ElfLibrary::~ElfLibrary() {
  close(file_);
}

void ElfLibrary::open_file() {
  file_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file_ < 0) fail_to_open(path_);
  struct stat s{};
  if (fstat(file_, &s) != 0) fail_to_read(path_);
  if (!S_ISREG(s.st_mode)) unreadable("something that is not a file");
  size_ = uint64_t(s.st_size);
  const ssize_t n = read_at(file_, start_, sizeof start_, 0);
  if (n < 0) fail_to_read(path_);
  started_ = uint64_t(n);
}

void ElfLibrary::check_inside(uint64_t offset, uint64_t n) const {
  if (offset > size_ || n > size_ - offset) cut_short(size_, offset + n < offset ? UINT64_MAX : offset + n);
}

void ElfLibrary::read(uint64_t offset, void* to, uint64_t n) const {
  check_inside(offset, n);
  if (offset + n <= started_) return void(std::memcpy(to, start_ + offset, n));
  const ssize_t found = read_at(file_, to, n, off_t(offset));
  if (found < 0) fail_to_read(path_);
  if (uint64_t(found) != n) cut_short(offset + uint64_t(found), offset + n);  // changed since it was opened
}

template <class T>
std::vector<T> ElfLibrary::table(uint64_t offset, uint64_t count) const {
  if (count > kMostOfTables / sizeof(T))
    damaged("a table is too large", std::to_string(count) + " lines",
            "at most " + std::to_string(kMostOfTables / sizeof(T)));
  check_inside(offset, count * sizeof(T));
  std::vector<T> out(count);
  read(offset, out.data(), count * sizeof(T));
  return out;
}

void ElfLibrary::read_header() {
  unsigned char magic[SELFMAG];
  read(0, magic, sizeof magic);
  if (std::memcmp(magic, ELFMAG, SELFMAG) != 0)
    refuse("not_elf", "no shared library", "a file that does not begin with \"\\x7fELF\"", "an ELF file",
           "give the .so that the build makes");
  read(0, &header_, sizeof header_);
  const bool is_64_bit = header_.e_ident[EI_CLASS] == ELFCLASS64,
             is_little_endian = header_.e_ident[EI_DATA] == ELFDATA2LSB;
  if (!is_64_bit || !is_little_endian || header_.e_machine != EM_X86_64)
    refuse("architecture", "built for another processor", machine_text(header_.e_machine, is_64_bit, is_little_endian),
           machine_text(EM_X86_64, true, true) + " (x86-64)", "build it on this kind of machine");
  if (header_.e_type != ET_DYN)
    refuse("not_shared", "no shared library", "ELF type " + std::to_string(header_.e_type),
           "ELF type " + std::to_string(ET_DYN), "link it with -shared");
  if (header_.e_phentsize != sizeof(Elf64_Phdr))
    damaged("broken program headers", bytes_text(header_.e_phentsize) + " each", bytes_text(sizeof(Elf64_Phdr)));
}

std::vector<std::string> ElfLibrary::notes() const {
  uint64_t all = 0;
  std::vector<std::string> out;
  for (const auto& p : segments_) {
    if (p.p_type != PT_NOTE) continue;
    if (p.p_filesz > kMostOfNotes || (all += p.p_filesz) > kMostOfNotes)
      refuse("wrong_size", "its notes are too large", bytes_text(std::max(all, p.p_filesz)),
             "at most " + bytes_text(kMostOfNotes), kCopyAgain);
    check_inside(p.p_offset, p.p_filesz);
    std::string bytes(p.p_filesz, '\0');
    read(p.p_offset, bytes.data(), bytes.size());
    out.push_back(std::move(bytes));
  }
  return out;
}

void ElfLibrary::check_segment(const Elf64_Phdr& p, uint64_t& end) const {
  if (p.p_type == PT_NULL) return;
  check_inside(p.p_offset, p.p_filesz);  // access to memory that is mapped behind the file's end raises SIGBUS
  if (p.p_type != PT_LOAD) return;
  if (p.p_memsz < p.p_filesz)
    damaged("a segment is larger in the file than in memory", bytes_text(p.p_filesz),
            "at most " + bytes_text(p.p_memsz));
  if (p.p_vaddr > kHighestAddress || p.p_memsz > kHighestAddress - p.p_vaddr || p.p_vaddr < end)
    damaged("its segments are out of order", "one at address " + std::to_string(p.p_vaddr),
            "one from " + std::to_string(end) + " on");
  end = p.p_vaddr + p.p_memsz;
}

void ElfLibrary::check() const {
  uint64_t end = 0;
  for (const auto& p : segments_) check_segment(p, end);
  if (end == 0) damaged("it has nothing to load", "no segment PT_LOAD", "code");
  check_dynamic();
  // section headers are at the end of the file; a tool that removes them leaves 0
  if (header_.e_shoff) check_inside(header_.e_shoff, uint64_t(header_.e_shnum) * header_.e_shentsize);
}

uint64_t ElfLibrary::offset_of(uint64_t address, uint64_t n, const char* what) const {
  for (const auto& p : segments_)
    if (p.p_type == PT_LOAD && address >= p.p_vaddr && address - p.p_vaddr <= p.p_filesz &&
        n <= p.p_filesz - (address - p.p_vaddr))
      return p.p_offset + (address - p.p_vaddr);
  damaged(std::string(what) + " lies outside its segments", "address " + std::to_string(address),
          "an address that is loaded from the file");
}

std::vector<Elf64_Dyn> ElfLibrary::dynamic() const {
  for (const auto& p : segments_)
    if (p.p_type == PT_DYNAMIC)
      return table<Elf64_Dyn>(offset_of(p.p_vaddr, p.p_filesz, "its dynamic section"), p.p_filesz / sizeof(Elf64_Dyn));
  damaged("it has no dynamic section", "no segment PT_DYNAMIC", "what the dynamic linker reads");
}

void ElfLibrary::check_dynamic() const {
  bool has_texts = false, has_symbols = false, is_ended = false;
  for (const auto& d : dynamic()) {
    is_ended = is_ended || d.d_tag == DT_NULL;
    if (is_ended) break;
    if (is_address(d.d_tag)) offset_of(d.d_un.d_ptr, 1, "what its dynamic section names");
    has_texts = has_texts || d.d_tag == DT_STRTAB, has_symbols = has_symbols || d.d_tag == DT_SYMTAB;
  }
  if (!is_ended || !has_texts || !has_symbols)
    damaged("its dynamic section is broken", "one of them missing", "an end, texts and symbols in it");
}

std::vector<std::string> ElfLibrary::needed() const {
  return texts({DT_NEEDED});
}
std::vector<std::string> ElfLibrary::run_paths() const {
  return texts({DT_RPATH, DT_RUNPATH});
}

std::vector<std::string> ElfLibrary::texts(std::initializer_list<Elf64_Sxword> tags) const {
  uint64_t texts = 0, size = 0;
  const std::vector<Elf64_Dyn> all = dynamic();
  const auto last = std::find_if(all.begin(), all.end(), [](const Elf64_Dyn& d) { return d.d_tag == DT_NULL; });
  for (auto d = all.begin(); d != last; ++d) {
    if (d->d_tag == DT_STRTAB) texts = d->d_un.d_ptr;
    if (d->d_tag == DT_STRSZ) size = d->d_un.d_val;
  }
  const std::vector<char> bytes = table<char>(offset_of(texts, size, "its table of texts"), size);
  std::vector<std::string> out;
  for (auto d = all.begin(); d != last; ++d) {
    if (std::find(tags.begin(), tags.end(), d->d_tag) == tags.end()) continue;
    const auto start = bytes.begin() + std::ptrdiff_t(std::min(d->d_un.d_val, size)),
               end = std::find(start, bytes.end(), '\0');
    if (end == bytes.end())
      damaged("it names a library outside its table of texts", "position " + std::to_string(d->d_un.d_val),
              "less than " + std::to_string(size));
    out.emplace_back(start, end);
  }
  return out;
}

}  // namespace calotype
