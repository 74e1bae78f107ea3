#include "check/check.h"

namespace calotype::check {

void need_threads(const Subject& subject, Threads needed) {
  if (subject.entry->threads > needed)
    throw Skipped("it declares threads: " + std::string(name_of(subject.entry->threads)));
}

const std::vector<Check>& checks() {
  static const std::vector<Check> all = [] {
    std::vector<Check> out;
    for (const auto* table :
         {&manifest_checks(), &elf_checks(), &load_checks(), &table_checks(), &strip_checks(),
          &scheduler_number_checks(), &scheduler_input_checks(), &scheduler_manner_checks(), &sampler_checks(),
          &sampler_fault_checks(), &sampler_manner_checks(), &wall_checks(), &loader_checks()})
      out.insert(out.end(), table->begin(), table->end());
    return out;
  }();
  return all;
}

}  // namespace calotype::check
