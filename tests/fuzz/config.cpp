// A config with overrides before it, each ended by a 0 byte; and the record that is made of it, which must come back.
#include <calotype/host/catalog.h>
#include <calotype/host/config.h>

#include <vector>

#include "output/output_path.h"
#include "registry/discovery.h"
#include "target.h"

using namespace calotype;

namespace {

const Catalog& catalog() {
  static const Catalog all = discover({std::string(CALOTYPE_BUILD "/lib/calotype/plugins")});
  if (all.entries().empty())
    fuzz::found("no plugins in " CALOTYPE_BUILD "/lib/calotype/plugins: build all_plugins first");
  return all;
}

void check_record(const ResolvedConfig& resolved) {
  const std::string record = resolved.to_json();
  try {
    if (resolve(Config::from_json(record, "record", {}), catalog(), {}).to_json() != record)
      fuzz::found("a record that does not come back", record);
  } catch (const Error& e) {
    fuzz::found("a record that is refused", e.what());
  }
}

}  // namespace

CALOTYPE_FUZZ(config) {
  std::vector<std::string> overrides;
  for (size_t end; overrides.size() < 4 && (end = input.find('\0')) != input.npos; input.remove_prefix(end + 1))
    overrides.emplace_back(input.substr(0, end));
  for (const std::string& override : overrides)
    if (override.find("model") != override.npos) return;
  if (input.find("model") != input.npos) return;  // only one that is not there, so that nothing outside is read
  const std::string text =
      "model: " CALOTYPE_SOURCE "/tests/data/tiny_sdxl/single_file.safetensors\nprompt: p\n" + std::string(input);
  try {
    check_record(resolve(Config::from_text(text, "a.yaml", overrides), catalog(), {}));
  } catch (const Error& e) {
    fuzz::check_error(e);
  }
}
