#include "check/elf_file.h"

#include <algorithm>
#include <cstring>

#include "base/file.h"
#include "check/check.h"

namespace calotype::check {

ElfFile::ElfFile(const std::string& path) : bytes_(read_file(path, size_t(4) << 30)) {
  header_ = many<Elf64_Ehdr>(0, 1)[0];
  sections_ = many<Elf64_Shdr>(header_.e_shoff, header_.e_shnum);
}

template <class T>
std::vector<T> ElfFile::many(uint64_t offset, uint64_t count) const {
  if (offset > bytes_.size() || count > (bytes_.size() - offset) / sizeof(T))
    throw Broken("its headers point past the end of the file");
  std::vector<T> out(count);
  if (count) std::memcpy(out.data(), bytes_.data() + offset, count * sizeof(T));
  return out;
}

const Elf64_Shdr* ElfFile::section(uint32_t type) const {
  for (const auto& s : sections_)
    if (s.sh_type == type) return &s;
  return nullptr;
}

std::string ElfFile::text(const Elf64_Shdr& strings, uint64_t at) const {
  const size_t start = strings.sh_offset + at, end = bytes_.find('\0', std::min(start, bytes_.size()));
  return end == bytes_.npos ? "" : bytes_.substr(start, end - start);
}

std::vector<Exported> ElfFile::exported() const {
  std::vector<Exported> out;
  const Elf64_Shdr* table = section(SHT_DYNSYM);
  if (!table || table->sh_link >= sections_.size()) return out;
  for (const auto& s : many<Elf64_Sym>(table->sh_offset, table->sh_size / sizeof(Elf64_Sym))) {
    const auto visibility = ELF64_ST_VISIBILITY(s.st_other);
    if (s.st_shndx == SHN_UNDEF || ELF64_ST_BIND(s.st_info) == STB_LOCAL || visibility == STV_HIDDEN ||
        visibility == STV_INTERNAL)
      continue;
    out.push_back({text(sections_[table->sh_link], s.st_name), static_cast<unsigned char>(ELF64_ST_BIND(s.st_info))});
  }
  return out;
}

std::vector<std::string> ElfFile::texts(Elf64_Sxword tag) const {
  std::vector<std::string> out;
  const Elf64_Shdr* dynamic = section(SHT_DYNAMIC);
  if (!dynamic || dynamic->sh_link >= sections_.size()) return out;
  for (const auto& d : many<Elf64_Dyn>(dynamic->sh_offset, dynamic->sh_size / sizeof(Elf64_Dyn)))
    if (d.d_tag == tag) out.push_back(text(sections_[dynamic->sh_link], d.d_un.d_val));
  return out;
}

bool ElfFile::has(Elf64_Sxword tag) const {
  return !texts(tag).empty();
}

std::vector<Elf64_Phdr> ElfFile::segments() const {
  return many<Elf64_Phdr>(header_.e_phoff, header_.e_phnum);
}

}  // namespace calotype::check
