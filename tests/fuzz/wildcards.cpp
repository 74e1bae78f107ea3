#include "host/prompt_expansion.h"
#include "target.h"

using namespace calotype;

CALOTYPE_FUZZ(wildcards) {
  ResolvedConfig config;
  Request& request = config.request;
  request.prompt = std::string(input), request.prompt_syntax = PromptSyntax::a1111;
  request.seed = input.size();
  try {
    PromptExpander(CALOTYPE_SOURCE "/tests/fuzz/wildcards")(config, 0);
  } catch (const Error& e) {
    fuzz::check_error(e);
  }
}
