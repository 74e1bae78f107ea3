#include "networks/text/prompt_schedule.h"
#include "networks/text/prompt_syntax.h"
#include "target.h"

using namespace calotype;

namespace {

void check_parts(const std::vector<networks::WeightedText>& parts, size_t longest) {
  size_t all = 0;
  for (const auto& part : parts) all += part.text.size();
  if (all > longest) fuzz::found("more text than there was");
}

void check_schedule(const std::vector<networks::ScheduledText>& texts, int steps, size_t longest) {
  if (texts.empty() || texts.back().last_step != steps) fuzz::found("a schedule that does not end with the steps");
  int last = 0;
  for (const auto& text : texts) {
    if (text.last_step <= last || text.text.size() > longest)
      fuzz::found("a schedule out of order, or more text than there was");
    last = text.last_step;
  }
}

template <class F>
void run(F f) {
  try {
    f();
  } catch (const Error& e) {
    fuzz::check_error(e);
  }
}

}  // namespace

CALOTYPE_FUZZ(prompts) {
  if (input.empty()) return;
  const int steps = 1 + static_cast<unsigned char>(input.front()) % 50;
  const std::string_view prompt = input.substr(1);
  run([&] { check_parts(networks::parse_a1111(prompt), prompt.size()); });
  run([&] { check_parts(networks::parse_comfyui(prompt), prompt.size()); });
  run([&] { check_schedule(networks::prompt_schedule(prompt, steps), steps, prompt.size()); });
}
