// The part of the C interface that runs.
#include <calotype/calotype.h>
#include <calotype/host/encode.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "c_api/c_error.h"
#include "c_api/c_handles.h"
#include "config/read_choice.h"
#include "output/to_json.h"
#include "yaml/value_node.h"
#include "yaml/yaml.h"

namespace calotype {
namespace {

calotype_progress to_c(const Progress& p) {
  return {sizeof(calotype_progress), int32_t(p.phase), p.image, p.images, p.call, p.calls, p.seconds_per_call};
}

calotype_image to_c(const Image& image) {
  return {sizeof(calotype_image), image.width, image.height, image.rgb.data()};
}

/// The stop source of a new run, which calotype_cancel reaches.
std::stop_source new_stop(calotype_host& host) {
  const std::lock_guard lock(host.mutex);
  return host.stop = std::stop_source();
}

RunOptions options_of(const calotype_run_options* given, std::stop_source stop) {
  const calotype_run_options c = copy_of(given, "options");
  if (c.preview_every < 0)
    throw Error(ErrorCode::usage, "preview_every: want 0 or more, got " + std::to_string(c.preview_every));
  RunOptions options;
  options.stop = stop.get_token();
  options.preview_every = std::max(c.preview_every, 1);
  if (c.progress)
    options.progress = [c, stop](const Progress& p) mutable {
      const calotype_progress progress = to_c(p);
      if (c.progress(c.context, &progress) != 0) stop.request_stop();
    };
  if (c.preview)
    options.preview = [c](const Preview& p) {
      const calotype_progress progress = to_c(p.progress);
      const calotype_image image = to_c(p.image);
      c.preview(c.context, &image, &progress);
    };
  return options;
}

/// The choice that "karras" or "{id: karras, rho: 5}" makes.
Choice read_choice(const Host& host, Kind kind, const std::string& text) {
  const std::string name(name_of(kind));
  yaml::Node section = map_node(name);
  if (text.starts_with('{'))
    section = yaml::parse_value(text, name);
  else
    put(section, "id", text_node(text, name));
  return read_choice(host.catalog(), kind, section);
}

/// Null takes the default back.
void set_default(calotype_host* host, Kind kind, const char* text) {
  EntryRequest entry;
  Host& own = wanted(host, "host").host;
  if (text) {
    const Choice choice = read_choice(own, kind, text);
    entry = {choice.name, choice.settings};
    std::erase_if(entry.settings,
                  [](const auto& setting) { return std::holds_alternative<std::monostate>(setting.second); });
  }
  kind == Kind::scheduler ? own.set_scheduler(entry.id, entry.settings) : own.set_sampler(entry.id, entry.settings);
}

const GeneratedImage& generated(const calotype_result* result, size_t k) {
  const auto& images = wanted(result, "result").result.pictures;
  if (k < images.size()) return images[k];
  throw Error(ErrorCode::usage, "k: want less than " + std::to_string(images.size()) + ", got " + std::to_string(k));
}

const std::string& png(calotype_result* result, size_t k) {
  const GeneratedImage& wanted_image = generated(result, k);
  std::string& bytes = result->png[k];
  if (bytes.empty()) bytes = to_png(wanted_image);
  return bytes;
}

Json to_json(const Result& r) {
  Json out{{"pictures", Json::array()}};
  for (const GeneratedImage& p : r.pictures) out["pictures"].push_back(to_json(p, r.device, r.dtype));
  out["statistics"] = to_json(r.statistics);
  out["warnings"] = r.warnings;
  out["device"] = r.device;
  out["dtype"] = r.dtype;
  out["sigmas"] = r.sigmas;
  if (!r.latents_path.empty()) out["latents"] = r.latents_path;
  return out;
}

}  // namespace
}  // namespace calotype

using namespace calotype;

extern "C" {

int32_t calotype_generate(calotype_host* host, const char* config, const calotype_run_options* options,
                          calotype_result** result) {
  return behind_c([&] {
    wanted(result, "result") = nullptr;
    const RunOptions run = options_of(options, new_stop(wanted(host, "host")));
    auto out = std::make_unique<calotype_result>();
    out->result = host->host.generate(Config::from_text(&wanted(config, "config"), "config"), run);
    *result = out.release();
  });
}

int32_t calotype_load(calotype_host* host, const char* config, const calotype_run_options* options) {
  return behind_c([&] {
    const RunOptions run = options_of(options, new_stop(wanted(host, "host")));
    host->host.load(host->host.resolve(Config::from_text(&wanted(config, "config"), "config")), run);
  });
}

void calotype_cancel(calotype_host* host) {
  if (!host) return;
  const std::lock_guard lock(host->mutex);
  host->stop.request_stop();
}

int32_t calotype_set_scheduler(calotype_host* host, const char* entry) {
  return behind_c([&] { set_default(host, Kind::scheduler, entry); });
}

int32_t calotype_set_sampler(calotype_host* host, const char* entry) {
  return behind_c([&] { set_default(host, Kind::sampler, entry); });
}

size_t calotype_result_count(const calotype_result* result) {
  return result ? result->result.pictures.size() : 0;
}

int32_t calotype_result_image(const calotype_result* result, size_t k, calotype_image* image) {
  return behind_c([&] {
    const calotype_image own = to_c(generated(result, k).image);
    const uint32_t size = std::min(wanted(image, "image").size, own.size);
    std::memcpy(reinterpret_cast<char*>(image) + sizeof size, reinterpret_cast<const char*>(&own) + sizeof size,
                std::max<size_t>(size, sizeof size) - sizeof size);
  });
}

int32_t calotype_result_png(calotype_result* result, size_t k, const uint8_t** bytes, size_t* count) {
  return behind_c([&] {
    const std::string& own = png(result, k);
    wanted(bytes, "bytes") = reinterpret_cast<const uint8_t*>(own.data());
    wanted(count, "count") = own.size();
  });
}

int32_t calotype_result_base64(calotype_result* result, size_t k, const char** text) {
  return behind_c([&] {
    const std::string& bytes = png(result, k);
    std::string& own = result->base64[k];
    if (own.empty()) own = to_base64(bytes);
    wanted(text, "text") = own.c_str();
  });
}

int32_t calotype_result_json(calotype_result* result, const char** json) {
  return behind_c([&] {
    std::string& own = wanted(result, "result").json;
    if (own.empty()) own = dump(to_json(result->result));
    wanted(json, "json") = own.c_str();
  });
}

void calotype_result_destroy(calotype_result* result) {
  delete result;
}

}  // extern "C"
