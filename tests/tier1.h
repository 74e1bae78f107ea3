#pragma once
#include <calotype/abi.h>
#include <calotype/model_sigmas.h>
#include <dlfcn.h>
#include <elf.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// A host of schedulers and samplers with no libtorch in it: latents are std::vector<double>.
namespace tier1 {
using nlohmann::json;

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The JSON of every note in section .note.calotype, by id.
inline std::map<std::string, json> read_manifests(const std::string& path) {
  const std::string file = read_file(path);
  const auto* elf = reinterpret_cast<const Elf64_Ehdr*>(file.data());
  const auto* sections = reinterpret_cast<const Elf64_Shdr*>(file.data() + elf->e_shoff);
  const char* names = file.data() + sections[elf->e_shstrndx].sh_offset;
  std::map<std::string, json> manifests;
  for (int i = 0; i < elf->e_shnum; ++i) {
    if (std::strcmp(names + sections[i].sh_name, ".note.calotype")) continue;
    for (size_t at = sections[i].sh_offset, end = at + sections[i].sh_size; at < end;) {
      Elf64_Nhdr note;
      calotype_note_header header;
      std::memcpy(&note, &file[at], sizeof note);
      at += sizeof note + (note.n_namesz + 3) / 4 * 4;
      std::memcpy(&header, &file[at], sizeof header);
      const json entry = json::parse(file.substr(at + header.header_size, header.json_size));
      manifests[entry["id"]] = entry;
      at += (note.n_descsz + 3) / 4 * 4;
    }
  }
  return manifests;
}

/// A loaded plugin library.
class Library {
 public:
  explicit Library(const std::string& name)
      : manifests(read_manifests(path_of(name))), handle_(dlopen(path_of(name).c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (!handle_) throw std::runtime_error(dlerror());
    const auto table = reinterpret_cast<calotype_library_function>(dlsym(handle_, CALOTYPE_LIBRARY_SYMBOL))();
    for (uint32_t i = 0; i < table->count; ++i) entries[table->entries[i]->id] = table->entries[i];
  }
  Library(const Library&) = delete;
  ~Library() { dlclose(handle_); }

  std::map<std::string, json> manifests;
  std::map<std::string, const calotype_entry*> entries;

 private:
  static std::string path_of(const std::string& name) { return CALOTYPE_BUILD "/lib/calotype/plugins/" + name + ".so"; }
  void* handle_;
};

/// The declared defaults of an entry, with the test's own values instead.
class SettingValues {
 public:
  SettingValues(const json& manifest, const json& given) {
    for (const json& declared : manifest["settings"]) {
      const std::string name = declared["name"];
      add(declared, given.contains(name) ? given[name] : declared["default"]);
    }
    for (const auto& [name, value] : given.items())
      if (std::none_of(values_.begin(), values_.end(), [&](auto& p) { return p->name == name; }))
        throw std::runtime_error(manifest["id"].get<std::string>() + " declares no setting " + name);
    for (auto& stored : values_) pointers_.push_back(&stored->setting);
    settings_ = {sizeof settings_, uint32_t(pointers_.size()), pointers_.data()};
  }
  const calotype_settings* get() const { return &settings_; }

 private:
  struct Value {
    std::string name, text;
    std::vector<double> numbers;
    calotype_setting setting;
  };
  void add(const json& declared, const json& value) {
    static const std::map<std::string, uint32_t> types = {{"boolean", CALOTYPE_BOOLEAN}, {"integer", CALOTYPE_INTEGER},
                                                          {"number", CALOTYPE_NUMBER},   {"text", CALOTYPE_TEXT},
                                                          {"choice", CALOTYPE_CHOICE},   {"numbers", CALOTYPE_NUMBERS}};
    auto stored = std::make_unique<Value>();
    stored->name = declared["name"];
    if (value.is_string()) stored->text = value;
    if (value.is_array()) stored->numbers = value.get<std::vector<double>>();
    const double number = value.is_number()    ? value.get<double>()
                          : value.is_boolean() ? double(value.get<bool>())
                                               : NAN;
    stored->setting = {sizeof stored->setting, types.at(declared["type"]), stored->name.c_str(),  number,
                       stored->text.c_str(),   stored->numbers.data(),     stored->numbers.size()};
    values_.push_back(std::move(stored));
  }
  std::vector<std::unique_ptr<Value>> values_;
  std::vector<const calotype_setting*> pointers_;
  calotype_settings settings_;
};

/// The plugin's message, where it failed.
struct Failed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline std::vector<double> schedule(const Library& library, const std::string& id, int steps,
                                    std::span<const double> levels, const json& given = json::object()) {
  const auto* scheduler = static_cast<const calotype_scheduler*>(library.entries.at(id)->implementation);
  const SettingValues settings(library.manifests.at(id), given);
  const calotype_noise_levels raw{sizeof raw, uint32_t(levels.size()), levels.data()};
  calotype_message message{sizeof message, {}};
  std::vector<double> sigmas(steps + 1, NAN);
  if (scheduler->sigmas(steps, &raw, settings.get(), sigmas.data(), &message) != CALOTYPE_OK)
    throw Failed(message.text);
  return sigmas;
}

using Values = std::vector<double>;

/// Counts what a sampler asks for. `denoiser(x, sigma)` gives denoised for one element.
class VectorHost {
 public:
  std::function<double(double x, double sigma)> denoiser;
  std::function<double(double x, double sigma)> unconditional;   ///< none: the denoiser's
  std::function<Values(double sigma, double sigma_next)> noise;  ///< none: a call is a failure
  int model_evaluations = 0, combines = 0, noises = 0, live = 0;
  int stop_after = -1;              ///< the model evaluation that answers CALOTYPE_STOPPED
  std::vector<double> denoised_at;  ///< sigma of every model evaluation

