// What a loader does with bad files. It runs with the host's own libtorch, which load_libtorch loads.
#include <calotype/model_loader.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "check/child_process.h"
#include "check/loaded_library.h"
#include "host/engine.h"
#include "loading/abi_settings.h"

namespace calotype::check {
namespace fs = std::filesystem;
namespace {

/// Wants the call of a loader to throw an Error that names the file.
template <class Call>
void wants_error(const std::string& path, const Call& call) {
  try {
    call();
  } catch (const Error& e) {
    if (!std::strstr(e.what(), fs::path(path).filename().c_str()))
      throw Broken("want the name of the file in its message, got \"" + std::string(e.what()) + "\"");
    return;
  } catch (const std::exception& e) {
    throw Broken("want a calotype::Error, got another exception: " + std::string(e.what()));
  } catch (...) {
    throw Broken("want a calotype::Error, got an exception that is not a std::exception");
  }
  throw Broken("want an error, got that it accepts the file");
}

/// Opens `path`.
void give(const Subject& s, const std::string& path) {
  const Opened opened(s);
  auto* const factory = *static_cast<ModelLoaderFactory* const*>(opened.implementation(*s.entry));
  const AbiSettings values(*s.entry, {});
  const Settings settings(values.get());
  const std::unique_ptr<ModelLoader> loader(factory());
  now_calls("loader.open");
  wants_error(path, [&] { loader->open({path, settings}); });
}

/// The first thing that the loader accepts: ".ext", or "name/" for a folder that contains a file of this name.
std::string accepted_by(const EntryInfo& e) {
  if (e.accepts.empty()) throw Skipped("it does not declare the files that it accepts");
  return e.accepts[0];
}

/// Writes `bytes` into a file, or into a folder, of a kind that the loader accepts, and calls describe and load for it.
void give(const Subject& s, const std::string& name, const std::string& bytes) {
  const std::string accepted = accepted_by(*s.entry);
  const bool is_folder = accepted.ends_with('/');
  const fs::path path = s.folder + "/" + (is_folder ? name : name + accepted);
  if (is_folder) fs::create_directory(path);
  std::ofstream(is_folder ? path / accepted.substr(0, accepted.size() - 1) : path, std::ios::binary) << bytes;
  give(s, path.string());
}

/// The start of a safetensors file: the length of the header, and the header.
std::string with_header(uint64_t size, const std::string& header) {
  std::string out(sizeof size, '\0');
  std::memcpy(out.data(), &size, sizeof size);
  return out + header;
}
std::string with_header(const std::string& header) {
  return with_header(header.size(), header);
}

void refuses_a_missing_file(const Subject& s) {
  const std::string accepted = accepted_by(*s.entry);
  give(s, s.folder + (accepted.ends_with('/') ? "/missing" : "/missing" + accepted));
}
void refuses_an_empty_file(const Subject& s) {
  give(s, "empty", "");
}
void refuses_a_cut_length(const Subject& s) {
  give(s, "cut_length", std::string(5, '\1'));
}
void refuses_a_huge_header(const Subject& s) {
  give(s, "huge_header", with_header(~uint64_t(0), "{}"));
}
void refuses_a_cut_header(const Subject& s) {
  give(s, "cut_header", with_header(4096, "{\"a\":{\"dtype\":\"F32\",\"sha"));
}
void refuses_no_json(const Subject& s) {
  give(s, "no_json", with_header("this is no JSON at all, though it is long enough"));
}
void refuses_deep_json(const Subject& s) {
  give(s, "deep_json", with_header(std::string(200'000, '[')));
}
void refuses_data_past_the_end(const Subject& s) {
  give(s, "past_the_end", with_header(R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,1099511627776]}})"));
}
void refuses_a_shape_too_large(const Subject& s) {
  give(s, "large_shape",
       with_header(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,16]}})") +
           std::string(16, '\0'));
}
void refuses_noise(const Subject& s) {
  std::mt19937_64 random(s.seed);
  for (int i = 0; i < (s.level == Level::quick ? 4 : 32); ++i) {
    std::string bytes(random() % 5000, '\0');
    for (char& c : bytes) c = char(random());
    give(s, "random", bytes);
  }
}

}  // namespace

void load_libtorch() {
  load_engine();
}

const std::vector<Check>& loader_checks() {
  using enum About;
  static const std::vector<Check> all{
      {"loader-refuses-a-missing-file", "a missing file is an error that names it", loader, refuses_a_missing_file,
       kLoaded},
      {"loader-refuses-an-empty-file", "an empty file is an error that names it", loader, refuses_an_empty_file,
       kLoaded},
      {"loader-refuses-a-cut-length", "a file that ends within its first 8 bytes is an error that names it", loader,
       refuses_a_cut_length, kLoaded},
      {"loader-refuses-a-huge-header", "a header longer than any file is an error that names the file", loader,
       refuses_a_huge_header, kLoaded},
      {"loader-refuses-a-cut-header", "a file that ends within its header is an error that names it", loader,
       refuses_a_cut_header, kLoaded},
      {"loader-refuses-no-json", "a header that is not JSON is an error that names the file", loader, refuses_no_json,
       kLoaded},
      {"loader-refuses-deep-json", "a header of 200,000 open brackets is an error that names the file", loader,
       refuses_deep_json, kLoaded},
      {"loader-refuses-data-past-the-end", "weights past the end of the file are an error that names the file", loader,
       refuses_data_past_the_end, kLoaded},
      {"loader-refuses-a-shape-too-large", "a shape whose size overflows is an error that names the file", loader,
       refuses_a_shape_too_large, kLoaded},
      {"loader-refuses-noise", "random bytes are an error that names the file", loader, refuses_noise, kLoaded}};
  return all;
}

}  // namespace calotype::check
