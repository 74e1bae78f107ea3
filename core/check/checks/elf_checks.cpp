// The library's ELF headers. None of its code runs.
#include <algorithm>

#include "check/check.h"
#include "check/elf_file.h"

namespace calotype::check {
namespace {

/// True for names of the standard library, whose inline code GCC always makes visible.
bool is_standard(const std::string& name) {
  for (const char* start :
       {"_ZNSt",           "_ZNKSt",         "_ZSt",           "_ZTISt",  "_ZTSSt",   "_ZTVSt",
        "_ZZNSt",          "_ZZNKSt",        "_ZGVZNSt",       "_ZNSa",   "_ZNSs",    "_ZNKSa",
        "_ZNKSs",          "_ZN9__gnu_cxx",  "_ZNK9__gnu_cxx", "_ZnwmPv", "_ZdlPvS_", "_ZTIN9__gnu_cxx",
        "_ZTSN9__gnu_cxx", "_ZTVN9__gnu_cxx"})
    if (name.starts_with(start)) return true;
  return false;
}

/// True for symbols that a linker defines; gold exports them.
bool is_of_linker(const std::string& name) {
  for (const char* mark :
       {"_end", "end", "_edata", "edata", "_etext", "etext", "__bss_start", "__bss_start__", "__bss_end__",
        "_bss_end__", "__data_start", "_init", "_fini", "_GLOBAL_OFFSET_TABLE_", "__end__"})
    if (name == mark) return true;
  return false;
}

void exports_nothing_else(const Subject& s) {
  for (const auto& e : ElfFile(s.file).exported())
    if (e.binding == STB_GLOBAL && e.name != "calotype_library" && !is_of_linker(e.name))
      throw Broken("want no symbol but calotype_library, got " + e.name + "; make it static");
}

void hides_inline_code(const Subject& s) {
  for (const auto& e : ElfFile(s.file).exported())
    if (e.binding == STB_WEAK && e.name != "calotype_library" && !is_standard(e.name))
      throw Broken("want inline code hidden, got " + e.name +
                   "; compile with -fvisibility=hidden -fvisibility-inlines-hidden");
}

void has_no_unique_symbols(const Subject& s) {
  for (const auto& e : ElfFile(s.file).exported())
    if (e.binding == STB_GNU_UNIQUE)
      throw Broken("want no unique symbol, which prevents unloading, got " + e.name + "; compile with -fno-gnu-unique");
}

void needs_few_libraries(const Subject& s) {
  for (const auto& name : ElfFile(s.file).texts(DT_NEEDED)) {
    bool is_known = false;
    for (const char* known : {"libc.so.", "libm.so.", "libstdc++.so.", "libgcc_s.so.", "libc++.so.", "libc++abi.so.",
                              "libunwind.so.", "libpthread.so.", "libdl.so.", "ld-linux-x86-64.so."})
      is_known = is_known || name.starts_with(known);
    if (!is_known) throw Broken("want the libraries of C and C++ only, got " + name);
  }
}

void has_no_run_path(const Subject& s) {
  const ElfFile file(s.file);
  for (const auto tag : {DT_RPATH, DT_RUNPATH})
    for (const auto& path : file.texts(tag))
      throw Broken("want no RPATH, got \"" + path + "\", a folder of the build machine");
}

void has_no_text_relocations(const Subject& s) {
  if (ElfFile(s.file).has(DT_TEXTREL))
    throw Broken("want code that loading does not change, got DT_TEXTREL; compile with -fPIC");
}

void stack_is_not_code(const Subject& s) {
  for (const auto& p : ElfFile(s.file).segments())
    if (p.p_type == PT_GNU_STACK && (p.p_flags & PF_X))
      throw Broken("want a stack that is not executable, got an executable one; link with -z noexecstack");
}

void code_is_not_writable(const Subject& s) {
  for (const auto& p : ElfFile(s.file).segments())
    if (p.p_type == PT_LOAD && (p.p_flags & PF_X) && (p.p_flags & PF_W))
      throw Broken("want segments that are writable or executable, got one that is both");
}

void data_is_sealed(const Subject& s) {
  for (const auto& p : ElfFile(s.file).segments())
    if (p.p_type == PT_GNU_RELRO) return;
  throw Broken("want PT_GNU_RELRO, got none; link with -z relro");
}

}  // namespace

const std::vector<Check>& elf_checks() {
  using enum About;
  static const std::vector<Check> all{
      {"exports-nothing-else", "it exports no symbol but calotype_library", library, exports_nothing_else,
       "is-accepted"},
      {"hides-inline-code", "its templates and inline functions are hidden from other libraries", library,
       hides_inline_code, "is-accepted", true},
      {"has-no-unique-symbols", "it has no unique symbol, which would prevent unloading", library,
       has_no_unique_symbols, "is-accepted", true},
      {"needs-few-libraries", "it needs only the libraries of C and C++", library, needs_few_libraries, "is-accepted",
       true},
      {"has-no-run-path", "it has no RPATH", library, has_no_run_path, "is-accepted", true},
      {"has-no-text-relocations", "loading does not change its code", library, has_no_text_relocations, "is-accepted"},
      {"stack-is-not-code", "it does not require an executable stack", library, stack_is_not_code, "is-accepted"},
      {"code-is-not-writable", "no segment is both writable and executable", library, code_is_not_writable,
       "is-accepted"},
      {"data-is-sealed", "its tables are read-only after loading", library, data_is_sealed, "is-accepted"}};
  return all;
}

}  // namespace calotype::check
