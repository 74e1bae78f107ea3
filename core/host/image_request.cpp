#include "host/image_request.h"

namespace calotype {
namespace {

const Prompts& prompts_at(const Plan& plan, int image) {
  return plan.prompts[plan.prompts.size() == 1 ? 0 : size_t(image)];
}

}  // namespace

Prompts prompts_of(const ResolvedConfig& config) {
  const Request& r = config.request;
  Prompts out{r.prompt, r.negative_prompt, {}};
  for (const EntryInfo* entry : {&config.loader.entry, &config.pipeline.entry})
    for (const SettingInfo& key : entry->request) {
      const Value* given = key.expands_like.empty() ? nullptr : r.options.find(key.name);
      if (const auto* text = given ? std::get_if<std::string>(given) : nullptr) out.declared[key.name] = *text;
    }
  return out;
}

bool expands_prompts(const ResolvedConfig& config) {
  return config.request.prompt_syntax != PromptSyntax::plain && config.expand_prompts;
}

Request image_request(const Plan& plan, int image) {
  Request out = plan.config.request;
  out.seed = plan.config.request.seed_of(image);
  if (out.variation_seed) *out.variation_seed += uint64_t(image);
  out.images = out.batch = 1;
  const Prompts& own = prompts_at(plan, image);
  out.prompt = own.prompt, out.negative_prompt = own.negative_prompt;
  for (const auto& [name, text] : own.declared) out.options.set(name, text);
  return out;
}

Request group_request(const Plan& plan, int first) {
  Request out = image_request(plan, first);
  out.batch = plan.config.request.batch;
  const int left = plan.config.request.images - first;
  while (out.images < left && prompts_at(plan, first + out.images) == prompts_at(plan, first)) ++out.images;
  return out;
}

}  // namespace calotype
