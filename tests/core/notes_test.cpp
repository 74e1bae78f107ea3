// Refusal before code: every library here is read, none is loaded but the ones that a test says.
#include <calotype/abi.h>
#include <calotype/error.h>
#include <doctest/doctest.h>
#include <elf.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include "discovery.h"
#include "library.h"
#include "note.h"
#include "schedule.h"

using namespace calotype;
namespace fs = std::filesystem;

namespace {

const std::string kAborts = CALOTYPE_FIXTURES "/aborts_when_loaded.so";
const std::string kBreaks = CALOTYPE_FIXTURES "/breaks_contract.so";

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A changed copy of the fixture that aborts when it is loaded, and what the host says of it.
std::string refusal(const std::function<void(std::string& bytes, size_t note)>& change) {
  std::string bytes = bytes_of(kAborts);
  const size_t note = bytes.find("CALO");
  REQUIRE(note != std::string::npos);
  change(bytes, note);
  const fs::path file = fs::temp_directory_path() / ("calotype_note_" + std::to_string(getpid()) + ".so");
  std::ofstream(file, std::ios::binary) << bytes;
  const LibraryNotes notes = read_notes(file);
  CHECK(notes.entries.empty());
  fs::remove(file);
  return notes.refusal;
}

void put(std::string& bytes, size_t at, uint32_t value) { std::memcpy(&bytes[at], &value, sizeof value); }

}  // namespace

TEST_CASE("note: an entry is read without loading the library, whose constructor would end this process") {
  const LibraryNotes notes = read_notes(kAborts);
  CHECK(notes.refusal == "");
  REQUIRE(notes.entries.size() == 1);
  CHECK(notes.entries[0].id == "aborting");
  CHECK(notes.entries[0].kind == Kind::scheduler);
}

TEST_CASE("note: loading that library does end the process") {
  const EntryInfo entry = read_notes(kAborts).entries.at(0);
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    Libraries().implementation(entry);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGABRT);
}

TEST_CASE("note: each mismatch has its own text") {
  CHECK(refusal([](std::string& b, size_t note) { put(b, note + offsetof(calotype_note_header, abi), 9); }) ==
        "interface: found version 9, needed at most 1; use a newer host, or build it against this host's SDK");
  CHECK(refusal([](std::string& b, size_t note) { put(b, note + offsetof(calotype_note_header, tier), 3); }) ==
        "tier: found 3, needed 1 or 2; use a newer host");
  CHECK(refusal([](std::string& b, size_t note) { put(b, note + offsetof(calotype_note_header, json_size), 1u << 30); }) ==
        "its note is damaged; rebuild it against this host's SDK");
  CHECK(refusal([](std::string& b, size_t note) { b[note] = 'X'; }) == "its note is damaged; rebuild it against this host's SDK");
  CHECK(refusal([](std::string& b, size_t note) { b[note + sizeof(calotype_note_header)] = '?'; }) ==
        "its note does not say what it offers; rebuild it against this host's SDK");
  CHECK(refusal([](std::string& b, size_t note) { b[note - 12] = 'X'; }) ==
        "no .note.calotype in it; needed: a plugin built with the Calotype SDK");
  CHECK(refusal([](std::string& b, size_t) { b.resize(100); }) == "cut short: found 100 bytes, needed 120; build or copy it again");
  CHECK(refusal([](std::string& b, size_t) { b = "#!/bin/sh\n" + b; }) == "not an ELF file; needed: a shared library");
  CHECK(refusal([](std::string& b, size_t) { b[offsetof(Elf64_Ehdr, e_machine)] = char(EM_AARCH64); }) ==
        "architecture: found ELF machine 183, needed 62 (x86-64); build it on this kind of machine");
  CHECK(refusal([](std::string& b, size_t) { b[offsetof(Elf64_Ehdr, e_type)] = ET_EXEC; }) ==
        "found ELF type 2, needed a shared library; link it with -shared");
}

TEST_CASE("note: a tier-2 library must have been built for exactly this libtorch") {
  // the fixture's note says tier 1; as tier 2 it names no build at all
  const std::string text = refusal([](std::string& b, size_t note) { put(b, note + offsetof(calotype_note_header, tier), 2); });
  CHECK(text == "compiler_abi: found nothing, needed " + host_build().at("compiler_abi") + "; rebuild it against this host's SDK and libtorch");
  const LibraryNotes other = read_notes(CALOTYPE_FIXTURES "/other_libtorch.so");
  CHECK(other.entries.empty());
  CHECK(other.refusal == "libtorch: found 9.9.9, needed " + host_build().at("libtorch") + "; rebuild it against this host's SDK and libtorch");
}

TEST_CASE("discovery: a refused library is listed with its reason, and the others are there") {
  const Catalog catalog = discover({CALOTYPE_FIXTURES, CALOTYPE_FIXTURES});
  REQUIRE(catalog.refusals().size() == 1);
  CHECK(catalog.refusals()[0].library == fs::canonical(CALOTYPE_FIXTURES "/other_libtorch.so"));
  CHECK(catalog.find(Kind::scheduler, "aborting").size() == 1);
}

TEST_CASE("catalog: one name in two libraries is an error that names both") {
  EntryInfo a, b;
  a.id = b.id = "karras";
  a.vendor = "x", a.library = "a.so", b.vendor = "y", b.library = "b.so";
  const Catalog catalog({a, b}, {}, {});
  CHECK_THROWS_WITH(catalog.get(Kind::scheduler, "karras"), "scheduler \"karras\" is offered by both a.so and b.so; write \"x/karras\"");
  CHECK(catalog.get(Kind::scheduler, "y/karras").library == "b.so");
}

TEST_CASE("schedule: a scheduler that breaks its contract is named, with what it did") {
  Libraries libraries;
  const auto run = [&](const std::string& id) {
    for (const auto& entry : read_notes(kBreaks).entries)
      if (entry.id == id) run_scheduler(*static_cast<const calotype_scheduler*>(libraries.implementation(entry)), entry, {}, 4, sdxl_noise_levels());
  };
  CHECK_THROWS_WITH(run("rising"), "scheduler \"rising\": broke its contract for 4 steps: sigma 1 is 2.000000 after 1.000000; wanted finite, falling strictly, the last 0");
  CHECK_THROWS_WITH(run("endless"), "scheduler \"endless\": broke its contract for 4 steps: sigma 4 is 1.000000 after 2.000000; wanted finite, falling strictly, the last 0");
  CHECK_THROWS_WITH(run("short"), "scheduler \"short\": returned 4 sigmas for 4 steps");
  CHECK_THROWS_WITH(run("throwing"), "scheduler \"throwing\": at most 3 steps: this is a fixture");
}

TEST_CASE("library: tier 1 is really unloaded") {
  const auto mapped = [] { return bytes_of("/proc/self/maps").find("breaks_contract.so") != std::string::npos; };
  {
    Libraries libraries;
    libraries.implementation(read_notes(kBreaks).entries.at(0));
    CHECK(mapped());
  }
  CHECK_FALSE(mapped());
}
