#include <calotype/calotype.h>
#include <calotype/version.h>

#include "c_api/c_error.h"
#include "c_api/c_handles.h"
#include "output/to_json.h"

namespace calotype {
namespace {

Host::Options options_of(const calotype_host_options* given) {
  const calotype_host_options copy = copy_of(given, "options");
  Host::Options options;
  options.environment = !copy.ignore_environment;
  for (size_t i = 0; i < copy.plugin_folder_count; ++i)
    options.plugin_folders.emplace_back(
        &wanted(wanted(copy.plugin_folders, "plugin_folders") ? copy.plugin_folders[i] : nullptr, "plugin_folders[i]"));
  return options;
}

Kind kind_of(const char* name) {
  const std::string_view text = &wanted(name, "kind");
  for (const Kind kind : {Kind::scheduler, Kind::sampler, Kind::loader, Kind::pipeline})
    if (text == name_of(kind)) return kind;
  throw Error(ErrorCode::usage, "kind: want scheduler, sampler, loader or pipeline, got \"" + std::string(text) + "\"");
}

/// Hands a JSON text out, which the host keeps.
void give(calotype_host& host, const Json& json, const char** out) {
  wanted(out, "json");
  host.text = dump(json);
  *out = host.text.c_str();
}

}  // namespace
}  // namespace calotype

using namespace calotype;

extern "C" {

const char* calotype_version(void) {
  return CALOTYPE_VERSION;
}

int32_t calotype_host_create(const calotype_host_options* options, calotype_host** host) {
  return behind_c([&] {
    wanted(host, "host") = nullptr;
    *host = new calotype_host(options_of(options));
  });
}

void calotype_host_destroy(calotype_host* host) {
  delete host;
}

int32_t calotype_unload(calotype_host* host) {
  return behind_c([&] { wanted(host, "host").host.unload(); });
}

int32_t calotype_list(calotype_host* host, const char* kind, const char** json) {
  return behind_c([&] {
    const Catalog catalog = wanted(host, "host").host.catalog();
    Json out = Json::array();
    for (const EntryInfo* entry : catalog.of(kind_of(kind))) out.push_back(to_json(*entry));
    give(*host, out, json);
  });
}

int32_t calotype_show(calotype_host* host, const char* kind, const char* name, const char** json) {
  return behind_c([&] {
    give(*host, to_json(wanted(host, "host").host.catalog().get(kind_of(kind), &wanted(name, "name"))), json);
  });
}

int32_t calotype_describe(calotype_host* host, const char* model, const char** json) {
  return behind_c([&] { give(*host, to_json(wanted(host, "host").host.describe(&wanted(model, "model"))), json); });
}

int32_t calotype_plan(calotype_host* host, const char* config, const char** json) {
  return behind_c([&] {
    Host& own = wanted(host, "host").host;
    give(*host, to_json(own.plan(own.resolve(Config::from_text(&wanted(config, "config"), "config")))), json);
  });
}

}  // extern "C"
