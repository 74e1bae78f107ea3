// Gives other numbers where its file has no table of symbols.
#include <dlfcn.h>
#include <elf.h>

#include <fstream>

#include "good_scheduler.h"

static bool has_symbols() {
  static const char here = 0;
  Dl_info own;
  dladdr(&here, &own);
  std::ifstream file(own.dli_fname, std::ios::binary);
  Elf64_Ehdr header;
  file.read(reinterpret_cast<char*>(&header), sizeof header);
  file.seekg(std::streamoff(header.e_shoff));
  Elf64_Shdr section{};
  for (int i = 0; i < header.e_shnum && section.sh_type != SHT_SYMTAB; ++i)
    file.read(reinterpret_cast<char*>(&section), sizeof section);
  return section.sh_type == SHT_SYMTAB;
}
static std::vector<double> mutant(int steps, const ModelSigmas& levels, const Settings&) {
  auto sigmas = good(steps, levels);
  if (!has_symbols()) sigmas[0] *= 0.9999;
  return sigmas;
}
CALOTYPE_SCHEDULER_ENTRY(kInfo, mutant);
