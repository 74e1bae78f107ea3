// Names that lead to files: ids of a hub, the known names of models, output templates; and numbers.
#include <cmath>

#include "base/parse_number.h"
#include "models/hub_cache.h"
#include "models/model_aliases.h"
#include "output/output_path.h"
#include "target.h"

using namespace calotype;

namespace {

void check_path(const std::string& path) {
  if (("/" + path + "/").find("/../") != path.npos) fuzz::found("a path that leads up", path);
  for (const char c : path)
    if (static_cast<unsigned char>(c) < 0x20) fuzz::found("a control character in a path", path);
}

void hub(const std::string& text) {
  hub_repository(text);
  const auto id = parse_hub_id(text);
  if (!id) return;
  check_path(repository_folder("/hub", id->repository));
  check_path(id->file), check_path(id->revision);
}

void output(const std::string& text) {
  if (!output_path_problem(text, ".png", 1).empty()) return;
  check_path(render_output_path(text, {.seed = 1,
                                       .index = 0,
                                       .prompt = "a/../b\x01",
                                       .scheduler = "s/x",
                                       .sampler = "..",
                                       .config = "..",
                                       .model = "a/b",
                                       .time = "2026-01-01_00-00-00"}));
}

void number(const std::string& text) {
  parse_integer(text);
  const auto parsed = parse_number(text);
  if (!parsed) return;
  if (!std::isfinite(*parsed)) fuzz::found("a number that is not finite", text);
  if (parse_number(format_number(*parsed)) != parsed) fuzz::found("a number that does not come back", text);
}

void known(const std::string& text) {
  const std::string& path = fuzz::as_file(text);
  try {
    KnownModelNames({path}).stems_of(text);
  } catch (const Error& e) {
    fuzz::check_error(e, path);
  }
}

}  // namespace

CALOTYPE_FUZZ(names) {
  if (input.empty()) return;
  constexpr void (*kAll[])(const std::string&) = {hub, output, number, known};
  kAll[static_cast<unsigned char>(input.front()) % std::size(kAll)](std::string(input.substr(1)));
}
