#include "check/check.h"
#include "check/elf_file.h"
#include "target.h"

using namespace calotype;

CALOTYPE_FUZZ(elf) {
  if (input.size() < sizeof(Elf64_Ehdr)) return;
  try {
    const check::ElfFile file(fuzz::as_file(input));
    file.exported(), file.texts(DT_NEEDED), file.has(DT_RPATH), file.segments();
  } catch (const check::Broken&) {
  } catch (const Error& e) {
    fuzz::check_error(e);
  }
}
