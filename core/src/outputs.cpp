#include "outputs.h"

#include <unistd.h>

#include <filesystem>

#include "output_path.h"
#include "prompt_expansion.h"

namespace calotype {
namespace {

/// Fails now rather than after minutes of drawing. Creates nothing: the folder, or the nearest above it that is there, must
/// be one that this user may write to.
void check_writable(const std::string& path) {
  auto folder = std::filesystem::absolute(path).parent_path();
  std::error_code none;
  while (!std::filesystem::exists(folder, none) && folder.has_relative_path()) folder = folder.parent_path();
  const auto fail = [&](const std::string& why) { throw Error(ErrorCode::cannot_create, path + ": cannot be written: " + folder.string() + " " + why); };
  if (!std::filesystem::is_directory(folder, none)) fail("is not a folder");
  if (access(folder.c_str(), W_OK | X_OK) != 0) fail("may not be written to");
}

}  // namespace

std::string output_path(const ResolvedConfig& c, const std::string& path_template, const Request& alone, int index) {
  const std::string date = today();
  return render_output_path(path_template, {alone.seed, index, alone.prompt, c.scheduler.entry.id, c.sampler.entry.id, date});
}

std::string latents_path(const ResolvedConfig& c) { return output_path(c, *c.latents, PromptExpander(c.wildcards).image(c.request, 0), 0); }

void Host::check_outputs(const Plan& plan) {
  for (const auto& path : plan.outputs) check_writable(path);
  if (plan.config.latents) check_writable(latents_path(plan.config));
}

}  // namespace calotype