  Values sample(const Library& library, const std::string& id, std::vector<double> sigmas, Values x,
                const json& given = json::object()) {
    const auto* sampler = static_cast<const calotype_sampler*>(library.entries.at(id)->implementation);
    const SettingValues settings(library.manifests.at(id), given);
    const calotype_sampler_host host{sizeof host, CALOTYPE_ABI,  this,       on_denoise,  on_combine,
                                     on_noise,    on_error_norm, on_release, on_extension};
    calotype_message message{sizeof message, {}};
    calotype_latents* latents = make(std::move(x));
    status = sampler->sample(&host, settings.get(), sigmas.size() - 1, sigmas.data(), &latents, &message);
    Values result;
    if (latents) result = *values(latents), on_release(this, latents);
    if (status == CALOTYPE_FAILED) throw Failed(message.text);
    return result;
  }
  int32_t status = CALOTYPE_OK;

 private:
  static Values* values(const calotype_latents* x) {
    return reinterpret_cast<Values*>(const_cast<calotype_latents*>(x));
  }
  static VectorHost& self(void* context) { return *static_cast<VectorHost*>(context); }
  calotype_latents* make(Values v) {
    ++live;
    return reinterpret_cast<calotype_latents*>(new Values(std::move(v)));
  }
  static int32_t on_denoise(void* context, const calotype_latents* x, double sigma, calotype_latents** denoised) {
    auto& host = self(context);
    if (host.model_evaluations == host.stop_after) return CALOTYPE_STOPPED;
    ++host.model_evaluations;
    host.denoised_at.push_back(sigma);
    Values out = *values(x);
    for (double& v : out) v = host.denoiser(v, sigma);
    *denoised = host.make(std::move(out));
    return CALOTYPE_OK;
  }
  static int32_t on_combine(void* context, size_t count, const double* coefficients,
                            const calotype_latents* const* terms, calotype_latents** out) {
    auto& host = self(context);
    ++host.combines;
    Values sum(values(terms[0])->size());
    for (size_t k = 0; k < count; ++k)
      for (size_t i = 0; i < sum.size(); ++i) sum[i] += coefficients[k] * (*values(terms[k]))[i];
    if (*out)
      *values(*out) = std::move(sum);
    else
      *out = host.make(std::move(sum));
    return CALOTYPE_OK;
  }
  static int32_t on_noise(void* context, double sigma, double sigma_next, calotype_latents** noise) {
    auto& host = self(context);
    if (!host.noise) return CALOTYPE_FAILED;
    ++host.noises;
    *noise = host.make(host.noise(sigma, sigma_next));
    return CALOTYPE_OK;
  }
  static int32_t on_error_norm(void*, const calotype_latents* low, const calotype_latents* high,
                               const calotype_latents* previous, double atol, double rtol, double* norm) {
    const Values &a = *values(low), &b = *values(high), &c = *values(previous);
    double sum = 0;
    for (size_t i = 0; i < a.size(); ++i)
      sum += std::pow((a[i] - b[i]) / std::max(atol, rtol * std::max(std::abs(a[i]), std::abs(c[i]))), 2);
    *norm = std::sqrt(sum / double(a.size()));
    return CALOTYPE_OK;
  }
  static void on_release(void* context, calotype_latents* latents) {
    --self(context).live;
    delete values(latents);
  }
  static int32_t on_denoise_guided(void* context, const calotype_latents* x, double sigma, calotype_latents** denoised,
                                   calotype_latents** unconditional) {
    const int32_t status = on_denoise(context, x, sigma, denoised);
    if (status != CALOTYPE_OK) return status;
    Values out = *values(x);
    const auto& predict = self(context).unconditional ? self(context).unconditional : self(context).denoiser;
    for (double& v : out) v = predict(v, sigma);
    *unconditional = self(context).make(std::move(out));
    return status;
  }
  static const void* on_extension(void*, const char* id) {
    static constexpr calotype_guided guided{sizeof guided, on_denoise_guided};
    return std::string_view(id) == CALOTYPE_GUIDED ? &guided : nullptr;
  }
};

/// The message of the Failed that `body` throws; "no error" where it throws none.
template <class Body>
std::string error_of(Body&& body) {
  try {
    body();
  } catch (const Failed& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace tier1
