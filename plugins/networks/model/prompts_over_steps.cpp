#include "networks/model/prompts_over_steps.h"

#include <ATen/ops/cat.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "networks/text/prompt_schedule.h"

namespace calotype::networks {
namespace {

using Encoding = PromptEncoder::Encoding;

/// A prompt, or a negative one.
struct Encoded {
  std::vector<Encoding> all;
  std::vector<size_t> of_step;
};

const std::string& text_at(const std::vector<ScheduledText>& schedule, int step) {
  return std::find_if(schedule.begin(), schedule.end(), [&](const ScheduledText& s) { return step <= s.last_step; })
      ->text;
}

std::vector<ScheduledText> schedule_of(const std::string& text, PromptSyntax syntax, int steps) {
  if (syntax == PromptSyntax::a1111) return prompt_schedule(text, steps);
  return {{steps, text}};
}

Encoded encode(const PromptEncoder& encoder, const std::string& text, const std::string& text_2,
               const LatentRequest& request, int steps) {
  const auto one = schedule_of(text, request.prompt_syntax, steps),
             two = schedule_of(text_2, request.prompt_syntax, steps);
  std::set<int> last_steps;
  for (const auto* schedule : {&one, &two})
    for (const ScheduledText& s : *schedule) last_steps.insert(s.last_step);

  std::vector<PromptEncoder::Texts> texts;
  Encoded out;
  for (const int step : last_steps) {
    const PromptEncoder::Texts wanted{text_at(one, step), text_at(two, step)};
    const auto found = std::find_if(texts.begin(), texts.end(), [&](const auto& t) {
      return t.first == wanted.first && t.second == wanted.second;
    });
    const size_t place = size_t(found - texts.begin());
    if (found == texts.end())
      texts.push_back(wanted);
    else
      ++found->times;
    out.of_step.resize(size_t(step), place);
  }
  out.all = encoder(texts, request.prompt_syntax, request.clip_skip);
  return out;
}

/// Brings the contexts of both to one length.
void make_equally_long(const PromptEncoder& encoder, Encoding& one, Encoding& two, const LatentRequest& request) {
  const int64_t a = one.context.size(1), b = two.context.size(1);
  if (a == b) return;
  if (request.prompt_syntax == PromptSyntax::comfyui) {
    one.context = one.context.repeat({1, std::lcm(a, b) / a, 1});
    two.context = two.context.repeat({1, std::lcm(a, b) / b, 1});
    return;
  }
  const at::Tensor empty = encoder({{"", ""}}, request.prompt_syntax, request.clip_skip).front().context;
  at::Tensor& shorter = a < b ? one.context : two.context;
  const int64_t missing = std::abs(a - b) / empty.size(1);
  shorter = at::cat({shorter, empty.repeat({1, missing, 1})}, 1);
}

Encoding batch_of(const PromptEncoder& encoder, Encoding negative, Encoding positive, const LatentRequest& request) {
  make_equally_long(encoder, negative, positive, request);
  return negative.with(positive);
}

}  // namespace

PromptsOverSteps encode_over_steps(const PromptEncoder& encoder, const LatentRequest& request, const DenoiserUse& use,
                                   bool zeros_for_empty_prompt) {
  const int steps = use.sigmas.empty() ? std::max(request.steps, 1) : int(use.sigmas.size()) - 1;
  Encoded positive = encode(encoder, request.prompt, request.prompt_2.value_or(request.prompt), request, steps);
  if (!request.takes_negative(use)) return {std::move(positive.all), std::move(positive.of_step)};

  Encoded negative;
  const bool zeros = zeros_for_empty_prompt && !request.negative_prompt && !request.negative_prompt_2;
  if (zeros) {
    negative = {{positive.all.front().zeros()}, std::vector<size_t>(positive.of_step.size(), 0)};
  } else {
    const std::string text = request.negative_prompt.value_or("");
    negative = encode(encoder, text, request.negative_prompt_2.value_or(text), request, steps);
  }
  PromptsOverSteps out;
  std::map<std::pair<size_t, size_t>, size_t> places;
  for (size_t step = 0; step < positive.of_step.size(); ++step) {
    const auto pair = std::pair(negative.of_step[step], positive.of_step[step]);
    const auto [place, is_new] = places.try_emplace(pair, out.all.size());
    if (is_new) out.all.push_back(batch_of(encoder, negative.all[pair.first], positive.all[pair.second], request));
    out.of_step.push_back(place->second);
  }
  return out;
}

}  // namespace calotype::networks
