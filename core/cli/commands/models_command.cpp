#include <calotype/host/host.h>

#include <cstdio>
#include <filesystem>

#include "cli/commands.h"
#include "cli/edge.h"
#include "cli/print.h"
#include "cli/table.h"

namespace calotype::cli {
namespace {

Json to_json(const ListedModel& m) {
  Json out{{"name", m.name}, {"path", m.path}, {"where", m.where}, {"accepted", m.reason.empty()}, {"bytes", m.bytes}};
  if (!m.reason.empty()) {
    out["reason"] = m.reason;
    return out;
  }
  out.update({{"family", m.family},
              {"layout", m.layout},
              {"prediction", m.prediction},
              {"types", m.types},
              {"parameters", m.parameters},
              {"loader", m.loader}});
  return out;
}

std::vector<std::string> row(const ListedModel& m) {
  return {one_line_text(m.name),
          m.family,
          m.layout,
          size_text(m.bytes),
          joined(m.types),
          m.prediction,
          one_line_text(std::filesystem::path(m.path).parent_path())};
}

/// Where models are looked for without a config, in words.
std::string usual_locations() {
  const ModelSearchPath search = ModelSearchPath::from_environment();
  std::vector<std::string> out = search.folders;
  for (const auto& file : search.comfyui_files) out.push_back("the folders of " + file);
  if (!search.hub.empty()) out.push_back("the Hugging Face cache " + search.hub);
  return out.empty() ? "nowhere" : joined(out);
}

}  // namespace

int models_command(const Arguments& arguments) {
  if (!arguments.names.empty())
    throw Error(ErrorCode::usage,
                "models: want no name, got \"" + arguments.names[0] + "\"; calotype show MODEL describes one");
  Host host;
  const auto models = host.models(arguments.overrides);
  std::vector<std::vector<std::string>> rows{{"name", "family", "layout", "size", "types", "prediction", "where"}};
  for (const auto& m : models) {
    if (arguments.json)
      print_json(to_json(m));
    else if (m.reason.empty())
      rows.push_back(row(m));
  }
  if (arguments.json) return 0;
  if (models.empty()) {
    put_line(stderr, "calotype: no model in " + (arguments.overrides.empty() ? usual_locations() : "what --set names") +
                         "; name a folder with --set models_dir=FOLDER or CALOTYPE_MODELS: docs/models.md");
    return 0;
  }
  print_table(rows, {"types", "layout", "prediction"});
  for (const auto& m : models)
    if (!m.reason.empty()) put(stdout, "refused\n  " + one_line_text(m.path) + "\n  " + one_line_text(m.reason) + "\n");
  return 0;
}

}  // namespace calotype::cli
