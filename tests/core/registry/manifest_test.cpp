// Refusal before code: every library here is read, none is loaded but the ones that a test names.
#include "registry/manifest.h"

#include <calotype/abi.h>
#include <calotype/error.h>
#include <doctest/doctest.h>
#include <elf.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "core/changed_library.h"
#include "loading/library.h"
#include "registry/discovery.h"
#include "registry/refusal.h"
#include "schedule/scheduler_call.h"

using namespace calotype;
using namespace changed_library_test;
namespace fs = std::filesystem;

namespace {

const std::string kAborts = CALOTYPE_FIXTURES "/aborts_when_loaded.so";
const std::string kBreaks = CALOTYPE_FIXTURES "/breaks_contract.so";

/// What the host reports of a changed copy of a fixture that aborts when it is loaded. No byte of the copy is ever
/// mapped.
Refusal refused(const Change& change, const std::string& fixture = kAborts) {
  const fs::path file = fs::temp_directory_path() / ("calotype_note_" + std::to_string(getpid()) + ".so");
  write_changed(file, fixture, change);
  const LibraryManifests manifests = read_manifests(file);
  CHECK(manifests.entries.empty());
  CHECK(bytes_of("/proc/self/maps").find("calotype_note_") == std::string::npos);
  fs::remove(file);
  REQUIRE(manifests.refusal);
  const auto& codes = refusal_codes();
  CHECK(
      std::any_of(codes.begin(), codes.end(), [&](const RefusalCode& c) { return c.code == manifests.refusal->code; }));
  return *manifests.refusal;
}
std::string refusal(const Change& change, const std::string& fixture = kAborts) {
  return refused(change, fixture).reason();
}

/// A note of tier 2 for this host, but for one field.
Change built_for(const std::string& field, const std::string& value) {
  std::string host;
  for (const auto& [name, own] : host_build())
    host += (host.empty() ? "\"" : ",\"") + name + "\":\"" + (name == field ? value : own) + '"';
  return with_json("{\"kind\":\"pipeline\",\"id\":\"x\",\"settings\":[],\"host\":{" + host + "}}");
}

}  // namespace

TEST_CASE("manifest: an entry is read without loading the library, whose constructor would end this process") {
  const LibraryManifests manifests = read_manifests(kAborts);
  CHECK_FALSE(manifests.refusal);
  REQUIRE(manifests.entries.size() == 2);
  // the compiler chooses in which order they stand
  CHECK(std::set{manifests.entries[0].id, manifests.entries[1].id} == std::set<std::string>{"aborting", "abortive"});
  CHECK(manifests.entries[0].kind == Kind::scheduler);
}

