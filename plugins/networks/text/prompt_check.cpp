#include "networks/text/prompt_check.h"

#include <algorithm>

#include "networks/text/prompt_schedule.h"
#include "networks/text/prompt_syntax.h"

namespace calotype::networks {
namespace {

void check(const std::string& text, const LatentRequest& request) {
  if (request.prompt_syntax == PromptSyntax::comfyui) parse_comfyui(text);
  if (request.prompt_syntax != PromptSyntax::a1111) return;
  parse_a1111(text);
  prompt_schedule(text, 1);  // its brackets are the same at any number of steps
}

}  // namespace

void check_prompts(const LatentRequest& request, const DenoiserUse& use) {
  check(request.prompt, request);
  if (request.prompt_2) check(*request.prompt_2, request);
  if (!request.takes_negative(use)) return;
  if (request.negative_prompt) check(*request.negative_prompt, request);
  if (request.negative_prompt_2) check(*request.negative_prompt_2, request);
}

}  // namespace calotype::networks
