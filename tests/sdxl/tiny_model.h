#pragma once
#include <calotype/error.h>
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>

#include "sdxl/loader.h"
#include "temporary_folder.h"

/// The tiny SDXL with random weights, as a folder; tests/data/tiny_sdxl has it as a single file too.
inline const std::string kTinyFolder = CALOTYPE_TEST_DATA "/tiny_sdxl/diffusers";

/// The settings of both loaders, as a host hands them over.
struct Choices {
  const char *prediction_type = "auto", *zero_terminal_snr = "auto", *variant = "auto";
  std::string unet{}, vae{}, text_encoder{}, text_encoder_2{}, tiny_decoder{};
  const char* decoder = "vae";
};
template <class F>
auto with(const Choices& c, F f) {
  const auto choice = [](const char* name, const char* text) {
    return calotype_setting{sizeof(calotype_setting), CALOTYPE_CHOICE, name, 0, text, nullptr, 0};
  };
  const calotype_setting values[] = {choice("prediction_type", c.prediction_type),
                                     choice("zero_terminal_snr", c.zero_terminal_snr),
                                     choice("variant", c.variant),
                                     choice("unet", c.unet.c_str()),
                                     choice("vae", c.vae.c_str()),
                                     choice("text_encoder", c.text_encoder.c_str()),
                                     choice("text_encoder_2", c.text_encoder_2.c_str()),
                                     choice("tiny_decoder", c.tiny_decoder.c_str()),
                                     choice("decoder", c.decoder),
                                     choice("read", "map"),
                                     choice("attention", "fixed"),
                                     choice("fusions", "few")};
  const calotype_setting* pointers[std::size(values)];
  for (size_t i = 0; i < std::size(values); ++i) pointers[i] = &values[i];
  const calotype_settings raw{sizeof raw, std::size(values), pointers};
  return f(calotype::Settings(&raw));
}

template <class Loader>
calotype::ModelDescription describe(const std::string& path, Choices choices = {}) {
  return with(choices, [&](const calotype::Settings& s) { return Loader().open({path, s})->description(); });
}
template <class Loader>
std::unique_ptr<calotype::Model> load(const std::string& path, Choices choices = {},
                                      at::ScalarType dtype = at::kFloat) {
  return with(choices, [&](const calotype::Settings& s) { return Loader().open({path, s})->load({.dtype = dtype}); });
}

/// What `f` throws, with the path of `root` written ROOT.
template <class F>
std::string error_of(const std::string& root, F f) {
  try {
    f();
  } catch (const calotype::Error& e) {
    std::string text = e.what();
    for (size_t at; (at = text.find(root)) != text.npos;) text.replace(at, root.size(), "ROOT");
    return text;
  }
  return "";
}

/// A copy of the tiny folder, to break.
struct Copy {
  TemporaryFolder folder;
  Copy() {
    std::filesystem::copy(kTinyFolder, folder.path(),
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  }
  std::string path(const std::string& name = "") const { return folder.path(name); }
  void rename(const std::string& from, const std::string& to) const { std::filesystem::rename(path(from), path(to)); }
  void replace(const std::string& name, const std::string& from, const std::string& to) const {
    std::stringstream text;
    text << std::ifstream(path(name)).rdbuf();
    std::string s = text.str();
    REQUIRE(s.find(from) != s.npos);
    folder.write(name, s.replace(s.find(from), from.size(), to));
  }
  std::string error(Choices choices = {}) const {
    return error_of(path(), [&] { describe<calotype::sdxl::DiffusersLoader>(path(), choices); });
  }
  std::string load_error() const {
    return error_of(path(), [&] { load<calotype::sdxl::DiffusersLoader>(path()); });
  }
};
