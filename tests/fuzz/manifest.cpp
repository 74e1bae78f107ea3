// What a library declares: JSON in an ELF note. An input that begins with J is the JSON of a whole library.
#include "registry/manifest.h"

#include <calotype/abi.h>
#include <elf.h>

#include <cstring>

#include "target.h"

using namespace calotype;

namespace {

template <class T>
void append(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
void fill_up(std::string& out) {
  out.resize((out.size() + 3) / 4 * 4);
}

std::string note(std::string_view json) {
  calotype_note_header header{};
  header.magic = CALOTYPE_NOTE_MAGIC, header.header_size = sizeof header, header.tier = 1, header.abi = CALOTYPE_ABI;
  header.json_size = uint32_t(json.size());
  std::string out;
  append(out, Elf64_Nhdr{sizeof CALOTYPE_NOTE_NAME, Elf64_Word(sizeof header + json.size()), CALOTYPE_NOTE_TYPE});
  out.append(CALOTYPE_NOTE_NAME, sizeof CALOTYPE_NOTE_NAME);
  fill_up(out);
  append(out, header);
  out += json;
  fill_up(out);
  return out;
}

std::string library(std::string_view json) {
  const std::string content = note(json);
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64, header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_type = ET_DYN, header.e_machine = EM_X86_64;
  header.e_phentsize = sizeof(Elf64_Phdr), header.e_phnum = 1, header.e_phoff = sizeof header;
  Elf64_Phdr segment{};
  segment.p_type = PT_NOTE, segment.p_offset = sizeof header + sizeof segment, segment.p_filesz = content.size();
  std::string out;
  append(out, header), append(out, segment);
  return out + content;
}

}  // namespace

CALOTYPE_FUZZ(manifest) {
  const std::string& path = fuzz::as_file(input.starts_with('J') ? library(input.substr(1)) : std::string(input));
  const LibraryManifests manifests = read_manifests(path);
  if (manifests.refusal && manifests.refusal->code.empty()) fuzz::found("a refusal without a code");
  try {
    manifest_texts(path);
  } catch (const Error& e) {
    fuzz::check_error(e);
  }
}
