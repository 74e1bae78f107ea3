#include "registry/refusal.h"

namespace calotype {

void refuse(std::string_view code, const std::string& what, const std::string& found, const std::string& needed,
            const std::string& fix) {
  throw Refused({"", std::string(code), what, found, needed, fix, "", {}});
}

const std::vector<RefusalCode>& refusal_codes() {
  static const std::vector<RefusalCode> all{
      {"not_searched", "it lies in no folder that is searched; `calotype plugin why` lists them"},
      {"left_out", "`--without` names it"},
      {"not_readable", "this user may not read the file, or it is none"},
      {"not_elf", "another kind of file with a library's name"},
      {"truncated", "the file is shorter than its headers declare: a copy or download that broke off"},
      {"architecture", "built for another processor"},
      {"not_shared", "a program or an object file, not a shared library"},
      {"damaged_elf", "headers that no linker writes"},
      {"no_note", "no plugin, or one that lost its section `.note.calotype`"},
      {"wrong_size", "the sizes in a note or in the library's table do not fit what is there"},
      {"damaged_note", "a note that does not begin as one of ours"},
      {"sdk_required", "it needs an interface that is newer than this host"},
      {"tier", "a tier that this host does not know, or that its kind may not have; or tier 1, and it needs libtorch"},
      {"incomplete_note", "a manifest that lacks what it must declare"},
      {"unknown_interface", "it offers a kind of thing that this host does not know"},
      {"unknown_setting_type", "it declares a setting of a type that this host does not know"},
      {"duplicate_id", "it offers one name twice; also in the error where two libraries offer the same name"},
      {"sdk_version", "tier 2: built with another SDK"},
      {"libtorch_version", "tier 2: built for another libtorch"},
      {"libtorch_build", "tier 2: built for the same version of libtorch from other sources"},
      {"cxx_abi", "tier 2: built with the other ABI of the C++ library"},
      {"compiler_abi", "tier 2: built with another ABI of the compiler"},
      {"cxx_standard", "tier 2: built for another C++ standard"},
      {"tensor_size", "tier 2: its tensors have another size"},
      {"host_build", "tier 2: built for a host that differs in something else"},
      {"run_path",
       "it has libraries loaded from the working folder: it needs one by a relative path, or its run path has a "
       "relative or empty part; or, under a `plugins.lock`, from a folder that it names in whole"},
      {"other_owner", "a user other than this one and root owns the file or a folder above it, and may change them"},
      {"group_writable", "a group may change the file, or put another in its place"},
      {"world_writable", "every user may change the file, or put another in its place"},
      {"vendor_not_allowed", "`plugins.allow` does not name its vendor"},
      {"hash_not_pinned", "`plugins.lock` does not have its sha256"},
      {"crashed", "it ended the process when `calotype plugin check` tried it"},
      {"replaced", "another file took its place after its manifest was read, or tier 2: while it is loaded"},
      {"not_loadable", "the dynamic linker cannot load it: a library or symbol that it names is missing"},
      {"no_table", "it exports no `calotype_library`"},
      {"damaged_table",
       "null stands for the library's table, or in it for an entry, an id, an implementation or its function"},
      {"table_mismatch", "its manifest offers what its table does not have"}};
  return all;
}

}  // namespace calotype