TEST_CASE("manifest: loading that library does end the process") {
  const EntryInfo entry = read_manifests(kAborts).entries.at(0);
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

TEST_CASE("manifest: carries all that a setting declares, and an old one less") {
  const auto settings = read_manifests(CALOTYPE_FIXTURES "/settings/every_setting.so").entries.at(0).settings;
  REQUIRE(settings.size() == 8);
  const SettingInfo& size = settings[0];
  CHECK(size.unit == "sigma");
  CHECK(size.since == "1.2.0");
  CHECK(size.formerly == std::vector<std::string>{"width", "span"});
  for (size_t i = 0; i < settings.size(); ++i) CHECK(int(settings[i].type) == std::vector{2, 0, 1, 2, 3, 4, 3, 5}[i]);
  CHECK(settings[5].choices == std::vector<std::string>{"up", "down", "2"});
  CHECK(settings[6].is_path);
  CHECK(std::get<Numbers>(settings[7].default_value) == std::vector<double>{0.5, 1});
  CHECK(settings[7].unit == "");
  CHECK(settings[7].formerly.empty());
}

TEST_CASE(
    "manifest: each mismatch has its own code, and names what is wrong, what is wanted, what it got and how to fix "
    "it") {
  const auto field = [](size_t offset, uint32_t value) {
    return [=](std::string& b, size_t note) { put(b, note + offset, value); };
  };
  CHECK(refusal(field(offsetof(calotype_note_header, abi), 9)) ==
        "needs a newer SDK: want at most 1, got interface 9; use a newer host, or build it against this host's SDK "
        "[sdk_required]");
  CHECK(refusal(field(offsetof(calotype_note_header, tier), 3)) ==
        "has a tier that this host does not know: want 1 or 2, got tier 3; use a newer host [tier]");
  CHECK(refusal(field(offsetof(calotype_note_header, header_size), 8))
            .starts_with("its note has a wrong size: want a header of at least 20, and no more than there is, got a "
                         "header of 8 bytes and "));
  CHECK(refusal(field(offsetof(calotype_note_header, json_size), 1u << 30))
            .find(", got a header of 20 bytes and 1073741824 bytes of JSON in ") != std::string::npos);
  CHECK(refusal(field(offsetof(calotype_note_header, json_size), 1u << 30))
            .ends_with("; rebuild it against this host's SDK [wrong_size]"));
  CHECK(refusal(field(0, 1)) ==
        "its note is damaged: want magic 0x4f4c4143, got magic 0x00000001; rebuild it against this host's SDK "
        "[damaged_note]");
}

TEST_CASE("manifest: a file that is no plugin is named as what it is") {
  CHECK(refusal([](std::string& b, size_t note) {
          for (size_t at = note - 12; at != std::string::npos; at = b.find("Calotype", at)) b[at] = 'X';
        }) ==
        "no plugin of Calotype: want a library built with the Calotype SDK, got no note .note.calotype; declare it "
        "with "
        "CALOTYPE_SCHEDULER_ENTRY or the macro of its kind, build it with calotype_add_plugin(), and keep the note "
        "when sections are removed "
        "[no_note]");
  CHECK(refusal([](std::string& b, size_t) { b.resize(63); }) ==
        "cut short: want 64 bytes, got 63 bytes; build or copy it again [truncated]");
  CHECK(refusal([](std::string& b, size_t) { b.clear(); }) ==
        "cut short: want 4 bytes, got 0 bytes; build or copy it again [truncated]");
  CHECK(refusal([](std::string& b, size_t note) { b.resize(note); }).ends_with("; build or copy it again [truncated]"));
  CHECK(refusal([](std::string& b, size_t) { b = "#!/bin/sh\n" + b; }) ==
        "no shared library: want an ELF file, got a file that does not begin with \"\\x7fELF\"; give the .so that "
        "the build makes [not_elf]");
  CHECK(refusal([](std::string& b, size_t) { b[offsetof(Elf64_Ehdr, e_machine)] = char(EM_AARCH64); }) ==
        "built for another processor: want machine 62, 64 bits, "
        "little-endian (x86-64), got machine 183, 64 bits, little-endian; "
        "build it on this kind of machine [architecture]");
  CHECK(refusal([](std::string& b, size_t) {
          b[EI_CLASS] = ELFCLASS32;
        }).find(", got machine 62, 32 bits, little-endian; ") != std::string::npos);
  CHECK(refusal([](std::string& b, size_t) {
          b[EI_DATA] = ELFDATA2MSB;
        }).find(", got machine 62, 64 bits, big-endian; ") != std::string::npos);
  CHECK(refusal([](std::string& b, size_t) { b[offsetof(Elf64_Ehdr, e_type)] = ET_EXEC; }) ==
        "no shared library: want ELF type 3, got ELF type 2; link it with -shared [not_shared]");
  CHECK(refusal([](std::string& b, size_t) { b[offsetof(Elf64_Ehdr, e_phentsize)] = 40; }) ==
        "broken program headers: want 56 bytes, got 40 bytes each; build or copy it again [damaged_elf]");
  CHECK(refusal([](std::string& b, size_t) {
          Elf64_Phdr segment{};
          size_t at = sizeof(Elf64_Ehdr);
          while (std::memcpy(&segment, &b[at], sizeof segment), segment.p_type != PT_NOTE) at += sizeof segment;
          put(b, at + offsetof(Elf64_Phdr, p_filesz), 20u << 20);
        }) ==
        "its notes are too large: want at most 16777216 bytes, got 20971520 bytes; build or copy it again "
        "[wrong_size]");
  const LibraryManifests none = read_manifests("/nowhere/x.so"), folder = read_manifests("/tmp");
  CHECK(none.refusal->reason() ==
        "cannot be read: want a file that this user may read, got No such file or directory; look at it with ls "
        "-lL [not_readable]");
  CHECK(folder.refusal->reason() ==
        "cannot be read: want a file that this user may read, got something that is not a file; look at it with ls "
        "-lL [not_readable]");
}

TEST_CASE(
    "manifest: a library that is cut anywhere is refused before it is mapped, and what it offers is known where its "
    "manifests "
    "are "
    "left") {
  const std::string whole = bytes_of(kAborts);
  for (size_t size = 0; size < whole.size(); size += 61) {
    CAPTURE(size);
    const Refusal r = refused([&](std::string& b, size_t) { b.resize(size); });
    CHECK(r.code == "truncated");
    if (size > whole.size() / 2) CHECK(r.offers.size() == 2);
  }
}

TEST_CASE("manifest: headers that would lead the dynamic linker astray are refused") {
  const auto header_of = [](std::string& b, uint32_t type) {
    size_t at = sizeof(Elf64_Ehdr);
    while (std::memcmp(&b[at], &type, sizeof type) != 0) at += sizeof(Elf64_Phdr);
    return reinterpret_cast<Elf64_Phdr*>(&b[at]);
  };
  const auto with = [&](uint32_t type, const std::function<void(Elf64_Phdr&)>& change) {
    return refusal([&](std::string& b, size_t) { change(*header_of(b, type)); });
  };
  const std::string end = "; build or copy it again [damaged_elf]";
  CHECK(with(PT_LOAD, [](Elf64_Phdr& p) {
          p.p_memsz = p.p_filesz - 1;
        }).starts_with("a segment is larger in the file than in memory: want "));
  CHECK(with(PT_LOAD, [](Elf64_Phdr& p) {
          p.p_vaddr = uint64_t(1) << 60;
        }).starts_with("its segments are out of order: want "));
  CHECK(with(PT_LOAD, [](Elf64_Phdr& p) { p.p_vaddr = 1 << 30; }).ends_with(end));
  CHECK(with(PT_LOAD, [](Elf64_Phdr& p) {
          p.p_offset = ~uint64_t(0) - 8;
        }).starts_with("cut short: want 18446744073709551615 bytes, got "));
  CHECK(with(PT_DYNAMIC, [](Elf64_Phdr& p) { p.p_vaddr = 1 << 30; }) ==
        "its dynamic section lies outside its segments: want an address that is loaded from the "
        "file, got address 1073741824" +
            end);
  CHECK(with(PT_DYNAMIC, [](Elf64_Phdr& p) { p.p_type = PT_NULL; }) ==
        "it has no dynamic section: want what the dynamic linker reads, got no segment PT_DYNAMIC" + end);
  CHECK(with(PT_DYNAMIC, [](Elf64_Phdr& p) { p.p_filesz = sizeof(Elf64_Dyn); }) ==
        "its dynamic section is broken: want an end, texts and symbols in it, got one of them missing" + end);
  CHECK(refusal([&](std::string& b, size_t) {
          const Elf64_Phdr dynamic = *header_of(b, PT_DYNAMIC);
          for (auto* d = reinterpret_cast<Elf64_Dyn*>(&b[dynamic.p_offset]); d->d_tag != DT_NULL; ++d)
            if (d->d_tag == DT_SYMTAB) d->d_un.d_ptr = 1 << 30;
        }) ==
        "what its dynamic section names lies outside its segments: want an address that is loaded "
        "from "
        "the file, got address 1073741824" +
            end);
}

TEST_CASE("manifest: a tier-1 library that needs libtorch is refused") {
  for (const std::string name : {"libtorch_cpu.1", "libc10.so.1234"})
    CHECK(refusal([&](std::string& b, size_t) { replace(b, "libstdc++.so.6", name); }) ==
          "has the wrong tier: want no library of libtorch for tier 1, got tier 1, and a need of " + name +
              "; link it without libtorch [tier]");
}

TEST_CASE("manifest: JSON that is nested without end is refused") {
  // behind the end of the file there is room for more than the fixture's own note has
  const auto with_long_json = [](const std::string& json) {
    return [json](std::string& b, size_t) {
      const auto word = [](uint32_t value) { return std::string(reinterpret_cast<const char*>(&value), sizeof value); };
      const std::string padded = json + std::string((4 - json.size() % 4) % 4, ' ');
      const std::string note = word(9) + word(uint32_t(20 + padded.size())) + word(CALOTYPE_NOTE_TYPE) +
                               std::string("Calotype\0\0\0\0", 12) + word(CALOTYPE_NOTE_MAGIC) + word(20) +
                               word(uint32_t(json.size())) + word(1) + word(1) + padded;
      size_t at = sizeof(Elf64_Ehdr);
      Elf64_Phdr segment{};
      while (std::memcpy(&segment, &b[at], sizeof segment), segment.p_type != PT_NOTE) at += sizeof segment;
      segment.p_offset = b.size(), segment.p_filesz = note.size();
      std::memcpy(&b[at], &segment, sizeof segment);
      b += note;
    };
  };
  for (const std::string start : {"[", "{\"a\":", "[{\"a\":"}) {
    std::string deep;
    for (int i = 0; i < 300'000; ++i) deep += start;
    CHECK(
        refusal(with_long_json(deep)) ==
        "its manifest lacks what it must declare: want "
        "a JSON object, as the SDK writes it, got JSON that cannot be read: lists and objects within each other, more "
        "than 256 deep; rebuild it against this host's SDK [incomplete_note]");
  }
  CHECK(refusal(with_long_json(std::string(200, '[') + std::string(200, ']'))).find("nothing fit for \"kind\"") !=
        std::string::npos);
}

TEST_CASE("manifest: what a manifest offers must be given, known, and given once") {
  CHECK(refusal([](std::string& b, size_t note) { b[note + sizeof(calotype_note_header)] = '?'; }) ==
        "its manifest lacks what it must declare: want a JSON object, "
        "as the SDK writes it, got what is no JSON at byte 1 of 134, after `?`; "
        "rebuild it against this host's SDK [incomplete_note]");
  CHECK(refusal(with_json("{\"kind\":\"scheduler\",\"id\":\"x\" \"settings\":[]}"))
            .find(", got what is no JSON at byte 39 of 134, after `,\"id\":\"x\" \"settings\"`") != std::string::npos);
  CHECK(refusal([](std::string& b, size_t) { replace(b, "\"id\":", "\"it\":"); }) ==
        "its manifest lacks what it must declare: want what the SDK writes there, got nothing fit for \"id\"; rebuild "
        "it against this host's SDK "
        "[incomplete_note]");
  CHECK(refusal([](std::string& b, size_t) { replace(b, "\"kind\":\"scheduler\"", "\"kind\":\"schedulex\""); }) ==
        "offers what this host does not know: want scheduler, sampler, loader or pipeline, got \"schedulex\"; use "
        "a newer host "
        "[unknown_interface]");
  CHECK(refusal([](std::string& b, size_t) { replace(b, "\"type\":\"number\"", "\"type\":\"matrix\""); }) ==
        "setting \"speed\" has an unknown type: want boolean, integer, number, text, choice or "
        "numbers, got \"matrix\"; write one of these, or "
        "use a newer host [unknown_setting_type]");
  CHECK(refusal([](std::string& b, size_t) { replace(b, "\"default\":", "\"defualt\":"); }) ==
        "its manifest lacks what it must declare: want a value of its "
        "type, or null where there is none, got no \"default\" of the setting \"speed\"; "
        "rebuild it against this host's SDK [incomplete_note]");
  CHECK(refusal([](std::string& b, size_t) { replace(b, "\"type\":\"number\"", "\"tpye\":\"number\""); }) ==
        "its manifest lacks what it must declare: want one of boolean, "
        "integer, number, text, choice, "
        "numbers, got no \"type\" of the setting \"speed\"; rebuild it against this host's SDK [incomplete_note]");
  for (const std::string key : {"model_calls", "guidance"})
    for (const std::string value : {"[1]", "[1,\"2\"]", "2"})
      CHECK(refusal(with_json("{\"kind\":\"sampler\",\"id\":\"x\",\"" + key + "\":" + value + ",\"settings\":[]}")) ==
            "its manifest lacks what it must declare: want what the SDK writes there, got nothing fit for \"" + key +
                "\"; rebuild it against this host's "
                "SDK [incomplete_note]");
  CHECK(refusal(with_json("{\"kind\":\"sampler\",\"id\":\"x\",\"needs\":[\"more\"],\"settings\":[]}")) ==
        "needs what this host does not give: want unconditional or flow, got \"more\"; use a newer host "
        "[sdk_required]");
  CHECK(refusal([](std::string& b, size_t) { replace(b, "\"id\":\"abortive\"", "\"id\":\"aborting\""); }) ==
        "offers one name twice: want each name once, got scheduler \"aborting\" twice; rename one of them, and "
        "rebuild it [duplicate_id]");
  CHECK(refusal(with_json("{\"kind\":\"scheduler\",\"id\":\"x\",\"threads\":\"any\",\"settings\":[]}")) ==
        "its manifest lacks what it must declare: want reentrant, instance or main, got \"any\" for \"threads\"; "
        "rebuild it against this host's SDK "
        "[incomplete_note]");
  CHECK(refusal(with_json("{\"kind\":\"loader\",\"id\":\"x\",\"settings\":[]}")) ==
        "has the wrong tier: want tier 2 for a loader, got tier 1; rebuild it against this host's SDK [tier]");
}

TEST_CASE("manifest: what a refused library offers is known as far as its manifests can be read") {
  const Refusal r = refused([](std::string& b, size_t note) { put(b, note + offsetof(calotype_note_header, abi), 9); });
  CHECK(r.offers == std::vector<std::string>{"scheduler aborting", "scheduler abortive"});
  CHECK(refused([](std::string& b, size_t) { b.resize(100); }).offers.empty());
  CHECK(Catalog({}, {r}, {}).refused(Kind::scheduler, "aborting").size() == 1);
  CHECK(Catalog({}, {r}, {}).refused(Kind::sampler, "aborting").empty());
  CHECK_THROWS_WITH(Catalog({}, {r}, {}).get(Kind::scheduler, "aborting"),
                    ("scheduler \"aborting\" is refused: " + r.library + ": " + r.reason()).c_str());
}

TEST_CASE("manifest: a tier-2 library must have been built for exactly this host") {
  const std::string fix = "; rebuild it against this host's SDK and libtorch ",
                    other = CALOTYPE_FIXTURES "/other_libtorch.so";
  const LibraryManifests manifests = read_manifests(other);
  CHECK(manifests.entries.empty());
  CHECK(manifests.refusal->reason() == "built for another libtorch: want libtorch " + host_build().at("libtorch") +
                                           ", got libtorch 9.9.9" + fix + "[libtorch_version]");
  struct Row {
    std::string field, meaning, code;
  };
  const std::vector<Row> rows{{"libtorch", "another libtorch", "libtorch_version"},
                              {"libtorch_git", "other sources of libtorch", "libtorch_build"},
                              {"sdk", "another SDK", "sdk_version"},
                              {"cxx11_abi", "the other ABI of the C++ library", "cxx_abi"},
                              {"compiler_abi", "another ABI of the compiler", "compiler_abi"},
                              {"cplusplus", "another C++ standard", "cxx_standard"},
                              {"tensor_impl_size", "tensors of another size", "tensor_size"}};
  CHECK(rows.size() == host_build().size());
  for (const Row& row : rows) {
    CAPTURE(row.field);
    CHECK(refusal(built_for(row.field, "?"), other) == "built for " + row.meaning + ": want " + row.field + " " +
                                                           host_build().at(row.field) + ", got " + row.field + " ?" +
                                                           fix + "[" + row.code + "]");
  }
  // the fixture's manifest declares tier 1; as tier 2 it names no build at all
  CHECK(refusal([](std::string& b, size_t note) { put(b, note + offsetof(calotype_note_header, tier), 2); }) ==
        "built for another libtorch: want libtorch " + host_build().at("libtorch") + ", got libtorch nothing" + fix +
            "[libtorch_version]");
}

TEST_CASE("manifest: tools that change a library leave its manifest, or it is refused for want of it") {
  const fs::path folder = fs::temp_directory_path() / ("calotype_tools_" + std::to_string(getpid()));
  fs::create_directories(folder);
  const std::string copy = folder / "copy.so";
  const auto after = [&](const std::string& tool, const std::string& arguments) {
    fs::copy_file(kAborts, copy, fs::copy_options::overwrite_existing);
    const bool is_there = std::system(("command -v " + tool + " >/dev/null").c_str()) == 0;
    if (!is_there) MESSAGE("no " << tool << " here");
    if (is_there) CHECK(std::system((tool + " " + arguments + " " + copy).c_str()) == 0);
    return read_manifests(copy);
  };
  for (const auto& [tool, arguments] : {std::pair{"strip", ""},
                                        {"strip", "--strip-all -R .comment"},
                                        {"objcopy", "--strip-unneeded"},
                                        {"objcopy", "--strip-debug"},
                                        {"patchelf", "--set-rpath /nowhere/at/all/for/long"}}) {
    const LibraryManifests manifests = after(tool, arguments);
    CAPTURE(tool);
    CHECK_FALSE(manifests.refusal);
    CHECK(manifests.entries.size() == 2);
  }
  const LibraryManifests without = after("objcopy", "--remove-section .note.calotype");
  if (without.refusal) CHECK(without.refusal->code == "no_note");
  fs::remove_all(folder);
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
  CHECK_THROWS_WITH(
      catalog.get(Kind::scheduler, "karras"),
      "scheduler \"karras\" is offered by both a.so and b.so; write \"x/karras\" or \"y/karras\" [duplicate_id]");
  CHECK(catalog.get(Kind::scheduler, "y/karras").library == "b.so");
  CHECK_THROWS_WITH(catalog.get(Kind::scheduler, "yy/karas"),
                    "unknown scheduler \"yy/karas\"; did you mean \"y/karras\"? known: karras, karras");
}

TEST_CASE("catalog: an unknown name is an error with what is out of reach") {
  EntryInfo karras;
  karras.id = "karras";
  const std::string unknown = "unknown scheduler \"mine\"; known: karras";
  const auto reported = [&](std::vector<Refusal> refusals, std::vector<SearchedFolder> folders) {
    try {
      Catalog({karras}, std::move(refusals), std::move(folders)).get(Kind::scheduler, "mine");
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  const SearchedFolder own{"own", std::string(kOwnOrigin), "", {}}, other{"p", "plugins.path", "", {}};
  CHECK(reported({}, {}) == unknown);
  CHECK(reported({}, {own, other}) == unknown);
  CHECK(reported({}, {own}) ==
        unknown + "; for another plugin, name its folder in plugins.path or CALOTYPE_PLUGIN_PATH");
  CHECK(reported({Refusal{}}, {own, other}) == unknown + "; 1 library was refused: calotype list plugins");
  CHECK(reported({Refusal{}, Refusal{}}, {own, other}) ==
        unknown + "; 2 libraries were refused: calotype list plugins");
}

TEST_CASE("schedule: the sigmas of SDXL are those of diffusers, to the last bit") {
  std::vector<double> wanted;
  const auto table = nlohmann::json::parse(bytes_of(CALOTYPE_TEST_DATA "/goldens/schedules.json"));
  for (const double alpha : table["alphas_cumprod"]) wanted.push_back(std::sqrt((1 - alpha) / alpha));
  CHECK(scaled_linear_sigmas({0.00085, 0.012, 1000}) == wanted);
}

TEST_CASE("schedule: a scheduler that breaks its contract is named, with what it did") {
  Libraries libraries;
  const auto run = [&](const std::string& id) {
    for (const auto& entry : read_manifests(kBreaks).entries)
      if (entry.id == id)
        run_scheduler(*static_cast<const calotype_scheduler*>(libraries.implementation(entry)), entry, {}, 4,
                      scaled_linear_sigmas({0.00085, 0.012, 1000}));
  };
  CHECK_THROWS_WITH(run("rising"),
                    "scheduler \"rising\": broke its contract for 4 steps: sigma 1 is 2.000000 after 1.000000; want "
                    "finite, falling strictly, the last 0");
  CHECK_THROWS_WITH(run("endless"),
                    "scheduler \"endless\": broke its contract for 4 steps: sigma 4 is 1.000000 after 2.000000; want "
                    "finite, falling strictly, the last 0");
  CHECK_THROWS_WITH(run("short"), "scheduler \"short\": want 5 sigmas for 4 steps, got 4");
  CHECK_THROWS_WITH(run("throwing"), "scheduler \"throwing\": at most 3 steps: this is a fixture");
}

TEST_CASE("library: what does not load, or has another table than the host can read, is refused") {
  const fs::path folder = fs::temp_directory_path() / ("calotype_library_" + std::to_string(getpid())),
                 file = folder / "odd.so";
  fs::create_directories(folder);
  const std::string odd = CALOTYPE_FIXTURES "/odd/odd_library.so";
  const auto refusal = [](const std::string& library) {
    try {
      Libraries().implementation(read_manifests(library).entries.at(0));
    } catch (const Error& e) {
      CHECK(e.code() == ErrorCode::refused);
      return std::string(e.what()).substr(library.size() + 2);
    }
    return std::string("nothing");
  };
  const auto changed = [&](const std::string& from, const std::string& to) {
    write_changed(file, odd, [&](std::string& b, size_t) { replace(b, from, to); });
    return refusal(file);
  };
  CHECK(changed("libstdc++.so.6", "libnowhere.so.") ==
        "cannot be loaded: want a "
        "library that the dynamic "
        "linker takes, got libnowhere.so.: cannot open shared object file: No such file or directory; rebuild it, or "
        "install what it names [not_loadable]");
  CHECK(changed(std::string("calotype_library\0", 17), std::string("calotype_lobrary\0", 17)) ==
        "has no table: want the symbol calotype_library, exported, got none; rebuild it with the macros of "
        "the SDK [no_table]");
  const auto reason_of = [&](const char* how) {
    setenv("CALOTYPE_ODD", how, 1);
    const std::string out = refusal(odd);
    unsetenv("CALOTYPE_ODD");
    return out;
  };
  const std::string fix = "; rebuild it against this host's SDK ";
  CHECK(reason_of("small-table") == "its table has a wrong size: want at least 24, got 4 bytes" + fix + "[wrong_size]");
  CHECK(reason_of("small-entry") ==
        "an entry of its table has a wrong size: want at least 24, got 4 bytes" + fix + "[wrong_size]");
  CHECK(
      reason_of("other-id") ==
      "its manifest and its table differ: want scheduler \"odd\" in both, got scheduler \"odd\" in the manifest alone" +
          fix + "[table_mismatch]");
  const auto damaged = [&](const std::string& what) {
    return "its table is damaged: want entries with an id, an implementation and its function, got null for " + what +
           fix + "[damaged_table]";
  };
  CHECK(reason_of("no-table") == damaged("the table"));
  CHECK(reason_of("no-entries") == damaged("its entries"));
  CHECK(reason_of("no-entry") == damaged("entry 0"));
  CHECK(reason_of("null-id") == damaged("the id of entry 0"));
  CHECK(reason_of("no-implementation") == damaged("the implementation of entry 0"));
  CHECK(reason_of("no-function") == damaged("the function of entry 0"));
  CHECK(reason_of("small-scheduler") ==
        "the implementation of an entry has a wrong size: want at least 16, got 4 bytes" + fix + "[wrong_size]");
  CHECK(reason_of("") == "nothing");
  fs::remove_all(folder);
}

TEST_CASE("library: tier 1 is really unloaded") {
  const auto mapped = [] { return bytes_of("/proc/self/maps").find("breaks_contract.so") != std::string::npos; };
  {
    Libraries libraries;
    libraries.implementation(read_manifests(kBreaks).entries.at(0));
    CHECK(mapped());
  }
  CHECK_FALSE(mapped());
}
