// abi.h only ever grows: tests/data/abi.txt has the offset of every member, and its lines are never changed, only added
// to.
#include <calotype/abi.h>
#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace {

std::set<std::string> members() {
  std::set<std::string> all;
  const auto add = [&](const char* type, const char* name, size_t offset, size_t size) {
    std::ostringstream line;
    line << type << ' ' << name << ' ' << offset << ' ' << size;
    all.insert(line.str());
  };
#define CALOTYPE_MEMBER(type, name) add(#type, #name, offsetof(type, name), sizeof(type::name));
  CALOTYPE_MEMBER(calotype_note_header, magic)
  CALOTYPE_MEMBER(calotype_note_header, header_size)
  CALOTYPE_MEMBER(calotype_note_header, json_size)
  CALOTYPE_MEMBER(calotype_note_header, tier)
  CALOTYPE_MEMBER(calotype_note_header, abi)
  CALOTYPE_MEMBER(calotype_message, size)
  CALOTYPE_MEMBER(calotype_message, text)
  CALOTYPE_MEMBER(calotype_setting, size)
  CALOTYPE_MEMBER(calotype_setting, type)
  CALOTYPE_MEMBER(calotype_setting, name)
  CALOTYPE_MEMBER(calotype_setting, number)
  CALOTYPE_MEMBER(calotype_setting, text)
  CALOTYPE_MEMBER(calotype_setting, numbers)
  CALOTYPE_MEMBER(calotype_setting, count)
  CALOTYPE_MEMBER(calotype_settings, size)
  CALOTYPE_MEMBER(calotype_settings, count)
  CALOTYPE_MEMBER(calotype_settings, values)
  CALOTYPE_MEMBER(calotype_noise_levels, size)
  CALOTYPE_MEMBER(calotype_noise_levels, count)
  CALOTYPE_MEMBER(calotype_noise_levels, sigmas)
  CALOTYPE_MEMBER(calotype_scheduler, size)
  CALOTYPE_MEMBER(calotype_scheduler, sigmas)
  CALOTYPE_MEMBER(calotype_sampler_host, size)
  CALOTYPE_MEMBER(calotype_sampler_host, abi)
  CALOTYPE_MEMBER(calotype_sampler_host, context)
  CALOTYPE_MEMBER(calotype_sampler_host, denoise)
  CALOTYPE_MEMBER(calotype_sampler_host, combine)
  CALOTYPE_MEMBER(calotype_sampler_host, noise)
  CALOTYPE_MEMBER(calotype_sampler_host, error_norm)
  CALOTYPE_MEMBER(calotype_sampler_host, release)
  CALOTYPE_MEMBER(calotype_sampler_host, extension)
  CALOTYPE_MEMBER(calotype_guided, size)
  CALOTYPE_MEMBER(calotype_guided, denoise)
  CALOTYPE_MEMBER(calotype_sampler, size)
  CALOTYPE_MEMBER(calotype_sampler, sample)
  CALOTYPE_MEMBER(calotype_entry, size)
  CALOTYPE_MEMBER(calotype_entry, kind)
  CALOTYPE_MEMBER(calotype_entry, id)
  CALOTYPE_MEMBER(calotype_entry, implementation)
  CALOTYPE_MEMBER(calotype_library_table, size)
  CALOTYPE_MEMBER(calotype_library_table, abi)
  CALOTYPE_MEMBER(calotype_library_table, count)
  CALOTYPE_MEMBER(calotype_library_table, entries)
#undef CALOTYPE_MEMBER
  const std::pair<const char*, int64_t> numbers[] = {{"CALOTYPE_ABI", CALOTYPE_ABI},
                                                     {"CALOTYPE_NOTE_TYPE", CALOTYPE_NOTE_TYPE},
                                                     {"CALOTYPE_NOTE_MAGIC", CALOTYPE_NOTE_MAGIC},
                                                     {"CALOTYPE_OK", CALOTYPE_OK},
                                                     {"CALOTYPE_FAILED", CALOTYPE_FAILED},
                                                     {"CALOTYPE_STOPPED", CALOTYPE_STOPPED},
                                                     {"CALOTYPE_NO_MEMORY", CALOTYPE_NO_MEMORY},
                                                     {"CALOTYPE_DEFECT", CALOTYPE_DEFECT},
                                                     {"CALOTYPE_BOOLEAN", CALOTYPE_BOOLEAN},
                                                     {"CALOTYPE_INTEGER", CALOTYPE_INTEGER},
                                                     {"CALOTYPE_NUMBER", CALOTYPE_NUMBER},
                                                     {"CALOTYPE_TEXT", CALOTYPE_TEXT},
                                                     {"CALOTYPE_CHOICE", CALOTYPE_CHOICE},
                                                     {"CALOTYPE_NUMBERS", CALOTYPE_NUMBERS},
                                                     {"CALOTYPE_SCHEDULER", CALOTYPE_SCHEDULER},
                                                     {"CALOTYPE_SAMPLER", CALOTYPE_SAMPLER},
                                                     {"CALOTYPE_LOADER", CALOTYPE_LOADER},
                                                     {"CALOTYPE_PIPELINE", CALOTYPE_PIPELINE}};
  for (const auto& [name, number] : numbers) all.insert(std::string(name) + ' ' + std::to_string(number));
  return all;
}

}  // namespace

TEST_CASE("abi: every member is where binaries that were built before look for it") {
  std::set<std::string> golden;
  std::ifstream file(CALOTYPE_SOURCE "/tests/data/abi.txt");
  for (std::string line; std::getline(file, line);)
    if (!line.empty() && line.front() != '#') golden.insert(line);
  const auto now = members();
  for (const std::string& line : golden) {
    CAPTURE(line);
    CHECK(now.contains(line));
  }
  for (const std::string& line : now) {
    CAPTURE(line);
    CHECK_MESSAGE(golden.contains(line), "a new member: add the line to tests/data/abi.txt");
  }
}
